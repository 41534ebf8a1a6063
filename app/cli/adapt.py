"""``main.py adapt``: learn from annotated pictures how somebody draws the 68 points."""

from __future__ import annotations

import argparse
import importlib.util
import json
import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.cli.options import add_choice, count
from app.dataset.events import span
from app.evaluation.annotated import ReadingError
from app.evaluation.readers.data import Choice, Data, open_data

if TYPE_CHECKING:
    from inference.training.adapt import Adapted

SHOWN: Final = 5
"""Faces left out that are told one by one."""

_EVERY: Final = 0.3
_NEEDED: Final = ("torch", "onnx", "onnxruntime")


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "adapt",
        help="fit the 68 points to the way that your annotators draw them",
        description="Learns from annotated pictures how their 68 points differ from those that "
        "the face network finds, measures by cross-validation what taking that over gains, and "
        "writes it as a label transfer for “main.py predict --transfer”. From 8 pictures on; the "
        "shipped models are never changed.",
    )
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="DIR",
        help="pictures with .pts or .mat files beside them, a list of imglab (.xml), SynFace "
        "folders, or shards",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="the .onnx file to write; its card (.json) and a picture of what was learnt (.png) "
        "come to lie beside it (default: transfer-NAME.onnx here, NAME that of the data)",
    )
    parser.add_argument(
        "--replace", action="store_true", help="write over files of that name that are there"
    )
    parser.add_argument(
        "--model", default="face", metavar="NAME", help="a shipped face model or an ONNX file"
    )
    add_choice(parser)
    parser.add_argument(
        "--folders",
        action="store_true",
        help="pictures in one folder show one person (or are of one video): they are left out of "
        "the fit together, so that the figures hold for new people",
    )
    parser.add_argument(
        "--anyhow", action="store_true", help="write the file also if nothing is gained for sure"
    )
    parser.add_argument("--dry-run", action="store_true", help="measure, and write nothing")
    parser.add_argument("--seed", type=count, default=1, metavar="N", help="of folds and boxes")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Learn, print, write.

    Returns
    -------
    int
        Exit status: 0 written (or measured, with ``--dry-run``), 1 nothing to gain or a file that
        cannot be written, 2 bad input.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        return _failed(f"needs {' and '.join(missing)}: pip install 'headroom[train]'", 2)
    from inference.sessions import ModelError
    from inference.training.adapt import Progress, adapt, refuse
    from inference.training.adapt_looks import AdaptError

    output = args.output or Path(f"transfer-{args.data.resolve().stem}.onnx")
    line = _Line()
    try:
        if not args.dry_run:
            refuse(output, args.replace)
        data = open_data(
            args.data, Choice(args.only, args.limit, first_pixel=args.first_pixel), args.kind
        )
        found = adapt(
            data.faces(),
            args.model,
            data.count or 0,
            args.folders,
            args.seed,
            Progress(line.tell),
        )
    except (AdaptError, ReadingError, ModelError) as problem:
        line.clear()
        return _failed(problem, 2)
    except OSError as problem:
        line.clear()
        return _failed(f"{problem.filename or args.data}: {problem.strerror or problem}", 2)
    except KeyboardInterrupt:
        line.clear()
        return _failed("stopped; nothing was written", 130)
    line.clear()
    return _finish(args, output, data, found)


def _finish(args: argparse.Namespace, output: Path, data: Data, found: Adapted) -> int:
    wanted = not args.dry_run and found.habit is not None
    write = wanted and (found.outcome.proven or args.anyhow)
    written: list[Path] = []
    status = 0 if write or args.dry_run else 1
    if not args.json:
        print(_text(data, found))
    if write:
        try:
            written = _save(args, output, data, found)
        except _SaveError as problem:
            return _failed(problem, 1)
    if args.json:
        print(json.dumps(_summary(data, found, written), indent=1, allow_nan=False))
    else:
        print(_ending(args, found, written))
    return status


class _SaveError(Exception):
    """Why a file could not be written, in one line."""


def _save(args: argparse.Namespace, output: Path, data: Data, found: Adapted) -> list[Path]:
    from inference.sessions import ModelError
    from inference.training.adapt import save
    from inference.training.adapt_write import WriteError

    words = ["main.py", "adapt", "--data", data.name]
    words += [w for k in ("only", "kind") if (v := getattr(args, k)) for w in (f"--{k}", v)]
    words += ["--model", found.face, "--seed", str(args.seed)] + ["--folders"] * args.folders
    try:
        return save(found, output, data.name, shlex.join(words))
    except OSError as problem:
        raise _SaveError(f"{output} cannot be written: {problem.strerror or problem}") from None
    except (WriteError, ModelError) as problem:
        raise _SaveError(problem) from None


def _text(data: Data, found: Adapted) -> str:
    from inference.training.adapt_report import differences, form_told, more_pictures, table

    faces, aside = len(found.gathered.sources), _aside(data, found)
    lines = [f"{faces} faces of {data.name}, seen by {found.face}" + _after(found)]
    if aside:
        lines.append(f"{len(aside)} left out:")
        lines += [f"  {reason}" for reason in aside[:SHOWN]]
        lines += [f"  … and {len(aside) - SHOWN} more"] if len(aside) > SHOWN else []
    lines += ["", "Error in per cent of the distance of the outer corners of the eyes;"]
    lines.append(f"after: on pictures that were left out of the fit, {found.outcome.folds} folds")
    lines.append(table(found.outcome))
    if found.habit is not None:
        lines += ["", f"Learnt: {form_told(found.habit.form)};"]
        lines.append(more_pictures(found.outcome) + ".")
        told = differences(found.habit)
        if told:
            lines += ["Drawn otherwise than the network finds it, on the mean head from the front:"]
            lines += [f"  {words}" for words in told]
    return "\n".join(lines)


def _ending(args: argparse.Namespace, found: Adapted, written: list[Path]) -> str:
    if written:
        names = shlex.quote(str(written[0]))
        model = "" if args.model == "face" else f" --model {shlex.quote(args.model)}"
        return (
            f"\nWritten: {', '.join(str(p) for p in written)}\n"
            f"Use it: main.py predict --input …{model} --transfer {names} --output found.jsonl"
        )
    if args.dry_run:
        return "\nNothing was written, as asked."
    if found.habit is None:
        return "\nThe points are found as they are drawn, as far as can be told: nothing to write."
    return (
        "\nChance may explain the gain, so nothing was written. More pictures may help; "
        "--anyhow writes the file."
    )


def _after(found: Adapted) -> str:
    if found.before is not None:
        return f" and its label transfer {found.before.stem}"
    return "" if found.gathered.outlined else " (jaw fixed on the surface)"


def _aside(data: Data, found: Adapted) -> list[str]:
    return [*data.problems, *found.gathered.aside]


def _summary(data: Data, found: Adapted, written: list[Path]) -> dict[str, Any]:
    from inference.training.adapt_report import differences, figures, form_told

    habit = found.habit
    return {
        "data": data.name,
        "kind": data.kind,
        "model": found.face,
        "before": found.before.stem if found.before else None,
        "faces": len(found.gathered.sources),
        "left_out": _aside(data, found),
        "percent_of_eyes_distance": figures(found.outcome),
        "proven": found.outcome.proven,
        "form": form_told(habit.form) if habit else None,
        "differences": differences(habit) if habit else [],
        "written": [str(path) for path in written],
    }


class _Line:
    """What goes on, on one line of a terminal that is written over; quiet off a terminal."""

    _WORDS: Final = {"faces": "faces looked at", "folds": "parts of the check done"}

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._stage, self._start, self._next = "", 0.0, 0.0

    def tell(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._start, self._next = stage, now, now
        if not self._shown or now < self._next:
            return
        self._next = now + _EVERY
        of = f" of {total}" if total else ""
        left = (now - self._start) / done * max(total - done, 0) if done else 0.0
        more = f", {span(left)} left" if left >= 1.0 else ""
        sys.stderr.write(f"\r\x1b[K{done}{of} {self._WORDS[stage]}{more}")
        sys.stderr.flush()

    def clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _failed(problem: object, status: int) -> int:
    print(f"main.py adapt: {' '.join(str(problem).split())}", file=sys.stderr)
    return status
