"""Depth, normals and masks of a sphere before a slanted plane.

Run by test_render with ``bpy`` among its globals. Compared with the ray casting of school geometry
at the centre of every pixel; prints the deviations as JSON. Argument: an empty folder.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from app.blender.ops.engines import set_engine
from app.blender.ops.ground_truth import number_materials, render_ground_truth
from app.blender.ops.stage import build
from app.blender.render import load_depth, load_normals, load_segmentation
from app.blender.report import Report
from app.geometry.rotations import rotation_x, rotation_z
from app.head.asset import Material
from app.scene.placement import pinhole
from app.scene.scene import Camera, HeadFile, Scene

bpy: Any = globals()["bpy"]

RADIUS, CENTRE = 0.09, np.array([0.02, 0.01, -0.015])
PLANE_POINT = np.array([0.0, 0.25, 0.0])
PLANE_NORMAL = rotation_z(25.0) @ rotation_x(-15.0) @ np.array([0.0, -1.0, 0.0])
CAMERA = Camera(distance=0.4, azimuth=20.0, elevation=12.0, width=320, height=200)


def build_shapes() -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.mesh.primitive_uv_sphere_add(
        segments=512, ring_count=256, radius=RADIUS, location=CENTRE
    )
    sphere = bpy.context.object
    bpy.ops.object.shade_smooth()
    bpy.ops.mesh.primitive_plane_add(size=0.5, location=PLANE_POINT)
    plane = bpy.context.object
    plane.rotation_euler = (np.radians(90.0 - 15.0), 0.0, np.radians(25.0))
    for obj, name in ((sphere, "Skin"), (plane, "Wall")):
        obj.data.materials.append(bpy.data.materials.new(name))


def cast() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Depth, normals in the camera's frame and hits on sphere (1), plane (2) or nothing (0)."""
    view = pinhole(CAMERA)
    x, y = np.meshgrid(np.arange(CAMERA.width), np.arange(CAMERA.height))
    k = view.intrinsics()
    rays = (
        np.stack(
            [(x - k[0, 2]) / k[0, 0], -(y - k[1, 2]) / k[1, 1], -np.ones_like(x, float)], axis=-1
        )
        @ view.matrix_world[:3, :3].T
    )
    origin = view.position
    to_plane = (PLANE_POINT - origin) @ PLANE_NORMAL / (rays @ PLANE_NORMAL)
    hit = origin + to_plane[..., None] * rays - PLANE_POINT
    side = rotation_z(25.0) @ np.array([1.0, 0.0, 0.0])
    up = np.cross(side, PLANE_NORMAL)
    inside = (np.abs(hit @ side) < 0.25) & (np.abs(hit @ up) < 0.25) & (to_plane > 0)
    depth = np.where(inside, to_plane, np.inf)
    a, b = (rays**2).sum(-1), rays @ (origin - CENTRE)
    root = b**2 - a * ((origin - CENTRE) @ (origin - CENTRE) - RADIUS**2)
    to_sphere = np.where(root >= 0, (-b - np.sqrt(np.maximum(root, 0))) / a, np.inf)
    kind = np.where(to_sphere < depth, 1, np.where(np.isfinite(depth), 2, 0))
    depth = np.minimum(depth, to_sphere)
    with np.errstate(invalid="ignore"):
        on_sphere = (origin + depth[..., None] * rays - CENTRE) / RADIUS
    normals = np.where((kind == 1)[..., None], on_sphere, PLANE_NORMAL)
    normals = np.where((kind == 0)[..., None], 0.0, normals) @ view.matrix_world[:3, :3]
    return depth, normals, kind


def main(folder: Path) -> None:
    build_shapes()
    scene = Scene(HeadFile(""), camera=CAMERA)
    build(bpy, scene)
    set_engine(bpy, scene.render)
    number_materials(bpy, (Material("Skin", "skin"), Material("Wall", "cloth")))
    files = render_ground_truth(bpy, Report(print), folder, ("depth", "normals", "segmentation"))
    expected, normals, kind = cast()
    depth, shading = load_depth(files["depth"]), load_normals(files["normals"])
    segments = load_segmentation(files["segmentation"])
    same = (np.isfinite(depth) == np.isfinite(expected)) & (np.choose(kind, [0, 1, 4]) == segments)
    solid = same & np.isfinite(expected)
    cosine = np.clip((shading * normals).sum(-1)[solid], -1.0, 1.0)
    report = {
        "sphere": int((kind == 1).sum()),
        "plane": int((kind == 2).sum()),
        "nothing": int((kind == 0).sum()),
        "other_surface": int((~same).sum()),
        "depth_median_mm": float(np.median(np.abs(depth - expected)[solid]) * 1e3),
        "depth_p999_mm": float(np.percentile(np.abs(depth - expected)[solid], 99.9) * 1e3),
        "normal_p99_degrees": float(np.percentile(np.degrees(np.arccos(cosine)), 99)),
        "background": sorted({float(v) for v in depth[kind == 0] if np.isfinite(v)}),
        "left_behind": sorted(p.name for p in folder.iterdir()),
    }
    print("REPORT " + json.dumps(report))


main(Path(sys.argv[2]))
