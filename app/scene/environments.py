"""Pictures of environments: Blender's own by name, or a file of the user's."""

from __future__ import annotations

import importlib.util
import struct
from functools import lru_cache
from pathlib import Path
from typing import Final

from app.files import read_bytes

NAMES: Final = (
    "studio",
    "city",
    "courtyard",
    "forest",
    "interior",
    "night",
    "sunrise",
    "sunset",
)
"""What ``bpy`` brings; the pictures stay in its package."""

MAX_BYTES: Final = 512 * 2**20
MAX_PIXELS: Final = 16384 * 8192

_EXR_MAGIC: Final = b"\x76\x2f\x31\x01"
_HDR_MAGIC: Final = (b"#?RADIANCE", b"#?RGBE")


class EnvironmentFault(ValueError):  # noqa: N818
    """An environment that cannot be used; the message is one line that says what to do."""


def picture_file(picture: str) -> Path:
    """File of an environment, checked so far that Blender can be given it.

    Parameters
    ----------
    picture : str
        One of `NAMES`, or the path of an .exr or .hdr file.

    Raises
    ------
    EnvironmentFault
    """
    if picture in NAMES:
        return builtin_folder() / f"{picture}.exr"
    try:
        path = Path(picture).expanduser()
    except RuntimeError as problem:
        raise EnvironmentFault(f"No environment {picture!r}: {problem}") from None
    if path.suffix.lower() not in (".exr", ".hdr"):
        raise EnvironmentFault(
            f"No environment {picture!r}: give one of {', '.join(NAMES)}, or an .exr or .hdr file."
        )
    check_file(path)
    return path


@lru_cache(maxsize=1)
def builtin_folder() -> Path:
    """Where Blender's own pictures lie, found without importing ``bpy``.

    Raises
    ------
    EnvironmentFault
        When ``bpy`` is not installed or does not hold them.
    """
    spec = importlib.util.find_spec("bpy")
    if spec is None or spec.origin is None:
        raise EnvironmentFault("Blender's module bpy is not installed: pip install bpy==5.0.1")
    found = sorted(Path(spec.origin).parent.glob("*/datafiles/studiolights/world"))
    if not found:
        raise EnvironmentFault(f"Blender's environments are missing beside {spec.origin}.")
    return found[-1]


def check_file(path: Path) -> None:
    """Refuse what is no picture of light, or one too large to load.

    Raises
    ------
    EnvironmentFault
    """
    try:
        size = path.stat().st_size
        head = read_bytes(path, 64 * 1024)
    except ValueError:
        raise EnvironmentFault(f"{str(path)!r} is no name of a file.") from None
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise EnvironmentFault(f"The environment {path} cannot be read: {reason}.") from None
    if size > MAX_BYTES:
        raise EnvironmentFault(f"The environment {path} is larger than {MAX_BYTES // 2**20} MB.")
    try:
        width, height = picture_size(head)
    except (ValueError, struct.error):
        raise EnvironmentFault(
            f"The environment {path} is not an OpenEXR or Radiance picture."
        ) from None
    if width < 1 or height < 1 or width * height > MAX_PIXELS:
        raise EnvironmentFault(
            f"The environment {path} is {width}×{height}; 16384×8192 is the most."
        )


def picture_size(head: bytes) -> tuple[int, int]:
    """Width and height from the first bytes of an OpenEXR or Radiance file.

    Raises
    ------
    ValueError, struct.error
        When they are not there.
    """
    if head.startswith(_EXR_MAGIC):
        return _exr_size(head)
    if head.startswith(_HDR_MAGIC):
        return _radiance_size(head)
    raise ValueError("neither OpenEXR nor Radiance")


def _exr_size(head: bytes) -> tuple[int, int]:
    """From the data window among the header's attributes (OpenEXR file layout)."""
    at = 8
    while head[at] if at < len(head) else 0:
        name_end = head.index(b"\0", at)
        type_end = head.index(b"\0", name_end + 1)
        (length,) = struct.unpack_from("<i", head, type_end + 1)
        value = type_end + 5
        if head[at:name_end] == b"dataWindow":
            left, top, right, bottom = struct.unpack_from("<4i", head, value)
            return right - left + 1, bottom - top + 1
        if length < 0:
            break
        at = value + length
    raise ValueError("no data window")


def _radiance_size(head: bytes) -> tuple[int, int]:
    """From the resolution line after the empty line that ends the header."""
    _, found, rest = head.partition(b"\n\n")
    words = rest.split(b"\n", 1)[0].split()
    if not found or len(words) != 4:
        raise ValueError("no resolution")
    sizes = {words[0][-1:]: int(words[1]), words[2][-1:]: int(words[3])}
    if set(sizes) != {b"X", b"Y"}:
        raise ValueError("no resolution")
    return sizes[b"X"], sizes[b"Y"]
