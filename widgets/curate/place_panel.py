"""Landmarks placed on the head that is open in the Studio, the most doubtful ones first."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.curate.auto_place import AutoPlaced, by_registration, keep
from app.head.asset import HeadAsset
from app.jobs import Event, Job, JobError, Report, State
from app.topology import store
from app.topology.landmarks import TOPOLOGIES, base_vertices_of
from widgets.curate.session import CurateSession
from widgets.fields.form import Choice, Row
from widgets.viewport.mark_layer import Mark

if TYPE_CHECKING:
    from widgets.main_window import MainWindow

REGISTRATION: Final = "Registration"
_MARK: Final = Qt.ItemDataRole.UserRole
_LISTED: Final = 120
"""So many of the most doubtful landmarks are listed."""


class PlacePanel(QWidget):
    """Runs the placement as a job, keeps it, and leads to what should be looked at first."""

    def __init__(self, session: CurateSession, window: MainWindow) -> None:
        super().__init__()
        self._session, self._window = session, window
        self._job: Job | None = None
        self._asset: HeadAsset | None = None
        self._sought: Mark | None = None
        self.words = QLabel(wordWrap=True)
        self.words.setProperty("role", "muted")
        self.method = Choice("How")
        self.method.addItem(REGISTRATION, "")
        self.run = QPushButton("Place the landmarks")
        self.run.setProperty("primary", True)
        self.run.clicked.connect(self.start)
        self.list = QListWidget()
        self.list.setAccessibleName("Landmarks, the most doubtful first")
        self.list.setUniformItemSizes(True)
        self.list.setAlternatingRowColors(True)
        self.list.itemActivated.connect(self._show_in_studio)
        self.list.itemSelectionChanged.connect(self._enable)
        self.correct = QPushButton("Correct in the Studio")
        self.correct.setToolTip("Go to the chosen landmark in the Studio's Landmarks mode")
        self.correct.clicked.connect(lambda: self._show_in_studio(self.list.currentItem()))
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.words)
        column.addWidget(Row("How", self.method))
        column.addWidget(self.run)
        column.addWidget(self.list, 1)
        column.addWidget(self.correct)
        window.job_bridge.told.connect(self._told)
        window.studio.loader.loaded.connect(self._head_changed)
        window.studio.keeper.changed.connect(self._landmarks_there)
        self._fill_methods()
        self._head_changed(window.studio.loader.asset)

    def start(self) -> None:
        """Find the landmarks of the Studio's head."""
        asset = self._asset
        if asset is None or self._job is not None or not self.run.isEnabled():
            return
        model = self.method.currentData()
        task = partial(place, asset, model)
        self._job = self._window.jobs.run(f"Place landmarks on {asset.name}", task)
        self.list.clear()
        self._enable()
        self._say()

    def shut_down(self) -> None:
        """Ask a placement that is under way to stop."""
        if self._job is not None:
            self._window.jobs.cancel(self._job)

    def _fill_methods(self) -> None:
        from inference import registry

        for model in (*registry.shipped("face"), *registry.shipped("landmarks")):
            self.method.addItem(f"Pictures, {model.name}", model.name)
        self.method.setCurrentIndex(self.method.count() - 1)

    def _head_changed(self, asset: HeadAsset | None) -> None:
        self._asset, self._sought = asset, None
        self.list.clear()
        self._enable()
        self._say()

    def _exact(self) -> bool:
        return self._asset is not None and base_vertices_of(self._asset) is not None

    def _say(self) -> None:
        asset = self._asset
        if self._job is not None:
            text = "Looking for the landmarks …"
        elif asset is None:
            text = "Open a head in the Studio to place landmarks on it."
        elif self._exact():
            text = (
                f"{asset.name} shares the mesh that landmarks are defined on: they are exact "
                "there, and nothing is to be placed."
            )
        elif self.list.count():
            text = "Kept. The most doubtful landmarks stand first; correct these."
        else:
            text = f"Landmarks of {asset.name} are proposed, kept, and told by how sure they are."
        self.words.setText(text)

    def _enable(self) -> None:
        self.run.setEnabled(self._asset is not None and self._job is None and not self._exact())
        self.correct.setEnabled(self.list.currentItem() is not None)

    def _told(self, job: Job, event: Event) -> None:
        if job is not self._job or event is not Event.FINISHED:
            return
        self._job = None
        if job.state is State.DONE:
            asset, placed = job.result
            job.result = None
            if asset is self._asset and asset is not None:
                self._show(placed)
                self._window.studio.keeper.read_again(asset)
        elif job.state is State.FAILED:
            self._session.said.emit("error", job.reason)
        self._enable()
        self._say()

    def _show(self, placed: tuple[AutoPlaced, ...]) -> None:
        rows = [
            (float(one.residuals[i]), one.topology.name, i, one.topology.landmarks[i].name)
            for one in placed
            for i in one.worst_first
        ]
        self.list.clear()
        for residual, topology, index, name in sorted(rows, key=lambda row: -row[0])[:_LISTED]:
            item = QListWidgetItem(f"{1000.0 * residual:6.2f} mm   {name}   {topology} {index}")
            item.setData(_MARK, (topology, index))
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _show_in_studio(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        topology, index = item.data(_MARK)
        window = self._window
        studio = window.studio
        window.show_workspace(window.views.index(studio))
        studio.viewport.marks.show(topology, True)
        studio.viewport.set_mode("landmarks")
        self._sought = (topology, index) if studio.keeper.poser is None else None
        studio.viewport.marks.select((topology, index))

    def _landmarks_there(self) -> None:
        """What was chosen while the Studio still looked for the landmarks is chosen there, too."""
        studio = self._window.studio
        if self._sought is not None and studio.keeper.poser is not None:
            mark, self._sought = self._sought, None
            studio.viewport.marks.select(mark)


def place(asset: HeadAsset, model: str, report: Report) -> tuple[HeadAsset, tuple[AutoPlaced, ...]]:
    """Find and keep landmarks of a head, as a job.

    Parameters
    ----------
    model : str
        Name of a landmark model; empty for registration alone.

    Raises
    ------
    JobError
        With one line that says why there are none.
    """
    report.progress("Fitting the default head to this one", 0.1)
    topologies = [store.load(name) for name in TOPOLOGIES if name in store.shipped()]
    try:
        placed = by_registration(asset, topologies)
        report.check()
        if model:
            report.progress("Looking for landmarks in pictures", 0.5)
            placed = _by_pictures(asset, placed, model, report)
        keep(asset, placed)
    except (ValueError, OSError) as problem:
        raise JobError(f"{asset.name} has no landmarks: {problem}") from problem
    return asset, placed


def _by_pictures(
    asset: HeadAsset, placed: tuple[AutoPlaced, ...], model: str, report: Report
) -> tuple[AutoPlaced, ...]:
    from inference.auto_placing import by_model
    from inference.sessions import ModelError

    try:
        return by_model(asset, placed, model, report.check)
    except ModelError as problem:
        raise JobError(str(problem)) from problem
