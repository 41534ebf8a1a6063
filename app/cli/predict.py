"""``main.py predict``: faces of pictures and videos as lines of JSON."""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.cli.options import add_looks, share, whole
from app.dataset.events import TerminalLine

if TYPE_CHECKING:
    from inference.hands import HandsReader
    from inference.pictures import Bytes
    from inference.pipeline import Pipeline
    from inference.predictions import Writer
    from inference.results import Box
    from inference.sources import Boxes, Source

THREADS: Final = 4


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "predict",
        help="find landmarks and head pose in pictures and videos",
        description="Writes one line of JSON for each picture or frame: docs/predictions.md.",
    )
    parser.add_argument(
        "--input",
        type=_path,
        nargs="+",
        required=True,
        metavar="PATH",
        help="pictures, videos, or folders of them, which are gone through in the order of names",
    )
    parser.add_argument(
        "--output", type=_path, required=True, metavar="FILE", help="a .jsonl file; - prints"
    )
    parser.add_argument(
        "--boxes",
        type=Path,
        metavar="FILE",
        help='JSON {"name.jpg": [x, y, width, height], …} of tight boxes about the 68 points, '
        "used instead of the detector",
    )
    parser.add_argument(
        "--model", default="face", metavar="NAME", help="a shipped face model or an ONNX file"
    )
    parser.add_argument(
        "--detector",
        default="",
        metavar="NAME",
        help="a shipped detector, an ONNX file, opencv for the cascades that come with OpenCV, or "
        "verified for all of them, looked over by the face network (default)",
    )
    parser.add_argument(
        "--transfer",
        default="",
        metavar="NAME",
        help="the label transfer: an ONNX file (main.py adapt makes one), or none; "
        "default: what was fitted to the model",
    )
    add_looks(parser)
    parser.add_argument(
        "--hands",
        default="",
        metavar="NAME",
        help="a model of hands on the wheel, or none (default: the shipped one, if there is any)",
    )
    parser.add_argument(
        "--wheel",
        type=_wheel,
        metavar="X,Y,W,H",
        help="where the steering wheel is in all pictures, pixels (default: it is looked for)",
    )
    parser.add_argument(
        "--least-score",
        type=share(1.0),
        default=0.5,
        metavar="S",
        help="of faces that the detector finds, 0 to 1 (default: 0.5)",
    )
    parser.add_argument(
        "--threads",
        type=whole(1, 256),
        default=min(os.cpu_count() or 1, THREADS),
        metavar="N",
        help="of one network (default: %(default)s)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from inference.face import Effort
    from inference.pipeline import load_hands, load_pipeline
    from inference.predictions import unfinished, writing
    from inference.results import Box
    from inference.sessions import ModelError
    from inference.sources import BoxesError, read_boxes, sources

    printed = str(args.output) == "-"
    try:
        boxes = read_boxes(args.boxes) if args.boxes else None
        found, problems = sources(args.input)
        if not printed:
            _check_output(args.output, [s.path for s in found] + [args.boxes] * bool(args.boxes))
        for problem in problems:
            _say(problem)
        if not found:
            return 2
        effort = Effort(args.passes, args.mirror)
        pipeline = load_pipeline(
            args.model, args.detector, args.transfer, args.threads, effort, args.least_score
        )
        wheel = Box(*args.wheel) if args.wheel else None
        hands = load_hands(args.hands, wheel, args.threads, args.mirror)
    except (BoxesError, ModelError, ValueError) as problem:
        _say(problem)
        return 2
    work = _Work(pipeline, hands, found, boxes, TerminalLine(sys.stderr))
    try:
        with writing(None if printed else args.output) as writer:
            wrong = work.run(writer)
    except KeyboardInterrupt:
        work.line.clear()
        kept = "" if printed else f"; what is done lies in {unfinished(args.output)}"
        _say(f"stopped after {work.done} of {work.total} pictures{kept}")
        return 130
    except ModelError as problem:
        work.line.clear()
        _say(problem)
        return 1
    except BrokenPipeError:
        raise
    except OSError as problem:
        work.line.clear()
        _say(f"{args.output} cannot be written: {problem.strerror or problem}")
        return 1
    if boxes:
        _tell_unused(args.boxes, boxes, found)
    return 2 if wrong or problems else 0


@dataclass
class _Progress:
    """Pictures done, of how many, since when."""

    done: int
    total: int
    started: float

    def event(self) -> dict[str, Any]:
        """As `app.dataset.events` tells it."""
        seconds = time.monotonic() - self.started
        rate = self.done / seconds if seconds > 0 and self.done else 0.0
        return {
            "event": "progress",
            "done": self.done,
            "failed": 0,
            "total": max(self.total, self.done),
            "per_second": rate,
            "seconds_left": max(self.total - self.done, 0) / rate if rate else None,
        }


class _Work:
    """Goes through the files; what is wrong with one is told, and the rest goes on."""

    def __init__(
        self,
        pipeline: Pipeline,
        hands: HandsReader | None,
        files: Sequence[Source],
        boxes: Boxes | None,
        line: TerminalLine,
    ) -> None:
        self._pipeline, self._hands = pipeline, hands
        self._files = files
        self._boxes = boxes
        self._progress = _Progress(0, len(files), 0.0)
        self.line = line

    @property
    def done(self) -> int:
        return self._progress.done

    @property
    def total(self) -> int:
        return self._progress.total

    def run(self, writer: Writer) -> int:
        """Write a line for everything that can be seen; how many files were at fault."""
        from inference.pictures import PictureError

        self._progress.started = time.monotonic()
        wrong = without = 0
        for source in self._files:
            given = self._boxes.of(source) if self._boxes else None
            without += self._boxes is not None and given is None
            if self._hands is not None:
                self._hands.another()
            try:
                for frame, picture in self._frames(source):
                    self._one(writer, source, frame, picture, given)
            except PictureError as problem:
                wrong += 1
                self.line.clear()
                _say(problem)
        self.line.clear()
        if without:
            _say(f"{without} of {len(self._files)} files have no box, the detector looked there")
        return wrong

    def _one(
        self,
        writer: Writer,
        source: Source,
        frame: int,
        picture: Bytes,
        given: Sequence[Box] | None,
    ) -> None:
        result = self._pipeline.faces(picture, source.name, frame, given)
        if self._hands is not None:
            result = replace(result, hands_on_wheel=self._hands.read(picture))
        writer.write(result)
        self._progress.done += 1
        self.line(self._progress.event())

    def _frames(self, source: Source) -> Iterator[tuple[int, Bytes]]:
        from inference.pictures import PICTURES, PictureError, open_video, read_picture

        if source.video:
            video = open_video(source.path)
        else:
            try:
                picture = read_picture(source.path)
            except PictureError:
                if source.path.suffix.lower() in PICTURES:
                    raise
            else:
                yield 0, picture
                return
            try:
                video = open_video(source.path)
            except PictureError:
                raise PictureError(
                    f"{source.path}: this is neither a picture nor a video that can be read"
                ) from None
        self._progress.total += max(video.expected - 1, 0)
        yield from enumerate(video)


def _check_output(path: Path, given: Sequence[Path]) -> None:
    """Raises ValueError with the reason before anything is looked at."""
    folder = path.absolute().parent
    try:
        if path.is_dir():
            raise ValueError(
                f"--output {path}: this is a folder; name a file such as {path}/p.jsonl"
            )
        if not folder.is_dir():
            raise ValueError(f"--output {path}: the folder {folder} is missing")
        there = path.exists()
    except OSError as problem:
        raise ValueError(f"--output {path}: {problem.strerror}") from None
    if not os.access(folder, os.W_OK):
        raise ValueError(f"--output {path}: the folder {folder} cannot be written")
    if there and not path.is_file():
        raise ValueError(f"--output {path}: this is a pipe or a device; --output - prints")
    if there and any(one.exists() and path.samefile(one) for one in given):
        raise ValueError(f"--output {path}: this is one of the files to be read; name another")


def _tell_unused(path: Path, boxes: Boxes, found: Sequence[Source]) -> None:
    unused = boxes.unused(found)
    if unused:
        _say(f"{path}: {len(unused)} names belong to no input, such as {unused[0]!r}")


def _path(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("a name is empty")
    return Path(text)


def _wheel(text: str) -> tuple[float, float, float, float]:
    """A box in pixels, written X,Y,W,H."""
    try:
        x, y, width, height = (float(word) for word in text.split(","))
    except ValueError:
        x = y = width = height = float("nan")
    if not all(map(math.isfinite, (x, y, width, height))) or min(width, height) <= 0.0:
        raise argparse.ArgumentTypeError(f"{text!r} is no box X,Y,WIDTH,HEIGHT in pixels")
    return x, y, width, height


def _say(problem: object) -> None:
    print(f"main.py predict: {' '.join(str(problem).split())}", file=sys.stderr)
