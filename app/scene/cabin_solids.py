"""An interior as solids."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.scene.cabin import Cabin
from app.scene.cabin_dash import console, dash
from app.scene.cabin_seats import seats
from app.scene.cabin_shell import doors, shell
from app.scene.solids import Solid


def cabin_solids(cabin: Cabin, back: float, recline: float) -> list[Solid]:
    """Everything but the wheel and the driver.

    Parameters
    ----------
    back : float
        Metres from the hips to the back of the seat, backwards.
    recline : float
        Degrees of the seat's back.
    """
    rng = np.random.default_rng([cabin.seed, 5])
    out = dash(cabin, rng) + doors(cabin, rng) + shell(cabin, rng) + console(cabin, rng)
    out += seats(cabin, back, recline, rng)
    if cabin.right_hand_drive:
        out = [mirrored(one) for one in out]
    return out


def mirrored(one: Solid) -> Solid:
    """A solid on the other side of the plane x = 0."""
    flip = np.array([-1.0, 1.0, 1.0], np.float32)
    return replace(
        one,
        vertices=one.vertices * flip,
        normals=one.normals * flip,
        triangles=np.ascontiguousarray(one.triangles[:, ::-1]),
    )
