"""Frames of data sets by Cycles: the truth beside them, rooms, repeatability, workers that die."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.blender.client import Blender
from app.blender.heads import Opened, open_head
from app.blender.protocol import Done
from app.dataset.cycles import CyclesRenderer, RenderError
from app.head.pose import HeadPose
from app.head.skinning import pose_vertices
from app.scene.interiors import build_room
from app.scene.layers import Layers
from app.scene.placement import pinhole
from app.scene.room import Room
from app.scene.scene import Camera, Environment, HeadFile, Light, LightKind, RenderSettings, Scene
from app.scene.segments import SEGMENTS

KINDS: tuple[LightKind, ...] = ("sun", "spot", "point")
SKIN, EYES = SEGMENTS.index("skin"), SEGMENTS.index("eyes")


@pytest.fixture(scope="module")
def blender() -> Iterator[Blender]:
    with Blender(spare=False) as client:
        client.submit("ping", {}).result(60)
        yield client


@pytest.fixture(scope="module")
def ada(blender: Blender) -> Opened:
    return open_head(HeadFile("builtin:ada"), blender)


@pytest.fixture
def renderer(blender: Blender, ada: Opened) -> Iterator[CyclesRenderer]:
    own = CyclesRenderer(blender)
    own.open(ada.asset)
    yield own
    own.close()


def scene(ada: Opened, **camera: float) -> Scene:
    view = Camera(width=64, height=64, field_of_view=50.0, **camera)  # type: ignore[arg-type]
    key = Light("key", position=(-0.5, -1.0, 0.5), energy=20.0)
    rim = Light("rim", "spot", position=(0.5, 0.8, 0.5), energy=20.0)
    settings = RenderSettings(samples=4, seed=3)
    return Scene(ada.head, HeadPose(yaw=15.0), view, (key, rim), render=settings)


def same_truth(a: Layers, b: Layers) -> bool:
    return np.array_equal(a.depth, b.depth) and np.array_equal(a.segments, b.segments)


def worst(a: Layers, b: Layers) -> int:
    return int(np.abs(a.color.astype(int) - b.color).max())


def test_layers_agree_with_one_another(renderer: CyclesRenderer, ada: Opened) -> None:
    wanted = scene(ada, distance=0.4)
    layers = renderer.render(wanted, None)
    assert layers.color.shape == (64, 64, 3) and layers.alpha.shape == (64, 64)
    inside = np.isfinite(layers.depth)
    assert np.array_equal(inside, layers.segments > 0)
    assert (layers.alpha[inside] > 0.2).mean() > 0.99
    far = ~inside & ~np.roll(inside, 2, 0) & ~np.roll(inside, -2, 0)
    far &= ~np.roll(inside, 2, 1) & ~np.roll(inside, -2, 1)
    assert (layers.alpha[far] < 0.05).mean() > 0.97
    expected = pose_vertices(ada.asset, wanted.pose)
    for own, other in zip(layers.vertices, expected, strict=True):
        assert np.array_equal(own, other)


def test_depth_is_that_of_the_posed_skin(renderer: CyclesRenderer, ada: Opened) -> None:
    """Rays through the centres of pixels meet the posed triangles where depth says."""
    wanted = scene(ada, distance=0.4)
    layers, view = renderer.render(wanted, None), pinhole(wanted.camera)
    skin = [i for i, m in enumerate(ada.asset.materials) if m.role == "skin"]
    triangles = np.concatenate(
        [
            vertices[mesh.triangles[np.isin(mesh.materials, skin)]].astype(float)
            for mesh, vertices in zip(ada.asset.meshes, layers.vertices, strict=True)
        ]
    )
    rows, columns = np.nonzero(layers.segments == SKIN)
    chosen = np.random.default_rng(0).choice(len(rows), 60, replace=False)
    errors = []
    for y, x in zip(rows[chosen], columns[chosen], strict=True):
        origin, ray = view.ray((float(x), float(y)))
        far = nearest_hit(triangles - origin, ray)
        along = far * float(view.to_camera(origin + ray)[2])
        errors.append(abs(along - float(layers.depth[y, x])))
    assert np.median(errors) < 2e-5 and np.quantile(errors, 0.9) < 5e-4


def nearest_hit(triangles: np.ndarray, ray: np.ndarray) -> float:
    """Distance along a ray from the origin (Möller and Trumbore, 1997); inf where none is hit."""
    a, b, c = (triangles[:, i] for i in range(3))
    p = np.cross(ray, c - a)
    scale = np.einsum("ti,ti->t", b - a, p)
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.einsum("ti,ti->t", -a, p) / scale
        q = np.cross(-a, b - a)
        v, far = q @ ray / scale, np.einsum("ti,ti->t", c - a, q) / scale
    hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (far > 0)
    return float(far[hit].min(initial=np.inf))


def test_an_eye_is_seen_through_its_cornea(renderer: CyclesRenderer, ada: Opened) -> None:
    """In the middle of an eye lies the iris; the cornea bulges before it."""
    close = replace(scene(ada), pose=HeadPose())
    left = Camera(width=64, height=64, distance=0.09, offset=(0.032, 0.0, 0.0), look_at=False)
    layers = renderer.render(replace(close, camera=left), None)
    roles = {m.name: m.role for m in ada.asset.materials}
    names = [m.name for m in ada.asset.materials]
    view = pinhole(left)
    nearest = {}
    for mesh, vertices in zip(ada.asset.meshes, layers.vertices, strict=True):
        for index in np.unique(mesh.materials):
            used = np.unique(mesh.triangles[mesh.materials == index])
            points = vertices[used].astype(float)
            own = points[np.abs(view.project(points) - 31.5).max(axis=1) < 16.0]
            if len(own):
                nearest[roles[names[index]]] = view.to_camera(own)[:, 2].min()
    seen = layers.depth[layers.segments == EYES]
    assert seen.size > 100
    assert nearest["cornea"] < seen.min() - 0.0005


@pytest.fixture(scope="module")
def classroom() -> Room:
    return build_room("classroom", 2)


def test_a_room_fills_the_picture_behind_the_head(
    renderer: CyclesRenderer, ada: Opened, classroom: Room
) -> None:
    wanted = scene(ada, distance=0.6)
    without = renderer.render(wanted, None)
    layers = renderer.render(wanted, classroom)
    assert (layers.alpha == 1.0).all() and np.isfinite(layers.depth).all()
    assert np.array_equal(layers.segments, without.segments)
    head = layers.segments > 0
    assert np.array_equal(layers.depth[head], without.depth[head])
    assert layers.depth[~head].min() > 1.3
    assert layers.color[~head].std() > 10
    again = renderer.render(wanted, None)
    assert same_truth(again, without) and worst(again, without) <= 1


def test_an_environment_that_is_visible_fills_the_picture(
    renderer: CyclesRenderer, ada: Opened
) -> None:
    wanted = replace(
        scene(ada, distance=0.6), environment=Environment("forest", strength=1.0, visible=True)
    )
    layers = renderer.render(wanted, None)
    assert (layers.alpha == 1.0).all() and np.isinf(layers.depth).any()
    assert layers.color[np.isinf(layers.depth)].mean() > 5


def test_a_picture_depends_on_nothing_but_its_scene(
    renderer: CyclesRenderer, ada: Opened, classroom: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not on pictures before it, nor on the worker, nor on its threads."""
    wanted = scene(ada, distance=0.4)
    first = renderer.render(wanted, None)
    turned = replace(wanted, pose=HeadPose(yaw=-40.0, shapes={"jawOpen": 1.0}))
    several = tuple(Light(kind, kind) for kind in KINDS)
    for seed in (1, 2):
        renderer.render(replace(turned, lights=several[seed - 1 :]), build_room("shop", seed))
    in_room = renderer.render(wanted, classroom)
    assert same_truth(renderer.render(wanted, None), first)
    monkeypatch.setenv("HEADROOM_THREADS", "1")
    with Blender(spare=False) as other:
        own = CyclesRenderer(other)
        own.open(ada.asset)
        alone, alone_in_room = own.render(wanted, None), own.render(wanted, classroom)
        own.close()
    assert same_truth(alone, first) and worst(alone, first) <= 1
    assert same_truth(alone_in_room, in_room) and worst(alone_in_room, in_room) <= 1


def test_a_worker_that_died_is_replaced(ada: Opened) -> None:
    wanted = scene(ada, distance=0.4)
    with Blender(spare=False) as own:
        renderer = CyclesRenderer(own)
        renderer.open(ada.asset)
        first = renderer.render(wanted, None)
        before = own.submit("ping", {}).result()
        assert isinstance(before, Done)
        killer = threading.Timer(0.04, os.kill, (before.result["pid"], signal.SIGKILL))
        killer.start()
        again = renderer.render(wanted, None)
        killer.join()
        after = own.submit("ping", {}).result()
        if not isinstance(after, Done):
            after = own.submit("ping", {}).result()
        renderer.close()
    assert isinstance(after, Done) and after.result["pid"] != before.result["pid"]
    assert same_truth(again, first) and worst(again, first) <= 1


def test_what_cannot_be_rendered_is_one_line(
    renderer: CyclesRenderer, ada: Opened, tmp_path: Path
) -> None:
    wanted = scene(ada, distance=0.4)
    odd = replace(wanted, environment=Environment(str(tmp_path / "gone.exr"), visible=True))
    with pytest.raises(RenderError) as problem:
        renderer.render(odd, None)
    assert "gone.exr" in str(problem.value) and "\n" not in str(problem.value)
    renderer.open(replace(ada.asset, folder=tmp_path))
    with pytest.raises(RenderError, match="not there any more"):
        renderer.render(wanted, None)
