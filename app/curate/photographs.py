"""A photograph of somebody as a picture to work on: the skin laid where a model saw the face.

The default head's skin is brought to the dense points that were found, by the similarity that fits
them best (Umeyama, IEEE PAMI 13, 1991) and then point by point, the rest of it following the
nearest ones. So landmarks lie in the photograph as well as the model finds faces, no better.
"""

from __future__ import annotations

import functools
from typing import Final

import numpy as np
from scipy.interpolate import RBFInterpolator

from app.curate.casting import Bytes
from app.curate.head_surface import HeadSurface
from app.curate.mean_head import mean_head
from app.curate.side_views import SideView, surface_of
from app.geometry.pinhole import Pinhole
from app.geometry.rotations import Array
from app.topology import store
from app.topology.default_head import default_head
from app.topology.landmarks import base_vertices_of, shared_placement

DENSE: Final = "dense-520"

_FIELD: Final = 10.0
_MARGIN: Final = 0.35
"""Of the face's longer side that is kept around it."""
_NEAREST: Final = 16
_FADES: Final = 0.02
"""Metres from the dense points over which the skin goes back to its own shape."""


def photograph_view(name: str, picture: Bytes, points: Array) -> SideView:
    """A photograph with the skin over the face.

    Parameters
    ----------
    name : str
    picture : ndarray, shape (H, W, 3), uint8, RGB
    points : ndarray, shape (520, 3), pixels
        Of `DENSE`; z away from the camera, in pixels, too.

    Raises
    ------
    ValueError
        With one line, if the points form no face.
    """
    known, skin = _known()
    if points.shape != known.shape or not np.isfinite(points).all():
        raise ValueError(f"{name}: {len(points)} points are not the {len(known)} of {DENSE}")
    scale, rotation, offset = similarity(known, points)
    if scale < 1.0:
        raise ValueError(f"{name}: the points form no face")
    near, corner = _cropped(picture, points)
    rest = points - (scale * known @ rotation.T + offset)
    follows = RBFInterpolator(known, rest, neighbors=_NEAREST, kernel="linear")
    vertices = skin.surface.vertices
    away = np.linalg.norm(vertices[:, None] - known[None, ::4], axis=2).min(axis=1)
    share = np.exp(-np.square(np.maximum(away - _FADES, 0.0) / _FADES))
    placed = scale * vertices @ rotation.T + offset + follows(vertices) * share[:, None]
    height, width = near.shape[:2]
    view = Pinhole(np.eye(4), _FIELD, width, height, clip_end=1e3)
    depth = view.focal_pixels / scale + (placed[:, 2] - points[:, 2].mean()) / scale
    across = placed[:, :2] - corner - [(width - 1) / 2.0, (height - 1) / 2.0]
    at = across / view.focal_pixels * depth[:, None]
    return SideView(name, near, view, skin.posed(np.stack([at[:, 0], -at[:, 1], -depth], axis=1)))


def similarity(source: Array, target: Array) -> tuple[float, Array, Array]:
    """Scale, rotation (3, 3) and offset (3,) that bring points (N, 3) nearest to others (N, 3)."""
    first, second = source.mean(axis=0), target.mean(axis=0)
    a, b = source - first, target - second
    u, values, vt = np.linalg.svd(b.T @ a)
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    rotation = (u * sign) @ vt
    scale = float((values * sign).sum() / np.square(a).sum())
    return scale, rotation, second - scale * rotation @ first


@functools.cache
def _known() -> tuple[Array, HeadSurface]:
    """The dense points on the default head at rest, and its skin."""
    asset = default_head()
    base = base_vertices_of(asset)
    if base is None:
        raise ValueError("the default head lost the mesh that landmarks are defined on")
    dense = shared_placement(asset.meshes, base, store.load(DENSE))
    skin = surface_of(asset, mean_head())
    return dense.positions([mesh.vertices for mesh in asset.meshes]), skin


def _cropped(picture: Bytes, points: Array) -> tuple[Bytes, Array]:
    """The face with some room around it, and its upper left corner in the picture."""
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    room = _MARGIN * float((high - low).max())
    size = np.array([picture.shape[1], picture.shape[0]])
    left, top = np.floor(np.clip(low - room, 0, size - 2)).astype(int)
    right, foot = np.ceil(np.clip(high + room, [left + 2, top + 2], size)).astype(int)
    corner = np.array([left, top], dtype=np.float64)
    return np.ascontiguousarray(picture[top:foot, left:right]), corner
