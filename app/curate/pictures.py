"""Quick pictures of a head for whoever looks for its landmarks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from app.curate.casting import Bytes, Render
from app.head.asset import HeadAsset
from app.scene.presets import default_scene
from app.scene.scene import Camera, HeadFile


@contextmanager
def rastered(asset: HeadAsset) -> Iterator[Render]:
    """Pictures by OpenGL, the head at zero pose on grey, for as long as the context lasts.

    Raises
    ------
    NoOpenGLError
        Where there is no OpenGL to be had.
    """
    from app.raster.renderer import RasterRenderer

    scene = default_scene(HeadFile(""))
    renderer = RasterRenderer()

    def render(camera: Camera) -> Bytes:
        layers = renderer.render(replace(scene, camera=camera), None)
        alpha = layers.alpha[..., None]
        mixed = alpha * layers.color + (1.0 - alpha) * 128.0
        return np.clip(np.round(mixed), 0, 255).astype(np.uint8)

    try:
        renderer.open(asset)
        yield render
    finally:
        renderer.close()
