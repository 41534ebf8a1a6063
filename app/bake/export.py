"""A person as an FBX file with textures and a description beside it, written by Blender."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any, Final, Protocol

from app.bake.assemble import (
    TEXTURE_FOLDER,
    BakedPerson,
    build_person,
    paint_textures,
    write_arrays,
    write_description,
    write_textures,
)
from app.bake.person import PersonSpec

_SECONDS: Final = 300.0


class Ticket(Protocol):
    """A job that was handed over."""

    def result(self, timeout: float | None = None) -> object: ...


class Exporter(Protocol):
    """What runs jobs in Blender; `app.blender.client.Blender` is one."""

    def submit(
        self, op: str, args: dict[str, Any], on_event: None = None, timeout: float | None = None
    ) -> Ticket: ...


class ExportError(Exception):
    """Blender wrote no file; the message is one line."""


def bake_fbx(person: PersonSpec, folder: Path, texture_size: int, blender: Exporter) -> Path:
    """Make a person as ``NAME.fbx``, ``NAME.json`` and the folder ``textures``.

    All files are written aside and moved to their place when they are whole.

    Parameters
    ----------
    folder : Path
        Made where it is absent.
    texture_size : int
        Edge of the skin's colour texture in texels.

    Returns
    -------
    Path
        The FBX file.

    Raises
    ------
    ValueError
        For a local change that the body model does not know.
    ImportError
        Where the extra ``bake`` is absent.
    ExportError
        When Blender fails.
    OSError
        When the folder cannot be written.
    """
    return export_fbx(build_person(person), folder, texture_size, blender)


def export_fbx(baked: BakedPerson, folder: Path, texture_size: int, blender: Exporter) -> Path:
    """`bake_fbx` for a person whose meshes are made."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".bake-", dir=folder) as name:
        staging = Path(name)
        _write(baked, staging, texture_size, blender)
        _publish(staging, folder)
    return folder / f"{baked.person.name}.fbx"


def _write(baked: BakedPerson, folder: Path, texture_size: int, blender: Exporter) -> None:
    name = baked.person.name
    textures = folder / TEXTURE_FOLDER
    write_textures(paint_textures(baked, texture_size), textures)
    write_description(baked, folder / f"{name}.json")
    arrays, output = folder / "arrays.npz", folder / f"{name}.fbx"
    spec = write_arrays(baked, arrays.resolve())
    spec |= {"textures": str(textures.resolve()), "output": str(output.resolve())}
    outcome = blender.submit("export_head", spec, timeout=_SECONDS).result()
    arrays.unlink()
    if not output.is_file():
        raise ExportError(getattr(outcome, "message", "Blender ended before the file was written."))


def _publish(staging: Path, folder: Path) -> None:
    """Move the finished files to their place, replacing those of an earlier bake."""
    for path in sorted(staging.rglob("*")):
        target = folder / path.relative_to(staging)
        if path.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)
