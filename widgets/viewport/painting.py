"""One paint event of the viewport: the picture, then what lies over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from app.scene.placement import pinhole
from widgets.viewport import overlay
from widgets.viewport.drags import CameraDrag, RingDrag
from widgets.viewport.navigation import Frame, View

if TYPE_CHECKING:
    from widgets.viewport.viewport import Viewport

_HINTS: Final = {
    "navigate": "Drag to orbit  ·  Shift+drag to pan  ·  Wheel to zoom",
    "pose": "Drag a ring to turn the head  ·  Ctrl snaps  ·  Shift is precise  ·  Esc restores",
    "landmarks": "Drag a point along the skin to correct it  ·  Shift is precise  ·  Esc restores",
}
_EXACT_HINT: Final = "Click a point to read it  ·  Drag to orbit  ·  Wheel to zoom"
_WARNING: Final = QColor(255, 190, 110)


def paint(viewport: Viewport) -> None:
    painter = QPainter(viewport)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    width, height = float(viewport.width()), float(viewport.height())
    shown = viewport.shown
    if shown is None:
        painter.fillRect(viewport.rect(), QColor(46, 48, 52))
    else:
        painter.drawImage(QRectF(0, 0, width, height), shown.image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    view = viewport.shown_view()
    if viewport.looking_through_camera:
        _paint_camera(painter, viewport, width, height)
    elif shown is not None and viewport.asset is not None:
        _paint_scene(painter, viewport, view)
    if viewport.asset is not None and shown is not None:
        _paint_handles(painter, viewport, view)
    if viewport.asset is not None and shown is not None:
        viewport.marks.paint(painter, view)
        viewport.floating.paint(painter, view)
    if viewport.overlay("axes"):
        pointer = viewport.pointer
        overlay.draw_ball(painter, view, viewport.ball(), pointer.knob, pointer.over_ball)
    _paint_words(painter, viewport, height)
    painter.end()


def _paint_camera(painter: QPainter, viewport: Viewport, width: float, height: float) -> None:
    frame = viewport.camera_frame()
    if viewport.comparison is not None:
        _paint_comparison(painter, viewport.comparison, frame, viewport.split)
    camera = viewport.scene.camera
    text = f"{camera.width} × {camera.height}  ·  {camera.field_of_view:.4g}°"
    overlay.draw_frame(painter, frame, width, height, text)
    if viewport.comparison is not None:
        overlay.draw_comparison(painter, frame, viewport.split, viewport.pointer.on_divider)


def _paint_comparison(painter: QPainter, image: QImage, frame: Frame, split: float) -> None:
    """The render, left of the divider."""
    inside = QRectF(frame.left, frame.top, frame.width, frame.height)
    painter.save()
    painter.setClipRect(QRectF(frame.left, frame.top, frame.width * split, frame.height))
    painter.drawImage(inside, image)
    painter.restore()


def _paint_scene(painter: QPainter, viewport: Viewport, view: View) -> None:
    scene, pointer = viewport.scene, viewport.pointer
    asset = viewport.asset
    floor = viewport.shown.wanted.floor if viewport.shown else None
    if floor is not None and not viewport.without_opengl:
        overlay.draw_scale(painter, view, floor.height, floor.step)
    if viewport.overlay("gizmos"):
        if viewport.mode != "landmarks":
            overlay.draw_camera(painter, view, pinhole(scene.camera))
        overlay.draw_lamps(painter, view, scene.lights, viewport.selected_light, pointer.lamp)
        chosen = viewport.selected_light
        if viewport.mode == "pose" and chosen is not None and chosen < len(scene.lights):
            overlay.draw_lamp_handle(painter, view, scene.lights[chosen], pointer.on_lamp_handle)
    if viewport.overlay("bones") and asset is not None and viewport.shown:
        overlay.draw_bones(painter, view, asset, viewport.shown.wanted.pose)


def _paint_handles(painter: QPainter, viewport: Viewport, view: View) -> None:
    drag = viewport.pointer.drag
    held = drag.axis if isinstance(drag, RingDrag) else None
    handles = viewport.handles()
    if isinstance(drag, RingDrag):
        ring = next((r for r in handles if r.axis == held), drag.ring)
        overlay.draw_turn(painter, view, ring, drag.start, drag.start + drag.angle)
    overlay.draw_rings(painter, view, handles, viewport.pointer.ring, held)
    if held:
        pose = viewport.scene.pose
        value = getattr(pose, held)
        text = f"{held.capitalize()}  {value:+.1f}°"
        if isinstance(drag, RingDrag):
            text += f"   ({drag.angle:+.1f}°)"
        overlay.set_font(painter, 1)
        overlay.pill(painter, QPointF(viewport.width() / 2, 30), text)


def _paint_words(painter: QPainter, viewport: Viewport, height: float) -> None:
    lines = [(_view_name(viewport), overlay.TEXT)]
    if viewport.interacting and viewport.frames_per_second > 0:
        lines.append((f"{viewport.frames_per_second:.0f} frames/s", overlay.DIM_TEXT))
    if viewport.marks.wanted and viewport.marks.note:
        lines.append((viewport.marks.note, overlay.DIM_TEXT))
    lines += [(line, _WARNING) for line in viewport.remarks()]
    overlay.draw_words(painter, QPointF(12, 6), lines)
    if viewport.asset is not None and not viewport.looking_through_camera:
        poser = viewport.marks.poser
        exact = viewport.mode == "landmarks" and (poser is None or poser.exact)
        hint = (_EXACT_HINT if exact else _HINTS[viewport.mode], overlay.DIM_TEXT)
        overlay.draw_words(painter, QPointF(12, height - 26), [hint], -1)


def _view_name(viewport: Viewport) -> str:
    if viewport.looking_through_camera:
        camera = viewport.scene.camera
        held = "  ·  locked to view" if viewport.camera_lock else ""
        turning = isinstance(viewport.pointer.drag, CameraDrag)
        where = f"  ·  {camera.azimuth:+.1f}°, {camera.elevation:+.1f}°" if turning else ""
        return f"{camera.name}{held}{where}"
    name = viewport.orbit.name() or "user"
    kind = "orthographic" if viewport.orbit.orthographic else "perspective"
    return f"{name.capitalize()}  ·  {kind}"
