"""Pictures that the worker writes and the client reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.blender.ops.pictures import write_indexed_png
from app.blender.render import load_color, load_segmentation, save_picture
from app.scene.segments import PALETTE, SEGMENTS


def test_segments_come_back_as_they_were_and_have_colours(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    indices = rng.integers(0, len(SEGMENTS), (37, 53)).astype(np.uint8)
    path = tmp_path / "segments.png"
    write_indexed_png(path, indices)
    assert np.array_equal(load_segmentation(path), indices)
    assert np.array_equal(load_color(path)[5, 7], PALETTE[indices[5, 7]])


def test_each_segment_has_a_colour_of_its_own() -> None:
    assert len(set(PALETTE)) == len(PALETTE) == len(SEGMENTS)


@pytest.mark.parametrize("content", [None, b"", b"\x89PNG\r\n\x1a\n half of it"])
def test_a_file_that_is_missing_or_cut_off_is_an_os_error(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "a.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(OSError):
        load_color(path)


def test_a_foreign_picture_is_no_segmentation(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    save_picture(np.full((4, 4, 3), 77, np.uint8), path)
    with pytest.raises(OSError, match="no segment"):
        load_segmentation(path)


@pytest.mark.parametrize(("name", "error"), [("a.png", 0), ("a.jpg", 6)])
def test_pictures_keep_red_and_blue_apart(tmp_path: Path, name: str, error: int) -> None:
    pixels = np.zeros((16, 16, 3), np.uint8)
    pixels[:] = (200, 40, 90)
    save_picture(pixels, tmp_path / name)
    assert np.abs(load_color(tmp_path / name).astype(int) - pixels).max() <= error
