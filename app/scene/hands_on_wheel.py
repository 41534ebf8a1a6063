"""When a hand is on the wheel: the one place where it is said."""

from __future__ import annotations

from typing import Final, Literal

HandState = Literal["on", "off", "uncertain"]

THRESHOLD: Final = 0.010
"""Metres between the skin of fingers and palm and the rim's surface: nearer is on, farther off."""

BAND: Final = 0.005
"""Metres about the threshold, to both sides, in which a state is uncertain and not scored."""


def state_of(distance: float) -> HandState:
    """State of a hand by its signed distance to the rim, metres."""
    if abs(distance - THRESHOLD) < BAND:
        return "uncertain"
    return "on" if distance < THRESHOLD else "off"
