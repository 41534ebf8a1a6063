"""``main.py generate``: a data set of labelled pictures, from one head to millions of frames."""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, get_args

from app.cli.generating import add_run_options, begin_telling, check_place, end_telling, guarded
from app.cli.run_control import listening, workers_of
from app.cli.run_lock import alone
from app.dataset.estimate import Estimate, Pace, estimate, remember
from app.dataset.events import Tell, span
from app.dataset.frame import EffectKind
from app.dataset.plan import Plan
from app.dataset.run_record import difference, read_record
from app.dataset.spec import Background, DatasetSpec, Expression, Motion, SpecError, check_ranges

Seconds = float

_LISTS: Final[dict[str, tuple[str, ...]]] = {
    "motions": get_args(Motion),
    "expressions": get_args(Expression),
    "backgrounds": get_args(Background),
    "effects": get_args(EffectKind),
}


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "generate",
        help="make a data set of labelled pictures",
        description="Make a data set of labelled pictures of random people or given heads, in the "
        "folders and text format of C3I-SynFace. The same options and seed give the same files, "
        "whatever the number of workers. A run that was broken off goes on with --resume.",
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="the data set")
    who = parser.add_argument_group("heads (one of both)")
    who.add_argument("--people", type=int, metavar="N", help="random people")
    who.add_argument("--heads", nargs="+", metavar="FILE", help="FBX files or builtin:NAME")
    who.add_argument(
        "--gender",
        choices=("female", "male"),
        help="folder of heads for which neither a description nor their path tells it "
        "(default: female)",
    )
    who.add_argument("--per-person", type=int, metavar="K", help="pictures of each (default: 70)")
    what = parser.add_argument_group("pictures (lists are parted by blanks or commas)")
    _add_list(what, "--poses", "motions", "the three of the papers")
    _add_list(what, "--expressions", "expressions", "the five named ones")
    _add_list(what, "--backgrounds", "backgrounds", "plain")
    _add_list(what, "--effects", "effects", "none", also="all")
    what.add_argument("--effect-share", type=float, metavar="0..1", help="pictures that get any")
    what.add_argument("--replay", nargs="+", metavar="FILE", help="CSV files, or folders of Biwi")
    what.add_argument("--pictures", metavar="DIR", help="folder of background pictures")
    what.add_argument("--lighting", choices=("random", "studio"), help="default: random")
    what.add_argument("--size", type=_size, metavar="WxH", help="default: 640x480")
    what.add_argument(
        "--field-of-view", type=float, metavar="DEGREES", help="across the width (default: 60)"
    )
    what.add_argument(
        "--distance", type=_distance, metavar="M[-M]", help="of the camera (default: 0.30)"
    )
    what.add_argument("--texture", type=int, metavar="TEXELS", help="of people's skin (512)")
    what.add_argument("--topologies", nargs="+", metavar="NAME", help="landmarks to write")
    what.add_argument("--renderer", choices=("raster", "cycles"), help="default: raster")
    what.add_argument("--samples", type=int, metavar="N", help="of Cycles (default: 32)")
    what.add_argument("--seed", type=int, metavar="S", help="draws everything (default: 0)")
    add_run_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Generate; the exit status is 0 when all pictures are there, 1 or 2 otherwise."""
    return guarded("generate", lambda: _generate(args))


def spec_of(args: argparse.Namespace, begun: DatasetSpec | None = None) -> DatasetSpec:
    """What the arguments ask for; what they leave out is as it was begun, or the default.

    Raises
    ------
    SpecError
    """
    given = vars(args)
    plain = (
        "people gender per_person effect_share lighting renderer samples seed field_of_view "
        "distance texture motions expressions backgrounds effects"
    )
    chosen = {name: given[name] for name in plain.split() if name in given}
    for name in ("motions", "expressions", "backgrounds", "effects"):
        if name in chosen:
            chosen[name] = _names(name, chosen[name])
    if "topologies" in given:
        chosen["topologies"] = tuple(given["topologies"])
    if "size" in given:
        chosen["width"], chosen["height"] = given["size"]
    if "heads" in given:
        chosen["heads"] = tuple(
            head if head.startswith("builtin:") else str(Path(head).expanduser().absolute())
            for head in given["heads"]
        )
    if "replay" in given:
        chosen["replay"] = tuple(str(Path(p).expanduser().absolute()) for p in given["replay"])
    if "pictures" in given:
        chosen["pictures"] = str(Path(given["pictures"]).expanduser().absolute())
    spec = replace(begun or DatasetSpec(), **chosen)
    if args.resume and begun is None and not (spec.people or spec.heads):
        raise SpecError(f"{args.output} holds no data set that was begun: nothing to resume.")
    check_ranges(spec)
    return spec


def _generate(args: argparse.Namespace) -> int:
    from app.dataset import run_checks

    root = args.output.expanduser().absolute()
    begun = read_record(root) if args.resume and run_checks.is_begun(root) else None
    spec = spec_of(args, begun.spec if begun else None)
    workers = workers_of(args.workers)
    run_checks.check_installed(spec)
    if begun is not None:
        if different := difference(begun.spec, spec):
            raise SpecError(f"{root} was begun otherwise: {different}; leave it out or start anew.")
        plan = begun.plan
    else:
        plan = Plan(spec, run_checks.gather_inputs(spec))
    guess = estimate(spec, len(plan), len(plan.inputs.subjects), workers)
    if args.estimate:
        return _print_estimate(guess, plan, workers)
    with run_checks.nothing_left(root):
        check_place(args, root, guess.bytes if begun is None else 0)
        tell = begin_telling(
            args,
            root,
            frames=len(plan),
            subjects=len(plan.inputs.subjects),
            seconds=guess.seconds,
            size=guess.bytes,
            workers=workers,
        )
        with alone(root):
            return _make(args, root, plan, guess, workers, tell)


def _make(
    args: argparse.Namespace, root: Path, plan: Plan, guess: Estimate, workers: int, tell: Tell
) -> int:
    from app.dataset import run_checks, run_start
    from app.dataset.run import Controls, Run

    tell({"event": "state", "state": "preparing"})
    if run_start.is_whole(root, plan):
        outcome = run_start.nothing_to_do(root, plan)
    else:
        notices = [*run_checks.check_heads(plan.spec)]
        if not run_checks.is_begun(root):
            notices += run_checks.complaints(plan.spec)
        for notice in (*notices, run_start.prepare(root, plan)):
            if notice:
                tell({"event": "notice", "text": notice})
        controls = Controls()
        pace = Pace(len(plan) / guess.seconds)
        work = Run(
            plan,
            root,
            workers=workers,
            scheduler=args.scheduler,
            tell=tell,
            controls=controls,
            pace=pace,
        )
        with listening(controls.say, stdin=args.events):
            outcome = work()
        if args.scheduler is None:
            remember(plan.spec, outcome.sums, workers)
    return end_telling(tell, outcome)


def _print_estimate(guess: Estimate, plan: Plan, workers: int) -> int:
    from app.dataset.run_checks import in_words

    source = "earlier runs on this machine" if guess.measured else "figures of another machine"
    frames = "1 frame" if guess.frames == 1 else f"{guess.frames} frames"
    heads = len(plan.inputs.subjects)
    hands = "1 worker" if workers == 1 else f"{workers} workers"
    print(
        f"{frames} of {heads} {'head' if heads == 1 else 'heads'}: about "
        f"{span(guess.seconds)} with {hands} and {in_words(guess.bytes)} "
        f"({5 * guess.frames} files), going by {source}"
    )
    return 0


def _add_list(group: Any, option: str, name: str, default: str, also: str = "") -> None:
    known = ", ".join((*_LISTS[name], *([also] if also else [])))
    group.add_argument(
        option, dest=name, nargs="+", metavar="NAME", help=f"{known} (default: {default})"
    )


def _names(name: str, words: list[str]) -> tuple[str, ...]:
    """Names as they are written in the list of those that there are."""
    known = {one.lower(): one for one in _LISTS[name]}
    asked = [word.lower() for text in words for word in re.split(r"[,\s]+", text) if word]
    if name == "effects" and asked in (["all"], ["none"]):
        return _LISTS[name] if asked == ["all"] else ()
    for word in asked:
        if word not in known:
            option = "poses" if name == "motions" else name
            every = ", ".join(_LISTS[name])
            raise SpecError(f"--{option}: there is no {word!r}; there are: {every}.")
    return tuple(known[word] for word in asked)


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,5})\s*[x×*]\s*(\d{1,5})", text.strip().lower())
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form 640x480")
    return int(found[1]), int(found[2])


def _distance(text: str) -> tuple[float, float]:
    try:
        values = [float(part) for part in re.split(r"[-–:]", text)]
    except ValueError:
        values = []
    if len(values) not in (1, 2):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form 0.3 or 0.3-1.0")
    return values[0], values[-1]
