"""The Studio's part of the tour."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from app.head.pose import HeadPose
from app.scene.expressions import expression_shapes
from app.scene.presets import PRESETS
from widgets.measure import OrbitDrag, StallWatch

if TYPE_CHECKING:
    from widgets.tour.guide import Guide


def steps(guide: Guide) -> Iterator[Callable[[], bool]]:
    window = guide.window
    studio, document = window.studio, window.document
    viewport, preview = studio.viewport, studio.preview

    def settled() -> bool:
        return bool(viewport.shown_asset is not None and viewport.settled)

    yield lambda: viewport.shown_asset is not None
    guide.measured["startup_seconds"] = QApplication.instance().startup_seconds  # type: ignore[union-attr]
    yield settled
    guide.picture("studio", "The studio with the default head")

    drag = OrbitDrag(viewport, 3.0)
    with StallWatch() as stalls:
        yield lambda: drag.done
    guide.measured["orbit"] = {
        "frames_per_second": round(drag.frames_per_second, 1),
        "longest_gap_ms": round(drag.longest_gap, 1),
        "longest_stall_ms": round(stalls.longest, 1),
        "size": [viewport.width(), viewport.height()],
    }
    viewport.set_view("front")
    yield settled

    window.commands["view.pose"].trigger()
    pose = HeadPose(yaw=24.0, pitch=-8.0, roll=6.0)
    document.change("Turn the head", replace(document.scene, pose=pose))
    yield settled
    guide.picture("pose", "Pose mode: rings turn the neck, fields say by how much")

    asset = studio.loader.asset
    happy = expression_shapes("happy", asset.shape_names) if asset else {}
    document.change(
        "Smile", replace(document.scene, pose=replace(document.scene.pose, shapes=happy))
    )
    window.commands["view.navigate"].trigger()
    window.commands["view.camera"].setChecked(True)
    yield settled
    guide.picture("camera", "Through the camera: exactly what Blender will render")

    studio.docks["Lights"].raise_()
    document.change("Evening light", PRESETS["evening"].apply(document.scene))
    yield settled
    guide.picture("lights", "Evening light, one of the presets")

    start = time.monotonic()
    first: list[float] = []
    preview.pictured.connect(lambda _: first.append(time.monotonic() - start))
    with StallWatch() as stalls:
        window.commands["render.start"].trigger()
        yield lambda: bool(first) or not preview.busy
    guide.picture("rendering", "A first picture comes quickly and gets finer")
    with StallWatch() as more_stalls:
        yield lambda: not preview.busy
    guide.measured["render"] = {
        "first_picture_seconds": round(first[0], 2) if first else None,
        "finished_seconds": round(time.monotonic() - start, 2),
        "longest_stall_ms": round(max(stalls.longest, more_stalls.longest), 1),
    }
    if not first:
        guide.problem("the render gave no picture")
    yield settled
    guide.picture("render", "Blender's picture beside the viewport")

    window.commands["edit.palette"].trigger()
    yield window.command_palette.isVisible
    guide.picture("palette", "Every command by its name", window.command_palette)
    window.command_palette.hide()

    window.commands["head.bones"].trigger()
    dialog = studio.dialog
    assert dialog is not None
    yield dialog.isVisible
    guide.picture("bones", "Which bones turn the head, and why", dialog)
    dialog.close()

    while document.undo_stack.canUndo():
        document.undo_stack.undo()
    window.commands["view.camera"].setChecked(False)
    yield settled
    guide.picture("undone", "One undo stack over everything: back at the start")
    document.undo_stack.clear()
