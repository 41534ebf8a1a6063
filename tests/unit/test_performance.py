"""How people of a clip move: without jerks, within what heads can do, and again the same."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dataset.clip import PERFORMANCES, RATE, SECONDS
from app.dataset.performance import Key, Performance
from app.head.pose import PITCH_LIMIT, ROLL_LIMIT, YAW_LIMIT
from app.paths import ASSETS
from app.scene.expressions import ACTIONS

TIMES = np.arange(round(SECONDS * RATE)) / RATE
CLIP = ASSETS / "clips" / "sample.mp4"


@pytest.mark.parametrize("who", PERFORMANCES)
def test_nobody_leaps_in_the_sample_clip(who: Performance) -> None:
    there = [moment for t in TIMES if (moment := who.at(float(t))) is not None]
    angles = np.array([(m.pose.yaw, m.pose.pitch, m.pose.roll) for m in there])
    places = np.array([m.place for m in there])
    assert np.abs(np.diff(angles, axis=0)).max() < 9.0, "270 degrees a second is a fast turn"
    assert np.linalg.norm(np.diff(places, axis=0), axis=1).max() < 0.04


@pytest.mark.parametrize("who", PERFORMANCES)
def test_only_facial_actions_are_used_and_within_their_range(who: Performance) -> None:
    for time in TIMES[::3]:
        moment = who.at(float(time))
        if moment is not None:
            assert set(moment.pose.shapes) <= set(ACTIONS)
            assert all(0.0 < weight <= 1.0 for weight in moment.pose.shapes.values())


@given(
    time=st.floats(0.0, 2.0),
    turn=st.tuples(*(st.floats(-200.0, 200.0) for _ in range(3))),
    seed=st.integers(0, 2**31 - 1),
)
def test_a_head_never_leaves_what_a_neck_can_do(
    time: float, turn: tuple[float, float, float], seed: int
) -> None:
    who = Performance("builtin:ada", (Key(0.0), Key(2.0, turn)), seed=seed)
    moment = who.at(time)
    assert moment is not None
    assert abs(moment.pose.yaw) <= YAW_LIMIT
    assert abs(moment.pose.pitch) <= PITCH_LIMIT
    assert abs(moment.pose.roll) <= ROLL_LIMIT
    assert who.at(time) == moment


def test_lids_close_at_a_blink_and_lips_move_only_in_speech() -> None:
    who = Performance("builtin:ada", (Key(0.0), Key(4.0)), speech=((1.0, 2.0),), blinks=(3.0,))
    during = [who.at(3.0 + t) for t in np.arange(0.0, 0.22, 0.01)]
    lids = [m.pose.shapes.get("eyeBlinkLeft", 0.0) for m in during if m is not None]
    assert max(lids) > 0.95
    silent, spoken = (
        max(
            moment.pose.shapes.get("jawOpen", 0.0)
            for t in np.arange(start, start + 0.8, 0.02)
            if (moment := who.at(float(t))) is not None
        )
        for start in (0.0, 1.1)
    )
    assert silent == 0.0
    assert spoken > 0.1


def test_a_person_is_away_before_and_after() -> None:
    who = Performance("builtin:ada", (Key(1.0), Key(2.0)))
    assert who.at(0.9) is None
    assert who.at(1.5) is not None
    assert who.at(2.1) is None


def test_the_shipped_clip_can_be_read_and_has_its_truth() -> None:
    cv2 = pytest.importorskip("cv2")
    video = cv2.VideoCapture(str(CLIP))
    frames = 0
    while True:
        more, picture = video.read()
        if not more:
            break
        assert picture.shape == (480, 640, 3)
        frames += 1
    assert frames == len(TIMES)
    assert Path(CLIP).stat().st_size < 4_000_000
    lines = [json.loads(line) for line in CLIP.with_suffix(".jsonl").read_text().splitlines()]
    assert [line["frame"] for line in lines] == list(range(frames))
    assert all(line["faces"] for line in lines)
    assert max(len(line["faces"]) for line in lines) == 2
