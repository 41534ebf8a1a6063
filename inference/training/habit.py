"""How somebody draws the 68 points otherwise than the network finds them, learnt from few pictures.

For every point an offset in the frame of the head, linear in what is known of the face: a
constant, the direction of sight, the shape. It is a ridge regression whose prior says that
offsets are some millimetres and that neighbours are moved alike (a Gaussian process over the
points, Rasmussen and Williams 2006, section 2.1). With few pictures little is believed, with many
much.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from app.geometry.rotations import Array
from app.topology.store import load
from inference.models.transfer import DENSE, FIXED, Alignment, mean_head

PROBED: Final = np.concatenate([np.arange(0, DENSE, 8), np.arange(DENSE, DENSE + FIXED)])
"""The points whose places say what shape a face has; neighbours would say the same."""

CONSTANT: Final = 1.6
VIEW: Final = 1.6
SHAPE: Final = 0.6
"""Deviations that offsets are expected to have, over the deviation of what cannot be foreseen."""

KIN: Final = 0.012
"""Metres along which points of one part of the face are moved alike."""

OWN: Final = 0.3
"""Share of a point's variance that it has for itself."""

_STEPS: Final = 4
_CLIP: Final = 3.0
_TO_DEVIATION: Final = 1.4826
_LEAST_SPREAD: Final = 2e-4
_ENOUGH: Final = 500


@dataclass(frozen=True)
class Form:
    """What offsets may depend on.

    Attributes
    ----------
    view : bool
        The direction of sight.
    shape : int
        So many principal directions of the faces' shapes.
    mirrored : bool
        Whether left and right are taken to be drawn alike.
    strength : float
        How much is believed, 1 as the prior is stated.
    """

    view: bool = False
    shape: int = 0
    mirrored: bool = False
    strength: float = 1.0


@dataclass(frozen=True, eq=False)
class Looks:
    """What the network found in each picture at several looks, and what was drawn there.

    All are in crop units of that look.

    Attributes
    ----------
    landmarks : ndarray, shape (N, P, 588, 3)
    start : ndarray, shape (N, P, 68, 3)
        The 68 points without adaptation.
    drawn : ndarray, shape (N, P, 68, 2)
        NaN where nothing was drawn.
    flipped : ndarray of bool, shape (P,)
        Looks at the mirror image; the first is none.
    """

    landmarks: Array
    start: Array
    drawn: Array
    flipped: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.landmarks)


@dataclass(frozen=True, eq=False)
class Habit:
    """A learnt way of drawing.

    Attributes
    ----------
    form : Form
    shape_mean : ndarray, shape (3·M,), metres
        Of the `PROBED` points in the head frame.
    shape_basis : ndarray, shape (3·M, S), 1/metres
        Gives codes of unit variance.
    offsets : ndarray, shape (F, 68, 3), metres
        Factors of the terms: 1; the terms of the view; the codes of the shape.
    """

    form: Form
    shape_mean: Array
    shape_basis: Array
    offsets: Array


@dataclass(frozen=True, eq=False)
class Frames:
    """`Looks` in the frames of the heads.

    Attributes
    ----------
    scale : ndarray, shape (N, P), crop units to a metre
    rotation : ndarray, shape (N, P, 3, 3)
    shape : ndarray, shape (N, P, 3·M), metres
    apart : ndarray, shape (N, P, 68, 2), metres
        What was drawn less what was found, on axes of the picture.
    """

    scale: Array
    rotation: Array
    shape: Array
    apart: Array
    flipped: NDArray[np.bool_]


def frames(looks: Looks) -> Frames:
    """Lay the mean head over all that was found."""
    count, passes = looks.landmarks.shape[:2]
    flat = torch.from_numpy(looks.landmarks.reshape(-1, DENSE + FIXED, 3).astype(np.float32))
    with torch.no_grad():
        seen = Alignment()(flat)
    scale = seen.scale.numpy().reshape(count, passes).astype(np.float64)
    rotation = seen.rotation.numpy().reshape(count, passes, 3, 3).astype(np.float64)
    shape = seen.shape[:, PROBED].numpy().reshape(count, passes, -1).astype(np.float64)
    apart = (looks.drawn - looks.start[..., :2]) / scale[:, :, None, None]
    return Frames(scale, rotation, shape, apart, looks.flipped)


def view_terms(view: Array) -> Array:
    """Terms (..., 3) of directions of sight (..., 3): sideways, up and down, sideways squared."""
    return np.stack([view[..., 0], view[..., 1], view[..., 0] ** 2], axis=-1)


def terms(habit: Habit, rotation: Array, shape: Array) -> Array:
    """What the offsets are linear in, shape (..., F)."""
    found = [np.ones((*rotation.shape[:-2], 1))]
    if habit.form.view:
        found.append(view_terms(rotation[..., 2, :]))
    if habit.form.shape:
        found.append((shape - habit.shape_mean) @ habit.shape_basis)
    return np.concatenate(found, axis=-1)


def moved(habit: Habit, seen: Frames) -> Array:
    """Offsets (N, P, 68, 2), metres, on axes of the picture."""
    said = terms(habit, seen.rotation, seen.shape)
    offsets = np.tensordot(said, habit.offsets, axes=1)
    return np.asarray(offsets @ seen.rotation[..., :2, :].swapaxes(-1, -2))


def learn(seen: Frames, index: NDArray[np.intp], form: Form) -> Habit:
    """Fit the pictures of ``index``.

    Points that were not drawn are filled with what the fit says, and what lies far from the fit
    is drawn near, in a few rounds (Huber's pseudo-values: Huber, Robust Statistics, 1981,
    section 7.4).
    """
    passes = np.flatnonzero(~seen.flipped | form.mirrored)
    rotation = seen.rotation[index][:, passes]
    shape = seen.shape[index][:, passes]
    apart = seen.apart[index][:, passes]
    mean, basis = _directions(seen.shape[index, 0], form.shape)
    empty = Habit(form, mean, basis, np.zeros((0, FIXED, 3)))
    said = terms(empty, rotation, shape) * _priors(form)
    design = np.einsum("npf,npad->npafd", said, rotation[..., :2, :])
    rows = design.reshape(-1, said.shape[-1] * 3) / np.sqrt(len(passes))
    targets = apart.transpose(0, 1, 3, 2).reshape(-1, FIXED) / np.sqrt(len(passes))
    solved = _solve(rows, targets, form.strength)
    offsets = solved.reshape(-1, 3, FIXED).transpose(0, 2, 1) * _priors(form)[:, None, None]
    return Habit(form, mean, basis, offsets)


def _solve(rows: Array, targets: Array, strength: float) -> Array:
    """Ridge regression of all points at once, in the modes of their kinship."""
    modes, variances = kinship()
    values, axes = np.linalg.eigh(rows.T @ rows)
    shrunk = 1.0 / (np.maximum(values, 0.0)[:, None] + 1.0 / (strength**2 * variances))
    known = np.isfinite(targets)
    found: Array = np.zeros((rows.shape[1], FIXED))
    for _ in range(_STEPS):
        fit = rows @ found
        apart = np.where(known, targets - fit, 0.0)
        spread = np.maximum(_TO_DEVIATION * _median(np.abs(apart), known), _LEAST_SPREAD)
        filled = fit + np.clip(apart, -_CLIP * spread, _CLIP * spread)
        found = (axes @ (shrunk * (axes.T @ (rows.T @ (filled @ modes))))) @ modes.T
    return found


def _median(values: Array, known: NDArray[np.bool_]) -> Array:
    """Of each column over what is known, from `_ENOUGH` rows or more; 0 where nothing is."""
    step = max(len(values) // _ENOUGH, 1)
    ordered = np.sort(np.where(known, values, np.inf)[::step].T, axis=1)
    middle = np.maximum(known[::step].sum(0) - 1, 0) // 2
    found = ordered[np.arange(len(ordered)), middle]
    return np.where(np.isfinite(found), found, 0.0)


def _priors(form: Form) -> Array:
    sizes = [CONSTANT] + [VIEW] * 3 * form.view + [SHAPE] * form.shape
    return np.array(sizes)


def _directions(shapes: Array, count: int) -> tuple[Array, Array]:
    """Mean (D,) of shapes (N, D) and ``count`` principal directions (D, count), whitened."""
    mean = shapes.mean(0)
    if not count:
        return mean, np.zeros((len(mean), 0))
    centred = shapes - mean
    variances, directions = np.linalg.eigh(centred.T @ centred / max(len(shapes) - 1, 1))
    deviations = np.sqrt(np.maximum(variances[: -count - 1 : -1], 1e-12))
    return mean, directions[:, : -count - 1 : -1] / deviations


@functools.cache
def kinship() -> tuple[Array, Array]:
    """Modes (68, 68) in which points move together, a column each, and their variances (68,)."""
    mean = mean_head()[:FIXED].double().numpy()
    part = np.empty(FIXED, int)
    for k, named in enumerate(load("ibug-68").parts):
        part[list(named.landmarks)] = k
    squared = ((mean[:, None] - mean[None]) ** 2).sum(-1)
    near = np.where(part[:, None] == part[None], np.exp(-squared / (2.0 * KIN**2)), 0.0)
    variances, modes = np.linalg.eigh((1.0 - OWN) * near + OWN * np.eye(FIXED))
    return modes, np.maximum(variances, 1e-6)
