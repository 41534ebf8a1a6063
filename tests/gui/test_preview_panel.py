"""The Preview panel with the real Blender worker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor, QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from app.blender.client import Blender
from app.blender.heads import open_head
from app.blender.render import RenderResult, read_result
from app.head.asset import HeadAsset
from app.head.library import shipped
from app.head.pose import HeadPose
from app.scene.scene import Camera, Environment, HeadFile, RenderSettings, Scene
from app.scene.segments import SEGMENTS
from app.session.document import Document
from widgets.panels.picture_view import PictureView
from widgets.panels.preview import PreviewPanel

RENDER_MS = 120_000


@pytest.fixture(scope="module")
def module_blender() -> Iterator[Blender]:
    with Blender(spare=False) as blender:
        blender.submit("ping", {}).result(60)
        yield blender


@pytest.fixture(scope="module")
def asset(module_blender: Blender) -> HeadAsset:
    name = shipped()[0]
    return open_head(HeadFile(f"builtin:{name}"), module_blender).asset


@pytest.fixture
def document() -> Document:
    return Document(
        Scene(
            HeadFile("builtin:head"),
            HeadPose(15.0),
            Camera(distance=0.5, width=96, height=72),
            environment=Environment(strength=1.0),
            render=RenderSettings(samples=2),
        )
    )


@pytest.fixture
def panel(qtbot: QtBot, document: Document, module_blender: Blender) -> Iterator[PreviewPanel]:
    panel = PreviewPanel(document, module_blender)
    qtbot.addWidget(panel)
    panel.resize(352, 700)
    with qtbot.waitExposed(panel):
        panel.show()
    yield panel
    panel.cancel()
    qtbot.waitUntil(lambda: not panel.busy, timeout=RENDER_MS)
    panel.close_history()


def rendered(qtbot: QtBot, panel: PreviewPanel) -> None:
    """Press Render, and wait until the finished picture is seen."""
    before = panel.history.renderings
    panel.bar.button.click()
    qtbot.waitUntil(lambda: not panel.busy, timeout=RENDER_MS)
    assert panel.history.renderings != before, panel.bar.error.text()
    qtbot.waitUntil(lambda: len(panel._pictures.images) > 1, timeout=10_000)


def test_without_a_head_nothing_is_ordered(panel: PreviewPanel) -> None:
    assert not panel.bar.button.isEnabled()
    panel.render()
    assert not panel.busy
    assert panel.bar.error.text() == "Open a head first, then render it."
    assert not panel.bar.retry.isVisible()


def test_what_the_worker_wants_known_is_told(
    qtbot: QtBot, panel: PreviewPanel, asset: HeadAsset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_notice(answer: dict[str, Any]) -> RenderResult:
        return replace(read_result(answer), notices=("The GPU failed.",))

    monkeypatch.setattr("widgets.panels.preview.read_result", with_notice)
    told: list[tuple[str, str]] = []
    panel.message.connect(lambda level, text: told.append((level, text)))
    panel.set_asset(asset)
    rendered(qtbot, panel)
    assert told == [("warning", "The GPU failed.")]


def test_a_render_grows_and_ends_with_all_passes(
    qtbot: QtBot, panel: PreviewPanel, document: Document, asset: HeadAsset, tmp_path: Path
) -> None:
    camera = replace(document.scene.camera, width=320, height=240)
    fine = RenderSettings(samples=12)
    document.change("Size", replace(document.scene, camera=camera, render=fine))
    panel.set_asset(asset)
    widths: list[int] = []
    show = panel.picture.view.set_picture

    def watch(image: QImage | None, scale: object = None) -> None:
        if image is not None:
            widths.append(image.width())
        show(image, scale)  # type: ignore[arg-type]

    panel.picture.view.set_picture = watch  # type: ignore[method-assign]
    busy: list[bool] = []
    panel.busy_changed.connect(busy.append)
    panel.render()
    assert panel.bar.button.text() == "Cancel"
    qtbot.waitUntil(lambda: not panel.busy, timeout=RENDER_MS)
    qtbot.waitUntil(lambda: len(panel._pictures.images) == 4, timeout=10_000)
    assert busy == [True, False]
    assert panel.bar.button.text() == "Render"
    assert min(widths) < 320 and widths[-1] == 320, "a small picture first, the whole one last"
    images = panel._pictures.images
    assert list(images) == ["color", "depth", "normals", "segmentation"]
    assert all(image.size() == QSize(320, 240) for image in images.values())
    assert panel.picture.passes.key() == "color"

    panel.picture.passes.button("depth").click()
    depth = panel._pictures.depth
    assert depth is not None and depth.dtype == np.float32
    x, y = 160, 120
    metres = float(depth[y, x])
    assert 0.3 < metres < 0.5, "the face, half a metre away"
    panel.picture.view.hovered.emit((x, y))
    assert f"{metres:.4f} m" in panel.status.text()
    labels = panel._pictures.labels
    assert labels is not None and labels[y, x] > 0
    assert SEGMENTS[labels[y, x]] in panel.status.text()
    panel.picture.view.hovered.emit((0, 0))
    assert "no surface" in panel.status.text()
    assert "background" in panel.status.text()

    viridis = images["depth"].pixelColor(x, y)
    panel.picture._map.setCurrentIndex(2)
    panel.picture._map.activated.emit(2)
    qtbot.waitUntil(lambda: panel._pictures.images["depth"].pixelColor(x, y) != viridis)

    for name in ("depth.png", "depth.jpg", "depth.exr"):
        panel.write_picture(tmp_path / name)
        qtbot.waitUntil(lambda name=name: panel.status.said == f"Saved {name}")
    assert QImage(str(tmp_path / "depth.png")).size() == QSize(320, 240)
    assert (tmp_path / "depth.exr").read_bytes().startswith(b"\x76\x2f\x31\x01")
    panel.write_picture(tmp_path / "no" / "folder.png")
    qtbot.waitUntil(panel.bar.error.isVisible)
    assert "folder.png could not be written" in panel.bar.error.text()
    panel.copy_picture()
    assert QGuiApplication.clipboard().image().size() == QSize(320, 240)
    assert panel.file_stem.endswith("_yaw+15_pitch+0_roll+0_depth")


def test_history_shows_restores_and_deletes(
    qtbot: QtBot, panel: PreviewPanel, document: Document, asset: HeadAsset
) -> None:
    panel.set_asset(asset)
    rendered(qtbot, panel)
    first_scene = document.scene
    document.change("Turn", replace(document.scene, pose=HeadPose(-30.0)))
    rendered(qtbot, panel)
    newest, oldest = panel.history.renderings
    assert panel.past.strip.count() == 2
    assert panel.past.strip.item(0).toolTip().count("yaw -30.0°") == 1
    panel.past.strip.chosen.emit(oldest)
    qtbot.waitUntil(lambda: panel._rendering is oldest)
    steps = document.undo_stack.count()
    panel.past.restore_button.click()
    assert document.scene.pose == first_scene.pose
    assert document.undo_stack.count() == steps + 1
    panel.past.remove_button.click()
    assert panel.history.renderings == (newest,)
    assert not oldest.folder.exists()
    assert not panel.picture.view.has_picture


def test_the_wipe_is_offered_to_the_viewport(
    qtbot: QtBot, panel: PreviewPanel, asset: HeadAsset
) -> None:
    panel.set_asset(asset)
    rendered(qtbot, panel)
    with qtbot.waitSignal(panel.comparison_changed) as shown:
        panel.picture.compare.click()
    image, split = shown.args
    assert image.size() == QSize(96, 72) and split == 0.5
    with qtbot.waitSignal(panel.comparison_changed) as shown:
        panel.picture._split.edit(25.0, object())
    assert shown.args[1] == 0.25
    with qtbot.waitSignal(panel.comparison_changed) as shown:
        panel.picture.compare.click()
    assert shown.args[0] is None


def test_cancel_keeps_the_last_picture_and_the_next_render_works(
    qtbot: QtBot, document: Document, asset: HeadAsset
) -> None:
    before = document.scene
    slow = replace(before.render, samples=4096)
    camera = replace(before.camera, width=640, height=480)
    document.change("Slow", replace(before, render=slow, camera=camera))
    with Blender(spare=False) as own:
        panel = PreviewPanel(document, own)
        qtbot.addWidget(panel)
        panel.set_asset(asset)
        panel.show()
        panel.render()
        qtbot.waitUntil(lambda: panel.picture.view.has_picture, timeout=RENDER_MS)
        panel.bar.button.click()
        qtbot.waitUntil(lambda: not panel.busy, timeout=10_000)
        assert panel.status.said == "Cancelled"
        assert panel.picture.view.has_picture
        assert panel.history.renderings == ()
        document.change("Quick", before)
        rendered(qtbot, panel)
        panel.close_history()


def test_a_failure_is_one_line_and_can_be_tried_again(
    qtbot: QtBot, panel: PreviewPanel, document: Document, asset: HeadAsset
) -> None:
    panel.set_asset(asset)
    good = document.scene
    gone = replace(good.environment, picture="/nowhere/sky.exr")
    document.change("Broken", replace(good, environment=gone))
    with qtbot.waitSignal(panel.message, timeout=RENDER_MS) as said:
        panel.render()
    assert said.args[0] == "error" and "\n" not in said.args[1]
    qtbot.waitUntil(lambda: not panel.busy, timeout=RENDER_MS)
    assert panel.bar.error.text() == said.args[1]
    assert panel.bar.retry.isVisible()
    document.change("Mended", good)
    panel.bar.retry.click()
    assert panel.busy
    assert not panel.bar.error.isVisible()
    qtbot.waitUntil(lambda: not panel.busy, timeout=RENDER_MS)
    assert len(panel.history.renderings) == 1


def test_the_blend_is_written_with_its_textures(
    qtbot: QtBot, panel: PreviewPanel, asset: HeadAsset, tmp_path: Path
) -> None:
    panel.set_asset(asset)
    panel.write_blend(tmp_path / "scene.blend")
    qtbot.waitUntil(lambda: not panel.blend.busy, timeout=RENDER_MS)
    assert "scene.blend is written" in panel.blend.note.text()
    assert (tmp_path / "scene.blend").stat().st_size > 100_000
    assert panel.blend.folder.isVisible()


def test_settings_change_the_scene_and_one_pass_stays(
    panel: PreviewPanel, document: Document
) -> None:
    settings = panel.settings
    settings.engine.button("eevee").click()
    settings.samples.edit(64.0, None)
    settings.denoise.click()
    for name in ("depth", "normals", "segmentation", "color"):
        settings.passes[name].click()  # type: ignore[index]
    assert document.scene.render == RenderSettings("eevee", 64, False, ("color",))
    assert settings.passes["color"].isChecked(), "a render without any pass would be empty"
    settings.passes["depth"].click()
    assert document.scene.render.passes == ("color", "depth")


def test_zoom_keeps_the_pixel_under_the_cursor(qtbot: QtBot) -> None:
    view = PictureView()
    qtbot.addWidget(view)
    view.resize(300, 200)
    image = QImage(600, 400, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    view.set_picture(image)
    assert view.zoom == pytest.approx(0.5 * view.devicePixelRatioF())
    assert view.pixel_at(QPointF(150, 100)) == (300, 200)
    place = QPointF(60, 50)
    pixel = view.pixel_at(place)
    for _ in range(5):
        view.zoom_at(place, 1.5)
        assert view.pixel_at(place) == pixel
    view.actual_size()
    assert view.zoom == pytest.approx(1.0)
    view.fit()
    assert view.pixel_at(QPointF(0, 0)) == (0, 0)
    assert view.pixel_at(QPointF(-1, 0)) is None
    view.zoom_at(place, 2.0)
    pixel = view.pixel_at(QPointF(150, 100))
    smaller = image.scaled(300, 200)
    view.set_picture(smaller)
    assert pixel is not None
    assert view.pixel_at(QPointF(150, 100)) == (pixel[0] // 2, pixel[1] // 2), (
        "the next stage of a growing picture lies where the last one lay"
    )
