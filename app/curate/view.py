"""How a topology is looked at and handled while it is edited; no part of any proposal."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from app.topology.identity import ids_of
from app.topology.topology import Topology

Ids = frozenset[str]


@dataclass(frozen=True)
class View:
    """What is locked, hidden and mirrored.

    Attributes
    ----------
    locked : frozenset of str
        Landmarks that no action may change.
    hidden : frozenset of str
    solo : frozenset of str
        If there are any, only these are shown.
    mirrored : bool
        Whether the other side of the face follows.
    alone : frozenset of str
        Landmarks whose other side does not follow, nor they it.
    """

    locked: Ids = frozenset()
    hidden: Ids = frozenset()
    solo: Ids = frozenset()
    mirrored: bool = True
    alone: Ids = frozenset()

    def follows(self, one: str, other: str) -> bool:
        """Whether an edit of one landmark is mirrored to the other."""
        return self.mirrored and one not in self.alone and other not in self.alone

    def shows(self, landmark: str) -> bool:
        return landmark not in self.hidden and (not self.solo or landmark in self.solo)

    def may_change(self, landmark: str) -> bool:
        return landmark not in self.locked


def visible(topology: Topology, view: View) -> tuple[int, ...]:
    """Indices of the landmarks that are shown."""
    return tuple(i for i, key in enumerate(ids_of(topology)) if view.shows(key))


def lock(view: View, ids: Collection[str]) -> View:
    return replace(view, locked=view.locked | frozenset(ids))


def unlock(view: View, ids: Collection[str]) -> View:
    return replace(view, locked=view.locked - frozenset(ids))


def hide(view: View, ids: Collection[str]) -> View:
    return replace(view, hidden=view.hidden | frozenset(ids))


def show(view: View, ids: Collection[str]) -> View:
    """Show landmarks again, whether they were hidden or others were shown alone."""
    solo = view.solo | frozenset(ids) if view.solo else view.solo
    return replace(view, hidden=view.hidden - frozenset(ids), solo=solo)


def show_all(view: View) -> View:
    return replace(view, hidden=frozenset(), solo=frozenset())


def solo(view: View, ids: Collection[str]) -> View:
    """Show these alone; none shows all that are not hidden."""
    return replace(view, solo=frozenset(ids))


def leave_alone(view: View, ids: Collection[str]) -> View:
    """Take landmarks out of mirrored editing."""
    return replace(view, alone=view.alone | frozenset(ids))


def mirror_again(view: View, ids: Collection[str]) -> View:
    return replace(view, alone=view.alone - frozenset(ids))


def without_lost(view: View, ids: Sequence[str]) -> View:
    """The view without landmarks that are gone."""
    known = frozenset(ids)
    return replace(
        view,
        locked=view.locked & known,
        hidden=view.hidden & known,
        solo=view.solo & known,
        alone=view.alone & known,
    )
