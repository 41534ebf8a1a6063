"""What drivers do, and when a hand counts as on the wheel."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.scene.driving import (
    BEHAVIOURS,
    FRAMES,
    ON_WHEEL,
    RATE,
    SECONDS,
    SHARES,
    SLICES,
    Behaviour,
    Script,
)
from app.scene.driving_scripts import draw_behaviour, write_script
from app.scene.hands_on_wheel import BAND, THRESHOLD, state_of

ISSUE = {"hovering-3cm", "crossed-hands", "rim-coloured-sleeve", "beside-the-rim"}


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    behaviour=st.sampled_from(BEHAVIOURS),
    inboard=st.sampled_from(("L", "R")),
)
def test_every_script_can_be_played(seed: int, behaviour: str, inboard: str) -> None:
    script = write_script(np.random.default_rng(seed), behaviour, inboard)  # type: ignore[arg-type]
    again = write_script(np.random.default_rng(seed), behaviour, inboard)  # type: ignore[arg-type]
    assert script == again
    for side in ("L", "R"):
        keys = script.keys(side)
        assert keys[0].at == 0.0
        times = [key.at for key in keys]
        assert times == sorted(times) and times[-1] < SECONDS
        for before, key in pairwise(keys):
            assert key.at - key.takes >= before.at - 1e-9, "a way begins before the last one ended"
    times = [time for time, _ in script.wheel]
    assert times == sorted(times)
    assert script.behaviour == behaviour
    assert (script.prop_hand in ("L", "R")) == bool(script.prop)


@given(seed=st.integers(0, 500), behaviour=st.sampled_from(BEHAVIOURS))
@settings(max_examples=10, deadline=None)
def test_wheel_and_trunk_move_smoothly(seed: int, behaviour: str) -> None:
    script = write_script(np.random.default_rng(seed), behaviour, "R")  # type: ignore[arg-type]
    times = np.arange(FRAMES) / RATE
    angle = np.array([script.wheel_angle(t) for t in times])
    assert np.abs(np.diff(angle)).max() < 16.0
    bodies = [script.body_at(t) for t in times]
    pitch, yaw = (np.array([getattr(b, name) for b in bodies]) for name in ("pitch", "yaw"))
    assert np.abs(np.diff(pitch)).max() < 6.0 and np.abs(np.diff(yaw)).max() < 9.0
    assert all(0.0 <= b.lids <= 1.0 for b in bodies)


def test_the_named_slices_and_all_tasks_are_there() -> None:
    assert set(SLICES) == ISSUE and set(SHARES) == set(BEHAVIOURS)
    rng = np.random.default_rng(0)
    drawn = [draw_behaviour(rng) for _ in range(2000)]
    assert set(drawn) == set(BEHAVIOURS)
    hover = write_script(rng, "hovering-3cm", "R")
    assert any(k.task == "hover" and k.gap == 0.03 for k in (*hover.left, *hover.right))
    crossed = write_script(rng, "crossed-hands", "R")
    clocks = crossed.left[0].clock, crossed.right[0].clock
    assert clocks[0] < 6.0 < clocks[1]  # the left hand on the right half, and the other way round
    beside = write_script(rng, "beside-the-rim", "R")
    assert any(k.task == "beside" for k in (*beside.left, *beside.right))
    off = write_script(rng, "hands-off", "R")
    assert any(k.task not in ON_WHEEL for k in off.left)
    assert any(k.task not in ON_WHEEL for k in off.right)


@given(distance=st.floats(-0.02, 0.2))
def test_a_state_follows_from_the_distance_alone(distance: float) -> None:
    state = state_of(distance)
    if state == "on":
        assert distance <= THRESHOLD - BAND
    elif state == "off":
        assert distance >= THRESHOLD + BAND
    else:
        assert abs(distance - THRESHOLD) < BAND


@pytest.mark.parametrize(
    ("distance", "state"),
    [(-0.004, "on"), (0.0, "on"), (0.01, "uncertain"), (0.02, "off"), (0.03, "off")],
)
def test_hovering_at_two_centimetres_is_off(distance: float, state: str) -> None:
    assert state_of(distance) == state


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_scripts_are_plain_numbers_that_can_be_written_down(behaviour: Behaviour) -> None:
    script = write_script(np.random.default_rng(7), behaviour, "R")
    assert msgspec.json.decode(msgspec.json.encode(script), type=Script) == script
