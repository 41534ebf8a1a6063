"""The newest pictures of a run, as a grid of thumbnails."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    QThreadPool,
    QUrl,
    Signal,
)
from PySide6.QtGui import QAction, QDesktopServices, QImage, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from widgets.generate.pictures import Look, frame_picture, sibling
from widgets.panels.background import in_background
from widgets.theme import color

KEPT: Final = 120
TILE: Final = QSize(160, 120)
_GAP: Final = 4
_Index = QModelIndex | QPersistentModelIndex


class FramesModel(QAbstractListModel):
    """Paths of pictures, newest first, with thumbnails that are read away from the window."""

    def __init__(self, ratio: float, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._paths: deque[Path] = deque()
        self._images: dict[tuple[Path, Look], QPixmap | None] = {}
        self._asked: set[tuple[Path, Look]] = set()
        self._ratio = ratio
        self.look: Look = "color"
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(2)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._paths)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        path = self._paths[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return path
        if role == Qt.ItemDataRole.ToolTipRole:
            return "/".join(path.parts[-6:])
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return "/".join(path.parts[-6:])
        if role == Qt.ItemDataRole.DecorationRole:
            return self._picture(path)
        return None

    def add(self, path: Path) -> None:
        if path in self._paths:
            return
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._paths.appendleft(path)
        self.endInsertRows()
        if len(self._paths) > KEPT:
            last = len(self._paths) - 1
            self.beginRemoveRows(QModelIndex(), last, last)
            gone = self._paths.pop()
            self.endRemoveRows()
            for key in [key for key in self._images if key[0] == gone]:
                del self._images[key]

    def clear(self) -> None:
        self.beginResetModel()
        self._paths.clear()
        self._images.clear()
        self._asked.clear()
        self.endResetModel()

    def set_look(self, look: Look) -> None:
        self.look = look
        if self._paths:
            self.dataChanged.emit(self.index(0), self.index(len(self._paths) - 1))

    def wait(self) -> None:
        self._pool.waitForDone(5000)

    def _picture(self, path: Path) -> QPixmap | None:
        key = path, self.look
        if key not in self._images and key not in self._asked:
            self._asked.add(key)
            size = TILE * (1.5 * self._ratio)
            look = self.look
            in_background(
                self,
                lambda: frame_picture(path, look, size),
                lambda image: self._take(path, look, image),
                self._pool,
            )
        return self._images.get(key)

    def _take(self, path: Path, look: Look, image: QImage | None) -> None:
        self._asked.discard((path, look))
        if path not in self._paths:
            return
        pixmap = None
        if image is not None:
            pixmap = QPixmap.fromImage(image)
            pixmap.setDevicePixelRatio(self._ratio)
        self._images[path, look] = pixmap
        at = self.index(self._paths.index(path))
        self.dataChanged.emit(at, at)


class FrameGrid(QListView):
    """Shows a `FramesModel`; a double click opens a picture in the Studio.

    Signals
    -------
    open_asked : Path
        The annotation of the picture that is to be opened.
    """

    open_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("frameGrid")
        self.setAccessibleName("Newest pictures")
        self.frames = FramesModel(self.devicePixelRatioF(), self)
        self.setModel(self.frames)
        self._tile = _Tile(self)
        self.setItemDelegate(self._tile)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSpacing(_GAP)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.activated.connect(lambda index: self.open_asked.emit(self._annotation(index)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many tiles in a row as there is room for, and no gap beside the last."""
        room = self.viewport().width() - _GAP - 1
        columns = max(2, room // (TILE.width() + _GAP))
        width = room // columns - _GAP
        self._tile.size = QSize(width, round(width * TILE.height() / TILE.width()))
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def _annotation(self, index: _Index) -> Path:
        return sibling(self.path(index), "annotation")

    def path(self, index: _Index) -> Path:
        path = index.data(Qt.ItemDataRole.UserRole)
        assert isinstance(path, Path)
        return path

    def menu_for(self, index: _Index) -> QMenu:
        path = self.path(index)
        menu = QMenu(self)
        studio = QAction("Open in &Studio", menu)
        studio.triggered.connect(lambda: self.open_asked.emit(self._annotation(index)))
        picture = QAction("Open the &picture", menu)
        picture.triggered.connect(lambda: _show(path))
        folder = QAction("Open its &folder", menu)
        folder.triggered.connect(lambda: _show(path.parent))
        menu.addActions([studio, picture, folder])
        menu.setDefaultAction(studio)
        return menu

    def _show_menu(self, at: QPoint) -> None:
        index = self.indexAt(at)
        if index.isValid():
            self.menu_for(index).exec(self.viewport().mapToGlobal(at))


class _Tile(QStyledItemDelegate):
    """A thumbnail on a dark tile; a thin frame where it is chosen or hovered."""

    size = TILE

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return self.size

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        box = QRect(option.rect)
        painter.save()
        painter.fillRect(box, color("black"))
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(picture, QPixmap) and not picture.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            size = picture.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRect(QPoint(0, 0), size)
            place.moveCenter(box.center())
            painter.drawPixmap(place, picture)
        state = option.state
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            pen = painter.pen()
            pen.setColor(color("accent" if chosen else "edge_hover"))
            pen.setWidth(2)
            painter.setPen(pen)
            painter.drawRect(box.adjusted(1, 1, -1, -1))
        painter.restore()


def _show(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
