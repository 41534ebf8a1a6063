"""A head as arrays: what every part of the project knows of an FBX file.

Frame: the project's world (right-handed, Z up, metres, facing −Y) in the rest pose of the
skeleton, with the origin at the head centre (midpoint of the eyeballs) as it lies at zero pose.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.geometry.rotations import Array

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Shape:
    """A blend shape of one mesh: displacements of the vertices that it moves.

    Attributes
    ----------
    name : str
    indices : ndarray, shape (M,), int32
    deltas : ndarray, shape (M, 3), float32, metres
        World axes, at rest.
    """

    name: str
    indices: Ints
    deltas: Floats


@dataclass(frozen=True, eq=False)
class Mesh:
    """One mesh object of the head.

    Attributes
    ----------
    vertices : ndarray, shape (V, 3), float32, metres
    triangles : ndarray, shape (T, 3), int32
    uvs : ndarray, shape (T, 3, 2), float32
        For each corner; (0, 0) is the lower left of the picture.
    normals : ndarray, shape (T, 3, 3), float32
        Unit normals of the corners at rest, as Blender shades them.
    materials : ndarray, shape (T,), int32
        Index into `HeadAsset.materials`.
    bones, weights : ndarrays, shape (V, K), int32 and float32
        Skin weights, padded with weight 0; each row sums to one.
    shapes : tuple of Shape
    """

    name: str
    vertices: Floats
    triangles: Ints
    uvs: Floats
    normals: Floats
    materials: Ints
    bones: Ints
    weights: Floats
    shapes: tuple[Shape, ...] = ()


@dataclass(frozen=True)
class Material:
    """Surface of some triangles, for physically based shading.

    Colours are linear RGB. Texture paths are relative to the asset's folder. ``role`` is one of
    skin, sclera, iris, cornea, lashes, brows, hair, teeth, tongue, cloth, accessory, lens,
    other.
    """

    name: str
    role: str = "other"
    color: tuple[float, float, float] = (0.8, 0.8, 0.8)
    alpha: float = 1.0
    metallic: float = 0.0
    roughness: float = 0.5
    color_texture: str | None = None
    alpha_texture: bool = False
    normal_texture: str | None = None
    normal_strength: float = 1.0
    roughness_texture: str | None = None


@dataclass(frozen=True, eq=False)
class Skeleton:
    """Bones in the rest pose.

    Attributes
    ----------
    names : tuple of str
        Parents stand before their children.
    parents : ndarray, shape (B,), int32
        −1 for a root.
    matrices : ndarray, shape (B, 4, 4), float64
        Bone to world; the origin of a bone is its joint.
    tails : ndarray, shape (B, 3), float64, metres
    """

    names: tuple[str, ...]
    parents: Ints
    matrices: Array
    tails: Array

    def index(self, name: str) -> int:
        return self.names.index(name)


@dataclass(frozen=True)
class BoneRoles:
    """Which bones turn the head, and why they were chosen.

    ``chain`` holds the neck bones from the lowest up, then the head bone; a head without a neck
    bone has a chain of one. ``reasons`` maps role (neck, head, eye_left, …) to one sentence.
    """

    chain: tuple[str, ...]
    eye_left: str | None = None
    eye_right: str | None = None
    jaw: str | None = None
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def head(self) -> str:
        return self.chain[-1]

    @property
    def neck(self) -> str | None:
        return self.chain[0] if len(self.chain) > 1 else None


@dataclass(frozen=True, eq=False)
class ZeroPose:
    """The rotation that brings the head from the file's rest pose to zero pose.

    Attributes
    ----------
    rotation : ndarray, shape (3, 3)
        World rotation applied at the first bone of the chain.
    residual : float
        Degrees that the head centre still read in Blender after it.
    method : str
        What the facing was taken from, one sentence.
    """

    rotation: Array
    residual: float
    method: str


@dataclass(frozen=True)
class Source:
    """Where the head came from and how it was brought into the project's world."""

    path: str
    sha256: str
    fbx_version: int
    creator: str
    scale: float
    facing_turn: float
    """Degrees about Z that brought the file's facing to −Y."""


@dataclass(frozen=True, eq=False)
class HeadAsset:
    """Mesh, skeleton, skin weights, shapes and materials of one head.

    Attributes
    ----------
    key : str
        Names the cache folder: hash of the file's bytes, its correction and the reader's version.
    folder : Path
        Holds the textures and ``head.blend``, the same head ready for the Blender worker.
    head_centre : ndarray, shape (3,), metres
        In the rest pose (at zero pose it is the origin).
    head_height : float
        Metres from the lowest to the highest vertex that hangs on the head bone.
    """

    name: str
    key: str
    folder: Path
    meshes: tuple[Mesh, ...]
    materials: tuple[Material, ...]
    skeleton: Skeleton
    roles: BoneRoles
    zero: ZeroPose
    head_centre: Array
    head_height: float
    source: Source
    warnings: tuple[str, ...] = ()

    @property
    def shape_names(self) -> tuple[str, ...]:
        """Names of all shapes of all meshes, in order of first appearance."""
        return tuple(dict.fromkeys(s.name for m in self.meshes for s in m.shapes))

    @property
    def vertex_count(self) -> int:
        return sum(len(m.vertices) for m in self.meshes)

    @property
    def triangle_count(self) -> int:
        return sum(len(m.triangles) for m in self.meshes)
