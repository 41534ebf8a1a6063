"""What the live workspace remembers from one start to the next: choices, never pictures."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from app.files import read_bytes, write_bytes
from app.paths import config_dir

SIZE_LIMIT: Final = 256 * 1024

Part = Annotated[float, Meta(ge=0.0, le=1.0)]
Side = Annotated[int, Meta(ge=16, le=16384)]


class LiveMemory(msgspec.Struct, frozen=True, omit_defaults=True):
    """Choices of the user.

    Attributes
    ----------
    overlays : dict
        As `widgets.live.overlays.stored` gives them.
    size, rate : optional
        What is asked of cameras; None for their own choice.
    mirror : bool
    strength : float
        Of the filter.
    speed : float
    loop, hud, depth : bool
    models : dict of str to str
        Files by part; empty for none.
    provider : str
    folder : str
        Of recordings; empty for the usual one.
    formats : tuple of str
    values : str
    whole : bool
    wheels : dict of str to tuple of float
        Regions of steering wheels as they were drawn, by source: x, y, width and height as parts
        of the picture.
    watch_hands : bool
    warn_after : float
        Seconds with both hands off the wheel.
    last_folder : str
        Where a video was opened last.
    """

    overlays: dict[str, Any] = {}
    size: tuple[Side, Side] | None = (640, 480)
    rate: Annotated[float, Meta(gt=0.0, le=1000.0)] | None = 30.0
    mirror: bool = False
    strength: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.5
    speed: Annotated[float, Meta(ge=0.05, le=16.0)] = 1.0
    loop: bool = True
    hud: bool = True
    depth: bool = False
    models: dict[str, str] = {}
    provider: str = "CPU"
    folder: str = ""
    formats: tuple[str, ...] = ("mp4", "jsonl")
    values: str = "filtered"
    whole: bool = False
    wheels: dict[str, tuple[Part, Part, Part, Part]] = {}
    watch_hands: bool = True
    warn_after: Annotated[float, Meta(ge=0.5, le=60.0)] = 5.0
    last_folder: str = ""


def memory_path() -> Path:
    return config_dir() / "live.json"


def load(path: Path) -> LiveMemory:
    """What was remembered; the defaults where there is nothing, or nothing that can be read.

    A file that cannot be read is set aside as ``.bak``.
    """
    try:
        data = read_bytes(path, SIZE_LIMIT)
        if len(data) > SIZE_LIMIT:
            raise msgspec.DecodeError("the file is too large")
        return msgspec.json.decode(data, type=LiveMemory)
    except OSError:
        return LiveMemory()
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        with contextlib.suppress(OSError):
            path.replace(path.with_name(path.name + ".bak"))
        return LiveMemory()


def save(path: Path, memory: LiveMemory) -> None:
    """Raises OSError when the file cannot be written; the old one then stays."""
    data = msgspec.json.format(msgspec.json.encode(memory), indent=2)
    write_bytes(path, data + b"\n")
