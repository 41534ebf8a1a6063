"""What painting knows of every texel of the skin before it knows the person.

All people share one texture layout and one mesh, so this is worked out once for each size.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

import cv2
import numpy as np
from scipy.spatial import cKDTree

from app.bake.head import canonical_positions, lid_loops, skin_mesh, zone_masks
from app.bake.mesh import Floats, Ints, Singles
from app.bake.raster import TexelMap, rasterise, texel_steps

Triple = tuple[float, float, float]

_KEPT = 250_000
"""Texels up to which bumps are kept for the next person."""


@dataclass(frozen=True, eq=False)
class Canvas:
    """The covered texels of the skin's texture, shape (T, ...), single precision.

    Attributes
    ----------
    texels : TexelMap
    position : ndarray, shape (T, 3), metres
        Canonical position: the surface point on the mean person about the midpoint of its
        eyeballs.
    lips, ears, inside : ndarray, 0..1
        Red of the lips; ears; inside of mouth, nostrils and sockets.
    lid_rim : ndarray, metres
        Distance to the edge of the eyelids.
    texel : float
        Metres between neighbouring texels of the face.
    fill : ndarray, shape (size * size,)
        For each texel of the picture the covered one that it shows.
    steps : tuple of ndarray, shape (size, size), metres
        How far the surface point moves from one column, and from one row, to the next.
    """

    texels: TexelMap
    position: Singles
    lips: Singles
    ears: Singles
    inside: Singles
    lid_rim: Singles
    texel: float
    fill: Ints
    steps: tuple[Singles, Singles]
    _bumps: dict[tuple[Triple, Triple], Singles] = field(default_factory=dict)

    @functools.cached_property
    def tree(self) -> cKDTree:
        """Search tree over the positions."""
        return cKDTree(self.position)

    @property
    def size(self) -> int:
        """Edge of the texture in texels."""
        return self.texels.size

    def bump(self, centre: Triple, radius: Triple) -> Singles:
        """Gaussian bump, mirrored at the middle plane; centre and radii in millimetres."""
        key = (centre, radius)
        found = self._bumps.get(key)
        if found is None:
            found = blob(self.position, centre, radius)
            if len(found) <= _KEPT:
                self._bumps[key] = found
        return found

    def image(self, values: Singles) -> Singles:
        """Picture of texel values, shape (size, size[, K]); gaps repeat the nearest texel."""
        return np.asarray(
            values.take(self.fill, axis=0).reshape(self.size, self.size, *values.shape[1:])
        )


@functools.lru_cache(maxsize=2)
def canvas(size: int) -> Canvas:
    """The canvas of a texture of `size` texels along its edge."""
    skin = skin_mesh()
    masks = zone_masks()
    texels = rasterise(skin.mesh.faces, skin.mesh.uv, size)
    position = texels.sample(skin.canonical)
    fill = texels.fill()
    steps = texel_steps(position.take(fill, axis=0).reshape(size, size, 3))
    across, along = (step.ravel()[texels.rows * size + texels.cols] for step in steps)
    face = blob(position, (0, -20, -20), (50, 40, 60)) > 0.5
    return Canvas(
        texels=texels,
        position=np.asfortranarray(position, dtype=np.float32),
        lips=texels.sample(masks["lips"]).astype(np.float32),
        ears=texels.sample(masks["ears"]).astype(np.float32),
        inside=texels.sample(masks["inside"]).astype(np.float32),
        lid_rim=_rim_distance(position).astype(np.float32),
        texel=float(np.median(np.sqrt(across[face] * along[face]))),
        fill=fill,
        steps=steps,
    )


def blob(p: Floats | Singles, centre: Triple, radius: Triple) -> Singles:
    """Gaussian bump, mirrored at the middle plane; centre and radii in millimetres."""
    total = np.zeros(len(p), dtype=np.float32)
    for axis in range(3):
        along = np.abs(p[:, axis]) if axis == 0 else p[:, axis]
        q = (along.astype(np.float32) * 1000 - centre[axis]) / radius[axis]
        q *= q
        total -= q
    return np.asarray(np.exp(np.maximum(total, -60, out=total), out=total))


def _rim_distance(position: Floats) -> Floats:
    rim = []
    p = canonical_positions()
    for loop in lid_loops().values():
        ring = p[loop]
        steps = np.linspace(0, 1, 12, endpoint=False)[:, None, None]
        rim.append((ring * (1 - steps) + np.roll(ring, -1, axis=0) * steps).reshape(-1, 3))
    distance: Floats = cKDTree(np.concatenate(rim)).query(position)[0]
    return distance


def shrink(picture: Singles, times: int) -> Singles:
    """A picture made smaller by averaging."""
    size = (picture.shape[1] // times, picture.shape[0] // times)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
