"""Finding the textures of an FBX file, which names them by paths of another machine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

PICTURES: Final = (".png", ".jpg", ".jpeg", ".tga", ".bmp", ".tif", ".tiff", ".webp")


class TextureFinder:
    """Looks for pictures by file name beside an FBX file and never anywhere else.

    Searched are its own folder, ``Textures`` in it and beside it, and ``<name>.fbm``. A link that
    leads out of them is not followed.
    """

    def __init__(self, fbx: Path) -> None:
        here = fbx.resolve().parent
        wanted = (
            (here, ""),
            (here, "textures"),
            (here.parent, "textures"),
            (here, fbx.stem + ".fbm"),
        )
        self.folders = [f for base, name in wanted if (f := _folder(base, name)) is not None]
        self._by_name: dict[str, Path] = {}
        for folder in self.folders:
            for file in _pictures(folder):
                self._by_name.setdefault(file.name.casefold(), file)

    @property
    def files(self) -> list[Path]:
        """All pictures in the folders that are searched, in a fixed order."""
        return sorted(self._by_name.values())

    def find(self, stated: str) -> Path | None:
        """The picture that a path in the file means: by name, or by name with another ending."""
        name = re.split(r"[\\/]", stated)[-1].casefold()
        stem = name.rpartition(".")[0] or name
        if not stem:
            return None
        for candidate in (name, *(stem + ending for ending in PICTURES)):
            found = self._by_name.get(candidate)
            if found is not None:
                return found
        return None


def _folder(base: Path, name: str) -> Path | None:
    """A folder by name whatever its case; only a real one, not a link to elsewhere."""
    if not name:
        return base
    try:
        found = [p for p in base.iterdir() if p.name.casefold() == name.casefold() and p.is_dir()]
    except OSError:
        return None
    inside = [p for p in sorted(found) if p.resolve().parent == base]
    return inside[0] if inside else None


def _pictures(folder: Path) -> list[Path]:
    home = folder.resolve()
    try:
        return [
            p
            for p in sorted(folder.iterdir(), key=lambda p: p.name)
            if p.suffix.lower() in PICTURES
            and p.is_file()
            and (not p.is_symlink() or p.resolve().parent == home)
            and _is_text(p.name)
        ]
    except OSError:
        return []


def _is_text(name: str) -> bool:
    """Whether a name is UTF-8, as names within an FBX file are."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
