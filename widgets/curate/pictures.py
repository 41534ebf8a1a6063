"""The panel Pictures: the landmarks over several renders or photographs, moving as in 3-D."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.blender.heads import Opening, Runner
from app.curate.mean_head import mean_head
from app.curate.moving import Move
from app.curate.side_views import SIDES, SideView, places, side_views
from app.curate.surface import Indices
from app.head.asset import HeadAsset
from app.head.library import BUILTIN, shipped
from app.jobs import JobError, Report
from app.scene.scene import HeadFile
from app.topology.identity import ids_of
from app.topology.topology import Topology
from widgets.curate.listed_job import listed_job
from widgets.curate.picture_tile import PictureTile
from widgets.curate.session import CurateSession
from widgets.curate.words import counted
from widgets.fields.form import Choice

if TYPE_CHECKING:
    from widgets.main_window import MainWindow

NARROW: Final = 210
"""Pixels of the window that a picture has at least, where there is room."""
_ASK: Final = "The same points over several pictures of one head.\n\nA drag moves the point on it."
_WAIT: Final = "Making the pictures …"
_LOOK: Final = "Looking for the faces …"
_PHOTOGRAPHS: Final = "Pictures (*.jpg *.jpeg *.png *.bmp *.webp *.tif *.tiff);;All files (*)"


class PicturesPanel(QWidget):
    """Shows the session's document in renders of one head, made when they are first wanted."""

    def __init__(self, session: CurateSession, window: MainWindow | None = None) -> None:
        super().__init__()
        self.session, self._window = session, window
        self.tiles: list[PictureTile] = []
        self._turn = 0
        self._topology: Topology | None = None
        self._rows: dict[str, int] = {}
        self.setMinimumWidth(260)
        self._build()
        session.document_changed.connect(lambda *_: self._show_points())
        session.opened.connect(self._show_points)
        session.shown_changed.connect(self._show_points)
        session.view_changed.connect(self._show_points)
        session.selection_changed.connect(self._show_marked)
        session.hover_changed.connect(self._show_marked)

    def _build(self) -> None:
        self.heads = Choice("Head")
        self.heads.addItems([name.capitalize() for name in shipped()])
        self.heads.addItem("The Studio's head")
        self.heads.activated.connect(lambda _: self.make() if self.tiles else None)
        self.make_button = QPushButton("Make pictures")
        self.make_button.setToolTip("Render the head from six sides and with expressions")
        self.make_button.clicked.connect(lambda: self.make())
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self.heads, 1)
        top.addWidget(self.make_button)
        self.photographs_button = QPushButton("Photographs…")
        self.photographs_button.setToolTip(
            "Show photographs of faces instead; a model finds where the points lie in them"
        )
        self.photographs_button.clicked.connect(lambda: self.ask_photographs())
        top.addWidget(self.photographs_button)
        self.words = QLabel(_ASK, alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self.words.setProperty("role", "muted")
        self.words.setContentsMargins(24, 24, 24, 24)
        self._sheet = QWidget()
        self._grid = QGridLayout(self._sheet)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(4)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._sheet)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.words)
        self.stack.addWidget(area)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self.stack, 1)

    # Making them

    def make(self) -> None:
        """Render the chosen head, as a job."""
        self._turn += 1
        window = self._window
        asset = window.studio.loader.asset if window is not None else None
        own = self.heads.currentIndex() == self.heads.count() - 1
        if own and asset is None:
            self.session.said.emit("warning", "No head is open in the Studio.")
            return
        name = shipped()[self.heads.currentIndex()] if not own else ""
        runner = window.blender.client if window is not None else None
        self.words.setText(_WAIT)
        self.stack.setCurrentIndex(0)
        self._enable(False)
        title = f"Pictures of {asset.name if own and asset else name}"
        task = partial(_render, asset if own else None, name, runner)
        listed_job(self, self.session.jobs, title, task, partial(self._made, self._turn))

    def ask_photographs(self) -> None:
        """Ask for pictures of faces and show them."""
        names, _ = QFileDialog.getOpenFileNames(self, "Photographs of faces", "", _PHOTOGRAPHS)
        if names:
            self.open_photographs([Path(name) for name in names])

    def open_photographs(self, paths: Sequence[Path]) -> None:
        """Find the faces of photographs, six at most, as a job."""
        self._turn += 1
        self.words.setText(_LOOK)
        self.stack.setCurrentIndex(0)
        self._enable(False)
        title = f"Faces of {counted(len(paths), 'photograph')}"
        task = partial(_photographed, tuple(paths[: len(SIDES)]))
        listed_job(self, self.session.jobs, title, task, partial(self._found, self._turn))

    def _found(self, turn: int, found: tuple[list[SideView], list[str]] | None) -> None:
        views, missed = found if found is not None else (None, [])
        for line in missed:
            self.session.said.emit("warning", line)
        self._made(turn, views)

    def _enable(self, on: bool) -> None:
        self.make_button.setEnabled(on)
        self.photographs_button.setEnabled(on)

    def _made(self, turn: int, views: list[SideView] | None) -> None:
        if turn != self._turn:
            return
        self._enable(True)
        if views is None:
            self.words.setText("The pictures could not be made; the list of jobs says why.")
            return
        self.show_views(views)

    def show_views(self, views: list[SideView]) -> None:
        """Show pictures, six at most."""
        for tile in self.tiles:
            tile.hide()
            tile.deleteLater()
        self.tiles = [PictureTile(view) for view in views[: len(SIDES)]]
        for tile in self.tiles:
            tile.chosen.connect(self._choose)
            tile.hovered.connect(self._hover)
            tile.dragged.connect(partial(self._drag, tile))
        self._arrange()
        self.stack.setCurrentIndex(1)
        self._show_points()

    def _arrange(self) -> None:
        columns = min(max(1, self.width() // NARROW), len(self.tiles) or 1)
        for k, tile in enumerate(self.tiles):
            self._grid.addWidget(tile, k // columns, k % columns)
        for k in range(self._grid.columnCount()):
            self._grid.setColumnStretch(k, int(k < columns))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    # What is shown

    @property
    def _shown(self) -> Topology | None:
        """The side of a comparison, or the document."""
        shown = self.session.shown
        if shown is not None:
            return shown.before if shown.side == "before" else shown.after
        return self.session.topology

    def _show_points(self) -> None:
        topology = self._shown
        if not self.tiles:
            return
        editing = self.session.editing
        movable = self.session.shown is None and editing is not None and editing.writable
        self._topology = topology
        marks = topology.landmarks if topology is not None else ()
        ids = ids_of(topology) if topology is not None else ()
        self._rows = {key: row for row, key in enumerate(ids)}
        own = places(marks, mean_head(), self.tiles[0].seen.head)
        self._hide(own.triangles, ids)
        edges = np.array(topology.edges if topology is not None else (), dtype=np.int64)
        names = tuple(f"{row}  {mark.name}" for row, mark in enumerate(marks))
        for tile in self.tiles:
            tile.movable = movable
            tile.show_points(own, edges.reshape(-1, 2), names, self._marked())
        self._show_marked()

    def _hide(self, triangles: Indices, ids: tuple[str, ...]) -> None:
        """Landmarks that are hidden in 3-D are not drawn here either."""
        document = self.session.document
        if document is not None and self.session.shown is None:
            hidden = [row for row, key in enumerate(ids) if not document.view.shows(key)]
            triangles[hidden] = -1

    def _marked(self) -> frozenset[int]:
        rows = (self._rows.get(key) for key in self.session.selection)
        return frozenset(row for row in rows if row is not None)

    def _show_marked(self) -> None:
        hot = self._rows.get(self.session.hovered or "", -1)
        for tile in self.tiles:
            tile.show_marked(self._marked(), hot)

    # The pointer

    def _id(self, row: int) -> str | None:
        ids = ids_of(self._topology) if self._topology is not None else ()
        return ids[row] if 0 <= row < len(ids) else None

    def _choose(self, row: int, more: bool) -> None:
        key = self._id(row)
        if key is None:
            if not more:
                self.session.select(())
        elif more:
            self.session.select(self.session.selection ^ {key}, key)
        else:
            self.session.select((key,), key)

    def _hover(self, row: int) -> None:
        self.session.hover(self._id(row))

    def _drag(
        self, tile: PictureTile, row: int, pixel: tuple[float, float], gesture: object
    ) -> None:
        """Move the landmark to where the pointer meets the skin; beside it, it stays."""
        key, topology = self._id(row), self._topology
        spot = tile.seen.spot(pixel)
        if key is not None and topology is not None and spot is not None:
            self.session.do(Move((key,), spot, topology.landmarks[row].name), gesture)


def _render(
    asset: HeadAsset | None, name: str, runner: Runner | None, report: Report
) -> list[SideView]:
    """Open the head, then make its pictures."""
    from app.raster.window import NoOpenGLError

    if asset is None:
        if runner is None:
            raise JobError("There is nothing to read the head with.")
        asset = Opening(HeadFile(f"{BUILTIN}{name}"), recall=True)(runner, report).asset
    made: list[SideView] = []
    try:
        for view in side_views(asset, mean_head()):
            report.check()
            made.append(view)
            report.progress(view.name, len(made) / len(SIDES))
    except (ValueError, NoOpenGLError) as problem:
        raise JobError(str(problem)) from None
    return made


def _photographed(paths: tuple[Path, ...], report: Report) -> tuple[list[SideView], list[str]]:
    """The faces of photographs, and a line for each that has none."""
    from inference.photographs import photograph_views
    from inference.sessions import ModelError

    missed: list[str] = []
    made: list[SideView] = []
    try:
        for view in photograph_views(paths, missed.append):
            report.check()
            made.append(view)
            report.progress(view.name, len(made) / len(paths))
    except ModelError as problem:
        raise JobError(str(problem)) from None
    if not made:
        raise JobError(missed[0] if missed else "There are no photographs.")
    return made, missed
