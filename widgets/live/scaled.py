"""The picture of a frame as it lies on the screen, resampled by OpenCV to pixels of the device."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter

from widgets.live.placing import Placing

SQUARES: Final = 6.0
"""Device pixels for one of the picture from which it is shown as squares."""


class ScaledPicture:
    """Keeps what was resampled for as long as picture and place are the same."""

    def __init__(self) -> None:
        self._key: tuple[Any, ...] = ()
        self._pixels: NDArray[np.uint8] | None = None
        self._image: QImage | None = None
        self._at = QPointF()

    def paint(
        self, painter: QPainter, picture: NDArray[np.uint8], number: int, placing: Placing
    ) -> None:
        """Draw the part of a picture that is seen.

        Parameters
        ----------
        painter : QPainter
            In the room's pixels.
        picture : ndarray, shape (H, W, 3), uint8
            RGB.
        number : int
            Tells pictures apart.
        placing : Placing
        """
        ratio = painter.device().devicePixelRatio()
        key = (number, placing, ratio)
        if key != self._key:
            self._key = key
            self._image = self._resample(picture, placing, ratio)
        if self._image is not None:
            painter.drawImage(self._at, self._image)

    def _resample(
        self, picture: NDArray[np.uint8], placing: Placing, ratio: float
    ) -> QImage | None:
        import cv2

        height, width = picture.shape[:2]
        zoom = placing.zoom * ratio
        left, right, x, across = _seen(placing.x * ratio, zoom, width, placing.room[0] * ratio)
        top, bottom, y, down = _seen(placing.y * ratio, zoom, height, placing.room[1] * ratio)
        if min(right - left, bottom - top, across, down) <= 0:
            return None
        part = picture[top:bottom, left:right]
        if zoom < 1.0:
            part = cv2.resize(part, (across, down), interpolation=cv2.INTER_AREA)
            pixels = cv2.cvtColor(part, cv2.COLOR_RGB2BGRA)
        else:
            how = cv2.INTER_NEAREST if zoom >= SQUARES else cv2.INTER_LINEAR
            colors = cv2.cvtColor(part, cv2.COLOR_RGB2BGRA)
            same = (right - left, bottom - top) == (across, down)
            pixels = colors if same else cv2.resize(colors, (across, down), interpolation=how)
        self._pixels = np.asarray(pixels, np.uint8)
        image = QImage(self._pixels.data, across, down, across * 4, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        self._at = QPointF(x / ratio, y / ratio)
        return image


def _seen(origin: float, zoom: float, length: int, room: float) -> tuple[int, int, int, int]:
    """First and last pixel of the picture that is seen, and from where on and how wide it lies."""
    first = min(max(math.floor(-origin / zoom), 0), length)
    last = min(max(math.ceil((room - origin) / zoom), first), length)
    begin, end = round(origin + first * zoom), round(origin + last * zoom)
    return first, last, begin, end - begin
