"""The four lines of text beside a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dataset.synface import SynFaceError, SynFaceText, describe, from_text, read, to_text
from app.geometry.pinhole import look_at
from app.geometry.rotations import Angles, matrix_from_blender_xyz

PUBLISHED = """\
Camera Location: (-0.0002, -0.3136, 1.6779)
Head Point Location: (-0.0002, -0.0136, 1.6779)
Camera Rotation: Yaw 0.00 Pitch 90.00 Roll -0.00
Head Rotation: Yaw -17.90 Pitch 19.43 Roll 2.90
"""
metres = st.floats(-50.0, 50.0)
degrees = st.floats(-180.0, 180.0)
notes = st.builds(
    SynFaceText,
    st.tuples(metres, metres, metres),
    st.tuples(metres, metres, metres),
    st.builds(Angles, degrees, degrees, degrees),
    st.builds(Angles, degrees, degrees, degrees),
)


def test_a_published_example_is_read_and_written_alike_but_for_the_negative_zero() -> None:
    note = from_text(PUBLISHED)
    assert note.camera == (-0.0002, -0.3136, 1.6779)
    assert note.head == (-0.0002, -0.0136, 1.6779)
    assert note.camera_rotation == Angles(0.0, 90.0, 0.0)
    assert note.head_rotation == Angles(-17.90, 19.43, 2.90)
    assert to_text(note) == PUBLISHED.replace("-0.00\n", "0.00\n")


def test_a_camera_in_front_of_the_head_reads_a_pitch_of_90() -> None:
    camera = look_at(np.array([0.0, -0.3, 0.0]), np.zeros(3))
    assert to_text(describe(camera, matrix_from_blender_xyz(Angles(12.0, -7.5, 3.25)))) == (
        "Camera Location: (0.0, -0.3, 0.0)\n"
        "Head Point Location: (0.0, 0.0, 0.0)\n"
        "Camera Rotation: Yaw 0.00 Pitch 90.00 Roll 0.00\n"
        "Head Rotation: Yaw 12.00 Pitch -7.50 Roll 3.25\n"
    )


@given(notes)
def test_a_round_trip_loses_rounding_only(note: SynFaceText) -> None:
    text = to_text(note)
    again = from_text(text)
    for a, b in ((note.camera, again.camera), (note.head, again.head)):
        assert np.allclose(a, b, atol=0.5001e-4, rtol=0.0)
    for c, d in (
        (note.camera_rotation, again.camera_rotation),
        (note.head_rotation, again.head_rotation),
    ):
        assert np.allclose(
            (c.yaw, c.pitch, c.roll), (d.yaw, d.pitch, d.roll), atol=0.5051e-2, rtol=0.0
        )
    assert to_text(again) == text
    assert "-0.0," not in text and "-0.0)" not in text and "-0.00 " not in text


@pytest.mark.parametrize(
    "text",
    [
        PUBLISHED.replace("\n", "\r\n"),
        PUBLISHED.rstrip("\n"),
        "\ufeff" + PUBLISHED,
        "\n" + PUBLISHED.replace("\n", "  \n\n"),
        PUBLISHED.replace(", ", ",").replace(": ", ":"),
        PUBLISHED.replace("(-0.0002, -0.3136, 1.6779)", "<Vector (-0.0002, -0.3136, 1.6779)>"),
        PUBLISHED.replace("-0.3136", "np.float64(-0.3136)"),
        PUBLISHED.replace("(-0.0002, -0.3136", "(-2e-04, -0.31360"),
        "".join(reversed(PUBLISHED.splitlines(keepends=True))),
    ],
)
def test_the_spellings_that_are_met(text: str) -> None:
    assert from_text(text) == from_text(PUBLISHED)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "data has no Camera Location and no Head Point Location and no"),
        (PUBLISHED[: PUBLISHED.index("Head Rotation")], "data has no Head Rotation"),
        (
            PUBLISHED[: PUBLISHED.rindex(" Roll")],
            "Head Rotation “Yaw -17.90 Pitch 19.43” is not yaw, pitch and roll",
        ),
        (PUBLISHED + PUBLISHED, "line 5: Camera Location was given before"),
        (PUBLISHED.replace("1.6779", "up"), "is not three numbers"),
        (PUBLISHED.replace("-0.3136", "nan"), "is not three finite numbers"),
        (PUBLISHED.replace(", 1.6779", ""), "is not three numbers"),
        (PUBLISHED + "Light: none\n", "line 5: “Light: none” is not known"),
        ("\x00\x01\x02", "line 1"),
    ],
)
def test_a_damaged_text_is_told_in_one_line(text: str, said: str) -> None:
    with pytest.raises(SynFaceError) as caught:
        from_text(text, "data")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        from_text(text)
    except SynFaceError as problem:
        assert "\n" not in str(problem)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data_0001.txt").write_bytes(bytes(range(256)) * 64)
    with pytest.raises(SynFaceError, match="data_0001"):
        read(tmp_path / "data_0001.txt")
    (tmp_path / "data_0002.txt").write_text(PUBLISHED)
    assert read(tmp_path / "data_0002.txt") == from_text(PUBLISHED)
