"""Painted skin: colour, relief and roughness from pigment, blood, pores and wrinkles.

Everything is a function of the *canonical* position: the surface point on the mean person,
relative to the midpoint of the eyeballs, in metres (x to the person's left, y to the back, z up).
So the same paint fits every person, and its random parts have no seams.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.bake.browline import brow_distance
from app.bake.mesh import Floats
from app.bake.noise import cell_distance, fractal_noise, value_noise
from app.bake.person import PersonSpec, srgb

# Linear reflectance of pale skin, and its logarithmic change with pigment and with blood; chosen
# so that tones 0, 0.5 and 1 fall on light, brown and dark skin of colour charts.
PALE = np.array([0.80, 0.56, 0.44])
MELANIN = np.array([1.95, 2.35, 2.60])
BLOOD = np.array([0.26, 1.05, 0.95])


@dataclass(frozen=True)
class SkinPaint:
    """Texel values, shape (T, ...).

    Attributes
    ----------
    color : ndarray, shape (T, 3)
        sRGB, 0..1.
    height : ndarray, shape (T,)
        Metres.
    roughness : ndarray, shape (T,)
    """

    color: Floats
    height: Floats
    roughness: Floats


@dataclass(frozen=True)
class SkinZones:
    """Where on the skin a texel lies, shape (T,) each, 0..1 unless said otherwise.

    Attributes
    ----------
    position : ndarray, shape (T, 3), metres
        Canonical position.
    lips, ears, inside : ndarray
        Red of the lips; ears; inside of mouth, nostrils and sockets.
    scalp : ndarray
        Distance inside the hairline, metres; negative outside.
    lid_rim : ndarray
        Distance to the edge of the eyelids, metres.
    """

    position: Floats
    lips: Floats
    ears: Floats
    inside: Floats
    scalp: Floats
    lid_rim: Floats


def to_srgb(linear: Floats) -> Floats:
    """IEC 61966-2-1 encoding of linear values."""
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def to_linear(encoded: Floats) -> Floats:
    """Inverse of `to_srgb`."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def smoothstep(low: float, high: float, x: Floats) -> Floats:
    """0 below `low`, 1 above `high`, smooth between; `low` may exceed `high`."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def blob(
    p: Floats, centre: tuple[float, float, float], radius: tuple[float, float, float]
) -> Floats:
    """Gaussian bump, mirrored at the middle plane; centre and radii in millimetres."""
    mirrored = np.column_stack([np.abs(p[:, 0]), p[:, 1:]]) * 1000
    q = (mirrored - centre) / radius
    return np.asarray(np.exp(-(q**2).sum(axis=1)))


def beard_mask(p: Floats) -> Floats:
    """Where beard grows: moustache, chin, jaw and upper neck."""
    x, y, z = (p * 1000).T
    side = np.abs(x)
    upper = np.interp(side, [0, 12, 24, 32, 50, 62, 72], [-52, -51, -63, -76, -70, -50, -22])
    below = smoothstep(3.0, -4.0, z - upper)
    neck = smoothstep(-142, -118, z - 0.25 * (y + 20))
    back = smoothstep(62, 48, y)
    soul = 1 - 0.6 * blob(p, (10, -30, -86), (7, 20, 5))
    return below * neck * back * soul


def paint(zones: SkinZones, person: PersonSpec) -> SkinPaint:
    """Colour, relief and roughness of one person's skin."""
    p = zones.position
    rng = person.rng("skin")
    man = 1 - person.gender
    years = person.age
    old = float(np.interp(years, [25, 80], [0, 1]))

    orbit_low = blob(p, (27, -12, -13), (15, 16, 6.5))
    orbit_in = blob(p, (15, -15, 0), (8, 14, 9))
    upper_lid = blob(p, (31, -14, 8), (14, 12, 6))
    cheek = blob(p, (42, -10, -32), (19, 30, 17))
    nose = blob(p, (0, -43, -36), (11, 14, 11)) + 0.7 * blob(p, (14, -28, -40), (7, 12, 7))
    chin = blob(p, (0, -28, -98), (16, 20, 12))
    forehead = blob(p, (0, -20, 45), (42, 40, 24))
    perioral = blob(p, (0, -30, -70), (30, 24, 20)) * (1 - zones.lips)

    large = fractal_noise(p, 0.05, 3, rng)
    mottle = fractal_noise(p, 0.012, 3, rng)
    fine = fractal_noise(p, 0.0022, 2, rng)
    blood = 0.24 + 0.028 * large + 0.025 * mottle + 0.026 * fine
    blood += 0.16 * cheek * (1 + 0.10 * mottle) + 0.20 * nose + 0.30 * zones.ears + 0.10 * chin
    blood += 0.10 * upper_lid + 0.10 * orbit_in + 0.06 * orbit_low - 0.07 * forehead
    blood += 0.10 * old * np.clip(large, 0, 2) * cheek
    melanin = person.skin_tone + 0.010 * mottle + 0.010 * large + 0.011 * fine
    dark = max(person.skin_tone - 0.4, 0.0)
    depth = 0.045 + 0.05 * person.skin_tone + 0.25 * dark
    melanin += depth * (1.0 * orbit_low + 0.9 * orbit_in + 0.8 * upper_lid + 0.35 * perioral)
    melanin += 0.03 * forehead * (0.5 + large) - (0.03 + 0.2 * dark) * cheek
    neck = smoothstep(-0.105, -0.15, p[:, 2])
    blood += 0.05 * neck * large
    melanin += 0.02 * neck

    crease = blob(p, (17.5, -22, -38), (2.0, 7, 6.5)) * (1 - zones.inside)
    under = blob(p, (7.5, -30, -46), (6.5, 7, 2.6))
    blood += 0.22 * crease + 0.20 * under
    melanin += 0.07 * crease + 0.10 * under - 0.02 * blob(p, (0, -38, -22), (5, 16, 22))

    melanin += _spots(p, person, rng)
    lip = zones.lips * (1 + 0.12 * mottle)
    blood += lip * (0.62 - 0.10 * man + 0.0 * old) * (1 - 0.35 * person.skin_tone)
    melanin += lip * (0.045 + 0.10 * person.skin_tone * (p[:, 2] > -0.0677) - 0.02)
    rim = np.exp(-((zones.lid_rim / 0.0012) ** 2))
    blood += 0.22 * rim
    lash_line = np.exp(-((zones.lid_rim / 0.0011) ** 2)) * smoothstep(-0.001, 0.002, p[:, 2])
    melanin += 0.05 * rim
    near_eye = blob(p, (31, -8, 0), (22, 30, 14))
    wet = zones.inside * (1 - smoothstep(0.1, 0.3, near_eye))
    blood += 0.12 * zones.inside * near_eye
    blood = blood * (1 - wet) + wet * 1.1
    melanin = melanin * (1 - wet) + wet * (0.25 + 0.2 * person.skin_tone)

    nostril = smoothstep(0.30, 0.80, blob(p, (9.5, -32, -41.5), (4.5, 5.5, 4.5)))

    height, pore_dark = _relief(p, zones, person, rng, old)
    melanin += 0.035 * pore_dark
    linear = PALE * np.exp(-np.outer(melanin, MELANIN) - np.outer(np.maximum(blood, 0), BLOOD))
    linear *= (1 - 0.85 * nostril)[:, None]

    if person.stubble > 0:
        beard = beard_mask(p) * (1 - zones.lips) * (1 - wet)
        patchy = np.clip(0.9 + 0.25 * mottle, 0, 1.3)
        dots = smoothstep(0.3, 1.4, value_noise(p, np.array([0.0007, 0.0007, 0.0011]), rng))
        cover = np.clip(beard * person.stubble * patchy * (0.22 + 0.50 * dots), 0, 0.8)
        hair = to_linear(np.array(srgb(person.hair_color))) * 0.6 + np.array([0.018, 0.02, 0.026])
        linear = linear * (1 - cover[:, None]) + hair * cover[:, None]

    stroke = np.clip(value_noise(p, np.array([0.0010, 0.0030, 0.0050]), rng), -1.5, 1.5)
    root = smoothstep(-0.009, 0.008, zones.scalp + 0.0012 * mottle)
    root = root * (1 + 0.35 * stroke * (1 - root))
    brow = np.exp(-(brow_distance(p) ** 2) * 1.3) * np.clip(0.30 + 0.10 * stroke, 0.05, 0.6)
    hair = to_linear(np.array(srgb(person.hair_color)))
    for cover, share in (
        (0.94 * root, 0.7),
        (brow * (0.5 + 0.2 * man), 1.0),
        (0.75 * lash_line, 0.4),
    ):
        tint = share * hair * np.clip(0.9 + 0.2 * fine, 0.3, 1.3)[:, None]
        linear = linear * (1 - cover[:, None]) + cover[:, None] * tint

    shine = 0.8 * forehead + 1.1 * blob(p, (0, -38, -22), (7, 16, 22)) + 0.7 * nose + 0.3 * chin
    shine += 0.4 * blob(p, (38, -10, -18), (12, 20, 8))
    shine = shine * (1 - 0.4 * person.skin_tone) - 0.8 * blob(p, (70, 25, 5), (22, 40, 40))
    gloss = 0.13 - 0.09 * person.skin_tone
    roughness = 0.58 - 0.13 * shine - gloss * zones.lips + 0.03 * mottle + 0.05 * pore_dark
    roughness += 0.07 * person.skin_tone + 0.15 * crease
    roughness += 0.04 * old - 0.22 * rim - 0.25 * wet + 0.25 * root
    return SkinPaint(to_srgb(linear), height, np.clip(roughness, 0.16, 0.85))


def _spots(p: Floats, person: PersonSpec, rng: np.random.Generator) -> Floats:
    """Pigment of freckles, moles and, with age, sun spots."""
    skin = p[(p[:, 1] < 0.06) & (p[:, 2] > -0.2)]
    total = np.zeros(len(p))
    if not len(skin):
        return total
    kinds = (
        (int(900 * person.freckles), 0.00085, 0.12, True),
        (9, 0.0009, 0.65, False),
        (int(70 * np.interp(person.age, [40, 80], [0, 1])), 0.0028, 0.09, False),
    )
    for count, radius, strength, central in kinds:
        if not count:
            continue
        chance = np.ones(len(skin))
        if central:
            chance = 0.05 + blob(skin, (22, -20, -20), (30, 40, 20))
        seeds = skin[rng.choice(len(skin), count, p=chance / chance.sum())]
        size = radius * rng.uniform(0.6, 1.4, count)
        power = strength * rng.uniform(0.4, 1.0, count)
        distance, index = cell_distance(p, seeds)
        total += power[index] * smoothstep(1.3, 0.5, distance / size[index])
    return total


def _relief(
    p: Floats, zones: SkinZones, person: PersonSpec, rng: np.random.Generator, old: float
) -> tuple[Floats, Floats]:
    """Height in metres and darkness of pores, shape (T,) each."""
    nose = blob(p, (0, -40, -34), (16, 22, 17))
    cheek = blob(p, (30, -18, -32), (20, 26, 18))
    forehead = blob(p, (0, -20, 45), (45, 45, 24))
    calm = 1 - np.clip(zones.lips + zones.inside, 0, 1)
    spread = 0.00075 * (1 - 0.2 * nose)
    pores = p[rng.choice(len(p), min(len(p), 160_000), replace=False)]
    distance, index = cell_distance(p, pores)
    depth = rng.uniform(0.3, 1.0, len(pores))[index]
    pore = depth * np.exp(-((distance / (0.42 * spread)) ** 2))
    strength = calm * (0.35 + 0.8 * nose + 0.5 * cheek + 0.25 * forehead) * (0.8 + 0.4 * old)
    height = -0.000042 * pore * strength
    height += 0.000020 * fractal_noise(p, 0.0016, 2, rng) * calm
    height += 0.000050 * fractal_noise(p, 0.0075, 2, rng) * calm * (0.6 + old)

    mouth = np.array([0.0, 0.0, -0.0677])
    lines = value_noise(p - mouth, np.array([0.0011, 0.02, 0.006]), rng)
    lines += 0.5 * value_noise(p - mouth, np.array([0.0006, 0.02, 0.004]), rng)
    height += zones.lips * (0.00005 * lines - 0.00006 * np.maximum(lines, 0))

    x, _, z = (p * 1000).T
    wobble = fractal_noise(p, 0.03, 2, rng)
    furrow = np.sin(2 * np.pi * (z / 8.5 + 0.28 * wobble + 0.0009 * x**2 / 8.5))
    height -= 0.00045 * old * forehead * np.maximum(furrow, 0) ** 4
    side = np.abs(x)
    angle = np.arctan2(z - 0.5, side - 40)
    crow = np.maximum(np.sin(angle * 11 + 1.2 * wobble), 0) ** 3
    at_crow = blob(p, (55, 2, 0), (9, 16, 11))
    height -= 0.00042 * old * at_crow * crow
    under = np.maximum(np.sin(2 * np.pi * (z + 0.12 * (side - 30)) / 3.6 + wobble), 0) ** 3
    height -= 0.00016 * (0.2 + old) * blob(p, (31, -14, -12), (13, 14, 5)) * under
    bands = np.maximum(np.sin(2 * np.pi * (z / 21 + 0.25 * wobble)), 0) ** 8
    height -= 0.00025 * (0.2 + old) * smoothstep(-112, -125, z) * bands
    return height, pore * strength
