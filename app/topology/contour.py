"""The visible outline of the face: the jaw points of iBUG-68 as a camera sees them.

Each of the points 0 to 16 has a line on the surface, the cut of the skin with the plane through the
point and an axis that runs forwards through the base of the nose. Where the head turns a point
away from the camera, the outline of the face has wandered along that line towards the front, and
the point with it.

Source of the idea: landmark marching, X. Zhu, Z. Lei, J. Yan, D. Yi and S. Z. Li, 2015,
"High-fidelity pose and expression normalization for face recognition in the wild", section 3.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.geometry.pinhole import Pinhole
from app.geometry.rotations import Array
from app.head.asset import Floats, Ints, Mesh
from app.topology.placement import Placement
from app.topology.section import Section, cut

JAW: Final = 17
_BEHIND: Final = 4
_AHEAD: Final = 40
_BEHIND_LENGTH: Final = 0.006
_LONGEST: Final = 0.11
# How near to the nose's base a line comes, as a share of where it starts: beside the outer corner
# of the eye at the temple, on the cheek beside the nose, under the lower lip at the chin.
_REACH: Final = np.interp(np.abs(np.arange(JAW) - 8), [0, 1, 3, 6, 8], [0.62, 0.6, 0.5, 0.42, 0.52])
# What a step of a metre between neighbours' ways along their lines costs, in metres of outline.
_STIFFNESS: Final = 2.0
# What a way of a metre from the fixed point costs.
_REST: Final = 0.6
# How far a point may leave the smooth course again to lie on the outline itself.
_SNAP: Final = 0.006
_TURNED_FREE: Final = 0.3
_STEADY: Final = (0, 16, 27, 36, 39, 42, 45)
_NOSE_BASE: Final = 33


@dataclass(frozen=True, eq=False)
class OutlineLines:
    """Lines on the skin that the jaw points slide along.

    Attributes
    ----------
    topology : str
    version : int
        Of the topology that the lines start from.
    samples : Placement
        Of 17 · S samples, line after line, from behind each jaw point to the front.
    way : ndarray, shape (17, S), metres
        Along each line, 0 at the jaw point, negative behind it.
    steady : Placement
        Points that facial actions leave alone; they tell how the head is turned.
    steady_rest : ndarray, shape (P, 3), metres
    outward : ndarray, shape (17, 3)
        At rest, unit: from the axis to each jaw point, to the side for those above the axis.
    forward : ndarray, shape (3,)
        At rest, unit: out of the face.
    """

    topology: str
    version: int
    samples: Placement
    way: Array
    steady: Placement
    steady_rest: Array
    outward: Array
    forward: Array


def outline_lines(meshes: Sequence[Mesh], placement: Placement) -> OutlineLines:
    """Lines of a head whose iBUG-68 landmarks are placed.

    Parameters
    ----------
    meshes : sequence of Mesh
        Of the head.
    placement : Placement
        Of iBUG-68.

    Raises
    ------
    ValueError
        If the placement has not 68 points, or they do not form a face.
    """
    if len(placement.corners) != 68:
        raise ValueError(f"the outline needs the 68 points of iBUG, not {len(placement.corners)}")
    vertices = [m.vertices for m in meshes]
    points = placement.positions(vertices)
    across, up = _frame(points)
    forward = np.cross(across, up)
    from_axis = points[:JAW] - points[_NOSE_BASE]
    from_axis = from_axis - (from_axis @ forward)[:, None] * forward
    radius = np.linalg.norm(from_axis, axis=1)
    if radius.min() < 1e-4:
        raise ValueError("a jaw point lies on the nose: the placement is no face")
    outward = from_axis / radius[:, None]

    sections: dict[int, Section] = {}
    corners, weights, owner, ways = [], [], [], []
    for j in range(JAW):
        mesh = int(placement.meshes[j])
        if mesh not in sections:
            sections[mesh] = Section.of(meshes[mesh])
        line = cut(
            sections[mesh],
            points[j],
            np.cross(outward[j], forward),
            forward,
            points[_NOSE_BASE] + _REACH[j] * radius[j] * outward[j],
            outward[j],
            (_BEHIND_LENGTH, _LONGEST),
        )
        way = np.concatenate(
            [
                np.linspace(line.way[0], 0.0, _BEHIND, endpoint=False),
                np.linspace(0.0, line.way[-1], _AHEAD + 1),
            ]
        )
        at, share = line.sample(way)
        at[_BEHIND], share[_BEHIND] = placement.corners[j], placement.weights[j]
        corners.append(at)
        weights.append(share)
        owner.append(np.full(len(way), mesh, np.int32))
        ways.append(way)
    steady = np.array(_STEADY)
    # The temple ends above the face's outline: looking up must not draw its points forwards.
    outward = outward - np.maximum(outward @ up, 0.0)[:, None] * up
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    return OutlineLines(
        placement.topology,
        placement.version,
        Placement(
            placement.topology,
            placement.version,
            np.concatenate(owner),
            np.concatenate(corners),
            np.concatenate(weights),
        ),
        np.array(ways),
        Placement(
            placement.topology,
            placement.version,
            placement.meshes[steady],
            placement.corners[steady],
            placement.weights[steady],
        ),
        points[steady],
        outward,
        forward,
    )


def visible_outline(lines: OutlineLines, vertices: tuple[Floats, ...], view: Pinhole) -> Array:
    """Jaw points on the outline of the face as the camera sees it.

    A point leaves its fixed place only where the outline has wandered in front of it; along the
    jaw the points give way to one another, so that they stay in order and form a smooth line.

    Parameters
    ----------
    lines : OutlineLines
    vertices : tuple of ndarray, shape (V, 3), metres
        Posed vertices of every mesh of the head.
    view : Pinhole

    Returns
    -------
    ndarray, shape (17, 3), world metres
    """
    first, second, share = outline_places(lines, vertices, view)
    samples = lines.samples.positions(vertices)
    return np.asarray((1.0 - share) * samples[first] + share * samples[second])


def outline_places(
    lines: OutlineLines, vertices: Sequence[Floats], view: Pinhole
) -> tuple[Ints, Ints, Array]:
    """Where along its line each jaw point is seen on the outline; see `visible_outline`.

    Returns
    -------
    first, second : ndarray, shape (17,)
        The two samples of ``lines.samples`` on either side.
    share : ndarray, shape (17, 1)
        Of the second.
    """
    samples = lines.samples.positions(vertices).reshape(*lines.way.shape, 3)
    turn = _turn(lines.steady_rest, lines.steady.positions(vertices))
    outward, forward = lines.outward @ turn.T, turn @ lines.forward
    fixed = samples[:, _BEHIND]
    to_camera = view.position - fixed
    to_camera /= np.maximum(np.linalg.norm(to_camera, axis=1, keepdims=True), 1e-12)
    ahead = np.maximum(to_camera @ forward, 0.0)
    beside = np.einsum("ji,ji->j", to_camera, outward)
    # The normal of the skin where the outline crosses the plane of the line: in that plane and
    # at right angles to the line of sight.
    normal = ahead[:, None] * outward - beside[:, None] * forward
    score = _outwardness(samples, fixed, normal, view)
    free = _BEHIND_LENGTH * np.clip(1.0 - np.maximum(beside, 0.0) / _TURNED_FREE, 0.0, 1.0)
    score[lines.way < -free[:, None] - 1e-9] = -np.inf
    turned_to = beside > _TURNED_FREE
    score[turned_to[:, None] & (lines.way > 0.0)] = -np.inf
    smooth = _smoothest(score - _REST * lines.way**2, lines.way)
    chosen = lines.way[np.arange(JAW), smooth]
    score[np.abs(lines.way - chosen[:, None]) > _SNAP] = -np.inf
    return _between(score)


def _frame(points: Array) -> tuple[Array, Array]:
    """Unit vectors to the person's left and up, from iBUG-68 points."""
    across = points[42:48].mean(axis=0) - points[36:42].mean(axis=0)
    across = across / max(float(np.linalg.norm(across)), 1e-12)
    pogonion = (points[8] + points[57]) / 2.0
    up = points[27] - pogonion
    up = up - (up @ across) * across
    length = float(np.linalg.norm(up))
    if length < 1e-3:
        raise ValueError("nasion and chin lie in one place: the placement is no face")
    return across, up / length


def _turn(rest: Array, posed: Array) -> Array:
    """Rotation, shape (3, 3), that brings points best from rest to where they are (Kabsch)."""
    u, _, vt = np.linalg.svd((posed - posed.mean(axis=0)).T @ (rest - rest.mean(axis=0)))
    sign = np.sign(np.linalg.det(u @ vt))
    return np.asarray(u @ np.diag([1.0, 1.0, sign]) @ vt)


def _outwardness(samples: Array, fixed: Array, normal: Array, view: Pinhole) -> Array:
    """How far out samples (J, S, 3) are seen, in metres at the distance of the fixed points."""
    seen = view.to_camera(samples)
    at = view.to_camera(fixed)
    depth = np.maximum(at[:, 2:], 1e-6)
    turned = view.to_camera(fixed + normal) - at
    direction = turned[:, :2] - at[:, :2] / depth * turned[:, 2:]
    direction = direction / np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-9)
    plane = seen[..., :2] / np.maximum(seen[..., 2:], 1e-6)
    return np.asarray(np.einsum("jsi,ji->js", plane, direction) * depth)


def _smoothest(score: Array, way: Array) -> Ints:
    """Sample of each line, shape (J,), of the best outline under the cost of uneven steps."""
    best = score[0]
    chosen = []
    for j in range(1, len(score)):
        step = best[:, None] - _STIFFNESS * (way[j - 1][:, None] - way[j]) ** 2
        before = step.argmax(axis=0)
        chosen.append(before)
        best = step[before, np.arange(len(before))] + score[j]
    path = [int(best.argmax())]
    for before in reversed(chosen):
        path.append(int(before[path[-1]]))
    return np.array(path[::-1], dtype=np.int32)


def _between(score: Array) -> tuple[Ints, Ints, Array]:
    """Places between samples, by a parabola through the best sample and its two neighbours."""
    chosen = score.argmax(axis=1)
    count, last = score.shape[0], score.shape[1] - 1
    rows = np.arange(count)
    left, right = np.maximum(chosen - 1, 0), np.minimum(chosen + 1, last)
    low, middle, high = score[rows, left], score[rows, chosen], score[rows, right]
    with np.errstate(invalid="ignore", divide="ignore"):
        offset = 0.5 * (low - high) / (low - 2.0 * middle + high)
    offset = np.where(np.isfinite(offset) & (chosen > 0) & (chosen < last), offset, 0.0)
    offset = np.clip(offset, -0.5, 0.5)
    other = np.where(offset < 0.0, left, right)
    start = (rows * (last + 1)).astype(np.int32)
    return (
        (start + chosen).astype(np.int32),
        (start + other).astype(np.int32),
        np.abs(offset)[:, None],
    )
