"""What drivers do: ten seconds of behaviour as keys in time. Nothing here knows a body.

A hand stays as one key says until the next one takes over; the way between is as long as that key
takes. Times are seconds. Clock positions are as the driver sees them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, get_args

import numpy as np

SECONDS: Final = 10.0
RATE: Final = 15
"""Pictures a second."""
FRAMES: Final = round(SECONDS * RATE)


Task = Literal[
    "hold", "spoke", "hover", "beside", "lap", "gear", "door", "console", "ear", "text", "mouth",
    "mirror", "screen", "back", "air",
]  # fmt: skip
ON_WHEEL: Final[tuple[Task, ...]] = ("hold", "spoke", "hover", "beside")
"""Tasks whose place turns with the wheel, or is told by it."""

Behaviour = Literal[
    "two-hands", "one-hand-lap", "one-hand-gear", "one-hand-door", "one-hand-console", "phone-call",
    "texting", "eating", "drinking", "adjusting-mirror", "touching-screen", "reaching-back",
    "turning-round", "falling-asleep", "resting-on-spoke", "hovering-2cm", "hovering-3cm",
    "steering", "crossed-hands", "beside-the-rim", "hands-off", "rim-coloured-sleeve",
]  # fmt: skip
BEHAVIOURS: Final[tuple[Behaviour, ...]] = get_args(Behaviour)
SLICES: Final[tuple[Behaviour, ...]] = (
    "hovering-3cm",
    "crossed-hands",
    "rim-coloured-sleeve",
    "beside-the-rim",
)
"""Behaviours that test what is hard to tell apart."""

SHARES: Final[dict[Behaviour, float]] = {
    "two-hands": 10.0, "one-hand-lap": 6.0, "one-hand-gear": 5.0, "one-hand-door": 4.0,
    "one-hand-console": 4.0, "phone-call": 6.0, "texting": 6.0, "eating": 4.0, "drinking": 3.0,
    "adjusting-mirror": 3.0, "touching-screen": 4.0, "reaching-back": 3.0, "turning-round": 4.0,
    "falling-asleep": 5.0, "resting-on-spoke": 4.0, "hovering-2cm": 5.0, "hovering-3cm": 4.0,
    "steering": 8.0, "crossed-hands": 4.0, "beside-the-rim": 4.0, "hands-off": 3.0,
    "rim-coloured-sleeve": 4.0,
}  # fmt: skip
"""How often each is drawn, relative to the others."""


@dataclass(frozen=True)
class HandKey:
    """What a hand does from a time on.

    Attributes
    ----------
    at, takes : float
        When it is there, and how long the way takes before.
    clock : float
        Of what is done at the rim.
    gap, closed : float
        Of hovering: metres between palm and rim, and how far the fingers close.
    around, slant, thumb : float
        Wishes for the grip, which the arm's ease outweighs (see `app.bake.driver_grip.Hold`).
    shift : tuple of float
        Metres by which the place differs from where the task's places are.
    """

    at: float
    task: Task
    takes: float = 0.7
    clock: float = 0.0
    gap: float = 0.0
    closed: float = 1.0
    around: float = 20.0
    slant: float = 12.0
    thumb: float = 0.5
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class BodyKey:
    """How trunk and head are held at a time, degrees (see `app.bake.driver_pose.Torso`)."""

    at: float
    forward: float = 0.0
    aside: float = 0.0
    twist: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    lids: float = 0.0
    jaw: float = 0.0


@dataclass(frozen=True)
class Script:
    """Ten seconds of one driver.

    Attributes
    ----------
    left, right : tuple of HandKey
        In the order of time; the first is at time 0.
    wheel : tuple of (time, degrees)
        The wheel's angle, clockwise as the driver sees it.
    prop : str
        ``"phone"``, ``"food"``, ``"cup"`` or empty; ``prop_hand`` is ``"L"`` or ``"R"``.
    phases : tuple of float
        Of the small motions that never end.
    """

    behaviour: Behaviour
    left: tuple[HandKey, ...]
    right: tuple[HandKey, ...]
    wheel: tuple[tuple[float, float], ...]
    body: tuple[BodyKey, ...]
    prop: str = ""
    prop_hand: str = ""
    phases: tuple[float, ...] = field(default_factory=lambda: (0.0,) * 8)

    def keys(self, side: str) -> tuple[HandKey, ...]:
        """Keys of a hand, ``"L"`` or ``"R"``."""
        return self.left if side == "L" else self.right

    def wheel_angle(self, time: float) -> float:
        """Degrees clockwise at a time, with the small corrections of driving straight."""
        times, angles = zip(*self.wheel, strict=True)
        small = 1.6 * np.sin(0.9 * time + self.phases[0]) + 0.9 * np.sin(
            2.3 * time + self.phases[1]
        )
        return float(_eased(time, times, angles) + small)

    def body_at(self, time: float) -> BodyKey:
        """Trunk and head at a time."""
        times = tuple(key.at for key in self.body)
        p = self.phases
        sway = {
            "forward": 0.7 * np.sin(0.7 * time + p[2]),
            "aside": 0.6 * np.sin(0.5 * time + p[3]),
            "yaw": 3.0 * np.sin(0.8 * time + p[4]) + 1.5 * np.sin(1.9 * time + p[5]),
            "pitch": 1.2 * np.sin(1.1 * time + p[6]),
            "roll": 1.0 * np.sin(0.6 * time + p[7]),
        }
        blink = max(0.0, 1.0 - abs((time + p[0]) % 3.7 - 1.0) / 0.12)
        values = {
            name: float(
                _eased(time, times, tuple(getattr(key, name) for key in self.body))
                + sway.get(name, 0.0)
            )
            for name in ("forward", "aside", "twist", "yaw", "pitch", "roll", "lids", "jaw")
        }
        values["lids"] = min(1.0, max(values["lids"], blink))
        return BodyKey(time, **values)


def _eased(time: float, times: tuple[float, ...], values: tuple[float, ...]) -> float:
    """Values between keys, at rest at each of them."""
    k = int(np.searchsorted(times, time, side="right")) - 1
    if k < 0:
        return values[0]
    if k + 1 >= len(times):
        return values[-1]
    share = (time - times[k]) / max(times[k + 1] - times[k], 1e-9)
    share = share * share * (3.0 - 2.0 * share)
    return values[k] + share * (values[k + 1] - values[k])
