"""Topologies as empties in FBX and GLB, through the Blender worker."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
import numpy as np

from app.blender.protocol import OUR_FAULTS, Done, Failed
from app.curate.exchange_overlay import (
    ExchangeError,
    Imported,
    Surface,
    carriage,
    carried,
    checked,
    needs_base,
    with_names,
    with_positions,
)
from app.files import aside
from app.topology.topology import Topology

WITHOUT_TEXT: Final = "corners, weights, parts, edges, mirror pairs, origins and rounds"
"""What is lost where another program has left the custom property of the root away."""

_SECONDS: Final = 120.0
_NAME_BYTES: Final = 60


class Ticket(Protocol):
    """A job that was handed over."""

    def result(self, timeout: float | None = None) -> object: ...


class Worker(Protocol):
    """What runs jobs in Blender; `app.blender.client.Blender` is one."""

    def submit(
        self, op: str, args: dict[str, Any], on_event: None = None, timeout: float | None = None
    ) -> Ticket: ...


class WorkerError(Exception):
    """Blender failed, and not for the file; one line."""


class _Point(msgspec.Struct, frozen=True):
    name: str
    position: tuple[float, float, float]
    index: int | None = None


class _Answer(msgspec.Struct, frozen=True):
    points: tuple[_Point, ...]
    carried: str | None = None


def write_scene(topology: Topology, path: Path, blender: Worker) -> None:
    """Write an FBX or a GLB, by the path's ending.

    Raises
    ------
    WorkerError
    OSError
    """
    content = {
        "name": topology.name,
        "carried": carriage(topology),
        "names": _shown(topology),
        "positions": [mark.mean for mark in topology.landmarks],
    }
    with tempfile.TemporaryDirectory(prefix="headroom-points-") as folder, aside(path) as made:
        points = Path(folder) / "points.json"
        points.write_text(json.dumps(content), encoding="utf-8")
        _asked(blender, "write_points", {"points": str(points), "output": str(made.resolve())})
        if not made.stat().st_size:
            raise WorkerError("Blender ended before the file was written")


def read_scene(
    path: Path, blender: Worker, base: Topology | None, surface: Surface | None
) -> Imported:
    """A topology from such a file; names and places of the empties win.

    Raises
    ------
    ExchangeError
        If the file is at fault.
    WorkerError
    """
    result = _asked(blender, "read_points", {"path": str(path.resolve())})
    answer = msgspec.convert(result, _Answer)
    whole = carried(answer.carried) if answer.carried is not None else None
    topology = needs_base(whole or base, len(answer.points), "positions and names")
    points = _in_order(answer.points, topology)
    shown = _shown(topology)
    names = [
        mark.name if point.name == known else point.name
        for mark, point, known in zip(topology.landmarks, points, shown, strict=True)
    ]
    positions = np.array([point.position for point in points])
    topology = with_positions(with_names(topology, names), positions, surface)
    lost = () if whole else (f"{WITHOUT_TEXT}: those are of {topology.name}",)
    return Imported(checked(topology), lost)


def _shown(topology: Topology) -> list[str]:
    """Names of the empties: unique, and short enough for every program."""
    found: list[str] = []
    for i, mark in enumerate(topology.landmarks):
        plain = " ".join(mark.name.split())
        short = plain.encode()[:_NAME_BYTES].decode(errors="ignore")
        found.append(short if short and short not in found else f"{short[:40]} {i}")
    return found


def _in_order(points: tuple[_Point, ...], topology: Topology) -> list[_Point]:
    """The points in the topology's order: by their number, or else by name."""
    count = len(topology)
    by_index = {point.index: point for point in points if point.index is not None}
    if set(by_index) == set(range(count)):
        return [by_index[i] for i in range(count)]
    by_name = {point.name: point for point in points}
    missing = [name for name in _shown(topology) if name not in by_name]
    if missing:
        raise ExchangeError(f"there is no empty for {missing[0]!r}")
    return [by_name[name] for name in _shown(topology)]


def _asked(blender: Worker, op: str, args: dict[str, Any]) -> dict[str, Any]:
    outcome = blender.submit(op, args, timeout=_SECONDS).result()
    match outcome:
        case Done(result):
            return result
        case Failed(kind, message, _) if kind not in OUR_FAULTS:
            raise ExchangeError(message)
        case Failed(_, message, _):
            raise WorkerError(message)
    raise WorkerError("stopped")
