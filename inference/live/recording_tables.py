"""The predictions of a recording: lines of JSON, CSV and Parquet, readable after a crash.

What is written lies beside the target until the recording ends. Lines are flushed one by one; for
Parquet, whose index lies at its end, batches go into an Arrow stream that is read up to its last
whole batch, and the Parquet file is made from it at the end.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import msgspec
import numpy as np

from app.files import aside
from inference.live.frames import Frame
from inference.predictions import DIGITS, face_fields, unfinished
from inference.results import Face, HandsOnWheel

if TYPE_CHECKING:
    import pyarrow as pa

BATCH: Final = 64
"""Rows of a batch of the Arrow stream, and so about how many of the last are lost by a crash."""


@dataclass(frozen=True, eq=False)
class RecordedFace:
    """A face with the number under which it is followed and how sure that is, 0 to 1."""

    track: int
    confidence: float
    face: Face


@dataclass(frozen=True, eq=False)
class Moment:
    """A frame of a recording.

    Attributes
    ----------
    frame : Frame
    time : float
        Seconds from the start of the recording, as in its video.
    values : str
        ``raw`` or ``filtered``.
    faces : tuple of RecordedFace
    hands_on_wheel : HandsOnWheel, optional
    """

    frame: Frame
    time: float
    values: str
    faces: tuple[RecordedFace, ...]
    hands_on_wheel: HandsOnWheel | None = None

    @property
    def index(self) -> int:
        """Of the frame in its source, or as it was counted."""
        return self.frame.number if self.frame.index is None else self.frame.index


class LinesSink:
    """JSONL as `inference.predictions` reads it, with times, tracks and confidences."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self._file = unfinished(target).open("wb")

    def write(self, moment: Moment) -> None:
        hands = moment.hands_on_wheel
        line = {
            "source": moment.frame.source.encode(errors="replace").decode(),
            "frame": moment.index,
            "time": round(moment.time, 4),
            "media_time": _rounded(moment.frame.media_time, 4),
            "values": moment.values,
            "faces": [
                {"track": f.track, "confidence": _rounded(f.confidence)} | face_fields(f.face)
                for f in moment.faces
            ],
            "hands_on_wheel": None
            if hands is None
            else {"left": _rounded(hands.left), "right": _rounded(hands.right)},
        }
        self._file.write(msgspec.json.encode(line) + b"\n")
        self._file.flush()

    def finish(self) -> Path | None:
        self._file.close()
        return finish_lines(self.target)


class CsvSink:
    """CSV: a row a face, one without a track for a frame without faces; the 68 points alone."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self._file = unfinished(target).open("wb")
        self._file.write(_csv_line(CSV_COLUMNS))

    def write(self, moment: Moment) -> None:
        self._file.write(b"".join(_csv_line(row) for row in _csv_rows(moment)))
        self._file.flush()

    def finish(self) -> Path | None:
        self._file.close()
        return finish_lines(self.target)


class ParquetSink:
    """Parquet with all points and deviations; rows as in the CSV file."""

    def __init__(self, target: Path) -> None:
        import pyarrow as pa

        self.target = target
        self._schema = _schema()
        self._file: BinaryIO = unfinished(target).open("wb")
        self._stream = pa.ipc.new_stream(self._file, self._schema)
        self._rows: list[dict[str, Any]] = []

    def write(self, moment: Moment) -> None:
        self._rows += _rows(moment)
        if len(self._rows) >= BATCH:
            self._flush()

    def finish(self) -> Path | None:
        if self._rows:
            self._flush()
        self._stream.close()
        self._file.close()
        return finish_parquet(self.target)

    def _flush(self) -> None:
        import pyarrow as pa

        batch = pa.RecordBatch.from_pylist(self._rows, schema=self._schema)
        self._stream.write_batch(batch)
        self._file.flush()
        self._rows.clear()


def finish_lines(target: Path) -> Path | None:
    """Give lines their name, less one that was cut short; None where there is no whole one.

    Raises
    ------
    OSError
    """
    partial = unfinished(target)
    if not partial.exists():
        return None
    with partial.open("rb+") as file:
        file.truncate(_end_of_last_line(file))
        empty = file.seek(0, io.SEEK_END) == 0
    if empty:
        partial.unlink()
        return None
    partial.replace(target)
    return target


def finish_parquet(target: Path) -> Path | None:
    """Make the Parquet file from its Arrow stream and remove that; None where it holds no row.

    Raises
    ------
    OSError
        The stream then stays.
    """
    partial = unfinished(target)
    if not partial.exists():
        return None
    batches = _batches(partial)
    first = next(batches, None)
    if first is not None:
        import pyarrow.parquet as pq

        with (
            aside(target) as temporary,
            pq.ParquetWriter(temporary, first.schema, compression="zstd") as writer,
        ):
            writer.write_batch(first)
            for batch in batches:
                writer.write_batch(batch)
    batches.close()
    partial.unlink()
    return None if first is None else target


def _batches(path: Path) -> Any:
    import pyarrow as pa

    with pa.OSFile(str(path)) as file:
        try:
            stream = pa.ipc.open_stream(file)
            while True:
                yield stream.read_next_batch()
        except (StopIteration, pa.ArrowInvalid, OSError):
            return


def _end_of_last_line(file: BinaryIO) -> int:
    """How many bytes there are up to the last end of a line."""
    end = file.seek(0, io.SEEK_END)
    while end > 0:
        start = max(end - 2**16, 0)
        file.seek(start)
        at = file.read(end - start).rfind(b"\n")
        if at >= 0:
            return start + at + 1
        end = start
    return 0


_FACTS: Final = ("source", "frame", "time", "media_time", "values", "track", "confidence")
_NUMBERS: Final = (
    *("score", "presence", "box_x", "box_y", "box_width", "box_height"),
    *("yaw", "pitch", "roll"),
)
CSV_COLUMNS: Final = (
    *_FACTS,
    *_NUMBERS,
    *(f"{axis}_{k}" for k in range(68) for axis in ("x", "y", "z")),
)


def _csv_rows(moment: Moment) -> Iterator[list[Any]]:
    for row in _rows(moment):
        points = row["landmarks_68"]
        told = [row[name] for name in (*_FACTS, *_NUMBERS)]
        yield [
            *(round(v, DIGITS) if isinstance(v, float) else v for v in told),
            *([None] * 204 if points is None else np.round(points.astype(float), DIGITS).tolist()),
        ]


def _csv_line(values: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue().encode(errors="replace")


def _rows(moment: Moment) -> list[dict[str, Any]]:
    facts = {
        "source": moment.frame.source.encode(errors="replace").decode(),
        "frame": moment.index,
        "time": moment.time,
        "media_time": moment.frame.media_time,
        "values": moment.values,
    }
    rows = [facts | _face_row(f) for f in moment.faces]
    return rows or [facts | dict.fromkeys(_face_columns())]


def _face_row(recorded: RecordedFace) -> dict[str, Any]:
    face = recorded.face
    pose = face.head_pose
    x, y, width, height = face.box.as_tuple()
    return {
        "track": recorded.track,
        "confidence": recorded.confidence,
        "score": face.score,
        "presence": face.presence,
        "box_x": x,
        "box_y": y,
        "box_width": width,
        "box_height": height,
        "yaw": None if pose is None else pose.yaw,
        "pitch": None if pose is None else pose.pitch,
        "roll": None if pose is None else pose.roll,
        "landmarks_68": _flat(face.landmarks_68),
        "sigma_68": _flat(face.sigma_68),
        "landmarks_520": _flat(face.landmarks_520),
        "sigma_520": _flat(face.sigma_520),
    }


_LISTS: Final = ("landmarks_68", "sigma_68", "landmarks_520", "sigma_520")


def _face_columns() -> tuple[str, ...]:
    return ("track", "confidence", *_NUMBERS, *_LISTS)


def _schema() -> pa.Schema:
    import pyarrow as pa

    numbers = [(name, pa.float64()) for name in ("confidence", *_NUMBERS)]
    lists = [(name, pa.list_(pa.float32())) for name in _LISTS]
    return pa.schema(
        [
            ("source", pa.string()),
            ("frame", pa.int64()),
            ("time", pa.float64()),
            ("media_time", pa.float64()),
            ("values", pa.string()),
            ("track", pa.int64()),
            *numbers,
            *lists,
        ]
    )


def _flat(values: Any) -> Any:
    return None if values is None else np.asarray(values, np.float32).ravel()


def _rounded(value: float | None, digits: int = DIGITS) -> float | None:
    return None if value is None else round(float(value), digits)
