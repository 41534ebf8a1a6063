"""The bar over the live picture: which source, how a camera is asked, and what can be done now."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from app.paths import ASSETS
from inference.live.cameras import Camera, cameras
from inference.live.device import CameraSettings
from widgets.fields.form import Choice, Toggle
from widgets.live.desk import LiveDesk
from widgets.panels.background import in_background
from widgets.theme import icon
from widgets.view_bar import ViewBar

SAMPLE: Final = ASSETS / "clips" / "sample.mp4"
SIZES: Final = ((320, 240), (640, 480), (800, 600), (1280, 720), (1920, 1080), (3840, 2160))
RATES: Final = (15.0, 24.0, 25.0, 30.0, 60.0)
OWN: Final = "Camera's choice"


class SourceBar(ViewBar):
    """Signals
    -------
    camera_chosen : Camera
    camera_settings_changed : CameraSettings
    file_asked, folder_asked, viewport_asked, render_asked, stop_asked
    path_chosen : Path
    """

    camera_chosen = Signal(object)
    camera_settings_changed = Signal(object)
    file_asked = Signal()
    folder_asked = Signal()
    viewport_asked = Signal()
    render_asked = Signal()
    stop_asked = Signal()
    path_chosen = Signal(object)

    def __init__(self, desk: LiveDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._cameras: tuple[Camera, ...] | None = None
        self._looking = False
        self._pool = QThreadPool(self)
        self.settings = CameraSettings()
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._about_to_show)
        self.button = self.add_menu("Choose a source", "camera", self.menu)
        self.button.setObjectName("sourceButton")
        self._fill_camera_parts()
        self.add_gap()
        desk.source_changed.connect(self.refresh)
        self.refresh()

    def add_actions(self, *actions: QAction) -> None:
        """Buttons at the right end."""
        for action in actions:
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setIconSize(QSize(18, 18))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(action.text().replace("&", ""))
            self.add(button)

    def close_pool(self) -> None:
        """Wait until no camera is listed any more."""
        self._pool.waitForDone()

    # The menu of sources

    def _about_to_show(self) -> None:
        self._fill_menu()
        self.look()

    def look(self) -> None:
        """List the cameras, away from the window's thread."""
        if not self._looking:
            self._looking = True
            in_background(self, cameras, self._found, self._pool)

    def _found(self, found: tuple[Camera, ...] | None) -> None:
        self._looking = False
        if found is not None and found != self._cameras:
            self._cameras = found
            if self.menu.isVisible():
                self._fill_menu()

    def _fill_menu(self) -> None:
        menu = self.menu
        menu.clear()
        menu.addSection("Cameras")
        for camera in self._cameras or ():
            action = menu.addAction(icon("camera"), camera.name.replace("&", "&&"))
            action.setToolTip(f"Camera {camera.index}")
            action.triggered.connect(lambda _=False, c=camera: self.camera_chosen.emit(c))
        if not self._cameras:
            none = menu.addAction("Looking …" if self._cameras is None else "None is plugged in")
            none.setEnabled(False)
        menu.addSeparator()
        self._offer("video", "Open video…", self.file_asked.emit)
        self._offer("open", "Open folder of pictures…", self.folder_asked.emit)
        if SAMPLE.is_file():
            self._offer("play", "Sample clip", lambda: self.path_chosen.emit(SAMPLE))
        menu.addSeparator()
        self._offer("studio", "Studio's viewport", self.viewport_asked.emit)
        self._offer("render", "Studio's render", self.render_asked.emit)
        menu.addSeparator()
        stop = self._offer("stop", "Stop the source", self.stop_asked.emit)
        stop.setEnabled(self._desk.session is not None)

    def _offer(self, symbol: str, text: str, call: object) -> QAction:
        action = self.menu.addAction(icon(symbol), text)
        action.triggered.connect(call)
        return action

    # Cameras

    def _fill_camera_parts(self) -> None:
        self.size_choice = Choice("Size of the camera's pictures")
        self.size_choice.setToolTip("What is asked for; a camera gives the nearest that it can.")
        self.size_choice.setFixedWidth(126)
        for size in (None, *SIZES):
            text = OWN if size is None else f"{size[0]} × {size[1]}"
            self.size_choice.addItem(text, size)
        self.rate_choice = Choice("Frames a second")
        self.rate_choice.setToolTip("Frames a second that are asked for.")
        self.rate_choice.setFixedWidth(126)
        for rate in (None, *RATES):
            self.rate_choice.addItem(OWN if rate is None else f"{rate:g} a second", rate)
        self.mirror = Toggle("Mirror", "Left and right exchanged, as in a mirror.")
        for choice in (self.size_choice, self.rate_choice):
            choice.activated.connect(lambda _: self._camera_edited())
        self.mirror.edited.connect(lambda _: self._camera_edited())
        self._camera_parts = (self.size_choice, self.rate_choice, self.mirror)
        for widget in self._camera_parts:
            self.add(widget)

    def set_camera_settings(self, settings: CameraSettings) -> None:
        """Show what is asked of cameras."""
        self.settings = settings
        sizes, rates = (None, *SIZES), (None, *RATES)
        size, rate = settings.size, settings.rate
        self.size_choice.setCurrentIndex(sizes.index(size) if size in sizes else 0)
        self.rate_choice.setCurrentIndex(rates.index(rate) if rate in rates else 0)
        self.mirror.setChecked(settings.mirror)

    def _camera_edited(self) -> None:
        size = self.size_choice.currentData()
        self.settings = CameraSettings(
            None if size is None else (int(size[0]), int(size[1])),
            self.rate_choice.currentData(),
            self.mirror.isChecked(),
        )
        self.camera_settings_changed.emit(self.settings)

    # What is shown

    def refresh(self) -> None:
        """The name of the source, and what can be asked of it."""
        from inference.live.camera import CameraSource

        source = self._desk.source
        name = source.name if source is not None else "Choose a source"
        shown = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, 260)
        self.button.setText(f" {shown}")
        path = getattr(source, "path", None)
        self.button.setToolTip(str(path) if isinstance(path, Path) else "What is looked at")
        is_camera = isinstance(source, CameraSource)
        symbol = "camera" if is_camera or source is None else "video"
        self.button.setIcon(icon("studio" if self._desk.fed else symbol, "muted"))
        for widget in self._camera_parts:
            widget.setVisible(is_camera)
