"""What makes a topology and its landmarks the same ones: ids, subsets, canonical form, hash."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

from app.topology import store
from app.topology.topology import Part, Subset, Topology

IBUG: Final = "ibug-68"
IBUG_COUNT: Final = 68


def default_ids(name: str, count: int) -> tuple[str, ...]:
    """Ids of landmarks that were never given any: the topology's name and the index.

    A name that no id may hold is replaced by the word ``landmark``.
    """
    plain = name.isascii() and name.isprintable() and name == name.strip()
    return tuple(f"{name if plain else 'landmark'}:{i}" for i in range(count))


def ids_of(topology: Topology) -> tuple[str, ...]:
    """The id of each landmark; it stays the same through all releases."""
    return topology.ids or default_ids(topology.name, len(topology))


def default_subsets(topology: Topology) -> tuple[Subset, ...]:
    """iBUG-68 where the first 68 landmarks are its own, by their origin or the topology's name."""
    head = topology.landmarks[:IBUG_COUNT]
    known = topology.name == IBUG or all(mark.origin == IBUG for mark in head)
    if len(head) < IBUG_COUNT or not known:
        return ()
    return (Subset(IBUG, tuple(range(IBUG_COUNT))),)


def subsets_of(topology: Topology) -> tuple[Subset, ...]:
    """Which landmarks stand for those of other topologies."""
    return default_subsets(topology) if topology.subsets is None else topology.subsets


def canonical(topology: Topology) -> Topology:
    """The same topology in the one form that is compared and hashed.

    Edges are sorted and stand there once, whichever way they run; a part holds a landmark once;
    ids and subsets that are the usual ones are left out. The shipped files are in this form.
    """
    edges: dict[frozenset[int], tuple[int, int]] = {}
    for edge in sorted(topology.edges):
        edges.setdefault(frozenset(edge), edge)
    parts = tuple(
        Part(part.name, tuple(dict.fromkeys(part.landmarks)), part.closed)
        for part in topology.parts
    )
    usual = default_ids(topology.name, len(topology))
    trimmed = tuple(sorted(map(_trimmed, subsets_of(topology)), key=lambda one: one.name))
    return replace(
        topology,
        edges=tuple(edges.values()),
        parts=parts,
        ids=() if topology.ids == usual else topology.ids,
        subsets=None if trimmed == default_subsets(topology) else trimmed,
    )


def _trimmed(subset: Subset) -> Subset:
    marks = subset.landmarks
    while marks and marks[-1] is None:
        marks = marks[:-1]
    return Subset(subset.name, marks)


def content_sha256(topology: Topology) -> str:
    """Hash of a topology's file, 64 hexadecimal digits; of its canonical form.

    Raises
    ------
    store.TopologyError
        If the topology contradicts itself.
    """
    whole = canonical(topology)
    store.check(whole)
    return hashlib.sha256(store.encode(whole)).hexdigest()
