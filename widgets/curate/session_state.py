"""What a session edits and what it knows of its store; how both are read, on the store's thread."""

from __future__ import annotations

import getpass
from dataclasses import dataclass

from app.curate import people, proposals, releases
from app.curate.document import Document
from app.curate.mean_head import MeanHead
from app.curate.people import Person
from app.curate.records import Proposal, Release
from app.curate.store import Store


@dataclass(frozen=True)
class Editing:
    """What is being edited.

    Attributes
    ----------
    release : Release
        The base.
    proposal : Proposal, optional
        What the store knows it as; None for edits that were never saved.
    writable : bool
        Whether it may be edited: a draft of one's own, or no proposal yet.
    """

    release: Release
    proposal: Proposal | None = None
    writable: bool = True

    @property
    def title(self) -> str:
        """Such as ``"dense-520, release 3"`` or ``"#12 Nose tip on the tip"``."""
        if self.proposal is not None:
            return f"#{self.proposal.number} {self.proposal.title}"
        return f"{self.release.topology}, release {self.release.number}"


@dataclass(frozen=True)
class Known:
    """What the store tells of itself; asked anew after every change."""

    topologies: tuple[str, ...] = ()
    newest: tuple[Release, ...] = ()
    everybody: tuple[Person, ...] = ()
    self_approval: bool = False
    notes: tuple[str, ...] = ()


def account_name() -> str:
    """Of whoever is logged in; empty where that is not known."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def writable(found: Proposal | None, person: str) -> bool:
    return found is None or (found.state == "draft" and found.author == person)


def read_known(store: Store) -> Known:
    db = store.db
    names = tuple(releases.names(db))
    return Known(
        names,
        tuple(releases.latest(db, name) for name in names),
        tuple(people.everybody(db)),
        people.self_approval(db),
        tuple(store.notes),
    )


def proposal_with_id(store: Store, id_: str) -> Proposal | None:
    row = store.db.row("SELECT number FROM proposal WHERE id = ?", id_) if id_ else None
    return proposals.proposal(store.db, row[0]) if row is not None else None


def warmed(document: Document) -> Document:
    """Work out away from the window what the first edits would wait for."""
    head: MeanHead = document.head
    surface = head.surface
    surface.closest(surface.vertices[surface.triangles[0, :1]])
    head.spots(document.topology.landmarks[:1])
    for lazy in ("corners", "normals", "vertex_normals", "across", "_used"):
        getattr(surface, lazy)
    head.in_middle(document.topology.landmarks[0], surface.vertices[surface.triangles[0, 0]])
    return document
