"""Relief of the skin: pores, lines of the lips, furrows of age."""

from __future__ import annotations

import numpy as np

from app.bake.canvas import Canvas
from app.bake.mesh import Singles
from app.bake.noise import cell_distance, fractal_noise, value_noise
from app.bake.person import PersonSpec
from app.bake.tone import smoothstep

_PORES = 160_000
_PORE_TEXEL = 0.00045
"""Metres; coarser texels show no single pore."""


def relief(canvas: Canvas, person: PersonSpec, old: float) -> tuple[Singles, Singles]:
    """Height in metres and darkness of pores, shape (T,) each.

    Parameters
    ----------
    old : float
        0 young to 1 old.
    """
    p, texel, bump = canvas.position, canvas.texel, canvas.bump
    nose = bump((0, -40, -34), (16, 22, 17))
    cheek = bump((30, -18, -32), (20, 26, 18))
    forehead = bump((0, -20, 45), (45, 45, 24))
    calm = 1 - np.clip(canvas.lips + canvas.inside, 0, 1)
    strength = calm * (0.35 + 0.8 * nose + 0.5 * cheek + 0.25 * forehead) * (0.8 + 0.4 * old)
    pore = _pores(canvas, person, nose) * strength
    height = np.float32(-0.000042) * pore
    rng = person.rng("relief")
    rough = value_noise if texel > 0.0005 else _twofold
    height += 0.000020 * rough(p, 0.0016, rng, texel) * calm
    height += 0.000050 * fractal_noise(p, 0.0075, 2, rng, texel) * calm * (0.6 + old)
    _line_lips(height, canvas, person)

    x, _, z = p.T * np.float32(1000)
    wobble = fractal_noise(p, 0.03, 2, person.rng("wobble"))
    furrow = np.sin(2 * np.pi * (z / 8.5 + 0.28 * wobble + 0.0009 * x**2 / 8.5))
    height -= 0.00045 * old * forehead * np.maximum(furrow, 0) ** 4
    side = np.abs(x)
    at_crow = bump((55, 2, 0), (9, 16, 11))
    angle = np.arctan2(z - 0.5, side - 40)
    crow = np.maximum(np.sin(angle * 11 + 1.2 * wobble), 0) ** 3
    height -= 0.00042 * old * at_crow * crow
    bags = bump((31, -14, -12), (13, 14, 5))
    under = np.maximum(np.sin(2 * np.pi * (z + 0.12 * (side - 30)) / 3.6 + wobble), 0) ** 3
    height -= 0.00016 * (0.2 + old) * bags * under
    bands = np.maximum(np.sin(2 * np.pi * (z / 21 + 0.25 * wobble)), 0) ** 8
    height -= 0.00025 * (0.2 + old) * smoothstep(-112.0, -125.0, z) * bands
    return height, pore


def _twofold(p: Singles, wavelength: float, rng: np.random.Generator, texel: float) -> Singles:
    return fractal_noise(p, wavelength, 2, rng, texel)


def _pores(canvas: Canvas, person: PersonSpec, nose: Singles) -> Singles:
    """Depth of pores, 0..1, shape (T,); a grain of their mean where texels show no single one."""
    rng = person.rng("pores")
    p = canvas.position
    if canvas.texel > _PORE_TEXEL:
        return np.maximum(0.12 + 0.10 * rng.standard_normal(len(p), dtype=np.float32), 0)
    spread = 0.00075 * (1 - 0.2 * nose)
    seeds = p[rng.choice(len(p), min(len(p), _PORES), replace=False)]
    distance, index = cell_distance(p, seeds, 0.0012)
    depth = rng.uniform(0.3, 1.0, len(seeds)).astype(np.float32)[index]
    return np.asarray(depth * np.exp(-((distance / (0.42 * spread)) ** 2)))


def _line_lips(height: Singles, canvas: Canvas, person: PersonSpec) -> None:
    """Cut the fine upright lines of the lips into a height field."""
    at = np.flatnonzero(canvas.lips > 0.01)
    p = canvas.position[at] - np.array([0.0, 0.0, -0.0677], dtype=np.float32)
    rng = person.rng("lip-lines")
    lines = value_noise(p, np.array([0.0011, 0.02, 0.006]), rng)
    lines += 0.5 * value_noise(p, np.array([0.0006, 0.02, 0.004]), rng)
    height[at] += canvas.lips[at] * (0.00005 * lines - 0.00006 * np.maximum(lines, 0))
