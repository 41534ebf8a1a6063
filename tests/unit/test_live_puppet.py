"""A live face drives a head: what it does comes out again, and nothing ever jumps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.dataset.clip import PERFORMANCES, RATE
from app.dataset.sample import rotation_in_camera
from app.geometry.rotations import Angles, matrix_from_blender_xyz, matrix_from_pose_para
from app.paths import ASSETS
from inference import predictions
from inference.live import puppet
from inference.live.face_measures import Neutral, NeutralError, neutral_of, onto, similarity
from inference.live.outcome import LiveFace
from inference.live.puppet import Calibration, Puppet, PuppetSettings, PuppetState
from inference.live.puppet_actions import DRIVES, driven_shapes, mirrored
from inference.results import Face

FRONT = PERFORMANCES[0]


@cache
def clip() -> tuple[Face, ...]:
    """The exact points of the person of the sample clip who is there all the time."""
    lines = predictions.read(ASSETS / "clips" / "sample.jsonl")
    return tuple(_turned(min(line.faces, key=lambda f: f.box.x)) for line in lines)


def _turned(face: Face) -> Face:
    assert face.head_pose is not None
    rotation = rotation_in_camera(matrix_from_pose_para(face.head_pose))
    return replace(face, rotation=rotation.astype(np.float32))


def live(face: Face, number: int = 1, seen: bool = True) -> LiveFace:
    return LiveFace(number, face, face, 1.0, seen)


@cache
def neutral() -> Neutral:
    return neutral_of(clip()[:20])


def followed(faces: Sequence[Face], **options: bool) -> list[PuppetState]:
    driver = Puppet(PuppetSettings(**options))
    driver.neutral = neutral()
    return [driver.follow([live(face)], i / RATE) for i, face in enumerate(faces)]


def test_what_a_person_does_in_the_clip_comes_out_again() -> None:
    states = followed(clip())
    for name in ("jawOpen", "eyeBlinkLeft", "eyeBlinkRight", "mouthSmileLeft", "browInnerUp"):
        pairs = []
        for i, state in enumerate(states):
            moment = FRONT.at(i / RATE)
            assert moment is not None
            pairs.append((state.actions.get(name, 0.0), moment.pose.shapes.get(name, 0.0)))
        got, meant = np.array(pairs[30:]).T
        assert np.corrcoef(got, meant)[0, 1] > 0.85, name
        assert got.max() > 0.6 * meant.max(), name


def test_the_head_turns_as_the_person_does() -> None:
    late = []
    for i, state in enumerate(followed(clip())):
        moment = FRONT.at(i / RATE)
        assert moment is not None
        late.append((state.yaw - moment.pose.yaw, state.pitch - moment.pose.pitch))
    assert np.abs(late[30:]).max() < 4.0


@given(
    yaw=st.floats(-50, 50),
    pitch=st.floats(-30, 30),
    roll=st.floats(-40, 40),
    size=st.floats(0.3, 3),
)
@settings(max_examples=25, deadline=None)
def test_turning_and_coming_nearer_move_no_muscle(
    yaw: float, pitch: float, roll: float, size: float
) -> None:
    turn = rotation_in_camera(matrix_from_blender_xyz(Angles(yaw, pitch, roll)))
    first = clip()[0]
    points = (first.landmarks_68 @ turn.T * size + [40.0, -30.0, 9.0]).astype(np.float32)
    rest = neutral_of([first])
    assert first.rotation is not None
    face = replace(first, landmarks_68=points, rotation=(turn @ first.rotation).astype(np.float32))
    assert puppet.actions_of(face, rest) == {}
    found = puppet.turn_of(face, rest)
    assert found is not None
    assert np.allclose((found.yaw, found.pitch, found.roll), (yaw, pitch, roll), atol=0.05)
    unknown = puppet.turn_of(replace(face, rotation=None), rest)
    assert unknown is not None
    assert np.allclose((unknown.yaw, unknown.pitch, unknown.roll), (yaw, pitch, roll), atol=0.05)


@given(
    st.lists(
        st.tuples(st.floats(0.0, 0.4), st.integers(0, 359), st.integers(1, 3), st.booleans()),
        min_size=2,
        max_size=25,
    )
)
@settings(max_examples=25, deadline=None)
def test_the_head_never_jumps_whatever_is_seen(
    steps: list[tuple[float, int, int, bool]],
) -> None:
    driver = Puppet()
    driver.neutral = neutral()
    time, before = 0.0, driver.state
    for wait, frame, number, seen in steps:
        time += wait
        state = driver.follow([live(clip()[frame], number, seen)], time)
        reach = min(wait, puppet.LONGEST)
        for angle in ("yaw", "pitch", "roll"):
            moved = abs(getattr(state, angle) - getattr(before, angle))
            assert moved <= puppet.FASTEST * reach + 1e-6
        for name in state.actions.keys() | before.actions.keys():
            change = abs(state.actions.get(name, 0.0) - before.actions.get(name, 0.0))
            assert change <= puppet.QUICKEST * reach + 2e-3
        before = state


def test_a_lost_face_holds_for_a_moment_and_then_eases_back() -> None:
    driver = Puppet()
    driver.neutral = neutral()
    turned = clip()[165]
    for i in range(60):
        state = driver.follow([live(turned)], i / RATE)
    away = abs(state.yaw)
    assert away > 15.0
    held = driver.follow([], 60 / RATE + 0.1)
    assert abs(held.yaw) == pytest.approx(away, rel=0.02)
    yaws = [abs(driver.follow([live(turned, seen=False)], 2.3 + i / RATE).yaw) for i in range(120)]
    assert np.all(np.diff(yaws) <= 1e-9)
    assert yaws[2] > 0.5 * away
    assert yaws[-1] < 0.1
    assert driver.rests


def test_a_head_goes_back_to_the_pose_that_it_had() -> None:
    rest = PuppetState(20.0, -5.0, 3.0, {"mouthSmileLeft": 0.4})
    driver = Puppet(rest=rest)
    assert driver.rests
    for i in range(30):
        driver.follow([live(clip()[0])], i / RATE)
    assert abs(driver.state.yaw) < 8.0
    assert driver.state.actions == pytest.approx(rest.actions), "not without a neutral face"
    for i in range(30, 200):
        driver.follow([], i / RATE)
    assert driver.rests
    assert driver.state.yaw == pytest.approx(20.0, abs=0.1)


def test_the_face_that_was_followed_stays_the_one() -> None:
    driver = Puppet()
    near, far = clip()[0], clip()[165]
    driver.follow([live(far, 1)], 0.0)
    state = driver.follow([live(far, 1), live(near, 2)], 0.1)
    assert state.face == 1
    assert driver.follow([live(near, 2)], 0.2).face == 1, "a face may be missed once"
    assert driver.follow([live(near, 2)], 0.9).face == 2


def test_without_a_neutral_face_only_the_pose_is_followed() -> None:
    driver = Puppet()
    for i in range(90):
        state = driver.follow([live(clip()[290])], i / RATE)
    assert state.actions == {}
    assert abs(state.roll) > 8.0


def test_a_profile_moves_no_muscle() -> None:
    driver = Puppet()
    driver.neutral = neutral()
    turn = rotation_in_camera(matrix_from_blender_xyz(Angles(70.0, 0.0, 0.0)))
    face = clip()[290]
    assert face.rotation is not None
    front = replace(face, rotation=np.eye(3, dtype=np.float32))
    for i in range(20):
        state = driver.follow([live(front)], i / RATE)
    assert state.actions
    for i in range(20, 60):
        aside = replace(face, rotation=turn.astype(np.float32))
        state = driver.follow([live(aside)], i / RATE)
    assert state.actions == {}
    assert abs(state.yaw) > 50.0


def test_a_mirror_exchanges_the_sides() -> None:
    plain = followed(clip()[:170])[-1]
    seen = followed(clip()[:170], mirror=True)[-1]
    assert (seen.yaw, seen.pitch, seen.roll) == (-plain.yaw, plain.pitch, -plain.roll)
    assert seen.actions == pytest.approx(mirrored(plain.actions))
    assert mirrored(seen.actions) == pytest.approx(plain.actions)


def test_a_blink_while_calibrating_leaves_the_eyes_open() -> None:
    calibration = Calibration()
    found = None
    for i, face in enumerate(clip()[12:]):
        found = calibration.add([live(face)], i / RATE)
        if found is not None:
            break
    assert found is not None
    assert i == pytest.approx(puppet.CALIBRATION * RATE, abs=1)
    shut = min(
        clip()[25:36], key=lambda f: float(np.linalg.norm(f.landmarks_68[37] - f.landmarks_68[41]))
    )
    assert puppet.actions_of(shut, found).get("eyeBlinkRight", 0.0) > 0.7


def test_another_face_begins_the_calibration_anew() -> None:
    calibration = Calibration()
    for i in range(25):
        calibration.add([live(clip()[i], 1)], i / RATE)
    assert calibration.progress > 0.7
    calibration.add([live(clip()[25], 2)], 25 / RATE)
    assert calibration.progress == 0.0
    assert calibration.add([], 26 / RATE) is None


def test_faces_of_no_use_are_refused_in_one_line() -> None:
    flat = clip()[0].landmarks_68.copy()
    flat[:, 2] = 0.0
    for faces in (
        [],
        [replace(clip()[0], landmarks_68=flat)],
        [replace(clip()[0], landmarks_68=np.zeros((68, 3), np.float32))],
        [replace(clip()[0], landmarks_68=np.full((68, 3), np.nan, np.float32))],
    ):
        with pytest.raises(NeutralError) as told:
            neutral_of(faces)
        assert "\n" not in str(told.value)


def test_points_that_fall_apart_move_nothing() -> None:
    broken = replace(clip()[0], landmarks_68=np.full((68, 3), np.nan, np.float32))
    driver = Puppet()
    driver.neutral = neutral()
    for i in range(5):
        state = driver.follow([live(replace(broken, rotation=None))], i / RATE)
    assert np.isfinite([state.yaw, state.pitch, state.roll]).all()
    assert state.actions == {}


def test_points_of_a_neutral_face_lie_on_it() -> None:
    rest = neutral()
    for face in clip()[:20]:
        points, _ = onto(face, rest)
        assert np.abs(points - rest.points)[27:36].max() < 0.01
    assert np.linalg.norm(rest.points[45] - rest.points[36]) == pytest.approx(1.0, abs=1e-6)


@given(st.integers(0, 2**31 - 1))
@settings(max_examples=30, deadline=None)
def test_similarities_are_found_exactly(seed: int) -> None:
    draw = np.random.default_rng(seed)
    start = draw.normal(size=(9, 3))
    angles = Angles(*draw.uniform(-80, 80, 3))
    turn, scale, shift = matrix_from_blender_xyz(angles), draw.uniform(0.1, 9), draw.normal(size=3)
    rotation, size, moved = similarity(start, scale * start @ turn.T + shift)
    assert np.allclose(rotation, turn, atol=1e-9)
    assert size == pytest.approx(scale)
    assert np.allclose(moved, shift)


def test_shapes_are_found_by_their_usual_names() -> None:
    arkit = [drive.action for drive in DRIVES]
    assert driven_shapes(arkit) == tuple(arkit)
    spelt = ("AK_25_JawOpen", "Eye_Blink_L", "head.mouthSmile_R", "browInnerUp", "mouthSmile")
    assert driven_shapes((*spelt, "tongueOut", "Beard", "cheekPuff")) == spelt
