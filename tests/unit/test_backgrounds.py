"""What stands behind a head: patterns, pictures of all sorts, and laying the head over them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.dataset.backgrounds import PictureFault, background, compose, pictures_in
from app.dataset.picture_size import picture_size
from app.dataset.textures import FAMILIES
from app.scene.backdrop import Backdrop
from app.scene.layers import Layers

RED = (40, 60, 220)


def write(path: Path, picture: np.ndarray, *options: int) -> Path:
    assert cv2.imwrite(str(path), picture, list(options))
    return path


def halves(height: int, width: int) -> np.ndarray:
    """Blue-green, the left half red; OpenCV's order of channels."""
    picture = np.full((height, width, 3), (180, 160, 20), np.uint8)
    picture[:, : width // 2] = RED
    return picture


def shown(path: Path, seed: int = 1, width: int = 64, height: int = 48) -> np.ndarray:
    return background(Backdrop("picture", picture=str(path), seed=seed), width, height)


def test_a_plain_background_has_its_color() -> None:
    picture = background(Backdrop("plain", color=(1.0, 0.5, 0.0)), 20, 10)
    assert picture.shape == (10, 20, 3) and (picture == (255, 128, 0)).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31 - 1), st.integers(64, 200), st.integers(64, 200))
def test_a_pattern_follows_from_its_seed(seed: int, width: int, height: int) -> None:
    backdrop = Backdrop("texture", seed=seed)
    picture = background(backdrop, width, height)
    assert picture.shape == (height, width, 3) and picture.dtype == np.uint8
    assert np.array_equal(picture, background(backdrop, width, height))


def test_patterns_are_many() -> None:
    seen = {background(Backdrop("texture", seed=s), 64, 64).tobytes() for s in range(40)}
    assert len(seen) == 40 and len(FAMILIES) >= 8


def test_a_pattern_is_the_same_on_every_machine() -> None:
    """Bytes of one machine, kept here; each family is among these seeds' draws."""
    digest = hashlib.sha256()
    for seed in range(60):
        digest.update(background(Backdrop("texture", seed=seed), 72, 64).tobytes())
    assert digest.hexdigest()[:16] == "7e9eef9c2300b961"


def test_pictures_of_a_folder_are_found_in_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("z.JPG", "b/a.png", "a.webp"):
        write(tmp_path / name, halves(20, 20))
    (tmp_path / "notes.txt").write_text("nothing")
    names = [p.relative_to(tmp_path).as_posix() for p in pictures_in(tmp_path)]
    assert names == ["a.webp", "b/a.png", "z.JPG"]


@pytest.mark.parametrize("name", [".", "missing"])
def test_a_folder_without_pictures_is_told_in_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(PictureFault) as fault:
        pictures_in(tmp_path / name)
    assert "choose another" in str(fault.value) and "\n" not in str(fault.value)


def test_a_picture_is_cut_and_flipped_by_its_seed(tmp_path: Path) -> None:
    path = write(tmp_path / "wide.png", halves(100, 300))
    pictures = [shown(path, seed) for seed in range(20)]
    assert {p.shape for p in pictures} == {(48, 64, 3)}
    assert len({p.tobytes() for p in pictures}) > 3
    assert np.array_equal(shown(path, 7), pictures[7])


def test_grey_alpha_small_and_sixteen_bit_pictures_are_shown(tmp_path: Path) -> None:
    grey = write(tmp_path / "grey.png", np.full((50, 50), 90, np.uint8))
    assert (shown(grey) == 90).all()
    clear = np.zeros((50, 50, 4), np.uint8)
    assert (shown(write(tmp_path / "clear.png", clear)) == 128).all()
    deep = write(tmp_path / "deep.png", np.full((50, 50, 3), 90 * 257, np.uint16))
    assert (shown(deep) == 90).all()
    tiny = write(tmp_path / "tiny.png", halves(8, 8))
    assert shown(tiny).shape == (48, 64, 3)


def test_a_large_picture_is_brought_down(tmp_path: Path) -> None:
    path = write(tmp_path / "large.jpg", halves(3000, 5000))
    picture = shown(path)
    assert picture.shape == (48, 64, 3) and picture.std() > 20


def test_a_picture_lies_as_its_exif_says(tmp_path: Path) -> None:
    """Orientation 6: the stored left is shown on top."""
    done, data = cv2.imencode(".jpg", halves(400, 400))
    assert done
    entry = b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00"
    tiff = b"MM\x00\x2a\x00\x00\x00\x08\x00\x01" + entry + b"\x00\x00\x00\x00"
    block = b"Exif\x00\x00" + tiff
    turned = b"\xff\xd8\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block
    path = tmp_path / "turned.jpg"
    path.write_bytes(turned + data.tobytes()[2:])
    for seed in range(6):
        picture = shown(path, seed, 64, 64).astype(int)
        assert np.ptp(picture[:, :, 0].mean(axis=0)) < 6
    assert any(np.ptp(shown(path, s)[:, :, 0].mean(axis=1)) > 100 for s in range(6))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.png", b""),
        ("text.jpg", b"no picture at all"),
        ("cut.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x40\x00\x00\x00\x40"),
        ("vast.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\x00\x00\x00\x01\x00\x00"),
        ("cut.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF"),
    ],
)
def test_what_is_no_picture_is_told_in_one_line(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(PictureFault) as fault:
        shown(path)
    assert name in str(fault.value) and "\n" not in str(fault.value)


def test_a_picture_that_is_gone_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(PictureFault, match=r"gone\.png cannot be read"):
        shown(tmp_path / "gone.png")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".webp"])
def test_the_size_is_known_before_the_pixels(suffix: str) -> None:
    done, data = cv2.imencode(suffix, halves(37, 53))
    assert done and picture_size(data.tobytes()) == (53, 37)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"BM", b"RIFF"]))
def test_no_bytes_break_the_reading_of_a_size(data: bytes, start: bytes) -> None:
    try:
        width, height = picture_size(start + data)
    except ValueError:
        return
    assert width >= 0 and height >= 0


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_the_head_covers_by_its_alpha(seed: int) -> None:
    rng = np.random.default_rng(seed)
    color, behind = rng.integers(0, 256, (2, 9, 7, 3), np.uint8)
    alpha = rng.random((9, 7), np.float32)
    alpha[0], alpha[1] = 0.0, 1.0
    nothing = np.zeros((9, 7), np.float32)
    laid = compose(Layers(color, alpha, nothing, nothing.astype(np.uint8), ()), behind)
    assert np.array_equal(laid[0], behind[0]) and np.array_equal(laid[1], color[1])
    weight = alpha[..., None]
    exact = color * weight + behind * (1.0 - weight)
    assert np.abs(laid - exact).max() <= 1.01


def test_a_full_picture_is_left_as_it_is() -> None:
    color = np.full((4, 4, 3), 77, np.uint8)
    ones = np.ones((4, 4), np.float32)
    layers = Layers(color, ones, ones, np.ones((4, 4), np.uint8), ())
    assert np.array_equal(compose(layers, np.zeros((4, 4, 3), np.uint8)), color)
