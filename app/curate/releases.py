"""Releases: numbered, never changed, each with the hash of the one before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from app.curate import audit, people
from app.curate.database import Database
from app.curate.faults import AlteredError, StateError, StoreError
from app.curate.records import Record, Release
from app.topology import store as files
from app.topology.identity import canonical
from app.topology.topology import Topology

if TYPE_CHECKING:
    from app.curate.store import Store

_COLUMNS = "topology, number, hash, parent, content_sha256, record"


def names(db: Database) -> list[str]:
    """Topologies that have releases."""
    found = db.rows("SELECT DISTINCT topology FROM release")
    return sorted((row[0] for row in found), key=lambda n: (n.startswith("dense"), len(n), n))


def history(db: Database, topology: str) -> list[Release]:
    """All releases of a topology, oldest first.

    Raises
    ------
    StoreError
        If there is no such topology.
    AlteredError
    """
    sql = f"SELECT {_COLUMNS} FROM release WHERE topology = ? ORDER BY number"
    rows = db.rows(sql, topology)
    if not rows:
        known = ", ".join(names(db)) or "none"
        raise StoreError(f"there is no topology {topology!r} in the store; there are: {known}")
    return [_release(db, row) for row in rows]


def latest(db: Database, topology: str) -> Release:
    """The newest release. Errors are those of `history`."""
    row = db.row(
        f"SELECT {_COLUMNS} FROM release WHERE topology = ? ORDER BY number DESC LIMIT 1", topology
    )
    return _release(db, row) if row else history(db, topology)[-1]


def release(db: Database, topology: str, number: int) -> Release:
    """One release.

    Raises
    ------
    StoreError
        If there is none of that number.
    AlteredError
        If it is not what was released.
    """
    row = db.row(
        f"SELECT {_COLUMNS} FROM release WHERE topology = ? AND number = ?", topology, number
    )
    if row is None:
        known = ", ".join(str(one.number) for one in history(db, topology))
        raise StoreError(f"{topology} has no release {number}; it has {known}")
    return _release(db, row)


def with_content(db: Database, sha256: str) -> Release | None:
    """The release with a content of this hash."""
    row = db.row(f"SELECT {_COLUMNS} FROM release WHERE content_sha256 = ?", sha256)
    return _release(db, row) if row else None


def content(db: Database, release: Release) -> Topology:
    """The topology that was released.

    Raises
    ------
    AlteredError
        If it is not.
    """
    sql = "SELECT content FROM release WHERE topology = ? AND number = ?"
    row = db.row(sql, release.topology, release.number)
    where = f"release {release.number} of {release.topology}"
    if row is None or audit.sha256(row[0]) != release.record.sha256:
        raise AlteredError(f"{where} was altered: its content is not what was released")
    try:
        return files.decode(row[0])
    except files.TopologyError as problem:
        raise AlteredError(f"{where} cannot be read: {problem}") from None


def _release(db: Database, row: tuple[object, ...]) -> Release:
    """A row, if the record in it is what its hash, its columns and the audit trail say."""
    topology, number, hash_, parent, sha256, record = row
    where = f"release {number} of {topology}"
    assert isinstance(record, bytes)
    if audit.sha256(record) != hash_:
        raise AlteredError(f"{where} was altered: its record does not have its hash")
    try:
        told = msgspec.json.decode(record, type=Record)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise AlteredError(f"{where} was altered: its record cannot be read") from None
    if (told.topology, told.number, told.parent, told.sha256) != (topology, number, parent, sha256):
        raise AlteredError(f"{where} was altered: its columns are not those of its record")
    sql = (
        "SELECT number, detail FROM audit "
        "WHERE topology = ? AND release = ? AND action = 'released'"
    )
    trail = [audit.told(db, *found) for found in db.rows(sql, topology, number)]
    if [entry.get("hash") for entry in trail] != [hash_]:
        raise AlteredError(f"{where} was altered: the audit trail tells of another")
    return Release(told, str(hash_))


def add(
    db: Database,
    at: str,
    record: Record,
    topology: Topology,
    proposal: int | None = None,
    taken_by: str = "",
) -> Release:
    """Keep a release, within a transaction; the record's hash of the content is filled in.

    ``taken_by`` is who took it in from another store.
    """
    data = files.encode(canonical(topology))
    told = replace(record, sha256=audit.sha256(data))
    written = audit.canonical(msgspec.to_builtins(told))
    made = Release(told, audit.sha256(written))
    db.run(
        "INSERT INTO release VALUES (?, ?, ?, ?, ?, ?, ?)",
        told.topology,
        told.number,
        made.hash,
        told.parent,
        told.sha256,
        data,
        written,
    )
    audit.append(
        db,
        at,
        taken_by or told.by,
        "released",
        proposal=proposal,
        topology=told.topology,
        release=told.number,
        detail={"hash": made.hash, "kind": told.kind},
    )
    return made


def restore(store: Store, by: str, topology: str, number: int, note: str = "") -> Release:
    """Go back to an older release: its points become a new one.

    Raises
    ------
    NotAllowedError
        For those who are no curators.
    StateError
        If it is the newest already.
    StoreError, AlteredError
    """
    db = store.db
    with store.action(by) as (who, at):
        people.check_curator(db, who, "release a topology")
        newest, old = latest(db, topology), release(db, topology, number)
        if old.number == newest.number:
            raise StateError(f"release {number} of {topology} is the newest already")
        again = replace(content(db, old), version=newest.number + 1)
        record = Record(
            topology,
            newest.number + 1,
            "restored",
            "",
            newest.hash,
            who,
            at,
            note=note or f"back to release {number}",
            restored=number,
        )
        return add(db, at, record, again)
