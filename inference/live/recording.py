"""Records what the live engine finds: annotated video, lines of JSON, CSV, Parquet.

A thread of its own paints, encodes and writes. A file or folder as the source waits for it, so that
no frame is left out; a camera does not wait, and what is left out is counted.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from inference.live.outcome import LiveResult
from inference.live.recording_files import Format, RecordingError, rescue, said, target_of, unused
from inference.live.recording_tables import CsvSink, LinesSink, ParquetSink
from inference.live.recording_video import VideoSink
from inference.live.timeline import Timeline, Values
from inference.results import Bytes

WAITING: Final = 4
"""Results that wait to be written."""

LEAST_FREE: Final = 128 * 2**20
"""Bytes that a recording leaves free on the disk."""

Painter = Callable[[LiveResult], Bytes]
"""Paints a result: RGB (H, W, 3) uint8. It is called on the recorder's thread."""

Tell = Callable[[str], None]
"""Takes one line for people, on the recorder's thread."""


@dataclass(frozen=True)
class Recorded:
    """What came of a recording.

    Attributes
    ----------
    files : tuple of Path
    frames : int
        Written.
    lost : int
        Frames of a camera that were left out because the disk or the processor was too slow.
    seconds : float
        From the first frame to the last.
    """

    files: tuple[Path, ...]
    frames: int
    lost: int
    seconds: float


class Recorder:
    """A recording that runs from when it is made until `stop`.

    Parameters
    ----------
    folder : Path
        Is made when it is not there.
    name : str
        Of the files, without suffix; a number is added where there are such files already.
    formats : set of Format
    values : Values
        Which faces the tables hold.
    painter : callable, optional
        For the video; without one it shows the frames as they came.
    tell : callable
        Is told in one line when a file cannot be written any more; the others go on.

    Raises
    ------
    RecordingError
        When nothing can be written there.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        formats: frozenset[Format],
        values: Values = Values.FILTERED,
        painter: Painter | None = None,
        tell: Tell = lambda _: None,
    ) -> None:
        if not formats:
            raise RecordingError("choose what is recorded: video, JSONL, CSV or Parquet")
        self._values = values
        self._painter = painter
        self._tell = tell
        self._folder = folder
        self._changed = threading.Condition()
        self._waiting: deque[LiveResult] = deque()
        self._closing = False
        self._newest = -1
        self._frames = self._lost = 0
        self._timeline = Timeline()
        self._done: Recorded | None = None
        self._video: VideoSink | None = None
        self._tables: list[LinesSink | CsvSink | ParquetSink] = []
        self._finished: list[Path] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.stem, self._lock = unused(folder, name)
            try:
                self._open(formats)
            except BaseException:
                self._finish()
                raise
        except OSError as problem:
            raise RecordingError(f"{folder}: cannot be written: {problem.strerror}") from None
        self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)
        self._thread.start()

    @property
    def frames(self) -> int:
        """Written so far."""
        return self._frames

    @property
    def lost(self) -> int:
        """Frames of a camera that were left out."""
        return self._lost

    @property
    def seconds(self) -> float:
        return self._timeline.time

    @property
    def writing(self) -> bool:
        """Whether there is still a file that takes what comes."""
        return not self._closing and (self._video is not None or bool(self._tables))

    def add(self, result: LiveResult) -> bool:
        """Take a result; one of a frame that was taken already is passed over.

        Where the frame has a time in its source, which a camera's has not, this waits for a place.
        Give it to `Engine.listen`, and let the capture deliver every frame.

        Returns
        -------
        bool
            Whether it is going to be written.
        """
        with self._changed:
            if result.frame.number <= self._newest:
                return False
            patient = result.frame.media_time is not None
            while patient and len(self._waiting) >= WAITING and self.writing:
                self._changed.wait()
            if not self.writing:
                return False
            self._newest = result.frame.number
            if len(self._waiting) >= WAITING:
                self._lost += 1
                return False
            self._waiting.append(result)
            self._changed.notify_all()
            return True

    def stop(self) -> Recorded:
        """Write what waits, give the files their names, and say what there is.

        A long video takes a moment; call it in a job.
        """
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()
        assert self._done is not None
        return self._done

    def _open(self, formats: frozenset[Format]) -> None:
        if Format.VIDEO in formats:
            self._video = VideoSink(target_of(self.stem, Format.VIDEO))
        if Format.LINES in formats:
            self._tables.append(LinesSink(target_of(self.stem, Format.LINES)))
        if Format.CSV in formats:
            self._tables.append(CsvSink(target_of(self.stem, Format.CSV)))
        if Format.PARQUET in formats:
            self._tables.append(ParquetSink(target_of(self.stem, Format.PARQUET)))

    def _work(self) -> None:
        looked = 0.0
        try:
            while (result := self._next()) is not None:
                if time.monotonic() - looked > 1.0:
                    looked = time.monotonic()
                    self._look_at_disk()
                if self._video is not None or self._tables:
                    self._write(result)
        finally:
            self._finish()

    def _next(self) -> LiveResult | None:
        with self._changed:
            while not self._waiting and not self._closing:
                self._changed.wait()
            result = self._waiting.popleft() if self._waiting else None
            self._changed.notify_all()
            return result

    def _write(self, result: LiveResult) -> None:
        moment = self._timeline.moment(result, self._values)
        if self._video is not None:
            try:
                painted = self._painter(result) if self._painter else result.frame.picture
                self._video.write(painted, moment.time)
            except Exception as problem:
                self._end_video(f"The video of {self.stem.name} ends here: {said(problem)}")
        for sink in tuple(self._tables):
            try:
                sink.write(moment)
            except Exception as problem:
                self._end_table(sink, f"{sink.target.name} ends here: {said(problem)}")
        self._frames += 1

    def _look_at_disk(self) -> None:
        try:
            free = shutil.disk_usage(self._folder).free
        except OSError:
            return
        if free < LEAST_FREE:
            self._tell(
                f"The disk of {self._folder} is full; the recording {self.stem.name} has ended "
                "and what there is of it is kept."
            )
            self._finish()

    def _finish(self) -> None:
        """Give all files their names; the first call does, the last tells what there is."""
        if self._video is not None:
            self._end_video("")
        for sink in tuple(self._tables):
            self._end_table(sink, "")
        self._lock.release()
        with self._changed:
            self._waiting.clear()
            self._done = Recorded(
                tuple(self._finished), self._frames, self._lost, self._timeline.time
            )
            self._changed.notify_all()

    def _end_video(self, message: str) -> None:
        sink, self._video = self._video, None
        if sink is not None:
            self._end(sink, message)

    def _end_table(self, sink: LinesSink | CsvSink | ParquetSink, message: str) -> None:
        self._tables.remove(sink)
        self._end(sink, message)

    def _end(self, sink: VideoSink | LinesSink | CsvSink | ParquetSink, message: str) -> None:
        if message:
            self._tell(message)
        try:
            made = sink.finish()
        except Exception as problem:
            self._tell(
                f"{sink.target.name} could not be finished ({said(problem)}); what was recorded "
                f"stays beside it in {sink.target.parent}"
            )
            return
        if made is not None:
            self._finished.append(made)
        with self._changed:
            self._changed.notify_all()


__all__ = ["Format", "Painter", "Recorded", "Recorder", "RecordingError", "Values", "rescue"]
