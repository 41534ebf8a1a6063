"""The two renderers of data sets show one truth: depth, segments and posed points."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.blender.client import Blender
from app.blender.heads import Opened, open_head
from app.dataset.cycles import CyclesRenderer
from app.head.pose import HeadPose
from app.raster.agreement import agreement
from app.raster.renderer import RasterRenderer
from app.scene.expressions import expression_shapes
from app.scene.placement import pinhole
from app.scene.scene import Camera, HeadFile, RenderSettings, Scene


@pytest.fixture(scope="module")
def blender() -> Iterator[Blender]:
    with Blender(spare=False) as client:
        client.submit("ping", {}).result(60)
        yield client


@pytest.fixture(scope="module")
def ada(blender: Blender) -> Opened:
    return open_head(HeadFile("builtin:ada"), blender)


@pytest.mark.parametrize("turned", [False, True])
def test_raster_and_cycles_agree_to_a_millimetre(
    blender: Blender, ada: Opened, turned: bool
) -> None:
    pose, camera = HeadPose(), Camera(distance=0.4, field_of_view=45.0, width=320, height=240)
    if turned:
        shapes = expression_shapes("scared", ada.asset.shape_names)
        pose = HeadPose(yaw=35.0, pitch=-12.0, roll=10.0, shapes=shapes)
        camera = Camera(azimuth=-20, elevation=15, distance=0.5, width=320, height=240)
    scene = Scene(ada.head, pose, camera, render=RenderSettings(samples=1, denoise=False))
    cycles, raster = CyclesRenderer(blender), RasterRenderer()
    try:
        for renderer in (cycles, raster):
            renderer.open(ada.asset)
        found = agreement(cycles.render(scene, None), raster.render(scene, None), pinhole(camera))
    finally:
        cycles.close()
        raster.close()
    assert found.pixels > 20000
    assert found.depth_within > 0.999
    assert found.depth_middle < 1e-5
    assert found.mask > 0.999
    assert found.points < 0.1
    for name, overlap in found.classes.items():
        assert overlap > (0.98 if name in ("eyes", "hair") else 0.995), name
