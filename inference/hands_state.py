"""From probabilities of hands to states that do not flicker, and when a driver is to be warned.

A pure function of samples with their times: `step` takes what was known and one more sample.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from inference.results import HandsOnWheel

Told = Literal["on", "off", "unknown"]


@dataclass(frozen=True)
class HandsSettings:
    """When a state changes, and when a driver is warned.

    Attributes
    ----------
    smoothing : float
        Seconds over which a probability is evened out (time constant); 0 for none.
    on_above, off_below : float
        Evened probabilities at which a state changes; between them it stays.
    least_on, least_off : float
        Seconds that a probability must ask for a state before it is told.
    warn_after : float
        Seconds with both hands off after which the driver is warned.
    lost_after : float
        Seconds without a sample after which nothing is known any more.
    """

    smoothing: float = 0.2
    on_above: float = 0.6
    off_below: float = 0.4
    least_on: float = 0.2
    least_off: float = 0.4
    warn_after: float = 5.0
    lost_after: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.off_below <= self.on_above <= 1.0:
            raise ValueError("0 ≤ off_below ≤ on_above ≤ 1 does not hold")
        seconds = (
            self.smoothing, self.least_on, self.least_off, self.warn_after, self.lost_after
        )  # fmt: skip
        if not all(math.isfinite(value) and value >= 0.0 for value in seconds):
            raise ValueError("times are finite and not below 0")


@dataclass(frozen=True)
class HandNow:
    """One hand.

    Attributes
    ----------
    told : str
    probability : float
        Of being on the wheel, evened; NaN while unknown.
    since : float
        When it came to be as it is told.
    asked : str
        Another state that the probability asks for, or the one that is told.
    asked_since : float
    """

    told: Told = "unknown"
    probability: float = math.nan
    since: float = 0.0
    asked: Told = "unknown"
    asked_since: float = 0.0


@dataclass(frozen=True)
class HandsNow:
    """Both hands of a driver at a time.

    Attributes
    ----------
    time : float
        Of the last sample, seconds; NaN before the first.
    left, right : HandNow
    off_since : float, optional
        Since when neither hand is on the wheel; None where one is, or is not known.
    warning : bool
        Neither has been for as long as the settings say.
    """

    time: float = math.nan
    left: HandNow = field(default_factory=HandNow)
    right: HandNow = field(default_factory=HandNow)
    off_since: float | None = None
    warning: bool = False

    @property
    def off_for(self) -> float:
        """Seconds for which neither hand has been on the wheel; 0 where one is."""
        return 0.0 if self.off_since is None else self.time - self.off_since


NOTHING: Final = HandsNow()


def step(
    before: HandsNow, time: float, sample: HandsOnWheel | None, settings: HandsSettings
) -> HandsNow:
    """What is known after one more sample.

    Parameters
    ----------
    before : HandsNow
        `NOTHING` at the start.
    time : float
        Seconds; a time that lies before the last one, as after a jump in a clip, begins anew.
    sample : HandsOnWheel, optional
        None where nothing was seen.
    settings : HandsSettings
    """
    passed = time - before.time
    if math.isnan(passed) or passed < 0.0 or passed > settings.lost_after:
        before = replace(NOTHING, time=time)
        passed = 0.0
    if sample is None:
        return replace(before, time=before.time if before.left.told != "unknown" else time)
    left = _hand(before.left, time, passed, sample.left, settings)
    right = _hand(before.right, time, passed, sample.right, settings)
    off_since = max(left.since, right.since) if left.told == right.told == "off" else None
    warning = off_since is not None and time - off_since >= settings.warn_after
    return HandsNow(time, left, right, off_since, warning)


def over(
    samples: Iterable[tuple[float, HandsOnWheel | None]], settings: HandsSettings
) -> tuple[HandsNow, ...]:
    """What is known after each of some samples."""
    now, found = NOTHING, []
    for time, sample in samples:
        now = step(now, time, sample, settings)
        found.append(now)
    return tuple(found)


def _hand(
    before: HandNow, time: float, passed: float, probability: float, settings: HandsSettings
) -> HandNow:
    probability = min(max(probability, 0.0), 1.0)
    if before.told == "unknown":
        first: Told = "on" if probability >= (settings.on_above + settings.off_below) / 2 else "off"
        return HandNow(first, probability, time, first, time)
    keep = math.exp(-passed / settings.smoothing) if settings.smoothing > 0.0 else 0.0
    even = keep * before.probability + (1.0 - keep) * probability
    asked = _asked(before.told, even, settings)
    asked_since = before.asked_since if asked == before.asked else time
    wait = settings.least_on if asked == "on" else settings.least_off
    if asked != before.told and time - asked_since >= wait:
        return HandNow(asked, even, asked_since, asked, asked_since)
    return HandNow(before.told, even, before.since, asked, asked_since)


def _asked(told: Told, probability: float, settings: HandsSettings) -> Told:
    """Hysteresis: the state stays between the two thresholds."""
    if told == "on":
        return "off" if probability < settings.off_below else "on"
    return "on" if probability >= settings.on_above else "off"
