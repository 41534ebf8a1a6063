"""The life of a proposal: draft, proposed, approved or rejected or withdrawn, reopened."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from app.curate import audit, changes, contents, people, places, releases, replay, ulid
from app.curate.changes import ChangeError, ChangeSet
from app.curate.database import Database
from app.curate.faults import AlteredError, NotAllowedError, StaleError, StateError, StoreError
from app.curate.records import PROPOSAL_COLUMNS, Proposal, State
from app.curate.store import Store
from app.topology.store import TopologyError
from app.topology.topology import Topology

TITLE_LENGTH: Final = 200


def proposal(db: Database, number: int) -> Proposal:
    """A proposal, if it is what the audit trail says.

    Raises
    ------
    StoreError
        If there is none of that number.
    AlteredError
    """
    row = db.row(f"SELECT {PROPOSAL_COLUMNS} FROM proposal WHERE number = ?", number)
    if row is None:
        raise StoreError(f"there is no proposal {number} in this store")
    found = Proposal(*row)
    problem = altered(db, found, replay.proposal(audit.entries(db, proposal=number)))
    if problem:
        raise AlteredError(f"proposal {number} was altered: {problem}")
    return found


def altered(db: Database, found: Proposal, told: replay.ProposalHistory) -> str:
    """What a proposal's rows say otherwise than its entries do; empty if nothing."""
    for name in ("id", "topology", "base", "author", "title", "state", "revision", "released"):
        if getattr(found, name) != getattr(told, name):
            return f"its {name} is not what was done"
    for name in ("created", "changed", "changed_by"):
        if getattr(found, name) != getattr(told, name):
            return "who changed it last, and when, is not what was done"
    edits = contents.listed(db, found.number)
    verdicts = {edit.landmark: edit.verdict for edit in edits if edit.verdict}
    if verdicts != told.verdicts:
        return "what was approved and rejected is not what was done"
    counted = [list(verdicts.values()).count(verdict) for verdict in ("approved", "rejected")]
    if [found.approved, found.rejected] != counted or found.points != len(edits):
        return "its counts are not those of its edits"
    settled = {edit.landmark: edit.settlement for edit in edits if edit.settlement}
    if {key: plain(value) for key, value in settled.items()} != told.settled:
        return "how its conflicts were settled is not what was done"
    return ""


def plain(value: Any) -> Any:
    """A value as lists, dicts and numbers."""
    return msgspec.to_builtins(value)


def changes_of(db: Database, found: Proposal) -> ChangeSet:
    """The edits of a proposal. Raises `AlteredError` if they are not those that were saved."""
    return contents.read(db, found.number, found.revision)


def base_of(db: Database, found: Proposal) -> Topology:
    """The release that a proposal was made on."""
    return releases.content(db, releases.release(db, found.topology, found.base))


def create(store: Store, by: str, content: ChangeSet, title: str) -> Proposal:
    """Begin a draft.

    Raises
    ------
    StoreError
        If the edits were made on no release of this store.
    """
    return begin(store, by, by, content, title, ulid.new(), {})


def add_foreign(
    store: Store, by: str, author: str, content: ChangeSet, title: str, id_: str
) -> Proposal:
    """Begin a draft of somebody else, whose proposal came as a file."""
    return begin(store, by, author, content, title, id_, {"imported": True})


def begin(
    store: Store,
    by: str,
    author: str,
    content: ChangeSet,
    title: str,
    id_: str,
    detail: dict[str, Any],
) -> Proposal:
    db = store.db
    with store.action(by) as (who, at):
        author = people.joined(db, at, author)
        base = releases.with_content(db, content.base.sha256)
        if base is None or base.topology != content.base.name:
            raise StoreError(f"this store has no release that is {content.base}")
        title = checked_title(title)
        number = db.run(
            "INSERT INTO proposal (id, topology, base, author, title, state, revision, created, "
            "changed, changed_by, points) VALUES (?, ?, ?, ?, ?, 'draft', 1, ?, ?, ?, ?)",
            id_,
            base.topology,
            base.number,
            author,
            title,
            at,
            at,
            who,
            len(content.ids),
        )
        sha256 = contents.add(db, number, 1, content)
        about = {"id": id_, "author": author, "topology": base.topology, "base": base.number}
        saved = {"revision": 1, "title": title, "sha256": sha256}
        audit.append(db, at, who, "created", proposal=number, detail=detail | about | saved)
        return proposal(db, number)


def save(
    store: Store,
    by: str,
    number: int,
    content: ChangeSet,
    revision: int,
    title: str | None = None,
) -> Proposal:
    """Save a draft over the revision that was read.

    Raises
    ------
    StaleError
        If somebody has saved it since.
    NotAllowedError
        If it is another's.
    StateError
        If it is no draft.
    """
    db = store.db
    with store.action(by) as (who, at):
        found = _own(db, number, who, "save")
        _must_be(found, "save", "draft")
        if found.revision != revision:
            raise StaleError(number, found.revision, found.changed_by, found.changed)
        base = releases.with_content(db, content.base.sha256)
        if base is None or (base.topology, base.number) != (found.topology, found.base):
            raise StoreError(
                f"proposal {number} was made on release {found.base} of {found.topology}, these "
                f"edits on {content.base}"
            )
        title = found.title if title is None else checked_title(title)
        sha256 = contents.add(db, number, revision + 1, content)
        set_state(
            db,
            number,
            at,
            who,
            revision=revision + 1,
            title=title,
            points=len(content.ids),
            approved=0,
            rejected=0,
        )
        saved = {"revision": revision + 1, "title": title, "sha256": sha256}
        audit.append(db, at, who, "saved", proposal=number, detail=saved)
        return proposal(db, number)


def propose(store: Store, by: str, number: int) -> Proposal:
    """Hand a draft over to the curators.

    Raises
    ------
    StateError
        If it is no draft, holds no edits, or its edits do not make a sound topology.
    """
    db = store.db
    with store.action(by) as (who, at):
        found = _own(db, number, who, "propose")
        _must_be(found, "propose", "draft")
        content = changes_of(db, found)
        if not content.ids:
            raise StateError(f"proposal {number} has no edits; there is nothing to approve")
        check_whole(base_of(db, found), content, number)
        set_state(db, number, at, who, state="proposed")
        audit.append(db, at, who, "proposed", proposal=number, detail={})
        return proposal(db, number)


def withdraw(store: Store, by: str, number: int) -> Proposal:
    """Take a draft or a proposal back; its author does.

    Raises
    ------
    NotAllowedError, StateError
    """
    db = store.db
    with store.action(by) as (who, at):
        found = _own(db, number, who, "withdraw")
        _must_be(found, "withdraw", "draft", "proposed")
        set_state(db, number, at, who, state="withdrawn")
        audit.append(db, at, who, "withdrawn", proposal=number, detail={})
        return proposal(db, number)


def reopen(store: Store, by: str, number: int) -> Proposal:
    """Make a draft of what was rejected or withdrawn; its author and curators do.

    Raises
    ------
    NotAllowedError, StateError
    """
    db = store.db
    with store.action(by) as (who, at):
        found = proposal(db, number)
        if who != found.author:
            people.check_curator(db, who, f"reopen the proposal of {found.author}")
        _must_be(found, "reopen", "rejected", "withdrawn")
        db.run("UPDATE edit SET verdict = NULL, settled = NULL WHERE proposal = ?", number)
        set_state(db, number, at, who, state="draft", approved=0, rejected=0)
        audit.append(db, at, who, "reopened", proposal=number, detail={})
        return proposal(db, number)


def set_state(db: Database, number: int, at: str, who: str, **columns: Any) -> None:
    """Change columns of a proposal, within a transaction."""
    told = columns | {"changed": at, "changed_by": who}
    sets = ", ".join(f"{name} = ?" for name in told)
    db.run(f"UPDATE proposal SET {sets} WHERE number = ?", *told.values(), number)


def check_whole(base: Topology, content: ChangeSet, number: int) -> None:
    """Raise `StateError` unless the edits together make a sound topology of their base."""
    try:
        changes.apply(base, content)
    except (ChangeError, TopologyError) as problem:
        raise StateError(f"proposal {number} makes no sound topology: {problem}") from None
    places.check(content, base.base_mesh)


def checked_title(title: str) -> str:
    """A title in one line. Raises `StoreError` if it is empty, too long or cannot be shown."""
    found = " ".join(title.split())
    if not found or len(found) > TITLE_LENGTH or not found.isprintable():
        raise StoreError(f"a title has 1 to {TITLE_LENGTH} printable letters")
    return found


def _own(db: Database, number: int, who: str, verb: str) -> Proposal:
    found = proposal(db, number)
    if who != found.author:
        raise NotAllowedError(f"only {found.author} may {verb} proposal {number}")
    return found


def _must_be(found: Proposal, verb: str, *states: State) -> None:
    if found.state not in states:
        raise StateError(
            f"proposal {found.number} is {found.state}; only what is {' or '.join(states)} can be "
            f"{_DONE[verb]}"
        )


_DONE: Final = {
    "save": "saved",
    "propose": "proposed",
    "withdraw": "withdrawn",
    "reopen": "reopened",
}
