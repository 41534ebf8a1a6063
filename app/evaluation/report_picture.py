"""The cumulative error curve of an evaluation as a picture, and a sheet of its worst faces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.evaluation.annotated import Box, Bytes
from app.evaluation.landmark_figures import CURVE_STEPS, LandmarkFigures
from app.evaluation.metrics import AREA_LIMIT, FAILURE
from app.files import aside, write_bytes
from app.geometry.rotations import Array

_INK: Final = "#1f2733"
_SOFT: Final = "#8590a2"
_GRID: Final = "#e4e8ee"
_LINES: Final = {"inter-ocular": "#2a6fbb", "inter-pupil": "#8f77b5", "box": "#4b9b8e"}
_STYLES: Final = {"all 68": "-", "without the jaw": (0, (4, 2))}

TILE: Final = 320
_COLUMNS: Final = 4
_TRUE: Final = (60, 220, 90)
_TOLD: Final = (255, 70, 70)
_BAND: Final = 26


def draw_curves(found: LandmarkFigures, path: Path, title: str) -> None:
    """Write the cumulative error curves, in the format that the ending of the name asks for.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    style = {
        "font.family": "DejaVu Sans",
        "font.size": 10,
        "text.color": _INK,
        "axes.labelcolor": _INK,
        "axes.edgecolor": _SOFT,
        "xtick.color": _SOFT,
        "ytick.color": _SOFT,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    thresholds = np.linspace(0.0, FAILURE * 100.0, CURVE_STEPS + 1)
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(11, 6), dpi=110, facecolor="white")
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0.075, 0.11, 0.61, 0.74))
        for size, subsets in found.normalised.items():
            for subset, error in subsets.items():
                told = f"by {size}, {subset}\nmean {error.mean:.2%}, AUC@7 {error.area:.1%}"
                axes.plot(
                    thresholds,
                    np.array(error.curve) * 100.0,
                    color=_LINES[size],
                    ls=_STYLES[subset],
                    lw=2,
                    label=told,
                )
        axes.axvline(AREA_LIMIT * 100.0, color=_SOFT, lw=1, ls=":")
        axes.set_xlim(0.0, FAILURE * 100.0)
        axes.set_ylim(0.0, 100.5)
        axes.grid(color=_GRID, lw=0.8)
        axes.set_axisbelow(True)
        axes.set_xlabel("normalised mean error, %")
        axes.set_ylabel("share of the faces at most that wrong, %")
        axes.legend(
            frameon=False,
            fontsize=9.5,
            loc="upper left",
            bbox_to_anchor=(1.02, 1.0),
            labelspacing=1.1,
        )
        figure.text(0.075, 0.935, title, fontsize=15, fontweight="bold")
        missed = f", {found.missed} missed" if found.missed else ""
        counted = f"cumulative error of {found.faces + found.missed} faces{missed}"
        figure.text(0.075, 0.893, counted, fontsize=10, color=_SOFT)
        with aside(path) as temporary:
            figure.savefig(temporary, format=path.suffix[1:].lower())


@dataclass(frozen=True, eq=False)
class Shown:
    """A face to draw.

    Attributes
    ----------
    name, figure : str
        Written on it.
    picture : ndarray, shape (H, W, 3), uint8
        RGB.
    box : tuple of 4 floats
    truth, told : ndarray, shape (L, 2), optional
        True and predicted points, pixels.
    """

    name: str
    figure: str
    picture: Bytes
    box: Box
    truth: Array | None
    told: Array | None


def draw_faces(faces: Sequence[Shown], path: Path) -> None:
    """Write a sheet of faces, true points green and predicted ones red, as PNG or JPEG.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    tiles = [_tile(face) for face in faces] or [np.zeros((TILE, TILE, 3), np.uint8)]
    tiles += [np.full_like(tiles[0], 24)] * (-len(tiles) % min(_COLUMNS, len(tiles)))
    columns = min(_COLUMNS, len(tiles))
    rows = [np.hstack(tiles[k : k + columns]) for k in range(0, len(tiles), columns)]
    sheet = cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(path.suffix.lower() or ".png", sheet)
    if not done:
        raise OSError(f"{path}: the picture could not be encoded")
    write_bytes(path, data.tobytes())


def _tile(face: Shown) -> NDArray[Any]:
    x, y, width, height = face.box
    zoom = TILE / (1.6 * max(width, height))
    matrix = np.array([[zoom, 0.0, 0.0], [0.0, zoom, 0.0]])
    matrix[:, 2] = TILE / 2.0 - zoom * np.array([x + width / 2.0, y + height / 2.0])
    flags = cv2.INTER_AREA if zoom < 1.0 else cv2.INTER_CUBIC
    tile = cv2.warpAffine(face.picture, matrix, (TILE, TILE), flags=flags)
    if face.truth is not None and face.told is not None and len(face.truth) == len(face.told):
        for a, b in zip(face.truth, face.told, strict=True):
            ends = [_at(p, zoom, matrix) for p in (a, b)]
            cv2.line(tile, ends[0], ends[1], (235, 235, 120), 1, cv2.LINE_AA, 4)
    for points, color in ((face.told, _TOLD), (face.truth, _TRUE)):
        for point in points if points is not None else ():
            cv2.circle(tile, _at(point, zoom, matrix), 30, color, cv2.FILLED, cv2.LINE_AA, 4)
    tile[-_BAND:] = tile[-_BAND:] // 4
    text = f"{face.name.rpartition('/')[2]}  {face.figure}"
    place = (7, TILE - 9)
    cv2.putText(
        tile, text[:40], place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 255), 1, cv2.LINE_AA
    )
    return np.asarray(tile)


def _at(point: Array, zoom: float, matrix: Array) -> tuple[int, int]:
    x, y = (np.asarray(point, np.float64)[:2] * zoom + matrix[:, 2]).clip(-1000, 2000) * 16
    return round(float(x)), round(float(y))
