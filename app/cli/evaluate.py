"""``main.py evaluate``: a model, or predictions that were written before, on annotated pictures."""

from __future__ import annotations

import argparse
import datetime
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.cli.evaluate_detector import evaluate_detector
from app.cli.evaluate_hands import evaluate_hands
from app.cli.evaluate_output import FILES, write_card, write_report
from app.cli.options import add_choice, add_looks, count, share
from app.evaluation.annotated import ReadingError
from app.evaluation.readers.data import Choice, Data, open_data
from app.evaluation.report import Setting, as_json, as_text

if TYPE_CHECKING:
    from inference.measuring import Examinee

_EVERY: Final = 1.0


class EvaluateError(Exception):
    """What is wrong with the arguments, in one line."""


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "evaluate",
        help="measure a model, or predictions, on annotated pictures",
        description="Compare landmarks, head pose, depth and stated deviations with the truth. "
        "Every face is looked at in the tight box about its true points unless told otherwise.",
    )
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument(
        "--model",
        metavar="M",
        help="name of a shipped model, FILE.onnx, “opencv” for its cascades, or “verified”",
    )
    asked.add_argument(
        "--predictions", type=Path, metavar="FILE", help="what “main.py predict” wrote"
    )
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="DIR",
        help="pictures with .pts or .mat files beside them, shards, SynFace folders, or a list of "
        "imglab (.xml); for models of hands a data set of drivers or its shards",
    )
    add_choice(parser)
    parser.add_argument(
        "--everyone",
        action="store_true",
        help="of shards and drivers, also people that were trained on",
    )
    boxes = parser.add_mutually_exclusive_group()
    boxes.add_argument(
        "--boxes", type=Path, metavar="FILE", help="JSON of file names to [x, y, width, height]"
    )
    boxes.add_argument(
        "--detector",
        metavar="NAME",
        help="boxes from a detector: a model, “opencv” or “verified”; for models of hands "
        "the name of a wheel-region model",
    )
    parser.add_argument(
        "--box-error",
        type=share(0.5),
        default=0.0,
        metavar="SHARE",
        help="move and scale every box at random by up to this share of its size",
    )
    parser.add_argument(
        "--transfer",
        default="",
        metavar="NAME",
        help="label transfer, or “none” (default: the one that comes with the model)",
    )
    add_looks(parser)
    parser.add_argument(
        "--live", action="store_true", help="as before a camera: --passes 1 --no-mirror"
    )
    parser.add_argument("--threads", type=count, default=1, metavar="N")
    parser.add_argument("--output", type=Path, metavar="DIR", help="write " + ", ".join(FILES))
    parser.add_argument("--listed", type=count, default=10, metavar="N", help="worst faces to list")
    parser.add_argument(
        "--empty", type=Path, metavar="DIR", help="of a detector: pictures without faces"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    parser.add_argument(
        "--card", action="store_true", help="write the figures into the model's card"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure, print and write what was asked for.

    Returns
    -------
    int
        Exit status: 0 measured, 1 a file could not be written or no face was found, 2 bad input.
    """
    from inference.detecting import is_detector
    from inference.measuring import measure
    from inference.measuring_hands import KINDS as HANDS_KINDS
    from inference.measuring_hands import kind_of
    from inference.predictions import PredictionsError
    from inference.sessions import ModelError
    from inference.sources import BoxesError

    faults = (EvaluateError, ReadingError, PredictionsError, ModelError, BoxesError, OSError)
    try:
        if args.card and args.model in (None, "opencv", "verified"):
            raise EvaluateError("--card needs --model with a model that has a card")
        if args.output and args.output.exists() and not args.output.is_dir():
            raise EvaluateError(f"--output {args.output}: this is no folder")
        choice = Choice(args.only, args.limit, args.everyone, args.first_pixel)
        kind = kind_of(args.model) if args.model else ""
        if kind in HANDS_KINDS:
            with _Progress(None) as progress:
                return evaluate_hands(args, kind, progress.step)
        if args.model and is_detector(args.model):
            data = open_data(args.data, choice, args.kind)
            with _Progress(None) as progress:
                return evaluate_detector(
                    args.model, data, args.empty, args.output, args.json, args.card, progress.step
                )
        examinee = _examinee(args)
        data = open_data(args.data, choice, args.kind)
        data.notes.extend(_mismatches(examinee, data))
        with _Progress(data.count) as progress:
            gathered, seconds = measure(examinee, data, progress.step)
    except faults as problem:
        return _failed(problem, 2)
    except KeyboardInterrupt:
        return _failed("broken off", 130)
    if not len(gathered):
        reason = data.problems[0] if data.problems else f"{args.data} holds no face that is meant"
        more = f" (and {len(data.problems) - 1} more such)" if len(data.problems) > 1 else ""
        return _failed(f"{reason}{more}", 2)
    found = gathered.evaluation()
    if found.missed < len(found.faces) and not found.measured:
        return _failed(f"{args.data} tells nothing of what this model says of a face", 2)
    setting = _setting(args, examinee, data, seconds)
    if args.json:
        print(json.dumps(as_json(found, setting), indent=1, allow_nan=False))
    else:
        print(as_text(found, setting, args.listed), end="")
    try:
        if args.output:
            names = write_report(args.output, found, setting, data, examinee, args.listed)
            print(f"{args.output}: {', '.join(names)}", file=sys.stderr)
        if args.card:
            print(f"{write_card(args.model, found, data.kind)}: figures", file=sys.stderr)
    except (OSError, ModelError) as problem:
        return _failed(problem, 1)
    return 1 if found.missed == len(found.faces) else 0


def _examinee(args: argparse.Namespace) -> Examinee:
    from inference.answers import DetectedAnswers, FileAnswers, of_model
    from inference.face import Effort
    from inference.measuring import Examinee
    from inference.pipeline import load_detector
    from inference.sources import read_boxes

    boxes = read_boxes(args.boxes) if args.boxes else None
    if args.predictions:
        answers = FileAnswers(args.predictions)
        return Examinee(args.predictions.name, answers, boxes, args.box_error)
    effort = Effort() if args.live else Effort(args.passes, args.mirror)
    answerer, card = of_model(args.model, effort, args.transfer, max(args.threads, 1))
    if args.detector:
        answerer = DetectedAnswers(load_detector(args.detector), answerer)
    how = ""
    if card.kind in ("face", "landmarks"):
        how = "one look" if effort.passes == 1 else f"{effort.passes} looks"
        how += ", mirrored too" if effort.mirror else ""
        how += f", label transfer {args.transfer}" if args.transfer else ""
    return Examinee(card.name, answerer, boxes, args.box_error, how, card)


def _mismatches(examinee: Examinee, data: Data) -> tuple[str, ...]:
    """What the releases differ in that model and data were made with, a line each."""
    from app.topology.release import mismatches, releases_of

    if examinee.card is None:
        return ()
    told = mismatches(releases_of(examinee.card.topologies), data.releases)
    lines = tuple(f"the model and the data: {said}" for said in told)
    for line in lines:
        print(f"note: {line}", file=sys.stderr)
    return lines


class _Progress:
    """A line on standard error that is written over, where that is a terminal."""

    def __init__(self, count: int | None) -> None:
        self._count, self._done, self._next = count, 0, time.monotonic() + _EVERY
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> _Progress:
        return self

    def step(self) -> None:
        self._done += 1
        if self._shown and time.monotonic() >= self._next:
            of = f" of {self._count}" if self._count else ""
            print(f"\r{self._done}{of} faces", end="", file=sys.stderr, flush=True)
            self._next = time.monotonic() + _EVERY

    def __exit__(self, *_: object) -> None:
        if self._shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def _setting(args: argparse.Namespace, examinee: Examinee, data: Data, seconds: float) -> Setting:
    if args.predictions:
        boxes = "those the predictions were made with"
    elif args.detector:
        boxes = f"from the detector {args.detector}"
    else:
        boxes = f"from {args.boxes.name}" if args.boxes else "tight about the true points"
    if args.box_error:
        boxes += f", moved and scaled by up to {args.box_error:.0%}"
    return Setting(
        examinee.name,
        data.name,
        data.kind,
        boxes,
        examinee.how,
        datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        tuple(data.notes),
        tuple(data.problems),
        round(seconds, 3),
        {"only": args.only} if args.only else {},
    )


def _failed(problem: object, status: int) -> int:
    if isinstance(problem, OSError) and problem.strerror:
        problem = f"{problem.filename or 'a file'}: {problem.strerror}"
    print(f"main.py evaluate: {' '.join(str(problem).split())}", file=sys.stderr)
    return status
