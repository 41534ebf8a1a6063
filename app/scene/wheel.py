"""Steering wheels: what they are, where their rim is, and how far something is from it.

The wheel's own axes: x to the driver's left, y to twelve o'clock, z away from the driver; the
origin is the middle of the rim. Clock positions are as the driver sees them, in hours.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy.spatial import cKDTree

from app.geometry.rotations import Array

CURVE_POINTS: Final = 1440
"""Of the rim's middle line; neighbours are under a millimetre apart."""

RIM_KEY_POINTS: Final = 12
"""Key points of the rim, one an hour, fixed to the wheel."""

RimCover = Literal["leather", "perforated", "wood", "two-tone", "suede"]


@dataclass(frozen=True)
class Wheel:
    """A steering wheel.

    Attributes
    ----------
    radius : float
        From the middle to the middle line of the rim, metres.
    thickness : float
        Radius of the rim's round section, metres.
    flat : float
        How much of the radius a flat bottom cuts away, 0 for a round wheel.
    spokes : tuple of float
        Degrees clockwise from twelve o'clock, as the driver sees them.
    spoke_width, spoke_depth : float
        Metres; of a spoke at the rim, and of the hub behind the rim's plane.
    hub : tuple of float
        Half width, half height and roundness (2 an ellipse, 6 nearly a box) of the airbag's cover.
    cover : str
    color, second, trim, stitching : tuple of float
        Linear RGB of the rim, of its other part, of what is metal, of the seam.
    controls : bool
        Whether there are buttons on the spokes.
    seed : int
    """

    radius: float = 0.185
    thickness: float = 0.0155
    flat: float = 0.0
    spokes: tuple[float, ...] = (90.0, 180.0, 270.0)
    spoke_width: float = 0.045
    spoke_depth: float = 0.02
    hub: tuple[float, float, float] = (0.075, 0.065, 3.0)
    cover: RimCover = "leather"
    color: tuple[float, float, float] = (0.02, 0.02, 0.022)
    second: tuple[float, float, float] = (0.02, 0.02, 0.022)
    trim: tuple[float, float, float] = (0.35, 0.36, 0.37)
    stitching: tuple[float, float, float] = (0.02, 0.02, 0.02)
    controls: bool = True
    seed: int = 0

    def reach(self, clock: Array | float) -> Array:
        """Metres from the middle to the rim's middle line at clock positions, round and flat."""
        turn = np.asarray(clock, float) / 6.0 * np.pi
        low = np.maximum(-np.cos(turn), 1e-3)
        if self.flat <= 0.0:
            return np.full(np.shape(turn), self.radius)
        limit = self.radius * (1.0 - self.flat) / low
        power = 20.0
        return np.asarray((self.radius**-power + limit**-power) ** (-1.0 / power))

    def point(self, clock: Array | float) -> Array:
        """Points of the middle line of the rim, shape (..., 3), in the wheel's own axes."""
        turn = np.asarray(clock, float) / 6.0 * np.pi
        reach = self.reach(clock)
        out = [-np.sin(turn) * reach, np.cos(turn) * reach, np.zeros_like(reach)]
        return np.stack(out, axis=-1)

    @functools.cached_property
    def curve(self) -> Array:
        """The middle line of the rim, shape (CURVE_POINTS, 3)."""
        return self.point(np.arange(CURVE_POINTS) * (12.0 / CURVE_POINTS))

    @functools.cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.curve)

    def distance(self, points: Array) -> Array:
        """Signed distance of points (..., 3) in the wheel's axes to the rim's surface, metres."""
        away, _ = self._tree.query(np.asarray(points))
        return np.asarray(away - self.thickness)

    def nearness(self, points: Array) -> Array:
        """The same for many points, good to a twentieth where the rim bends evenly.

        The distance in the wheel's plane is that along the ray from the middle, corrected for the
        rim's slope against it.
        """
        x, y, z = np.moveaxis(np.asarray(points), -1, 0)
        reach: Array | float = self.radius
        slope: Array | float = 1.0
        if self.flat > 0.0:
            clock = np.arctan2(-x, y) * 6.0 / np.pi
            reach = self.reach(clock)
            change = (self.reach(clock + 0.01) - reach) / (0.01 * np.pi / 6.0)
            slope = 1.0 / np.sqrt(1.0 + (change / reach) ** 2)
        beside = (np.hypot(x, y) - reach) * slope
        return np.asarray(np.hypot(beside, z) - self.thickness)


@dataclass(frozen=True, eq=False)
class Placed:
    """A wheel in the car.

    Attributes
    ----------
    wheel : Wheel
    centre : ndarray, shape (3,)
        Metres, in the cabin.
    tilt : float
        Degrees by which its plane leans away from the upright.
    angle : float
        Degrees by which it is turned clockwise, as the driver sees it.
    """

    wheel: Wheel
    centre: Array
    tilt: float
    angle: float = 0.0

    @functools.cached_property
    def matrix(self) -> Array:
        """The wheel's own axes to the cabin's, shape (4, 4)."""
        lean, turn = np.radians(self.tilt), np.radians(self.angle)
        upright = np.array([0.0, -np.sin(lean), np.cos(lean)])
        left = np.array([1.0, 0.0, 0.0])
        matrix = np.eye(4)
        matrix[:3, 0] = np.cos(turn) * left + np.sin(turn) * upright
        matrix[:3, 1] = np.cos(turn) * upright - np.sin(turn) * left
        matrix[:3, 2] = [0.0, -np.cos(lean), -np.sin(lean)]
        matrix[:3, 3] = self.centre
        return matrix

    def to_cabin(self, points: Array) -> Array:
        """Points (..., 3) in the wheel's axes, in the cabin's."""
        return np.asarray(points @ self.matrix[:3, :3].T + self.matrix[:3, 3])

    def to_wheel(self, points: Array) -> Array:
        """Points (..., 3) in the cabin's axes, in the wheel's."""
        return np.asarray((np.asarray(points) - self.matrix[:3, 3]) @ self.matrix[:3, :3])

    def distance(self, points: Array) -> Array:
        """Signed distance of points (..., 3) in the cabin to the rim's surface, metres."""
        return self.wheel.distance(self.to_wheel(points))

    def key_points(self) -> Array:
        """Rim at the hours from twelve on, shape (RIM_KEY_POINTS, 3), in the cabin."""
        return self.to_cabin(self.wheel.point(np.arange(RIM_KEY_POINTS, dtype=float)))
