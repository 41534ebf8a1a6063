"""The head that landmarks of foreign heads are brought over from, kept small beside the topologies.

It is a shipped head without what registration has no need of, so that neither Blender nor the
body model is asked for.
"""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.files import write_bytes
from app.head.asset import BoneRoles, HeadAsset, Mesh, Skeleton, Source, ZeroPose
from app.head.library import BUILTIN, resolve
from app.topology.store import FOLDER

NAME: Final = "ada"
FILE: Final = FOLDER / "default-head.npz"
MESHES: Final = ("Eyes", "Head", "Teeth", "Tongue")
_DECIMALS: Final = 7


@dataclass(frozen=True)
class _Words:
    meshes: tuple[str, ...]
    bones: tuple[str, ...]
    roles: BoneRoles
    zero_method: str
    head_height: float


@functools.cache
def default_head() -> HeadAsset:
    """Skin, eyes and mouth of the shipped head `NAME`, with its skeleton.

    Raises
    ------
    OSError, ValueError
        When the file is missing or damaged.
    """
    with np.load(FILE, allow_pickle=False) as arrays:
        words = msgspec.json.decode(arrays["words"].tobytes(), type=_Words)
        meshes = tuple(
            _mesh(name, arrays[f"{name}.vertices"], arrays[f"{name}.triangles"])
            for name in words.meshes
        )
        skeleton = Skeleton(
            words.bones, arrays["bone_parents"], arrays["bone_matrices"], arrays["bone_tails"]
        )
        zero = ZeroPose(arrays["zero_rotation"], 0.0, words.zero_method)
        centre = arrays["head_centre"]
    path = resolve(BUILTIN + NAME)
    source = Source(str(path), "", 0, "", 1.0, 0.0)
    return HeadAsset(
        NAME,
        f"default-{NAME}",
        path.parent,
        meshes,
        (),
        skeleton,
        words.roles,
        zero,
        centre,
        words.head_height,
        source,
    )


def save(asset: HeadAsset, path: Path = FILE) -> None:
    """Keep the shipped head `NAME` as the default head; the same head gives the same bytes.

    Raises
    ------
    OSError
        When the folder cannot be written.
    """
    kept = [mesh for mesh in asset.meshes if mesh.name in MESHES]
    skeleton = asset.skeleton
    words = _Words(
        tuple(mesh.name for mesh in kept),
        skeleton.names,
        asset.roles,
        asset.zero.method,
        asset.head_height,
    )
    arrays: dict[str, NDArray[Any]] = {
        "words": np.frombuffer(msgspec.json.encode(words), dtype=np.uint8),
        "bone_parents": skeleton.parents,
        "bone_matrices": skeleton.matrices,
        "bone_tails": skeleton.tails,
        "zero_rotation": asset.zero.rotation,
        "head_centre": asset.head_centre,
    }
    for mesh in kept:
        arrays[f"{mesh.name}.vertices"] = np.round(mesh.vertices, _DECIMALS)
        arrays[f"{mesh.name}.triangles"] = mesh.triangles
    data = io.BytesIO()
    np.savez_compressed(data, **arrays)
    write_bytes(path, data.getvalue())


def _mesh(name: str, vertices: NDArray[Any], triangles: NDArray[Any]) -> Mesh:
    """Everything hangs on one bone and has neither texture nor shading."""
    count = len(triangles)
    return Mesh(
        name,
        vertices,
        triangles,
        np.zeros((count, 3, 2), np.float32),
        np.zeros((count, 3, 3), np.float32),
        np.zeros(count, np.int32),
        np.zeros((len(vertices), 1), np.int32),
        np.ones((len(vertices), 1), np.float32),
    )
