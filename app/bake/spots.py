"""Freckles, moles and sun spots."""

from __future__ import annotations

import numpy as np

from app.bake.canvas import Canvas, blob
from app.bake.head import skin_mesh
from app.bake.mesh import Floats, Singles
from app.bake.person import PersonSpec
from app.bake.tone import smoothstep


def spot_pigment(canvas: Canvas, person: PersonSpec) -> Singles:
    """Pigment of freckles, moles and, with age, sun spots, shape (T,)."""
    p = canvas.position
    rng = person.rng("spots")
    skin = skin_mesh().canonical
    skin = skin[(skin[:, 1] < 0.06) & (skin[:, 2] > -0.2)]
    total = np.zeros(len(p), dtype=np.float32)
    kinds = (
        (int(900 * person.freckles), 0.00085, 0.12, True),
        (9, 0.0009, 0.65, False),
        (int(70 * np.interp(person.age, [40, 80], [0, 1])), 0.0028, 0.09, False),
    )
    for count, radius, strength, central in kinds:
        if count:
            seeds = _scattered(skin, count, central, rng)
            size = radius * rng.uniform(0.6, 1.4, count)
            power = strength * rng.uniform(0.4, 1.0, count)
            for of, near in enumerate(canvas.tree.query_ball_point(seeds, 1.3 * size)):
                if near:
                    distance = np.linalg.norm(p[near] - seeds[of].astype(np.float32), axis=1)
                    spot = power[of] * smoothstep(1.3, 0.5, distance / size[of])
                    total[near] = np.maximum(total[near], spot)
    return total


def _scattered(skin: Floats, count: int, central: bool, rng: np.random.Generator) -> Floats:
    """Points near random vertices of the skin, mostly of the middle of the face if `central`."""
    chance = 0.05 + blob(skin, (22, -20, -20), (30, 40, 20)) if central else np.ones(len(skin))
    at = np.searchsorted(np.cumsum(chance / chance.sum()), rng.random(count))
    points: Floats = skin[np.minimum(at, len(skin) - 1)]
    return points + rng.normal(0, 0.0012, points.shape)
