"""What the points of iBUG-68 mean on the body model against what people draw on photographs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.files import write_bytes
from app.geometry.rotations import Array
from app.topology.contour import JAW
from app.topology.faces import AnnotatedFace
from app.topology.fit import Fit, Fitter

GROUPS: Final = {
    "jaw": slice(0, 17),
    "brows": slice(17, 27),
    "nose": slice(27, 36),
    "eyes": slice(36, 48),
    "mouth": slice(48, 68),
}
_TILE: Final = 420
_COLUMNS: Final = 4


@dataclass(frozen=True, eq=False)
class Comparison:
    """Residuals of drawn points against the fitted model.

    Attributes
    ----------
    names : tuple of str
        Of the faces.
    errors : ndarray, shape (F, 68)
        Distances, in percent of the drawn distance of the outer eye corners.
    middle : ndarray, shape (68, 2), millimetres
        Median residual, to the person's left and up, of the faces turned less than asked; the two
        sides of the face averaged as mirror images.
    spread : ndarray, shape (68, 2), millimetres
        Standard deviation of the same.
    counted : int
        Faces that `middle` and `spread` are taken from.
    eyes : float
        Millimetres between the outer corners of the fitted eyes, median.
    """

    names: tuple[str, ...]
    errors: Array
    middle: Array
    spread: Array
    counted: int
    eyes: float

    def groups(self) -> Iterator[tuple[str, float, float]]:
        """Name, mean error in percent, and size of the systematic part in millimetres (RMS)."""
        for name, points in GROUPS.items():
            size = np.sqrt(np.square(self.middle[points]).sum(axis=1).mean())
            yield name, float(self.errors[:, points].mean()), float(size)


def compare(
    faces: Sequence[AnnotatedFace], fits: Sequence[Fit], mirror: Sequence[int], turned: float = 30.0
) -> Comparison:
    """Residuals of fits in the frame of the face.

    Parameters
    ----------
    faces : sequence of AnnotatedFace
    fits : sequence of Fit
        Of the same faces.
    mirror : sequence of int
        For each point the one on the other side.
    turned : float
        Degrees away from the camera up to which a face counts for the systematic part.

    Raises
    ------
    ValueError
        If no face is turned less.
    """
    errors, residuals = [], []
    for face, fit in zip(faces, fits, strict=True):
        gap = face.points - fit.points
        eyes = np.linalg.norm(face.points[45] - face.points[36])
        errors.append(np.linalg.norm(gap, axis=1) / eyes * 100.0)
        if fit.facing < turned:
            residuals.append(_in_face_frame(gap, fit))
    if not residuals:
        raise ValueError(f"no face is turned by less than {turned:g} degrees")
    own = np.array(residuals)
    middle = np.median(own, axis=0)
    other = middle[list(mirror)] * [-1.0, 1.0]
    return Comparison(
        tuple(f.name for f in faces),
        np.array(errors),
        (middle + other) / 2.0,
        own.std(axis=0),
        len(own),
        float(np.median([f.size for f in fits])) * 1000.0,
    )


def _in_face_frame(gap: Array, fit: Fit) -> Array:
    """Residuals (68, 2), pixels, in millimetres to the person's left and up."""
    left = fit.rotation[:2, 0] / np.linalg.norm(fit.rotation[:2, 0])
    up = np.array([left[1], -left[0]])
    return np.asarray(np.stack([gap @ left, gap @ up], axis=1) / fit.scale * 1000.0)


def fit_all(fitter: Fitter, faces: Sequence[AnnotatedFace]) -> list[Fit]:
    """The model on each of some faces."""
    return [fitter.fit(face.points) for face in faces]


def as_text(found: Comparison, names: Sequence[str]) -> str:
    """The comparison as a table for people, one line a group and one a point."""
    share = 100.0 / found.eyes
    lines = [
        f"{len(found.names)} faces, {found.counted} of them counted for the systematic part; "
        f"outer eye corners {found.eyes:.1f} mm apart on the model",
        "",
        f"{'group':<8}{'error':>9}{'systematic':>22}",
    ]
    for name, error, size in found.groups():
        lines.append(f"{name:<8}{error:>7.2f} %{size:>11.2f} mm{size * share:>7.2f} %")
    lines += [
        f"{'all':<8}{float(found.errors.mean()):>7.2f} %",
        "",
        f"{'point':<34}{'left mm':>9}{'up mm':>9}{'left %':>9}{'up %':>9}{'spread mm':>16}",
    ]
    for i, (name, (x, y), (sx, sy)) in enumerate(
        zip(names, found.middle, found.spread, strict=True)
    ):
        lines.append(
            f"{i:>2} {name:<31}{x:>9.1f}{y:>9.1f}{x * share:>9.1f}{y * share:>9.1f}"
            f"{sx:>9.1f}{sy:>7.1f}"
        )
    return "\n".join(lines)


def draw(faces: Sequence[AnnotatedFace], fits: Sequence[Fit], path: Path) -> None:
    """Write a sheet of faces: drawn points green, fitted ones red, fixed jaw points blue.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    tiles = [_tile(face, fit) for face, fit in zip(faces, fits, strict=True)]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % _COLUMNS)
    rows = [np.hstack(tiles[k : k + _COLUMNS]) for k in range(0, len(tiles), _COLUMNS)]
    done, data = cv2.imencode(".png", np.vstack(rows))
    if not done:
        raise OSError(f"{path}: the picture could not be encoded")
    write_bytes(path, data.tobytes())


def _tile(face: AnnotatedFace, fit: Fit) -> NDArray[Any]:
    low, high = face.points.min(axis=0), face.points.max(axis=0)
    zoom = _TILE / (1.25 * float((high - low).max()))
    matrix = np.array([[zoom, 0.0, 0.0], [0.0, zoom, 0.0]])
    matrix[:, 2] = _TILE / 2.0 - zoom * (low + high) / 2.0
    picture = None if face.picture is None else cv2.imread(str(face.picture))
    if picture is None:
        picture = np.full((1, 1, 3), 40, np.uint8)
    tile = cv2.warpAffine(picture, matrix, (_TILE, _TILE), flags=cv2.INTER_CUBIC)
    for points, color in (
        (fit.fixed[:JAW], (255, 140, 0)),
        (fit.points, (0, 0, 255)),
        (face.points, (0, 255, 0)),
    ):
        for x, y in points * zoom + matrix[:, 2]:
            at = (round(x * 16), round(y * 16))
            cv2.circle(tile, at, 28, color, cv2.FILLED, cv2.LINE_AA, 4)
    cv2.putText(tile, face.name, (6, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 255), 1)
    return np.asarray(tile)
