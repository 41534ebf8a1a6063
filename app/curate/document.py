"""A topology under edit: one state, edits by name, and what can be undone and redone."""

from __future__ import annotations

from dataclasses import dataclass

from app.curate.action import Action, Desk, EditError
from app.curate.changes import ChangeSet, difference
from app.curate.mean_head import MeanHead
from app.curate.view import View, without_lost
from app.listeners import Listeners
from app.topology.identity import canonical, ids_of
from app.topology.topology import Landmark, Topology


@dataclass(frozen=True)
class Step:
    """One edit that was made: its name, and the topology before and after it."""

    text: str
    before: Topology
    after: Topology


class Document:
    """A topology under edit.

    Undo holds edits of the topology alone: what is locked, hidden or shown is no edit. It
    outlives saving.

    Parameters
    ----------
    base : Topology
        The release that a proposal is made on.
    head : MeanHead
    topology : Topology, optional
        Where a draft was left; the base without one.

    Attributes
    ----------
    changed : Listeners
        Told the topology before and after an edit, an undo or a redo.
    looked : Listeners
        Told the view before and after.
    """

    def __init__(
        self,
        base: Topology,
        head: MeanHead,
        topology: Topology | None = None,
        view: View | None = None,
    ) -> None:
        self.base = canonical(base)
        self.head = head
        self.changed: Listeners[[Topology, Topology]] = Listeners()
        self.looked: Listeners[[View, View]] = Listeners()
        self._topology = canonical(topology) if topology is not None else self.base
        self._view = view or View()
        self._saved = self._topology
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._gesture: object | None = None

    @property
    def topology(self) -> Topology:
        return self._topology

    @property
    def view(self) -> View:
        return self._view

    @property
    def desk(self) -> Desk:
        return Desk(self.head, self._view)

    @property
    def undo_text(self) -> str:
        """Name of the edit that undo takes back; empty where there is none."""
        return self._done[-1].text if self._done else ""

    @property
    def redo_text(self) -> str:
        return self._undone[-1].text if self._undone else ""

    @property
    def history(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names of the edits that were made, and of those that were undone, next one first."""
        return tuple(s.text for s in self._done), tuple(s.text for s in reversed(self._undone))

    @property
    def clean(self) -> bool:
        """Whether all edits are saved."""
        return self._topology == self._saved

    def mark_clean(self, saved: Topology | None = None) -> None:
        """The topology, or the state of it that was written, is saved."""
        self._saved = self._topology if saved is None else saved

    def do(self, action: Action, gesture: object | None = None) -> bool:
        """Make an edit; whether it changed anything.

        Edits with the same ``gesture`` (one drag: any fresh object that lives as long as it)
        become one step.

        Raises
        ------
        EditError
            If it cannot be made, or would change what is locked; nothing is changed then.
        """
        before = self._topology
        start = self._done[-1] if self._continues(gesture) else None
        after = action.on(before, self.desk)
        check_locked(before, after, self._view)
        if after == before:
            return False
        if start is not None:
            self._done.pop()
        step = Step(action.text, start.before if start else before, after)
        if step.before != after:
            self._done.append(step)
            self._gesture = gesture
        else:
            self._gesture = None
        self._undone.clear()
        self._show(after)
        return True

    def _continues(self, gesture: object | None) -> bool:
        return gesture is not None and gesture is self._gesture and bool(self._done)

    def undo(self) -> str:
        """Take the last edit back; its name, or empty where there is none."""
        if not self._done:
            return ""
        step = self._done.pop()
        self._undone.append(step)
        self._gesture = None
        self._show(step.before)
        return step.text

    def redo(self) -> str:
        """Make the edit that was last taken back again; its name, or empty."""
        if not self._undone:
            return ""
        step = self._undone.pop()
        self._done.append(step)
        self._gesture = None
        self._show(step.after)
        return step.text

    def look(self, view: View) -> None:
        """Look at it otherwise; no edit."""
        before, self._view = self._view, view
        if before != view:
            self.looked.tell(before, view)

    def changes(self) -> ChangeSet:
        """What a proposal of the present state proposes."""
        return difference(self.base, self._topology)

    def _show(self, topology: Topology) -> None:
        before, self._topology = self._topology, topology
        if before.ids != topology.ids or len(before) != len(topology):
            self.look(without_lost(self._view, ids_of(topology)))
        self.changed.tell(before, topology)


def check_locked(before: Topology, after: Topology, view: View) -> None:
    """Raise `EditError` if a locked landmark is not as it was."""
    if not view.locked:
        return
    old, new = _marks(before), _marks(after)
    for key in sorted(view.locked & set(old)):
        if new.get(key) != old[key]:
            raise EditError(f"{old[key].name!r} is locked")


def _marks(topology: Topology) -> dict[str, Landmark]:
    return dict(zip(ids_of(topology), topology.landmarks, strict=True))
