"""Painted skin: colour, relief and roughness from pigment, blood, pores and wrinkles.

Everything is a function of the *canonical* position: the surface point on the mean person,
relative to the midpoint of the eyeballs, in metres (x to the person's left, y to the back, z up).
So the same paint fits every person, and its random parts have no seams. Each random part draws
from numbers of its own, so a person looks the same in textures of any size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.bake import makeup
from app.bake.beardline import beard_mask, style_mask
from app.bake.browline import brow_distance
from app.bake.canvas import Canvas
from app.bake.features import srgb
from app.bake.mesh import Singles
from app.bake.noise import fractal_noise, value_noise
from app.bake.person import PersonSpec
from app.bake.relief import relief
from app.bake.scalp import hairline_distance
from app.bake.spots import spot_pigment
from app.bake.tone import smoothstep, to_linear, to_srgb

# Linear reflectance of pale skin, and its logarithmic change with pigment and with blood; chosen
# so that tones 0, 0.5 and 1 fall on light, brown and dark skin of colour charts.
PALE = np.array([0.80, 0.56, 0.44], dtype=np.float32)
MELANIN = np.array([1.95, 2.35, 2.60], dtype=np.float32)
BLOOD = np.array([0.26, 1.05, 0.95], dtype=np.float32)


@dataclass(frozen=True)
class SkinPaint:
    """Texel values, shape (T, ...), single precision.

    Attributes
    ----------
    color : ndarray, shape (T, 3)
        sRGB, 0..1.
    height : ndarray, shape (T,)
        Metres.
    roughness : ndarray, shape (T,)
    """

    color: Singles
    height: Singles
    roughness: Singles


@dataclass(frozen=True)
class _Grain:
    """Noise that several layers of paint share, shape (T,)."""

    large: Singles
    mottle: Singles
    fine: Singles


def paint(canvas: Canvas, person: PersonSpec) -> SkinPaint:
    """Colour, relief and roughness of one person's skin."""
    p, texel = canvas.position, canvas.texel
    grain = _Grain(
        fractal_noise(p, 0.05, 3, person.rng("skin-large")),
        fractal_noise(p, 0.012, 3, person.rng("skin-mottle"), texel),
        fractal_noise(p, 0.0022, 2, person.rng("skin-fine"), texel),
    )
    old = float(np.interp(person.age, [25, 80], [0, 1]))
    wet = canvas.inside * (1 - smoothstep(0.1, 0.3, canvas.bump((31, -8, 0), (22, 30, 14))))
    height, pore_dark = relief(canvas, person, old)
    blood = _blood(canvas, person, grain, old)
    melanin = _melanin(canvas, person, grain) + 0.035 * pore_dark
    blood = blood * (1 - wet) + wet * 1.1
    melanin = melanin * (1 - wet) + wet * (0.25 + 0.2 * person.skin_tone)
    absorbed = melanin[:, None] * MELANIN + np.maximum(blood, 0)[:, None] * BLOOD
    linear = PALE * np.exp(-absorbed)
    nostril = smoothstep(0.30, 0.80, canvas.bump((9.5, -32, -41.5), (4.5, 5.5, 4.5)))
    linear *= (1 - 0.85 * nostril)[:, None]
    linear = _shadow_of_beard(linear, canvas, person, grain, wet)
    linear = makeup.apply(person.makeup, canvas, linear, grain.fine)
    root = _hair_root(canvas, person, grain)
    linear = _painted_hair(linear, root, canvas, person, grain)
    roughness = _roughness(canvas, person, grain, old)
    roughness += 0.05 * pore_dark - 0.25 * wet + 0.25 * root
    return SkinPaint(to_srgb(linear), height, np.clip(roughness, 0.16, 0.85))


def _blood(canvas: Canvas, person: PersonSpec, grain: _Grain, old: float) -> Singles:
    bump = canvas.bump
    cheek = bump((42, -10, -32), (19, 30, 17))
    nose = bump((0, -43, -36), (11, 14, 11)) + 0.7 * bump((14, -28, -40), (7, 12, 7))
    forehead = bump((0, -20, 45), (42, 40, 24))
    blood = 0.24 + 0.028 * grain.large + 0.025 * grain.mottle + 0.026 * grain.fine
    blood += 0.16 * cheek * (1 + 0.10 * grain.mottle) + 0.20 * nose + 0.30 * canvas.ears
    blood += 0.10 * bump((0, -28, -98), (16, 20, 12)) - 0.07 * forehead
    blood += 0.10 * bump((31, -14, 8), (14, 12, 6)) + 0.10 * bump((15, -15, 0), (8, 14, 9))
    blood += 0.06 * bump((27, -12, -13), (15, 16, 6.5))
    blood += 0.10 * old * np.clip(grain.large, 0, 2) * cheek
    blood += 0.05 * smoothstep(-0.105, -0.15, canvas.position[:, 2]) * grain.large
    blood += 0.22 * _crease(canvas) + 0.20 * bump((7.5, -30, -46), (6.5, 7, 2.6))
    lip = canvas.lips * (1 + 0.12 * grain.mottle)
    blood += lip * ((0.62 - 0.10 * (1 - person.gender)) * (1 - 0.35 * person.skin_tone))
    blood += 0.22 * _rim(canvas) + 0.12 * canvas.inside * bump((31, -8, 0), (22, 30, 14))
    return np.asarray(blood)


def _melanin(canvas: Canvas, person: PersonSpec, grain: _Grain) -> Singles:
    bump, tone, z = canvas.bump, person.skin_tone, canvas.position[:, 2]
    cheek = bump((42, -10, -32), (19, 30, 17))
    forehead = bump((0, -20, 45), (42, 40, 24))
    around_mouth = bump((0, -30, -70), (30, 24, 20)) * (1 - canvas.lips)
    melanin = tone + 0.010 * grain.mottle + 0.010 * grain.large + 0.011 * grain.fine
    dark = max(tone - 0.4, 0.0)
    depth = 0.045 + 0.05 * tone + 0.25 * dark
    melanin += depth * bump((27, -12, -13), (15, 16, 6.5))
    melanin += 0.9 * depth * bump((15, -15, 0), (8, 14, 9))
    melanin += 0.8 * depth * bump((31, -14, 8), (14, 12, 6)) + 0.35 * depth * around_mouth
    melanin += 0.03 * forehead * (0.5 + grain.large) - (0.03 + 0.2 * dark) * cheek
    melanin += 0.02 * smoothstep(-0.105, -0.15, z)
    melanin += 0.07 * _crease(canvas) + 0.10 * bump((7.5, -30, -46), (6.5, 7, 2.6))
    melanin -= 0.02 * bump((0, -38, -22), (5, 16, 22))
    melanin += spot_pigment(canvas, person)
    lip = canvas.lips * (1 + 0.12 * grain.mottle)
    melanin += lip * (0.025 + 0.10 * tone * (z > -0.0677)) + 0.05 * _rim(canvas)
    return np.asarray(melanin)


def _crease(canvas: Canvas) -> Singles:
    """The fold between nose wing and cheek."""
    return np.asarray(canvas.bump((17.5, -22, -38), (2.0, 7, 6.5)) * (1 - canvas.inside))


def _rim(canvas: Canvas) -> Singles:
    return np.asarray(np.exp(-((canvas.lid_rim / 0.0012) ** 2)))


def _shadow_of_beard(
    linear: Singles, canvas: Canvas, person: PersonSpec, grain: _Grain, wet: Singles
) -> Singles:
    """Stubble, and the darker skin under a beard of hairs."""
    under = 0.9 * style_mask(canvas.position, person.beard.style)
    shade = np.maximum(under, person.stubble)
    if not shade.any():
        return linear
    p = canvas.position
    beard = beard_mask(p) * (1 - canvas.lips) * (1 - wet)
    patchy = np.clip(0.9 + 0.25 * grain.mottle, 0, 1.3)
    wavelength = np.array([0.0007, 0.0007, 0.0011])
    dots = smoothstep(0.3, 1.4, value_noise(p, wavelength, person.rng("stubble"), canvas.texel))
    cover = np.clip(beard * shade * patchy * (0.22 + 0.50 * dots), 0, 0.8)
    cover = np.maximum(cover, 0.92 * under * smoothstep(0.2, 0.75, beard * (0.9 + 0.2 * dots)))
    hair = _hair_color(person) * np.float32(0.6) + np.array([0.018, 0.02, 0.026], np.float32)
    return np.asarray(linear + cover[:, None] * (hair - linear))


def _hair_color(person: PersonSpec) -> Singles:
    return np.asarray(to_linear(np.array(srgb(person.hair_color))).astype(np.float32))


def _hair_root(canvas: Canvas, person: PersonSpec, grain: _Grain) -> Singles:
    """How much of the scalp is covered by painted roots, 0..1."""
    if person.hair_style == "bald":
        return np.zeros(len(canvas.position), dtype=np.float32)
    depth = hairline_distance(canvas.position, person.gender, person.age).astype(np.float32)
    root = smoothstep(-0.009, 0.008, depth + 0.0012 * grain.mottle)
    return np.asarray(root * (1 + 0.35 * _stroke(canvas, person) * (1 - root)))


def _stroke(canvas: Canvas, person: PersonSpec) -> Singles:
    wavelength = np.array([0.0010, 0.0030, 0.0050])
    noise = value_noise(canvas.position, wavelength, person.rng("strokes"), canvas.texel / 2)
    return np.clip(noise, -1.5, 1.5)


def _painted_hair(
    linear: Singles, root: Singles, canvas: Canvas, person: PersonSpec, grain: _Grain
) -> Singles:
    """Roots of the hair, the shadow under the brows and the line of the lashes."""
    man = 1 - person.gender
    at = np.flatnonzero(np.abs(canvas.position[:, 2] - 0.015) < 0.02)
    brow = np.zeros(len(linear), dtype=np.float32)
    near = canvas.position[at]
    breadth = brow_breadth(person)
    thick = np.exp(-(brow_distance(near, breadth) ** 2) * 1.3)
    stroke = value_noise(near, np.array([0.0010, 0.0030, 0.0050]), person.rng("brow-strokes"))
    strength = (0.5 + 0.2 * man) * (0.4 + 1.2 * person.brows.density)
    brow[at] = thick * np.clip(0.30 + 0.10 * stroke, 0.05, 0.6) * strength
    above = smoothstep(-0.001, 0.002, canvas.position[:, 2])
    lash_line = np.exp(-((canvas.lid_rim / 0.0011) ** 2)) * above
    hair = _hair_color(person)
    tone = np.clip(0.9 + 0.2 * grain.fine, 0.3, 1.3)[:, None]
    for cover, share in ((0.94 * root, 0.7), (brow, 1.0), (0.75 * lash_line, 0.4)):
        linear = linear + cover[:, None] * (np.float32(share) * hair * tone - linear)
    return linear


def brow_breadth(person: PersonSpec) -> float:
    """Breadth of a person's brows relative to the average course."""
    return (0.74 + 0.24 * (1 - person.gender)) * (0.6 + 0.8 * person.brows.thickness)


def _roughness(canvas: Canvas, person: PersonSpec, grain: _Grain, old: float) -> Singles:
    bump, tone = canvas.bump, person.skin_tone
    nose = bump((0, -43, -36), (11, 14, 11)) + 0.7 * bump((14, -28, -40), (7, 12, 7))
    shine = 0.8 * bump((0, -20, 45), (42, 40, 24)) + 1.1 * bump((0, -38, -22), (7, 16, 22))
    shine += 0.7 * nose + 0.3 * bump((0, -28, -98), (16, 20, 12))
    shine += 0.4 * bump((38, -10, -18), (12, 20, 8))
    shine = shine * (1 - 0.4 * tone) - 0.8 * bump((70, 25, 5), (22, 40, 40))
    gloss = 0.13 - 0.09 * tone + 0.08 * person.makeup.lipstick
    roughness = 0.58 + 0.07 * tone + 0.04 * old - 0.13 * shine - gloss * canvas.lips
    roughness += 0.03 * grain.mottle + 0.15 * _crease(canvas) - 0.22 * _rim(canvas)
    return roughness
