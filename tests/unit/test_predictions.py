"""Predictions are read as they were written, and a file is whole or not there."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference import predictions
from inference.predictions import PredictionsError, decode, encode, read, unfinished, writing
from inference.results import Box, Face, FrameResult, HandsOnWheel, HeadAngles, head_angles

numbers = st.floats(-5000, 5000, width=32)


def face(seed: int, dense: bool = True) -> Face:
    rng = np.random.default_rng(seed)
    spread = rng.uniform(-900, 900, (588, 3)).astype(np.float32)
    return Face(
        Box(*rng.uniform(1, 400, 4)),
        float(rng.uniform()),
        spread[520:],
        spread[:520] if dense else None,
        rng.uniform(0, 9, 520).astype(np.float32) if dense else None,
        head_pose=HeadAngles(*rng.uniform(-90, 90, 3)) if dense else None,
    )


results = st.builds(
    FrameResult,
    st.text(max_size=40),
    st.integers(0, 10**6),
    st.lists(st.builds(face, st.integers(0, 99), st.booleans()), max_size=2).map(tuple),
    st.none() | st.builds(HandsOnWheel, st.floats(0, 1), st.floats(0, 1)),
)


@settings(max_examples=25, deadline=None)
@given(results)
def test_a_line_is_read_as_it_was_written(result: FrameResult) -> None:
    line = encode(result)
    assert line.count(b"\n") == 1 and line.endswith(b"\n")
    again = decode(line)
    assert (again.source, again.frame) == (result.source, result.frame)
    assert len(again.faces) == len(result.faces)
    for a, b in zip(again.faces, result.faces, strict=True):
        assert a.box.as_tuple() == pytest.approx(b.box.as_tuple(), abs=6e-4)
        assert a.landmarks_68 == pytest.approx(b.landmarks_68, abs=6e-4)
        for name in ("landmarks_520", "sigma_520", "head_pose"):
            assert (getattr(a, name) is None) == (getattr(b, name) is None)
        if b.landmarks_520 is not None:
            assert a.landmarks_520 == pytest.approx(b.landmarks_520, abs=6e-4)
    assert encode(again) == line


def test_the_line_has_the_agreed_fields() -> None:
    written = json.loads(encode(FrameResult("a.jpg", 3, (face(1),))))
    assert list(written) == ["source", "frame", "faces", "hands_on_wheel"]
    assert written["hands_on_wheel"] is None
    one = written["faces"][0]
    assert list(one) == [
        "box",
        "score",
        "landmarks_68",
        "landmarks_520",
        "sigma_520",
        "head_pose",
    ]
    assert np.shape(one["landmarks_68"]) == (68, 3)
    assert np.shape(one["landmarks_520"]) == (520, 3)
    assert np.shape(one["sigma_520"]) == (520,)
    assert list(one["head_pose"]) == ["yaw", "pitch", "roll"]


def test_a_file_appears_when_all_is_written(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    with writing(path) as writer:
        for frame in range(3):
            writer.write(FrameResult("clip.mp4", frame, (face(frame),)))
            assert not path.exists()
            assert len(list(read(unfinished(path)))) == frame + 1
    assert [r.frame for r in read(path)] == [0, 1, 2]
    assert not unfinished(path).exists()


def test_what_was_there_stays_when_there_is_nothing_to_write(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"old")
    with writing(path):
        pass
    assert path.read_bytes() == b"old" and not unfinished(path).exists()


def test_what_was_there_stays_when_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_bytes(encode(FrameResult("old.jpg", 0, ())))

    def fail() -> None:
        with writing(path) as writer:
            writer.write(FrameResult("new.jpg", 0, ()))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [r.source for r in read(path)] == ["old.jpg"]
    assert [r.source for r in read(unfinished(path))] == ["new.jpg"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"nonsense\n", "line 2"),
        (b'{"source": "a", "frame": 0}\n', "faces"),
        (
            b'{"source": "a", "frame": 0, "faces": [{"box": [1, 2, 3, 4], "score": 1, '
            b'"landmarks_68": [[1, 2, 3]]}]}\n',
            "landmarks_68 has 1 entries",
        ),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: bytes, said: str) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(encode(FrameResult("a.jpg", 0, ())) + line)
    with pytest.raises(PredictionsError, match=said) as problem:
        list(read(path))
    assert str(path) in str(problem.value) and "\n" not in str(problem.value)


def test_a_line_without_end_is_not_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predictions, "LINE_LIMIT", 100)
    path = tmp_path / "p.jsonl"
    path.write_bytes(b"x" * 1000)
    with pytest.raises(PredictionsError, match="no end"):
        list(read(path))


def test_a_head_at_rest_has_no_angles_and_one_to_the_left_has_a_positive_yaw() -> None:
    rest = head_angles(np.eye(3))
    assert (rest.yaw, rest.pitch, rest.roll) == pytest.approx((0, 0, 0), abs=1e-9)
    c, s = np.cos(0.5), np.sin(0.5)
    turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    nose = turn @ [0, 0, -1]
    assert nose[0] < 0
    assert head_angles(turn).yaw == pytest.approx(np.degrees(0.5))
    lean = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    assert head_angles(lean).roll == pytest.approx(np.degrees(0.5))
