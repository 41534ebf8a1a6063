"""What an edit is: a named value that makes one topology from another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from app.curate.mean_head import MeanHead
from app.curate.view import View
from app.topology.topology import Topology


class EditError(Exception):
    """Why an edit cannot be made, in one line."""


@dataclass(frozen=True)
class Desk:
    """What an edit may consult beside the topology."""

    head: MeanHead
    view: View = field(default_factory=View)


class Action(Protocol):
    """One undoable edit."""

    @property
    def text(self) -> str:
        """Its name in the list of what can be undone, such as ``"Move nose tip"``."""
        ...

    def on(self, topology: Topology, desk: Desk) -> Topology:
        """The topology after it.

        Raises
        ------
        EditError
            If it cannot be made; nothing is changed then.
        """
        ...


def counted(count: int, one: str = "landmark") -> str:
    """``"1 landmark"``, ``"12 landmarks"``."""
    return f"{count} {one}" if count == 1 else f"{count} {one}s"
