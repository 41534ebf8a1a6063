"""Which form of adaptation pictures can carry, and what it gains on pictures it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.evaluation.metrics import LEFT_OUTER_CORNER, RIGHT_OUTER_CORNER
from app.geometry.rotations import Array
from inference.training.habit import Form, Frames, Looks, frames, learn, moved

Indices = NDArray[np.intp]

OUTER: Final = 10
INNER: Final = 5
MANY: Final = 200
"""Pictures from which on fewer folds tell as much."""

PICTURES_FOR_SHAPE: Final = 5
"""Pictures that one direction of shape asks for."""

FIRST: Final = 2.0
FURTHER: Final = 1.0
"""Standard errors that a form has to be better by: than no change, than a simpler form."""

RESAMPLED: Final = 4000
COVERED: Final = 0.95


@dataclass(frozen=True, eq=False)
class Outcome:
    """What cross-validation found.

    Attributes
    ----------
    before, after : ndarray, shape (N, 68)
        Distance of each point from where it was drawn over the distance of the outer corners of
        the eyes, without and with adaptation; NaN where nothing was drawn. ``after`` comes from
        fits, forms chosen anew, that saw nothing of the picture's group.
    halved : ndarray, shape (N,)
        NME of each picture after fits to half as many pictures.
    gain : float
        Of the mean NME.
    low, high : float
        Bounds of the gain, bootstrap over groups (Efron and Tibshirani 1993, section 13.3).
    form : Form
        Chosen with all pictures; no change at all where it is None.
    folds : int
    """

    before: Array
    after: Array
    halved: Array
    gain: float
    low: float
    high: float
    form: Form | None
    folds: int

    @property
    def proven(self) -> bool:
        """Whether there is a gain that chance does not explain."""
        return self.form is not None and self.low > 0.0


def candidates(pictures: int) -> list[Form | None]:
    """What is tried, from the simplest on.

    All draw left and right alike: faces are looked at mirrored too, and the mean of both looks
    keeps nothing that is different on the two sides.
    """
    shapes = [s for s in (4, 12, 32) if pictures >= PICTURES_FOR_SHAPE * s]
    kinds = [(False, 0), (True, 0), *((True, s) for s in shapes)]
    return [None] + [
        Form(view, shape, True, strength)
        for view, shape in kinds
        for strength in (0.15, 0.4, 1.0, 2.5)
    ]


def errors(looks: Looks, seen: Frames, form: Form | None, train: Indices, test: Indices) -> Array:
    """Distances (T, 68) over the eyes' distance, of pictures ``test`` after a fit to ``train``."""
    apart = seen.apart[test, :1]
    if form is not None:
        apart = apart - moved(learn(seen, train, form), _part(seen, test))
    return np.asarray(np.linalg.norm(apart[:, 0], axis=-1) * _unit(looks, seen)[test, None])


def face_means(distances: Array) -> Array:
    """Mean of each face over the points that were drawn, shape (N,)."""
    return np.asarray(np.nanmean(distances, axis=1))


def choose(looks: Looks, seen: Frames, index: Indices, groups: Indices, seed: int) -> Form | None:
    """The simplest form that is better than all before it beyond chance.

    Two standard errors for any change at all, since many forms are tried; one for a less simple
    form (Breiman et al., Classification and Regression Trees, 1984, section 3.4.3).
    """
    parts = folds(groups[index], INNER if len(index) < MANY else 3, seed)
    best: Form | None = None
    score = np.full(len(index), np.inf)
    for form in candidates(len(index)):
        found = np.empty(len(index))
        for k in range(parts.max() + 1):
            train, test = index[parts != k], index[parts == k]
            found[parts == k] = face_means(errors(looks, seen, form, train, test))
        better = score - found
        doubt = better.std(ddof=1) / np.sqrt(len(better)) if form is not None else 0.0
        if form is None or better.mean() > (FIRST if best is None else FURTHER) * doubt:
            best, score = form, found
    return best


def cross_validate(
    looks: Looks,
    groups: Indices,
    seed: int = 1,
    progress: Callable[[int, int], None] = lambda done, all_: None,
) -> Outcome:
    """Measure the whole procedure, the choice of the form included, on pictures left out.

    Parameters
    ----------
    looks : Looks
    groups : ndarray of int, shape (N,)
        Pictures of one group, such as of one person, are never on both sides.
    seed : int
    progress : callable
        Is told how many folds are done, of how many.
    """
    seen = frames(looks)
    every = np.arange(len(looks))
    before = errors(looks, seen, None, every, every)
    after = np.empty_like(before)
    halved = np.empty(len(looks))
    parts = folds(groups, OUTER if len(looks) < MANY else 5, seed)
    count = int(parts.max()) + 1
    for k in range(count):
        progress(k, count)
        train, test = every[parts != k], every[parts == k]
        form = choose(looks, seen, train, groups, seed + k)
        after[test] = errors(looks, seen, form, train, test)
        half = train[folds(groups[train], 2, seed + k) == 0]
        halved[test] = face_means(errors(looks, seen, form, half, test))
    progress(count, count)
    gains = face_means(before) - face_means(after)
    low, high = interval(gains, groups, seed)
    form = choose(looks, seen, every, groups, seed)
    return Outcome(before, after, halved, float(gains.mean()), low, high, form, count)


def folds(groups: Sequence[int] | Indices, count: int, seed: int) -> Indices:
    """Number of the fold of each picture, groups kept whole, folds about equally large."""
    names, members = np.unique(np.asarray(groups), return_inverse=True)
    sizes = np.bincount(members)
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(-sizes[order], kind="stable")]
    filled = np.zeros(min(count, len(names)), int)
    fold = np.empty(len(names), np.intp)
    for name in order:
        fold[name] = int(np.argmin(filled))
        filled[fold[name]] += sizes[name]
    return np.asarray(fold[members])


def interval(values: Array, groups: Indices, seed: int) -> tuple[float, float]:
    """Bounds of the mean that cover it at `COVERED`, groups drawn with replacement."""
    names, members = np.unique(groups, return_inverse=True)
    sums, sizes = np.bincount(members, values), np.bincount(members)
    drawn = np.random.default_rng(seed).integers(len(names), size=(RESAMPLED, len(names)))
    means = sums[drawn].sum(1) / sizes[drawn].sum(1)
    low, high = np.quantile(means, [(1.0 - COVERED) / 2.0, (1.0 + COVERED) / 2.0])
    return float(low), float(high)


def _part(seen: Frames, index: Indices) -> Frames:
    """The first looks at some of the pictures."""
    return Frames(
        seen.scale[index, :1],
        seen.rotation[index, :1],
        seen.shape[index, :1],
        seen.apart[index, :1],
        seen.flipped[:1],
    )


def _unit(looks: Looks, seen: Frames) -> Array:
    """Eyes' distances to a metre of the head, shape (N,), from what was drawn where both were."""
    corners = [RIGHT_OUTER_CORNER, LEFT_OUTER_CORNER]
    drawn, found = looks.drawn[:, 0, corners], looks.start[:, 0, corners, :2]
    right, left = np.moveaxis(np.where(np.isfinite(drawn), drawn, found), 1, 0)
    apart = np.maximum(np.linalg.norm(left - right, axis=-1), 1e-6)
    return np.asarray(seen.scale[:, 0] / apart)
