"""Settings: a small JSON file that holds only what differs from the defaults."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from app.files import read_bytes, write_bytes
from app.paths import config_dir

Unit = Literal["m", "cm", "mm"]
SIZE_LIMIT = 256 * 1024


class Settings(msgspec.Struct, frozen=True, omit_defaults=True):
    """``worker_threads`` 0 leaves the choice to Blender. ``person`` is who proposes and approves
    topologies here (empty: the account's name). ``shortcuts`` maps a command to its keys
    (an empty list takes its keys away); a command that is not in it keeps its own."""

    autosave: bool = True
    worker_threads: Annotated[int, Meta(ge=0, le=256)] = 0
    engine: Literal["cycles", "eevee"] = "cycles"
    samples: Annotated[int, Meta(ge=1, le=4096)] = 32
    denoise: bool = True
    width: Annotated[int, Meta(ge=16, le=8192)] = 640
    height: Annotated[int, Meta(ge=16, le=8192)] = 480
    unit: Unit = "m"
    ui_scale: Annotated[float, Meta(ge=0.75, le=3.0)] = 1.0
    shortcuts: dict[str, list[str]] = {}
    person: Annotated[str, Meta(max_length=80)] = ""


def settings_path() -> Path:
    return config_dir() / "settings.json"


def load(path: Path) -> tuple[Settings, str]:
    """The settings, and what to tell people about them ("" when all is well).

    A file that can't be read is set aside as ``.bak`` and the defaults are used.
    """
    try:
        data = read_bytes(path, SIZE_LIMIT)
        if len(data) > SIZE_LIMIT:
            raise msgspec.DecodeError("the file is too large")
        return msgspec.json.decode(data, type=Settings), ""
    except FileNotFoundError:
        return Settings(), ""
    except OSError as error:
        return Settings(), f"The settings can't be read ({error.strerror}); using the defaults."
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        backup = path.with_name(path.name + ".bak")
        with contextlib.suppress(OSError):
            path.replace(backup)
        return Settings(), (
            f"The settings could not be read ({error}); they were set aside as {backup.name} and "
            "the defaults are used."
        )


def save(path: Path, settings: Settings) -> None:
    """Raises OSError when the file can't be written; the old one then stays."""
    data = msgspec.json.format(msgspec.json.encode(settings), indent=2)
    write_bytes(path, data + b"\n")
