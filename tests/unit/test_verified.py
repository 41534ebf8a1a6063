"""Proposals of detectors are looked over by the face network."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference import registry
from inference.detector import CascadeDetector
from inference.pipeline import VERIFIED, load_detector, load_face, load_pipeline
from inference.results import Box, Bytes, Detection, Face
from inference.verified import VerifiedDetector, certainty

CLIP = Path(__file__).resolve().parents[2] / "assets/clips/sample.mp4"
shipped = pytest.mark.skipif(not registry.shipped("face"), reason="no face network is shipped")


class Everywhere:
    """Sees a face in every place of a grid, whatever is there."""

    def detect(self, picture: Bytes, least_score: float = 0.5) -> tuple[Detection, ...]:
        height, width = picture.shape[:2]
        side = height / 2.5
        return tuple(
            Detection(Box(x, y, side, side), 0.9)
            for x in np.linspace(0, width - side, 5)
            for y in np.linspace(0, height - side, 4)
        )


@pytest.fixture(scope="module")
def frame() -> Bytes:
    capture = cv2.VideoCapture(str(CLIP))
    try:
        assert capture.isOpened()
        return np.asarray(cv2.cvtColor(capture.read()[1], cv2.COLOR_BGR2RGB))
    finally:
        capture.release()


@pytest.fixture(scope="module")
def truth() -> Box:
    with CLIP.with_suffix(".jsonl").open() as lines:
        first = json.loads(next(lines))
    return Box.of_points(np.array(first["faces"][0]["landmarks_68"], np.float32))


def shared(a: Box, b: Box) -> float:
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    both = max(width, 0.0) * max(height, 0.0)
    return both / (a.width * a.height + b.width * b.height - both)


@shipped
def test_a_face_is_found_and_its_box_lies_about_its_points(frame: Bytes, truth: Box) -> None:
    found = load_detector(VERIFIED).detect(frame)
    assert len(found) == 1
    assert shared(found[0].box, truth) > 0.75


@shipped
def test_what_is_seen_everywhere_is_believed_where_the_face_is(frame: Bytes, truth: Box) -> None:
    found = VerifiedDetector([Everywhere()], load_face()).detect(frame)
    assert len(found) == 1
    assert shared(found[0].box, truth) > 0.6


@shipped
def test_where_there_is_no_face_nothing_is_believed() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (240, 320, 3), np.uint8)
    for picture in (noise, np.full_like(noise, 90)):
        assert VerifiedDetector([Everywhere()], load_face()).detect(picture) == ()


@shipped
def test_nothing_proposed_is_nothing_found(frame: Bytes) -> None:
    assert VerifiedDetector([], load_face()).detect(frame) == ()


@shipped
def test_it_is_what_a_pipeline_uses_unless_told(frame: Bytes) -> None:
    assert isinstance(load_pipeline().detector, VerifiedDetector)
    assert isinstance(load_pipeline(detector="opencv").detector, CascadeDetector)
    assert len(load_pipeline().faces(frame, "frame").faces) == 1


def face(presence: float | None, sigma: float) -> Face:
    points = np.zeros((68, 3), np.float32)
    points[1, :2] = 100.0
    box = Box(0, 0, 100, 100)
    deviations = np.full(68, sigma, np.float32)
    return Face(box, 0.7, points, None, None, deviations, None, None, presence)


@given(st.floats(0.0, 1.0), st.floats(0.01, 50.0), st.floats(0.01, 50.0))
def test_vaguer_points_are_less_believed(presence: float, one: float, other: float) -> None:
    exact, vague = sorted((one, other))
    high, low = certainty(face(presence, exact)), certainty(face(presence, vague))
    assert 0.0 <= low <= high <= 1.0


def test_without_a_presence_the_proposal_tells() -> None:
    assert certainty(face(None, 3.0)) == 0.7
