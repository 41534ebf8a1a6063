"""Clips for measuring: one face and four faces at 640×480, cut from real clips or the sample."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from app.bench.models import AbsentError
from app.paths import ASSETS, ROOT
from inference.live.frames import SourceState
from inference.live.video import VideoSource
from inference.pictures import VIDEOS, PictureError, open_video
from inference.results import Bytes

CLIPS: Final = ROOT.parent / "shared" / "data" / "video"
SAMPLE: Final = ASSETS / "clips" / "sample.mp4"
SIZE: Final = (640, 480)
RATE: Final = 30.0
FRAMES: Final = 600
"""Of a cut clip, at most: 20 s."""
LEAST: Final = 60
ALONE: Final = 125
"""Frames of the sample clip in which there is one person only."""


def real_clip(folder: Path | None) -> Path:
    """The longest video of a folder that can be read; the sample clip where there is no folder.

    Raises
    ------
    AbsentError
        Where there is none.
    """
    if folder is None:
        folder = CLIPS if CLIPS.is_dir() else None
    if folder is None:
        if not SAMPLE.is_file():
            raise AbsentError("no clips: give --clips DIR")
        return SAMPLE
    lengths: dict[Path, int] = {}
    for path in sorted(folder.glob("*")):
        if path.suffix.lower() in VIDEOS:
            try:
                lengths[path] = open_video(path).expected
            except PictureError:
                continue
    if not lengths:
        raise AbsentError(f"{folder}: holds no video that can be read")
    return max(lengths, key=lambda path: lengths[path])


def frames_of(path: Path, most: int = FRAMES) -> list[Bytes]:
    """Frames of a clip with one person in it, fitted into `SIZE`.

    Raises
    ------
    AbsentError
        When it has too few.
    """
    most = min(most, ALONE) if path == SAMPLE else most
    found: list[Bytes] = []
    source = VideoSource(path)
    try:
        source.open()
        while len(found) < most:
            frame = source.read()
            if frame is not None:
                found.append(fitted(frame.picture, SIZE))
            elif source.status.state in (SourceState.ENDED, SourceState.FAILED):
                break
    finally:
        source.close()
    if len(found) < LEAST:
        raise AbsentError(f"{path}: has {len(found)} frames, fewer than {LEAST}")
    return found


def fitted(picture: Bytes, size: tuple[int, int]) -> Bytes:
    """A picture resampled to cover a size, what hangs over at two sides cut off."""
    import cv2

    height, width = picture.shape[:2]
    scale = max(size[0] / width, size[1] / height)
    wide, tall = math.ceil(width * scale), math.ceil(height * scale)
    enlarged = np.asarray(cv2.resize(picture, (wide, tall), interpolation=cv2.INTER_AREA), np.uint8)
    x, y = (wide - size[0]) // 2, (tall - size[1]) // 2
    return np.ascontiguousarray(enlarged[y : y + size[1], x : x + size[0]])


def four_of(frames: Sequence[Bytes]) -> Iterator[Bytes]:
    """Four people in each picture: the clip four times, a quarter of its length apart."""
    small = [fitted(frame, (SIZE[0] // 2, SIZE[1] // 2)) for frame in frames]
    apart = max(len(small) // 4, 1)
    for place in range(len(small)):
        a, b, c, d = (small[(place + apart * k) % len(small)] for k in range(4))
        yield np.concatenate([np.concatenate([a, b], 1), np.concatenate([c, d], 1)])


def there_and_back(frames: Sequence[Bytes]) -> Iterator[Bytes]:
    """Frames forward and backward, so that a loop has no leap."""
    yield from frames
    yield from reversed(frames[1:-1])


def write(path: Path, frames: Iterator[Bytes]) -> Path:
    """Frames as a clip of `RATE` frames a second."""
    from app.dataset.clip_file import ClipFile

    with ClipFile(path, RATE) as file:
        for frame in frames:
            file.write(frame)
    return path
