"""The viewport's widget: shows the newest picture of the render thread, with what lies over it."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import replace
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QElapsedTimer, QEvent, QEventLoop, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QHideEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from app.geometry.pinhole import Pinhole
from app.head.asset import HeadAsset
from app.head.skinning import head_matrix
from app.scene.placement import pinhole
from app.scene.scene import Scene
from app.session.document import Document
from widgets.viewport.floating import FloatingPoints
from widgets.viewport.gizmos import RING_RADIUS, Ball, Ring, rings
from widgets.viewport.landmarks import Poses
from widgets.viewport.mark_layer import MarkLayer
from widgets.viewport.navigation import (
    Frame,
    Orbit,
    View,
    between,
    camera_frame,
    camera_view,
    orbit_from,
)
from widgets.viewport.painting import paint
from widgets.viewport.picture import GRADIENT, PLAIN, SKY, Floor, Wanted
from widgets.viewport.pointer import Pointer
from widgets.viewport.start import make_renderer
from widgets.viewport.thread import RenderThread, Shown

Mode = Literal["navigate", "pose", "landmarks"]
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
OVERLAYS: Final = ("grid", "gizmos", "axes", "bones", "wireframe", "backdrop")

CAMERA_MARGIN: Final = 26.0
_FLIGHT_SECONDS: Final = 0.22
_SETTLE_MS: Final = 160


class Viewport(QWidget):
    """A live view of the document's scene.

    Nothing can be moved but by its handles, and those show in pose mode only; edits go through
    `Document.change`, one step for each drag.

    Signals
    -------
    mode_changed : str
    light_selected : int or None
    camera_view_changed : bool
    frame_shown : a newer picture was painted.
    split_changed : the divider of the comparison moved, 0 to 1.
    failed : one line; nothing can be drawn.
    """

    mode_changed = Signal(str)
    light_selected = Signal(object)
    camera_view_changed = Signal(bool)
    frame_shown = Signal()
    split_changed = Signal(float)
    failed = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(160, 120)
        self.setAccessibleName("Viewport")
        self.document = document
        self.mode: Mode = "navigate"
        self.selected_light: int | None = None
        self.camera_lock = False
        self.split = 0.5
        self._asset: HeadAsset | None = None
        self._orbit = Orbit()
        self._looking_through = False
        self._overlays = {name: name not in ("bones", "wireframe") for name in OVERLAYS}
        self._comparison: QImage | None = None
        self._floor_height = -0.25
        self._shown: Shown | None = None
        self._posted: Wanted | None = None
        self._note = ""
        self._failure = ""
        self._times: deque[float] = deque(maxlen=240)
        self._flight: tuple[Orbit, Orbit, QElapsedTimer] | None = None
        self._dolly: object | None = None
        self._takers: dict[str, float] = {}
        self._pointer = Pointer(self)
        self.marks = MarkLayer(self)
        self.floating = FloatingPoints(self)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._settled)
        self._flying = QTimer(self, interval=12)
        self._flying.timeout.connect(self._fly)
        document.scene_changed.connect(self._on_scene)
        self._thread = RenderThread(make_renderer)
        self._thread.ready.connect(self._on_ready)
        self._thread.note.connect(self._on_note)
        self._thread.failed.connect(self._on_failure)
        self.destroyed.connect(self._thread.stop)
        application = QApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.close_renderer)
        self._thread.start()

    # What is shown

    @property
    def asset(self) -> HeadAsset | None:
        return self._asset

    @property
    def shown_asset(self) -> HeadAsset | None:
        """The head of the picture that is on screen now."""
        return self._shown.wanted.asset if self._shown is not None else None

    def set_asset(self, asset: HeadAsset | None) -> None:
        """Bring a head on stage; None empties it."""
        if asset is self._asset:
            return
        first = self._asset is None
        self._asset = asset
        self.marks.set_poser(None)
        if asset is not None and asset.meshes:
            heights = [float(m.vertices[:, 2].min()) for m in asset.meshes if len(m.vertices)]
            self._floor_height = min(heights, default=-0.25)
            if first:
                self._orbit = self._framed(self._orbit)
        self.refresh()

    @property
    def scene(self) -> Scene:
        return self.document.scene

    @property
    def orbit(self) -> Orbit:
        return self._orbit

    def set_orbit(self, orbit: Orbit) -> None:
        self._flight = None
        if orbit != self._orbit:
            self._orbit = orbit
            self.refresh(moving=True)

    def set_mode(self, mode: Mode) -> None:
        if mode not in MODES:
            raise ValueError(f"mode {mode!r} is none of {', '.join(MODES)}")
        if mode != self.mode:
            self.mode = mode
            self._pointer.forget()
            self.update()
            self.mode_changed.emit(mode)

    def select_light(self, index: int | None) -> None:
        if index is not None and not 0 <= index < len(self.scene.lights):
            index = None
        if index != self.selected_light:
            self.selected_light = index
            self.update()
            self.light_selected.emit(index)

    @property
    def looking_through_camera(self) -> bool:
        return self._looking_through

    def look_through_camera(self, on: bool) -> None:
        """See what Blender will render, or return to the viewer's own place."""
        if on != self._looking_through:
            self._flight = None
            self._looking_through = on
            self.refresh()
            self.camera_view_changed.emit(on)

    def leave_camera(self) -> None:
        """Go on from where the camera stands, as the viewer; the head keeps its size."""
        if self._looking_through:
            view = self.view()
            distance = max(float(np.linalg.norm(view.position)), 0.05)
            there = orbit_from(view, distance)
            tangent = there.view(1.0, 1.0).tangent
            self._orbit = replace(there, distance=distance * view.tangent / tangent)
            self.look_through_camera(False)

    def dolly_camera(self, factor: float) -> None:
        """Multiply the scene camera's distance to the head; a row of notches is one step."""
        camera = self.scene.camera
        if self._dolly is None or not self._settle.isActive():
            self._dolly = object()
        distance = float(np.clip(camera.distance * factor, 0.05, 100.0))
        moved = replace(self.scene, camera=replace(camera, distance=distance))
        self.document.change("Move the camera", moved, self._dolly)

    def set_view(self, name: str) -> None:
        """Fly to a named side: front, back, left, right, top, bottom."""
        self._leave_and_fly(self._orbit.facing(name))

    def set_opposite_view(self) -> None:
        self._leave_and_fly(self._orbit.opposite())

    def frame_head(self) -> None:
        """Fly so that the head fills the view."""
        self._leave_and_fly(self._framed(self._orbit))

    def toggle_projection(self) -> None:
        if not self._looking_through:
            self.set_orbit(replace(self._orbit, orthographic=not self._orbit.orthographic))

    def overlay(self, name: str) -> bool:
        return self._overlays[name]

    def set_overlay(self, name: str, on: bool) -> None:
        """Show or hide one of grid, gizmos, axes, bones, wireframe, backdrop."""
        if name not in OVERLAYS:
            raise ValueError(f"overlay {name!r} is none of {', '.join(OVERLAYS)}")
        self._overlays[name] = on
        self.refresh()

    def find_marks(self, poser: Poses | None) -> None:
        """Have landmarks found for every picture from now on; None for none."""
        self._thread.set_marks(poser)
        self.refresh()

    def set_comparison(self, image: QImage | None, split: float = 0.5) -> None:
        """Lay a render over the camera view, up to the divider at ``split`` (0 to 1)."""
        self._comparison = image if image is not None and not image.isNull() else None
        self.set_split(split)

    @property
    def comparing(self) -> bool:
        return self._comparison is not None and self._looking_through

    def set_split(self, split: float) -> None:
        split = float(np.clip(split, 0.0, 1.0))
        if split != self.split:
            self.split = split
            self.split_changed.emit(split)
        self.update()

    # What others take from it

    def grab_frame(self) -> QImage:
        """What is shown, handles and words included, in device pixels."""
        return self.grab().toImage()

    def draw_hidden(self, on: bool, who: str = "source", height: float = math.inf) -> None:
        """Go on drawing while it cannot be seen, for those who take its pictures.

        Parameters
        ----------
        on : bool
        who : str
        height : float
            Pixels that are enough for them; the largest that anybody wants is drawn.
        """
        before = dict(self._takers)
        if on:
            self._takers[who] = height
        else:
            self._takers.pop(who, None)
        if on and self._takers != before:
            if self.width() < self.minimumWidth():
                self.resize(self.sizeHint())
            self.refresh()

    @property
    def _draws_hidden(self) -> bool:
        return bool(self._takers)

    def wait_for_frame(self, timeout_ms: int = 10000) -> bool:
        """Run events until the newest state is on screen, finished; False if that took longer."""
        loop = QEventLoop()
        deadline = QTimer(self, singleShot=True, interval=timeout_ms)
        deadline.timeout.connect(loop.quit)
        if self._flight:
            self._orbit, self._flight = self._flight[1], None
            self._settle.start()
        if self._settle.isActive():
            self._settled()
        if self._posted is None:
            self.refresh()
        self.frame_shown.connect(loop.quit)
        self.failed.connect(loop.quit)
        deadline.start()
        while deadline.isActive() and not self._failure and not self._is_current():
            loop.exec()
        self.frame_shown.disconnect(loop.quit)
        self.failed.disconnect(loop.quit)
        deadline.stop()
        return self._is_current()

    @property
    def frames_per_second(self) -> float:
        """Pictures painted in the last second of interaction."""
        if not self._times:
            return 0.0
        recent = [t for t in self._times if t > self._times[-1] - 1.0]
        span = recent[-1] - recent[0]
        return (len(recent) - 1) / span if span > 0.05 else 0.0

    def silhouette(self, camera: Pinhole) -> NDArray[np.bool_]:
        """Where the head covers a camera's picture, shape (height, width); waits for the thread.

        Raises
        ------
        RuntimeError
            When nothing can be drawn.
        """
        mask = self._thread.silhouette(camera, self._wanted(moving=False), timeout=60.0)
        if mask is None:
            raise RuntimeError(self._failure or "The viewport is closed.")
        return mask

    def close_renderer(self) -> None:
        """End the render thread and free the graphics; the widget keeps its last picture."""
        self._settle.stop()
        self._flying.stop()
        self._thread.stop()

    # Geometry that the pointer and the painter share

    def shown_view(self) -> View:
        """The view of the picture on screen, in the widget's pixels."""
        if self._shown is not None:
            return self._shown.wanted.view.resized(self.width(), self.height())
        return self.view()

    def view(self) -> View:
        """The view that is wanted, in the widget's pixels."""
        if self._looking_through:
            return camera_view(
                pinhole(self.scene.camera), self.width(), self.height(), CAMERA_MARGIN
            )
        return self._orbit.view(self.width(), self.height())

    def camera_frame(self) -> Frame:
        return camera_frame(pinhole(self.scene.camera), self.width(), self.height(), CAMERA_MARGIN)

    def ball(self) -> Ball:
        return Ball(self.width() - 58.0, 58.0, 44.0)

    @property
    def shown(self) -> Shown | None:
        """The picture on screen."""
        return self._shown

    @property
    def comparison(self) -> QImage | None:
        return self._comparison

    @property
    def pointer(self) -> Pointer:
        return self._pointer

    @property
    def without_opengl(self) -> bool:
        return bool(self._note)

    def remarks(self) -> list[str]:
        """What is amiss, one line each."""
        warnings = self._shown.warnings if self._shown else ()
        return [line for line in (self._failure, self._note, *warnings) if line]

    @property
    def interacting(self) -> bool:
        return self._settle.isActive()

    def handles(self) -> tuple[Ring, ...]:
        """The rings of pose mode, about the head on screen."""
        if self.mode != "pose" or self._asset is None or not self._overlays["gizmos"]:
            return ()
        pose = self._shown.wanted.pose if self._shown else self.scene.pose
        centre = head_matrix(self._asset, pose)[:3, 3]
        room = 0.36 * min(self.height(), self.width())
        return rings(
            pose, centre, min(RING_RADIUS, room * self.shown_view().metres_per_pixel(centre))
        )

    def gizmos_shown(self) -> bool:
        return self._overlays["gizmos"] and not self._looking_through

    # Asking for pictures

    def refresh(self, moving: bool = False) -> None:
        """Ask for a picture of the present state; at rest it is smoothed."""
        if moving:
            self._settle.start()
        self._post(moving)

    def _post(self, moving: bool) -> None:
        seen = self.isVisible() or self._draws_hidden
        if seen and self.width() > 8 and self.height() > 8:
            self._posted = self._wanted(moving)
            self._thread.want(self._posted)

    def _wanted(self, moving: bool) -> Wanted:
        scene = self.scene
        ratio = self.devicePixelRatioF()
        if not self.isVisible() and self._takers:
            ratio = min(ratio, max(self._takers.values()) / max(self.height(), 1))
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        through = self._looking_through
        backdrop = GRADIENT
        if through:
            backdrop = PLAIN
        if scene.environment.visible and (through or self._overlays["backdrop"]):
            backdrop = SKY
        floor = None
        if self._overlays["grid"] and not through:
            floor = self._floor()
        return Wanted(
            self._asset,
            scene.pose,
            scene.lights,
            scene.environment,
            self.view().resized(width, height),
            backdrop,
            self._overlays["wireframe"],
            floor,
            moving,
        )

    def _floor(self) -> Floor:
        """Lines a tenth of what fills the view apart: 1 cm, 10 cm, 1 m."""
        distance = self._orbit.distance
        step = float(10.0 ** np.clip(np.floor(np.log10(distance / 3.0)), -2.0, 0.0))
        x, y = self._orbit.target[:2]
        return Floor(self._floor_height, (x, y), max(distance * 5.0, 1.5), step)

    @property
    def settled(self) -> bool:
        """The newest state is on screen, finished."""
        return self._is_current()

    def _is_current(self) -> bool:
        if self._shown is None or self._posted is None:
            return False
        return self._shown.wanted is self._posted and self._shown.finished

    def _settled(self) -> None:
        self._settle.stop()
        self._post(moving=False)
        self.update()

    def _on_scene(self, before: Scene, after: Scene) -> None:
        drawn = ("pose", "lights", "environment")
        changed = any(getattr(before, part) != getattr(after, part) for part in drawn)
        if len(after.lights) <= (self.selected_light or 0):
            self.select_light(None)
        if changed or (self._looking_through and before.camera != after.camera):
            self.refresh(moving=True)
        else:
            self.update()

    def _on_ready(self) -> None:
        shown = self._thread.take()
        if shown is None:
            return
        self._shown = shown
        if shown.wanted.moving:
            self._times.append(time.perf_counter())
        self.update()
        self.frame_shown.emit()

    def _on_note(self, note: str) -> None:
        self._note = note
        self.update()

    def _on_failure(self, reason: str) -> None:
        self._failure = reason
        self.update()
        self.failed.emit(reason)

    # Flights between views

    def _leave_and_fly(self, end: Orbit) -> None:
        if self._looking_through:
            self.look_through_camera(False)
        if end == self._orbit:
            return
        timer = QElapsedTimer()
        timer.start()
        self._flight = (self._orbit, end, timer)
        self._flying.start()

    def _fly(self) -> None:
        if self._flight is None:
            self._flying.stop()
            return
        start, end, timer = self._flight
        t = timer.elapsed() / 1000.0 / _FLIGHT_SECONDS
        self._orbit = between(start, end, t)
        if t >= 1.0:
            self._flight = None
            self._flying.stop()
        self.refresh(moving=True)

    def _framed(self, orbit: Orbit) -> Orbit:
        aspect = self.width() / max(self.height(), 1)
        if self._asset is None:
            return orbit.framing(np.array([0.0, 0.0, -0.03]), 0.2, aspect)
        height = self._asset.head_height
        centre = head_matrix(self._asset, self.scene.pose)[:3, 3] + [0.0, 0.0, -0.06 * height]
        return orbit.framing(centre, 0.85 * height, aspect)

    # Events

    def paintEvent(self, event: QPaintEvent) -> None:
        paint(self)

    def sizeHint(self) -> QSize:
        return QSize(960, 640)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.refresh(moving=True)

    def showEvent(self, event: QShowEvent) -> None:
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        if not self._draws_hidden:
            self._settle.stop()
        self._flying.stop()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.close_renderer()
        super().closeEvent(event)

    def event(self, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.NativeGesture:
            return self._pointer.gesture(event)
        if kind == QEvent.Type.ShortcutOverride and self._pointer.wants_key(event):
            event.accept()
            return True
        if kind in (QEvent.Type.DevicePixelRatioChange, QEvent.Type.ScreenChangeInternal):
            self.refresh()
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pointer.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pointer.release(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer.forget()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._pointer.wheel(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._pointer.key(event):
            super().keyPressEvent(event)
