"""Depth, normals and segmentation: one exact sample at the centre of each pixel.

Whatever engine makes the picture, these come from Cycles without light: one sample through a box
filter a hundredth of a pixel wide, so that nothing is averaged across an edge. A surface counts
where its alpha is at least one half; a cornea, which hides nothing, counts nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from app.blender.ops.engines import render_picture, use_engine
from app.blender.ops.materials import hide_clear
from app.blender.ops.pictures import Floats, read_passes, write_exr, write_indexed_png
from app.blender.report import Report
from app.files import aside
from app.head.asset import Material
from app.head.roles import segment
from app.scene.segments import SEGMENTS

DEPTH_WORDS: Final = {
    "headroom:quantity": "depth",
    "headroom:unit": "metre",
    "headroom:frame": "planar, along the camera's -Z; +inf where nothing is",
}
NORMAL_WORDS: Final = {
    "headroom:quantity": "shading normals",
    "headroom:frame": "camera: x right, y up, z towards the camera; 0 0 0 where nothing is",
}

_BEYOND: Final = 1e9
"""Cycles writes 1e10 where a ray meets nothing."""


ROOM: Final = 100
"""Number of the materials of a room, whose segment is the background."""


def number_materials(bpy: Any, materials: Sequence[Material]) -> None:
    """Give each material the number of its segment; those of no known role are ``other``."""
    roles = {m.name: m.role for m in materials}
    for material in bpy.data.materials:
        material.pass_index = SEGMENTS.index(segment(roles.get(material.name, "other")))


def render_ground_truth(
    bpy: Any, report: Report, output: Path, passes: Sequence[str]
) -> dict[str, Path]:
    """Render and write the passes asked for into the folder ``output``.

    Returns
    -------
    dict of str to Path
        ``depth`` (float32 EXR, metres), ``normals`` (float32 EXR) and ``segmentation`` (indexed
        PNG), as far as asked for.
    """
    channels = trace(bpy, report, output, normals="normals" in passes)
    depth, segments = depth_and_segments(channels)
    files: dict[str, Path] = {}
    if "depth" in passes:
        files["depth"] = output / "depth.exr"
        with aside(files["depth"]) as temporary:
            write_exr(bpy, temporary, depth, "Y", DEPTH_WORDS)
    if "normals" in passes:
        files["normals"] = output / "normals.exr"
        with aside(files["normals"]) as temporary:
            write_exr(bpy, temporary, _normals(bpy, channels, depth), "RGB", NORMAL_WORDS)
    if "segmentation" in passes:
        files["segmentation"] = output / "segmentation.png"
        with aside(files["segmentation"]) as temporary:
            write_indexed_png(temporary, segments)
    return files


def trace(bpy: Any, report: Report, output: Path, *, normals: bool) -> dict[str, Floats]:
    """Channels of the exact passes, shape (H, W) each, as Cycles names them."""
    _set_exact(bpy, normals)
    scene = bpy.context.scene
    with aside(output / "passes.exr") as raw:
        scene.render.filepath = str(raw)
        render_picture(bpy, report, write_still=True)
        channels = read_passes(bpy, raw)
    (output / "passes.exr").unlink(missing_ok=True)
    return channels


def depth_and_segments(channels: dict[str, Floats]) -> tuple[Floats, Any]:
    """Metres, +inf where nothing is, and the index into `SEGMENTS`, both of shape (H, W)."""
    depth = channels["Depth.Z"]
    nothing = depth > _BEYOND
    depth[nothing] = np.inf
    numbers = np.rint(channels["Material Index.X"]).astype(np.uint8)
    segments = np.where(numbers == 0, np.uint8(SEGMENTS.index("other")), numbers)
    segments[nothing | (numbers == ROOM)] = SEGMENTS.index("background")
    return depth, segments


def _normals(bpy: Any, channels: dict[str, Floats], depth: Floats) -> Floats:
    world = np.stack([channels[f"Normal.{axis}"] for axis in "XYZ"], axis=-1)
    turn = np.array(bpy.context.scene.camera.matrix_world)[:3, :3].astype(np.float32)
    normals = world @ turn
    normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-12)
    normals[np.isinf(depth)] = 0.0
    return np.asarray(normals)


def _set_exact(bpy: Any, normals: bool) -> None:
    scene, layer = bpy.context.scene, bpy.context.view_layer
    render, cycles, file = scene.render, scene.cycles, scene.render.image_settings
    use_engine(bpy, "CYCLES")
    render.resolution_percentage = 100
    layer.use_pass_z = layer.use_pass_material_index = True
    layer.use_pass_normal = normals
    hide_clear(bpy, True)
    layer.pass_alpha_threshold = 0.5
    cycles.samples = 1
    cycles.use_denoising = False
    cycles.pixel_filter_type, cycles.filter_width = "BOX", 0.01
    cycles.max_bounces = 0
    file.media_type = "MULTI_LAYER_IMAGE"
    file.file_format = "OPEN_EXR_MULTILAYER"
    file.color_depth = "32"
    file.exr_codec = "NONE"
    file.use_exr_interleave = True


def without_passes(bpy: Any) -> None:
    """Leave only the colour, for the pictures that follow."""
    layer = bpy.context.view_layer
    layer.use_pass_z = layer.use_pass_normal = layer.use_pass_material_index = False
    hide_clear(bpy, False)
