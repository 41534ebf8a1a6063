"""Pictures and videos as people have them."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.pictures import PictureError, open_video, read_picture


def encoded(suffix: str, picture: np.ndarray) -> bytes:
    there, data = cv2.imencode(suffix, picture)
    assert there
    return bytes(data)


def halves(height: int = 40, width: int = 60) -> np.ndarray:
    """Red above, blue below; OpenCV's order of channels."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2] = (20, 30, 220)
    picture[height // 2 :] = (230, 60, 10)
    return picture


def with_orientation(jpeg: bytes, value: int) -> bytes:
    """A JPEG with the Exif tag that says how the camera was held (TIFF 6.0, tag 274)."""
    tiff = b"II*\x00" + struct.pack("<IH", 8, 1) + struct.pack("<HHIHH", 274, 3, 1, value, 0)
    body = b"Exif\x00\x00" + tiff + struct.pack("<I", 0)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".webp", ".tif", ".ppm"])
def test_colours_are_rgb(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(encoded(suffix, halves()))
    picture = read_picture(path)
    assert picture.shape == (40, 60, 3) and picture.dtype == np.uint8
    assert picture[5, 30] == pytest.approx([220, 30, 20], abs=12)
    assert picture[35, 30] == pytest.approx([10, 60, 230], abs=12)


@pytest.mark.parametrize(
    ("value", "shape", "red"),
    [
        (1, (40, 60), (5, 30)),
        (3, (40, 60), (35, 30)),
        (6, (60, 40), (30, 35)),
        (8, (60, 40), (30, 5)),
    ],
)
def test_pictures_are_turned_as_the_camera_was_held(
    tmp_path: Path, value: int, shape: tuple[int, int], red: tuple[int, int]
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(with_orientation(encoded(".jpg", halves()), value))
    picture = read_picture(path)
    assert picture.shape[:2] == shape
    assert picture[red] == pytest.approx([220, 30, 20], abs=15)


@pytest.mark.parametrize(
    "kind", ["grey", "alpha", "sixteen", "sixteen grey", "floats", "grey with alpha"]
)
def test_odd_kinds_of_pixels_become_eight_bits_of_rgb(tmp_path: Path, kind: str) -> None:
    colour = np.full((20, 30, 3), (51, 102, 204), np.uint8)
    grey = np.full((20, 30), 153, np.uint8)
    clear = np.full((20, 30, 1), 255, np.uint8)
    given: dict[str, tuple[str, np.ndarray, list[int]]] = {
        "grey": (".png", grey, [153] * 3),
        "alpha": (".png", np.concatenate([colour, clear], axis=2), [204, 102, 51]),
        "sixteen": (".png", colour.astype(np.uint16) * 257, [204, 102, 51]),
        "sixteen grey": (".tif", grey.astype(np.uint16) * 257, [153] * 3),
        "floats": (".tif", colour.astype(np.float32) / 255, [204, 102, 51]),
        "grey with alpha": (
            ".webp",
            np.concatenate([np.repeat(grey[:, :, None], 3, 2), clear], axis=2),
            [153] * 3,
        ),
    }
    suffix, array, expected = given[kind]
    path = tmp_path / f"a{suffix}"
    path.write_bytes(encoded(suffix, array))
    picture = read_picture(path)
    assert picture.dtype == np.uint8 and picture.shape == (20, 30, 3)
    assert picture[10, 10] == pytest.approx(expected, abs=2)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"no picture", "no picture that can be read"),
        (encoded(".png", halves())[:60], "no picture that can be read"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">2I", 60000, 60000), "too many"),
    ],
)
def test_what_is_no_picture_is_told_in_one_line(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(data)
    with pytest.raises(PictureError, match=said) as problem:
        read_picture(path)
    assert str(path) in str(problem.value) and "\n" not in str(problem.value)


def test_absent_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="no such file"):
        read_picture(tmp_path / "none.png")
    with pytest.raises(PictureError, match="cannot be read"):
        read_picture(tmp_path)
    with pytest.raises(PictureError, match="no such file"):
        open_video(tmp_path / "none.mp4")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25, (64, 48))
    for k in range(6):
        writer.write(np.full((48, 64, 3), (40 * k, 0, 200), np.uint8))
    writer.release()
    return path


def test_frames_come_in_order_as_rgb(clip: Path) -> None:
    video = open_video(clip)
    frames = list(video)
    assert video.expected == len(frames) == 6
    assert frames[0].shape == (48, 64, 3)
    assert [int(f[20, 20, 2]) for f in frames] == pytest.approx([40 * k for k in range(6)], abs=6)
    assert all(f[20, 20, 0] > 180 for f in frames)


@pytest.mark.parametrize("data", [b"", b"text", bytes(5000)])
def test_what_is_no_video_is_told_in_one_line(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    with pytest.raises(PictureError, match=str(path)) as problem:
        open_video(path)
    assert "\n" not in str(problem.value)
