"""What is painted, printed and seen through windows in a room: textures, shape (H, W, 3) sRGB."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from app.scene.patterns import (
    Bytes,
    Color,
    any_color,
    colored,
    fill,
    grain,
    hsv,
    near,
    noise,
    shade,
    slope,
    softened,
    stretched,
)

_WORDS: Final = ("ABC", "MATHS", "READ", "PLAN", "WORLD", "ART", "123", "MUSIC", "SCIENCE", "CLUB")
SIGNS: Final = ("OFFER", "FRESH", "DRINKS", "BREAD", "SALE", "COFFEE", "NEW", "DAIRY")
_PRICES: Final = ("0.99", "1.49", "2.99", "3.50", "4.25", "5.00", "0.79", "7.95")
_FONT: Final = cv2.FONT_HERSHEY_DUPLEX


def write(
    picture: Bytes, text: str, at: tuple[int, int], height: float, color: Color, weight: int = 1
) -> None:
    """Draw a word whose letters are ``height`` pixels tall from its lower left corner."""
    cv2.putText(picture, text, at, _FONT, height / 21.0, color, weight, cv2.LINE_AA)


def wall(rng: np.random.Generator, paint: Color, dado: Color | None) -> Bytes:
    """A painted wall from floor to ceiling, darker where dirt and shadows gather."""
    size = 256
    picture = np.empty((size, size, 3), np.uint8)
    picture[:] = paint
    if dado is not None:
        edge = size - round(0.36 * size)
        picture[edge:] = dado
        picture[edge - 3 : edge] = near(rng, dado, 40)
    picture = shade(picture, noise(rng, size, size, 3.0, 5), 22)
    rows = np.arange(size, dtype=np.float32)
    low = np.clip((rows - 0.8 * size) / (0.2 * size), 0, 1)
    high = np.clip((0.12 * size - rows) / (0.12 * size), 0, 1)
    keep = (255.0 - 60.0 * low * low - 55.0 * high * high).astype(np.uint8)
    picture = shade(picture, np.broadcast_to(keep[:, None], (size, size)), 255)
    picture[-9:] = (205, 200, 190) if dado is None else near(rng, (90, 80, 70), 20)
    return picture


def ceiling(rng: np.random.Generator) -> Bytes:
    """One panel of a hung ceiling."""
    picture = np.full((128, 128, 3), 232, np.uint8)
    picture = grain(rng, shade(picture, noise(rng, 128, 128, 20.0, 2), 14), 6)
    cv2.rectangle(picture, (0, 0), (127, 127), (200, 200, 196), 2)
    return picture


def outside(rng: np.random.Generator) -> Bytes:
    """What a window shows: sky, trees and houses out of focus, 256 by 256."""
    size = 256
    top, low = hsv(0.58, float(rng.uniform(0.05, 0.45)), 1.0), hsv(0.58, 0.06, 1.0)
    along = stretched(slope(size, size, 90.0).astype(np.int32))
    picture = shade(colored(along, (top, low)), noise(rng, size, size, 2.0, 4), 30)
    horizon = float(rng.uniform(0.45, 0.7)) * size
    x = -20.0
    while x < size:
        wide, tall = float(rng.uniform(25, 70)), float(rng.uniform(20, 110))
        house = hsv(float(rng.uniform(0.02, 0.12)), 0.25, float(rng.uniform(0.5, 0.9)))
        if rng.random() < 0.55:
            roof = horizon - tall
            corners = [(x, roof), (x + wide, roof), (x + wide, size), (x, size)]
            fill(picture, corners, house)
            for row in range(int(tall // 16)):
                for column in range(int(wide // 14)):
                    a, b = x + 5 + 14 * column, roof + 6 + 16 * row
                    fill(
                        picture,
                        [(a, b), (a + 6, b), (a + 6, b + 8), (a, b + 8)],
                        near(rng, (90, 105, 120), 25),
                    )
        x += wide * float(rng.uniform(0.7, 1.5))
    green = hsv(float(rng.uniform(0.2, 0.34)), 0.55, 0.55)
    for _ in range(60):
        r = float(rng.uniform(6, 22))
        at = round(float(rng.uniform(0, size))), round(horizon + float(rng.uniform(-30, 40)))
        cv2.circle(picture, at, round(r), near(rng, green, 35), cv2.FILLED, cv2.LINE_AA)
    ground = near(rng, hsv(0.27, 0.35, 0.6), 20)
    fill(picture, [(0, horizon + 45), (size, horizon + 40), (size, size), (0, size)], ground)
    return softened(picture, 2.2)


def board(rng: np.random.Generator, kind: str) -> Bytes:
    """A green, black or white board with what was written on it and wiped off."""
    height, width = 256, 640
    ground = {"green": (38, 74, 58), "black": (38, 40, 42), "white": (236, 238, 238)}[kind]
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = ground
    haze = noise(rng, height, width, 3.0, 4).astype(np.uint16)[..., None]
    if kind == "white":
        picture = shade(picture, haze[..., 0].astype(np.uint8), 14)
        inks: list[Color] = [(30, 50, 160), (170, 30, 40), (20, 22, 26), (20, 120, 60)]
    else:
        picture = np.minimum(picture + haze * 26 // 255, 255).astype(np.uint8)
        inks = [(225, 225, 218), (230, 220, 150), (200, 215, 230)]
    y = 34.0
    while y < height - 20:
        if rng.random() < 0.75:
            x = float(rng.uniform(14, 90))
            tall = float(rng.uniform(11, 19))
            _scrawl(rng, picture, x, y, tall, inks[int(rng.integers(len(inks)))])
        y += float(rng.uniform(26, 44))
    cx, cy = round(float(rng.uniform(420, 560))), round(float(rng.uniform(90, 170)))
    ink = inks[int(rng.integers(len(inks)))]
    r = round(float(rng.uniform(30, 60)))
    if rng.random() < 0.5:
        cv2.circle(picture, (cx, cy), r, ink, 2, cv2.LINE_AA)
        cv2.line(picture, (cx, cy), (cx + r, cy), ink, 2, cv2.LINE_AA)
    else:
        corners = np.array([[cx - r, cy + r], [cx + r, cy + r], [cx - r // 3, cy - r]], np.int32)
        cv2.polylines(picture, [corners], True, ink, 2, cv2.LINE_AA)
    return softened(picture, 0.5)


def _scrawl(
    rng: np.random.Generator, picture: Bytes, x: float, y: float, tall: float, ink: Color
) -> None:
    """A line of writing that cannot be read."""
    end = x + float(rng.uniform(120, 330))
    while x < end:
        letters = int(rng.integers(2, 9))
        points = []
        for step in range(letters * 4):
            up = float(rng.uniform(0.0, 1.0)) * (1.0 if step % 4 == 1 else 0.45)
            points.append([round(16 * (x + step * tall * 0.17)), round(16 * (y - up * tall))])
        cv2.polylines(picture, [np.array(points, np.int32)], False, ink, 1, cv2.LINE_AA, 4)
        x += letters * tall * 0.7 + tall * 0.7


def clock(rng: np.random.Generator) -> Bytes:
    picture = np.full((128, 128, 3), 246, np.uint8)
    cv2.circle(picture, (64, 64), 61, near(rng, (40, 40, 45), 30), 6, cv2.LINE_AA)
    for hour in range(12):
        a = hour * math.pi / 6.0
        start = 64 + 46 * math.cos(a), 64 + 46 * math.sin(a)
        stop = 64 + 54 * math.cos(a), 64 + 54 * math.sin(a)
        _line(picture, start, stop, (30, 30, 34), 3)
    for length, weight in ((28, 4), (42, 3)):
        a = float(rng.uniform(0, 2 * math.pi))
        _line(
            picture,
            (64, 64),
            (64 + length * math.cos(a), 64 + length * math.sin(a)),
            (25, 25, 28),
            weight,
        )
    return picture


def _line(
    picture: Bytes, a: tuple[float, float], b: tuple[float, float], color: Color, weight: int
) -> None:
    ends = [(round(p[0] * 16), round(p[1] * 16)) for p in (a, b)]
    cv2.line(picture, ends[0], ends[1], color, weight, cv2.LINE_AA, 4)


def atlas(
    rng: np.random.Generator,
    columns: int,
    rows: int,
    tile: tuple[int, int],
    paint: Callable[[np.random.Generator, tuple[int, int]], Bytes],
) -> Bytes:
    """Small pictures beside each other; ``tile`` is height and width."""
    lines = [np.hstack([paint(rng, tile) for _ in range(columns)]) for _ in range(rows)]
    return np.vstack(lines)


def poster(rng: np.random.Generator, tile: tuple[int, int]) -> Bytes:
    """A map, a chart, a word or a picture on paper."""
    height, width = tile
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = near(rng, (240, 236, 226), 12)
    kind = int(rng.integers(4))
    edge = max(3, width // 16)
    if kind == 0:
        values = noise(rng, height, width, 2.5, 4)
        land = colored(values, ((70, 130, 190), (90, 155, 205), (120, 160, 90), (190, 170, 110)))
        picture[edge:-edge, edge:-edge] = land[edge:-edge, edge:-edge]
    elif kind == 1:
        ink = any_color(rng, 0.9, 0.3)
        for bar in range(5):
            top = float(rng.uniform(0.3, 0.85)) * height
            x = width * (0.14 + 0.15 * bar)
            fill(
                picture,
                [
                    (x, top),
                    (x + width * 0.1, top),
                    (x + width * 0.1, height * 0.9),
                    (x, height * 0.9),
                ],
                near(rng, ink, 60),
            )
        picture[height // 12 : height // 8, edge:-edge] = ink
    elif kind == 2:
        picture[:] = any_color(rng, 0.75, 0.35)
        word = _WORDS[int(rng.integers(len(_WORDS)))]
        write(picture, word, (edge, height // 3), width / (0.9 * len(word) + 1), (250, 248, 240), 2)
        for _ in range(5):
            at = (
                round(float(rng.uniform(0.2, 0.8)) * width),
                round(float(rng.uniform(0.5, 0.9)) * height),
            )
            cv2.circle(
                picture,
                at,
                round(width * float(rng.uniform(0.05, 0.16))),
                any_color(rng, 0.9, 0.4),
                cv2.FILLED,
                cv2.LINE_AA,
            )
    else:
        sky = colored(
            stretched(slope(height, width, 90.0).astype(np.int32)),
            (any_color(rng, 0.6, 0.5), any_color(rng, 0.4, 0.7)),
        )
        for layer in range(3):
            base = height * (0.55 + 0.15 * layer)
            corners = [(0.0, float(height)), (0.0, base)]
            corners += [
                (width * k / 5, base - float(rng.uniform(0, 0.22)) * height) for k in range(1, 6)
            ]
            fill(
                sky,
                [*corners, (float(width), float(height))],
                near(rng, hsv(0.33, 0.3, 0.6 - 0.15 * layer), 20),
            )
        picture[edge:-edge, edge:-edge] = sky[edge:-edge, edge:-edge]
    if rng.random() < 0.5:
        for line in range(3):
            y = round(height * (0.9 + 0.03 * line))
            cv2.line(picture, (edge * 2, y), (width - edge * 3, y), (90, 90, 95), 1, cv2.LINE_AA)
    return picture


def label(rng: np.random.Generator, tile: tuple[int, int]) -> Bytes:
    """The front of something for sale."""
    height, width = tile
    ground = any_color(rng, 0.95, 0.25)
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = ground
    kind = int(rng.integers(4))
    other = any_color(rng, 0.9, 0.3)
    if kind == 0:
        picture[height // 3 : 2 * height // 3] = other
    elif kind == 1:
        cv2.circle(picture, (width // 2, height // 2), width // 3, other, cv2.FILLED, cv2.LINE_AA)
    elif kind == 2:
        fill(
            picture,
            [(0, height * 0.6), (width, height * 0.25), (width, height), (0, height)],
            other,
        )
    else:
        picture[: height // 4] = other
        picture[-height // 8 :] = near(rng, other, 30)
    pale: Color = (250, 246, 236) if sum(ground) < 480 else (40, 36, 44)
    name = "".join(chr(65 + int(c)) for c in rng.integers(0, 26, int(rng.integers(3, 6))))
    write(picture, name, (width // 10, height * 9 // 20), width / (len(name) * 0.95), pale, 2)
    for line in range(int(rng.integers(1, 4))):
        y = height * 3 // 5 + 7 * line
        cv2.line(picture, (width // 6, y), (width * 5 // 6 - 9 * line, y), pale, 1, cv2.LINE_AA)
    return softened(picture, 0.4)


def spines(rng: np.random.Generator, tile: tuple[int, int]) -> Bytes:
    """The back of a book or a folder."""
    height, width = tile
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = color = any_color(rng, 0.7, 0.15)
    band = near(rng, color, 80)
    for at in (0.12, 0.8):
        y = round(height * at)
        picture[y : y + max(2, height // 24)] = band
    if rng.random() < 0.5:
        picture[height // 4 : height // 2, width // 6 : -width // 6] = (236, 232, 222)
    return picture


def price_strip(rng: np.random.Generator) -> Bytes:
    """The edge of a shelf with its price tags."""
    height, width = 32, 512
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = near(rng, (205, 205, 205), 15)
    x = 8
    while x < width - 60:
        tag: Color = (252, 226, 70) if rng.random() < 0.25 else (248, 248, 244)
        cv2.rectangle(picture, (x, 4), (x + 46, 28), tag, cv2.FILLED)
        write(picture, _PRICES[int(rng.integers(len(_PRICES)))], (x + 4, 22), 11.0, (30, 30, 34))
        x += int(rng.integers(58, 110))
    return picture


def sign(rng: np.random.Generator, word: str) -> Bytes:
    """A sign of a shop."""
    picture = np.empty((96, 256, 3), np.uint8)
    picture[:] = hsv(float(rng.choice([0.0, 0.02, 0.33, 0.58, 0.13])), 0.85, 0.8)
    write(picture, word, (22, 64), 190.0 / len(word), (252, 250, 244), 3)
    cv2.rectangle(picture, (4, 4), (251, 91), (252, 250, 244), 3)
    return picture


def stone(rng: np.random.Generator, color: Color) -> Bytes:
    """Terrazzo or linoleum: a colour with flecks."""
    size = 256
    picture = np.empty((size, size, 3), np.uint8)
    picture[:] = color
    for _ in range(900):
        at = round(float(rng.uniform(0, size))), round(float(rng.uniform(0, size)))
        cv2.circle(picture, at, int(rng.integers(1, 3)), near(rng, color, 45), cv2.FILLED)
    return softened(picture, 0.6)
