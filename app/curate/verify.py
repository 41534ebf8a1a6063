"""Finds what was altered behind the store's back: releases, proposals, people, the trail itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.curate import audit, comments, contents, people, proposals, releases, replay
from app.curate.database import Database
from app.curate.faults import AlteredError, StoreError
from app.curate.records import PROPOSAL_COLUMNS, Proposal


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was left.

    Attributes
    ----------
    what : str
        Such as ``"release 5 of dense-520"``, ``"proposal 12"``, ``"the store"``.
    said : str
        What is wrong, in one line.
    """

    what: str
    said: str


Told = Callable[[int, int], None]


def verify(db: Database, expected_head: str = "", told: Told | None = None) -> list[Finding]:
    """Check all of a store against its audit trail and all hashes against their content.

    Whoever rewrites the whole trail cannot be found out by the store alone: keep `audit.head`
    elsewhere and hand it in.

    Parameters
    ----------
    expected_head : str
        Hash of an entry that must be in the trail, as it was once noted.
    told : callable, optional
        Hears how many proposals of how many are done.
    """
    try:
        with db.snapshot():
            return list(_findings(db, expected_head, told))
    except AlteredError as problem:
        return [Finding("the store", str(problem))]


def _findings(db: Database, expected_head: str, told: Told | None) -> Iterator[Finding]:
    for (said,) in db.rows("PRAGMA integrity_check(5)"):
        if said != "ok":
            yield Finding("the store", f"the file is damaged: {said}")
            return
    for table, row, parent, _ in db.rows("PRAGMA foreign_key_check"):
        yield Finding("the store", f"row {row} of {table} refers to a {parent} that is not there")
    broken = audit.broken_at(db)
    if broken is not None:
        yield Finding("the audit trail", f"entry {broken} was altered, added or removed")
    if expected_head and db.row("SELECT 1 FROM audit WHERE hash = ?", expected_head) is None:
        yield Finding("the audit trail", f"it has no entry {expected_head[:12]}…: it was rewritten")
    try:
        yield from _people(db)
    except AlteredError as problem:
        yield Finding("the audit trail", str(problem))
    for name in releases.names(db):
        yield from _releases(db, name)
    yield from _release_count(db)
    yield from _proposals(db, told)


def _people(db: Database) -> Iterator[Finding]:
    roles: dict[str, bool] = {}
    rules: dict[str, bool] = {}
    sql = (
        "SELECT number, action, detail FROM audit "
        "WHERE action IN ('joined', 'appointed', 'ruled') ORDER BY number"
    )
    for number, action, detail in db.rows(sql):
        told = audit.told(db, number, detail)
        if action == "ruled":
            rules.update(told)
        else:
            roles[str(told.get("name"))] = bool(told.get("curator"))
    kept = {person.name: person.curator for person in people.everybody(db)}
    for name in sorted(roles.keys() | kept.keys()):
        if roles.get(name) != kept.get(name):
            yield Finding(f"the role of {name}", "it is not what the audit trail says")
    if people.self_approval(db) != rules.get(people.SELF_APPROVAL, False):
        yield Finding("the rule about approving one's own", "it is not what the audit trail says")


def _releases(db: Database, name: str) -> Iterator[Finding]:
    parent, number = None, 0
    for (found,) in db.rows("SELECT number FROM release WHERE topology = ? ORDER BY number", name):
        where = f"release {found} of {name}"
        try:
            release = releases.release(db, name, found)
            topology = releases.content(db, release)
        except StoreError as problem:
            yield Finding(where, str(problem))
            return
        if release.record.parent != parent:
            yield Finding(where, "it does not follow from the release before")
        if number and release.number != number + 1 and release.record.kind != "shipped":
            yield Finding(where, f"release {number + 1} is missing")
        if (topology.name, topology.version) != (name, found):
            yield Finding(where, f"it holds {topology.name} {topology.version}")
        parent, number = release.hash, release.number


def _release_count(db: Database) -> Iterator[Finding]:
    """Releases that the trail knows and the table lacks."""
    rows = db.rows(
        "SELECT topology, release FROM audit WHERE action = 'released' EXCEPT "
        "SELECT topology, number FROM release"
    )
    for topology, number in rows:
        yield Finding(f"release {number} of {topology}", "it is missing")


def _proposals(db: Database, told: Told | None) -> Iterator[Finding]:
    rows = db.rows(f"SELECT {PROPOSAL_COLUMNS} FROM proposal ORDER BY number")
    for done, row in enumerate(rows):
        found = Proposal(*row)
        try:
            said = _proposal(db, found)
        except StoreError as problem:
            said = str(problem)
        if said:
            yield Finding(f"proposal {found.number}", said)
        if told is not None:
            told(done + 1, len(rows))
    missing = db.rows(
        "SELECT DISTINCT proposal FROM audit WHERE proposal IS NOT NULL EXCEPT "
        "SELECT number FROM proposal"
    )
    for (number,) in missing:
        yield Finding(f"proposal {number}", "it is missing")


def _proposal(db: Database, found: Proposal) -> str:
    """What is wrong with a proposal; empty if nothing."""
    history = replay.proposal(audit.entries(db, proposal=found.number))
    said = proposals.altered(db, found, history)
    if said:
        return said
    for revision in history.contents:
        content = contents.read(db, found.number, revision)
        listed = contents.listed(db, found.number)
        if revision == found.revision and not contents.agree(content, listed):
            return "the list of its edits is not that of its content"
    (kept,) = db.rows("SELECT count(*) FROM content WHERE proposal = ?", found.number)[0]
    if kept != len(history.contents):
        return "it has revisions that nobody saved"
    said_now = {one.number: comments.fingerprint(one) for one in comments.of(db, found.number)}
    return "" if said_now == history.comments else "its comments are not what was said"
