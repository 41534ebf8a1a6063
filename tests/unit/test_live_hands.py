"""Hands on the wheel in the live engine."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.hands import Region
from inference.hands_state import HandsSettings
from inference.live.chain import Chain, LiveModels, LiveSettings
from inference.live.frames import Frame
from inference.live.hands import (
    PROPOSE_EVERY,
    HandsAsked,
    HandsFollower,
    in_parts,
    in_pixels,
)
from inference.live.outcome import Trouble
from inference.predictions import decode, encode
from inference.results import Box, Bytes, HandsOnWheel
from inference.sessions import ModelError

PICTURE = np.full((100, 200, 3), 90, np.uint8)
DRAWN = (0.25, 0.5, 0.25, 0.4)


class Hands:
    """Says of both hands what it is told to, and remembers where it looked."""

    def __init__(self, left: float = 0.9, right: float = 0.1) -> None:
        self.said = HandsOnWheel(left, right)
        self.looked: list[Box] = []

    def predict(self, picture: Bytes, region: Box, mirror: bool = False) -> HandsOnWheel:
        self.looked.append(region)
        return self.said


class Wheels:
    """Finds the wheel in the middle, and counts how often it was asked."""

    def __init__(self, sure: float = 0.9) -> None:
        self.sure, self.asked = sure, 0

    def predict(self, picture: Bytes) -> Region | None:
        self.asked += 1
        return Region(Box(80.0, 40.0, 40.0, 40.0), self.sure)


class Broken:
    def predict(self, picture: Bytes, region: Box, mirror: bool = False) -> HandsOnWheel:
        raise ModelError("hands.onnx: cannot be run")


def frame(number: int, source: str = "car.mp4") -> Frame:
    return Frame(PICTURE, number, number / 30.0, time.monotonic(), source, number)


def chain(troubles: list[Trouble] | None = None, **given: object) -> Chain:
    tell = (troubles if troubles is not None else []).append
    return Chain(LiveModels(**given), LiveSettings(in_turn=True), tell)  # type: ignore[arg-type]


@settings(deadline=None)
@given(
    st.tuples(*[st.floats(0.0, 0.5)] * 2, *[st.floats(0.05, 0.5)] * 2),
    st.integers(16, 4000),
    st.integers(16, 4000),
)
def test_a_region_is_the_same_part_of_pictures_of_any_size(
    part: tuple[float, float, float, float], width: int, height: int
) -> None:
    assert in_parts(in_pixels(part, width, height), width, height) == pytest.approx(part, abs=1e-9)


def test_hands_are_looked_at_where_the_wheel_was_drawn() -> None:
    hands, wheels = Hands(), Wheels()
    own = chain(hands=hands, wheel=wheels)
    own.configure(LiveSettings(in_turn=True, hands=HandsAsked(drawn=DRAWN)))
    own.work(frame(0))
    assert own.hands is not None and own.hands.drawn
    assert hands.looked == [Box(49.5, 49.5, 50.0, 40.0)] and wheels.asked == 0
    assert own.hands.now.left.told == "on" and own.hands.now.right.told == "off"


def test_a_wheel_is_looked_for_now_and_then_alone() -> None:
    hands, wheels = Hands(), Wheels()
    own = chain(hands=hands, wheel=wheels)
    for k in range(31):
        own.work(frame(k))
    assert len(hands.looked) == 31
    assert wheels.asked == pytest.approx(1.0 / PROPOSE_EVERY, abs=2) and wheels.asked < 5
    assert own.hands is not None and not own.hands.drawn


def test_without_a_wheel_nothing_is_told() -> None:
    for wheel in (None, Wheels(sure=0.1)):
        hands = Hands()
        own = chain(hands=hands, wheel=wheel)
        own.work(frame(0))
        assert own.hands is not None and own.hands.region is None and own.hands.raw is None
        assert own.hands.now.left.told == "unknown" and hands.looked == []


def test_nobody_looks_where_it_is_switched_off() -> None:
    hands = Hands()
    own = chain(hands=hands, wheel=Wheels())
    own.configure(LiveSettings(in_turn=True, hands=HandsAsked(watched=False)))
    own.work(frame(0))
    assert own.hands is None and hands.looked == []


def test_a_mirrored_camera_exchanges_the_hands() -> None:
    own = chain(hands=Hands(0.9, 0.2), wheel=Wheels())
    own.configure(LiveSettings(in_turn=True, hands=HandsAsked(mirrored=True)))
    own.work(frame(0))
    assert own.hands is not None and own.hands.raw == HandsOnWheel(0.2, 0.9)


def test_another_limit_of_the_warning_does_not_begin_anew() -> None:
    own = chain(hands=Hands(0.0, 0.0), wheel=Wheels())
    for k in range(60):
        own.work(frame(k))
    assert own.hands is not None and not own.hands.now.warning
    state = replace(HandsSettings(), warn_after=1.0)
    own.configure(LiveSettings(in_turn=True, hands=HandsAsked(state=state)))
    own.work(frame(60))
    assert own.hands.now.warning and own.hands.now.off_for == pytest.approx(2.0, abs=0.05)


def test_another_source_begins_anew() -> None:
    own = chain(hands=Hands(0.0, 0.0), wheel=Wheels())
    for k in range(90):
        own.work(frame(k))
    own.work(frame(91, "other.mp4"))
    assert own.hands is not None and own.hands.now.off_for == 0.0


def test_a_network_that_fails_is_told_once_and_the_rest_goes_on() -> None:
    troubles: list[Trouble] = []
    own = chain(troubles, hands=Broken(), wheel=Wheels())
    for k in range(4):
        own.work(frame(k))
    assert own.hands is None
    assert troubles == [Trouble("hands", "hands.onnx: cannot be run")]
    own.use(LiveModels(hands=Hands(), wheel=Wheels()))
    own.work(frame(5))
    assert own.hands is not None


def test_results_carry_hands_into_predictions() -> None:
    from inference.live.outcome import LiveResult

    raw = HandsOnWheel(0.75, 0.25)
    result = LiveResult(frame(3), (), {}, 0.0, 0.0, raw)
    assert decode(encode(result.raw)).hands_on_wheel == raw
    assert decode(encode(result.filtered)).hands_on_wheel == raw


def test_a_follower_survives_pictures_of_another_size() -> None:
    follower, hands = HandsFollower(), Hands()
    for size in ((100, 200), (50, 60), (480, 640)):
        picture = np.zeros((*size, 3), np.uint8)
        found = follower.look(picture, 0.0, hands, None, HandsAsked(drawn=DRAWN))
        assert found.region is not None and found.region.width == pytest.approx(size[1] * 0.25)
