"""Landmarks placed on a new head: by registration, and by pictures that are cast on to it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.curate.auto_place import AutoPlaced, HeadGround, by_pictures, by_registration, keep
from app.curate.casting import Bytes, cameras, rays
from app.curate.surface import Spots
from app.geometry.rotations import Array
from app.head.asset import HeadAsset, Material, Source
from app.scene.placement import pinhole
from app.scene.scene import Camera
from app.topology import placement_file, store
from app.topology.contour import outline_lines, visible_outline
from app.topology.default_head import default_head
from app.topology.landmarks import base_vertices_of, shared_placement
from app.topology.placement import Placement
from app.topology.registration_surface import at_zero_pose

IBUG = store.load("ibug-68")
AROUND = cameras()


@functools.cache
def stranger() -> HeadAsset:
    """The default head, broader and longer, as if it came from a stranger."""
    asset = default_head()
    meshes = tuple(
        replace(
            m,
            vertices=(
                (m.vertices - asset.head_centre) * [1.05, 1.02, 1.06] + asset.head_centre
            ).astype(np.float32),
            materials=np.full(len(m.triangles), int(m.name != "Head"), np.int32),
        )
        for m in asset.meshes
    )
    source = Source("stranger.fbx", "c" * 64, 7400, "", 1.0, 0.0)
    materials = (Material("skin", "skin"), Material("inside", "teeth"))
    return replace(asset, name="stranger", meshes=meshes, materials=materials, source=source)


@pytest.fixture(scope="module")
def head() -> HeadAsset:
    return stranger()


@pytest.fixture(scope="module")
def truth(head: HeadAsset) -> Placement:
    base = base_vertices_of(default_head())
    assert base is not None
    return shared_placement(head.meshes, base, IBUG)


@pytest.fixture(scope="module")
def start(head: HeadAsset) -> AutoPlaced:
    (found,) = by_registration(head, (IBUG,))
    return found


def at_rest(head: HeadAsset) -> list[Array]:
    """Vertices at zero pose; the default head is kept without the weights to be posed by."""
    return [at_zero_pose(head, m.vertices.astype(np.float64)) for m in head.meshes]


def where(head: HeadAsset, placement: Placement) -> Array:
    return placement.positions(at_rest(head))


@functools.cache
def ground() -> HeadGround:
    return HeadGround.of(stranger())


def numbered(camera: Camera) -> Bytes:
    """A picture that says no more than which camera took it."""
    return np.full((1, 1, 3), AROUND.index(camera), np.uint8)


def annotator(head: HeadAsset, truth: Placement, noise: float) -> Callable[[Bytes], Array | None]:
    """Draws the points as people do, the jaw along the outline that is seen; misses profiles."""
    posed = at_rest(head)
    lines = outline_lines(head.meshes, truth)
    points = truth.positions(posed)
    dice = np.random.default_rng(3)

    def predict(picture: Bytes) -> Array | None:
        camera = AROUND[int(picture[0, 0, 0])]
        if abs(camera.azimuth) > 60.0:
            return None
        drawn = points.copy()
        drawn[:17] = visible_outline(lines, posed, pinhole(camera))
        return pinhole(camera).project(drawn) + dice.normal(0.0, noise, (68, 2))

    return predict


def test_registration_places_a_strangers_landmarks(
    head: HeadAsset, truth: Placement, start: AutoPlaced
) -> None:
    off = np.linalg.norm(where(head, start.placement) - where(head, truth), axis=1)
    assert off.mean() < 0.004
    assert start.by == "registration" and start.residuals.shape == (68,)
    order = start.worst_first
    assert sorted(order) == list(range(68))
    assert (np.diff(start.residuals[list(order)]) <= 0.0).all()


@pytest.mark.parametrize(("noise", "allowed"), [(0.0, 0.0006), (1.5, 0.002)])
def test_points_seen_in_pictures_are_cast_on_to_the_head(
    head: HeadAsset, truth: Placement, start: AutoPlaced, noise: float, allowed: float
) -> None:
    found = by_pictures(head, start, numbered, annotator(head, truth, noise), AROUND)
    off = np.linalg.norm(where(head, found.placement) - where(head, truth), axis=1)
    assert found.by == "model"
    assert off.mean() < allowed
    meshes = [m.name for m in head.meshes]
    for i in range(68):
        triangles = head.meshes[found.placement.meshes[i]].triangles
        assert (np.sort(triangles, axis=1) == np.sort(found.placement.corners[i])).all(axis=1).any()
    assert meshes[found.placement.meshes[30]] == "Head"


def test_a_point_drawn_wrongly_is_the_first_to_be_looked_at(
    head: HeadAsset, truth: Placement, start: AutoPlaced
) -> None:
    good = annotator(head, truth, 0.0)

    def wrong(picture: Bytes) -> Array | None:
        points = good(picture)
        if points is not None:
            points[27] += [0.0, 26.0]
            points[48] = points[8] + [400.0, 0.0]
        return points

    found = by_pictures(head, start, numbered, wrong, AROUND)
    assert set(found.worst_first[:2]) == {27, 48}
    there, here = where(head, found.placement), where(head, start.placement)
    assert np.allclose(there[48], here[48], atol=1e-6)


def test_without_a_face_in_any_picture_it_says_so(head: HeadAsset, start: AutoPlaced) -> None:
    with pytest.raises(ValueError, match="no face was found in any picture"):
        by_pictures(head, start, numbered, lambda picture: None, AROUND)
    with pytest.raises(ValueError, match="the network finds 5 points, ibug-68 has 68"):
        by_pictures(head, start, numbered, lambda picture: np.zeros((5, 2)), AROUND)


def test_placements_are_kept_and_what_a_person_corrected_stays(
    head: HeadAsset, truth: Placement, start: AutoPlaced
) -> None:
    saved = keep(head, (start,))
    assert saved.topologies[0].landmarks[30].by == "registration"
    spot = ground().spots(truth)[30]
    corrected = ground().landmark(head, "nose tip", spot)
    placement_file.correct(head, IBUG, 30, corrected)
    found = by_pictures(head, start, numbered, annotator(head, truth, 0.0), AROUND)
    again = keep(head, (found,))
    assert again.topologies[0].landmarks[30] == replace(corrected, by="person")
    assert {m.by for m in again.topologies[0].landmarks} == {"model", "person"}
    read = placement_file.read(head.source.sha256)
    assert read == again and read.topologies[0].residual < 0.02
    kept = placement_file.placement_of(head, read, IBUG)
    assert kept is not None
    off = np.linalg.norm(where(head, kept[0]) - where(head, found.placement), axis=1)
    assert np.delete(off, 30).max() < 1e-5


def test_the_ground_of_a_head_and_its_placements_agree(head: HeadAsset, truth: Placement) -> None:
    spots = ground().spots(truth)
    assert (spots.triangles >= 0).all()
    assert np.abs(ground().surface.at(spots) - where(head, truth)).max() < 1e-4
    back = ground().placement(IBUG, spots)
    assert np.abs(where(head, back) - where(head, truth)).max() < 1e-9


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 9), st.integers(0, 10**6))
def test_rays_through_pixels_meet_what_single_rays_meet(camera: int, seed: int) -> None:
    surface = ground().surface
    view = pinhole(AROUND[camera])
    dice = np.random.default_rng(seed)
    rows = dice.integers(0, len(surface.triangles), 12)
    pixels = view.project(surface.at(Spots(rows, dice.dirichlet([1.0] * 3, 12))))
    found = rays(surface, view, pixels)
    for i, pixel in enumerate(pixels):
        met = surface.ray(*view.ray((float(pixel[0]), float(pixel[1]))))
        assert (met is None) == (found.triangles[i] < 0)
        if met is not None:
            assert np.linalg.norm(surface.at(met[0]) - surface.at(found[i])) < 1e-6


def test_a_real_picture_is_taken_of_the_head(head: HeadAsset) -> None:
    from app.curate.pictures import rastered
    from app.raster.window import NoOpenGLError

    try:
        with rastered(head) as render:
            picture = render(cameras(160)[0])
    except NoOpenGLError as missing:
        pytest.skip(f"no OpenGL here: {missing}")
    assert picture.shape == (160, 160, 3) and picture.dtype == np.uint8
    assert (picture[0, 0] == 128).all()
    covered = (np.abs(picture.astype(int) - 128).max(axis=2) > 4).mean()
    assert 0.1 < covered < 0.9
