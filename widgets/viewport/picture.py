"""What the viewport asks its render thread for, and what it gets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.head.asset import HeadAsset
from app.head.pose import HeadPose
from app.scene.scene import Environment, Light
from widgets.viewport.navigation import View

Bytes = NDArray[np.uint8]

GRADIENT, PLAIN, SKY = 0, 1, 2


@dataclass(frozen=True)
class Floor:
    """The ground grid: metres, world axes."""

    height: float
    centre: tuple[float, float] = (0.0, 0.0)
    reach: float = 3.0
    step: float = 0.1


@dataclass(frozen=True, eq=False)
class Wanted:
    """A state to be drawn.

    Attributes
    ----------
    view : View
        Its size is the picture's, in device pixels.
    backdrop : int
        GRADIENT, PLAIN (the environment's background colour) or SKY (its picture).
    moving : bool
        The user is at it: a quick picture is wanted, not a fine one.
    jitter : tuple of float
        Shift of the picture in pixels, for smoothing over several pictures.
    stipple : int
        Number of the picture in a series that is averaged, −1 for a single one.
    """

    asset: HeadAsset | None
    pose: HeadPose
    lights: tuple[Light, ...]
    environment: Environment
    view: View
    backdrop: int = GRADIENT
    wireframe: bool = False
    floor: Floor | None = None
    moving: bool = False
    jitter: tuple[float, float] = (0.0, 0.0)
    stipple: int = -1


@dataclass(frozen=True, eq=False)
class Picture:
    """Pixels (h, w, 4) RGBA, bottom row first, and the state that they show."""

    pixels: Bytes
    wanted: Wanted
    warnings: tuple[str, ...] = ()
