"""Whether the ground truth is true: pictures, depth and landmarks held against each other."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from app.bench.checked_head import compare, crossings, write_checked_head
from app.bench.datasets import (
    cycles_figures,
    cycles_kill_figures,
    growth_figures,
    kill_figures,
    people_figures,
    throughput_figures,
)
from app.bench.figures import Figure
from app.blender.client import Blender
from app.blender.heads import open_head
from app.dataset.renderer import Renderer
from app.geometry.rotations import Array
from app.head.asset import HeadAsset
from app.head.library import BUILTIN, shipped
from app.head.pose import HeadPose
from app.scene.layers import Layers
from app.scene.placement import pinhole
from app.scene.presets import default_scene
from app.scene.scene import Camera, Environment, HeadFile, RenderSettings, Scene
from app.topology.landmarks import landmarks_of
from app.topology.locate import in_picture, locate
from app.topology.truth import OUTLINE

POSES: Final = 3
_FINER: Final = 3
"""How much finer the depth is sampled that landmarks are held against."""


def corner_figures() -> Iterator[Figure]:
    """Corners of the chequered head: projected, and found by OpenCV in both renderers' pictures."""
    from app.dataset.cycles import CyclesRenderer
    from app.raster.renderer import RasterRenderer

    with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
        file = str(write_checked_head(Path(folder)))
        with Blender(spare=False) as blender:
            asset = open_head(HeadFile(file), blender).asset
            points = crossings(asset)
            renderers: dict[str, Renderer] = {
                "raster": RasterRenderer(),
                "Cycles": CyclesRenderer(blender),
            }
            for name, renderer in renderers.items():
                errors, expected = [], 0
                renderer.open(asset)
                for yaw, pitch in ((0, 0), (25, 0), (-25, 10), (0, -15)):
                    scene = default_scene(HeadFile(file))
                    scene = replace(
                        scene,
                        pose=HeadPose(yaw, pitch),
                        camera=Camera(distance=0.35, width=960, height=720),
                        lights=(),
                        environment=Environment(picture=None, color=(1.0, 1.0, 1.0), strength=1.0),
                        render=RenderSettings(samples=32),
                    )
                    found = compare(points, renderer.render(scene, None), pinhole(scene.camera))
                    expected += found.expected
                    errors.append(found.errors)
                renderer.close()
                apart = np.concatenate(errors)
                yield Figure(
                    f"{name}: projected corners against those found, 99th percentile",
                    float(np.percentile(apart, 99)),
                    "px",
                    0.5,
                    detail={
                        "expected": expected,
                        "found": len(apart),
                        "median": round(float(np.median(apart)), 3),
                        "worst": round(float(apart.max()), 3),
                    },
                )


def random_scene(
    head: str, asset: HeadAsset, draw: random.Random, width: int, height: int
) -> Scene:
    """A head turned, moved and seen from somewhere in front, with some expression."""
    names = [n for n in asset.shape_names if not n.startswith("eyeBlink")]
    shapes = {n: draw.uniform(0.0, 0.7) for n in draw.sample(names, min(5, len(names)))}
    pose = HeadPose(
        draw.uniform(-50, 50), draw.uniform(-30, 30), draw.uniform(-25, 25), shapes=shapes
    )
    camera = Camera(
        distance=draw.uniform(0.3, 0.6),
        azimuth=draw.uniform(-35, 35),
        elevation=draw.uniform(-25, 25),
        width=width,
        height=height,
    )
    return replace(default_scene(HeadFile(head)), pose=pose, camera=camera)


def landmark_depth_figures() -> Iterator[Figure]:
    """Own distance of each visible landmark against the depth at its place.

    Once against the picture's own depth, interpolated, and once against Cycles' at four times the
    size, which neither the landmarks nor the raster renderer know of.
    """
    from app.dataset.cycles import CyclesRenderer
    from app.raster.renderer import RasterRenderer

    own: list[Array] = []
    between: list[Array] = []
    traced: list[Array] = []
    visible = hidden = missed = 0
    draw = random.Random(11)
    with Blender(spare=False) as blender:
        raster, cycles = RasterRenderer(), CyclesRenderer(blender)
        for name in shipped():
            asset = open_head(HeadFile(BUILTIN + name), blender).asset
            landmarks = landmarks_of(asset)
            raster.open(asset)
            cycles.open(asset)
            for _ in range(POSES):
                scene = random_scene(BUILTIN + name, asset, draw, 640, 480)
                view = pinhole(scene.camera)
                layers = raster.render(scene, None)
                exact = cycles.render(_finer(scene), None)
                for truth in locate(landmarks, layers.vertices, view, layers.depth):
                    if truth.topology == OUTLINE:
                        continue
                    seen = truth.visible
                    visible, hidden = visible + int(seen.sum()), hidden + int((~seen).sum())
                    pixels, distance = truth.pixels[seen], view.to_camera(truth.world[seen])[:, 2]
                    own.append(_nearest(layers.depth, pixels) - distance)
                    between.append(_interpolated(layers.depth, pixels) - distance)
                    traced.append(_traced(exact, pixels) - distance)
                    inside = ~seen & in_picture(truth.pixels, layers.depth.shape)
                    away = view.to_camera(truth.world[inside])[:, 2]
                    off = np.abs(_traced(exact, truth.pixels[inside]) - away)
                    missed += int((off < 0.0005).sum())
        raster.close()
        cycles.close()
    for what, found in (
        ("the picture's own, nearest pixel", own),
        ("the picture's own, interpolated", between),
        ("Cycles' at three times the size", traced),
    ):
        apart = np.abs(np.concatenate(found)) * 1000.0
        solid = np.isfinite(apart)
        yield Figure(
            f"distance of visible landmarks against depth: {what}, 99th percentile",
            float(np.percentile(apart[solid], 99)),
            "mm",
            1,
            detail={
                "visible": visible,
                "hidden": hidden,
                "hidden, but on the traced surface to 0.5 mm": missed,
                "beside a hole": int((~solid).sum()),
                "median": round(float(np.median(apart[solid])), 4),
                "99.9th percentile": round(float(np.percentile(apart[solid], 99.9)), 3),
                "worst": round(float(apart[solid].max()), 3),
                "share within": round(float((apart < 1.0).mean()), 5),
            },
        )


def _finer(scene: Scene) -> Scene:
    camera = scene.camera
    return replace(
        scene,
        camera=replace(camera, width=camera.width * _FINER, height=camera.height * _FINER),
        render=RenderSettings(samples=1, denoise=False),
    )


def _traced(exact: Layers, pixels: Array) -> Array:
    """Depth of the finer picture at pixels of the coarser one."""
    return _nearest(exact.depth, (pixels + 0.5) * _FINER - 0.5)


def _nearest(depth: np.ndarray, pixels: Array) -> Array:  # type: ignore[type-arg]
    at = np.clip(np.round(pixels).astype(int), 0, np.array(depth.shape[::-1]) - 1)
    return np.asarray(depth[at[:, 1], at[:, 0]], np.float64)


def _interpolated(depth: np.ndarray, pixels: Array) -> Array:  # type: ignore[type-arg]
    low = np.clip(np.floor(pixels).astype(int), 0, np.array(depth.shape[::-1]) - 2)
    x, y = (pixels - low).T
    total = np.zeros(len(pixels))
    for i, j in ((0, 0), (1, 0), (0, 1), (1, 1)):
        share = (x if i else 1 - x) * (y if j else 1 - y)
        total += share * depth[low[:, 1] + j, low[:, 0] + i].astype(np.float64)
    return total


def agreement_figures() -> Iterator[Figure]:
    """Depth and masks of the two renderers over the same scenes."""
    from app.dataset.cycles import CyclesRenderer
    from app.raster.renderer import RasterRenderer

    within, overlaps, apart = [], [], []
    draw = random.Random(5)
    with Blender(spare=False) as blender:
        raster, cycles = RasterRenderer(), CyclesRenderer(blender)
        for name in shipped():
            asset = open_head(HeadFile(BUILTIN + name), blender).asset
            raster.open(asset)
            cycles.open(asset)
            for _ in range(POSES):
                scene = random_scene(BUILTIN + name, asset, draw, 640, 480)
                scene = replace(scene, render=RenderSettings(samples=1, denoise=False))
                a, b = raster.render(scene, None), cycles.render(scene, None)
                both = np.isfinite(a.depth) & np.isfinite(b.depth)
                either = np.isfinite(a.depth) | np.isfinite(b.depth)
                overlaps.append(both.sum() / either.sum())
                difference = np.abs(a.depth[both] - b.depth[both])
                within.append(float((difference < 0.001).mean()))
                apart.append(_pixels_apart(a, b, scene))
        raster.close()
        cycles.close()
    yield Figure(
        "raster against Cycles: share of the mask whose depth agrees to 1 mm, worst picture",
        min(within), "share", 0.99, "at least", {"runs": [round(w, 5) for w in within]},
    )  # fmt: skip
    yield Figure(
        "raster against Cycles: overlap of the masks, worst picture",
        float(min(overlaps)), "IoU", 0.99, "at least",
        {"runs": [round(float(o), 5) for o in overlaps]},
    )  # fmt: skip
    yield Figure("raster against Cycles: landmarks, worst", max(apart), "px", 0.1)


def _pixels_apart(a: Layers, b: Layers, scene: Scene) -> float:
    view = pinhole(scene.camera)
    return max(
        float(
            np.nanmax(
                np.linalg.norm(
                    view.project(one.astype(np.float64)) - view.project(other.astype(np.float64)),
                    axis=1,
                )
            )
        )
        for one, other in zip(a.vertices, b.vertices, strict=True)
    )


PARTS: Final[dict[str, Callable[[], Iterator[Figure]]]] = {
    "corners": corner_figures,
    "landmark-depth": landmark_depth_figures,
    "agreement": agreement_figures,
    "throughput": throughput_figures,
    "people": people_figures,
    "cycles": cycles_figures,
    "growth": growth_figures,
    "kills": kill_figures,
    "cycles-kills": cycles_kill_figures,
}
