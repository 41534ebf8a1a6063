"""A head with a chequered skin, whose corners lie at known places of the mesh.

The chequers are squares of the skin's texture; each crossing of four squares is a point of a
triangle, so it can be projected like a landmark and found in the picture by OpenCV.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.geometry.pinhole import Pinhole
from app.geometry.rotations import Array
from app.head.asset import HeadAsset
from app.head.library import BUILTIN, resolve
from app.scene.layers import Layers
from app.scene.segments import SEGMENTS

SQUARES: Final = 40
"""Along the edge of the texture."""

_TEXELS: Final = 2000
_DARK, _LIGHT = 30, 215
_REACH: Final = 3.0
"""Pixels within which a found corner belongs to a projected one."""

_APART: Final = 9.0
"""Least distance in pixels between projected neighbours, so that no square is too small to see."""

_SADDLE: Final = 0.08
"""Weakest crossing, as a share of the strong ones."""

_SKIN: Final = SEGMENTS.index("skin")

_STRAIGHT: Final = float(np.cos(np.radians(20.0)))
_SHEARED: Final = float(np.cos(np.radians(55.0)))

_BEHIND: Final = 0.002
"""Metres that a surface must lie before a corner to hide it."""


@dataclass(frozen=True, eq=False)
class Crossings:
    """Crossings of the chequers as points of one mesh.

    Attributes
    ----------
    mesh : int
    corners : ndarray, shape (N, 3)
        Vertices of the triangle that holds each.
    weights : ndarray, shape (N, 3)
    cells : ndarray, shape (N, 2)
        Column and row of the crossing in the texture's grid.
    """

    mesh: int
    corners: NDArray[np.int64]
    weights: Array
    cells: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Found:
    """Projected crossings against those found in a picture.

    Attributes
    ----------
    expected : int
        Crossings that should be seen.
    errors : ndarray, shape (M,), pixels
        Of those that were found.
    """

    expected: int
    errors: Array


def write_checked_head(folder: Path) -> Path:
    """Copy the default head with a chequered, evenly rough and flat skin; returns its FBX."""
    source = resolve(BUILTIN + "ada")
    target = folder / "checked"
    shutil.copytree(source.parent, target)
    square = np.arange(_TEXELS) * SQUARES // _TEXELS
    dark = (square[:, None] + square[None, :]) % 2 == 0
    board = np.where(dark, _DARK, _LIGHT).astype(np.uint8)
    textures = target / "textures"
    _write(textures / "skin_color.jpg", cv2.merge([board] * 3))
    _write(textures / "skin_normal.png", np.full((64, 64, 3), (255, 128, 128), np.uint8))
    _write(textures / "skin_roughness.jpg", np.full((64, 64), 200, np.uint8))
    return target / source.name


def _write(path: Path, picture: NDArray[np.uint8]) -> None:
    options = [cv2.IMWRITE_JPEG_QUALITY, 100] if path.suffix == ".jpg" else []
    if not path.exists() or not cv2.imwrite(str(path), picture, options):
        raise OSError(f"{path} could not be replaced")


def crossings(asset: HeadAsset) -> Crossings:
    """Crossings of the skin's chequers that have all eight neighbours on the same island."""
    index = next(i for i, m in enumerate(asset.meshes) if _skin(asset, m.materials).any())
    mesh = asset.meshes[index]
    triangles = np.flatnonzero(_skin(asset, mesh.materials))
    places: dict[tuple[int, int], tuple[int, Array]] = {}
    for triangle in triangles:
        uv = mesh.uvs[triangle].astype(np.float64) * SQUARES
        low, high = np.ceil(uv.min(0)).astype(int), np.floor(uv.max(0)).astype(int)
        for column in range(low[0], high[0] + 1):
            for row in range(low[1], high[1] + 1):
                weights = _barycentric(uv, np.array([column, row], dtype=np.float64))
                if weights is not None:
                    places[column, row] = (int(triangle), weights)
    whole = [cell for cell in places if all(n in places for n in _neighbours(cell))]
    return Crossings(
        index,
        np.array([mesh.triangles[places[c][0]] for c in whole], np.int64).reshape(-1, 3),
        np.array([places[c][1] for c in whole]).reshape(-1, 3),
        np.array(whole, np.int64).reshape(-1, 2),
    )


def _skin(asset: HeadAsset, materials: NDArray[np.int32]) -> NDArray[np.bool_]:
    skin = [i for i, m in enumerate(asset.materials) if m.role == "skin"]
    return np.asarray(np.isin(materials, skin))


def _neighbours(cell: tuple[int, int]) -> list[tuple[int, int]]:
    return [(cell[0] + i, cell[1] + j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]


def _barycentric(triangle: Array, point: Array) -> Array | None:
    edges = np.stack([triangle[1] - triangle[0], triangle[2] - triangle[0]], axis=1)
    if abs(np.linalg.det(edges)) < 1e-12:
        return None
    b, c = np.linalg.solve(edges, point - triangle[0])
    weights = np.array([1.0 - b - c, b, c])
    return weights if weights.min() >= 0.0 else None


def compare(found: Crossings, layers: Layers, view: Pinhole) -> Found:
    """Look for the crossings in a picture without knowing where they should be, then compare."""
    at = layers.vertices[found.mesh][found.corners].astype(np.float64)
    world = np.einsum("nc,nci->ni", found.weights, at)
    pixels = view.project(world)
    distance = np.array([view.to_camera(p)[2] for p in world])
    expected = _seen(pixels, distance, layers) & _regular(pixels, found.cells)
    grey = cv2.cvtColor(layers.color, cv2.COLOR_RGB2GRAY)
    corners = _saddles(grey)
    wanted = pixels[expected]
    if not len(corners) or not len(wanted):
        return Found(len(wanted), np.zeros(0))
    apart = np.linalg.norm(wanted[:, None] - corners[None], axis=2).min(axis=1)
    return Found(len(wanted), apart[apart < _REACH])


def _saddles(grey: NDArray[np.uint8]) -> Array:
    """Points (N, 2) where dark and light cross: strong saddles of the smoothed picture, refined."""
    smooth = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.5)
    xx, yy, xy = (cv2.Sobel(smooth, cv2.CV_32F, *d, ksize=3) for d in ((2, 0), (0, 2), (1, 1)))
    strength = xy**2 - xx * yy
    peak = strength == cv2.dilate(strength, np.ones((5, 5), np.uint8))
    row, column = np.nonzero(peak & (strength > _SADDLE * np.percentile(strength, 99.8)))
    if not len(row):
        return np.zeros((0, 2))
    first = np.ascontiguousarray(np.stack([column, row], axis=1)[:, None], np.float32)
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 60, 0.002)
    refined = cv2.cornerSubPix(grey, first, (3, 3), (-1, -1), criteria)
    return np.asarray(refined.reshape(-1, 2), np.float64)


def _seen(pixels: Array, distance: Array, layers: Layers) -> NDArray[np.bool_]:
    """Whether a crossing shows with the whole of its neighbourhood on the skin."""
    height, width = layers.depth.shape
    column, row = np.round(np.nan_to_num(pixels, nan=-99.0)).astype(int).T
    inside = (column > 6) & (column < width - 7) & (row > 6) & (row < height - 7)
    seen: NDArray[np.bool_] = inside.copy()
    for i in np.flatnonzero(inside):
        around = np.s_[row[i] - 5 : row[i] + 6, column[i] - 5 : column[i] + 6]
        near = layers.depth[around].min() > distance[i] - 0.012
        seen[i] = (
            near
            and (layers.segments[around] == _SKIN).all()
            and abs(layers.depth[row[i], column[i]] - distance[i]) < _BEHIND
        )
    return seen


def _regular(pixels: Array, cells: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether squares about a crossing are large, hardly bent and hardly sheared in the picture.

    Elsewhere a corner finder, which expects straight edges, is not exact to half a pixel itself.
    """
    place = {(int(c), int(r)): i for i, (c, r) in enumerate(cells)}
    regular = np.zeros(len(cells), bool)
    for (column, row), i in place.items():
        around = ((column - 1, row), (column + 1, row), (column, row - 1), (column, row + 1))
        known = [place[n] for n in around if n in place]
        if len(known) < 4:
            continue
        edges = pixels[known] - pixels[i]
        lengths = np.linalg.norm(edges, axis=1)
        left, right, above, below = edges / np.maximum(lengths, 1e-9)[:, None]
        straight = min(-float(left @ right), -float(above @ below)) > _STRAIGHT
        square = abs(float((right - left) @ (below - above)) / 4.0) < _SHEARED
        even = lengths.max() < 2.0 * lengths.min()
        regular[i] = lengths.min() > _APART and straight and square and even
    return regular
