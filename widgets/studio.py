"""The Studio: the viewport in the middle, panels beside it, the preview below them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QActionGroup, QImage
from PySide6.QtWidgets import (
    QMenu,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.blender.render import prepare_request
from app.head.asset import HeadAsset
from app.head.correction import Correction
from app.scene.from_view import camera_at
from widgets.dock import Dock, panel_dock
from widgets.fields.form import Panel
from widgets.gallery import Gallery, GalleryDialog, shipped_heads
from widgets.head_dialog import HeadDialog
from widgets.head_loader import HeadLoader
from widgets.landmark_keeper import LandmarkKeeper
from widgets.loading import LoadingCard
from widgets.menus import put
from widgets.panels.camera import CameraPanel
from widgets.panels.landmarks import LandmarksPanel
from widgets.panels.lights import LightsPanel
from widgets.panels.pose import PosePanel
from widgets.panels.preview import PreviewPanel
from widgets.studio_tables import HEAD_MENU, MODES, OVERLAYS, RENDER_MENU, VIEWS
from widgets.view_bar import ModeSwitch, ViewBar
from widgets.viewport.mark_layer import EXTRAS, SETS
from widgets.viewport.viewport import Mode, Viewport
from widgets.workspace import WorkspaceView

if TYPE_CHECKING:
    from widgets.main_window import MainWindow

RIGHT: Final = Qt.DockWidgetArea.RightDockWidgetArea
_PREPARE_AFTER_MS: Final = 800
WIDE: Final = 1900
"""From this width on the preview has a column of its own."""
TALL: Final = 960
"""From this height on the preview lies below the other panels; else it is one tab of them."""


class Studio(WorkspaceView):
    """One head, posed and lit, seen live and rendered."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setDockNestingEnabled(True)
        self.setTabPosition(RIGHT, QTabWidget.TabPosition.North)
        self._window = window
        self.document = window.document
        self.commands = window.commands
        self.viewport = Viewport(self.document, self)
        self.viewport.frame_shown.connect(self._frame_shown)
        self.viewport.failed.connect(window.notifications.error)
        self.gallery = self._make_gallery()
        self.stage = QStackedWidget()
        self.stage.addWidget(self.viewport)
        self.stage.addWidget(self.gallery)
        self.loading = LoadingCard(self.stage)
        self.dialog: HeadDialog | None = None
        self.loader = HeadLoader(self.document, window.blender, window.jobs, self)
        self.keeper = LandmarkKeeper(self.viewport.marks, self.document, window.jobs, self)
        self.keeper.failed.connect(window.notifications.error)
        self._connect_loader()
        self._add_commands()
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.view_bar = self._make_bar()
        column.addWidget(self.view_bar)
        column.addWidget(self.stage, 1)
        self.setCentralWidget(middle)
        self.pose = PosePanel(self.document)
        self.camera = CameraPanel(self.document)
        self.lights = LightsPanel(self.document)
        self.preview = PreviewPanel(self.document, window.blender)
        self.landmarks = LandmarksPanel(
            self.viewport.marks, self.keeper, self.commands["view.landmark_points"]
        )
        self.panels: dict[str, Panel] = {
            "Pose": self.pose,
            "Camera": self.camera,
            "Lights": self.lights,
            "Preview": self.preview,
            "Landmarks": self.landmarks,
        }
        self.docks: dict[str, Dock] = {}
        self.docks |= {
            name: panel_dock(name, panel, self, self._fit_titles)
            for name, panel in self.panels.items()
        }
        self._connect_panels()
        self._add_panel_commands()
        self._closed = False
        self.loader.follow()

    # What the window asks of a workspace

    def fill_menus(self, menus: dict[str, QMenu]) -> None:
        view = menus["View"]
        view.addMenu(self._views)
        view.addMenu(self._overlays)
        put(view, self.commands, ("", *(f"view.{mode}" for mode in MODES), ""))
        view.addMenu(self._go_to)
        put(view, self.commands, (f"view.panel_{name.lower()}" for name in self.docks))
        put(menus["Head"], self.commands, HEAD_MENU)
        put(menus["Render"], self.commands, RENDER_MENU)

    def reset_layout(self) -> None:
        """Panels in tabs at the right; the preview where there is room: beside, below, a tab."""
        wide, tall = self.width() >= WIDE, self.height() >= TALL
        for dock in self.docks.values():
            dock.setFloating(False)
            self.removeDockWidget(dock)
        preview = self.docks["Preview"]
        tabs = [dock for dock in self.docks.values() if dock is not preview]
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        if wide:
            self.addDockWidget(RIGHT, preview)
            self.splitDockWidget(preview, tabs[0], across)
        else:
            self.addDockWidget(RIGHT, tabs[0])
        if tall and not wide:
            self.splitDockWidget(tabs[0], preview, down)
        elif not wide:
            tabs.append(preview)
        for dock in tabs[1:]:
            self.tabifyDockWidget(tabs[0], dock)
        for dock in self.docks.values():
            dock.show()
        tabs[0].raise_()
        if wide:
            self.resizeDocks([preview, tabs[0]], [self.width() // 4, 400], across)
        else:
            self.resizeDocks([tabs[0]], [352], across)
        if tall and not wide:
            self.resizeDocks([tabs[0], preview], [45, 55], down)

    def shut_down(self) -> None:
        self._closed = True
        for dock in self.docks.values():
            dock.visibilityChanged.disconnect(self._fit_titles)
        self.loader.close()
        self.keeper.close()
        self.viewport.close_renderer()
        if self.dialog is not None:
            self.dialog.close()

    def window_state(self) -> dict[str, Any]:
        """What a session remembers of this workspace."""
        return {"mode": self.viewport.mode}

    def take_window_state(self, state: dict[str, Any]) -> None:
        mode = state.get("mode")
        if isinstance(mode, str) and mode in MODES:
            self.viewport.set_mode(mode)

    @property
    def hint(self) -> str:
        """What the pointer does now, for the status bar."""
        return MODES[self.viewport.mode][3]

    # Heads

    def open_head(self, path: str, correction: Correction | None = None) -> None:
        """Read a head and put it on stage as an undoable step."""
        self.loader.open(path, correction)

    def show_gallery(self) -> None:
        GalleryDialog(self._make_gallery(), self).exec()

    def show_bones(self) -> None:
        """Open the dialog that sets bones and facing right."""
        if self.dialog is None:
            self.dialog = HeadDialog(self)
            self.dialog.applied.connect(self._correct)
        self.dialog.set_asset(self.loader.asset, self.document.scene.head.correction)
        self.dialog.show()
        self.dialog.raise_()

    def _correct(self, correction: Correction) -> None:
        self.loader.open(self.document.scene.head.path, correction)

    def _make_gallery(self) -> Gallery:
        gallery = Gallery(shipped_heads(), lambda: self._window.recent.paths)
        gallery.head_chosen.connect(self.open_head)
        gallery.open_asked.connect(self._window.ask_open_head)
        gallery.recent_chosen.connect(self._window.open_path)
        return gallery

    def _connect_loader(self) -> None:
        loader = self.loader
        loader.started.connect(self.loading.begin)
        loader.progressed.connect(self.loading.progress)
        loader.ended.connect(self.loading.end)
        loader.loaded.connect(self._show_asset)
        loader.failed.connect(self._show_failure)
        loader.changed_since.connect(self._say_changed)
        loader.noted.connect(self._say_noted)
        self.loading.cancelled.connect(loader.cancel)

    def _frame_shown(self) -> None:
        if self.viewport.shown_asset is not None:
            self.viewport.frame_shown.disconnect(self._frame_shown)
            self.first_picture.emit()

    def _show_asset(self, asset: HeadAsset | None) -> None:
        self.viewport.set_asset(asset)
        self.keeper.set_asset(asset)
        for panel in self.panels.values():
            if hasattr(panel, "set_asset"):
                panel.set_asset(asset)
        self.gallery.refresh()
        self.gallery.say("")
        self.stage.setCurrentWidget(self.gallery if asset is None else self.viewport)
        if asset is None:
            self.first_picture.emit()
        if self.dialog is not None and self.dialog.isVisible():
            self.dialog.set_asset(asset, self.document.scene.head.correction)
        for name in ("head.bones", "head.read_again", "render.start", "render.blend"):
            self.commands[name].setEnabled(asset is not None)
        self._window.show_head(asset)
        if asset is not None:
            QTimer.singleShot(_PREPARE_AFTER_MS, self, partial(self._prepare, asset))

    def _prepare(self, asset: HeadAsset) -> None:
        """Have Blender open the head before the first render asks for it."""
        if asset is self.loader.asset and not self._closed:
            self._window.blender.submit("prepare", prepare_request(asset))

    def _say_changed(self, name: str) -> None:
        self._window.notifications.warning(f"{name} has changed since the session was saved.")

    def _say_noted(self, name: str, notes: tuple[str, ...]) -> None:
        many = f"{len(notes)} notes on how it was read are in Head > Bones and facing."
        said = many if len(notes) > 1 else notes[0]
        self._window.notifications.info(f"{name}: {said}", "\n".join(notes))

    def _show_failure(self, message: str, detail: str) -> None:
        self._window.notifications.error(message, detail)
        self.gallery.say(message)
        if self.dialog is not None and self.dialog.isVisible():
            self.dialog.say_failed(message)

    # Commands and layout

    def _add_commands(self) -> None:
        add, switch = self.commands.add, self.commands.add_switch
        modes = QActionGroup(self)
        for mode, (text, symbol, key, hint) in MODES.items():
            action = switch(
                f"view.{mode}",
                f"{text}",
                partial(self._set_mode, mode),
                key,
                on=mode == self.viewport.mode,
                symbol=symbol,
                hint=hint,
            )
            action.setIconText(f" {text}")
            modes.addAction(action)
        self._modes = modes
        self.viewport.mode_changed.connect(self._mode_changed)
        self._views = QMenu("&Viewpoint", self)
        for view, (text, keys) in VIEWS.items():
            call: Callable[[], object] = partial(self.viewport.set_view, view)
            self._views.addAction(add(f"view.{view}", f"{text} view", call, keys))
        self._views.addSeparator()
        look = switch(
            "view.camera",
            "Look through the &camera",
            self._look,
            ["Num+0", "Alt+0"],
            symbol="camera",
            hint="See exactly what Blender will render",
        )
        self.viewport.camera_view_changed.connect(look.setChecked)
        self._views.addAction(look)
        lock = switch(
            "view.lock_camera",
            "&Lock the camera to the view",
            self._lock_camera,
            "Ctrl+L",
            hint="Orbiting moves the camera while one looks through it",
        )
        self._views.addAction(lock)
        self._views.addAction(
            add("view.camera_here", "Camera to &view", self._camera_from_view, "Ctrl+Alt+Num+0")
        )
        self._views.addAction(
            add("view.frame", "&Frame the head", self.viewport.frame_head, ["Home", "Num+."])
        )
        self._views.addAction(
            add(
                "view.projection",
                "Perspective or &parallel",
                self.viewport.toggle_projection,
                ["Num+5", "Alt+5"],
            )
        )
        self._overlays = QMenu("&Overlays", self)
        for name, text in OVERLAYS.items():
            self._overlays.addAction(
                switch(
                    f"view.overlay_{name}",
                    text,
                    partial(self.viewport.set_overlay, name),
                    on=self.viewport.overlay(name),
                )
            )

        self._overlays.addSeparator()
        self._overlays.addMenu(self._landmark_menu())

    def _landmark_menu(self) -> QMenu:
        """Whether landmarks are shown, and which."""
        layer, switch = self.viewport.marks, self.commands.add_switch
        menu = QMenu("&Landmarks", self)
        show = switch(
            "view.landmark_points",
            "&Show landmarks",
            layer.set_on,
            "Shift+L",
            symbol="landmarks",
            hint="Show the landmarks on the posed head",
        )
        menu.addAction(show)
        menu.addSeparator()
        for name, text in (SETS | EXTRAS).items():
            action = switch(
                f"view.landmarks_{name.replace('-', '_')}",
                f"Landmarks: {text}",
                partial(layer.show, name),
                on=layer.shows(name),
            )
            layer.shown_changed.connect(
                lambda action=action, name=name: action.setChecked(layer.shows(name))
            )
            menu.addAction(action)
        return menu

    def _connect_panels(self) -> None:
        for panel in self.panels.values():
            if hasattr(panel, "message"):
                panel.message.connect(self._say)
        self.camera.look_through.connect(self._look)
        self.camera.set_from_view.connect(self._camera_from_view)
        self.viewport.camera_view_changed.connect(self.camera.set_looking_through)
        self.preview.comparison_changed.connect(self._compare)
        self.viewport.split_changed.connect(self.preview.picture.set_split)
        self.preview.busy_changed.connect(self._show_busy)
        self.viewport.frame_shown.connect(self.landmarks.show_point)
        self.lights.light_selected.connect(self.viewport.select_light)
        self.viewport.light_selected.connect(self.lights.select_light)

    def _say(self, level: Any, text: str) -> None:
        self._window.notifications.post(level, text)

    def _camera_from_view(self) -> None:
        """Put the scene's camera where the viewer stands."""
        scene = self.document.scene
        camera = camera_at(scene.camera, self.viewport.view().matrix)
        self.document.change("Camera to view", replace(scene, camera=camera))

    def _lock_camera(self, on: bool) -> None:
        self.viewport.camera_lock = on
        self.viewport.update()

    def _compare(self, image: QImage | None, split: float) -> None:
        if image is not None:
            self.viewport.look_through_camera(True)
        self.viewport.set_comparison(image, split)

    def _add_panel_commands(self) -> None:
        add, pose = self.commands.add, self.pose
        add("head.gallery", "Head &gallery…", self.show_gallery, "Ctrl+H", symbol="head")
        add("head.bones", "&Bones and facing…", self.show_bones, "Ctrl+B", symbol="bone")
        add("head.read_again", "&Read again", self._read_again, "F5", symbol="reset")
        add("head.reset_pose", "R&eset pose", pose.reset_pose, "Alt+R")
        add("head.mirror_pose", "&Mirror pose", pose.mirror_pose, "Ctrl+M")
        add("head.copy_pose", "&Copy pose", pose.copy_pose, "Ctrl+Shift+C")
        add("head.paste_pose", "&Paste pose", pose.paste_pose, "Ctrl+Shift+V")
        add("head.random_pose", "R&andom pose", pose.random_pose, "Ctrl+R")
        add("render.start", "&Render", self.preview.render, "F12", symbol="render")
        add("render.cancel", "&Cancel render", self.preview.cancel, "Shift+F12", symbol="stop")
        add("render.save", "&Save picture…", self.preview.save_picture, "Alt+S", symbol="save")
        add("render.blend", "Open in &Blender…", self.preview.open_in_blender)
        self._show_busy(False)
        for name, dock in self.docks.items():
            action = self.commands.adopt(f"view.panel_{name.lower()}", dock.toggleViewAction())
            action.setText(f"{name} panel")
        self._go_to = QMenu("&Go to", self)
        for number, name in enumerate(self.docks, 1):
            call = partial(self.go_to, name)
            self._go_to.addAction(
                add(f"view.go_{name.lower()}", f"Go to {name}", call, f"Ctrl+{number}")
            )

    def go_to(self, name: str) -> None:
        """Bring a panel to the front and the keyboard to its first field."""
        self._bring(name)
        self.panels[name].focus_first()

    def _bring(self, name: str) -> None:
        self.docks[name].show()
        self.docks[name].raise_()

    def _show_busy(self, busy: bool) -> None:
        if busy:
            self._bring("Preview")
        self.commands["render.cancel"].setEnabled(busy)

    def _read_again(self) -> None:
        self.loader.read_again()

    def _look(self, on: bool) -> None:
        self.viewport.look_through_camera(on)

    def _set_mode(self, mode: Mode, on: bool) -> None:
        if on:
            self.viewport.set_mode(mode)

    def _mode_changed(self, mode: str) -> None:
        self.commands[f"view.{mode}"].setChecked(True)
        self._window.show_hint(self.hint)

    def _make_bar(self) -> ViewBar:
        bar = ViewBar()
        bar.add(ModeSwitch(self._modes, "Mode"))
        bar.add_gap()
        bar.add_menu("View", "view", self._views)
        bar.add_menu("Overlays", "overlays", self._overlays)
        bar.add_action(self.commands["view.landmark_points"])
        bar.add_action(self.commands["view.camera"])
        return bar

    def _fit_titles(self, _: object = None) -> None:
        for dock in self.docks.values():
            dock.fit_title()
