"""Mouse, wheel, touchpad and keys over the viewport."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent

from widgets.viewport.drags import (
    CameraDrag,
    DividerDrag,
    Drag,
    LampDrag,
    MarkDrag,
    RingDrag,
    ViewDrag,
    orbiting,
    panning,
    zooming,
)
from widgets.viewport.gizmos import Axis, lamp_under, ring_under
from widgets.viewport.mark_layer import Mark
from widgets.viewport.navigation import Orbit

if TYPE_CHECKING:
    from widgets.viewport.viewport import Viewport

_Key = Qt.Key
_SIDES: Final = {_Key.Key_1: "front", _Key.Key_3: "right", _Key.Key_7: "top"}
_OTHER_SIDES: Final = {_Key.Key_1: "back", _Key.Key_3: "left", _Key.Key_7: "bottom"}
_STEPS: Final = {
    _Key.Key_4: (-15.0, 0.0),
    _Key.Key_6: (15.0, 0.0),
    _Key.Key_8: (0.0, 15.0),
    _Key.Key_2: (0.0, -15.0),
}
_OTHERS: Final = (
    _Key.Key_0,
    _Key.Key_5,
    _Key.Key_9,
    _Key.Key_Period,
    _Key.Key_Comma,
    _Key.Key_Home,
    _Key.Key_Plus,
    _Key.Key_Minus,
    _Key.Key_Equal,
)
_HANDLED: Final = {*_SIDES, *_STEPS, *_OTHERS}
_WHEEL_ZOOM: Final = 1.12
_CLICK_PIXELS: Final = 4.0


class Pointer:
    """Turns events into drags and views.

    Attributes
    ----------
    drag : Drag or None
        What the held button does.
    ring, lamp, knob : what lies under the pointer: axis of a ring, index of a lamp, name of a view
    over_ball, on_divider, on_lamp_handle : bool
    """

    def __init__(self, viewport: Viewport) -> None:
        self._viewport = viewport
        self.drag: Drag | None = None
        self._button = Qt.MouseButton.NoButton
        self._pressed_at = QPointF()
        self._clicked_lamp: int | None = None
        self._clicked_knob: str | None = None
        self._clicked_mark: Mark | None = None
        self._may_click = False
        self.forget()

    def forget(self) -> None:
        """Nothing lies under the pointer."""
        self.ring: Axis | None = None
        self.lamp: int | None = None
        self.knob: str | None = None
        self.over_ball = self.on_divider = self.on_lamp_handle = False
        self.mark: Mark | None = None
        if hasattr(self._viewport, "marks"):
            self._viewport.marks.hovered = None
        self._viewport.update()

    # Mouse

    def press(self, event: QMouseEvent) -> None:
        if self.drag is not None:
            return
        self._viewport.setFocus(Qt.FocusReason.MouseFocusReason)
        at = event.position()
        self._look(at)
        self._button, self._pressed_at = event.button(), at
        self._may_click = event.button() == Qt.MouseButton.LeftButton
        self._clicked_lamp, self._clicked_knob = self.lamp, self.knob
        self._clicked_mark = self.mark
        self.drag = self._drag_for(event)
        if self.drag is not None:
            self._viewport.setCursor(self.drag.cursor)
        self._viewport.update()

    def move(self, event: QMouseEvent) -> None:
        at = event.position()
        if (at - self._pressed_at).manhattanLength() > _CLICK_PIXELS:
            self._may_click = False
        if self.drag is None:
            self._look(at)
        elif not self._may_click:
            self._leave_camera_for(self.drag)
            self.drag.move(at, event.modifiers())
            self._viewport.update()

    def release(self, event: QMouseEvent) -> None:
        if event.button() != self._button:
            return
        clicked, drag = self._may_click, self.drag
        if isinstance(drag, MarkDrag):
            drag.finish()
        self._end_drag()
        if clicked:
            self._click()
        self._look(event.position())

    def _end_drag(self) -> None:
        self.drag, self._may_click = None, False
        self._button = Qt.MouseButton.NoButton
        self._viewport.unsetCursor()
        self._viewport.update()

    def _click(self) -> None:
        viewport = self._viewport
        if self._clicked_knob:
            there = viewport.orbit.facing(self._clicked_knob)
            same = not viewport.looking_through_camera and viewport.orbit == there
            if same:
                viewport.set_opposite_view()
            else:
                viewport.set_view(self._clicked_knob)
        elif viewport.mode == "landmarks":
            viewport.marks.select(self._clicked_mark)
        elif viewport.gizmos_shown() and self.ring is None:
            viewport.select_light(self._clicked_lamp)

    def _drag_for(self, event: QMouseEvent) -> Drag | None:
        viewport, at = self._viewport, event.position()
        keys = event.modifiers()
        left = event.button() == Qt.MouseButton.LeftButton
        if event.button() == Qt.MouseButton.RightButton:
            return self._view_drag(at, zooming, Qt.CursorShape.SizeVerCursor)
        shifted = bool(keys & Qt.KeyboardModifier.ShiftModifier)
        if left and self.on_divider:
            frame = viewport.camera_frame()
            return DividerDrag(viewport.split, viewport.set_split, frame.width, frame.left)
        if left and self.ring is not None and not self.over_ball:
            ring = next(r for r in viewport.handles() if r.axis == self.ring)
            return RingDrag(viewport.document, viewport.shown_view(), ring, at)
        if left and self.on_lamp_handle and viewport.selected_light is not None:
            return LampDrag(viewport.document, viewport.shown_view(), viewport.selected_light, at)
        if left and self.mark is not None and viewport.mode == "landmarks":
            drag = self._mark_drag(self.mark, at)
            if drag is not None:
                return drag
        if event.button() == Qt.MouseButton.MiddleButton or (left and shifted):
            return self._view_drag(at, self._pan, Qt.CursorShape.SizeAllCursor)
        if left:
            if viewport.looking_through_camera and viewport.camera_lock:
                return CameraDrag(viewport.document, at)
            return self._view_drag(at, orbiting, Qt.CursorShape.ClosedHandCursor)
        return None

    def _mark_drag(self, mark: Mark, at: QPointF) -> Drag | None:
        """Take hold of a landmark, unless it is exact or slides along the visible outline."""
        layer, shown = self._viewport.marks, self._viewport.shown
        layer.select(mark)
        if layer.poser is None or layer.poser.exact or shown is None:
            return None
        skin = layer.poser.skin(*mark, shown.wanted.pose)
        if skin is None:
            return None
        return MarkDrag(layer, skin, self._viewport.shown_view(), mark, at)

    def _view_drag(
        self, at: QPointF, moved: Callable[[Orbit, QPointF], Orbit], cursor: Qt.CursorShape
    ) -> Drag:
        viewport = self._viewport
        return ViewDrag(at, lambda: viewport.orbit, viewport.set_orbit, moved, cursor)

    def _pan(self, orbit: Orbit, by: QPointF) -> Orbit:
        return panning(self._viewport.view())(orbit, by)

    def _leave_camera_for(self, drag: Drag) -> None:
        """As in Blender: who moves the view while looking through the camera leaves it."""
        if isinstance(drag, ViewDrag):
            self._viewport.leave_camera()

    def _look(self, at: QPointF) -> None:
        """Find out what lies under the pointer."""
        viewport = self._viewport
        view, x, y = viewport.shown_view(), at.x(), at.y()
        before = self._state()
        ball = viewport.ball()
        self.over_ball = viewport.overlay("axes") and ball.holds(x, y)
        self.knob = ball.knob_under(view, x, y) if self.over_ball else None
        self.ring, self.lamp = None, None
        self.on_divider = self.on_lamp_handle = False
        if not self.over_ball:
            if viewport.comparing:
                frame = viewport.camera_frame()
                inside = frame.top <= y <= frame.top + frame.height
                away = abs(x - frame.left - frame.width * viewport.split)
                self.on_divider = inside and away < 10.0
            lights = viewport.scene.lights
            if viewport.gizmos_shown():
                self.lamp = lamp_under(view, lights, x, y)
                chosen = viewport.selected_light
                if viewport.mode == "pose" and chosen is not None and chosen < len(lights):
                    px, py = view.project(np.array(lights[chosen].position))
                    self.on_lamp_handle = bool(np.hypot(px - x, py - y) < 24.0)
            if self.lamp is None and not self.on_lamp_handle and not self.on_divider:
                ring = ring_under(view, viewport.handles(), x, y)
                self.ring = ring.axis if ring else None
        free = not (self.over_ball or self.on_divider or self.ring or self.on_lamp_handle)
        self.mark = viewport.marks.under(view, x, y) if free else None
        viewport.marks.hovered = self.mark
        if self._state() != before:
            self._set_cursor()
            viewport.update()

    def _state(self) -> tuple[object, ...]:
        found = (self.ring, self.lamp, self.knob, self.mark)
        return (*found, self.over_ball, self.on_divider, self.on_lamp_handle)

    def _set_cursor(self) -> None:
        if self.on_divider:
            self._viewport.setCursor(Qt.CursorShape.SplitHCursor)
        elif self.ring or self.on_lamp_handle:
            self._viewport.setCursor(Qt.CursorShape.OpenHandCursor)
        elif self.mark is not None and self._viewport.mode == "landmarks":
            self._viewport.setCursor(Qt.CursorShape.CrossCursor)
        elif self.knob or self.lamp is not None:
            self._viewport.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self._viewport.unsetCursor()

    # Wheel and touchpad

    def wheel(self, event: QWheelEvent) -> None:
        """A wheel zooms to the pointer; two fingers on a touchpad orbit, with Shift they pan."""
        viewport = self._viewport
        pixels, angle = event.pixelDelta(), event.angleDelta()
        keys = event.modifiers()
        zoom_wanted = bool(keys & Qt.KeyboardModifier.ControlModifier)
        event.accept()
        if self.drag is not None:
            return
        touchpad = not pixels.isNull() and event.phase() != Qt.ScrollPhase.NoScrollPhase
        if touchpad and not zoom_wanted:
            viewport.leave_camera()
            by = QPointF(pixels)
            if keys & Qt.KeyboardModifier.ShiftModifier:
                viewport.set_orbit(panning(viewport.view())(viewport.orbit, by))
            else:
                viewport.set_orbit(orbiting(viewport.orbit, by * 0.6))
            return
        notches = (pixels.y() / 40.0) if touchpad else angle.y() / 120.0
        self._zoom(_WHEEL_ZOOM**notches, event.position())

    def gesture(self, event: QEvent) -> bool:
        """Pinch to zoom, a double tap of two fingers to frame the head."""
        if not isinstance(event, QNativeGestureEvent):
            return False
        if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self._zoom(1.0 + max(event.value(), -0.9), event.position())
            return True
        if event.gestureType() == Qt.NativeGestureType.SmartZoomNativeGesture:
            self._viewport.frame_head()
            return True
        return False

    def _zoom(self, factor: float, at: QPointF) -> None:
        viewport = self._viewport
        if viewport.looking_through_camera:
            if viewport.camera_lock and viewport.scene.camera.look_at:
                viewport.dolly_camera(1.0 / factor)
                return
            viewport.leave_camera()
        half = viewport.height() / 2.0
        x, y = (at.x() - viewport.width() / 2.0) / half, (half - at.y()) / half
        viewport.set_orbit(viewport.orbit.zoomed(factor, x, y))

    # Keys

    def wants_key(self, event: QEvent) -> bool:
        """Digits and the like are the viewport's while it has the focus."""
        if not isinstance(event, QKeyEvent):
            return False
        plain = event.modifiers() & ~(
            Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier
        )
        with_control = plain == Qt.KeyboardModifier.ControlModifier
        if event.key() in _SIDES and with_control:
            return True
        escape = event.key() == _Key.Key_Escape and self.drag is not None
        return escape or (event.key() in _HANDLED and plain == Qt.KeyboardModifier.NoModifier)

    def key(self, event: QKeyEvent) -> bool:
        """Blender's numpad, on any digits; True when the key was taken."""
        viewport, key = self._viewport, event.key()
        if key == _Key.Key_Escape and self.drag is not None:
            self.drag.cancel()
            self._end_drag()
            return True
        if not self.wants_key(event) or self.drag is not None:
            return False
        if key in _SIDES:
            control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            viewport.set_view((_OTHER_SIDES if control else _SIDES)[_Key(key)])
        elif key in _STEPS:
            viewport.leave_camera()
            viewport.set_orbit(viewport.orbit.turned(*_STEPS[_Key(key)]))
        elif key == _Key.Key_5:
            viewport.toggle_projection()
        elif key == _Key.Key_9:
            viewport.set_opposite_view()
        elif key == _Key.Key_0:
            viewport.look_through_camera(not viewport.looking_through_camera)
        elif key in (_Key.Key_Plus, _Key.Key_Equal, _Key.Key_Minus):
            centre = QPointF(viewport.width() / 2.0, viewport.height() / 2.0)
            self._zoom(_WHEEL_ZOOM ** (-1.0 if key == _Key.Key_Minus else 1.0), centre)
        else:
            viewport.frame_head()
        return True
