"""From what a user names to a live source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from inference.live.camera import CameraSource
from inference.live.cameras import Camera, cameras
from inference.live.device import CameraSettings
from inference.live.folder import FolderSource, pictures_in
from inference.live.given import GivenSource
from inference.live.source import Source, SourceError
from inference.live.video import VideoSource
from inference.pictures import PICTURES, PictureError, open_video, read_picture

__all__ = [
    "Camera",
    "CameraSettings",
    "CameraSource",
    "FolderSource",
    "GivenSource",
    "Source",
    "SourceError",
    "VideoSource",
    "cameras",
    "find",
]

STILL_RATE: Final = 30.0


def find(
    text: str,
    settings: CameraSettings | None = None,
    lister: Callable[[], tuple[Camera, ...]] = cameras,
) -> Source:
    """The source that a text names: a camera by number or name, or a file or folder by its path.

    A file whose name is a number is told from a camera by its path (``./0``). A camera that is not
    there is a source all the same and waits for it; files are looked into.

    Parameters
    ----------
    text : str
    settings : CameraSettings, optional
        For cameras.
    lister : callable
        How cameras are listed.

    Raises
    ------
    SourceError
        Where there is nothing of that name, or it holds neither pictures nor a video.
    """
    text = text.strip()
    if text.isascii() and text.isdigit():
        return CameraSource(int(text), settings, lister=lister)
    path = Path(text).expanduser()
    if text and path.is_dir():
        if not pictures_in(path):
            raise SourceError(f"{text}: holds no pictures")
        return FolderSource(path)
    if text and path.is_file():
        return _file(path)
    there = lister()
    for camera in there:
        if camera.name.casefold() == text.casefold():
            return CameraSource(camera, settings, lister=lister)
    known = ", ".join(f"{camera.index} ({camera.name})" for camera in there)
    raise SourceError(
        f"{text or 'the source'}: there is no such file, folder or camera; "
        + (f"the cameras are {known}" if known else "no camera is plugged in")
    )


def _file(path: Path) -> Source:
    suffix = path.suffix.lower()
    try:
        if suffix in PICTURES and suffix != ".gif":
            read_picture(path)
            return FolderSource(path, STILL_RATE)
        open_video(path)
        return VideoSource(path)
    except PictureError as problem:
        raise SourceError(str(problem)) from None
