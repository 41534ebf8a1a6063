"""What Blender is doing, in a word for the status bar."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from app.blender.listed import ListedBlender
from app.blender.protocol import Done, Failed
from app.blender.protocol import Event as BlenderEvent
from app.jobs import Event, Job, State
from widgets.job_popup import spoken


class WorkerWatch(QObject):
    """Follows Blender's start and its jobs.

    Signals
    -------
    changed : (state, text)
    """

    changed = Signal(str, str)
    _answered = Signal(object)

    def __init__(self, blender: ListedBlender, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._blender = blender
        self._idle = ("off", "Blender not started")
        self._job: Job | None = None
        self._answered.connect(self._pinged)
        self._tick = QTimer(self, interval=1000)
        self._tick.timeout.connect(self._show)

    @property
    def ready(self) -> bool:
        """Whether Blender has started and nothing runs in it."""
        return self._idle[0] == "ready" and self._job is None

    def start(self) -> None:
        """Start Blender and say when it is ready."""
        self._idle = ("starting", "Blender starting…")
        self._show()
        self._blender.warm()
        self._blender.submit("ping", {}, self._heard)

    def restarted(self) -> None:
        """A worker died; look when the next one is ready."""
        self._idle = ("starting", "Blender restarting…")
        self._show()
        self._blender.submit("ping", {}, self._heard)

    def job_told(self, job: Job, event: Event) -> None:
        if job.state is State.RUNNING:
            self._job = job
        elif job is self._job:
            self._job = None
            if self._idle[0] == "off":
                self._idle = ("ready", "Blender ready")
        self._show()

    def close(self) -> None:
        self._tick.stop()

    def _heard(self, event: BlenderEvent) -> None:
        if isinstance(event, Done | Failed):
            self._answered.emit(event)

    def _pinged(self, event: BlenderEvent) -> None:
        good = isinstance(event, Done)
        self._idle = ("ready", "Blender ready") if good else ("failed", "Blender did not start")
        self._show()

    def _show(self) -> None:
        job = self._job
        if job is None:
            self._tick.stop()
            self.changed.emit(*self._idle)
            return
        if not self._tick.isActive():
            self._tick.start()
        done = "" if job.fraction is None else f"  {job.fraction * 100:.0f} %"
        left = job.seconds_left
        rest = "" if left is None else f"  {spoken(left)} left"
        self.changed.emit("working", f"{job.title}{done}{rest}")
