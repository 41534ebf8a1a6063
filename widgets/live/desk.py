"""What the live workspace is about, without its widgets: source, models, recording, inbox."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, QThreadPool, QTimer, Signal

from app.jobs import JobList
from inference.live.chain import LiveSettings
from inference.live.frames import SourceState, SourceStatus
from inference.live.models import ModelFolder
from inference.live.outcome import LiveResult, Statistics
from inference.live.source import Source, SourceError
from inference.live.sources import find
from widgets.live.hands_desk import HandsDesk
from widgets.live.inbox_desk import InboxDesk
from widgets.live.model_shelf import ModelShelf
from widgets.live.overlays import Overlays
from widgets.live.playback import NOTHING, Playback
from widgets.live.recording_desk import RecordingDesk
from widgets.live.session import LiveSession
from widgets.live.studio_feed import StudioFeed
from widgets.panels.background import in_background

STATISTICS_MS: Final = 500
TRIES_AGAIN: Final = frozenset({SourceState.BUSY, SourceState.MISSING, SourceState.UNPLUGGED})


class LiveDesk(Playback):
    """Owns capture, engine, models, recorder and inbox; lives on the window's thread.

    Nothing of it waits: files are looked into, models opened and recordings finished elsewhere.

    Parameters
    ----------
    jobs : JobList
    folder : ModelFolder, optional
        Where models lie.

    Attributes
    ----------
    shelf : ModelShelf
        Which models there are, and which are used.
    recording : RecordingDesk
    inbox : InboxDesk
    hands : HandsDesk
    overlays : Overlays
        As they are drawn now, also into recordings.

    Signals
    -------
    result : LiveResult
        The newest; those that came while the window was busy are left out.
    status : SourceStatus
    statistics : Statistics
        Twice a second while something runs.
    trouble : Trouble
        Why a stage fails, once for each model.
    source_changed
        Another source, or none.
    settings_changed
    models_changed
    recording_changed
    inbox_changed
    message : (str, str)
        Level and a line for people.
    """

    result = Signal(object)
    status = Signal(object)
    statistics = Signal(object)
    trouble = Signal(object)
    source_changed = Signal()
    settings_changed = Signal()
    models_changed = Signal()
    recording_changed = Signal()
    inbox_changed = Signal()
    message = Signal(str, str)

    def __init__(
        self, jobs: JobList, parent: QObject | None = None, *, folder: ModelFolder | None = None
    ) -> None:
        super().__init__(parent)
        self.overlays = Overlays()
        self._settings = LiveSettings()
        self._feed: StudioFeed | None = None
        self._shown = True
        self._needs: set[str] = set()
        self._opening = 0
        self._pool = QThreadPool(self)
        self.shelf = ModelShelf(jobs, folder or ModelFolder(), self)
        self.shelf.used_changed.connect(self._use_models)
        self._told = QTimer(self, interval=0, singleShot=True)
        self._told.timeout.connect(self.models_changed)
        self.shelf.changed.connect(self._told.start)
        self.shelf.message.connect(self.message)
        self.recording = RecordingDesk(self, jobs)
        self.recording.changed.connect(self.recording_changed)
        self.recording.message.connect(self.message)
        self.inbox = InboxDesk(self)
        self.inbox.changed.connect(self.inbox_changed)
        self.inbox.message.connect(self.message)
        self.hands = HandsDesk(self)
        self._clock = QTimer(self, interval=STATISTICS_MS)
        self._clock.timeout.connect(self._tell_statistics)

    # The source

    @property
    def fed(self) -> bool:
        """Whether the pictures are the Studio's."""
        return self._feed is not None

    def open(self, text: str) -> None:
        """Start what a user names: a camera by number or name, a file, a folder.

        What is no source is told as the state of the source and as a message; what ran goes on.
        """
        self._opening += 1
        number = self._opening
        if self._session is None:
            self._hear(SourceStatus(SourceState.OPENING, f"Opening {Path(text).name or text} …"))
        in_background(self, partial(_found, text), partial(self._opened, number), self._pool)

    def start(self, source: Source, feed: StudioFeed | None = None) -> None:
        """Show a source from now on, in place of the one before.

        Parameters
        ----------
        source : Source
        feed : StudioFeed, optional
            Pushes its pictures; deleted when another source is shown.
        """
        self._opening += 1
        self._drop_feed()
        self._source, self._feed, self.latest = source, feed, None
        if self._session is None:
            session = LiveSession(source, self.shelf.live_models, self._engine_settings(), self)
            session.arrived.connect(self._arrive)
            session.told.connect(self._hear)
            session.failed.connect(self.trouble)
            self._session = session
            session.capture.speed, session.capture.loop = self._speed, self.looping
            self._hear(SourceStatus(SourceState.OPENING))
            session.start()
        else:
            self._session.capture.show(source)
        self._session.record(self.recording.running)
        self._session.engine.configure(self._engine_settings())
        self._clock.start()
        self._rest_or_run()
        self.source_changed.emit()
        self.playback_changed.emit()

    def stop(self) -> None:
        """Let go of the source; a recording is finished."""
        self._opening += 1
        self.recording.stop()
        session, self._session = self._session, None
        self._source, self.latest = None, None
        self._resume = False
        self._drop_feed()
        self._clock.stop()
        if session is not None:
            session.ask_to_end()
            in_background(self, session.end, lambda _: session.deleteLater(), self._pool)
        self._hear(NOTHING)
        self.source_changed.emit()
        self.playback_changed.emit()

    def retry(self) -> None:
        """Try again now what failed or is not there."""
        if self._session is None or self._source is None:
            return
        again = getattr(self._source, "retry", None)
        if again is not None and self._status.state in TRIES_AGAIN:
            again()
        else:
            self._session.capture.show(self._source)

    # Settings

    @property
    def settings(self) -> LiveSettings:
        return self._settings

    def configure(self, **changes: Any) -> None:
        """Change fields of `LiveSettings`."""
        self._settings = replace(self._settings, **changes)
        if self._session is not None:
            self._session.engine.configure(self._engine_settings())
        self.settings_changed.emit()

    def snapshot(self, note: str = "") -> None:
        """Keep what is shown in the failure inbox."""
        if self.latest is None:
            self.message.emit("warning", "There is no picture to keep yet.")
            return
        self.inbox.keep(self.latest, self.shelf.used, note)

    def current_statistics(self) -> Statistics:
        return Statistics() if self._session is None else self._session.engine.statistics()

    # Hidden and shown

    def set_shown(self, shown: bool) -> None:
        """Rest while nobody looks, unless something needs the faces all the same."""
        self._shown = shown
        self.shelf.list.watch(shown)
        self._rest_or_run()

    def need(self, who: str, needed: bool) -> None:
        """Go on while hidden for as long as somebody needs it: a recording, a puppet."""
        (self._needs.add if needed else self._needs.discard)(who)
        self._rest_or_run()

    @property
    def looping(self) -> bool:
        """Whether the clip begins again; one that is recorded once does not."""
        return self._loop and not self.recording.whole

    @property
    def resting(self) -> bool:
        """Whether nobody looks and nothing needs the faces."""
        return not self._shown and not self._needs

    def _rest_or_run(self) -> None:
        session = self._session
        if self._feed is not None:
            self._feed.set_running(not self.resting)
        if session is None:
            return
        if self.resting and not session.engine.paused:
            self._resume = session.capture.playing
            session.capture.pause()
            session.engine.pause()
            self._clock.stop()
        elif self.resting:
            session.capture.pause()
        elif session.engine.paused:
            session.engine.resume()
            self._clock.start()
            resume, self._resume = self._resume, False
            if resume:
                session.capture.play()

    def shut_down(self) -> None:
        """Finish the recording, end all threads; back when they are gone."""
        self._clock.stop()
        self.shelf.close()
        self.recording.close()
        self._drop_feed()
        session, self._session = self._session, None
        if session is not None:
            session.end()
        self.inbox.close()
        self._pool.waitForDone()

    # What is heard

    def engine_settings_changed(self) -> None:
        """A recording has begun or ended."""
        if self._session is not None:
            self._session.record(self.recording.running)
            self._session.engine.configure(self._engine_settings())
            self._session.capture.loop = self.looping
        self.need("recording", self.recording.running)

    def _engine_settings(self) -> LiveSettings:
        in_turn = self.recording.running and self.seekable
        return replace(self._settings, in_turn=in_turn)

    def _opened(self, number: int, found: Source | SourceError | None) -> None:
        if number != self._opening:
            return
        if found is None or isinstance(found, SourceError):
            said = str(found or "The source could not be opened.")
            if self._session is None:
                self._hear(SourceStatus(SourceState.FAILED, said))
            self.message.emit("error", said)
        else:
            self.start(found)

    def _arrive(self, result: LiveResult) -> None:
        self.latest = result
        self.result.emit(result)

    def _hear(self, status: SourceStatus) -> None:
        if self._feed is not None and status.state is SourceState.OPENING:
            status = replace(status, message=self._feed.hint)
        self._status = status
        self.status.emit(status)
        self.playback_changed.emit()

    def _use_models(self) -> None:
        if self._session is not None:
            self._session.engine.exchange(self.shelf.live_models)

    def _tell_statistics(self) -> None:
        self.statistics.emit(self.current_statistics())

    def _drop_feed(self) -> None:
        if self._feed is not None:
            self._feed.deleteLater()
            self._feed = None


def _found(text: str) -> Source | SourceError:
    try:
        return find(text)
    except SourceError as problem:
        return problem
