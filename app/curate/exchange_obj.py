"""Topologies as Wavefront OBJ: vertices with points and lines, Y up, metres, the face to +Z."""

from __future__ import annotations

import itertools
import math
from typing import Final

import numpy as np

from app.curate.exchange_overlay import (
    POINT_LIMIT,
    ExchangeError,
    Imported,
    Surface,
    carriage,
    carried,
    checked,
    needs_base,
    with_edges,
    with_positions,
)
from app.topology.topology import Topology

_CARRIED: Final = "# headroom-topology "
WITHOUT_COMMENT: Final = "names, corners, weights, parts, mirror pairs, origins and rounds"
"""What is lost where another program has left the comment with the whole topology away."""


def obj(topology: Topology) -> bytes:
    """The file; the same topology gives the same bytes."""
    lines = [
        f"# {topology.name} {topology.version}: {len(topology)} points on the mean head",
        "# metres, Y up, the face looks along +Z, about the midpoint of the eyeballs",
        _CARRIED + carriage(topology),
        f"o {_word(topology.name)}",
    ]
    for mark in topology.landmarks:
        x, y, z = mark.mean
        lines.append(f"v {x!r} {z!r} {-y + 0.0!r}")
    lines.append("p " + " ".join(str(i + 1) for i in range(len(topology))))
    lines += [f"l {a + 1} {b + 1}" for a, b in topology.edges]
    return ("\n".join(lines) + "\n").encode()


def from_obj(data: bytes, base: Topology | None, surface: Surface | None) -> Imported:
    """A topology from such a file; points that were moved go to the nearest place on the skin.

    Raises
    ------
    ExchangeError
    """
    positions: list[tuple[float, float, float]] = []
    edges: list[tuple[int, int]] = []
    whole: Topology | None = None
    for number, line in enumerate(_text(data).split("\n"), 1):
        if line.startswith(_CARRIED):
            whole = carried(line.removeprefix(_CARRIED))
        words = line.split("#", 1)[0].split()
        if not words:
            continue
        if words[0] == "v":
            positions.append(_position(words[1:4], number))
            if len(positions) > POINT_LIMIT:
                raise ExchangeError(f"it has more than {POINT_LIMIT} points")
        elif words[0] == "l":
            chain = [_index(word, len(positions), number) for word in words[1:]]
            edges += itertools.pairwise(chain)
    topology = needs_base(whole or base, len(positions), "positions")
    topology = with_positions(topology, np.array(positions).reshape(-1, 3), surface)
    lost = () if whole else (f"{WITHOUT_COMMENT}: those are of {topology.name}",)
    return Imported(checked(with_edges(topology, edges)), lost)


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise ExchangeError("this is no OBJ: it is not text") from None


def _position(words: list[str], line: int) -> tuple[float, float, float]:
    try:
        x, up, forward = (float(word) for word in words)
    except ValueError:
        raise ExchangeError(f"line {line}: a vertex has three numbers") from None
    if not all(math.isfinite(value) for value in (x, up, forward)):
        raise ExchangeError(f"line {line}: a vertex has three numbers")
    return x, -forward + 0.0, up


def _index(word: str, count: int, line: int) -> int:
    try:
        number = int(word.split("/")[0])
    except ValueError:
        raise ExchangeError(f"line {line}: {word[:20]!r} is no number of a vertex") from None
    place = number - 1 if number > 0 else count + number
    if not (number and 0 <= place < count):
        raise ExchangeError(f"line {line}: there is no vertex {number}")
    return place


def _word(name: str) -> str:
    return "_".join(name.split())
