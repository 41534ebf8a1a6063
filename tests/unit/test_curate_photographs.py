"""Photographs as pictures to work on: the skin lies where the points of the face were found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from app.curate.mean_head import mean_head
from app.curate.photographs import photograph_view, similarity
from app.curate.side_views import places
from app.topology import store

DENSE = store.load("dense-520")
MEANS = np.array([mark.mean for mark in DENSE.landmarks])
TO_PICTURE = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
GREY = np.full((700, 900, 3), 120, np.uint8)


def found(turn: float = 0.0, scale: float = 2000.0, wry: float = 0.0) -> np.ndarray:
    """Dense points of the mean head in a photograph, turned about the neck; wry ones are bent."""
    points = Rotation.from_euler("z", turn, degrees=True).apply(MEANS) @ TO_PICTURE.T
    points[:, 1] += wry * np.sin(points[:, 0] / 0.03)
    return points * scale + [430.0, 350.0, 0.0]


@settings(max_examples=30, deadline=None)
@given(
    turn=st.tuples(*[st.floats(-3.0, 3.0)] * 3),
    scale=st.floats(0.1, 5000.0),
    offset=st.tuples(*[st.floats(-900.0, 900.0)] * 3),
)
def test_a_similarity_is_found_again(
    turn: tuple[float, ...], scale: float, offset: tuple[float, ...]
) -> None:
    rotation = Rotation.from_rotvec(turn).as_matrix()
    target = scale * MEANS @ rotation.T + offset
    told, turned, moved = similarity(MEANS, target)
    assert np.allclose(told * MEANS @ turned.T + moved, target, atol=1e-6 * scale)
    assert np.linalg.det(turned) == pytest.approx(1.0)


@pytest.mark.parametrize("turn", [0.0, 25.0])
def test_landmarks_lie_on_what_was_found_and_pixels_lead_back_to_the_mesh(turn: float) -> None:
    points = found(turn, wry=0.004)
    view = photograph_view("a.jpg", GREY, points)
    own = places(DENSE.landmarks, mean_head(), view.head)
    pixels, toward = view.points(own)
    height, width = view.picture.shape[:2]
    assert height < 700 and width < 900
    corner = np.median(points[:, :2] - pixels, axis=0)
    gap = np.linalg.norm(points[:, :2] - pixels - corner, axis=1)
    assert gap[toward].mean() < 1.0 and np.percentile(gap[toward], 95) < 4.0
    assert toward[30] and toward.mean() > 0.5
    spot = view.spot((float(pixels[30, 0]), float(pixels[30, 1])))
    assert spot is not None
    assert np.linalg.norm(mean_head().surface.at(spot)[0] - MEANS[30]) < 1.5e-3
    assert view.spot((1.0, 1.0)) is None or turn


def test_points_that_are_no_face_are_refused() -> None:
    with pytest.raises(ValueError, match="68 points are not"):
        photograph_view("a.jpg", GREY, found()[:68])
    with pytest.raises(ValueError, match="form no face"):
        photograph_view("a.jpg", GREY, np.full((520, 3), 5.0))
