"""How hair is combed: the styles, by their roots' canonical positions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.bake.mesh import Bools, Floats
from app.bake.person import PersonSpec
from app.bake.strands import unit
from app.bake.tone import smoothstep

CROWN = np.array([0.012, 0.125, 0.098])
BUN = np.array([0.0, 0.168, 0.062])
PARTING = 0.024  # metres to the left of the middle


@dataclass(frozen=True)
class Style:
    """How hair is combed.

    Attributes
    ----------
    locks : int
    segments : int
        Pieces of a ribbon.
    width : float
        Metres at the widest.
    length : callable
        Length in metres from canonical root positions, shape (R, 3).
    comb : callable
        Tangent direction from canonical root positions, shape (R, 3).
    hairline : float
        How far inside the hairline locks begin, metres.
    tilt : float
        How round a lock is shaded across, 0 flat to 1.
    lift : float
        How much a lock leaves the scalp before it bends.
    gravity : float
    volume : float
        Greatest height over the shell, metres.
    shell : float
        Height of the shell under the locks, metres.
    share : callable
        Share of locks kept at canonical root positions, 0..1, shape (R,).
    reach : float
        Metres inside the hairline over which the shell rises to its height.
    fringe : float or None
        Height above the eyes, metres, to which hair falls over the forehead; None for none.
    curl : float
        Radius of curls, metres.
    wave : float
        Length of one turn of a curl, metres.
    long : bool
        Whether it lies on the shoulders.
    bun : bool
        Whether it is gathered in a knot behind.
    """

    locks: int
    segments: int
    width: float
    length: Callable[[Floats], Floats]
    comb: Callable[[Floats], Floats]
    hairline: float
    tilt: float
    lift: float
    gravity: float
    volume: float
    shell: float
    share: Callable[[Floats], Floats]
    reach: float = 0.030
    fringe: float | None = None
    curl: float = 0.0
    wave: float = 0.03
    long: bool = False
    bun: bool = False


def of_fringe(p: Floats) -> Bools:
    """Which canonical root positions, shape (R, 3), hair over the forehead grows from."""
    return np.asarray((np.abs(p[:, 0]) < 0.052) & (p[:, 1] < 0.040) & (p[:, 2] > 0.040))


def _from_crown(p: Floats) -> Floats:
    return unit(p - CROWN)


def _swept(p: Floats) -> Floats:
    """From the crown outwards; the top of the front goes to the person's right and back."""
    top = smoothstep(0.045, 0.085, p[:, 2])[:, None]
    front = smoothstep(0.05, -0.01, p[:, 1])[:, None]
    sideways = np.array([-0.85, -0.25, 0.25])
    return unit(_from_crown(p) * (1 - 0.85 * top * front) + sideways * top * front)


def _parted(p: Floats) -> Floats:
    """Away from a parting left of the middle, then down and a little back."""
    side = np.tanh((p[:, 0] - PARTING) / 0.012)
    back = smoothstep(0.07, 0.13, p[:, 1])
    away = np.column_stack([side, np.full(len(p), 0.55), np.full(len(p), -0.30)])
    behind = np.column_stack([0.3 * side, np.ones(len(p)) * 0.5, -np.ones(len(p))])
    return unit(away * (1 - back[:, None]) + behind * back[:, None])


def _forward(p: Floats) -> Floats:
    """Down over the forehead, spreading a little to the sides."""
    return unit(np.column_stack([4.0 * p[:, 0], np.full(len(p), -0.9), np.full(len(p), -0.45)]))


def _with_fringe(comb: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
    def combed(p: Floats) -> Floats:
        return np.where(of_fringe(p)[:, None], _forward(p), comb(p))

    return combed


def _to_bun(p: Floats) -> Floats:
    return unit(BUN - p)


def _short_length(p: Floats) -> Floats:
    top = smoothstep(0.02, 0.08, p[:, 2])
    front = smoothstep(0.06, -0.02, p[:, 1])
    return np.asarray(0.015 + top * (0.020 + 0.010 * front))


def _bob_length(p: Floats) -> Floats:
    """Long enough that every lock ends near the same height, at the jaw."""
    end = -0.085 - 0.012 * smoothstep(0.0, 0.1, p[:, 1])
    over = np.maximum(0.0, p[:, 2] - 0.03) * 0.55 + 0.02
    return np.asarray(np.clip(p[:, 2] - end + over, 0.05, 0.30))


def _long_length(p: Floats) -> Floats:
    end = -0.215 - 0.025 * np.cos(p[:, 0] * 90)
    over = np.maximum(0.0, p[:, 2] - 0.03) * 0.55 + 0.02
    return np.asarray(np.clip(p[:, 2] - end + over, 0.05, 0.42))


def _curly_length(p: Floats) -> Floats:
    return np.asarray(np.clip(_bob_length(p) * 0.72, 0.04, 0.16))


def _man_curls(p: Floats) -> Floats:
    return np.asarray(0.022 + 0.028 * smoothstep(0.0, 0.08, p[:, 2]))


def _bun_length(p: Floats) -> Floats:
    return np.asarray(np.linalg.norm(BUN - p, axis=1) * 1.08)


def _fringe_length(p: Floats) -> Floats:
    """To 26 mm above the eyes: what a brow leaves free."""
    return np.asarray(np.clip((p[:, 2] - 0.026) * 1.05 + np.maximum(p[:, 1], 0) * 0.9, 0.02, 0.12))


def _bob_and_fringe(p: Floats) -> Floats:
    return np.where(of_fringe(p), _fringe_length(p), _bob_length(p))


def _short_and_fringe(p: Floats) -> Floats:
    return np.where(of_fringe(p), 0.62 * _fringe_length(p) + 0.006, _short_length(p))


def _evenly(p: Floats) -> Floats:
    return np.full(len(p), 0.7)


def _all(p: Floats) -> Floats:
    return np.ones(len(p))


def _at_parting(p: Floats) -> Floats:
    """Most at the parting and its ends, least low on the head, where locks from above lie."""
    near = np.exp(-(((p[:, 0] - PARTING) / 0.022) ** 2)) * smoothstep(0.16, 0.12, p[:, 1])
    return 0.22 + 0.78 * np.maximum(near, smoothstep(0.05, 0.085, p[:, 2]) * 0.45)


def _at_parting_and_fringe(p: Floats) -> Floats:
    return np.where(of_fringe(p), 1.0, _at_parting(p))


STYLES: dict[str, Style] = {
    "crop": Style(
        locks=2400, segments=2, width=0.0020, length=lambda p: np.full(len(p), 0.006),
        tilt=0.3, hairline=0.011,
        comb=_from_crown, lift=0.1, gravity=0.1, volume=0.0012, shell=0.0026, share=_evenly,
    ),
    "short": Style(
        locks=1700, segments=3, width=0.0037, length=_short_length, tilt=0.35,
        hairline=0.004,
        comb=_swept, lift=0.05, gravity=0.25, volume=0.0034, shell=0.0045, share=_evenly,
    ),
    "bob": Style(
        locks=1000, segments=6, width=0.0070, length=_bob_length, tilt=0.2, hairline=0.007,
        comb=_parted, lift=0.25, gravity=1.0, volume=0.0042, shell=0.0060, share=_at_parting,
    ),
    "long": Style(
        locks=860, segments=7, width=0.0085, length=_long_length, tilt=0.2, hairline=0.007,
        comb=_parted, lift=0.25, gravity=1.0, volume=0.0042, shell=0.0060, share=_at_parting,
        long=True,
    ),
    "bun": Style(
        locks=1100, segments=4, width=0.0052, length=_bun_length, tilt=0.25, hairline=0.004,
        comb=_to_bun, lift=0.05, gravity=0.0, volume=0.0018, shell=0.0040, share=_evenly,
        bun=True,
    ),
    "curly": Style(
        locks=760, segments=7, width=0.0075, length=_curly_length, tilt=0.5, hairline=0.003,
        comb=_parted, lift=0.9, gravity=0.8, volume=0.0150, shell=0.0090, share=_evenly,
        curl=0.0065, wave=0.036,
    ),
    "afro": Style(
        locks=1700, segments=3, width=0.0050, length=lambda p: np.full(len(p), 0.020),
        tilt=0.6, hairline=0.004, comb=_from_crown, lift=1.0, gravity=0.0, volume=0.004,
        shell=0.034, share=_all, reach=0.042, curl=0.0035, wave=0.014,
    ),
}  # fmt: skip

_FRINGE_WOMAN = Style(
    locks=1050, segments=6, width=0.0064, length=_bob_and_fringe, tilt=0.2, hairline=0.004,
    comb=_with_fringe(_parted), lift=0.25, gravity=1.0, volume=0.0042, shell=0.0060,
    share=_at_parting_and_fringe, fringe=0.014,
)  # fmt: skip
_FRINGE_MAN = Style(
    locks=1700, segments=3, width=0.0037, length=_short_and_fringe, tilt=0.35, hairline=0.003,
    comb=_with_fringe(_swept), lift=0.15, gravity=0.5, volume=0.0040, shell=0.0045,
    share=_evenly, fringe=0.022,
)  # fmt: skip
_CURLY_MAN = Style(
    locks=1150, segments=4, width=0.0062, length=_man_curls, tilt=0.5, hairline=0.003,
    comb=_from_crown, lift=0.8, gravity=0.15, volume=0.0100, shell=0.0070, share=_evenly,
    curl=0.0050, wave=0.022,
)  # fmt: skip


def style_of(person: PersonSpec) -> Style | None:
    """How a person's hair is combed; None for a bald head and for the plain cap."""
    if person.hair_style == "afro" and person.hat.style != "none":
        return STYLES["crop"]
    if person.gender > 0.5:
        return _FRINGE_WOMAN if person.hair_style == "fringe" else STYLES.get(person.hair_style)
    men = {"fringe": _FRINGE_MAN, "curly": _CURLY_MAN}
    return men.get(person.hair_style) or STYLES.get(person.hair_style)
