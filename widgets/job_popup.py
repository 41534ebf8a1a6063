"""The list of jobs: progress, time left, cancel; failed ones stay with their reason."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.jobs import Event, Job, JobList, State
from widgets.theme import repolish


class JobBridge(QObject):
    """Brings the news of jobs to the window's thread.

    Signals
    -------
    told : (Job, Event)
    """

    told = Signal(object, object)

    def __init__(self, jobs: JobList, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stop = jobs.listen(self.told.emit)

    def close(self) -> None:
        self._stop()


def spoken(seconds: float) -> str:
    """A duration as people say it: ``8 s``, ``2 min 5 s``, ``1 h 4 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


class JobPopup(QFrame):
    """All jobs of this run, newest first.

    Parameters
    ----------
    can_repeat : callable
        Whether someone would still take what a job brings, were it run again. A render has its own
        "Try again" in its panel, with the scene as it is then.
    """

    def __init__(
        self,
        jobs: JobList,
        bridge: JobBridge,
        can_repeat: Callable[[Job], bool],
        parent: QWidget,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.setAccessibleName("Jobs")
        self._jobs, self._can_repeat = jobs, can_repeat
        self._rows: dict[Job, _Row] = {}
        heading = QLabel("Jobs", self)
        heading.setProperty("role", "heading")
        self._clear = QPushButton("Clear finished", self)
        self._clear.clicked.connect(self._forget)
        self._none = QLabel("No job has run yet.", self)
        self._none.setProperty("role", "muted")
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._area = QScrollArea(self, widgetResizable=True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(4)
        self._list.addStretch(1)
        self._area.setWidget(inside)
        head = QHBoxLayout()
        head.addWidget(heading, 1)
        head.addWidget(self._clear)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._area, 1)
        layout.addWidget(self._none, 1)
        self.resize(400, 320)
        self._tick = QTimer(self, interval=500)
        self._tick.timeout.connect(self.refresh)
        bridge.told.connect(self._told)
        self.refresh()

    @property
    def rows(self) -> tuple[_Row, ...]:
        return tuple(self._rows.values())

    def refresh(self) -> None:
        jobs = self._jobs.jobs
        for job in [job for job in self._rows if job not in jobs]:
            row = self._rows.pop(job)
            row.hide()
            row.deleteLater()
        for job in jobs:
            if job not in self._rows:
                self._rows[job] = row = _Row(job, self._jobs, self._can_repeat(job), self)
                row.gone.connect(self.refresh)
                self._list.insertWidget(0, row)
            self._rows[job].refresh()
        self._area.setVisible(bool(jobs))
        self._none.setVisible(not jobs)
        self._clear.setEnabled(any(job.state is not State.RUNNING for job in jobs))

    def _told(self, job: Job, event: Event) -> None:
        if self.isVisible():
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        self.refresh()
        self._tick.start()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._tick.stop()
        super().hideEvent(event)

    def _forget(self) -> None:
        for job in self._jobs.jobs:
            self._jobs.remove(job)
        self.refresh()


class _Row(QFrame):
    """One job."""

    gone = Signal()

    def __init__(self, job: Job, jobs: JobList, repeatable: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.job, self._jobs, self._repeatable = job, jobs, repeatable
        self._title = QLabel(job.title, self)
        self._title.setProperty("role", "heading")
        self.said = QLabel(self, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.said.setProperty("role", "muted")
        self.said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._bar = QProgressBar(self, textVisible=False)
        self._bar.setAccessibleName(f"Progress of {job.title}")
        self.cancel = QPushButton("Cancel", self)
        self.cancel.clicked.connect(lambda: self._jobs.cancel(self.job))
        self.again = QPushButton("Run again", self)
        self.again.clicked.connect(self._run_again)
        top = QHBoxLayout()
        top.addWidget(self._title, 1)
        top.addWidget(self.cancel)
        top.addWidget(self.again)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 8, 8)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self._bar)
        layout.addWidget(self.said)

    def refresh(self) -> None:
        job = self.job
        running = job.state is State.RUNNING
        self.said.setText(said(job))
        role = "error" if job.state is State.FAILED else "muted"
        if self.said.property("role") != role:
            repolish(self.said, "role", role)
        self._bar.setVisible(running)
        if job.fraction is None:
            self._bar.setRange(0, 0)
        else:
            self._bar.setRange(0, 1000)
            self._bar.setValue(round(job.fraction * 1000))
        self.cancel.setVisible(running)
        self.cancel.setEnabled(not job.asked_to_stop)
        ended = job.state in (State.FAILED, State.CANCELLED)
        self.again.setVisible(self._repeatable and ended)

    def _run_again(self) -> None:
        self._jobs.again(self.job)
        self.gone.emit()


def said(job: Job) -> str:
    """What a job's state is, in one line."""
    if job.state is State.RUNNING:
        if job.asked_to_stop:
            return "Stopping…"
        left = job.seconds_left
        parts = [job.text or "Running", "" if left is None else f"{spoken(left)} left"]
        return " · ".join(part for part in parts if part)
    if job.state is State.FAILED:
        return job.reason
    if job.state is State.CANCELLED:
        return f"Cancelled after {spoken(job.seconds)}"
    return f"Done in {spoken(job.seconds)}"
