"""What a held mouse button does: each drag is begun with a press, moved, and finished or undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

import numpy as np
from PySide6.QtCore import QPointF, Qt

from app.head.pose import HeadPose
from app.scene.scene import Scene
from app.session.document import Document
from widgets.viewport.gizmos import (
    LIMITS,
    Axis,
    Ring,
    angle_on_ring,
    degrees_per_pixel,
    nearest_angle,
)
from widgets.viewport.landmarks import Place, Skin
from widgets.viewport.mark_layer import Mark, MarkLayer
from widgets.viewport.navigation import Orbit, View

DEGREES_PER_PIXEL: Final = 0.4
SNAP_DEGREES: Final = 5.0
PRECISE: Final = 0.1
SNAP_METRES: Final = 0.05

Modifiers = Qt.KeyboardModifier


class Drag(Protocol):
    cursor: Qt.CursorShape

    def move(self, at: QPointF, keys: Modifiers) -> None: ...

    def cancel(self) -> None:
        """Put back what was there before."""
        ...


class ViewDrag:
    """Orbit, pan or zoom the viewer; the scene is not touched."""

    def __init__(
        self,
        start: QPointF,
        orbit: Callable[[], Orbit],
        apply: Callable[[Orbit], None],
        moved: Callable[[Orbit, QPointF], Orbit],
        cursor: Qt.CursorShape,
    ) -> None:
        self._last, self._orbit, self._apply, self._moved = start, orbit, apply, moved
        self._before = orbit()
        self.cursor = cursor

    def move(self, at: QPointF, keys: Modifiers) -> None:
        self._apply(self._moved(self._orbit(), at - self._last))
        self._last = at

    def cancel(self) -> None:
        self._apply(self._before)


def orbiting(orbit: Orbit, by: QPointF) -> Orbit:
    return orbit.turned(-by.x() * DEGREES_PER_PIXEL, by.y() * DEGREES_PER_PIXEL)


def zooming(orbit: Orbit, by: QPointF) -> Orbit:
    return orbit.zoomed(float(np.exp(-by.y() * 0.006)))


def panning(view: View) -> Callable[[Orbit, QPointF], Orbit]:
    def moved(orbit: Orbit, by: QPointF) -> Orbit:
        metres = view.metres_per_pixel(np.array(orbit.target))
        return orbit.panned(-by.x() * metres, by.y() * metres)

    return moved


class SceneDrag:
    """A drag that edits the scene as one step of the undo stack."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, document: Document, text: str) -> None:
        self._document, self._text = document, text
        self.before = document.scene
        self._gesture = object()

    def change(self, scene: Scene) -> None:
        self._document.change(self._text, scene, self._gesture)

    def cancel(self) -> None:
        self.change(self.before)


class RingDrag(SceneDrag):
    """Turn one angle of the pose by its ring.

    Attributes
    ----------
    start, angle : float
        Degrees on the ring where it was taken hold of, and degrees that it was turned since.
    """

    def __init__(self, document: Document, view: View, ring: Ring, at: QPointF) -> None:
        super().__init__(document, f"Turn the head ({ring.axis})")
        self.ring, self._view, self._last = ring, view, at
        held = angle_on_ring(view, ring, at.x(), at.y())
        self._edge_on = held is None
        self._speed = degrees_per_pixel(view, ring, at.x(), at.y())
        self.start = nearest_angle(view, ring, at.x(), at.y()) if held is None else held
        self._angle_at_last = self.start
        self._turned = 0.0
        self.angle = 0.0

    @property
    def axis(self) -> Axis:
        return self.ring.axis

    def move(self, at: QPointF, keys: Modifiers) -> None:
        step = self._step(at)
        if keys & Qt.KeyboardModifier.ShiftModifier:
            step *= PRECISE
        self._turned += step
        pose = self.before.pose
        value = getattr(pose, self.axis) + self._turned
        if keys & Qt.KeyboardModifier.ControlModifier:
            value = round(value / SNAP_DEGREES) * SNAP_DEGREES
        limit = LIMITS[self.axis]
        value = float(np.clip(round(value, 2), -limit, limit))
        self.angle = value - getattr(pose, self.axis)
        self.change(replace(self.before, pose=_with_angle(pose, self.axis, value)))

    def _step(self, at: QPointF) -> float:
        """Degrees on the ring since the last move, the short way round."""
        by, self._last = at - self._last, at
        if self._edge_on:
            return float(self._speed @ [by.x(), by.y()])
        angle = angle_on_ring(self._view, self.ring, at.x(), at.y())
        if angle is None:
            return 0.0
        step = (angle - self._angle_at_last + 180.0) % 360.0 - 180.0
        self._angle_at_last = angle
        return step


def _with_angle(pose: HeadPose, axis: Axis, value: float) -> HeadPose:
    if axis == "yaw":
        return replace(pose, yaw=value)
    return replace(pose, pitch=value) if axis == "pitch" else replace(pose, roll=value)


class LampDrag(SceneDrag):
    """Move a lamp parallel to the picture; it keeps shining at its target."""

    def __init__(self, document: Document, view: View, index: int, at: QPointF) -> None:
        super().__init__(document, f"Move {document.scene.lights[index].name}")
        self._view, self._index, self._last = view, index, at
        self._by = np.zeros(2)

    def move(self, at: QPointF, keys: Modifiers) -> None:
        slow = PRECISE if keys & Qt.KeyboardModifier.ShiftModifier else 1.0
        step, self._last = at - self._last, at
        self._by += np.array([step.x(), -step.y()]) * slow
        lights = list(self.before.lights)
        light = lights[self._index]
        start = np.array(light.position)
        metres = self._view.metres_per_pixel(start)
        place = start + self._view.matrix[:3, :2] @ (self._by * metres)
        if keys & Qt.KeyboardModifier.ControlModifier:
            place = np.round(place / SNAP_METRES) * SNAP_METRES
        x, y, z = (round(float(v), 4) for v in place)
        lights[self._index] = replace(light, position=(x, y, z))
        self.change(replace(self.before, lights=tuple(lights)))


class CameraDrag(SceneDrag):
    """Orbit the scene's camera about the head, while one looks through it and it is held."""

    def __init__(self, document: Document, at: QPointF) -> None:
        super().__init__(document, "Orbit the camera")
        self._start = at

    def move(self, at: QPointF, keys: Modifiers) -> None:
        by = (at - self._start) * DEGREES_PER_PIXEL
        camera = self.before.camera
        if camera.look_at:
            azimuth = (camera.azimuth - by.x() + 180.0) % 360.0 - 180.0
            elevation = float(np.clip(camera.elevation + by.y(), -89.0, 89.0))
            moved = replace(camera, azimuth=azimuth, elevation=elevation)
        else:
            pitch, yaw, roll = camera.rotation
            turned = (pitch - by.y() * 0.3, yaw - by.x() * 0.3, roll)
            moved = replace(camera, rotation=turned)
        self.change(replace(self.before, camera=moved))


class MarkDrag:
    """Move a landmark along the skin; Shift is precise."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, layer: MarkLayer, skin: Skin, view: View, mark: Mark, at: QPointF) -> None:
        self._layer, self._skin, self._view, self._mark = layer, skin, view, mark
        self._last, self._point = at, QPointF(at)
        self._place: Place | None = None

    def move(self, at: QPointF, keys: Modifiers) -> None:
        slow = PRECISE if keys & Qt.KeyboardModifier.ShiftModifier else 1.0
        self._point = self._point + (at - self._last) * slow
        self._last = at
        origin, direction = self._view.ray(self._point.x(), self._point.y())
        place = self._skin.under(origin, direction)
        if place is not None:
            self._place = place
            self._layer.hold(self._mark, self._skin.at(place))

    def finish(self) -> None:
        """Leave it where it is."""
        if self._place is not None:
            self._layer.moved.emit(self._mark, self._place)

    def cancel(self) -> None:
        self._place = None
        self._layer.hold(None, None)


class DividerDrag:
    """Move the divider of the comparison."""

    cursor = Qt.CursorShape.SplitHCursor

    def __init__(self, start: float, set_split: Callable[[float], None], width: float, left: float):
        self._start, self._set, self._width, self._left = start, set_split, width, left

    def move(self, at: QPointF, keys: Modifiers) -> None:
        self._set(float(np.clip((at.x() - self._left) / max(self._width, 1.0), 0.0, 1.0)))

    def cancel(self) -> None:
        self._set(self._start)
