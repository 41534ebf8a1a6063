"""Landmarks made, spread, eased and drawn by one edit, the same on both sides, on the skin."""

from __future__ import annotations

import numpy as np
import pytest

from app.curate.action import EditError
from app.curate.checks import check
from app.curate.contours import Contour, ResampleContour
from app.curate.document import Document
from app.curate.face_area import face_area
from app.curate.generators import CentroidRound, Outline
from app.curate.mean_head import mean_head, means
from app.curate.moving import Nudge
from app.curate.resampling import Relax, Resample
from app.curate.structure import Delete
from app.curate.surface import Spots
from app.curate.view import View
from app.topology import store
from app.topology.identity import ids_of

IBUG = store.load("ibug-68")


def opened(name: str = "ibug-68", mirrored: bool = True) -> Document:
    return Document(store.load(name), mean_head(), view=View(mirrored=mirrored))


def kinds(document: Document) -> set[str]:
    return {one.kind for one in check(document.topology, face_area(), (IBUG,), base=IBUG)}


def asymmetry(document: Document) -> float:
    points = means(document.topology)
    return float(np.abs(points[list(document.topology.mirror)] * [-1, 1, 1] - points).max())


def spots(document: Document, points: list[tuple[float, float, float]]) -> Spots:
    return document.head.surface.closest(np.array(points))[0]


def test_the_papers_rounds_are_made_step_by_step() -> None:
    document = opened()
    assert document.do(Outline())
    counts = [len(document.topology)]
    assert counts == [77]
    for number in (1, 2, 3):
        assert document.do(CentroidRound())
        counts.append(len(document.topology))
        made = [m for m in document.topology.landmarks if m.origin == f"round {number}"]
        assert len(made) == counts[-1] - counts[-2]
        assert kinds(document) == set()
        assert asymmetry(document) < 2e-6
    # The paper's rounds have 18, 48 and 138 points; here a few lie on points of iBUG-68.
    assert 10 <= counts[1] - counts[0] <= 18
    assert 30 <= counts[2] - counts[1] <= 48
    assert 80 <= counts[3] - counts[2] <= 150
    known = store.load("dense-520").rounds[1]
    kept = np.array([p.mean for p in known.points])
    own = np.array([m.mean for m in document.topology.landmarks if m.origin == "round 1"])
    assert np.linalg.norm(own[:, None] - kept[None], axis=2).min(axis=1).max() < 0.0005
    for _ in range(4):
        document.undo()
    assert document.topology == document.base and document.undo_text == ""


def test_a_round_without_the_outline_says_what_is_missing() -> None:
    document = opened("dense-243")
    ids = ids_of(document.topology)
    document.do(Delete(tuple(key for key in ids if key not in ids[240:])))
    with pytest.raises(EditError, match="outline first"):
        document.do(CentroidRound())
    crooked = opened(mirrored=False)
    crooked.do(Nudge(("ibug-68:4",), (0.0, 0.0, 1.0), 0.002))
    with pytest.raises(EditError, match="jaw 5' is not mirrored"):
        crooked.do(CentroidRound())


def test_a_region_is_spread_evenly_again() -> None:
    document = opened("dense-243")
    cheek = next(p for p in document.topology.parts if p.name == "right cheek")
    ids = ids_of(document.topology)
    free = [
        i
        for i in cheek.landmarks
        if document.topology.landmarks[i].origin in ("fill", "round 2", "round 3")
        and means(document.topology)[i, 0] < -0.02
    ][:14]
    dice = np.random.default_rng(0)
    for i in free:
        way = tuple(float(x) for x in dice.normal(size=3))
        document.do(Nudge((ids[i],), (way[0], way[1], way[2]), 0.004))
    even, uneven = means(document.base)[free], means(document.topology)[free]
    chosen = tuple(ids[i] for i in free)
    fixed = [i for i in range(243) if i not in free and document.topology.mirror[i] not in free]
    before = means(document.topology)[fixed]
    assert document.do(Resample(chosen))
    evened = means(document.topology)[free]
    off = [float(np.linalg.norm(found - even, axis=1).mean()) for found in (uneven, evened)]
    assert off[0] > 0.003 and off[1] < 0.0012
    assert np.array_equal(means(document.topology)[fixed], before)
    assert asymmetry(document) < 2e-6


def test_relaxing_eases_points_between_their_neighbours() -> None:
    document = opened("dense-520")
    key = "dense-520:400"
    i = ids_of(document.topology).index(key)
    near = [b if a == i else a for a, b in document.topology.edges if i in (a, b)]
    document.do(Nudge((key,), (0.3, 0.0, 1.0), 0.004))

    def off() -> float:
        points = means(document.topology)
        return float(np.linalg.norm(points[i] - points[near].mean(axis=0)))

    before = off()
    assert document.do(Relax((key,), turns=10))
    assert off() < 0.4 * before
    assert asymmetry(document) < 2e-6
    everything = opened("dense-520")
    assert everything.do(Relax(ids_of(everything.topology), turns=1))
    assert asymmetry(everything) < 2e-6
    with pytest.raises(EditError, match="1 to 200 times"):
        document.do(Relax((key,), turns=0))


@pytest.mark.parametrize("count", [2, 7, 20])
def test_a_contour_has_so_many_points_at_even_distances(count: int) -> None:
    document = opened()
    anchors = spots(document, [(-0.06, 0.0, -0.02), (-0.05, -0.01, -0.05), (-0.03, -0.03, -0.08)])
    assert document.do(Contour("right fold", anchors, count))
    parts = {p.name: p for p in document.topology.parts}
    assert len(parts["right fold"].landmarks) == len(parts["left fold"].landmarks) == count
    points = means(document.topology)[list(parts["right fold"].landmarks)]
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    assert steps.max() < 1.15 * steps.min()
    assert np.linalg.norm(points[0] - document.head.surface.at(anchors)[0]) < 1e-5
    assert asymmetry(document) < 2e-6
    assert len(document.topology.edges) == len(IBUG.edges) + 2 * (count - 1)


def test_a_closed_contour_across_the_middle_is_one_part() -> None:
    document = opened()
    anchors = spots(
        document,
        [(-0.02, -0.05, 0.04), (0.0, -0.05, 0.06), (0.02, -0.05, 0.04), (0.0, -0.05, 0.03)],
    )
    assert document.do(Contour("third eye", anchors, 8, closed=True))
    part = document.topology.parts[-1]
    assert part.closed and len(part.landmarks) == 8 and len(document.topology) == 76
    assert len(document.topology.edges) == len(IBUG.edges) + 8


@pytest.mark.parametrize(
    ("part", "count"), [("right brow", 9), ("right brow", 3), ("jaw", 33), ("left eye", 10)]
)
def test_a_line_gets_another_number_of_points(part: str, count: int) -> None:
    document = opened()
    assert document.do(ResampleContour(part, count))
    found = next(p for p in document.topology.parts if p.name == part)
    assert len(found.landmarks) == count
    points = means(document.topology)[list(found.landmarks)]
    ring = np.concatenate([points, points[:1]]) if found.closed else points
    steps = np.linalg.norm(np.diff(ring, axis=0), axis=1)
    assert steps.max() < 1.3 * steps.min()
    old = next(p for p in IBUG.parts if p.name == part)
    assert np.allclose(points[0], means(IBUG)[old.landmarks[0]], atol=1e-6)
    if part != "jaw":
        other = part.replace("right", "x").replace("left", "right").replace("x", "left")
        twin = next(p for p in document.topology.parts if p.name == other)
        assert len(twin.landmarks) == count
        assert asymmetry(document) < 2e-6
    document.undo()
    assert document.topology == document.base


def test_a_line_with_too_many_points_is_refused() -> None:
    document = opened()
    with pytest.raises(EditError, match="2 to 500"):
        document.do(ResampleContour("jaw", 501))
    with pytest.raises(EditError, match="no part"):
        document.do(ResampleContour("tail", 5))
