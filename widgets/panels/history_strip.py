"""The strip of finished renders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QIcon, QImage, QKeyEvent, QPixmap
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem, QMenu, QWidget

from app.scene.render_history import Rendering
from widgets.fields.glyphs import icon

THUMBNAIL: Final = QSize(88, 66)
RENDERING_ROLE: Final = Qt.ItemDataRole.UserRole


class HistoryStrip(QListWidget):
    """Thumbnails, newest left; a click shows, the context menu restores, saves or deletes."""

    chosen = Signal(object)
    restored = Signal(object)
    removed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("HistoryStrip")
        self.setAccessibleName("Renders of this session")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setMovement(QListView.Movement.Static)
        self.setIconSize(THUMBNAIL)
        self.setSpacing(1)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        font = self.font()
        font.setPixelSize(max(9, self.fontInfo().pixelSize() - 2))
        self.setFont(font)
        self._cell = QSize(
            THUMBNAIL.width() + 10, THUMBNAIL.height() + QFontMetrics(font).height() + 14
        )
        self.setFixedHeight(self._cell.height() + 18)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.itemClicked.connect(lambda item: self.chosen.emit(item.data(RENDERING_ROLE)))
        self._thumbnails: dict[int, QImage] = {}

    def set_renderings(self, renderings: Sequence[Rendering], current: Rendering | None) -> None:
        self.clear()
        known = {id(rendering) for rendering in renderings}
        self._thumbnails = {k: v for k, v in self._thumbnails.items() if k in known}
        for rendering in renderings:
            item = QListWidgetItem(_caption(rendering))
            item.setData(RENDERING_ROLE, rendering)
            item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
            item.setToolTip(_details(rendering))
            item.setSizeHint(self._cell)
            item.setFont(self.font())
            self._set_icon(item, self._thumbnails.get(id(rendering)))
            self.addItem(item)
            if rendering is current:
                self.setCurrentItem(item)

    def set_thumbnail(self, rendering: Rendering, image: QImage) -> None:
        self._thumbnails[id(rendering)] = image
        for row in range(self.count()):
            item = self.item(row)
            if item.data(RENDERING_ROLE) is rendering:
                self._set_icon(item, image)

    def _set_icon(self, item: QListWidgetItem, image: QImage | None) -> None:
        pixmap = QPixmap(THUMBNAIL) if image is None else QPixmap.fromImage(image)
        if image is None:
            pixmap.fill(Qt.GlobalColor.transparent)
        shown = QIcon(pixmap)
        shown.addPixmap(pixmap, QIcon.Mode.Selected)
        item.setIcon(shown)

    @property
    def current(self) -> Rendering | None:
        item = self.currentItem()
        found = None if item is None else item.data(RENDERING_ROLE)
        return found if isinstance(found, Rendering) else None

    def _menu(self, place: QPoint) -> None:
        item = self.itemAt(place)
        if item is None:
            return
        rendering = item.data(RENDERING_ROLE)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        show = menu.addAction("Show")
        show.triggered.connect(lambda: self.chosen.emit(rendering))
        restore = menu.addAction(icon("reset"), "Restore this scene")
        restore.triggered.connect(lambda: self.restored.emit(rendering))
        menu.addSeparator()
        remove = menu.addAction(icon("trash"), "Delete")
        remove.triggered.connect(lambda: self.removed.emit(rendering))
        menu.popup(self.viewport().mapToGlobal(place))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        rendering = self.current
        if event.key() == Qt.Key.Key_Delete and rendering is not None:
            self.removed.emit(rendering)
            return
        super().keyPressEvent(event)
        if self.current is not None and self.current is not rendering:
            self.chosen.emit(self.current)


def seconds_text(seconds: float) -> str:
    """``4.2 s``, ``1:05 min``."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{int(seconds) // 60}:{int(seconds) % 60:02} min"


def _caption(rendering: Rendering) -> str:
    return f"{rendering.finished:%H:%M} · {seconds_text(rendering.seconds)}"


def _details(rendering: Rendering) -> str:
    scene = rendering.scene
    pose, camera = scene.pose, scene.camera
    engine = {"cycles": "Cycles", "eevee": "EEVEE"}[scene.render.engine]
    return "\n".join(
        (
            f"{rendering.head}, {rendering.finished:%H:%M:%S}",
            f"yaw {pose.yaw:.1f}°, pitch {pose.pitch:.1f}°, roll {pose.roll:.1f}°",
            f"{camera.width} × {camera.height}, {engine}, {scene.render.samples} samples, "
            + seconds_text(rendering.seconds),
            "Click shows it; the right button restores its scene or deletes it.",
        )
    )
