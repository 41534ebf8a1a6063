"""The edits of proposals as they are kept: every revision for ever, packed, with its hash."""

from __future__ import annotations

import zlib

import msgspec

from app.curate import audit, changes
from app.curate.changes import ChangeSet
from app.curate.database import Database
from app.curate.describe import Edit, edits
from app.curate.faults import AlteredError
from app.curate.records import ListedEdit, Settlement


def add(db: Database, number: int, revision: int, content: ChangeSet) -> str:
    """Keep a revision and list its edits, within a transaction; its hash."""
    data = changes.encode(content)
    sha256 = audit.sha256(data)
    db.run(
        "INSERT INTO content VALUES (?, ?, ?, ?)", number, revision, sha256, zlib.compress(data, 1)
    )
    db.run("DELETE FROM edit WHERE proposal = ?", number)
    listed = edits(content)
    db.run_many(
        "INSERT OR IGNORE INTO point (landmark, name) VALUES (?, ?)",
        [(edit.id, edit.name) for edit in listed],
    )
    db.run_many(
        "INSERT INTO edit SELECT ?, ?, ref, ?, ?, ?, NULL, NULL FROM point "
        "WHERE landmark = ? AND name = ?",
        [
            (number, place, edit.kind, edit.distance, edit.becomes, edit.id, edit.name)
            for place, edit in enumerate(listed)
        ],
    )
    return sha256


def read(db: Database, number: int, revision: int) -> ChangeSet:
    """The edits of a revision.

    Raises
    ------
    AlteredError
        If they are not those that were saved.
    """
    row = db.row(
        "SELECT sha256, changes FROM content WHERE proposal = ? AND revision = ?", number, revision
    )
    where = f"revision {revision} of proposal {number}"
    saved = _saved(db, number, revision)
    if row is None or saved != row[0]:
        raise AlteredError(f"{where} was altered: the audit trail tells of another")
    data = unpacked(row[1])
    if data is None or audit.sha256(data) != saved:
        raise AlteredError(f"{where} was altered: its edits are not those that were saved")
    try:
        return changes.decode(data)
    except changes.ChangeError as problem:
        raise AlteredError(f"{where} cannot be read: {problem}") from None


def unpacked(packed: bytes) -> bytes | None:
    """Data that was packed, within bounds; None if it is damaged."""
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(packed, changes.SIZE_LIMIT)
    except zlib.error:
        return None
    return data if unpacker.eof else None


def _saved(db: Database, number: int, revision: int) -> str | None:
    sql = "SELECT number, detail FROM audit WHERE proposal = ? AND action IN ('created', 'saved')"
    for entry, detail in db.rows(sql, number):
        told = audit.told(db, entry, detail)
        if told.get("revision") == revision:
            return str(told.get("sha256"))
    return None


def listed(db: Database, number: int) -> list[ListedEdit]:
    """The edits of a proposal in short, with what was decided about each."""
    rows = db.rows(
        "SELECT place, landmark, name, kind, distance, becomes, verdict, settled FROM edit "
        "JOIN point ON ref = point WHERE proposal = ? ORDER BY place",
        number,
    )
    try:
        return [
            ListedEdit(place, landmark, name, kind, distance, becomes, verdict, _settlement(kept))
            for place, landmark, name, kind, distance, becomes, verdict, kept in rows
        ]
    except msgspec.MsgspecError:
        raise AlteredError(f"proposal {number} was altered: a settlement cannot be read") from None


def _settlement(kept: bytes | None) -> Settlement | None:
    return msgspec.json.decode(kept, type=Settlement) if kept is not None else None


def agree(content: ChangeSet, kept: list[ListedEdit]) -> bool:
    """Whether the list of edits is that of the content."""
    wanted = [_short(place, edit) for place, edit in enumerate(edits(content))]
    return wanted == [(e.place, e.landmark, e.name, e.kind, e.distance, e.becomes) for e in kept]


def _short(place: int, edit: Edit) -> tuple[int, str, str, str, float, bytes]:
    return place, edit.id, edit.name, edit.kind, edit.distance, edit.becomes
