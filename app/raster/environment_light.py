"""Light from all around, made cheap: spherical harmonics and a few blurred pictures.

The diffuse part is nine spherical harmonics (Ramamoorthi and Hanrahan 2001, "An Efficient
Representation for Irradiance Environment Maps"). The glossy part is the picture blurred by the
GGX lobe at a few roughnesses (Karis 2013, "Real Shading in Unreal Engine 4", with the viewer on
the normal), at a size at which that takes a fraction of a second on a processor.

Equirectangular pictures lie as Cycles reads them: row 0 is the zenith, and a direction d is at
``u = 0.5 − atan2(d.y, d.x) / 2π``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.scene.environments import EnvironmentFault, picture_file
from app.scene.scene import Environment

Floats = NDArray[np.float32]

LEVELS: Final = (0.0, 0.25, 0.45, 0.7, 1.0)
"""Roughness of each blurred picture."""
SIDE: Final = 64
CONSTANTS: Final = (0.282095, *[0.488603] * 3, *[1.092548] * 2, 0.315392, 1.092548, 0.546274)
"""Of the nine harmonics, in the order of `basis`."""
SKY_WIDTH, SKY_HEIGHT = 1024, 512
_SHARP, _COARSE = (128, 64), (64, 32)


@dataclass(frozen=True, eq=False)
class EnvironmentLight:
    """What the shader needs of an environment, at strength 1 and rotation 0.

    Attributes
    ----------
    harmonics : ndarray, shape (9, 3), float32
        Radiance that a white diffuse surface returns, by its normal.
    glossy : ndarray, shape (len(LEVELS), SIDE, SIDE, 3), float32
        Blurred pictures by roughness, folded out as an octahedron (`octahedron`).
    sky : ndarray, shape (h, w, 3), float32
        The picture itself, for the background.
    """

    harmonics: Floats
    glossy: Floats
    sky: Floats

    def columns(self) -> Floats:
        """Harmonics times the constants of their polynomials, in three matrices of columns.

        Shape (3, 4, 4): column k of matrix m is that of harmonic 4 m + k, then zeros.
        """
        packed = np.zeros((12, 4), np.float32)
        packed[:9, :3] = self.harmonics * np.array(CONSTANTS, np.float32)[:, None]
        return packed.reshape(3, 4, 4)


def environment_light(environment: Environment) -> tuple[EnvironmentLight, str | None]:
    """The light of an environment, and one line where its picture could not be read."""
    if environment.picture is None:
        return _light(environment.color), None
    picture, complaint = _read(environment.picture)
    if picture is None:
        picture = _light(environment.color)
    return picture, complaint


def directions(width: int, height: int) -> Floats:
    """Unit direction of each pixel of an equirectangular picture, shape (height, width, 3)."""
    turn = (0.5 - (np.arange(width) + 0.5) / width) * 2.0 * np.pi
    lift = (0.5 - (np.arange(height) + 0.5) / height) * np.pi
    turn, lift = np.meshgrid(turn, lift)
    ring = np.cos(lift)
    around = [ring * np.cos(turn), ring * np.sin(turn), np.sin(lift)]
    return np.asarray(np.stack(around, axis=-1), np.float32)


def basis(normals: Floats) -> Floats:
    """The first nine real spherical harmonics at unit vectors (..., 3), shape (..., 9)."""
    x, y, z = normals[..., 0], normals[..., 1], normals[..., 2]
    polynomials = [
        np.ones_like(x),
        y,
        z,
        x,
        x * y,
        y * z,
        3.0 * z * z - 1.0,
        x * z,
        x * x - y * y,
    ]
    return np.asarray(np.stack(polynomials, axis=-1) * np.array(CONSTANTS, np.float32))


def harmonics(picture: Floats) -> Floats:
    """Diffuse light of a picture, shape (9, 3): its irradiance divided by π."""
    height, width = picture.shape[:2]
    around = directions(width, height)
    solid = _solid_angles(width, height)
    moments = np.einsum("hwk,hwc,h->kc", basis(around), picture, solid, optimize=True)
    cosine = np.array([1.0] + [2.0 / 3.0] * 3 + [0.25] * 5)
    return np.asarray(moments * cosine[:, None], np.float32)


def octahedron() -> Floats:
    """Unit direction of each pixel of a blurred picture, shape (SIDE, SIDE, 3).

    Cigolle et al. 2014, "A Survey of Efficient Representations for Independent Unit Vectors":
    the upper half of the sphere is the inner square, the lower half is folded over its corners.
    No trigonometry is needed to read it.
    """
    at = (np.arange(SIDE) + 0.5) / SIDE * 2.0 - 1.0
    x, y = np.meshgrid(at, at)
    z = 1.0 - np.abs(x) - np.abs(y)
    fold = np.maximum(-z, 0.0)
    x, y = x - np.copysign(fold, x), y - np.copysign(fold, y)
    vectors = np.stack([x, y, z], axis=-1)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)


def octahedron_coordinates(directions: Floats) -> Floats:
    """Where a unit direction (..., 3) lies in an octahedron picture, (..., 2) in [0, 1]."""
    d = directions / np.abs(directions).sum(-1, keepdims=True)
    folded = (1.0 - np.abs(d[..., 1::-1])) * np.copysign(1.0, d[..., :2])
    return np.asarray(np.where(d[..., 2:] >= 0.0, d[..., :2], folded) * 0.5 + 0.5)


def blurred(picture: Floats, roughness: float, towards: Floats) -> Floats:
    """What a surface of this roughness mirrors from directions (..., 3) of a picture."""
    height, width = picture.shape[:2]
    around = directions(width, height).reshape(-1, 3)
    solid = np.repeat(_solid_angles(width, height), width)[:, None]
    light = np.hstack([picture.reshape(-1, 3) * solid, solid])
    alpha2 = max(roughness, 0.05) ** 4
    wanted = towards.reshape(-1, 3)
    out = np.empty_like(wanted)
    for first in range(0, len(wanted), 256):
        cosine = np.clip(wanted[first : first + 256] @ around.T, -1.0, 1.0)
        lobe = np.maximum(cosine, 0.0) / ((1.0 + cosine) / 2.0 * (alpha2 - 1.0) + 1.0) ** 2
        gathered = lobe @ light
        out[first : first + 256] = gathered[:, :3] / np.maximum(gathered[:, 3:], 1e-12)
    return out.reshape(towards.shape)


def _solid_angles(width: int, height: int) -> Floats:
    """Of one pixel of each row, steradians, shape (height,)."""
    edges = np.cos(np.arange(height + 1) / height * np.pi)
    return np.asarray((edges[:-1] - edges[1:]) * 2.0 * np.pi / width, np.float32)


@lru_cache(maxsize=12)
def _read(name: str) -> tuple[EnvironmentLight | None, str | None]:
    try:
        path = picture_file(name)
    except EnvironmentFault as fault:
        return None, str(fault)
    os.environ.setdefault("OPENCV_IO_ENABLE_OPENEXR", "1")
    import cv2

    try:
        picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        picture = None
    if picture is None or picture.ndim != 3 or picture.shape[2] < 3:
        return (
            None,
            f"{path.name} could not be read; the environment's plain colour lights instead.",
        )
    linear = picture[..., 2::-1].astype(np.float32)
    linear = np.nan_to_num(np.clip(linear, 0.0, 65000.0))
    wide = min(SKY_WIDTH, linear.shape[1])
    sky = cv2.resize(linear, (wide, wide // 2), interpolation=cv2.INTER_AREA)
    sharp = cv2.resize(linear, _SHARP, interpolation=cv2.INTER_AREA)
    coarse = cv2.resize(sharp, _COARSE, interpolation=cv2.INTER_AREA)
    towards = octahedron()
    levels = [_mirrored(sharp, towards)]
    levels += [blurred(coarse, roughness, towards) for roughness in LEVELS[1:]]
    return EnvironmentLight(harmonics(coarse), np.stack(levels), sky), None


def _mirrored(picture: Floats, towards: Floats) -> Floats:
    height, width = picture.shape[:2]
    u = (0.5 - np.arctan2(towards[..., 1], towards[..., 0]) / (2.0 * np.pi)) * width
    v = np.arccos(np.clip(towards[..., 2], -1.0, 1.0)) / np.pi * height
    return np.asarray(picture[np.minimum(v.astype(int), height - 1), u.astype(int) % width])


@lru_cache(maxsize=4)
def _light(color: tuple[float, float, float]) -> EnvironmentLight:
    plain = np.empty((2, 4, 3), np.float32)
    plain[:] = color
    levels = np.empty((len(LEVELS), SIDE, SIDE, 3), np.float32)
    levels[:] = color
    return EnvironmentLight(harmonics(np.tile(plain, (8, 8, 1))), levels, plain)
