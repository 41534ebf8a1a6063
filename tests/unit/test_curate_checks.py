"""Each check finds what it is for, names the landmarks, and its fix puts it right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.curate.action import Action
from app.curate.checks import KINDS, Bounds, Finding, check
from app.curate.document import Document
from app.curate.edges import DrawEdges
from app.curate.face_area import face_area
from app.curate.mean_head import mean_head
from app.curate.moving import Move, Nudge
from app.curate.naming import Reorder
from app.curate.structure import Add, Delete, new_ids
from app.curate.view import View
from app.topology import store
from app.topology.identity import ids_of, subsets_of

IBUG = store.load("ibug-68")


def opened(name: str = "ibug-68", mirrored: bool = True) -> Document:
    return Document(store.load(name), mean_head(), view=View(mirrored=mirrored))


def found(document: Document, kind: str = "") -> list[Finding]:
    everything = check(document.topology, face_area(), (IBUG,), base=document.base)
    assert {one.kind for one in everything} <= set(KINDS)
    known = set(ids_of(document.topology))
    assert all(set(one.ids) <= known for one in everything)
    return [one for one in everything if not kind or one.kind == kind]


def move(document: Document, key: str, to: tuple[float, float, float]) -> Action:
    spot, _ = document.head.surface.closest(np.array([to]))
    return Move((key,), spot)


def fixed(document: Document, kind: str) -> None:
    """Do the fix of the one finding of a kind; it is gone then."""
    (one,) = found(document, kind)
    assert one.fix is not None
    assert document.do(one.fix)
    assert found(document, kind) == []


@pytest.mark.parametrize("name", store.shipped())
def test_shipped_topologies_are_in_order(name: str) -> None:
    everything = found(opened(name))
    if name == "dense-243":  # two edges at each corner of the mouth run across the line of the lips
        assert [one.kind for one in everything] == ["crossing"] * 4
    else:
        assert everything == []


def test_a_point_on_the_neck_or_an_ear_is_outside() -> None:
    document = opened(mirrored=False)
    document.do(move(document, "ibug-68:8", (0.0, -0.01, -0.16)))
    fixed(document, "outside")
    document.do(move(document, "ibug-68:1", (-0.085, 0.07, -0.01)))
    (one,) = found(document, "outside")
    assert one.ids == ("ibug-68:1",) and "right jaw 2" in one.text
    fixed(document, "outside")


def test_a_point_off_the_surface_is_found() -> None:
    document = opened()
    marks = list(IBUG.landmarks)
    marks[30] = replace(marks[30], mean=(0.0, -0.09, -0.03))
    marks[40] = replace(marks[40], corners=(0, 7, 900))
    broken = Document(replace(IBUG, landmarks=tuple(marks)), document.head)
    found_here = found(broken, "off surface")
    assert [one.ids for one in found_here] == [("ibug-68:30",), ("ibug-68:40",)]
    for one in found_here:
        assert one.fix is not None
        broken.do(one.fix)
    assert found(broken, "off surface") == []


def test_points_too_close_are_moved_apart_and_ibugs_own_stay() -> None:
    document = opened("dense-243", mirrored=False)
    own, other = document.topology.landmarks[30], ids_of(document.topology)[200]
    beside = np.array(own.mean) + [0.0008, 0.0, 0.0]
    document.do(move(document, other, tuple(beside)))
    (one,) = found(document, "too close")
    assert set(one.ids) == {"dense-243:30", other} and "mm apart" in one.text
    fixed(document, "too close")
    assert document.topology.landmarks[30] == own


def test_a_broken_mirror_is_found_and_mended() -> None:
    document = opened(mirrored=False)
    document.do(Nudge(("ibug-68:48",), (0.0, 0.0, 1.0), 0.002))
    (one,) = found(document, "mirror")
    assert set(one.ids) == {"ibug-68:48", "ibug-68:54"} and "1.9" in one.text
    fixed(document, "mirror")
    document.do(Nudge(("ibug-68:30",), (1.0, 0.0, 0.0), 0.003))
    assert found(document, "mirror")[0].ids == ("ibug-68:30",)
    fixed(document, "mirror")
    assert document.topology.landmarks[30].mean[0] == 0.0


def test_edges_that_cross_are_found_and_the_longer_is_cut() -> None:
    document = opened(mirrored=False)
    document.do(DrawEdges(("ibug-68:36", "ibug-68:48")))
    assert found(document, "crossing") == []
    document.do(DrawEdges(("ibug-68:2", "ibug-68:33")))
    (one,) = found(document, "crossing")
    assert set(one.ids) == {"ibug-68:36", "ibug-68:48", "ibug-68:2", "ibug-68:33"}
    fixed(document, "crossing")
    assert {(2, 33), (33, 2)} & set(document.topology.edges) == set()


@pytest.mark.parametrize("name", ["ibug-68", "dense-520"])
def test_missing_landmarks_of_a_subset_are_put_back(name: str) -> None:
    document = opened(name)
    document.do(Delete((f"{name}:3", f"{name}:30")))
    (one,) = found(document, "missing")
    assert one.text.startswith("3 of ibug-68 missing: right jaw 4")
    fixed(document, "missing")
    assert document.topology == document.base


def test_landmarks_of_a_subset_that_moved_are_put_back() -> None:
    document = opened("dense-243")
    document.do(Nudge(("dense-243:36",), (0.0, 0.0, 1.0), 0.003))
    moved = found(document, "moved")
    assert [one.ids for one in moved] == [("dense-243:36",), ("dense-243:45",)]
    assert "mm from ibug-68's own" in moved[0].text
    for one in moved:
        assert one.fix is not None
        document.do(one.fix)
    assert document.topology == document.base


def test_a_subset_out_of_its_order_is_put_first() -> None:
    document = opened("dense-243")
    document.do(Reorder(("dense-243:100",), "dense-243:5"))
    fixed(document, "moved")
    assert ids_of(document.topology)[:68] == ids_of(document.base)[:68]


def test_a_point_inside_the_mouth_is_seen_by_no_camera() -> None:
    document = opened(mirrored=False)
    document.do(
        Add("molar", document.head.surface.closest(np.array([[0.0, 0.0, -0.07]]))[0], new_ids(2))
    )
    spots = document.head.surface.closest(np.array([[0.0, 0.01, -0.068]]))[0]
    document.do(Move((ids_of(document.topology)[-1],), spots))
    (one,) = found(document, "unseen")
    assert "molar" in one.text and one.fix is None


def test_bounds_can_be_set() -> None:
    strict = check(IBUG, face_area(), (), Bounds(apart=0.004))
    assert {one.kind for one in strict} == {"too close"} and len(strict) >= 3


def test_a_subset_that_a_topology_never_had_is_given_to_it() -> None:
    few = replace(
        IBUG,
        name="few",
        landmarks=IBUG.landmarks[:5],
        parts=(),
        edges=(),
        mirror=tuple(range(5)),
        subsets=(),
    )
    document = Document(few, mean_head())
    (one,) = found(document, "missing")
    assert "68 of ibug-68 missing" in one.text and one.fix is not None
    document.do(one.fix)
    assert found(document, "missing") == found(document, "moved") == []
    assert len(document.topology) == 73
    assert subsets_of(document.topology)[0].landmarks == tuple(range(68))
