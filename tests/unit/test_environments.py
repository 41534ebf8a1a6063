"""Environments: Blender's own by name, and files of strangers."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.scene.environments import (
    MAX_BYTES,
    NAMES,
    EnvironmentFault,
    picture_file,
    picture_size,
)


def exr_header(width: int, height: int) -> bytes:
    window = struct.pack("<4i", 0, 0, width - 1, height - 1)
    attribute = b"dataWindow\0box2i\0" + struct.pack("<i", len(window)) + window
    return b"\x76\x2f\x31\x01\x02\0\0\0" + attribute + b"\0"


def hdr_header(width: int, height: int) -> bytes:
    return b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y %d +X %d\n" % (height, width)


@pytest.mark.parametrize("name", NAMES)
def test_each_name_is_a_picture_twice_as_wide_as_high(name: str) -> None:
    path = picture_file(name)
    width, height = picture_size(path.read_bytes()[:65536])
    assert width == 2 * height


def test_they_are_found_without_importing_blender() -> None:
    code = (
        "import sys; from app.scene.environments import picture_file; picture_file('studio');"
        "sys.exit('bpy' in sys.modules)"
    )
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, timeout=60).returncode == 0


@pytest.mark.parametrize(("name", "header"), [("a.exr", exr_header), ("b.HDR", hdr_header)])
def test_a_file_of_the_user_is_taken(tmp_path: Path, name: str, header: object) -> None:
    path = tmp_path / name
    path.write_bytes(header(512, 256))  # type: ignore[operator]
    assert picture_file(str(path)) == path
    assert picture_size(path.read_bytes()) == (512, 256)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("beach.exr", None, "cannot be read: No such file"),
        ("beach", None, "one of studio, city"),
        ("beach.png", b"\x89PNG", "one of studio, city"),
        ("beach.exr", b"", "not an OpenEXR"),
        ("beach.exr", b"just words", "not an OpenEXR"),
        ("beach.hdr", hdr_header(0, 0), "0×0"),
        ("beach.hdr", hdr_header(99999, 99999), "16384×8192 is the most"),
        ("beach.exr", exr_header(70000, 30000), "16384×8192 is the most"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(EnvironmentFault, match=said) as fault:
        picture_file(str(path))
    assert "\n" not in str(fault.value)


def test_a_file_over_the_bound_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.exr"
    with path.open("wb") as file:
        file.write(exr_header(512, 256))
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(EnvironmentFault, match="larger than 512 MB"):
        picture_file(str(path))


@given(st.binary(max_size=300), st.sampled_from([b"", exr_header(8, 4)[:8], b"#?RGBE\n"]))
def test_any_bytes_are_understood_or_refused(tail: bytes, start: bytes) -> None:
    try:
        width, height = picture_size(start + tail)
    except (ValueError, struct.error):
        return
    assert isinstance(width, int) and isinstance(height, int)
