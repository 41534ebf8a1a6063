"""Recently opened heads and sessions, newest first."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from app.files import write_bytes
from app.paths import config_dir

LIMIT = 12
_Paths = Annotated[list[Annotated[str, Meta(max_length=4096)]], Meta(max_length=1000)]


class RecentFiles:
    """The list on disk. Two windows may share it: it is read anew before each change.

    A list that can't be read counts as empty, one that can't be written is forgotten: neither is
    worth a word to people.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or config_dir() / "recent.json"

    @property
    def paths(self) -> tuple[Path, ...]:
        """May hold files that are gone; whoever shows them greys those out."""
        try:
            names = msgspec.json.decode(self._path.read_bytes(), type=_Paths)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return ()
        return tuple(Path(name) for name in names[:LIMIT])

    def add(self, path: Path) -> None:
        path = path.absolute()
        self._write([path, *(p for p in self.paths if p != path)])

    def remove(self, path: Path) -> None:
        self._write([p for p in self.paths if p != path])

    def clear(self) -> None:
        self._write([])

    def _write(self, paths: list[Path]) -> None:
        try:
            write_bytes(self._path, msgspec.json.encode([str(p) for p in paths[:LIMIT]]))
        except (OSError, UnicodeEncodeError):
            return
