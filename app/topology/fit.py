"""Fit of the body model's face to 68 points of a picture: pose, identity and expression.

The camera is a pinhole at a fixed distance, since 68 points hardly tell how near it was.
Residuals are weighed by their size (Geman and McClure, 1987), so that a few points drawn badly do
not bend the rest; identity and expression are held by their spread among people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.geometry.pinhole import BLENDER_TO_OPENCV, Pinhole
from app.geometry.rotations import Array
from app.topology.contour import JAW, OutlineLines, outline_places
from app.topology.placement import Placement

DISTANCE: Final = 1.5
"""Metres from the camera to the face."""

NOISE: Final = 0.03
"""Spread of drawn points about the true ones, in distances of the outer eye corners."""

_JAW_TRUST: Final = 0.6
_ACTION_SPREAD: Final = 0.4
_ACTION_RANGE: Final = (-0.35, 1.1)
_TURNS: Final = 6
_STEPS: Final = 8
_OUTLIER: Final = 2.0


@dataclass(frozen=True, eq=False)
class FaceModel:
    """People and their expressions, linear about a mean person.

    Attributes
    ----------
    mean : ndarray, shape (V, 3), metres
        World axes, about the midpoint of the eyeballs.
    modes : ndarray, shape (K, V, 3), metres
        One standard deviation of each.
    actions : ndarray, shape (E, V, 3), metres
        Offsets of facial actions at full strength.
    names : tuple of str
        Of the actions.
    """

    mean: Array
    modes: Array
    actions: Array
    names: tuple[str, ...]

    def vertices(self, identity: Array, expression: Array) -> Array:
        """One person, shape (V, 3)."""
        return np.asarray(
            self.mean
            + np.tensordot(identity, self.modes, axes=1)
            + np.tensordot(expression, self.actions, axes=1)
        )

    def only(self, kept: NDArray[Any]) -> FaceModel:
        """The same for some vertices."""
        return replace(
            self, mean=self.mean[kept], modes=self.modes[:, kept], actions=self.actions[:, kept]
        )


@dataclass(frozen=True, eq=False)
class Fit:
    """The model on one face.

    Attributes
    ----------
    identity, expression : ndarray
        Weights of the modes and of the actions.
    rotation : ndarray, shape (3, 3)
        World axes of the face to OpenCV's camera axes.
    scale : float
        Pixels for a metre at the face.
    shift : ndarray, shape (2,)
        Pixel of the midpoint of the eyeballs.
    points : ndarray, shape (68, 2), pixels
        Of the model: 0 to 16 on the visible outline.
    fixed : ndarray, shape (68, 2), pixels
        The same, all fixed on the mesh.
    size : float
        Metres between the outer corners of the fitted eyes.
    """

    identity: Array
    expression: Array
    rotation: Array
    scale: float
    shift: Array
    points: Array
    fixed: Array
    size: float

    @property
    def facing(self) -> float:
        """Degrees between the face's forward direction and the line of sight."""
        return float(np.degrees(np.arccos(np.clip(self.rotation[2, 1], -1.0, 1.0))))


class Fitter:
    """Fits one model with one placement of iBUG-68 to face after face."""

    def __init__(self, model: FaceModel, placement: Placement, lines: OutlineLines) -> None:
        used = np.unique(
            np.concatenate([p.corners.ravel() for p in (placement, lines.samples, lines.steady)])
        )
        row = np.full(len(model.mean), -1, np.int32)
        row[used] = np.arange(len(used))
        self._model = model.only(used)
        self._placement = replace(placement, corners=row[placement.corners])
        self._lines = replace(
            lines,
            samples=replace(lines.samples, corners=row[lines.samples.corners]),
            steady=replace(lines.steady, corners=row[lines.steady.corners]),
        )
        self._fixed = self._carried(self._placement)
        self._samples = self._carried(self._lines.samples)

    def _carried(self, placement: Placement) -> Array:
        """Mean, modes and actions at landmarks, shape (1 + K + E, L, 3)."""
        model = self._model
        fields = np.concatenate([model.mean[None], model.modes, model.actions])
        at = fields[:, placement.corners]
        return np.asarray(np.einsum("lc,flci->fli", placement.weights, at))

    def fit(self, drawn: Array) -> Fit:
        """The model on 68 drawn points, shape (68, 2), pixels."""
        k, e = len(self._model.modes), len(self._model.actions)
        eyes = float(np.linalg.norm(drawn[45] - drawn[36]))
        sigma = np.full(68, NOISE * eyes)
        sigma[:JAW] /= _JAW_TRUST
        rotation, scale, shift = _pose(self._fixed[0], drawn)
        weights = np.zeros(k + e)
        for _ in range(_TURNS):
            points = self._on_outline(rotation, weights)
            for _ in range(_STEPS):
                rotation, scale, shift, weights = _step(
                    points, drawn, sigma, (rotation, scale, shift, weights), k
                )
        points = self._on_outline(rotation, weights)
        solid = _mixed(self._fixed, weights)
        return Fit(
            weights[:k],
            weights[k:],
            rotation,
            scale,
            shift,
            _project(_mixed(points, weights) @ rotation.T, scale, shift),
            _project(solid @ rotation.T, scale, shift),
            float(np.linalg.norm(solid[45] - solid[36])),
        )

    def _on_outline(self, rotation: Array, weights: Array) -> Array:
        """Mean, modes and actions at the points, those of the jaw where the outline now runs."""
        k = len(self._model.modes)
        vertices = self._model.vertices(weights[:k], weights[k:])
        matrix = np.eye(4)
        matrix[:3, :3] = rotation.T @ BLENDER_TO_OPENCV
        matrix[:3, 3] = rotation.T @ [0.0, 0.0, -DISTANCE]
        view = Pinhole(matrix, 20.0, 512, 512)
        first, second, share = outline_places(self._lines, (vertices.astype(np.float32),), view)
        points = self._fixed.copy()
        points[:, :JAW] = (1.0 - share) * self._samples[:, first] + share * self._samples[:, second]
        return points


def _mixed(points: Array, weights: Array) -> Array:
    return np.asarray(points[0] + np.tensordot(weights, points[1:], axes=1))


def _project(camera: Array, scale: float, shift: Array) -> Array:
    """Camera-frame points (L, 3) about the head centre to pixels (L, 2)."""
    return np.asarray(scale * camera[:, :2] / (1.0 + camera[:, 2:] / DISTANCE) + shift)


def _pose(points: Array, drawn: Array) -> tuple[Array, float, Array]:
    """Rotation, scale and shift by scaled orthography, from all points but the jaw's.

    Source: D. DeMenthon and L. Davis, 1995, "Model-based object pose in 25 lines of code", without
    its iteration.
    """
    solid, flat = points[JAW:], drawn[JAW:]
    centre, at = solid.mean(axis=0), flat.mean(axis=0)
    affine = np.linalg.lstsq(solid - centre, flat - at, rcond=None)[0].T
    u, size, vt = np.linalg.svd(affine, full_matrices=False)
    rows = u @ vt
    rotation = np.vstack([rows, np.cross(rows[0], rows[1])])
    scale = float(size.mean())
    return rotation, scale, at - scale * rotation[:2] @ centre


_State = tuple[Array, float, Array, Array]


def _step(points: Array, drawn: Array, sigma: Array, state: _State, modes: int) -> _State:
    """One damped Gauss-Newton step over pose and weights."""
    rotation, scale, shift, weights = state
    camera = _mixed(points, weights) @ rotation.T
    fields = points[1:] @ rotation.T
    far = 1.0 + camera[:, 2] / DISTANCE
    seen = scale * camera[:, :2] / far[:, None]

    def flat(moved: Array) -> Array:
        """Pixels, shape (..., L, 2), that small moves (..., L, 3) in the camera frame make."""
        return np.asarray(
            scale * moved[..., :2] / far[:, None]
            - seen * (moved[..., 2] / (DISTANCE * far))[..., None]
        )

    turns = np.cross(np.eye(3)[:, None], camera[None])
    columns = [*flat(turns), seen, *np.broadcast_to(np.eye(2)[:, None], (2, len(drawn), 2))]
    jacobian = np.concatenate([np.array(columns), flat(fields)])
    gap = drawn - seen - shift
    trust = (1.0 + (np.linalg.norm(gap, axis=1) / (_OUTLIER * sigma)) ** 2) ** -1 / sigma
    rows = (jacobian * trust[:, None]).reshape(len(jacobian), -1)
    spread = np.where(np.arange(len(weights)) < modes, 1.0, _ACTION_SPREAD)
    normal = rows @ rows.T
    right = rows @ (gap * trust[:, None]).ravel()
    own = np.arange(6, len(rows))
    normal[own, own] += 1.0 / spread**2
    right[own] -= weights / spread**2
    normal[np.arange(6), np.arange(6)] *= 1.0 + 1e-6
    change = np.linalg.solve(normal, right)
    turned = _small_turn(change[:3]) @ rotation
    weights = weights + change[6:]
    weights[modes:] = np.clip(weights[modes:], *_ACTION_RANGE)
    return turned, scale * float(np.exp(change[3])), shift + change[4:6], weights


def _small_turn(vector: Array) -> Array:
    """Rotation matrix of a rotation vector (Rodrigues)."""
    angle = float(np.linalg.norm(vector))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = vector / angle
    k = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + np.sin(angle) * k + (1.0 - np.cos(angle)) * k @ k)
