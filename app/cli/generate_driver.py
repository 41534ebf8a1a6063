"""``main.py generate-driver``: a data set of drivers with the state of their hands."""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from app.bake.person import MISSING_EXTRA
from app.cli.generating import add_run_options, begin_telling, check_place, end_telling, guarded
from app.cli.run_control import listening, workers_of
from app.cli.run_lock import alone
from app.dataset import manifest, run_checks
from app.dataset.driver_files import driver_schema
from app.dataset.driver_maker import (
    FILE,
    MAKER,
    read_driver_record,
    versions,
    write_driver_record,
)
from app.dataset.driver_plan import DriverPlan
from app.dataset.driver_spec import DriverSpec, check_driver_spec, driver_difference
from app.dataset.driver_stats import driver_stats, table
from app.dataset.estimate import Pace
from app.dataset.events import Tell, span
from app.dataset.spec import SpecError
from app.scene.driver_camera import MOUNTS
from app.scene.driving import BEHAVIOURS
from app.scene.outside import DAYTIMES

SECONDS: Final = 0.9
"""Of one picture of 256×256 on one core, with all truth; see docs/drivers.md."""
OPENING: Final = 4.5
"""Of making and dressing a driver and finding the grips of a sequence."""
BYTES: Final = 237_000
"""Of one picture of 256×256 with all its files."""

_LISTS: Final[dict[str, tuple[str, ...]]] = {
    "behaviours": BEHAVIOURS,
    "cameras": MOUNTS,
    "times": DAYTIMES,
}


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "generate-driver",
        help="make a data set of drivers with the state of their hands",
        description="Make pictures of random drivers in random cabins, ten seconds of one "
        "behaviour a sequence, with the state of both hands, key points, masks and depth. The same "
        "options and seed give the same files, whatever the number of workers. A run that was "
        "broken off goes on with --resume.",
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="the data set")
    what = parser.add_argument_group("pictures (lists are parted by blanks or commas)")
    what.add_argument("--sequences", type=int, metavar="N", help="of 10 s each (default: 146)")
    what.add_argument(
        "--per-sequence", type=int, metavar="K", help="pictures of each, up to 150 (default: 75)"
    )
    what.add_argument("--people", type=int, metavar="P", help="who drive in turn (default: 10)")
    what.add_argument("--size", type=int, metavar="PIXELS", help="along an edge (default: 256)")
    for name, known in _LISTS.items():
        what.add_argument(f"--{name}", nargs="+", metavar="NAME", help=", ".join(known))
    what.add_argument(
        "--effect-share", type=float, metavar="0..1", help="sequences with a poor lens or sensor"
    )
    what.add_argument("--seed", type=int, metavar="S", help="draws everything (default: 0)")
    add_run_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Generate; the exit status is 0 when all pictures are there, 1 or 2 otherwise."""
    return guarded("generate-driver", lambda: _generate(args))


def spec_of(args: argparse.Namespace, begun: DriverSpec | None = None) -> DriverSpec:
    """What the arguments ask for; what they leave out is as it was begun, or the default.

    Raises
    ------
    SpecError
    """
    given = vars(args)
    plain = ("sequences", "per_sequence", "people", "size", "effect_share", "seed")
    chosen = {name: given[name] for name in plain if name in given}
    chosen |= {name: _names(name, given[name]) for name in _LISTS if name in given}
    spec = replace(begun or DriverSpec(), **chosen)
    check_driver_spec(spec)
    return spec


def _generate(args: argparse.Namespace) -> int:
    root = args.output.expanduser().absolute()
    begun = None
    if args.resume and run_checks.is_begun(root):
        begun = read_driver_record(root).spec
    spec = spec_of(args, begun)
    workers = workers_of(args.workers)
    if find_spec("torch") is None or find_spec("anny") is None:
        raise SpecError(MISSING_EXTRA.replace("bake-head", "Making drivers"))
    if begun is not None and (different := driver_difference(begun, spec)):
        raise SpecError(f"{root} was begun otherwise: {different}; leave it out or start anew.")
    plan = DriverPlan(spec)
    pixels = spec.size * spec.size / 256**2
    seconds = (len(plan) * SECONDS * (0.5 + 0.5 * pixels) + spec.sequences * OPENING) / workers
    size = round(len(plan) * BYTES * (0.1 + 0.9 * pixels))
    if args.estimate:
        print(
            f"{len(plan)} pictures in {spec.sequences} sequences: about {span(seconds)} with "
            f"{workers} {'worker' if workers == 1 else 'workers'} and {run_checks.in_words(size)} "
            f"({4 * len(plan)} files), going by figures of another machine"
        )
        return 0
    with run_checks.nothing_left(root):
        check_place(args, root, size if begun is None else 0)
        tell = begin_telling(
            args,
            root,
            frames=len(plan),
            subjects=spec.sequences,
            seconds=seconds,
            size=size,
            workers=workers,
        )
        with alone(root):
            return _make(args, root, plan, seconds, workers, tell)


def _make(
    args: argparse.Namespace, root: Path, plan: DriverPlan, seconds: float, workers: int, tell: Tell
) -> int:
    from app.dataset.run import Controls, Run, sweep

    tell({"event": "state", "state": "preparing"})
    sweep(root)
    if not (root / FILE).exists():
        write_driver_record(root, plan.spec)
    elif changed := _changed(root):
        text = f"The data set was begun with another version of {', '.join(changed)}."
        tell({"event": "notice", "text": text})
    controls = Controls()
    work = Run(
        plan,
        root,
        workers=workers,
        scheduler=args.scheduler,
        tell=tell,
        controls=controls,
        pace=Pace(len(plan) / seconds),
        maker=MAKER,
        join=partial(manifest.join, schema=driver_schema),
    )
    with listening(controls.say, stdin=args.events):
        outcome = work()
    whole = outcome.outcome == "done" and outcome.done
    return end_telling(tell, outcome, (lambda: table(driver_stats(root))) if whole else None)


def _changed(root: Path) -> list[str]:
    before, now = read_driver_record(root).made_with, versions()
    return [name for name, version in now.items() if before.get(name) != version]


def _names(name: str, words: list[str]) -> tuple[str, ...]:
    """Names in the order of those that there are."""
    known = _LISTS[name]
    asked = {word.lower() for text in words for word in re.split(r"[,\s]+", text) if word}
    for word in sorted(asked - set(known)):
        raise SpecError(f"--{name}: there is no {word!r}; there are: {', '.join(known)}.")
    return tuple(one for one in known if one in asked)
