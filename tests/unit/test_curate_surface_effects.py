"""What a change does, as it is shown to who reviews it."""

from __future__ import annotations

import numpy as np
import pytest

from app.curate.document import Document
from app.curate.effects import displacements, evenness, mean_lengths, on_head
from app.curate.head_surface import HeadSurface
from app.curate.mean_head import mean_head, means
from app.curate.moving import Nudge
from app.curate.structure import Add, Delete, new_ids
from app.curate.view import View
from app.topology import store
from app.topology.default_head import default_head
from app.topology.landmarks import SKIN_MESH, base_vertices_of

IBUG = store.load("ibug-68")


@pytest.fixture(scope="module")
def ada() -> HeadSurface:
    asset = default_head()
    base = base_vertices_of(asset)
    assert base is not None
    mesh = next(m for m in asset.meshes if m.name == SKIN_MESH)
    return HeadSurface.of(mesh, base, mean_head().skin)


def edited() -> Document:
    document = Document(IBUG, mean_head(), view=View(mirrored=False))
    document.do(Nudge(("ibug-68:30",), (0.0, 0.0, 1.0), 0.001))
    document.do(Nudge(("ibug-68:48",), (0.0, 0.0, 1.0), 0.003))
    document.do(Delete(("ibug-68:0",)))
    document.do(
        Add("a new one", document.head.surface.closest(np.array([[0, -0.1, 0.05]]))[0], new_ids(2))
    )
    return document


def test_the_farthest_displacement_comes_first_and_what_came_and_went_last() -> None:
    document = edited()
    found = displacements(document.base, document.topology)
    assert [d.name for d in found] == ["right mouth corner", "nose tip", "right jaw 1", "a new one"]
    assert found[0].length == pytest.approx(0.003, abs=2e-4)
    assert found[1].length == pytest.approx(0.001, abs=1e-4)
    assert found[2].after is None and found[3].before is None
    assert not displacements(IBUG, IBUG)


def test_symmetry_and_spacing_are_told_before_and_after() -> None:
    document = edited()
    before, after = evenness(document.base), evenness(document.topology)
    assert before.mirror_most < 2e-6 < 0.002 < after.mirror_most
    assert before.nearest_least == pytest.approx(0.0025, abs=2e-4)
    assert after.nearest_mean > 0.0


def test_a_change_is_told_on_a_head(ada: HeadSurface) -> None:
    document = edited()
    places = on_head(ada, mean_head(), document.topology)
    assert places.shape == means(document.topology).shape
    ((mean, most),) = mean_lengths(document.base, document.topology, [ada], mean_head())
    assert 0.0005 < mean < most < 0.005
    assert mean_lengths(IBUG, IBUG, [ada], mean_head()) == ((0.0, 0.0),)
