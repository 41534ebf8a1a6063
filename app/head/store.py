"""Head assets on disk: one folder each, written by the Blender worker, read without Blender.

``asset.json`` holds words and single numbers, ``arrays.npz`` (not compressed) everything long.
Textures and ``head.blend`` lie beside them.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from app.files import aside, write_bytes
from app.head.asset import BoneRoles, HeadAsset, Material, Mesh, Shape, Skeleton, Source, ZeroPose

JSON: Final = "asset.json"
ARRAYS: Final = "arrays.npz"
BLEND: Final = "head.blend"
FORMAT: Final = 1
MESH_ARRAYS: Final = (
    "vertices",
    "triangles",
    "uvs",
    "normals",
    "materials",
    "bones",
    "weights",
)

Arrays = dict[str, np.ndarray[Any, Any]]


class DamagedAssetError(Exception):
    """A folder that does not hold a whole head asset; reading the FBX again makes a new one."""


@dataclass(frozen=True)
class _Words:
    """What ``asset.json`` holds."""

    format: int
    name: str
    key: str
    mesh_names: tuple[str, ...]
    shape_names: tuple[tuple[str, ...], ...]
    bone_names: tuple[str, ...]
    materials: tuple[Material, ...]
    roles: BoneRoles
    zero_rotation: tuple[tuple[float, float, float], ...]
    zero_residual: float
    zero_method: str
    head_centre: tuple[float, float, float]
    head_height: float
    source: Source
    warnings: tuple[str, ...]
    files: dict[str, int]
    """Size in bytes of each file beside this one."""


def save(asset: HeadAsset) -> None:
    """Write ``asset.json`` and ``arrays.npz`` into the asset's folder.

    Raises
    ------
    OSError
        When the folder cannot be written.
    """
    folder = asset.folder
    with aside(folder / ARRAYS) as temporary:
        np.savez(temporary, **_pack(asset))
    files = {p.name: p.stat().st_size for p in sorted(folder.iterdir()) if p.name != JSON}
    rotation = tuple((float(a), float(b), float(c)) for a, b, c in asset.zero.rotation)
    x, y, z = (float(v) for v in asset.head_centre)
    words = _Words(
        FORMAT,
        asset.name,
        asset.key,
        tuple(m.name for m in asset.meshes),
        tuple(tuple(s.name for s in m.shapes) for m in asset.meshes),
        asset.skeleton.names,
        asset.materials,
        asset.roles,
        rotation,
        asset.zero.residual,
        asset.zero.method,
        (x, y, z),
        asset.head_height,
        asset.source,
        asset.warnings,
        files,
    )
    write_bytes(folder / JSON, msgspec.json.format(msgspec.json.encode(words), indent=1))


def load(folder: Path, *, meshes: bool = True) -> HeadAsset:
    """Read a head asset; without ``meshes`` only its skeleton, roles and materials.

    Raises
    ------
    DamagedAssetError
        When something is missing, cut off or does not fit together.
    """
    try:
        words = msgspec.json.decode((folder / JSON).read_bytes(), type=_Words)
        if words.format != FORMAT:
            raise DamagedAssetError(f"{folder} was written by another version")
        for name, size in words.files.items():
            if (folder / name).stat().st_size != size:
                raise DamagedAssetError(f"{folder / name} does not have its size")
        with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
            skeleton = Skeleton(
                words.bone_names,
                arrays["bone_parents"],
                arrays["bone_matrices"],
                arrays["bone_tails"],
            )
            found = _unpack(words, arrays) if meshes else ()
    except (
        OSError,
        KeyError,
        ValueError,
        EOFError,
        zipfile.BadZipFile,
        msgspec.DecodeError,
    ) as problem:
        raise DamagedAssetError(f"{folder}: {problem}") from problem
    asset = HeadAsset(
        words.name,
        words.key,
        folder,
        found,
        words.materials,
        skeleton,
        words.roles,
        ZeroPose(np.array(words.zero_rotation), words.zero_residual, words.zero_method),
        np.array(words.head_centre),
        words.head_height,
        words.source,
        words.warnings,
    )
    _check(asset)
    return asset


def _pack(asset: HeadAsset) -> Arrays:
    arrays: Arrays = {
        "bone_parents": np.asarray(asset.skeleton.parents, np.int32),
        "bone_matrices": np.asarray(asset.skeleton.matrices, np.float64),
        "bone_tails": np.asarray(asset.skeleton.tails, np.float64),
    }
    for i, mesh in enumerate(asset.meshes):
        for name in MESH_ARRAYS:
            arrays[f"{i}.{name}"] = getattr(mesh, name)
        shapes = mesh.shapes
        arrays[f"{i}.shape_ends"] = np.cumsum([len(s.indices) for s in shapes], dtype=np.int64)
        if shapes:
            arrays[f"{i}.shape_indices"] = np.concatenate([s.indices for s in shapes])
            arrays[f"{i}.shape_deltas"] = np.concatenate([s.deltas for s in shapes])
    return arrays


def _unpack(words: _Words, arrays: Any) -> tuple[Mesh, ...]:
    return tuple(
        Mesh(
            name=name,
            shapes=_unpack_shapes(words.shape_names[i], i, arrays),
            **{part: arrays[f"{i}.{part}"] for part in MESH_ARRAYS},
        )
        for i, name in enumerate(words.mesh_names)
    )


def _unpack_shapes(names: tuple[str, ...], mesh: int, arrays: Any) -> tuple[Shape, ...]:
    if not names:
        return ()
    ends = arrays[f"{mesh}.shape_ends"]
    indices = np.split(arrays[f"{mesh}.shape_indices"], ends[:-1])
    deltas = np.split(arrays[f"{mesh}.shape_deltas"], ends[:-1])
    return tuple(Shape(*shape) for shape in zip(names, indices, deltas, strict=True))


def _check(asset: HeadAsset) -> None:
    """Refuse arrays that do not fit each other."""
    bones = len(asset.skeleton.names)
    sound = asset.skeleton.matrices.shape == (bones, 4, 4) and set(asset.roles.chain) <= set(
        asset.skeleton.names
    )
    for mesh in asset.meshes:
        vertices, triangles = len(mesh.vertices), len(mesh.triangles)
        sound = (
            sound
            and mesh.uvs.shape == (triangles, 3, 2)
            and mesh.normals.shape == (triangles, 3, 3)
            and mesh.materials.shape == (triangles,)
            and mesh.weights.shape == mesh.bones.shape
            and len(mesh.weights) == vertices
            and (triangles == 0 or int(mesh.triangles.max()) < vertices)
            and (vertices == 0 or int(mesh.bones.max()) < bones)
            and all(s.indices.size == 0 or int(s.indices.max()) < vertices for s in mesh.shapes)
        )
    if not sound:
        raise DamagedAssetError(f"{asset.folder}: its arrays do not fit together")
