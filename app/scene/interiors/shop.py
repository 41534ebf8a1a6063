"""A shop: shelves full of goods, a fridge, a counter, signs, tiles and strip lamps."""

from __future__ import annotations

import numpy as np

from app.scene.interiors import pictures
from app.scene.interiors.builder import Faces, Place, linear
from app.scene.interiors.furniture import is_clear, plant, tile_of
from app.scene.interiors.goods import Stock
from app.scene.interiors.shell import OPPOSITE, Shell, Side, ceiling_lamps, hung, windows
from app.scene.patterns import Bytes, blocks, hsv, near, planks
from app.scene.room import Room, RoomPart
from app.scene.scene import Light

_SIGNS = len(pictures.SIGNS)


def shop(seed: int) -> Room:
    """The shop of a seed."""
    rng = np.random.default_rng((0x5409, seed))
    floor = -float(rng.uniform(1.45, 1.6))
    shell = Shell(
        -float(rng.uniform(2.4, 3.6)),
        float(rng.uniform(2.4, 3.6)),
        -float(rng.uniform(2.8, 4.2)),
        float(rng.uniform(2.1, 3.6)),
        floor,
        floor + float(rng.uniform(2.8, 3.3)),
    )
    counter_side: Side = "left" if rng.random() < 0.5 else "right"
    parts = _shell(rng, shell)
    lights: list[Light] = []
    for made, lamps in (
        ceiling_lamps(rng, shell, (0.18, 1.4), float(rng.uniform(70.0, 115.0))),
        windows(rng, shell, "front", float(rng.uniform(1.0, 2.2))),
    ):
        parts += made
        lights += lamps
    stock = Stock()
    _line_walls(rng, shell, stock, counter_side)
    _islands(rng, shell, stock)
    parts += _counter(rng, shell, counter_side, stock)
    parts += stock.parts(rng)
    parts += _signs(rng, shell)
    return Room("shop", tuple(parts), tuple(lights))


def _shell(rng: np.random.Generator, shell: Shell) -> list[RoomPart]:
    paint = hsv(float(rng.random()), float(rng.uniform(0.03, 0.3)), float(rng.uniform(0.75, 0.95)))
    dado = hsv(float(rng.random()), float(rng.uniform(0.2, 0.6)), float(rng.uniform(0.4, 0.75)))
    wall = pictures.wall(rng, paint, dado if rng.random() < 0.6 else None)
    return shell.parts(wall, _floor(rng), pictures.ceiling(rng), 1.2)


def _floor(rng: np.random.Generator) -> Bytes:
    tone = hsv(float(rng.uniform(0.04, 0.14)), float(rng.uniform(0.02, 0.25)),
               float(rng.uniform(0.5, 0.85)))  # fmt: skip
    if rng.random() < 0.3:
        return planks(rng, (256, 256), 32.0, tone)
    side = float(rng.choice([64.0, 128.0]))
    return blocks(rng, (256, 256), (side, side), 0.0, (tone, near(rng, tone, 50)), 3.0)


def _line_walls(rng: np.random.Generator, shell: Shell, stock: Stock, counter: Side) -> None:
    """Shelves, and fridges, along the walls that have no window."""
    tall = float(rng.uniform(1.75, 2.15))
    for side in ("back", OPPOSITE[counter], counter):
        half = shell.length(side) / 2
        along = -half + 0.75
        cold = rng.random() < 0.55
        end = half - 0.7
        while along < end:
            place = shell.on_wall(side, along, 0.0)
            behind_counter = side == counter and place.y < 0.6
            if not behind_counter and is_clear(place.x, place.y, 0.65):
                if cold and rng.random() < 0.7:
                    stock.fridge(rng, place, 1.0, tall + 0.1)
                elif rng.random() < 0.93:
                    stock.shelves(rng, place, (1.0, 0.38, tall))
            along += 1.02


def _islands(rng: np.random.Generator, shell: Shell, stock: Stock) -> None:
    """Lower shelves back to back, where there is room for them."""
    y = shell.back - 1.9
    if y < 1.7:
        return
    for x in np.arange(shell.left + 1.6, shell.right - 1.5, 1.02):
        if is_clear(float(x), y, 0.5):
            for turn in (0.0, 180.0):
                stock.shelves(rng, Place(float(x), y, shell.floor, turn), (1.0, 0.34, 1.35))


def _counter(rng: np.random.Generator, shell: Shell, side: Side, stock: Stock) -> list[RoomPart]:
    """A counter with a till, sweets and a basket, and shelves high on the wall behind it."""
    body, top, till, screen, pot, leaves = (Faces(0.9) for _ in range(6))
    along = -shell.length(side) * 0.2 if side == "left" else shell.length(side) * 0.2
    own = shell.on_wall(side, along, 0.0)
    inward = 1.0 if side == "left" else -1.0
    place = Place(own.x + inward * 0.75, own.y, shell.floor, own.turn)
    if is_clear(place.x, place.y, 0.35):
        body.box((-0.9, -0.3, 0.0), (0.9, 0.3, 0.94), place)
        top.box((-0.95, -0.36, 0.94), (0.95, 0.34, 0.98), place)
        till.box((-0.2, -0.2, 0.98), (0.22, 0.2, 1.1), place)
        till.box((-0.02, -0.02, 1.1), (0.04, 0.02, 1.2), place)
        till.box((-0.19, -0.035, 1.18), (0.21, 0.0, 1.44), place)
        x0, x1, z0, z1 = 0.19, -0.17, 1.2, 1.42
        screen.quad(
            ((x0, 0.005, z0), (x1, 0.005, z0), (x1, 0.005, z1), (x0, 0.005, z1)), place=place
        )
        stock.fill(rng, place, (-0.85, -0.3), (-0.3, -0.12), 0.98, 0.2)
        stock.fill(rng, place, (0.35, 0.88), (-0.3, -0.12), 0.98, 0.2)
        for above in (1.35, 1.72):
            shelf = shell.on_wall(side, along, above)
            stock.boards.box((-0.9, -0.26, -0.02), (0.9, 0.0, 0.0), shelf)
            stock.fill(rng, shelf, (-0.85, 0.85), (-0.24, -0.04), 0.0, 0.3)
    corner = shell.on_wall("front", shell.length("front") / 2 - 0.5, 0.0)
    plant(rng, pot, leaves, Place(corner.x, corner.y + 0.45, shell.floor), 1.2)
    wood = hsv(float(rng.uniform(0.05, 0.1)), 0.45, float(rng.uniform(0.4, 0.8)))
    found = [
        body.part("counter", texture=planks(rng, (128, 256), 32.0, wood), roughness=0.5),
        top.part("counter top", linear(near(rng, (215, 212, 205), 30)), roughness=0.25),
        till.part("till", linear((38, 40, 44)), roughness=0.4),
        screen.part("till screen", (0.35, 0.55, 0.75), emission=0.8),
        pot.part("pot", linear((235, 235, 232))),
        leaves.part("leaves", linear(hsv(float(rng.uniform(0.25, 0.36)), 0.6, 0.42))),
    ]
    return [part for part in found if len(part.triangles)]


def _signs(rng: np.random.Generator, shell: Shell) -> list[RoomPart]:
    """Signs that hang from the ceiling, and others above the shelves."""
    boards = Faces()
    order = [int(n) for n in rng.permutation(_SIGNS)]
    for number in range(int(rng.integers(2, 4))):
        x = float(rng.uniform(shell.left + 0.9, shell.right - 0.9))
        y = float(rng.uniform(1.5, max(1.6, shell.back - 0.6)))
        place = Place(x, y, shell.top - float(rng.uniform(0.5, 0.75)), float(rng.normal()) * 4.0)
        corners = ((-0.4, 0.0, 0.0), (0.4, 0.0, 0.0), (0.4, 0.0, 0.3), (-0.4, 0.0, 0.3))
        boards.quad(corners, tile_of(order[number], 1, _SIGNS), place)
    for number, share in enumerate((-0.35, 0.0, 0.33)):
        rect = tile_of(order[3 + number], 1, _SIGNS)
        hung(shell, "back", boards, share * shell.length("back"), 2.3, (0.8, 0.3), rect)
    texture = np.vstack([pictures.sign(rng, word) for word in pictures.SIGNS])
    return [boards.part("signs", texture=texture, roughness=0.5)]
