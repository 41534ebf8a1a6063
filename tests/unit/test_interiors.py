"""Interiors: whole, repeatable, and with nothing in the way of head and camera."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from app.scene.backdrop import RoomName
from app.scene.interiors import build_room
from app.scene.room import Room

NAMES: tuple[RoomName, ...] = get_args(RoomName)


def corners(room: Room) -> np.ndarray:
    return np.concatenate([part.vertices[part.triangles] for part in room.parts])


def along_triangles(triangles: np.ndarray) -> np.ndarray:
    """Points spread over triangles, shape (T, 3, 3), as fine as 10 cm or so."""
    steps = np.linspace(0.0, 1.0, 9)
    weights = np.array([(a, b, 1 - a - b) for a in steps for b in steps if a + b <= 1.0])
    return np.einsum("pk,tki->tpi", weights, triangles).reshape(-1, 3)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [0, 1, 2, 3, 11, 23])
def test_nothing_stands_in_the_way_of_head_and_camera(name: RoomName, seed: int) -> None:
    """Within 1.3 m of the head, and before it where cameras look from."""
    triangles = corners(build_room(name, seed))
    points = along_triangles(triangles)
    floor, top = points[:, 2].min(), points[:, 2].max()
    assert 1.15 < -floor < 1.65 and top > 1.0
    standing = points[(points[:, 2] > floor + 0.01) & (points[:, 2] < top - 0.3)]
    assert np.hypot(standing[:, 0], standing[:, 1]).min() > 1.3
    assert np.linalg.norm(points, axis=1).min() > 1.1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [0, 5])
def test_a_room_is_whole_and_light_enough_for_drawing(name: RoomName, seed: int) -> None:
    room = build_room(name, seed)
    assert room.name == name and 2 <= len(room.lights) <= 4
    assert 1500 < sum(len(p.triangles) for p in room.parts) <= 15000
    assert len({p.name for p in room.parts}) == len(room.parts)
    low, high = (f(corners(room).reshape(-1, 3), axis=0) for f in (np.min, np.max))
    for part in room.parts:
        assert part.vertices.dtype == np.float32 and part.triangles.dtype == np.int32
        assert part.uvs.shape == (len(part.triangles), 3, 2) and len(part.triangles)
        assert part.triangles.min() >= 0 and part.triangles.max() < len(part.vertices)
        assert np.isfinite(part.vertices).all() and np.isfinite(part.uvs).all()
        if part.texture is not None:
            assert part.texture.dtype == np.uint8 and part.texture.shape[2] == 3
            assert max(part.texture.shape) <= 1024
    for light in room.lights:
        assert (np.array(light.position) > low).all() and (np.array(light.position) < high).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_room_is_closed(name: RoomName) -> None:
    """A ray in any direction meets something."""
    triangles = corners(build_room(name, 4)).astype(np.float64)
    rng = np.random.default_rng(0)
    rays = rng.normal(size=(60, 3))
    a, b, c = (triangles[:, i] for i in range(3))
    for ray in rays:
        p = np.cross(ray, c - a)
        scale = np.einsum("ti,ti->t", b - a, p)
        scale[np.abs(scale) < 1e-12] = np.nan
        u = np.einsum("ti,ti->t", -a, p) / scale
        q = np.cross(-a, b - a)
        v = q @ ray / scale
        far = np.einsum("ti,ti->t", c - a, q) / scale
        assert ((u >= 0) & (v >= 0) & (u + v <= 1) & (far > 0)).any()


@pytest.mark.parametrize("name", NAMES)
def test_a_room_follows_from_its_seed(name: RoomName) -> None:
    first, again, other = (build_room(name, seed) for seed in (7, 7, 8))
    assert first.lights == again.lights != other.lights
    for a, b in zip(first.parts, again.parts, strict=True):
        assert np.array_equal(a.vertices, b.vertices) and np.array_equal(a.uvs, b.uvs)
        assert (a.color, a.roughness, a.emission) == (b.color, b.roughness, b.emission)
        assert (a.texture is None and b.texture is None) or np.array_equal(a.texture, b.texture)
    assert len(corners(other)) != len(corners(first))
