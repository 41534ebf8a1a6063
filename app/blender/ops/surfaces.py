"""Materials and textures of an imported file, gathered into the asset's folder."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from app.head.asset import Floats, Material
from app.head.roles import guess_role
from app.head.textures import TextureFinder

PIXEL_BOUND: Final = 2048
LARGEST_SIDE: Final = 16384
FILE_BOUND: Final = 256 * 2**20
OPAQUE: Final = 0.999
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
    _count: int = 0

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
            color, alpha_texture = self._join_alpha(color_node, alpha_node, color)
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
        """Write a picture into the folder and let its users show the written one."""
        name = re.split(r"[\\/]", image.filepath or image.name)[-1] or image.name
        slug = re.sub(r"[^A-Za-z0-9]+", "_", Path(name).stem).strip("_")[:40] or "texture"
        self._count += 1
        stem = self.folder / f"{self._count:02d}_{slug}"
        path = self._embedded(image, stem) if image.packed_file else self._beside(image, stem)
        if path is None:
            stated = name if name not in ("", ".") else "one without a name"
            if stated not in self.missing:
                self.missing.append(stated)
            return None
        written = self.bpy.data.images.load(str(path))
        written.colorspace_settings.name = "Non-Color" if data else "sRGB"
        image.user_remap(written)
        self._written[written.name] = path.name
        return path.name

    def _embedded(self, image: Any, stem: Path) -> Path | None:
        content = bytes(image.packed_file.data)
        for ending, magic in AS_THEY_ARE.items():
            if content.startswith(magic) and _small_enough(image):
                path = stem.with_suffix(ending)
                path.write_bytes(content)
                return path
        return _convert(image, stem.with_suffix(".png"))

    def _beside(self, image: Any, stem: Path) -> Path | None:
        found = self.finder.find(image.filepath)
        if found is None:
            return None
        if found.stat().st_size > FILE_BOUND:
            self.warnings.append(f"The texture {found.name} is too large and was not used.")
            return None
        loaded = self.bpy.data.images.load(str(found))
        try:
            with found.open("rb") as file:
                start = file.read(8)
            for ending, magic in AS_THEY_ARE.items():
                if start.startswith(magic) and _small_enough(loaded):
                    return Path(shutil.copyfile(found, stem.with_suffix(ending)))
            return _convert(loaded, stem.with_suffix(".png"))
        finally:
            self.bpy.data.images.remove(loaded)

    def _join_alpha(self, color_node: Any, alpha_node: Any, color: str) -> tuple[str, bool]:
        """The colour picture, and whether it holds the opacity: one of its own is put into it."""
        image, alpha = color_node.image, alpha_node.image
        if alpha is None or alpha.name == image.name:
            return color, bool(_pixels(image)[3::4].min() < OPAQUE)
        if self._texture(alpha_node, True) is None:
            return color, False
        pixels = _pixels(image)
        opacity = _pixels(alpha_node.image, tuple(image.size))
        own = opacity[3::4] if opacity[3::4].min() < OPAQUE else opacity[0::4]
        pixels[3::4] = own
        path = (self.folder / color).with_suffix(".png")
        joined = self.bpy.data.images.new(path.stem, *image.size, alpha=True)
        joined.pixels.foreach_set(pixels)
        joined.file_format, joined.filepath_raw = "PNG", str(path)
        joined.save()
        joined.source = "FILE"
        image.user_remap(joined)
        self._written[joined.name] = path.name
        if path.name != color:
            (self.folder / color).unlink()
        return path.name, True

    def _drop_missing(self, material: Any) -> None:
        """Take texture nodes without a picture out of the material, so that none shows pink."""
        tree = material.node_tree
        for node in [n for n in tree.nodes if n.type == "TEX_IMAGE"]:
            if node.image is None or self._written.get(node.image.name) is None:
                tree.nodes.remove(node)


def _small_enough(image: Any) -> bool:
    width, height = image.size
    return bool(0 < width <= PIXEL_BOUND and 0 < height <= PIXEL_BOUND)


def _convert(image: Any, path: Path) -> Path | None:
    """Write a picture as PNG of at most 2048 pixels a side; None when it holds none."""
    width, height = image.size
    if not 0 < width <= LARGEST_SIDE or not 0 < height <= LARGEST_SIDE:
        return None
    if not _small_enough(image):
        factor = PIXEL_BOUND / max(width, height)
        image.scale(max(1, round(width * factor)), max(1, round(height * factor)))
    image.file_format = "PNG"
    image.save(filepath=str(path))
    return path


def _pixels(image: Any, size: tuple[int, int] | None = None) -> Floats:
    """RGBA of a picture, flat, brought to a size."""
    copy = image.copy()
    if size is not None:
        copy.scale(*size)
    flat = np.empty(copy.size[0] * copy.size[1] * 4, np.float32)
    copy.pixels.foreach_get(flat)
    copy.user_clear()
    return flat


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
