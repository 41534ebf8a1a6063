"""The audit trail: who did what and when, each entry hashed together with the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from app.curate.database import Database
from app.curate.faults import AlteredError

START: Final = "0" * 64
"""What stands before the first entry."""

_COLUMNS: Final = "number, at, by, action, proposal, topology, release, detail, hash"


@dataclass(frozen=True)
class Entry:
    """One action.

    Attributes
    ----------
    number : int
    at : str
        UTC, ISO 8601 with microseconds.
    by : str
    action : str
        Such as ``"proposed"``, ``"reviewed"``, ``"released"``.
    proposal : int, optional
    topology : str, optional
    release : int, optional
    detail : mapping
        What was set, so that the state of everything follows from the trail.
    hash : str
        Over this entry and the hash of the one before.
    """

    number: int
    at: str
    by: str
    action: str
    proposal: int | None
    topology: str | None
    release: int | None
    detail: Mapping[str, Any]
    hash: str


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def canonical(value: Any) -> bytes:
    """JSON with one spelling: sorted keys, no spaces, no NaN."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def append(
    db: Database,
    at: str,
    by: str,
    action: str,
    *,
    proposal: int | None = None,
    topology: str | None = None,
    release: int | None = None,
    detail: Mapping[str, Any],
) -> None:
    """Add an entry, within a transaction."""
    written = canonical(detail)
    before = head(db)
    made = entry_hash(before, at, by, action, proposal, topology, release, written)
    db.run(
        "INSERT INTO audit (at, by, action, proposal, topology, release, detail, hash) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        at,
        by,
        action,
        proposal,
        topology,
        release,
        written,
        made,
    )


def head(db: Database) -> str:
    """Hash of the newest entry; who knows it can tell whether anything before was altered."""
    last = db.row("SELECT hash FROM audit ORDER BY number DESC LIMIT 1")
    return last[0] if last else START


def check_head(db: Database) -> None:
    """See that the newest entry follows from the one before, so that nothing is built on a forgery.

    Raises
    ------
    AlteredError
    """
    last = db.rows(f"SELECT {_COLUMNS} FROM audit ORDER BY number DESC LIMIT 2")
    if not last:
        return
    before = last[1][8] if len(last) == 2 else START
    number, at, by, action, proposal, topology, release, detail, written = last[0]
    if entry_hash(before, at, by, action, proposal, topology, release, detail) != written:
        raise AlteredError(f"{db.path}: entry {number} of its audit trail was altered")


def entry_hash(
    before: str,
    at: str,
    by: str,
    action: str,
    proposal: int | None,
    topology: str | None,
    release: int | None,
    detail: bytes,
) -> str:
    about = canonical([before, at, by, action, proposal, topology, release])
    return sha256(about + b"\n" + detail)


def entries(
    db: Database, proposal: int | None = None, topology: str | None = None
) -> Iterator[Entry]:
    """The trail, oldest first; that of one proposal, or of a topology's releases, where named."""
    where, values = "1", tuple[int | str, ...]()
    if proposal is not None:
        where, values = "proposal = ?", (proposal,)
    elif topology is not None:
        where, values = "topology = ?", (topology,)
    for row in db.each(f"SELECT {_COLUMNS} FROM audit WHERE {where} ORDER BY number", *values):
        number, at, by, action, of, name, release, detail, written = row
        yield Entry(number, at, by, action, of, name, release, told(db, number, detail), written)


def told(db: Database, number: int, detail: bytes) -> dict[str, Any]:
    """What an entry says. Raises `AlteredError` if it says nothing that can be read."""
    try:
        found = json.loads(detail)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise AlteredError(f"{db.path}: entry {number} of its audit trail was altered")
    return found


def broken_at(db: Database) -> int | None:
    """Number of the first entry that does not follow from the one before; None if all do."""
    before, expected = START, 1
    for row in db.each(f"SELECT {_COLUMNS} FROM audit ORDER BY number"):
        number, at, by, action, proposal, topology, release, detail, written = row
        made = entry_hash(before, at, by, action, proposal, topology, release, detail)
        if number != expected or made != written:
            return int(expected)
        before, expected = written, expected + 1
    return None
