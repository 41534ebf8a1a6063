"""Scripts of what drivers do, drawn at random."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from app.scene.driving import (
    BEHAVIOURS,
    SECONDS,
    SHARES,
    Behaviour,
    BodyKey,
    HandKey,
    Script,
    Task,
)

_QUICKEST: Final = 0.45
"""Seconds of the quickest way of a hand."""


def draw_behaviour(rng: np.random.Generator) -> Behaviour:
    """A behaviour by `SHARES`."""
    weights = np.array([SHARES[one] for one in BEHAVIOURS])
    return BEHAVIOURS[int(rng.choice(len(BEHAVIOURS), p=weights / weights.sum()))]


def write_script(rng: np.random.Generator, behaviour: Behaviour, inboard: str) -> Script:
    """Ten seconds of a behaviour.

    Parameters
    ----------
    inboard : str
        The hand on the side of the gear lever, ``"L"`` or ``"R"``.
    """
    outboard = "L" if inboard == "R" else "R"
    free = inboard if rng.random() < 0.6 else outboard
    writer = _Writer(rng, inboard, outboard)
    hands = {"L": [writer.hold("L", 0.0)], "R": [writer.hold("R", 0.0)]}
    wheel = [(0.0, float(rng.normal(0.0, 6.0))), (SECONDS, float(rng.normal(0.0, 8.0)))]
    body = [BodyKey(0.0), BodyKey(SECONDS)]
    prop, prop_hand = "", ""
    match behaviour:
        case "two-hands" | "rim-coloured-sleeve":
            for side in ("L", "R"):
                if rng.random() < 0.5:
                    hands[side].append(writer.hold(side, float(rng.uniform(2.0, 8.5))))
        case "one-hand-lap":
            hands[free] = writer.visit(free, "lap")
        case "one-hand-gear":
            hands[inboard] = writer.visit(inboard, "gear")
        case "one-hand-door":
            hands[outboard] = writer.visit(outboard, "door")
        case "one-hand-console":
            hands[inboard] = writer.visit(inboard, "console")
        case "phone-call":
            hands[free] = writer.visit(free, "ear", stay=0.8)
            prop, prop_hand = "phone", free
            body = [BodyKey(0.0, roll=writer.lean(free, 6.0)), BodyKey(SECONDS, roll=0.0)]
        case "texting":
            hands[free] = writer.visit(free, "text", stay=0.85)
            other = "L" if free == "R" else "R"
            if rng.random() < 0.3:
                hands[other] = writer.visit(other, "text", stay=0.5)
            prop, prop_hand = "phone", free
            down = float(rng.uniform(18.0, 38.0))
            body = [
                BodyKey(0.0, pitch=down),
                BodyKey(5.0, pitch=down * 0.3),
                BodyKey(SECONDS, pitch=down),
            ]
        case "eating" | "drinking":
            hands[free] = writer.bites(free)
            prop, prop_hand = ("food" if behaviour == "eating" else "cup"), free
            body = [BodyKey(float(t), jaw=0.35 * (t % 2)) for t in range(11)]
        case "adjusting-mirror":
            hands[inboard] = writer.visit(inboard, "mirror", stay=0.5)
            middle = writer.middle(hands[inboard])
            body = [
                BodyKey(0.0),
                BodyKey(
                    middle,
                    forward=9.0,
                    twist=writer.lean(inboard, 10.0),
                    yaw=writer.lean(inboard, 22.0),
                    pitch=-8.0,
                ),
                BodyKey(SECONDS),
            ]
        case "touching-screen":
            hands[inboard] = writer.visit(inboard, "screen", stay=0.5)
            middle = writer.middle(hands[inboard])
            body = [
                BodyKey(0.0),
                BodyKey(
                    middle,
                    forward=7.0,
                    twist=writer.lean(inboard, 6.0),
                    yaw=writer.lean(inboard, 25.0),
                    pitch=12.0,
                ),
                BodyKey(SECONDS),
            ]
        case "reaching-back":
            hands[inboard] = writer.visit(inboard, "back", stay=0.5)
            middle = writer.middle(hands[inboard])
            turn = writer.lean(inboard, float(rng.uniform(28.0, 42.0)))
            body = [
                BodyKey(0.0),
                BodyKey(middle, twist=turn, yaw=1.7 * turn, aside=-writer.lean(outboard, 6.0)),
                BodyKey(SECONDS),
            ]
        case "turning-round":
            turn = writer.lean(
                inboard if rng.random() < 0.6 else outboard, float(rng.uniform(12.0, 24.0))
            )
            if rng.random() < 0.5:
                hands[free] = writer.visit(free, "air")
            body = [
                BodyKey(0.0),
                BodyKey(float(rng.uniform(2.0, 4.0)), twist=turn, yaw=3.4 * turn),
                BodyKey(float(rng.uniform(6.0, 8.5)), twist=turn, yaw=3.0 * turn),
                BodyKey(SECONDS),
            ]
        case "falling-asleep":
            begin = float(rng.uniform(1.0, 3.5))
            for side in ("L", "R"):
                if side == free or rng.random() < 0.5:
                    end = begin + float(rng.uniform(1.5, 5.0))
                    hands[side].append(
                        replace(writer.task(side, "lap", end), takes=float(rng.uniform(0.8, 2.0)))
                    )
            nod = float(rng.uniform(22.0, 42.0))
            body = [
                BodyKey(0.0, lids=0.4),
                BodyKey(begin, pitch=6.0, lids=0.7),
                BodyKey(begin + 2.0, pitch=nod, roll=float(rng.normal(0, 8)), lids=1.0),
                BodyKey(begin + 3.0, pitch=0.6 * nod, lids=1.0),
                BodyKey(SECONDS, pitch=nod, forward=6.0, lids=1.0),
            ]
        case "resting-on-spoke":
            hands[free] = [writer.task(free, "spoke", 0.0)]
            if rng.random() < 0.4:
                hands[free].append(writer.hold(free, float(rng.uniform(4.0, 8.0))))
        case "hovering-2cm" | "hovering-3cm":
            gap = 0.02 if behaviour == "hovering-2cm" else 0.03
            for side in ("L", "R"):
                if side == free or rng.random() < 0.4:
                    hands[side] = [writer.hover(side, 0.0, gap)]
                    if rng.random() < 0.4:
                        hands[side].append(writer.hold(side, float(rng.uniform(4.0, 8.0))))
        case "steering":
            wheel, hands = writer.bend(float(rng.uniform(35.0, 95.0)))
        case "crossed-hands":
            wheel, hands = writer.crossed()
        case "beside-the-rim":
            hands[free] = [writer.task(free, "beside", 0.0)]
            if rng.random() < 0.3:
                hands[free].append(writer.hold(free, float(rng.uniform(5.0, 8.0))))
        case "hands-off":
            for side in ("L", "R"):
                away: tuple[Task, ...] = (
                    "lap",
                    "air",
                    "lap",
                    "door" if side == outboard else "console",
                )
                hands[side] = writer.visit(side, away[int(rng.integers(4))], stay=0.85)
    return Script(
        behaviour,
        _spaced(hands["L"]),
        _spaced(hands["R"]),
        tuple(wheel),
        tuple(body),
        prop,
        prop_hand,
        tuple(float(p) for p in rng.uniform(0.0, 2.0 * np.pi, 8)),
    )


def _spaced(keys: list[HandKey]) -> tuple[HandKey, ...]:
    """The keys with time for every way, so that none begins before the one before has ended."""
    out = [keys[0]]
    for key in keys[1:]:
        at = max(key.at, out[-1].at + _QUICKEST)
        if at < SECONDS:
            out.append(replace(key, at=at, takes=min(key.takes, at - out[-1].at)))
    return tuple(out)


@dataclass(frozen=True)
class _Writer:
    """Draws single keys."""

    rng: np.random.Generator
    inboard: str
    outboard: str

    def hold(self, side: str, at: float) -> HandKey:
        """A grip at one of the places where drivers have their hands."""
        rng = self.rng
        usual = float(
            rng.choice(
                [9.0, 9.6, 10.2, 10.8, 8.2, 11.4, 7.2], p=[0.28, 0.2, 0.2, 0.1, 0.1, 0.07, 0.05]
            )
        )
        clock = usual + float(rng.normal(0.0, 0.25))
        return HandKey(
            at,
            "hold",
            float(rng.uniform(0.5, 1.1)),
            clock if side == "L" else 12.0 - clock,
            around=float(np.clip(rng.normal(20.0, 14.0), -5.0, 60.0)),
            slant=float(np.clip(rng.normal(12.0, 7.0), -4.0, 28.0)),
            thumb=float(rng.random()),
            closed=float(1.0 if rng.random() < 0.8 else rng.uniform(0.75, 1.0)),
        )

    def hover(self, side: str, at: float, gap: float) -> HandKey:
        """A hand that is nearly there."""
        return replace(
            self.hold(side, at), task="hover", gap=gap, closed=float(self.rng.uniform(0.0, 0.9))
        )

    def task(self, side: str, task: Task, at: float) -> HandKey:
        """A hand that is elsewhere."""
        x, y, z = (float(v) for v in self.rng.normal(0.0, 0.02, 3))
        return replace(
            self.hold(side, at), task=task, takes=float(self.rng.uniform(0.5, 1.3)), shift=(x, y, z)
        )

    def visit(self, side: str, task: Task, stay: float = 0.65) -> list[HandKey]:
        """To a place and perhaps back, or there all the time; ``stay`` is the share of the time."""
        rng = self.rng
        kind = float(rng.random())
        if kind < 0.35:
            return [self.task(side, task, 0.0)]
        away = stay * SECONDS * float(rng.uniform(0.7, 1.0))
        begin = float(rng.uniform(1.0, max(1.2, SECONDS - away - 0.5)))
        keys = [self.hold(side, 0.0), self.task(side, task, begin)]
        if begin + away < SECONDS - 0.5:
            keys.append(self.hold(side, begin + away))
        return keys

    def bites(self, side: str) -> list[HandKey]:
        """To the mouth and down again, some times."""
        keys, time = [self.task(side, "air", 0.0)], float(self.rng.uniform(0.5, 2.0))
        while time < SECONDS - 1.0:
            keys.append(self.task(side, "mouth", time))
            time += float(self.rng.uniform(1.2, 2.4))
            keys.append(self.task(side, "air", time))
            time += float(self.rng.uniform(1.2, 2.6))
        return keys

    def bend(self, turn: float) -> tuple[list[tuple[float, float]], dict[str, list[HandKey]]]:
        """Into a bend and out of it; beyond 70 degrees one hand takes a new hold."""
        rng = self.rng
        turn = turn * (1.0 if rng.random() < 0.5 else -1.0)
        begin, top = float(rng.uniform(0.5, 2.0)), float(rng.uniform(3.5, 5.0))
        wheel = [
            (0.0, 0.0),
            (begin, 0.0),
            (top, turn),
            (top + 1.0, turn),
            (min(9.5, top + 4.0), 0.0),
        ]
        hands = {side: [self.hold(side, 0.0)] for side in ("L", "R")}
        if abs(turn) > 70.0:
            low = "R" if turn > 0 else "L"
            hands[low].append(self.hold(low, top + 0.4))
        return wheel, hands

    def crossed(self) -> tuple[list[tuple[float, float]], dict[str, list[HandKey]]]:
        """One arm over the other in a tight bend."""
        rng = self.rng
        right = rng.random() < 0.5
        turn = float(rng.uniform(75.0, 130.0)) * (1.0 if right else -1.0)
        wheel = [(0.0, turn), (4.0, turn), (9.0, turn * float(rng.uniform(0.5, 1.1)))]
        over, under = ("L", "R") if right else ("R", "L")
        first = float(rng.uniform(1.2, 2.6))
        second = float(rng.uniform(9.6, 11.0))
        clocks = {over: first if right else 12.0 - first, under: second if right else 12.0 - second}
        hands = {
            side: [replace(self.hold(side, 0.0), clock=clocks[side], around=55.0)]
            for side in ("L", "R")
        }
        if rng.random() < 0.5:
            hands[under].append(self.hold(under, float(rng.uniform(6.0, 8.0))))
        return wheel, hands

    def lean(self, side: str, degrees: float) -> float:
        """Degrees towards a side: positive to the left."""
        return degrees if side == "L" else -degrees

    def middle(self, keys: list[HandKey]) -> float:
        """When a visit is about half over."""
        if len(keys) == 1:
            return SECONDS / 2.0
        end = keys[2].at if len(keys) > 2 else SECONDS
        return min(0.5 * (keys[1].at + end), SECONDS - 0.5)
