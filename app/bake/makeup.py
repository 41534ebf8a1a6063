"""Make-up, laid over the colour of painted skin."""

from __future__ import annotations

import numpy as np

from app.bake.canvas import Canvas
from app.bake.features import Makeup, srgb
from app.bake.mesh import Singles
from app.bake.tone import smoothstep, to_linear


def apply(makeup: Makeup, canvas: Canvas, linear: Singles, grain: Singles) -> Singles:
    """Linear colours, shape (T, 3), with make-up over them.

    Parameters
    ----------
    linear : ndarray, shape (T, 3)
        Of the bare skin.
    grain : ndarray, shape (T,)
        Fine noise of unit deviation, by which powder lies unevenly.
    """
    z = canvas.position[:, 2]
    rim, bump = canvas.lid_rim, canvas.bump
    above = smoothstep(-0.002, 0.001, z)
    if makeup.blush > 0:
        cheek = bump((47, -4, -30), (17, 30, 12)) * (1 + 0.08 * grain)
        linear = _over(linear, 0.42 * makeup.blush * cheek, linear * _color("#e07a78") * 1.25)
    if makeup.eye_shadow > 0:
        lid = np.maximum(bump((31, -14, 8), (15, 14, 5.5)), np.exp(-((rim / 0.004) ** 2)))
        cover = 0.75 * makeup.eye_shadow * lid * above * smoothstep(0.016, 0.007, rim)
        cover = cover * (1 - canvas.inside) * (1 + 0.05 * grain)
        linear = _over(linear, cover, _color(makeup.eye_shadow_color))
    if makeup.liner > 0:
        edge = np.exp(-((rim / 0.0016) ** 2)) * np.maximum(above, 0.35)
        linear = _over(linear, 0.95 * makeup.liner * edge, _color("#0c0a0a"))
    if makeup.lipstick > 0:
        cover = 0.88 * makeup.lipstick * smoothstep(0.25, 0.65, canvas.lips)
        cover = cover * (1 - smoothstep(0.4, 0.9, canvas.inside))
        linear = _over(linear, cover, _color(makeup.lip_color) * (1 + 0.05 * grain)[:, None])
    return linear


def _color(text: str) -> Singles:
    return np.asarray(to_linear(np.array(srgb(text))).astype(np.float32))


def _over(under: Singles, cover: Singles, color: Singles) -> Singles:
    share = np.clip(cover, 0, 1)[:, None]
    return np.asarray(under + share * (color - under))
