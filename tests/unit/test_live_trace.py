"""The number that every frame of a clip gets: error, uncertainty or confidence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.paths import ASSETS
from inference import predictions
from inference.live.frames import Frame
from inference.live.outcome import LiveFace, LiveResult
from inference.live.trace import Measure, Trace
from inference.live.truth import Truth, truths_of
from inference.results import Box, Face, FrameResult
from tests.unit.disc_faces import OUTLINE

PICTURE = np.zeros((240, 320, 3), np.uint8)


def face(x: float = 100.0, sigma: float | None = None) -> Face:
    points = np.zeros((68, 3), np.float32)
    points[:, :2] = 40.0 * OUTLINE + (x, 100.0)
    told = None if sigma is None else np.full(68, sigma, np.float32)
    return Face(Box.of_points(points), 0.9, points, sigma_68=told)


def eyes_apart(one: Face) -> float:
    return float(np.linalg.norm(one.landmarks_68[36, :2] - one.landmarks_68[45, :2]))


def result(
    index: int | None, *faces: Face, source: str = "a.mp4", confidence: float = 0.8
) -> LiveResult:
    frame = Frame(PICTURE, 7, 0.0, 0.0, source, index)
    lived = tuple(LiveFace(n, f, f, confidence) for n, f in enumerate(faces, 1))
    return LiveResult(frame, lived, {}, 0.0, 0.0)


def test_confidence_gives_way_to_sigma_as_soon_as_a_model_tells_it() -> None:
    trace = Trace()
    trace.add(result(3, face(), confidence=0.7))
    assert trace.measure is Measure.CONFIDENCE
    assert trace.at(3) == pytest.approx(0.7)
    one = face(sigma=2.0)
    trace.add(result(4, one, face(200.0, 1.0)))
    assert trace.measure is Measure.SIGMA
    assert not trace.seen(3), "numbers of another meaning are forgotten"
    assert trace.at(4) == pytest.approx(2.0 / eyes_apart(one)), "of two faces the worse"


def test_frames_without_a_face_and_without_a_place() -> None:
    trace = Trace()
    before = trace.version
    trace.add(result(None, face()))
    assert trace.version == before
    trace.add(result(5))
    assert trace.seen(5) and np.isnan(trace.at(5))
    values, missing = trace.columns(10, 10)
    assert np.isnan(values).all()
    assert list(np.flatnonzero(missing)) == [5]
    version = trace.version
    trace.add(result(5))
    assert trace.version == version, "the same again changes nothing"


def test_the_error_is_that_of_the_true_face_and_a_face_that_was_not_found_is_none() -> None:
    true = face()
    trace = Trace()
    trace.set_truths({2: (Truth(true.landmarks_68[:, :2], True),)})
    off = replace(true, landmarks_68=true.landmarks_68 + np.float32([3, 4, 0]))
    trace.add(result(2, off))
    assert trace.measure is Measure.ERROR
    assert trace.at(2) == pytest.approx(5.0 / eyes_apart(true))
    trace.add(result(2, face(300.0)))
    assert np.isnan(trace.at(2)), "that is another face"
    trace.add(result(9, true))
    assert np.isnan(trace.at(9)), "nothing is known of this frame"


def test_a_jaw_of_another_meaning_is_not_measured() -> None:
    true = face()
    points = true.landmarks_68[:, :2].copy()
    points[:17] += 50.0
    assert Truth(points, False).error(true) == pytest.approx(0.0)
    assert Truth(points, True).error(true) > 0.1


@given(
    st.integers(1, 400),
    st.integers(1, 500),
    st.dictionaries(st.integers(0, 399), st.floats(0.0, 1.0, width=32), max_size=40),
)
def test_columns_show_the_worst_frame_of_each_part(
    count: int, length: int, known: dict[int, float]
) -> None:
    trace = Trace()
    for index, confidence in known.items():
        trace.add(result(index, face(), confidence=confidence))
    values, missing = trace.columns(count, length)
    assert values.shape == missing.shape == (count,)
    assert not missing.any()
    for column in range(count):
        if length >= count:
            places = [i for i in range(length) if i * count // length == column]
        else:
            places = [min(column * length // count, length - 1)]
        there = [known[i] for i in places if i in known]
        if there:
            assert values[column] == pytest.approx(min(there))
        else:
            assert np.isnan(values[column])


def test_truth_lies_beside_a_clip_unless_it_is_a_recording(tmp_path: Path) -> None:
    clip = tmp_path / "a.mp4"
    clip.write_bytes(b"")
    assert truths_of(clip) == {}
    lines = tmp_path / "a.jsonl"
    line = predictions.encode(FrameResult("a.mp4", 3, (face(),)))
    lines.write_bytes(line)
    found = truths_of(clip)
    assert list(found) == [3]
    assert found[3][0].error(face()) == pytest.approx(0.0, abs=1e-3)
    lines.write_bytes(line.replace(b'"frame"', b'"values":"raw","frame"'))
    assert truths_of(clip) == {}
    lines.write_bytes(b"no JSON\n")
    assert truths_of(clip) == {}


def test_truth_of_a_folder_is_what_its_annotations_say(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "one.png"), PICTURE)
    rows = "\n".join(f"{x:.3f} {y:.3f}" for x, y, _ in face().landmarks_68)
    (tmp_path / "one.pts").write_text(f"version: 1\nn_points: 68\n{{\n{rows}\n}}\n")
    found = truths_of(tmp_path)
    assert list(found) == ["one.png"]
    assert found["one.png"][0].error(face()) == pytest.approx(0.0, abs=1e-3)
    assert truths_of(tmp_path / "nothing") == {}


def test_the_sample_clip_comes_with_its_truth() -> None:
    clip = ASSETS / "clips" / "sample.mp4"
    if not clip.is_file():
        pytest.skip("the sample clip is not there")
    found = truths_of(clip)
    assert sorted(found) == list(range(len(found)))
    assert {len(faces) for faces in found.values()} <= {1, 2}
