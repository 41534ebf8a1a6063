"""Shapes of the handles, lamps and the camera in the world, and what the pointer is over."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

import numpy as np

from app.geometry.pinhole import Pinhole, look_at
from app.geometry.rotations import Array, rotation_x, rotation_y, rotation_z
from app.head.pose import PITCH_LIMIT, ROLL_LIMIT, YAW_LIMIT, HeadPose
from app.scene.scene import Light
from widgets.viewport.navigation import View

Axis = Literal["yaw", "pitch", "roll"]
AXES: Final[tuple[Axis, ...]] = ("yaw", "pitch", "roll")
LIMITS: Final[dict[Axis, float]] = {"yaw": YAW_LIMIT, "pitch": PITCH_LIMIT, "roll": ROLL_LIMIT}

RING_RADIUS: Final = 0.155
"""Metres, about the head centre: outside of a grown-up's skull, inside the picture."""
_STEPS: Final = 96
REACH_PIXELS: Final = 9.0


@dataclass(frozen=True, eq=False)
class Ring:
    """A handle that turns one angle of the pose.

    Attributes
    ----------
    axis : str
    centre : ndarray, shape (3,), metres
    normal : ndarray, shape (3,)
        Unit axis about which the angle turns, right-handed, at the present pose.
    points : ndarray, shape (N, 3), metres
    """

    axis: Axis
    centre: Array
    normal: Array
    points: Array


def rings(pose: HeadPose, centre: Array, radius: float = RING_RADIUS) -> tuple[Ring, ...]:
    """The three handles.

    R = Rz(yaw) Ry(roll) Rx(pitch): each angle turns about its own axis as the angles before it
    have left it, so a ring changes its angle and no other.
    """
    yaw = rotation_z(pose.yaw)
    rolled = yaw @ rotation_y(pose.roll)
    frames: dict[Axis, Array] = {
        "yaw": np.eye(3),
        "roll": yaw @ rotation_x(90.0),
        "pitch": rolled @ rotation_y(90.0),
    }
    normals: dict[Axis, Array] = {
        "yaw": np.array([0.0, 0.0, 1.0]),
        "roll": yaw[:, 1],
        "pitch": rolled[:, 0],
    }
    turn = np.linspace(0.0, 2.0 * np.pi, _STEPS + 1)
    sizes = {"yaw": 1.0, "roll": 0.97, "pitch": 0.94}
    return tuple(
        Ring(
            axis,
            centre,
            normals[axis],
            centre
            + radius
            * sizes[axis]
            * (np.stack([np.cos(turn), np.sin(turn), np.zeros_like(turn)], 1) @ frames[axis].T),
        )
        for axis in AXES
    )


def ring_under(view: View, handles: tuple[Ring, ...], x: float, y: float) -> Ring | None:
    """The ring nearest to a point of the picture, if it is within reach; its near half counts."""
    best, found = REACH_PIXELS, None
    for ring in handles:
        for piece in near_pieces(view, ring):
            away = distance_to_line(view.project(piece), x, y)
            if away < best:
                best, found = away, ring
    return found


def near_pieces(view: View, ring: Ring) -> list[Array]:
    """The parts of a ring on the viewer's side, as polylines (N, 3)."""
    depth = -view.to_camera(ring.points)[:, 2]
    limit = -view.to_camera(ring.centre)[2] + 0.02
    return _runs(ring.points, depth <= limit)


def far_pieces(view: View, ring: Ring) -> list[Array]:
    depth = -view.to_camera(ring.points)[:, 2]
    limit = -view.to_camera(ring.centre)[2] + 0.02
    return _runs(ring.points, depth > limit)


def _runs(points: Array, keep: np.ndarray) -> list[Array]:  # type: ignore[type-arg]
    """Stretches of a closed polyline whose points are kept, each with a neighbour at its ends."""
    if keep.all():
        return [points]
    edges = np.flatnonzero(np.diff(keep.astype(int)))
    bounds = [0, *(edges + 1).tolist(), len(points)]
    runs = [points[a : min(b + 1, len(points))] for a, b in pairwise(bounds)]
    return [r for r, a in zip(runs, bounds, strict=False) if keep[a] and len(r) > 1]


def angle_on_ring(view: View, ring: Ring, x: float, y: float) -> float | None:
    """Degrees about the ring's axis of the point under the pointer; None if seen edge-on."""
    origin, direction = view.ray(x, y)
    facing = float(direction @ ring.normal)
    if abs(facing) < 0.25:
        return None
    hit = origin + direction * (((ring.centre - origin) @ ring.normal) / facing) - ring.centre
    return _angle(ring, hit)


def nearest_angle(view: View, ring: Ring, x: float, y: float) -> float:
    """Degrees about the ring's axis of its point, on the viewer's side, next to the pointer."""
    return _angle(ring, _held(view, ring, x, y))


def _angle(ring: Ring, from_centre: Array) -> float:
    start = ring.points[0] - ring.centre
    across = np.cross(ring.normal, start)
    return float(np.degrees(np.arctan2(from_centre @ across, from_centre @ start)))


def _held(view: View, ring: Ring, x: float, y: float) -> Array:
    """From the centre to the near point of the ring that a place in the picture takes hold of."""
    flat = view.project(ring.points)
    away = np.hypot(flat[:, 0] - x, flat[:, 1] - y)
    depth = -view.to_camera(ring.points)[:, 2]
    away[depth > depth.mean()] = np.inf
    return np.asarray(ring.points[int(np.nanargmin(away))] - ring.centre)


def degrees_per_pixel(view: View, ring: Ring, x: float, y: float) -> Array:
    """How much moving the pointer (right, down) turns a ring that was taken hold of at a point.

    For a ring seen edge-on: the speed of the near point of the ring in the picture.
    """
    held = _held(view, ring, x, y)
    ahead = np.cross(ring.normal, held) * np.radians(1.0)
    a, b = view.project(np.stack([ring.centre + held, ring.centre + held + ahead]))
    speed = b - a
    return np.asarray(speed / max(float(speed @ speed), 1e-6))


def lamp_under(view: View, lights: tuple[Light, ...], x: float, y: float) -> int | None:
    """Index of the lamp whose symbol lies under a point of the picture."""
    best, found = 16.0, None
    for i, light in enumerate(lights):
        px, py = view.project(np.array(light.position))
        away = float(np.hypot(px - x, py - y))
        if away < best:
            best, found = away, i
    return found


def lamp_lines(light: Light) -> list[Array]:
    """Polylines (N, 3) in the world that show how far and how wide a lamp shines."""
    position, target = np.array(light.position), np.array(light.target)
    frame = look_at(position, target)
    turn = np.linspace(0.0, 2.0 * np.pi, 49)
    circle = np.stack([np.cos(turn), np.sin(turn), np.zeros_like(turn)], axis=1)

    def placed(local: Array) -> Array:
        return np.asarray(local @ frame[:3, :3].T + position)

    if light.kind == "area":
        h = light.size / 2.0
        square = np.array([[-h, -h, 0], [h, -h, 0], [h, h, 0], [-h, h, 0], [-h, -h, 0.0]])
        return [placed(square)]
    if light.kind == "sun":
        offsets = [(0.0, 0.0), (0.06, 0.0), (-0.06, 0.0), (0.0, 0.06), (0.0, -0.06)]
        return [placed(np.array([[a, b, -0.05], [a, b, -0.22]])) for a, b in offsets]
    if light.kind == "spot":
        length = 0.35
        tangent = np.tan(np.radians(min(light.spot_angle, 170.0)) / 2.0)
        rim = placed(circle * [length * tangent, length * tangent, 0.0] + [0.0, 0.0, -length])
        sides = [np.stack([position, rim[i]]) for i in (0, 12, 24, 36)]
        return [rim, *sides]
    radius = max(light.size, 0.005)
    return [placed(circle * radius), placed(circle[:, [0, 2, 1]] * radius)]


def camera_lines(pinhole: Pinhole, length: float = 0.06) -> tuple[list[Array], Array]:
    """A camera as its frustum: polylines (N, 3), and the image plane's corners (4, 3).

    The plane lies ``length`` metres before it; above it stands the triangle that marks the up.
    """
    right = np.tan(np.radians(pinhole.field_of_view) / 2.0) * length
    up = right * pinhole.height / pinhole.width
    local = np.array(
        [
            [-right, -up, -length],
            [right, -up, -length],
            [right, up, -length],
            [-right, up, -length],
            [-0.3 * right, up * 1.1, -length],
            [0.3 * right, up * 1.1, -length],
            [0.0, up * 1.1 + 0.35 * right, -length],
        ]
    )
    world = local @ pinhole.matrix_world[:3, :3].T + pinhole.position
    corners = world[:4]
    lines = [np.vstack([corners, corners[:1]])]
    lines += [np.stack([pinhole.position, corner]) for corner in corners]
    lines += [np.vstack([world[4:], world[4:5]])]
    return lines, corners


def distance_to_line(points: Array, x: float, y: float) -> float:
    """Pixels from a point to a polyline (N, 2) of the picture; infinite where it can't be seen."""
    a, b = points[:-1], points[1:]
    along = b - a
    length = np.maximum((along**2).sum(1), 1e-12)
    t = np.clip((([x, y] - a) * along).sum(1) / length, 0.0, 1.0)
    away = np.hypot(*(a + along * t[:, None] - [x, y]).T)
    return float(np.nanmin(away)) if np.isfinite(away).any() else float("inf")


@dataclass(frozen=True)
class Ball:
    """The axis ball in the corner: centre and radius in the picture."""

    x: float
    y: float
    radius: float

    def knobs(self, view: View) -> list[tuple[str, float, float, float]]:
        """Name of the view, place in the picture and nearness (−1 to 1) of each; far ones first."""
        sides = {
            "right": (1, 0, 0),
            "left": (-1, 0, 0),
            "back": (0, 1, 0),
            "front": (0, -1, 0),
            "top": (0, 0, 1),
            "bottom": (0, 0, -1),
        }
        reach = self.radius * 0.74
        found = []
        for name, side in sides.items():
            right, up, near = (float(v) for v in view.matrix[:3, :3].T @ np.array(side, float))
            found.append((name, self.x + right * reach, self.y - up * reach, near))
        return sorted(found, key=lambda k: k[3])

    def knob_under(self, view: View, x: float, y: float) -> str | None:
        for name, kx, ky, _ in reversed(self.knobs(view)):
            if np.hypot(x - kx, y - ky) < self.radius * 0.24:
                return name
        return None

    def holds(self, x: float, y: float) -> bool:
        return bool(np.hypot(x - self.x, y - self.y) < self.radius)
