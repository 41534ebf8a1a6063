"""Hair lies on the head, and lashes follow the lids."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

pytest.importorskip("anny", reason="the 'bake' extra (anny, torch) is not installed")
pytest.importorskip("scipy", reason="the 'bake' extra (scipy) is not installed")

from scipy.spatial import cKDTree

from app.bake.assemble import build_person
from app.bake.person import random_person
from app.bake.scalp import hairline_distance
from app.topology import store
from app.topology.base_mesh import positions

STYLES = ("bob", "short", "crop")


@functools.cache
def baked(style: str) -> Any:
    return build_person(random_person(5, gender=1.0, age=30.0, hair_style=style))


def parts(style: str) -> dict[str, Any]:
    return {part.name: part for part in baked(style).parts}


@pytest.mark.parametrize("style", STYLES)
def test_a_person_is_light_enough_to_draw_live(style: str) -> None:
    assert baked(style).triangles < 44_500


@pytest.mark.parametrize("style", STYLES)
def test_no_lock_stands_off_the_crown(style: str) -> None:
    head, locks = parts(style)["Head"], parts(style)["Hair"].vertices
    distance, _ = cKDTree(head.vertices).query(locks)
    crown = locks[:, 2] > baked(style).body.head_centre[2] + 0.06
    assert crown.any()
    assert distance[crown].max() < 0.02


@pytest.mark.parametrize("style", STYLES)
def test_no_lock_hangs_before_the_forehead(style: str) -> None:
    locks = parts(style)["Hair"].vertices - baked(style).body.head_centre
    middle = (np.abs(locks[:, 0]) < 0.03) & (locks[:, 1] < 0.0) & (locks[:, 2] > 0.0)
    assert hairline_distance(locks[middle], 1.0, 30.0).min(initial=0.0) > -0.012


def test_lashes_are_fine_and_point_down_from_a_closed_lid() -> None:
    lashes = parts("crop")["Lashes"]
    strands = lashes.vertices.reshape(-1, 7, 3)
    width = np.linalg.norm(strands[:, 0] - strands[:, 1], axis=1)
    length = np.linalg.norm(strands[:, 6] - strands[:, :2].mean(axis=1), axis=1)
    assert width.max() < 0.0002
    assert length.max() < 0.010
    upper = strands[:, 6, 2] > strands[:, 0, 2]
    blink = lashes.actions["eyeBlinkLeft"] + lashes.actions["eyeBlinkRight"]
    closed = (lashes.vertices + blink).reshape(-1, 7, 3)[upper]
    assert np.mean(closed[:, 6, 2] < closed[:, 0, 2]) > 0.9
    assert np.allclose(
        np.linalg.norm(closed[:, 6] - closed[:, 0], axis=1), length[upper], atol=2e-4
    )


def test_upper_teeth_reach_below_the_lip_of_an_open_mouth() -> None:
    body, teeth = baked("crop").body, parts("crop")["Teeth"]
    front = np.abs(teeth.vertices[:, 0]) < 0.006
    upper = teeth.vertices[:, 2] > np.median(teeth.vertices[front, 2])
    opened = positions(store.load("ibug-68"), body.vertices + 0.6 * body.actions["jawOpen"])
    edge = teeth.vertices[front & upper, 2].min()
    assert 0.001 < opened[62, 2] - edge < 0.009
