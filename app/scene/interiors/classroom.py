"""A classroom: board, desks, windows, posters, books, lamps, a clock."""

from __future__ import annotations

import numpy as np

from app.scene.interiors import pictures
from app.scene.interiors.builder import Faces, Place, linear
from app.scene.interiors.furniture import chair, cupboard, desk, is_clear, plant, tile_of
from app.scene.interiors.shell import (
    OPPOSITE,
    Shell,
    Side,
    ceiling_lamps,
    door,
    hung,
    windows,
)
from app.scene.patterns import Color, hsv, near, planks
from app.scene.room import Room, RoomPart
from app.scene.scene import Light

_POSTERS = (4, 3)
_BOOKS = 16


def classroom(seed: int) -> Room:
    """The room of a seed."""
    rng = np.random.default_rng((0xC1A5, seed))
    floor = -float(rng.uniform(1.2, 1.6))
    shell = Shell(
        -float(rng.uniform(2.9, 4.6)),
        float(rng.uniform(2.9, 4.6)),
        -float(rng.uniform(2.8, 4.5)),
        float(rng.uniform(2.4, 4.4)),
        floor,
        floor + float(rng.uniform(2.9, 3.4)),
    )
    board_side: Side = "back" if rng.random() < 0.6 else "front"
    light_side: Side = "left" if rng.random() < 0.5 else "right"
    parts = _shell(rng, shell)
    lights: list[Light] = []
    for made, lamps in (
        windows(rng, shell, light_side, float(rng.uniform(1.2, 2.6))),
        ceiling_lamps(rng, shell, (1.2, 0.3), float(rng.uniform(70.0, 120.0))),
    ):
        parts += made
        lights += lamps
    wood = _wood(rng)
    parts += _board(rng, shell, board_side)
    parts += _posters(rng, shell, board_side, light_side)
    parts += _seats(rng, shell, board_side, wood)
    parts += _shelves(rng, shell, OPPOSITE[board_side], wood)
    color = near(rng, hsv(float(rng.random()), 0.35, 0.6), 40)
    free: Side = OPPOSITE[light_side]
    parts += door(rng, shell, free, 0.36 * shell.length(free), color)
    return Room("classroom", tuple(parts), tuple(lights))


def _wood(rng: np.random.Generator) -> Color:
    return hsv(float(rng.uniform(0.06, 0.11)), float(rng.uniform(0.25, 0.55)),
               float(rng.uniform(0.55, 0.9)))  # fmt: skip


def _shell(rng: np.random.Generator, shell: Shell) -> list[RoomPart]:
    paint = hsv(float(rng.random()), float(rng.uniform(0.02, 0.16)), float(rng.uniform(0.82, 0.96)))
    dado = hsv(float(rng.random()), float(rng.uniform(0.1, 0.4)), float(rng.uniform(0.5, 0.8)))
    wall = pictures.wall(rng, paint, dado if rng.random() < 0.5 else None)
    if rng.random() < 0.5:
        ground = planks(rng, (256, 256), 32.0, _wood(rng))
    else:
        tone = hsv(float(rng.uniform(0.05, 0.6)), 0.15, float(rng.uniform(0.4, 0.75)))
        ground = pictures.stone(rng, tone)
    return shell.parts(wall, ground, pictures.ceiling(rng), 1.4)


def _board(rng: np.random.Generator, shell: Shell, side: Side) -> list[RoomPart]:
    wide = min(0.75 * shell.length(side), float(rng.uniform(2.6, 4.2)))
    tall = float(rng.uniform(1.1, 1.3))
    along = float(rng.uniform(-0.5, 0.5)) * (shell.length(side) - wide - 0.8)
    kind = ("green", "black", "white")[int(rng.integers(3))]
    plate, frame, dial = Faces(), Faces(), Faces()
    hung(shell, side, plate, along, 0.9, (wide, tall), off=0.03)
    place = shell.on_wall(side, along, 0.9)
    w = wide / 2
    for z in (-0.05, tall):
        frame.box((-w - 0.05, -0.05, z), (w + 0.05, 0.0, z + 0.05), place)
    for x in (-w - 0.05, w):
        frame.box((x, -0.05, 0.0), (x + 0.05, 0.0, tall), place)
    frame.box((-w, -0.14, -0.07), (w, 0.0, -0.05), place)
    frame.box((w * 0.3, -0.12, -0.05), (w * 0.3 + 0.16, -0.06, -0.015), place)
    above = shell.on_wall(side, along + float(rng.uniform(-0.4, 0.4)) * wide, 2.5)
    dial.disc(0.17, Place(above.x, above.y, above.z, above.turn))
    clock = _off_wall(dial, shell, side)
    rim = (120, 95, 65) if kind != "white" else (190, 192, 196)
    return [
        plate.part("board", texture=pictures.board(rng, kind),
                   roughness=0.35 if kind == "white" else 0.8),
        frame.part("board frame", linear(rim), roughness=0.5),
        clock.part("clock", texture=pictures.clock(rng), roughness=0.3),
    ]  # fmt: skip


def _off_wall(faces: Faces, shell: Shell, side: Side) -> Faces:
    """Moved 2 cm into the room, so that it does not lie in the wall."""
    away = shell.on_wall(side, 0.0, 0.0)
    step = away(np.array([0.0, -0.02, 0.0])) - away(np.zeros(3))
    faces.move((float(step[0]), float(step[1]), 0.0))
    return faces


def _posters(rng: np.random.Generator, shell: Shell, board: Side, light: Side) -> list[RoomPart]:
    """Rows of posters on the walls that have neither windows nor the board."""
    paper = Faces()
    order = rng.permutation(12)
    used = 0
    for side in (OPPOSITE[light], OPPOSITE[board]):
        half = shell.length(side) / 2
        along = -half + 0.5
        limit = half - (1.7 if side == OPPOSITE[light] else 0.5)
        while along < limit:
            wide = float(rng.uniform(0.42, 0.75))
            tall = wide * 4.0 / 3.0
            above = float(rng.uniform(1.2, 1.5))
            if rng.random() < 0.78:
                number, used = int(order[used % 12]), used + 1
                hung(shell, side, paper, along + wide / 2, above, (wide, tall),
                     tile_of(number, *_POSTERS))  # fmt: skip
            along += wide + float(rng.uniform(0.12, 0.6))
    for share in (-0.42, 0.42):
        if rng.random() < 0.6:
            at = share * shell.length(board)
            hung(shell, board, paper, at, 1.3, (0.5, 0.66), tile_of(used, *_POSTERS))
            used += 1
    texture = pictures.atlas(rng, *_POSTERS, (160, 120), pictures.poster)
    return [paper.part("posters", texture=texture, roughness=0.6)]


def _seats(rng: np.random.Generator, shell: Shell, board: Side, wood: Color) -> list[RoomPart]:
    """Rows of desks that face the board, with chairs, some of them moved."""
    top, metal, seat, things = Faces(0.8), Faces(), Faces(), Faces()
    turn = 180.0 if board == "back" else 0.0
    facing = -1.0 if board == "front" else 1.0
    dx, dy = float(rng.uniform(1.55, 1.9)), float(rng.uniform(1.3, 1.5))
    nx = int((shell.right - shell.left - 0.8) / dx)
    y = shell.front + 1.1 if board == "back" else shell.front + 1.5
    last = shell.back - (1.6 if board == "back" else 1.0)
    while y < last:
        for i in range(nx):
            x = (shell.left + shell.right) / 2 + (i - (nx - 1) / 2) * dx
            own = turn + float(rng.normal()) * 2.0
            if is_clear(x, y, 0.68) and rng.random() < 0.92:
                desk(top, metal, Place(x, y, shell.floor, own))
                _on_desk(rng, things, Place(x, y, shell.floor + 0.72, own))
            for side in (-0.3, 0.3):
                cx, cy = x + side, y - facing * (0.45 + float(rng.uniform(-0.05, 0.2)))
                if is_clear(cx, cy, 0.32) and shell.front + 0.4 < cy < shell.back - 0.4:
                    chair(seat, metal, Place(cx, cy, shell.floor, own + float(rng.normal()) * 12.0))
        y += dy
    colors = near(rng, hsv(float(rng.random()), float(rng.uniform(0.2, 0.7)), 0.65), 30)
    return [
        top.part("desk tops", texture=planks(rng, (128, 256), 128.0, wood), roughness=0.4),
        metal.part("desk legs", linear(near(rng, (120, 124, 128), 50)), roughness=0.35),
        seat.part("chairs", linear(colors), roughness=0.5),
        things.part(
            "things on desks", texture=pictures.atlas(rng, _BOOKS, 1, (64, 24), pictures.spines)
        ),
    ]


def _on_desk(rng: np.random.Generator, things: Faces, place: Place) -> None:
    for _ in range(int(rng.integers(0, 3))):
        x, y = float(rng.uniform(-0.45, 0.3)), float(rng.uniform(-0.2, 0.05))
        wide, deep = float(rng.uniform(0.12, 0.22)), float(rng.uniform(0.14, 0.2))
        number = int(rng.integers(_BOOKS))
        things.box((x, y, 0.0), (x + wide, y + deep, float(rng.uniform(0.01, 0.06))), place,
                   (number / _BOOKS, 0.3, (number + 1) / _BOOKS, 0.7),
                   sides=("-x", "+x", "-y", "+y", "+z"))  # fmt: skip


def _shelves(rng: np.random.Generator, shell: Shell, side: Side, wood: Color) -> list[RoomPart]:
    """Cupboards with books along a wall, and a plant in a corner."""
    boards, books, pot, leaves = Faces(0.8), Faces(), Faces(), Faces()
    half = shell.length(side) / 2
    low = rng.random() < 0.6
    along = -half + 0.7
    while along < half - 0.6:
        if rng.random() < 0.75:
            wide, tall = 1.0, 1.05 if low else 1.9
            place = shell.on_wall(side, along, 0.0)
            cupboard(rng, boards, books, place, (wide, 0.32, tall), _BOOKS)
        along += 1.08
    corner = shell.on_wall(side, half - 0.35, 0.0)
    spot = corner(np.array([0.0, -0.7, 0.0]))
    plant(rng, pot, leaves, Place(float(spot[0]), float(spot[1]), shell.floor), 1.1)
    return [
        boards.part("cupboards", texture=planks(rng, (128, 256), 128.0, wood), roughness=0.5),
        books.part("books", texture=pictures.atlas(rng, _BOOKS, 1, (96, 24), pictures.spines)),
        pot.part("pot", linear(near(rng, (170, 110, 80), 30))),
        leaves.part("leaves", linear(hsv(float(rng.uniform(0.25, 0.36)), 0.6, 0.45))),
    ]
