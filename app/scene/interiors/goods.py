"""What a shop sells, and the shelves and the fridge in which it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from app.scene.interiors import pictures
from app.scene.interiors.builder import Faces, Place, linear
from app.scene.interiors.furniture import tile_of
from app.scene.patterns import near
from app.scene.room import RoomPart

LABELS: Final = (6, 4)
"""Columns and rows of the texture of labels."""

_SEEN: Final = ("-y", "-x", "+x", "+z")


@dataclass(eq=False)
class Stock:
    """Surfaces of shelves and goods, gathered over the whole shop."""

    boards: Faces = field(default_factory=lambda: Faces(1.0))
    goods: Faces = field(default_factory=Faces)
    tags: Faces = field(default_factory=lambda: Faces(1.0))
    case: Faces = field(default_factory=Faces)
    glow: Faces = field(default_factory=Faces)
    most: int = 9000
    """Triangles of goods at which shelves stay empty."""

    def shelves(
        self, rng: np.random.Generator, place: Place, size: tuple[float, float, float]
    ) -> None:
        """A unit that faces -y, its back at y = 0; width, depth and height in metres."""
        wide, deep, tall = size
        w = wide / 2
        self.boards.box((-w, -0.03, 0.0), (w, 0.0, tall), place, sides=("-y", "+y", "+z"))
        self.boards.box((-w, -deep, 0.0), (w, -0.03, 0.14), place, sides=("-y", "+z"))
        for x in (-w, w - 0.02):
            self.boards.box((x, -deep * 0.9, 0.0), (x + 0.02, -0.03, tall), place)
        count = max(2, round((tall - 0.14) / 0.36))
        gap = (tall - 0.14) / count
        for level in range(count):
            z = 0.14 + level * gap
            if level:
                self.boards.box((-w, -deep, z - 0.02), (w, -0.03, z), place,
                                sides=("-y", "+z", "-z"))  # fmt: skip
            self._tags(rng, place, w, -deep - 0.006, z)
            self.fill(rng, place, (-w + 0.04, w - 0.04), (-deep + 0.02, -0.06), z, gap - 0.05)

    def fill(
        self,
        rng: np.random.Generator,
        place: Place,
        across: tuple[float, float],
        along: tuple[float, float],
        z: float,
        room: float,
    ) -> None:
        """A shelf full of goods: some of a kind side by side, then others."""
        x = across[0]
        while x < across[1] - 0.05:
            kind = rng.random()
            number = int(rng.integers(LABELS[0] * LABELS[1]))
            tall = min(room, float(rng.uniform(0.1, 0.3)))
            wide = float(rng.uniform(0.06, 0.17))
            for _ in range(int(rng.integers(2, 6))):
                if x + wide > across[1] or self.goods.triangle_count > self.most:
                    break
                front = along[0] + float(rng.uniform(0.0, 0.05))
                if kind < 0.62:
                    self.goods.box((x, front, z), (x + wide * 0.95, along[1], z + tall), place,
                                   tile_of(number, *LABELS), sides=_SEEN)  # fmt: skip
                else:
                    self._bottle(place, x + wide / 2, front, z, min(wide, 0.1) / 2, tall, number)
                x += wide
            x += float(rng.uniform(0.0, 0.04 if rng.random() < 0.85 else 0.25))

    def _bottle(
        self,
        place: Place,
        x: float,
        front: float,
        z: float,
        radius: float,
        tall: float,
        number: int,
    ) -> None:
        own = place.at(x, front + radius, z)
        rect = tile_of(number, *LABELS)
        self.goods.prism(radius, 0.0, 0.68 * tall, own, sides=6, rect=rect, lid=False)
        dark = (rect[0], rect[1], rect[0] + 0.01, rect[1] + 0.02)
        self.goods.prism(radius, 0.68 * tall, 0.85 * tall, own, sides=6, upper=radius * 0.4,
                         rect=dark, lid=False)  # fmt: skip
        self.goods.prism(radius * 0.4, 0.85 * tall, tall, own, sides=4, rect=dark)

    def _tags(self, rng: np.random.Generator, place: Place, w: float, y: float, z: float) -> None:
        shift = float(rng.uniform(0.0, 1.0))
        corners = ((-w, y, z - 0.045), (w, y, z - 0.045), (w, y, z - 0.003), (-w, y, z - 0.003))
        self.tags.quad(corners, (shift, 0.0, shift + 2.0 * w / 0.9, 1.0), place)

    def fridge(self, rng: np.random.Generator, place: Place, wide: float, tall: float) -> None:
        """An open cooler with light inside, its back at y = 0."""
        w, deep = wide / 2, 0.62
        self.case.box((-w, -deep, 0.0), (w, 0.0, 0.16), place)
        self.case.box((-w, -deep, tall - 0.22), (w, 0.0, tall), place)
        for x in (-w, w - 0.05):
            self.case.box((x, -deep, 0.16), (x + 0.05, 0.0, tall - 0.22), place)
        inside = (
            (-w, -0.04, 0.16),
            (w, -0.04, 0.16),
            (w, -0.04, tall - 0.22),
            (-w, -0.04, tall - 0.22),
        )
        self.glow.quad(inside, place=place)
        self.glow.box(
            (-w + 0.05, -deep + 0.02, tall - 0.26), (w - 0.05, -deep + 0.06, tall - 0.22), place
        )
        count = 4
        gap = (tall - 0.42) / count
        for level in range(count):
            z = 0.18 + level * gap
            self.boards.box((-w + 0.05, -deep + 0.08, z - 0.015), (w - 0.05, -0.05, z), place,
                            sides=("-y", "+z", "-z"))  # fmt: skip
            self._tags(rng, place, w - 0.06, -deep + 0.07, z)
            self.fill(rng, place, (-w + 0.08, w - 0.08), (-deep + 0.1, -0.2), z, gap - 0.05)

    def parts(self, rng: np.random.Generator) -> list[RoomPart]:
        metal = linear(near(rng, (205, 205, 205), 40))
        labels = pictures.atlas(rng, *LABELS, (112, 84), pictures.label)
        found = [
            self.boards.part("shelves", metal, roughness=0.4),
            self.goods.part("goods", texture=labels, roughness=0.35),
            self.tags.part("price tags", texture=pictures.price_strip(rng), roughness=0.5),
        ]
        if self.case.triangle_count:
            found.append(
                self.case.part("fridge", linear(near(rng, (70, 75, 80), 60)), roughness=0.3)
            )
            found.append(self.glow.part("fridge light", (0.86, 0.95, 1.0), emission=0.9))
        return found
