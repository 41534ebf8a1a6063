"""Topologies as plain numbers: NumPy's index lists, and the text lists of vertices.

The text format is that of the repository of the 520-landmark paper (``vertices_520_….txt``): one
vertex of the mesh a line, as `numpy.savetxt` writes it, and a second list with the places of the
68 points of iBUG in the first. There the vertices are those of the Basel face model; here they are
those of the base mesh.
"""

from __future__ import annotations

import io
import math
import statistics
import zipfile
from collections import Counter
from dataclasses import replace
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.curate.exchange_overlay import (
    POINT_LIMIT,
    ExchangeError,
    Imported,
    Surface,
    checked,
    needs_base,
    on_surface,
)
from app.topology.identity import subsets_of
from app.topology.store import BASE_VERTICES
from app.topology.topology import Landmark, Round, Subset, Topology

IBUG: Final = "ibug-68"
IBUG_COUNT: Final = 68
_ARRAYS_LIMIT: Final = 64 * 1024 * 1024
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


class _Words(msgspec.Struct, frozen=True):
    name: str
    version: int
    base_mesh: str
    names: tuple[str, ...]
    origins: tuple[str, ...]
    parts: tuple[str, ...]
    closed: tuple[bool, ...]
    rounds: tuple[Round, ...] = ()
    ids: tuple[str, ...] = ()
    subsets: tuple[Subset, ...] | None = None


def ibug_places(topology: Topology) -> list[int]:
    """Where the 68 points of iBUG stand in a topology, in their own order; empty if not all do."""
    of = next((s.landmarks for s in subsets_of(topology) if s.name == IBUG), ())
    return [place for place in of if place is not None] if None not in of else []


def arrays(topology: Topology) -> bytes:
    """A ``.npz``: corners, weights, means, mirror, edges, an index list for each part, words.

    The same topology gives the same bytes.
    """
    marks = topology.landmarks
    words = _Words(
        topology.name,
        topology.version,
        topology.base_mesh,
        tuple(mark.name for mark in marks),
        tuple(mark.origin for mark in marks),
        tuple(part.name for part in topology.parts),
        tuple(part.closed for part in topology.parts),
        topology.rounds,
        topology.ids,
        topology.subsets,
    )
    held: dict[str, NDArray[Any]] = {
        "corners": np.array([mark.corners for mark in marks], np.int32),
        "weights": np.array([mark.weights for mark in marks], np.float64),
        "means": np.array([mark.mean for mark in marks], np.float64),
        "mirror": np.array(topology.mirror, np.int32),
        "edges": np.array(topology.edges, np.int32).reshape(-1, 2),
        "names": np.array(words.names),
        "ibug_68": np.array(ibug_places(topology), np.int32),
        "words": np.frombuffer(msgspec.json.encode(words), np.uint8),
    }
    for k, part in enumerate(topology.parts):
        held[f"part_{k:02}"] = np.array(part.landmarks, np.int32)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, values in held.items():
            member = io.BytesIO()
            np.save(member, values, allow_pickle=False)
            entry = zipfile.ZipInfo(f"{key}.npy", _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, member.getvalue())
    return file.getvalue()


def from_arrays(data: bytes) -> Imported:
    """A topology from `arrays`; nothing is lost.

    Raises
    ------
    ExchangeError
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _ARRAYS_LIMIT:
                raise ExchangeError("its arrays are larger than any topology's")
        with np.load(io.BytesIO(data), allow_pickle=False) as held:
            words = msgspec.json.decode(held["words"].tobytes(), type=_Words)
            corners, weights, means = (
                np.asarray(held[key]).reshape(-1, 3).tolist()
                for key in ("corners", "weights", "means")
            )
            edges = held["edges"].reshape(-1, 2).tolist()
            mirror = held["mirror"].tolist()
            parts = [held[f"part_{k:02}"].tolist() for k in range(len(words.parts))]
        rows = zip(words.names, corners, weights, means, words.origins, strict=True)
        plain = {
            "name": words.name,
            "version": words.version,
            "landmarks": [dict(zip(_FIELDS, row, strict=True)) for row in rows],
            "parts": [
                {"name": name, "landmarks": of, "closed": closed}
                for name, of, closed in zip(words.parts, parts, words.closed, strict=True)
            ],
            "edges": edges,
            "mirror": mirror,
            "base_mesh": words.base_mesh,
            "rounds": msgspec.to_builtins(words.rounds),
            "ids": words.ids,
            "subsets": msgspec.to_builtins(words.subsets),
        }
        topology = msgspec.convert(plain, Topology)
    except ExchangeError:
        raise
    except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile, RecursionError) as fault:
        said = " ".join(str(fault).split()) or type(fault).__name__
        raise ExchangeError(f"this is no topology in NumPy's arrays: {said}") from None
    return Imported(checked(topology))


_FIELDS: Final = ("name", "corners", "weights", "mean", "origin")


def heaviest(mark: Landmark) -> int:
    """The corner that a landmark lies nearest to, by its weights."""
    return mark.corners[max(range(3), key=lambda k: mark.weights[k])]


def vertex_list(topology: Topology) -> bytes:
    """One vertex a line, in the topology's order."""
    return _listed([heaviest(mark) for mark in topology.landmarks])


def ibug_list(topology: Topology) -> bytes | None:
    """Places of iBUG's 68 points in the list; None if the topology has not all of them."""
    places = ibug_places(topology)
    return _listed(places) if places else None


def lost_in_list(topology: Topology, surface: Surface) -> tuple[str, ...]:
    """What `vertex_list` does not say of a topology."""
    vertices = [heaviest(mark) for mark in topology.landmarks]
    gaps = [1000 * gap for gap in surface.gaps(topology, vertices)]
    shared = sum(n for n in Counter(vertices).values() if n > 1)
    lost = ["names, parts, edges, mirror pairs, origins and rounds"]
    if max(gaps) > 0.0:
        lost.append(
            f"where points lie between vertices: in the median {statistics.median(gaps):.1f} mm "
            f"from the one that stands there, {max(gaps):.1f} mm at most"
        )
    if shared:
        lost.append(f"{shared} points share a vertex with another")
    return tuple(lost)


def from_vertex_list(data: bytes, base: Topology | None, surface: Surface | None) -> Imported:
    """A topology from a list of vertices, with the rest from ``base``.

    A point whose vertex is that of the base's point stays where it is there; another goes to its
    vertex.

    Raises
    ------
    ExchangeError
    """
    vertices = _numbers(data)
    base = needs_base(base, len(vertices), "numbers of vertices")
    size = BASE_VERTICES[base.base_mesh]
    for line, vertex in enumerate(vertices, 1):
        if vertex >= size:
            raise ExchangeError(
                f"line {line} names vertex {vertex}, the base mesh has {size}: the list counts "
                "another mesh (that of the source project is the Basel face model)"
            )
    marks = list(base.landmarks)
    for i, vertex in enumerate(vertices):
        if vertex == heaviest(marks[i]):
            continue
        if surface is None:
            raise ExchangeError(f"{marks[i].name!r} moved to vertex {vertex}: no surface for it")
        marks[i] = on_surface(marks[i], surface.vertex(vertex, marks[i]))
    moved = sum(a != b for a, b in zip(marks, base.landmarks, strict=True))
    lost = (
        f"all but the vertices: the rest is that of {base.name} {base.version}",
        f"where the {moved} points that moved lie between vertices",
    )
    topology = replace(base, landmarks=tuple(marks))
    return Imported(checked(topology), lost if moved else lost[:1])


def _listed(numbers: list[int]) -> bytes:
    return "".join(f"{number:.18e}\n" for number in numbers).encode()


def _numbers(data: bytes) -> list[int]:
    try:
        lines = data.decode("ascii").split()
    except UnicodeDecodeError:
        raise ExchangeError("this is no list of numbers") from None
    if not lines or len(lines) > POINT_LIMIT:
        raise ExchangeError(f"it has {len(lines)} numbers; a list has 1 to {POINT_LIMIT}")
    found = []
    for line, text in enumerate(lines, 1):
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and value >= 0.0 and value == int(value)):
            raise ExchangeError(f"line {line}: {text[:30]!r} is not the number of a vertex")
        found.append(int(value))
    return found
