"""Predictions as lines of JSON, one picture or frame a line: docs/predictions.md."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from inference.results import Box, Face, FrameResult, HandsOnWheel, HeadAngles

DIGITS: Final = 3
"""Decimals of pixels, scores and degrees."""

LINE_LIMIT: Final = 64 * 2**20

Point = tuple[float, float, float]


class PredictionsError(Exception):
    """What is wrong with a file of predictions, in one line."""


class _Pose(msgspec.Struct, frozen=True):
    yaw: float
    pitch: float
    roll: float


class _Hands(msgspec.Struct, frozen=True):
    left: float
    right: float


class _Face(msgspec.Struct, frozen=True, kw_only=True):
    box: tuple[float, float, float, float]
    score: float
    landmarks_68: list[Point]
    landmarks_520: list[Point] | None = None
    sigma_520: list[float] | None = None
    head_pose: _Pose | None = None


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    source: str
    frame: int
    faces: list[_Face]
    hands_on_wheel: _Hands | None = None


def encode(result: FrameResult) -> bytes:
    """One line, with its end."""
    hands = result.hands_on_wheel
    line = {
        "source": result.source.encode(errors="replace").decode(),
        "frame": result.frame,
        "faces": [face_fields(face) for face in result.faces],
        "hands_on_wheel": None
        if hands is None
        else {"left": _number(hands.left), "right": _number(hands.right)},
    }
    return msgspec.json.encode(line) + b"\n"


def decode(line: bytes) -> FrameResult:
    """A line as it was written.

    Raises
    ------
    PredictionsError
        With what is wrong with it.
    """
    try:
        read = msgspec.json.decode(line, type=_Line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise PredictionsError(" ".join(str(problem).split())) from None
    hands = read.hands_on_wheel
    return FrameResult(
        read.source,
        read.frame,
        tuple(_decoded(face) for face in read.faces),
        None if hands is None else HandsOnWheel(hands.left, hands.right),
    )


def read(path: Path) -> Iterator[FrameResult]:
    """The results of a file, one by one.

    Raises
    ------
    PredictionsError
        With the file, the line and what is wrong with it.
    """
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(LINE_LIMIT + 1):
                number += 1
                if len(line) > LINE_LIMIT:
                    raise PredictionsError(f"{path}: line {number} has no end")
                if line.strip():
                    try:
                        result = decode(line)
                    except PredictionsError as problem:
                        raise PredictionsError(f"{path}: line {number}: {problem}") from None
                    yield result
    except OSError as problem:
        raise PredictionsError(f"{path}: cannot be read: {problem.strerror}") from None


class Writer(Protocol):
    """Takes results as they come."""

    def write(self, result: FrameResult) -> None: ...


class _Lines:
    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.count = 0

    def write(self, result: FrameResult) -> None:
        self._stream.write(encode(result))
        self.count += 1
        self._stream.flush()


def unfinished(path: Path) -> Path:
    """Where results lie until the last one is written."""
    return path.with_name(f"{path.name}.partial")


@contextmanager
def writing(path: Path | None) -> Iterator[Writer]:
    """Somewhere to write results to: a file, or standard output for none.

    The file is replaced when all is done. Until then, and after a failure, what there is lies in
    `unfinished`, every line flushed. Where nothing was written an older file stays as it is.

    Raises
    ------
    OSError
        When the folder cannot be written.
    """
    if path is None:
        yield _Lines(sys.stdout.buffer)
        return
    partial = unfinished(path)
    with partial.open("wb") as file:
        lines = _Lines(file)
        yield lines
        os.fsync(file.fileno())
    if lines.count:
        partial.replace(path)
    else:
        partial.unlink()


def face_fields(face: Face) -> dict[str, Any]:
    """A face as its line has it, rounded."""
    pose = face.head_pose
    return {
        "box": _rounded(np.array(face.box.as_tuple())),
        "score": _number(face.score),
        "landmarks_68": _rounded(face.landmarks_68),
        "landmarks_520": None if face.landmarks_520 is None else _rounded(face.landmarks_520),
        "sigma_520": None if face.sigma_520 is None else _rounded(face.sigma_520),
        "head_pose": None
        if pose is None
        else {
            "yaw": _number(pose.yaw),
            "pitch": _number(pose.pitch),
            "roll": _number(pose.roll),
        },
    }


def _number(value: float) -> float:
    return round(float(value), DIGITS)


def _rounded(values: NDArray[Any]) -> Any:
    return np.round(np.asarray(values, np.float64), DIGITS).tolist()


def _decoded(face: _Face) -> Face:
    pose = face.head_pose
    return Face(
        Box(*face.box),
        face.score,
        _points("landmarks_68", face.landmarks_68, 68),
        None if face.landmarks_520 is None else _points("landmarks_520", face.landmarks_520, 520),
        None if face.sigma_520 is None else _points("sigma_520", face.sigma_520, 520),
        head_pose=None if pose is None else HeadAngles(pose.yaw, pose.pitch, pose.roll),
    )


def _points(name: str, values: list[Any], count: int) -> NDArray[np.float32]:
    if len(values) != count:
        raise PredictionsError(f"{name} has {len(values)} entries, not {count}")
    return np.array(values, np.float32)
