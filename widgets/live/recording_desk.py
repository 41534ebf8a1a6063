"""Recording what is shown: begun, watched and finished without the window ever waiting."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QThreadPool, QTimer, Signal

from app.jobs import JobList, Report
from app.paths import data_dir
from inference.live.outcome import LiveResult
from inference.live.recording import Format, Recorded, Recorder, RecordingError, Values, rescue
from inference.results import Bytes
from widgets.panels.background import in_background

if TYPE_CHECKING:
    from widgets.live.desk import LiveDesk

LOOK_MS: Final = 200


def recordings_dir() -> Path:
    """Where recordings go unless the user says otherwise."""
    return data_dir() / "recordings"


@dataclass(frozen=True)
class RecordingChoice:
    """What is recorded, and where.

    Attributes
    ----------
    folder : Path
    formats : frozenset of Format
    values : Values
        In the tables; the video shows what is painted.
    whole : bool
        A file is recorded from its in-point to its end, once, and recording stops there.
    """

    folder: Path = field(default_factory=recordings_dir)
    formats: frozenset[Format] = frozenset({Format.VIDEO, Format.LINES})
    values: Values = Values.FILTERED
    whole: bool = False


class RecordingDesk(QObject):
    """One recording at a time.

    Signals
    -------
    changed
        It has begun, gone on, or ended.
    message : (str, str)
    """

    changed = Signal()
    message = Signal(str, str)
    _finished = Signal(object)

    def __init__(self, desk: LiveDesk, jobs: JobList) -> None:
        super().__init__(desk)
        self._desk, self._jobs = desk, jobs
        self.choice = RecordingChoice()
        self.last: Recorded | None = None
        self._recorder: Recorder | None = None
        self._let_go: Callable[[], None] | None = None
        self._starting = False
        self._wanted = False
        self._finishing = 0
        self._whole = False
        self._pool = QThreadPool(self)
        self._finished.connect(self._say_finished)
        self._clock = QTimer(self, interval=LOOK_MS)
        self._clock.timeout.connect(self._look)

    @property
    def running(self) -> bool:
        """Whether frames are being kept."""
        return self._recorder is not None

    @property
    def starting(self) -> bool:
        return self._starting

    @property
    def finishing(self) -> bool:
        """Whether files are being finished."""
        return self._finishing > 0

    @property
    def whole(self) -> bool:
        """Whether a file is being recorded once from in-point to end."""
        return self._recorder is not None and self._whole

    @property
    def recorder(self) -> Recorder | None:
        """What is written now: frames, seconds, lost ones."""
        return self._recorder

    def rescue(self) -> None:
        """Finish recordings that were broken off in an earlier run."""
        folder = self.choice.folder
        tell = self._tell("warning")
        in_background(self, lambda: rescue(folder, tell), self._rescued, self._pool)

    def toggle(self) -> None:
        if self.running:
            self.stop()
        else:
            self.start()

    def start(self) -> None:
        """Begin to keep frames; nothing where a recording runs or nothing is shown."""
        if self.running or self._starting:
            return
        if self._desk.session is None or self._desk.source is None:
            self.message.emit("warning", "Choose a source first, then record it.")
            return
        self._starting = self._wanted = True
        choice, name = self.choice, _name_for(self._desk.source.name)
        tell = self._tell("error")

        def make() -> Recorder | RecordingError:
            try:
                return Recorder(
                    choice.folder, name, choice.formats, choice.values, self._paint, tell
                )
            except RecordingError as problem:
                return problem

        in_background(self, make, self._made, self._pool)
        self.changed.emit()

    def stop(self) -> None:
        """Keep no more frames, and finish the files in a job."""
        self._wanted = False
        recorder = self._take_off()
        if recorder is None:
            return
        self._finishing += 1

        def finish(_: Report) -> None:
            self._finished.emit(recorder.stop())

        self._jobs.run(f"Finish the recording {recorder.stem.name}", finish)
        self._desk.engine_settings_changed()
        self.changed.emit()

    def close(self) -> None:
        """Finish what runs before the program ends; waits for it."""
        self._wanted = False
        self._pool.waitForDone()
        recorder = self._take_off()
        if recorder is not None:
            recorder.stop()

    def _take_off(self) -> Recorder | None:
        self._clock.stop()
        recorder, self._recorder = self._recorder, None
        if self._let_go is not None:
            self._let_go()
            self._let_go = None
        return recorder

    def _made(self, made: Recorder | RecordingError | None) -> None:
        self._starting = False
        session = self._desk.session
        if isinstance(made, Recorder) and self._wanted and session is not None:
            self._recorder = made
            self._whole = self.choice.whole and self._desk.seekable
            self._desk.engine_settings_changed()
            self._let_go = session.engine.listen(lambda result: _keep(made, result))
            if self._whole:
                self._desk.seek(self._desk.span[0])
                self._desk.play()
            self._clock.start()
        elif isinstance(made, Recorder):
            in_background(self, made.stop, lambda _: None, self._pool)
        else:
            self.message.emit("error", str(made or "The recording could not be started."))
        self.changed.emit()

    def _paint(self, result: LiveResult) -> Bytes:
        from widgets.live.painting import image_with

        return image_with(result, self._desk.overlays)

    def _look(self) -> None:
        """Stop by itself at the end of a file, and where nothing can be written any more."""
        recorder, session = self._recorder, self._desk.session
        if recorder is None:
            return
        drained = self._whole and session is not None and session.drained
        if not recorder.writing or (drained and recorder.frames > 0):
            self.stop()
        else:
            self.changed.emit()

    def _say_finished(self, recorded: Recorded) -> None:
        self._finishing -= 1
        self.last = recorded
        if recorded.files and recorded.frames:
            names = ", ".join(file.name for file in recorded.files)
            lost = f" {recorded.lost} frames came too fast to be kept." if recorded.lost else ""
            text = f"Recorded {recorded.frames} frames, {recorded.seconds:.1f} s: {names}.{lost}"
            self.message.emit("warning" if recorded.lost else "info", text)
        else:
            self.message.emit("warning", "Nothing came while recording; no file was kept.")
        self.changed.emit()

    def _rescued(self, made: tuple[Path, ...] | None) -> None:
        if made:
            names = ", ".join(path.name for path in made)
            text = f"A recording that was broken off has been finished: {names}."
            self.message.emit("info", text)

    def _tell(self, level: str) -> Callable[[str], None]:
        def tell(text: str) -> None:
            self.message.emit(level, text)

        return tell


def _keep(recorder: Recorder, result: LiveResult) -> None:
    recorder.add(result)


def _name_for(source: str) -> str:
    """Of the files: the source and the time."""
    stem = Path(source).stem if "." in source else source
    plain = re.sub(r"[^\w-]+", "-", stem).strip("-_")[:60] or "live"
    return f"{plain}-{datetime.now():%Y%m%d-%H%M%S}"
