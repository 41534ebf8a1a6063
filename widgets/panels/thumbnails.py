"""Small pictures of environments, kept in the cache. Called away from the window's thread."""

from __future__ import annotations

import hashlib
import os

import numpy as np
from PySide6.QtGui import QImage

from app.files import aside
from app.paths import cache_dir
from app.scene.environments import EnvironmentFault, picture_file


def environment_thumbnail(picture: str, size: tuple[int, int]) -> QImage | None:
    """The middle of an environment's picture; None where it cannot be read."""
    try:
        path = picture_file(picture)
        stamp = f"{path}:{path.stat().st_mtime_ns}:{size}"
    except (EnvironmentFault, OSError):
        return None
    folder = cache_dir() / "thumbnails"
    folder.mkdir(exist_ok=True)
    kept = folder / f"{hashlib.sha256(stamp.encode()).hexdigest()[:20]}.png"
    image = QImage(str(kept))
    if not image.isNull():
        return image
    os.environ.setdefault("OPENCV_IO_ENABLE_OPENEXR", "1")
    import cv2

    try:
        linear = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        linear = None
    if linear is None or linear.ndim != 3:
        return None
    height = linear.shape[0]
    band = linear[height // 6 : height - height // 6, :, 2::-1].astype(np.float32)
    small = np.clip(np.nan_to_num(cv2.resize(band, size, interpolation=cv2.INTER_AREA)), 0, None)
    grey = float(np.exp(np.log(small.mean(-1) + 1e-4).mean()))
    exposed = small * (0.22 / grey)
    shown = (exposed / (1.0 + exposed)) ** (1 / 2.2) * 1.15
    pixels = np.ascontiguousarray((np.clip(shown, 0.0, 1.0) * 255).astype(np.uint8))
    image = QImage(pixels.data, size[0], size[1], size[0] * 3, QImage.Format.Format_RGB888).copy()
    with aside(kept) as temporary:
        image.save(str(temporary))
    return image
