"""Pose sequences from tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.head.pose import HeadPose
from app.scene.sequence import SequenceError, parse_sequence, read_sequence


@pytest.mark.parametrize(
    "text",
    [
        "0,1,2,3\n10,4,5,6\n",
        "frame,yaw,pitch,roll\n0,1,2,3\n10,4,5,6\n",
        "# made by hand\n\nframe; yaw; pitch; roll\n0;1,0;2,0;3,0\n10;4;5;6 # last\n",
        "0\t1\t2\t3\r\n10\t4\t5\t6\r\n",
        "10 4 5 6\n0 1 2 3\n",
        "roll,frame,pitch (deg),yaw\n3,0,2,1\n6,10,5,4\n",
        "frame,time,yaw,pitch,roll\n0,0.0,1,2,3\n10,0.4,4,5,6\n",
    ],
)
def test_the_spellings_that_tools_write(text: str) -> None:
    sequence = parse_sequence(text)
    assert not sequence.bad_lines
    assert (sequence.first, sequence.last) == (0, 10)
    assert sequence.at(0) == (1.0, 2.0, 3.0)
    assert sequence.at(10) == (4.0, 5.0, 6.0)


def test_between_and_beyond_the_keys() -> None:
    sequence = parse_sequence("0,0,0,0\n10,20,-10,5\n")
    assert sequence.at(5) == pytest.approx((10.0, -5.0, 2.5))
    assert sequence.at(-3) == (0.0, 0.0, 0.0)
    assert sequence.at(99) == (20.0, -10.0, 5.0)


def test_a_frame_changes_the_angles_only() -> None:
    held = HeadPose(1.0, 2.0, 3.0, 0.6, {"jawOpen": 0.5})
    pose = parse_sequence("0,10,20,30\n").pose(0, held)
    assert pose == HeadPose(10.0, 20.0, 30.0, 0.6, {"jawOpen": 0.5})


def test_bad_lines_are_named_in_one_line_and_the_rest_is_used() -> None:
    sequence = parse_sequence(
        "frame,yaw,pitch,roll\n1,2,3,4\n2,x,3,4\n3,99,0,0\n1,0,0,0\n4.5,0,0,0\n5,0\n6,nan,0,0\n7,1,1,1\n"
    )
    assert [key.frame for key in sequence.keys] == [1, 7]
    assert [bad.line for bad in sequence.bad_lines] == [3, 4, 5, 6, 7, 8]
    complaint = sequence.complaint
    assert "\n" not in complaint
    assert complaint.startswith("6 lines were left out: line 3: yaw “x” is no number;")
    assert "yaw 99° is beyond ±80°" in complaint
    assert "frame 1 was given before" in complaint
    assert complaint.endswith("and 1 more.")


@pytest.mark.parametrize("text", ["", "# nothing\n", "frame,yaw,pitch,roll\n", "hello\nworld\n"])
def test_a_table_without_a_usable_line_is_refused(text: str) -> None:
    with pytest.raises(SequenceError, match="no line with frame, yaw, pitch and roll"):
        parse_sequence(text)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SequenceError, match="does not exist"):
        read_sequence(tmp_path / "none.csv")
    binary = tmp_path / "picture.csv"
    binary.write_bytes(b"\x89PNG\xff\xfe\x00\x80")
    with pytest.raises(SequenceError, match=r"picture\.csv is not a text file"):
        read_sequence(binary)
    with pytest.raises(SequenceError, match="cannot be read"):
        read_sequence(tmp_path)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    path.write_bytes("\ufeffFrame;Yaw;Pitch;Roll\n1;2,5;0;0\n".encode())
    assert read_sequence(path).at(1) == (2.5, 0.0, 0.0)
