"""Pictures in files, and the ones that lie beside annotations."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np

from app.evaluation.annotated import Bytes, ReadingError
from app.files import read_bytes

SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
MAX_BYTES: Final = 256 * 2**20


def load(path: Path) -> Bytes:
    """RGB, shape (H, W, 3), uint8, turned as its file says.

    Raises
    ------
    ReadingError
        When it cannot be read or is no picture.
    """
    try:
        data = read_bytes(path, MAX_BYTES)
    except OSError as problem:
        raise ReadingError(f"{path} cannot be read: {problem.strerror or problem}") from None
    picture = None
    if 0 < len(data) <= MAX_BYTES:
        try:
            picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        except cv2.error:
            picture = None
    if picture is None:
        raise ReadingError(f"{path} is no whole picture")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))


def beside(path: Path) -> Path:
    """The picture of the same name as an annotation.

    Raises
    ------
    ReadingError
        When there is none.
    """
    for suffix in SUFFIXES:
        for name in (path.with_suffix(suffix), path.with_suffix(suffix.upper())):
            if name.is_file():
                return name
    raise ReadingError(f"{path} has no picture beside it ({', '.join(SUFFIXES)})")
