"""The renders of this session with the scenes they were made from."""

from __future__ import annotations

import shutil
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from app.paths import cache_dir
from app.scene.scene import Scene

MAX_RENDERS: Final = 24
MAX_BYTES: Final = 768 * 2**20
_PREFIX: Final = "session-"
_STALE_SECONDS: Final = 3 * 24 * 3600.0


@dataclass(frozen=True, eq=False)
class Rendering:
    """One finished render.

    Attributes
    ----------
    folder : Path
        Holds its files and nothing else.
    files : dict of str to Path
        Its passes by name, as the renderer named them.
    seconds : float
        From the order to the finished picture.
    head : str
        Name of the head, for file names.
    """

    folder: Path
    scene: Scene
    files: dict[str, Path]
    seconds: float
    head: str
    finished: datetime = field(default_factory=datetime.now)

    @property
    def bytes(self) -> int:
        return sum(file.stat().st_size for file in self.folder.rglob("*") if file.is_file())

    @property
    def file_stem(self) -> str:
        """A name for files that says whose picture it is and how the head is held."""
        pose = self.scene.pose
        angles = f"yaw{pose.yaw:+.0f}_pitch{pose.pitch:+.0f}_roll{pose.roll:+.0f}"
        head = "".join(c if c.isalnum() or c in "-_" else "-" for c in self.head).strip("-")
        return f"{head or 'head'}_{angles}"


class RenderHistory:
    """Newest first; bounded in number and in bytes; gone from the disk with the program.

    What a crash left behind is removed after some days by a later start.
    """

    def __init__(self, max_renders: int = MAX_RENDERS, max_bytes: int = MAX_BYTES) -> None:
        self._max_renders, self._max_bytes = max_renders, max_bytes
        self._root: tempfile.TemporaryDirectory[str] | None = None
        self._number = 0
        self.renderings: tuple[Rendering, ...] = ()

    def new_folder(self) -> Path:
        """An empty folder for the next render.

        Raises
        ------
        OSError
            When the cache cannot be written.
        """
        if self._root is None:
            parent = cache_dir() / "renders"
            parent.mkdir(exist_ok=True)
            _remove_stale(parent)
            self._root = tempfile.TemporaryDirectory(
                prefix=_PREFIX, dir=parent, ignore_cleanup_errors=True
            )
        self._number += 1
        folder = Path(self._root.name) / f"{self._number:04}"
        folder.mkdir(parents=True)
        return folder

    def add(self, rendering: Rendering) -> None:
        """Put a render in front; the oldest go where there are too many."""
        kept, used = [rendering], rendering.bytes
        for old in self.renderings:
            used += old.bytes
            if len(kept) < self._max_renders and used <= self._max_bytes:
                kept.append(old)
            else:
                discard(old.folder)
        self.renderings = tuple(kept)

    def remove(self, rendering: Rendering) -> None:
        self.renderings = tuple(r for r in self.renderings if r is not rendering)
        discard(rendering.folder)

    def close(self) -> None:
        """Remove everything from the disk; may be called again."""
        self.renderings = ()
        if self._root is not None:
            self._root.cleanup()
            self._root = None


def discard(folder: Path) -> None:
    """Remove a folder; what cannot be removed stays."""
    shutil.rmtree(folder, ignore_errors=True)


def _remove_stale(parent: Path) -> None:
    for folder in parent.glob(f"{_PREFIX}*"):
        try:
            stale = time.time() - folder.stat().st_mtime > _STALE_SECONDS
        except OSError:
            continue
        if stale:
            discard(folder)
