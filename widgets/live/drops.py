"""What a file or folder dropped on the live workspace is, by its name alone."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from PySide6.QtCore import QMimeData

Kind = Literal["video", "picture", "folder", "model"]

VIDEOS: Final = frozenset(
    {".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".wmv", ".mpg", ".mpeg", ".ogv", ".3gp"}
)
PICTURES: Final = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jp2", ".png", ".bmp", ".dib", ".webp", ".tif", ".tiff"}
    | {".ppm", ".pgm", ".pnm", ".avif", ".gif"}
)
"""Those of `inference.pictures`, which the window does not import before it is needed."""

WORDS: Final[dict[Kind, str]] = {
    "video": "Drop to watch the video {}",
    "picture": "Drop to look at the picture {}",
    "folder": "Drop to watch the pictures of {}",
    "model": "Drop to add the model {}",
}


def kind_of(path: Path) -> Kind | None:
    """What can be done with a path here."""
    suffix = path.suffix.lower()
    if suffix == ".onnx":
        return "model"
    if suffix in VIDEOS:
        return "video"
    if suffix in PICTURES:
        return "picture"
    return "folder" if path.is_dir() else None


def dropped(data: QMimeData) -> list[tuple[Path, Kind]]:
    """What of the dropped things can be opened: one source, any number of models."""
    found: list[tuple[Path, Kind]] = []
    for url in data.urls():
        path = Path(url.toLocalFile()) if url.isLocalFile() else None
        kind = None if path is None else kind_of(path)
        taken = any(k != "model" for _, k in found)
        if path is not None and kind is not None and (kind == "model" or not taken):
            found.append((path, kind))
    return found
