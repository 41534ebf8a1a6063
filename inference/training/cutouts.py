"""People cut out of rendered frames, and how they are laid over other pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.dataset.sample import OUTLINED
from app.scene.segments import SEGMENTS
from inference.training.placing import Seen

Bytes = NDArray[np.uint8]
Points = NDArray[np.floating[Any]]

CHIN: Final = 8
"""Of the 68 points."""
_HAIR: Final = SEGMENTS.index("hair")
_CLOTHES: Final = SEGMENTS.index("other")
_SEEN_AT_BORDER: Final = 10
"""Pixels of a border that a person must cover to count as cut off there."""
_FADE: Final = 0.07
"""Of the frame's side, over which a cut fades."""


@dataclass(frozen=True, eq=False)
class Cutout:
    """A person without what was behind.

    Attributes
    ----------
    picture : ndarray, shape (H, W, 3), uint8
    alpha : ndarray, shape (H, W), uint8
        How much of a pixel the person covers, 255 all.
    points : ndarray, shape (68, 2), pixels
        With the visible outline.
    seen : float
        Share of these points that nothing hides.
    cut : frozenset of str
        Borders (``left``, ``top``, ``right``, ``bottom``) at which the frame ends and the person
        does not.
    """

    picture: Bytes
    alpha: Bytes
    points: Points
    seen: float
    cut: frozenset[str]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Tight box of the points, x, y, w, h."""
        return box_of(self.points)


def box_of(points: Points) -> tuple[float, float, float, float]:
    """Tight box x, y, w, h of points (N, 2)."""
    (x, y), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return float(x), float(y), float(right - x), float(bottom - y)


def cut_out(sample: Seen) -> Cutout:
    """The person of a sample, with hair, clothes and what is held before them."""
    person = sample.segments > 0
    alpha = cv2.blur(person.astype(np.uint8) * np.uint8(255), (3, 3))
    alpha = np.where(person, np.asarray(alpha), 0).astype(np.uint8)
    ends = {
        "left": person[:, 0],
        "top": person[0],
        "right": person[:, -1],
        "bottom": person[-1],
    }
    cut = frozenset(side for side, line in ends.items() if line.sum() >= _SEEN_AT_BORDER)
    return Cutout(
        sample.picture,
        alpha,
        sample.points[OUTLINED, :2],
        float(sample.visible[OUTLINED].mean()),
        cut,
    )


def faded(cutout: Cutout, sides: frozenset[str]) -> Bytes:
    """Its alpha, falling to nothing towards these borders where it is cut off there."""
    height, width = cutout.alpha.shape
    weight = np.ones((height, width), np.float32)
    ramps = {
        "left": np.arange(width)[None, :] / (_FADE * width),
        "right": np.arange(width)[None, ::-1] / (_FADE * width),
        "top": np.arange(height)[:, None] / (_FADE * height),
        "bottom": np.arange(height)[::-1, None] / (_FADE * height),
    }
    for side in sides & cutout.cut:
        weight *= np.minimum(ramps[side], 1.0).astype(np.float32)
    return np.asarray((cutout.alpha * weight).astype(np.uint8))


def headless(sample: Seen) -> Bytes | None:
    """Alpha of what is below the chin alone; None where there is too little of it."""
    chin = sample.points[OUTLINED, 1].max()
    start = int(chin) + 6
    alpha = cut_out(sample).alpha.copy()
    alpha[: max(start, 0)] = 0
    return alpha if int((alpha > 128).sum()) > 1500 else None


def from_behind(sample: Seen, rng: np.random.Generator) -> Bytes | None:
    """The picture with hair grown over the whole face; None for those with little hair."""
    hair = sample.segments == _HAIR
    if int(hair.sum()) < 1500:
        return None
    rows, columns = np.nonzero(hair)
    covered = np.isin(sample.segments, (1, 2, 5)) & ~_neck(sample)
    block = 12
    starts = np.flatnonzero(
        (rows < hair.shape[0] - block)
        & (columns < hair.shape[1] - block)
        & hair[np.minimum(rows + block, 255), np.minimum(columns + block, 255)]
    )
    if starts.size < 50:
        return None
    covered = cv2.dilate(covered.astype(np.uint8), np.ones((11, 11), np.uint8)) > 0
    down, across = np.nonzero(covered)
    if down.size == 0:
        return None
    part = slice(down.min(), down.max() + 1), slice(across.min(), across.max() + 1)
    size = covered[part].shape
    patch = _quilt(sample.picture, rows[starts], columns[starts], (size[0], size[1]), block, rng)
    picture = sample.picture.copy()
    weight = cv2.GaussianBlur(covered[part].astype(np.float32), (0, 0), 2.0)
    picture[part] = _mixed(patch, picture[part], weight)
    return picture


def _neck(sample: Seen) -> NDArray[np.bool_]:
    below = np.zeros(sample.segments.shape, bool)
    below[max(0, int(sample.points[OUTLINED, 1].max()) + 2) :] = True
    return below


def _quilt(
    picture: Bytes,
    rows: NDArray[Any],
    columns: NDArray[Any],
    size: tuple[int, int],
    block: int,
    rng: np.random.Generator,
) -> Bytes:
    """Pieces of a picture that start at these places, joined softly, shape (*size, 3)."""
    height, width = size
    total = np.zeros((height + block, width + block, 3), np.float32)
    ramp = np.bartlett(block + 2)[1:-1]
    weight = (np.outer(ramp, ramp)[..., None] + 1e-3).astype(np.float32)
    weights = np.full((height + block, width + block, 1), 1e-6, np.float32)
    for y in range(0, height, block // 2):
        for x in range(0, width, block // 2):
            k = int(rng.integers(rows.size))
            piece = picture[rows[k] : rows[k] + block, columns[k] : columns[k] + block]
            total[y : y + block, x : x + block] += piece * weight
            weights[y : y + block, x : x + block] += weight
    return np.asarray((total / weights)[:height, :width].astype(np.uint8))


def _mixed(above: Bytes, below: Bytes, weight: NDArray[np.float32]) -> Bytes:
    """Two pictures (H, W, 3), the first as much as ``weight`` (H, W) says."""
    above, below = np.ascontiguousarray(above), np.ascontiguousarray(below)
    return np.asarray(cv2.blendLinear(above, below, weight, np.float32(1.0) - weight), np.uint8)


@dataclass(frozen=True)
class Placing:
    """Where a cut-out goes: its pixels by a similarity to the scene's.

    Attributes
    ----------
    matrix : ndarray, shape (2, 3)
    """

    matrix: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        box: tuple[float, float, float, float],
        size: float,
        centre: tuple[float, float],
        angle: float,
        mirrored: bool,
    ) -> Placing:
        """Box of ``size`` pixels along its longer side, its middle at ``centre``.

        ``angle`` is in degrees clockwise.
        """
        x, y, width, height = box
        scale = size / max(width, height)
        c, s = np.cos(np.radians(angle)) * scale, np.sin(np.radians(angle)) * scale
        flip = -1.0 if mirrored else 1.0
        turn = np.array([[c * flip, -s], [s * flip, c]])
        middle = np.array([x + width / 2.0, y + height / 2.0])
        return cls(np.column_stack([turn, np.array(centre) - turn @ middle]))

    @property
    def scale(self) -> float:
        return float(np.sqrt(abs(np.linalg.det(self.matrix[:, :2]))))

    def points(self, points: Points) -> Points:
        return np.asarray(points @ self.matrix[:, :2].T + self.matrix[:, 2])


def lay(scene: Bytes, picture: Bytes, alpha: Bytes, placing: Placing) -> Bytes:
    """Lay a picture over a scene, in place.

    Returns
    -------
    ndarray, shape (H, W), uint8
        How much of the scene's pixels it covers.
    """
    height, width = scene.shape[:2]
    matrix = placing.matrix
    if placing.scale < 0.75:
        times = max(0.05, placing.scale)
        small = max(2, round(picture.shape[1] * times)), max(2, round(picture.shape[0] * times))
        # A resized picture's first pixel has its middle half a pixel in from the edge.
        fx, fy = picture.shape[1] / small[0], picture.shape[0] / small[1]
        picture = np.asarray(cv2.resize(picture, small, interpolation=cv2.INTER_AREA), np.uint8)
        alpha = np.asarray(cv2.resize(alpha, small, interpolation=cv2.INTER_AREA), np.uint8)
        back = np.array([[fx, 0.0, 0.5 * fx - 0.5], [0.0, fy, 0.5 * fy - 0.5], [0.0, 0.0, 1.0]])
        matrix = matrix @ back
    corners = np.array(
        [[0, 0], [picture.shape[1], 0], [0, picture.shape[0]], picture.shape[1::-1]], float
    )
    reach = corners @ matrix[:, :2].T + matrix[:, 2]
    low = np.maximum(np.floor(reach.min(axis=0)).astype(int) - 1, 0)
    high = np.minimum(np.ceil(reach.max(axis=0)).astype(int) + 2, (width, height))
    covered = np.zeros((height, width), np.uint8)
    if (high <= low).any():
        return covered
    here = matrix.copy()
    here[:, 2] -= low
    size = int(high[0] - low[0]), int(high[1] - low[1])
    moved = cv2.warpAffine(
        picture, here, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    weight = np.asarray(cv2.warpAffine(alpha, here, size, flags=cv2.INTER_LINEAR), np.uint8)
    part = scene[low[1] : high[1], low[0] : high[0]]
    part[:] = _mixed(np.asarray(moved), part, weight.astype(np.float32) * np.float32(1 / 255))
    covered[low[1] : high[1], low[0] : high[0]] = weight
    return covered


def paint(
    scene: Bytes, shape: Points, color: tuple[int, int, int], rng: np.random.Generator
) -> None:
    """Fill a polygon (N, 2) of a scene with a colour that is lit unevenly, in place."""
    at = np.rint(shape * 16.0).astype(np.int32)
    mask = np.zeros(scene.shape[:2], np.uint8)
    cv2.fillPoly(mask, [at], 255, cv2.LINE_AA, 4)
    lit = rng.uniform(0.7, 1.2, (4, 4, 1)) * np.array(color, float)
    few = np.clip(lit, 0, 255).astype(np.uint8)
    cloth = cv2.resize(few, scene.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    scene[:] = _mixed(np.asarray(cloth), scene, mask.astype(np.float32) * np.float32(1 / 255))


def torso_color(sample: Seen) -> tuple[int, int, int] | None:
    """What the lowest clothes look like, on the mean."""
    low = sample.picture[-24:][sample.segments[-24:] == _CLOTHES]
    if len(low) < 60:
        return None
    red, green, blue = (int(v) for v in low.mean(axis=0))
    return red, green, blue
