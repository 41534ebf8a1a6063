"""Where a face is looked for next, and whether what was found there can be one."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from inference.crop import Crop
from inference.face import Look
from inference.results import Box, Bytes

PLAY: Final = 0.015
"""Sides of the crop by which its middle may be off before it follows; what rests keeps its crop."""

SIZE_PLAY: Final = 0.03
"""The same of its size, as a natural logarithm."""

TURN_PLAY: Final = 2.0
"""The same of its lean, degrees."""

SMALLEST: Final = 10.0
"""Pixels along the longer side of the box about the points of a face."""

SHARES: Final = (0.25, 1.5)
"""Least and greatest longer side of that box in sides of the crop in which it was found."""


def eased(last: Crop, wanted: Crop) -> Crop:
    """The next crop: the last one, drawn along by what is wanted once that lies beyond its play.

    A face at rest is so seen in the same crop again, and what noise its points have does not come
    back to them through the crop.
    """
    if last.size != wanted.size:
        return wanted
    x, y = wanted.centre[0] - last.centre[0], wanted.centre[1] - last.centre[1]
    away = math.hypot(x, y)
    part = max(away - PLAY * last.side, 0.0) / away if away > 0.0 else 0.0
    turned = (wanted.angle - last.angle + 180.0) % 360.0 - 180.0
    return Crop(
        (last.centre[0] + part * x, last.centre[1] + part * y),
        last.side * math.exp(_beyond(math.log(wanted.side / last.side), SIZE_PLAY)),
        last.size,
        last.angle + _beyond(turned, TURN_PLAY),
    )


def sane(look: Look, crop: Crop, picture: Bytes) -> bool:
    """Whether points could be those of a face in the crop and in the picture."""
    if not np.isfinite(look.points).all() or not np.isfinite(look.outlined).all():
        return False
    box = Box.of_points(look.outlined)
    x, y, side = box.x + box.width / 2, box.y + box.height / 2, max(box.width, box.height)
    inside = 0.0 <= x <= picture.shape[1] - 1 and 0.0 <= y <= picture.shape[0] - 1
    least, most = (share * crop.side for share in SHARES)
    return inside and side >= SMALLEST and least <= side <= most and min(box.width, box.height) > 0


def _beyond(value: float, play: float) -> float:
    return math.copysign(max(abs(value) - play, 0.0), value)
