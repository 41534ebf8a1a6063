"""What a driver holds: a telephone, something to eat, a cup."""

from __future__ import annotations

import numpy as np

from app.bake.driver_pose import HandPlace
from app.bake.driver_rig import unit
from app.bake.mesh import Floats
from app.scene.fabrics import clouds, color_of, encoded
from app.scene.solids import Finish, Solid, placed, rounded_box, solid, tube


def prop_solids(
    kind: str, place: HandPlace, palm: Floats, length: float, rng: np.random.Generator
) -> list[Solid]:
    """A thing in a hand.

    Parameters
    ----------
    kind : str
        ``"phone"``, ``"food"`` or ``"cup"``.
    palm : ndarray, shape (3,)
        Unit vector out of the palm, in the cabin.
    length : float
        From the wrist to the knuckles, metres.
    """
    x, y = place.turn[:, 0], place.turn[:, 1]
    middle = place.wrist + 0.88 * length * x + 0.034 * palm
    if kind == "phone":
        return _phone(middle, unit(0.75 * x + 0.65 * y), palm, rng)
    if kind == "cup":
        return _cup(middle + 0.012 * palm, y, rng)
    return _food(middle + 0.006 * palm, x, y, palm, rng)


def _phone(middle: Floats, along: Floats, palm: Floats, rng: np.random.Generator) -> list[Solid]:
    along = unit(along - (along @ palm) * palm)
    turn = np.stack([np.cross(palm, along), palm, along], axis=1)
    half = np.array([0.036, 0.0045, 0.073]) * float(rng.uniform(0.93, 1.07))
    body = placed(rounded_box(half, 0.004, 3), middle, turn)
    face = placed(rounded_box(half * [0.94, 0.3, 0.96], 0.001, 2), middle + 0.0038 * palm, turn)
    case = color_of(rng.random(3) ** 3 * 0.6)
    out = [solid("phone", body, Finish(case, 0.4, 0.5), "prop")]
    lit = float(rng.uniform(0.0, 0.35))
    picture = encoded(np.clip(0.5 + 0.3 * clouds(rng, 32, 5), 0.0, 1.0)[..., None] * rng.random(3))
    shown = Finish((1.0, 1.0, 1.0), 0.1, 0.5, texture=picture, emission=max(lit, 0.01), tile=0.1)
    return [*out, solid("phone-face", face, shown, "prop")]


def _cup(middle: Floats, along: Floats, rng: np.random.Generator) -> list[Solid]:
    course = middle + np.linspace(-0.055, 0.06, 8)[:, None] * along
    radius = np.linspace(0.029, 0.038, 8)
    paint = color_of(rng.random(3) ** 1.5)
    lid = middle + np.linspace(0.058, 0.068, 3)[:, None] * along
    return [
        solid("cup", tube(course, radius, 18), Finish(paint, 0.5, 0.4), "prop"),
        solid("lid", tube(lid, 0.04, 18), Finish((0.7, 0.7, 0.68), 0.4, 0.4), "prop"),
    ]


def _food(
    middle: Floats, x: Floats, y: Floats, palm: Floats, rng: np.random.Generator
) -> list[Solid]:
    if rng.random() < 0.5:
        course = middle + np.linspace(-0.08, 0.08, 10)[:, None] * y
        radius = 0.021 * np.sqrt(np.clip(1.05 - np.linspace(-1, 1, 10) ** 4, 0.05, 1.0))
        crust = encoded(np.array([0.45, 0.24, 0.09]) * (1.0 + 0.25 * clouds(rng, 64, 9))[..., None])
        bread = Finish((1.0, 1.0, 1.0), 0.8, 0.2, texture=crust, tile=0.1)
        return [solid("food", tube(course, radius, 14), bread, "prop")]
    turn = np.stack([x, y, np.cross(x, y)], axis=1)
    body = placed(
        rounded_box(np.array([0.042, 0.042, 0.024]), 0.02, 4), middle + 0.012 * palm, turn
    )
    color = ((0.5, 0.05, 0.03), (0.55, 0.35, 0.08), (0.3, 0.5, 0.08))[int(rng.integers(3))]
    return [solid("food", body, Finish(color, 0.5, 0.4), "prop")]
