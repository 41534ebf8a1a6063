"""What a store holds, as immutable values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

State = Literal["draft", "proposed", "approved", "rejected", "withdrawn"]
Verdict = Literal["approved", "rejected"]
STATES: Final[tuple[State, ...]] = ("draft", "proposed", "approved", "rejected", "withdrawn")


@dataclass(frozen=True)
class Proposal:
    """A proposal without its edits.

    Attributes
    ----------
    number : int
        In this store.
    id : str
        In all stores.
    topology : str
    base : int
        Number of the release that it was made on.
    author, title : str
    state : str
    revision : int
        Rises with every save; a draft is saved only over the revision that was read.
    released : int, optional
        Number of the release that it was approved in.
    created, changed : str
        UTC, ISO 8601.
    changed_by : str
    points : int
        Edits that can be approved alone.
    approved, rejected : int
        How many of them are.
    """

    number: int
    id: str
    topology: str
    base: int
    author: str
    title: str
    state: State
    revision: int
    released: int | None
    created: str
    changed: str
    changed_by: str
    points: int
    approved: int
    rejected: int

    @property
    def unreviewed(self) -> int:
        return self.points - self.approved - self.rejected


PROPOSAL_COLUMNS: Final = ", ".join(Proposal.__dataclass_fields__)


@dataclass(frozen=True)
class ListedEdit:
    """One edit of a proposal with what was decided about it.

    Attributes
    ----------
    place : int
        In the proposal.
    landmark, name, kind, distance, becomes
        As those of `app.curate.describe.Edit`, its ``id`` called the landmark.
    verdict : str, optional
        None while it is not reviewed.
    settlement : Settlement, optional
        How a conflict with a newer release was settled.
    """

    place: int
    landmark: str
    name: str
    kind: str
    distance: float
    becomes: bytes
    verdict: Verdict | None
    settlement: Settlement | None = None


@dataclass(frozen=True)
class Settlement:
    """What a curator decided about a point that a newer release has changed, too.

    Attributes
    ----------
    choice : str
        ``"keep"`` what the release has, ``"take"`` what is proposed, or ``"state"``.
    against : str
        Hash of the change that it was settled against; another one is another conflict.
    by : str
    state : dict, optional
        A `LandmarkState` as plain values, for ``"state"``.
    """

    choice: Literal["keep", "take", "state"]
    against: str
    by: str
    state: dict[str, Any] | None = None


@dataclass(frozen=True)
class Comment:
    """A remark on a proposal.

    Attributes
    ----------
    landmark : str, optional
        Id of the edit that it is pinned to.
    reason : str, optional
        One of the quick reasons.
    """

    number: int
    proposal: int
    landmark: str | None
    reason: str | None
    text: str
    author: str
    at: str


@dataclass(frozen=True)
class LogLine:
    """One line of a release's change log."""

    landmark: str
    name: str
    kind: str
    words: str


@dataclass(frozen=True)
class Record:
    """What a release's hash is made of.

    Attributes
    ----------
    topology : str
    number : int
        The version of the topology that it holds.
    kind : str
        ``"shipped"`` with the program, ``"approved"``, or ``"restored"`` from an older one.
    sha256 : str
        Of the content.
    parent : str, optional
        Hash of the release before.
    by, at : str
        Empty time for shipped releases, which are the same in every store.
    note : str
    proposal, author, title : str, optional
        Of the proposal that was approved; its id in all stores.
    restored : int, optional
        The release that was gone back to.
    log : tuple of LogLine
        Made from the approved edits.
    """

    topology: str
    number: int
    kind: Literal["shipped", "approved", "restored"]
    sha256: str
    parent: str | None
    by: str
    at: str
    note: str = ""
    proposal: str | None = None
    author: str | None = None
    title: str | None = None
    restored: int | None = None
    log: tuple[LogLine, ...] = ()


@dataclass(frozen=True)
class Release:
    """A record and its hash, which the next release holds as its parent's."""

    record: Record
    hash: str

    @property
    def topology(self) -> str:
        return self.record.topology

    @property
    def number(self) -> int:
        return self.record.number
