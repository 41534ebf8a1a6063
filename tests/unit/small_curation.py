"""A store with people, and edits of the 68 points, for tests."""

from __future__ import annotations

import functools
import tempfile
from dataclasses import replace
from pathlib import Path

from app.curate import people, proposals, releases
from app.curate.changes import ChangeSet, difference
from app.curate.exchange_overlay import on_surface
from app.curate.exchange_skin import MeanSkin
from app.curate.records import Proposal
from app.curate.store import Store
from app.topology.topology import Topology

ARTIST, OTHER, CURATOR = "Ana", "Bo", "Cleo"
NAME = "ibug-68"


def opened(path: Path) -> Store:
    """A store whose curator is Cleo; a new one is a copy of one that was made once."""
    if not path.exists():
        path.write_bytes(_fresh())
    return Store(path)


@functools.cache
def _fresh() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fresh.store"
        with Store(path) as store:
            people.appoint(store.db, CURATOR, True, CURATOR)
        return path.read_bytes()


def newest(store: Store) -> Topology:
    return releases.content(store.db, releases.latest(store.db, NAME))


def moved(topology: Topology, places: dict[int, float]) -> Topology:
    """Landmarks moved sideways by about so many millimetres, along the skin."""
    skin = MeanSkin()
    marks = list(topology.landmarks)
    for place, millimetres in places.items():
        x, y, z = marks[place].mean
        point = skin.closest((x + millimetres / 1000, y, z), marks[place])
        marks[place] = on_surface(marks[place], point)
    return replace(topology, landmarks=tuple(marks))


def renamed(topology: Topology, place: int, name: str) -> Topology:
    marks = list(topology.landmarks)
    marks[place] = replace(marks[place], name=name)
    return replace(topology, landmarks=tuple(marks))


def edits(store: Store, places: dict[int, float]) -> ChangeSet:
    """Moves on the newest release."""
    base = newest(store)
    return difference(base, moved(base, places))


def proposed(
    store: Store, places: dict[int, float], author: str = ARTIST, title: str = "Moves"
) -> Proposal:
    made = proposals.create(store, author, edits(store, places), title)
    return proposals.propose(store, author, made.number)


def mark(place: int) -> str:
    """Id of a landmark of the 68."""
    return f"{NAME}:{place}"
