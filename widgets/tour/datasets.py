"""Landmarks and data sets: the tour's part on ground truth."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.head.pose import HeadPose
from app.scene.expressions import expression_shapes

if TYPE_CHECKING:
    from widgets.tour.guide import Guide

_PICTURES = 8


def steps(guide: Guide) -> Iterator[Callable[[], bool]]:
    with tempfile.TemporaryDirectory(prefix="headroom-tour-") as folder:
        yield from _landmarks(guide)
        yield from _generate(guide, Path(folder) / "faces")
    guide.window.document.undo_stack.clear()


def _landmarks(guide: Guide) -> Iterator[Callable[[], bool]]:
    window = guide.window
    viewport, document = window.studio.viewport, window.document

    def settled() -> bool:
        return bool(viewport.settled)

    window.commands["view.landmark_points"].setChecked(True)
    window.studio.docks["Landmarks"].raise_()
    yield lambda: viewport.marks.poser is not None or bool(window.studio.keeper.fault)
    if window.studio.keeper.fault:
        guide.problem(window.studio.keeper.fault)
    asset = window.studio.loader.asset
    shapes = expression_shapes("happy", asset.shape_names) if asset else {}
    pose = HeadPose(yaw=32.0, pitch=-6.0, shapes=shapes)
    document.change("Turn the head", replace(document.scene, pose=pose))
    viewport.set_view("front")
    yield settled
    guide.picture("landmarks", "Landmarks follow the skin; hidden ones are hollow")
    window.commands["view.landmarks_dense_520"].setChecked(True)
    window.commands["view.landmarks"].trigger()
    viewport.marks.select(("ibug-68", 30))
    yield settled
    guide.picture("landmarks-dense", "Landmarks mode: 520 points, any of which can be corrected")
    viewport.marks.select(None)
    window.commands["view.navigate"].trigger()
    window.commands["view.landmarks_dense_520"].setChecked(False)
    window.commands["view.landmark_points"].setChecked(False)
    document.undo_stack.undo()
    yield settled


def _generate(guide: Guide, output: Path) -> Iterator[Callable[[], bool]]:
    window = guide.window
    window.commands["file.generate"].trigger()
    generate = window.datasets.generate
    assert generate is not None
    generate.choose_output(output)
    generate.model.change(workers=1)
    generate.model.change_spec(
        width=320,
        height=240,
        per_person=_PICTURES,
        motions=("HeadRot", "HeadCameraRotTran", "Balanced"),
        backgrounds=("plain", "texture", "classroom"),
        effects=("occluder-hand", "noise"),
        distance=(0.35, 0.6),
    )
    yield lambda: generate.survey is not None
    guide.picture("generate", "A data set in one window: what it shows, what it costs", generate)
    generate.start()
    run = generate.run
    assert run is not None
    yield lambda: run.progress.done >= _PICTURES // 2 or run.progress.ended
    guide.picture("generate-run", "The newest pictures while they are made", generate)
    yield lambda: run.progress.ended
    now = run.progress
    guide.measured["generate"] = {
        "pictures": now.done,
        "failed": now.failed,
        "seconds": round(now.seconds, 1),
    }
    if now.state != "done" or now.failed:
        reasons = "; ".join(sorted({reason for _, reason in run.launcher.failures}))
        guide.problem(f"the data set was not finished: {now.text} {reasons}".strip())
    generate.run_view.look.button("landmarks").click()
    grid = generate.run_view.grid
    yield lambda: _pictured(grid.frames)
    guide.picture("generate-done", "Exact landmarks of every picture", generate)
    found = sorted(output.rglob("ann_*.json"))
    generate.close()
    if found:
        viewport = window.studio.viewport
        window.datasets.open_frame(found[len(found) // 2])
        yield lambda: viewport.looking_through_camera
        yield lambda: bool(viewport.settled)
        guide.picture("frame", "A picture of a data set, opened in the Studio")
        window.commands["view.camera"].setChecked(False)
        window.document.undo_stack.undo()
        yield lambda: bool(viewport.settled)


def _pictured(frames: object) -> bool:
    """Whether the newest picture has its thumbnail."""
    from PySide6.QtCore import Qt

    from widgets.generate.grid import FramesModel

    assert isinstance(frames, FramesModel)
    rows = min(frames.rowCount(), 6)
    return all(
        frames.data(frames.index(row), Qt.ItemDataRole.DecorationRole) is not None
        for row in range(rows)
    )
