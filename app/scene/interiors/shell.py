"""Floor, walls and ceiling, and what hangs on them: windows, doors, lamps, boards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from app.scene.interiors import pictures
from app.scene.interiors.builder import Faces, Place, linear
from app.scene.patterns import Bytes, Color
from app.scene.room import RoomPart
from app.scene.scene import Light

Side = Literal["back", "front", "left", "right"]
"""Of the head as a camera before it sees it: back lies at +Y, right at +X."""

OPPOSITE: Final[dict[Side, Side]] = {
    "back": "front", "front": "back", "left": "right", "right": "left",
}  # fmt: skip
_TURNS: Final[dict[Side, float]] = {"back": 0.0, "front": 180.0, "left": 90.0, "right": -90.0}


@dataclass(frozen=True)
class Shell:
    """Where the walls stand, in metres; ``floor`` and ``top`` are heights."""

    left: float
    right: float
    front: float
    back: float
    floor: float
    top: float

    @property
    def height(self) -> float:
        return self.top - self.floor

    def length(self, side: Side) -> float:
        along_x = side in ("back", "front")
        return self.right - self.left if along_x else self.back - self.front

    def on_wall(self, side: Side, along: float, above: float) -> Place:
        """A place on a wall whose own -y points into the room.

        ``along`` is metres from the middle of the wall, to the right as seen from the room, and
        ``above`` from the floor.
        """
        x, y = (self.left + self.right) / 2, (self.front + self.back) / 2
        at = {
            "back": (x + along, self.back),
            "front": (x - along, self.front),
            "left": (self.left, y + along),
            "right": (self.right, y - along),
        }[side]
        return Place(at[0], at[1], self.floor + above, _TURNS[side])

    def parts(self, wall: Bytes, floor: Bytes, ceiling: Bytes, floor_tile: float) -> list[RoomPart]:
        """The bare room. The wall's texture reaches from floor to ceiling."""
        walls, ground, above = Faces(), Faces(floor_tile), Faces(0.6)
        for side in _TURNS:
            half = self.length(side) / 2
            place = self.on_wall(side, 0.0, 0.0)
            corners = ((-half, 0, 0), (half, 0, 0), (half, 0, self.height), (-half, 0, self.height))
            walls.quad(corners, (0.0, 0.0, 2.0 * half / self.height, 1.0), place)
        low, high = (self.left, self.front, self.floor), (self.right, self.back, self.top)
        ground.box(low, high, sides=("-z",))
        above.box(low, high, sides=("+z",))
        return [
            walls.part("walls", texture=wall, roughness=0.9, casts_shadow=False),
            ground.part("floor", texture=floor, roughness=0.45, casts_shadow=False),
            above.part("ceiling", texture=ceiling, roughness=0.95, casts_shadow=False),
        ]


def windows(
    rng: np.random.Generator, shell: Shell, side: Side, bright: float
) -> tuple[list[RoomPart], list[Light]]:
    """A row of windows with frames and sills, and the daylight that comes in."""
    wide, tall = float(rng.uniform(1.1, 1.7)), float(rng.uniform(1.2, 1.6))
    sill = float(rng.uniform(0.85, 1.05))
    count = max(1, int((shell.length(side) - 0.6) / (wide + 0.35)))
    glass, frame, blind = Faces(), Faces(), Faces()
    blinds = rng.random() < 0.4
    for i in range(count):
        along = (i - (count - 1) / 2) * (wide + 0.3)
        place = shell.on_wall(side, along, sill)
        w, t = wide / 2, 0.05
        shift = float(rng.uniform(0.0, 0.4))
        corners = ((-w, -0.02, 0.0), (w, -0.02, 0.0), (w, -0.02, tall), (-w, -0.02, tall))
        glass.quad(corners, (shift, 0.0, shift + 0.6, 1.0), place)
        for x in (-w, 0.0, w):
            frame.box((x - t / 2, -0.06, 0.0), (x + t / 2, 0.0, tall), place)
        for z in (0.0, tall * 0.68, tall):
            frame.box((-w, -0.06, z - t / 2), (w, 0.0, z + t / 2), place)
        frame.box((-w - 0.1, -0.2, -0.06), (w + 0.1, 0.0, -0.02), place)
        if blinds:
            reach = float(rng.uniform(0.15, 0.75)) * tall
            z = tall
            while z > tall - reach:
                blind.box((-w, -0.1, z - 0.012), (w, -0.07, z), place, sides=("-y", "-z", "+z"))
                z -= 0.055
    outside = pictures.outside(rng)
    parts = [
        glass.part("windows", texture=outside, emission=bright, casts_shadow=False),
        frame.part("window frames", linear((232, 230, 224)), roughness=0.5),
    ]
    if blinds:
        parts.append(blind.part("blinds", linear((214, 208, 194)), roughness=0.6))
    middle = shell.on_wall(side, 0.0, sill + tall / 2)
    spot = middle(np.array([0.0, -0.25, 0.0]))
    goal = middle(np.array([0.0, -3.0, -0.6]))
    day = Light(
        "window",
        "area",
        energy=round(bright * float(rng.uniform(45.0, 75.0)), 2),
        temperature=round(float(rng.uniform(5600.0, 7800.0)), 0),
        size=round(tall, 3),
        position=(round(float(spot[0]), 4), round(float(spot[1]), 4), round(float(spot[2]), 4)),
        target=(round(float(goal[0]), 4), round(float(goal[1]), 4), round(float(goal[2]), 4)),
    )
    return parts, [day]


def ceiling_lamps(
    rng: np.random.Generator, shell: Shell, size: tuple[float, float], energy: float
) -> tuple[list[RoomPart], list[Light]]:
    """Panels or tubes in rows, of ``size`` metres, and two lamps that stand for their light."""
    panel, frame = Faces(), Faces()
    kelvin = float(rng.uniform(3600.0, 6000.0))
    nx, ny = (max(2, round(shell.length(s) / 2.3)) for s in ("back", "left"))
    w, d = size[0] / 2, size[1] / 2
    for i in range(nx):
        for k in range(ny):
            x = shell.left + (i + 0.5) * (shell.right - shell.left) / nx
            y = shell.front + (k + 0.5) * (shell.back - shell.front) / ny
            place = Place(x, y, shell.top)
            frame.box((-w - 0.03, -d - 0.03, -0.07), (w + 0.03, d + 0.03, 0.0), place)
            panel.box((-w, -d, -0.075), (w, d, -0.06), place, sides=("-z",))
    parts = [
        panel.part("lamps", _warm(kelvin), emission=5.0, casts_shadow=False),
        frame.part("lamp frames", linear((225, 225, 222)), casts_shadow=False),
    ]
    lights = []
    for number, share in enumerate((0.3, 0.72)):
        x = shell.left + (0.35 + 0.3 * number) * (shell.right - shell.left)
        y = shell.front + share * (shell.back - shell.front)
        at = (round(x, 4), round(y, 4), round(shell.top - 0.12, 4))
        lights.append(
            Light(
                f"ceiling {number + 1}",
                "area",
                energy=round(energy, 2),
                temperature=round(kelvin, 0),
                size=1.6,
                position=at,
                target=(at[0], at[1], round(shell.floor, 4)),
            )
        )
    return parts, lights


def _warm(kelvin: float) -> tuple[float, float, float]:
    share = min(1.0, max(0.0, (kelvin - 3000.0) / 3500.0))
    return 1.0, 0.9 + 0.1 * share, 0.74 + 0.26 * share


def door(
    rng: np.random.Generator, shell: Shell, side: Side, along: float, color: Color
) -> list[RoomPart]:
    leaf, frame, knob = Faces(), Faces(), Faces()
    place = shell.on_wall(side, along, 0.0)
    leaf.box((-0.45, -0.04, 0.0), (0.45, 0.0, 2.05), place)
    for x in (-0.5, 0.45):
        frame.box((x, -0.07, 0.0), (x + 0.05, 0.0, 2.1), place)
    frame.box((-0.5, -0.07, 2.05), (0.5, 0.0, 2.1), place)
    knob.box((0.32, -0.1, 1.0), (0.42, -0.04, 1.03), place)
    if rng.random() < 0.5:
        frame.box((-0.2, -0.05, 1.2), (0.2, -0.035, 1.8), place, sides=("-y",))
    return [
        leaf.part("door", linear(color), roughness=0.5),
        frame.part("door frame", linear((228, 226, 220)), roughness=0.5),
        knob.part("door handle", linear((150, 150, 155)), roughness=0.3),
    ]


def hung(
    shell: Shell, side: Side, faces: Faces, along: float, above: float, size: tuple[float, float],
    rect: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0), off: float = 0.012,
) -> None:  # fmt: skip
    """Add a flat picture on a wall; ``above`` is its lower edge."""
    place = shell.on_wall(side, along, above)
    w, h = size[0] / 2, size[1]
    corners = ((-w, -off, 0.0), (w, -off, 0.0), (w, -off, h), (-w, -off, h))
    faces.quad(corners, rect, place)
