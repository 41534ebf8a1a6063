"""What is known of a face in a picture, and what a model says of it; the two that are compared.

Points are pixels of the picture, (0, 0) at the centre of the top-left one; angles are degrees in
``pose_para`` as the camera sees the head.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.geometry.rotations import Angles, Array

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Box = tuple[float, float, float, float]


class ReadingError(ValueError):
    """What is wrong with annotated pictures, in one line that says what to do."""


@dataclass(frozen=True, eq=False)
class DepthTruth:
    """The true depth of a picture.

    Attributes
    ----------
    relative : ndarray, shape (H, W), metres
        Along the camera's axis from the head centre, away positive; +inf where nothing is.
    face : ndarray of bool, shape (H, W)
        The face's surface (`app.evaluation.face_region`), nothing before it.
    head : ndarray of bool, shape (H, W)
        All skin, eyes and hair, with the neck.
    distance : float, metres
        From the camera to the head centre along its axis.
    """

    relative: Floats
    face: Bools
    head: Bools
    distance: float


@dataclass(frozen=True, eq=False)
class Annotated:
    """One face of a picture, with all that is known of it.

    Attributes
    ----------
    source : str
        Name of the picture, relative to the data.
    picture : callable
        Loads it: RGB, shape (H, W, 3), uint8. Raises `ReadingError` where it is damaged.
    points : ndarray, shape (68, 2), optional
        iBUG-68.
    outlined : bool
        Whether the jaw's points follow the visible outline, as people draw them; else they are
        fixed on the surface, as in 300W-LP.
    box : tuple of 4 floats
        x, y, width and height: the tight box about the points, or another where there are none.
    angles : Angles, optional
    dense : ndarray, shape (520, 2), optional
        The project's dense topology.
    dense_visible : ndarray of bool, shape (520,), optional
    depth : callable, optional
        Loads the true depth.
    groups : mapping of str to str
        What the person is, by kind: ``{"gender": "female", "age": "30 to 44"}``.
    """

    source: str
    picture: Callable[[], Bytes]
    points: Array | None
    box: Box
    outlined: bool = True
    angles: Angles | None = None
    dense: Array | None = None
    dense_visible: Bools | None = None
    depth: Callable[[], DepthTruth] | None = None
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Predicted:
    """What a model says of one annotated face; None stands for what it does not tell.

    Attributes
    ----------
    outline : ndarray, shape (68, 2), optional
        iBUG-68 with the visible outline.
    fixed : ndarray, shape (68, 2), optional
        iBUG-68 with the jaw fixed on the surface.
    dense : ndarray, shape (520, 2), optional
    sigma : ndarray, shape (520,), pixels, optional
        Deviation of one coordinate of each dense point.
    angles : Angles, optional
    depth : ndarray, shape (H, W), metres, optional
        Relative to the head centre in the picture's own pixels; NaN where nothing is said.
    score : float
        Of the face.
    """

    outline: Array | None = None
    fixed: Array | None = None
    dense: Array | None = None
    sigma: Array | None = None
    angles: Angles | None = None
    depth: Floats | None = None
    score: float = 1.0

    def points(self, outlined: bool) -> Array | None:
        """The 68 points of one meaning of the jaw, or of the other where only that one is told."""
        first, second = (self.outline, self.fixed) if outlined else (self.fixed, self.outline)
        return first if first is not None else second


def box_of(points: NDArray[Any]) -> Box:
    """Tight box about points (L, 2): x, y, width, height.

    Raises
    ------
    ReadingError
        When the points do not span a box.
    """
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    x, y, width, height = (float(v) for v in (*low, *(high - low)))
    if not (width > 0.0 and height > 0.0 and np.isfinite([x, y, width, height]).all()):
        raise ReadingError("the points do not form a face")
    return x, y, width, height
