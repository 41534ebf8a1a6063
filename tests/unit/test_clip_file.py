"""Clips are whole or not there at all, and the command says what is wrong in one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.cli import main
from app.dataset.clip_file import ClipError, ClipFile


def frame(level: int) -> np.ndarray:
    return np.full((48, 64, 3), level, np.uint8)


def read(path: Path) -> list[float]:
    import cv2

    video, found = cv2.VideoCapture(str(path)), []
    while True:
        more, picture = video.read()
        if not more:
            return found
        found.append(float(picture.mean()))


def test_a_clip_holds_its_frames_in_order(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with ClipFile(path, 30.0) as file:
        for level in (20, 120, 220):
            file.write(frame(level))
    assert read(path) == pytest.approx([20, 120, 220], abs=4)
    assert [p.name for p in tmp_path.glob("*a*")] == ["a.mp4"]


def test_a_clip_that_is_broken_off_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with ClipFile(path, 30.0) as file:
        file.write(frame(20))
    with pytest.raises(KeyboardInterrupt), ClipFile(path, 30.0) as file:
        file.write(frame(220))
        raise KeyboardInterrupt
    assert read(path) == pytest.approx([20], abs=4)
    assert [p.name for p in tmp_path.glob("*a*")] == ["a.mp4"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(ClipError, match="is there such a folder"),
        ClipFile(tmp_path / "no" / "a.mp4", 30.0) as file,
    ):
        file.write(frame(20))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--output", "a.avi"], "must end in .mp4"),
        (["--output", "no-such-folder/a.mp4"], "no such folder"),
        (["--output", "a.mp4", "--seconds", "13"], "between 0.1 and 12"),
        (["--output", "a.mp4", "--seconds", "some"], "no number"),
    ],
)
def test_bad_input_is_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status: object = 0
    try:
        status = main(["clip", *arguments], lambda _: 0)
    except SystemExit as end:
        status = end.code
    assert status == 2
    told = capsys.readouterr().err.strip()
    assert said in told
    assert "\n" not in told
