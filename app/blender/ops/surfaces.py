"""Materials and textures of an imported file, gathered into the asset's folder."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from app.blender.errors import OpError
from app.head.asset import Material
from app.head.roles import guess_role
from app.head.textures import TextureFinder

PIXEL_BOUND: Final = 2048
LARGEST_SIDE: Final = 16384
FILE_BOUND: Final = 256 * 2**20
AS_THEY_ARE: Final = {".png": b"\x89PNG\r\n\x1a\n", ".jpg": b"\xff\xd8\xff"}
"""Pictures that are copied unchanged when they are small enough: ending and first bytes."""

BARE: Final[dict[str, tuple[float, float, float]]] = {
    "skin": (0.57, 0.33, 0.24),
    "sclera": (0.82, 0.79, 0.76),
    "iris": (0.10, 0.06, 0.035),
    "hair": (0.045, 0.03, 0.022),
    "brows": (0.045, 0.03, 0.022),
    "lashes": (0.015, 0.012, 0.01),
    "teeth": (0.78, 0.74, 0.66),
    "tongue": (0.45, 0.14, 0.13),
    "cloth": (0.17, 0.19, 0.24),
}
"""Linear colours of materials whose colour picture is missing."""


@dataclass(eq=False)
class Surfaces:
    """Collects materials; each texture is written once.

    Attributes
    ----------
    folder : Path
        The asset's folder.
    finder : TextureFinder
    missing : list of str
        File names of textures that are not there.
    """

    bpy: Any
    folder: Path
    finder: TextureFinder
    materials: list[Material] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _index: dict[str, int] = field(default_factory=dict)
    _written: dict[str, str | None] = field(default_factory=dict)

    def slots(self, obj: Any) -> list[int]:
        """Index into `materials` of each slot of a mesh object; an empty slot gets a plain one."""
        found = []
        if not obj.material_slots:
            obj.data.materials.append(None)
        for slot in obj.material_slots:
            if slot.material is None:
                slot.material = self.bpy.data.materials.new(f"{obj.name} surface")
            found.append(self._index_of(slot.material, obj.name))
        return found

    def _index_of(self, material: Any, mesh: str) -> int:
        if material.name not in self._index:
            self._index[material.name] = len(self.materials)
            self.materials.append(self._read(material, mesh))
        return self._index[material.name]

    def _read(self, material: Any, mesh: str) -> Material:
        role = guess_role(material.name, mesh)
        tree = material.node_tree
        shader = (
            next((n for n in tree.nodes if n.type == "BSDF_PRINCIPLED"), None) if tree else None
        )
        if shader is None:
            r, g, b, a = (float(c) for c in material.diffuse_color)
            return Material(material.name, role, (r, g, b), a)
        color_node = _picture_behind(shader, "Base Color")
        color = self._texture(color_node, False)
        alpha_node = _picture_behind(shader, "Alpha")
        alpha_texture = False
        if alpha_node is not None and color is not None:
            alpha_texture = self._join_alpha(color_node, alpha_node, color)
        normal_map = _node_behind(shader, "Normal", "NORMAL_MAP")
        normal = self._texture(_picture_behind(normal_map, "Color"), True)
        roughness = self._texture(_picture_behind(shader, "Roughness"), True)
        base = tuple(float(c) for c in shader.inputs["Base Color"].default_value[:3])
        if color_node is not None and color is None:
            base = BARE.get(role, (0.5, 0.5, 0.5))
            shader.inputs["Base Color"].default_value = (*base, 1.0)
        self._drop_missing(material)
        return Material(
            material.name,
            role,
            (base[0], base[1], base[2]),
            float(shader.inputs["Alpha"].default_value) if not alpha_texture else 1.0,
            float(shader.inputs["Metallic"].default_value),
            float(shader.inputs["Roughness"].default_value),
            color,
            alpha_texture,
            normal,
            float(normal_map.inputs["Strength"].default_value) if normal_map else 1.0,
            roughness,
        )

    def _texture(self, node: Any, data: bool) -> str | None:
        """Name in the folder of the picture of a texture node; None where it is missing."""
        image = getattr(node, "image", None)
        if image is None:
            return None
        if image.name not in self._written:
            self._written[image.name] = self._gather(image, data)
        return self._written[image.name]

    def _gather(self, image: Any, data: bool) -> str | None:
        number = sum(v is not None for v in self._written.values())
        name = re.split(r"[\\/]", image.filepath or image.name)[-1] or image.name
        slug = re.sub(r"[^A-Za-z0-9]+", "_", Path(name).stem).strip("_")[:40] or "texture"
        stem = f"{number:02d}_{slug}"
        if image.packed_file is not None:
            written = self._embedded(image, stem)
        else:
            found = self.finder.find(image.filepath)
            written = self._from_file(image, found, stem) if found else None
        if written is None:
            if name not in ("", ".") and name not in self.missing:
                self.missing.append(name)
            return None
        image.colorspace_settings.name = "Non-Color" if data else "sRGB"
        return written

    def _embedded(self, image: Any, stem: str) -> str | None:
        data = bytes(image.packed_file.data)
        for ending, magic in AS_THEY_ARE.items():
            if data.startswith(magic) and _small_enough(image):
                path = self.folder / f"{stem}{ending}"
                path.write_bytes(data)
                image.unpack(method="REMOVE")
                return self._point_to(image, path)
        return self._convert(image, stem)

    def _from_file(self, image: Any, found: Path, stem: str) -> str | None:
        if found.stat().st_size > FILE_BOUND:
            self.warnings.append(f"The texture {found.name} is too large and was not used.")
            return None
        image.filepath = str(found)
        image.reload()
        with found.open("rb") as file:
            start = file.read(8)
        for ending, magic in AS_THEY_ARE.items():
            if start.startswith(magic) and _small_enough(image):
                path = self.folder / f"{stem}{ending}"
                shutil.copyfile(found, path)
                return self._point_to(image, path)
        return self._convert(image, stem)

    def _convert(self, image: Any, stem: str) -> str | None:
        """Write a picture as PNG of at most 2048 pixels a side."""
        width, height = image.size
        if not 0 < width <= LARGEST_SIDE or not 0 < height <= LARGEST_SIDE:
            return None
        if not _small_enough(image):
            factor = PIXEL_BOUND / max(width, height)
            image.scale(max(1, round(width * factor)), max(1, round(height * factor)))
        path = self.folder / f"{stem}.png"
        image.file_format = "PNG"
        image.save(filepath=str(path))
        if image.packed_file is not None:
            image.unpack(method="REMOVE")
        return self._point_to(image, path)

    def _point_to(self, image: Any, path: Path) -> str:
        image.source = "FILE"
        image.filepath = str(path)
        image.reload()
        if not _small_enough(image) or not image.size[0]:
            raise OpError("corrupt", f"The texture {path.name} cannot be read.")
        return path.name

    def _join_alpha(self, color_node: Any, alpha_node: Any, color: str) -> bool:
        """Whether the colour picture now holds the opacity; one of its own is put into it."""
        image, alpha = color_node.image, alpha_node.image
        if alpha is None or alpha is image or _same_file(image, alpha):
            return bool(image.depth == 32)
        if self._texture(alpha_node, True) is None:
            return False
        width, height = image.size
        opacity = alpha.copy()
        opacity.scale(width, height)
        pixels = np.empty(width * height * 4, np.float32)
        opacity.pixels.foreach_get(pixels)
        values = pixels[0::4].copy() if pixels[3::4].min() > 0.999 else pixels[3::4].copy()
        image.pixels.foreach_get(pixels)
        pixels[3::4] = values
        joined = self.bpy.data.images.new(f"{image.name} with opacity", width, height, alpha=True)
        joined.pixels.foreach_set(pixels)
        path = (self.folder / color).with_suffix(".png")
        joined.file_format = "PNG"
        joined.filepath_raw = str(path)
        joined.save()
        self.bpy.data.images.remove(joined)
        self.bpy.data.images.remove(opacity)
        if path.name != color:
            (self.folder / color).unlink()
        self._written[image.name] = self._point_to(image, path)
        return True

    def _drop_missing(self, material: Any) -> None:
        """Take texture nodes without a picture out of the material, so that none shows pink."""
        tree = material.node_tree
        for node in [n for n in tree.nodes if n.type == "TEX_IMAGE"]:
            if node.image is None or self._written.get(node.image.name) is None:
                tree.nodes.remove(node)


def _small_enough(image: Any) -> bool:
    width, height = image.size
    return bool(0 < width <= PIXEL_BOUND and 0 < height <= PIXEL_BOUND)


def _same_file(a: Any, b: Any) -> bool:
    return bool(os.path.normcase(a.filepath) == os.path.normcase(b.filepath))


def _node_behind(node: Any, socket: str, kind: str) -> Any:
    """The node of a kind that feeds a socket, also through one node between."""
    if node is None or socket not in node.inputs:
        return None
    for link in node.inputs[socket].links:
        found = link.from_node
        if found.type == kind:
            return found
        for inner in found.inputs:
            for further in inner.links:
                if further.from_node.type == kind:
                    return further.from_node
    return None


def _picture_behind(node: Any, socket: str) -> Any:
    return _node_behind(node, socket, "TEX_IMAGE")
