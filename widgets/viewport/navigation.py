"""Where the viewer stands: pure maths, no window.

Points of the picture are continuous, x right and y down, with (0, 0) at the top left *corner* of
the picture (as QPainter has it), in whatever unit ``width`` and ``height`` are given in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from app.geometry.pinhole import Pinhole
from app.geometry.rotations import Array, rotation_x, rotation_z

FIELD_OF_VIEW: Final = 30.0
"""Vertical angle of the viewer's own lens, degrees."""
NEAREST, FARTHEST = 0.02, 60.0

VIEWS: Final[dict[str, tuple[float, float]]] = {
    "front": (0.0, 0.0),
    "back": (180.0, 0.0),
    "right": (90.0, 0.0),
    "left": (-90.0, 0.0),
    "top": (0.0, 90.0),
    "bottom": (0.0, -90.0),
}
"""Azimuth and elevation in degrees of the named views (from the head: −Y is its front)."""


@dataclass(frozen=True, eq=False)
class View:
    """One picture's camera.

    Attributes
    ----------
    matrix : ndarray, shape (4, 4)
        Camera to world, metres, Blender's camera axes (looks along −Z, Y up).
    width, height : float
        Size of the picture.
    tangent : float
        Perspective: tangent of half the vertical angle. Orthographic: half the height in metres.
    orthographic : bool
    near, far : float
        Metres along the view axis.
    """

    matrix: Array
    width: float
    height: float
    tangent: float
    orthographic: bool = False
    near: float = 0.01
    far: float = 100.0

    @property
    def position(self) -> Array:
        return np.asarray(self.matrix[:3, 3])

    @property
    def forward(self) -> Array:
        return np.asarray(-self.matrix[:3, 2])

    def resized(self, width: float, height: float) -> View:
        """The same picture in another unit (device pixels, say)."""
        return replace(self, width=width, height=height)

    def to_camera(self, points: Array) -> Array:
        """World (..., 3) to camera axes, metres; −z is the depth."""
        p = np.asarray(points, dtype=np.float64) - self.position
        return np.asarray(p @ self.matrix[:3, :3])

    def project(self, points: Array) -> Array:
        """World points (..., 3) to the picture (..., 2); NaN for points behind the viewer."""
        p = self.to_camera(points)
        scale = self.height / 2.0 / self.tangent
        if self.orthographic:
            flat = p[..., :2] * scale
        else:
            depth = -p[..., 2:]
            flat = p[..., :2] / np.where(depth > 1e-6, depth, np.nan) * scale
        return np.asarray(flat * [1.0, -1.0] + [self.width / 2.0, self.height / 2.0])

    def ray(self, x: float, y: float) -> tuple[Array, Array]:
        """Origin and unit direction in the world of the ray through a point of the picture."""
        metres = 2.0 * self.tangent / self.height
        right, up = (x - self.width / 2.0) * metres, (self.height / 2.0 - y) * metres
        turn = self.matrix[:3, :3]
        if self.orthographic:
            return self.position + turn @ np.array([right, up, 0.0]), self.forward
        direction = turn @ np.array([right, up, -1.0])
        return self.position, np.asarray(direction / np.linalg.norm(direction))

    def metres_per_pixel(self, point: Array) -> float:
        """Size of one unit of the picture at a world point."""
        depth = 1.0 if self.orthographic else max(-self.to_camera(point)[2], 1e-3)
        return float(2.0 * self.tangent * depth / self.height)


@dataclass(frozen=True)
class Orbit:
    """The viewer on a turntable: looks at ``target`` from ``distance`` metres.

    ``azimuth`` > 0 stands to +X of the head, ``elevation`` > 0 above it, degrees.
    """

    target: tuple[float, float, float] = (0.0, 0.0, -0.03)
    azimuth: float = 24.0
    elevation: float = 8.0
    distance: float = 0.85
    orthographic: bool = False

    def rotation(self) -> Array:
        """Camera to world, shape (3, 3)."""
        return rotation_z(self.azimuth) @ rotation_x(90.0 - self.elevation)

    def view(self, width: float, height: float) -> View:
        matrix = np.eye(4)
        matrix[:3, :3] = self.rotation()
        matrix[:3, 3] = np.array(self.target) + matrix[:3, 2] * self.distance
        tangent = float(np.tan(np.radians(FIELD_OF_VIEW) / 2.0))
        if self.orthographic:
            back = max(20.0, 2.0 * self.distance)
            matrix[:3, 3] = np.array(self.target) + matrix[:3, 2] * back
            return View(matrix, width, height, tangent * self.distance, True, 0.01, back + FARTHEST)
        near = max(0.004, self.distance * 0.03)
        return View(matrix, width, height, tangent, False, near, self.distance + FARTHEST)

    def turned(self, azimuth: float, elevation: float) -> Orbit:
        """Orbit by degrees; the elevation stops at the poles."""
        return replace(
            self,
            azimuth=_wrapped(self.azimuth + azimuth),
            elevation=float(np.clip(self.elevation + elevation, -90.0, 90.0)),
        )

    def panned(self, right: float, up: float) -> Orbit:
        """Move viewer and target, metres in the picture's plane."""
        return self._moved(self.rotation() @ np.array([right, up, 0.0]))

    def zoomed(self, factor: float, x: float = 0.0, y: float = 0.0) -> Orbit:
        """Divide the distance by ``factor``, keeping what lies under a point of the picture.

        ``x`` and ``y`` are measured from the picture's centre in half heights, y up.
        """
        distance = float(np.clip(self.distance / factor, NEAREST, FARTHEST))
        metres = (self.distance - distance) * np.tan(np.radians(FIELD_OF_VIEW) / 2.0)
        return replace(self.panned(x * metres, y * metres), distance=distance)

    def facing(self, name: str) -> Orbit:
        """Look from a named side."""
        azimuth, elevation = VIEWS[name]
        return replace(self, azimuth=azimuth, elevation=elevation)

    def opposite(self) -> Orbit:
        return replace(self, azimuth=_wrapped(self.azimuth + 180.0), elevation=-self.elevation)

    def framing(self, centre: Array, radius: float, aspect: float) -> Orbit:
        """Look at a sphere so that it fills the picture."""
        tangent = np.tan(np.radians(FIELD_OF_VIEW) / 2.0) * min(1.0, aspect)
        x, y, z = (float(v) for v in centre)
        distance = radius / float(np.sin(np.arctan(tangent)))
        return replace(self, target=(x, y, z), distance=float(np.clip(distance, NEAREST, FARTHEST)))

    def name(self) -> str | None:
        """The named view that this is, if it is one."""
        for name, (azimuth, elevation) in VIEWS.items():
            at_pole = abs(elevation) == 90.0
            turn = abs(_wrapped(self.azimuth - azimuth))
            if abs(self.elevation - elevation) < 0.01 and (at_pole or turn < 0.01):
                return name
        return None

    def _moved(self, by: Array) -> Orbit:
        x, y, z = (float(a + b) for a, b in zip(self.target, by, strict=True))
        return replace(self, target=(x, y, z))


def between(start: Orbit, end: Orbit, t: float) -> Orbit:
    """A step of an eased flight, ``t`` from 0 to 1; turns the short way round."""
    if t >= 1.0:
        return end
    ease = t * t * (3.0 - 2.0 * t)
    target = np.array(start.target) * (1.0 - ease) + np.array(end.target) * ease
    return replace(
        end,
        target=(float(target[0]), float(target[1]), float(target[2])),
        azimuth=_wrapped(start.azimuth + _wrapped(end.azimuth - start.azimuth) * ease),
        elevation=start.elevation + (end.elevation - start.elevation) * ease,
        distance=float(start.distance ** (1.0 - ease) * end.distance**ease),
    )


def orbit_from(view: View, distance: float) -> Orbit:
    """The orbit that stands where ``view`` does, looking the same way (its roll is dropped)."""
    forward = view.forward
    elevation = float(np.degrees(np.arcsin(np.clip(-forward[2], -1.0, 1.0))))
    if abs(forward[2]) > 0.9999:
        right = view.matrix[:3, 0]
        azimuth = float(np.degrees(np.arctan2(right[1], right[0])))
    else:
        azimuth = float(np.degrees(np.arctan2(-forward[0], forward[1])))
    x, y, z = (float(v) for v in view.position + forward * distance)
    return Orbit((x, y, z), azimuth, elevation, distance)


@dataclass(frozen=True)
class Frame:
    """The camera's picture inside the widget, in the widget's unit."""

    left: float
    top: float
    width: float
    height: float


def camera_frame(pinhole: Pinhole, width: float, height: float, margin: float) -> Frame:
    """The largest rectangle of the camera's aspect inside the widget less a margin."""
    room_x, room_y = max(width - 2.0 * margin, 16.0), max(height - 2.0 * margin, 16.0)
    scale = min(room_x / pinhole.width, room_y / pinhole.height)
    w, h = pinhole.width * scale, pinhole.height * scale
    return Frame((width - w) / 2.0, (height - h) / 2.0, w, h)


def camera_view(pinhole: Pinhole, width: float, height: float, margin: float = 0.0) -> View:
    """See through the scene's camera: its picture fills `camera_frame` exactly."""
    frame = camera_frame(pinhole, width, height, margin)
    tangent = pinhole.height / 2.0 / pinhole.focal_pixels * height / frame.height
    return View(
        pinhole.matrix_world, width, height, tangent, False, pinhole.clip_start, pinhole.clip_end
    )


def pinhole_view(pinhole: Pinhole) -> View:
    """The camera's own picture at its own size."""
    return View(
        pinhole.matrix_world,
        pinhole.width,
        pinhole.height,
        pinhole.height / 2.0 / pinhole.focal_pixels,
        False,
        pinhole.clip_start,
        pinhole.clip_end,
    )


def _wrapped(degrees: float) -> float:
    return float((degrees + 180.0) % 360.0 - 180.0)
