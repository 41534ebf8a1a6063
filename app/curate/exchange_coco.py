"""Topologies as keypoint categories of COCO: names in order, and edges as the skeleton."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from app.curate.exchange_overlay import (
    ExchangeError,
    Imported,
    carriage,
    carried,
    checked,
    needs_base,
    with_edges,
    with_names,
)
from app.topology.topology import Topology

KEY: Final = "headroom_topology"
"""A field of the category that other programs pass over: the whole topology."""

WITHOUT_FIELD: Final = "positions, parts, mirror pairs, origins and rounds"


class _Category(msgspec.Struct, frozen=True):
    keypoints: tuple[str, ...]
    skeleton: tuple[tuple[int, int], ...] = ()
    headroom_topology: msgspec.Raw = msgspec.Raw()


class _Document(msgspec.Struct, frozen=True):
    categories: tuple[_Category, ...]


def coco(topology: Topology) -> bytes:
    """The file: no pictures, no annotations, one category."""
    category: dict[str, Any] = {
        "id": 1,
        "name": topology.name,
        "supercategory": "face",
        "keypoints": [mark.name for mark in topology.landmarks],
        "skeleton": [[a + 1, b + 1] for a, b in topology.edges],
        KEY: msgspec.Raw(carriage(topology).encode()),
    }
    about = {"description": f"{topology.name} {topology.version}", "version": str(topology.version)}
    content = {"info": about, "images": [], "annotations": [], "categories": [category]}
    return msgspec.json.encode(content) + b"\n"


def from_coco(data: bytes, base: Topology | None) -> Imported:
    """A topology from such a file; names and edges are those of the category.

    Raises
    ------
    ExchangeError
    """
    try:
        document = msgspec.json.decode(data, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        said = " ".join(str(problem).split())
        raise ExchangeError(f"this is no COCO file with keypoint categories: {said}") from None
    if len(document.categories) != 1:
        raise ExchangeError(f"it has {len(document.categories)} categories; one topology is one")
    category = document.categories[0]
    names, count = category.keypoints, len(category.keypoints)
    whole = carried(bytes(category.headroom_topology)) if category.headroom_topology else None
    topology = needs_base(whole or base, count, "names and edges")
    edges = [(a - 1, b - 1) for a, b in category.skeleton]
    lost = () if whole else (f"{WITHOUT_FIELD}: those are of {topology.name}",)
    return Imported(checked(with_edges(with_names(topology, names), edges)), lost)
