"""Off-screen pictures of data sets: what they hold, that they repeat, and where they are made."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.head.asset import HeadAsset
from app.head.pose import HeadPose
from app.raster.renderer import RasterRenderer
from app.raster.window import NoOpenGLError
from app.scene.layers import Layers
from app.scene.placement import pinhole
from app.scene.room import Room, RoomPart
from app.scene.scene import Camera, Environment, HeadFile, Light, Scene
from app.scene.segments import SEGMENTS
from tests.gui.viewport_head import viewport_head

ROOT = Path(__file__).resolve().parents[2]
CAMERA = Camera(distance=0.6, field_of_view=40.0, width=96, height=72)
LAMP = Light("Key", "point", energy=12.0, size=0.05, position=(0.6, -0.7, 0.5))
DARK = Environment(None, color=(0.2, 0.2, 0.2), strength=1.0)
SCENE = Scene(HeadFile(""), camera=CAMERA, lights=(LAMP,), environment=DARK)


@pytest.fixture(scope="module")
def renderer() -> Iterator[RasterRenderer]:
    made = RasterRenderer()
    yield made
    made.close()


def digest(layers: Layers) -> str:
    arrays = (layers.color, layers.alpha, layers.depth, layers.segments, *layers.vertices)
    return hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)).hexdigest()


def with_role(head: HeadAsset, role: str, **looks: object) -> HeadAsset:
    """The round head whose skull has another role."""
    skull = replace(head.materials[0], role=role, **looks)
    return replace(head, materials=(skull, *head.materials[1:]))


def traced(layers: Layers, head: HeadAsset, pixel: tuple[float, float]) -> float:
    """Depth of the nearest triangle on a pixel's ray (Möller and Trumbore 1997)."""
    view = pinhole(CAMERA)
    origin, ray = view.ray(pixel)
    nearest = np.inf
    for vertices, mesh in zip(layers.vertices, head.meshes, strict=True):
        a, b, c = (vertices[corner].astype(float) for corner in mesh.triangles.T)
        across = np.cross(ray, c - a)
        area = np.einsum("ti,ti->t", b - a, across)
        area[np.abs(area) < 1e-15] = np.nan
        u = np.einsum("ti,ti->t", origin - a, across) / area
        turned = np.cross(origin - a, b - a)
        v = turned @ ray / area
        t = np.einsum("ti,ti->t", c - a, turned) / area
        hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0)
        nearest = min(nearest, float(t[hit].min(initial=np.inf)))
    return nearest * float(-view.matrix_world[:3, 2] @ ray)


@pytest.mark.parametrize("pose", [HeadPose(), HeadPose(25.0, -10.0, 5.0, shapes={"grow": 0.7})])
def test_depth_is_that_of_the_ray_through_the_pixel(
    renderer: RasterRenderer, pose: HeadPose
) -> None:
    head = viewport_head()
    renderer.open(head)
    layers = renderer.render(replace(SCENE, pose=pose), None)
    draw = np.random.default_rng(1)
    different = 0
    for column, row in draw.integers((0, 0), (CAMERA.width, CAMERA.height), (150, 2)):
        expected = traced(layers, head, (float(column), float(row)))
        found = float(layers.depth[row, column])
        different += not (found == expected or abs(found - expected) < 2e-5)
    assert different <= 1
    nothing = layers.segments == 0
    assert nothing.any()
    assert np.isinf(layers.depth[nothing]).all()
    assert np.isfinite(layers.depth[~nothing]).all()
    assert layers.alpha[nothing].max() < 1.0
    assert layers.alpha[~nothing].min() > 0.0


def test_layers_have_the_shapes_and_kinds_that_are_promised(renderer: RasterRenderer) -> None:
    renderer.open(viewport_head())
    odd = replace(SCENE, camera=replace(CAMERA, width=97, height=61))
    for scene in (SCENE, odd):
        layers = renderer.render(scene, None)
        size = (scene.camera.height, scene.camera.width)
        assert layers.color.shape == (*size, 3) and layers.color.dtype == np.uint8
        assert layers.alpha.shape == size and layers.alpha.dtype == np.float32
        assert layers.depth.shape == size and layers.depth.dtype == np.float32
        assert layers.segments.shape == size and layers.segments.dtype == np.uint8
        assert [len(v) for v in layers.vertices] == [
            len(m.vertices) for m in viewport_head().meshes
        ]


def test_a_cornea_hides_nothing_in_the_ground_truth(renderer: RasterRenderer) -> None:
    head = viewport_head()
    renderer.open(with_role(head, "cornea"))
    seen = renderer.render(SCENE, None)
    middle = seen.segments[20:50, 30:66]
    assert SEGMENTS.index("skin") not in middle
    renderer.open(with_role(head, "skin", alpha=0.4))
    assert (renderer.render(SCENE, None).segments[10:20, 40:56] == 0).all()
    renderer.open(with_role(head, "skin", alpha=0.6))
    assert (renderer.render(SCENE, None).segments[14:20, 44:52] > 0).all()


def test_a_picture_with_alpha_cuts_where_it_is_less_than_half(
    renderer: RasterRenderer, tmp_path: Path
) -> None:
    card = np.full((64, 64, 4), 200, np.uint8)
    card[:32, :, 3], card[32:, :, 3] = 100, 200
    cv2.imwrite(str(tmp_path / "card.png"), card)
    head = replace(viewport_head(), folder=tmp_path)
    hair = with_role(head, "hair", color_texture="card.png", alpha_texture=True)
    renderer.open(hair)
    layers = renderer.render(SCENE, None)
    upper, lower = layers.segments[14:24, 44:52], layers.segments[44:52, 42:54]
    assert (upper != SEGMENTS.index("hair")).any()
    assert (lower == SEGMENTS.index("hair")).all()


def test_the_same_request_gives_the_same_bytes_whatever_came_before(
    renderer: RasterRenderer,
) -> None:
    head = viewport_head()
    renderer.open(head)
    first = digest(renderer.render(SCENE, None))
    turned = replace(SCENE, pose=HeadPose(yaw=40.0, shapes={"grow": 0.5}), lights=())
    other = digest(renderer.render(turned, None))
    renderer.render(replace(turned, camera=replace(CAMERA, width=50, azimuth=30.0)), ROOM)
    assert digest(renderer.render(turned, None)) == other
    renderer.open(with_role(head, "hair"))
    renderer.render(SCENE, None)
    renderer.open(head)
    assert digest(renderer.render(SCENE, None)) == first != other


def digest_of_a_new_renderer() -> str:
    renderer = RasterRenderer()
    renderer.open(viewport_head())
    answer = digest(renderer.render(SCENE, None))
    renderer.close()
    return answer


def test_another_thread_and_another_process_give_the_same_bytes(
    renderer: RasterRenderer,
) -> None:
    renderer.open(viewport_head())
    here = digest(renderer.render(SCENE, None))
    answers: list[str] = []
    thread = threading.Thread(target=lambda: answers.append(digest_of_a_new_renderer()))
    thread.start()
    thread.join(60)
    code = "from tests.unit import test_raster_renderer as t; print(t.digest_of_a_new_renderer())"
    place = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    command = [sys.executable, "-c", code]
    out = subprocess.run(
        command, cwd=ROOT, env=place, capture_output=True, text=True, timeout=60, check=False
    )
    assert [*answers, out.stdout.strip()] == [here, here], out.stderr


@pytest.mark.parametrize("kind", ["area", "sun", "point", "spot"])
def test_every_lamp_lights_what_faces_it(renderer: RasterRenderer, kind: str) -> None:
    renderer.open(viewport_head())
    lamp = replace(LAMP, kind=kind, energy=3.0 if kind == "sun" else 20.0, size=0.1)
    lamp = replace(lamp, position=(1.0, -0.6, 0.0))
    layers = renderer.render(
        replace(SCENE, lights=(lamp,), environment=replace(DARK, strength=0.02)), None
    )
    skin = np.where(layers.segments == 1, layers.color.mean(axis=2), np.nan)
    left, right = np.nanmean(skin[:, :48]), np.nanmean(skin[:, 48:])
    assert right > 1.3 * left


def test_what_stands_before_a_lamp_throws_a_shadow(renderer: RasterRenderer) -> None:
    renderer.open(viewport_head())
    above = replace(LAMP, kind="sun", energy=5.0, size=0.5, position=(0.0, -0.02, 3.0))
    scene = replace(SCENE, lights=(above,), environment=replace(DARK, strength=0.05))
    lit = renderer.render(scene, None)
    body = lit.segments == SEGMENTS.index("other")
    assert body.any()
    beside = replace(above, position=(0.0, -3.0, -0.25), target=(0.0, 0.0, -0.25))
    seen = renderer.render(replace(scene, lights=(beside,)), None)
    assert lit.color[body].mean() < 0.6 * seen.color[body].mean()


def test_the_surroundings_show_where_they_are_wanted(renderer: RasterRenderer) -> None:
    renderer.open(viewport_head())
    shown = renderer.render(replace(SCENE, environment=replace(DARK, visible=True)), None)
    assert (shown.alpha == 1.0).all()
    corner = shown.color[0, 0].astype(int)
    assert corner.min() > 60
    assert np.isinf(shown.depth[0, 0])
    bare = renderer.render(SCENE, None)
    inside = bare.alpha == 1.0
    np.testing.assert_array_equal(shown.color[inside], bare.color[inside])


WALL = np.array([[-3, 2, -3], [3, 2, -3], [3, 2, 3], [-3, 2, 3]], np.float32)
TEXTURE = np.zeros((8, 8, 3), np.uint8)
TEXTURE[:, :, 1] = 255
ROOM = Room(
    "cell",
    (
        RoomPart(
            "wall",
            WALL,
            np.array([[0, 1, 2], [0, 2, 3]], np.int32),
            np.zeros((2, 3, 2), np.float32),
            texture=TEXTURE,
        ),
    ),
    (Light("ceiling", "area", energy=40.0, size=1.0, position=(0.0, 0.5, 1.5)),),
)


def test_a_room_stands_behind_the_head_in_colour_and_depth(renderer: RasterRenderer) -> None:
    renderer.open(viewport_head())
    alone, within = renderer.render(SCENE, None), renderer.render(SCENE, ROOM)
    np.testing.assert_array_equal(within.segments, alone.segments)
    wall = within.segments == 0
    np.testing.assert_allclose(within.depth[wall], 2.6, atol=1e-3)
    np.testing.assert_allclose(within.depth[~wall], alone.depth[~wall], atol=1e-4)
    assert (within.alpha == 1.0).all()
    red, green, blue = within.color[2, 2].astype(int)
    assert green > red + 40 and green > blue + 40
    many = [replace(ROOM, name=str(i)) for i in range(5)]
    for room in many:
        np.testing.assert_array_equal(renderer.render(SCENE, room).color, within.color)


def test_textures_that_are_missing_or_broken_leave_the_plain_colour(
    renderer: RasterRenderer, tmp_path: Path
) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    head = with_role(
        replace(viewport_head(), folder=tmp_path),
        "skin",
        color_texture="broken.png",
        normal_texture="missing.png",
    )
    renderer.open(head)
    assert len(renderer.warnings) == 2
    assert renderer.render(SCENE, None).color.max() > 60


def test_a_head_outside_the_picture_or_around_the_camera_is_no_fault(
    renderer: RasterRenderer,
) -> None:
    renderer.open(viewport_head())
    away = replace(CAMERA, look_at=False, rotation=(0.0, 180.0, 0.0))
    layers = renderer.render(replace(SCENE, camera=away), None)
    assert np.isinf(layers.depth).all() and (layers.alpha == 0.0).all()
    inside = replace(CAMERA, distance=0.05)
    assert np.isfinite(renderer.render(replace(SCENE, camera=inside), None).depth).any()


def test_pictures_are_made_of_heads_that_have_no_triangles(renderer: RasterRenderer) -> None:
    head = viewport_head()
    empty = tuple(
        replace(
            m,
            triangles=m.triangles[:0],
            uvs=m.uvs[:0],
            normals=m.normals[:0],
            materials=m.materials[:0],
        )
        for m in head.meshes
    )
    renderer.open(replace(head, meshes=empty))
    assert (renderer.render(SCENE, None).segments == 0).all()


def test_without_opengl_there_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "HEADROOM_NO_OPENGL", "1")
    with pytest.raises(NoOpenGLError) as fault:
        RasterRenderer()
    assert "\n" not in str(fault.value)


def test_nothing_is_rendered_before_a_head_is_open() -> None:
    renderer = RasterRenderer()
    with pytest.raises(ValueError):
        renderer.render(SCENE, None)
    renderer.close()
