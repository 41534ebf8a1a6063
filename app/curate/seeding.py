"""The first releases of a store: the topologies that come with the program."""

from __future__ import annotations

from collections.abc import Iterable

from app.curate import audit, people, releases
from app.curate.database import Database
from app.curate.records import Record
from app.files import read_bytes
from app.topology import store as files
from app.topology.identity import content_sha256


def seed(db: Database) -> tuple[str, ...]:
    """Add the shipped topologies that a store does not have yet.

    A newer shipped version follows a shipped one by itself. Where people have released their own
    since, theirs go on, and it is told.

    Returns
    -------
    tuple of str
        What people should know, a line each.
    """
    unknown = [name for name in files.shipped() if not _known(db, name)]
    wanted = [name for name in unknown if not _there(db, name)]
    if not wanted:
        return _notes(db, unknown)
    with db.transaction():
        at = audit.now()
        if db.row("SELECT 1 FROM person WHERE name = ?", people.PROGRAM) is None:
            db.run("INSERT INTO person VALUES (?, 0)", people.PROGRAM)
        for name in wanted:
            if not _there(db, name):
                _add(db, at, name)
    return _notes(db, unknown)


def _known(db: Database, name: str) -> bool:
    """Whether a release has the very content of the shipped file, which is not read for it."""
    data = read_bytes(files.FOLDER / f"{name}.json", files.SIZE_LIMIT)
    found = db.row("SELECT topology FROM release WHERE content_sha256 = ?", audit.sha256(data))
    return found == (name,)


def _there(db: Database, name: str) -> bool:
    """Whether the shipped version, or a release of people's own, was ever in the store.

    The audit trail is asked: what is gone from the table is not put there again, but found missing.
    """
    version = files.load(name).version
    sql = "SELECT max(release), max(action = 'released' AND release = ?) FROM audit"
    newest, known = db.rows(f"{sql} WHERE topology = ?", version, name)[0]
    if newest is None or newest >= version:
        return newest is not None
    row = db.row("SELECT record FROM release WHERE topology = ? AND number = ?", name, newest)
    return bool(known) or row is None or b'"kind":"shipped"' not in row[0]


def _add(db: Database, at: str, name: str) -> None:
    topology = files.load(name)
    before = db.row(
        "SELECT hash FROM release WHERE topology = ? ORDER BY number DESC LIMIT 1", name
    )
    parent = before[0] if before else None
    record = Record(
        name, topology.version, "shipped", "", parent, people.PROGRAM, "", "shipped with Headroom"
    )
    releases.add(db, at, record, topology)


def _notes(db: Database, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(note for name in names if (note := _note(db, name)))


def _note(db: Database, name: str) -> str:
    shipped = files.load(name)
    row = db.row(
        "SELECT content_sha256 FROM release WHERE topology = ? AND number = ?",
        name,
        shipped.version,
    )
    if row is None or row[0] != content_sha256(shipped):
        return (
            f"the {name} that comes with this program is version {shipped.version} and is not in "
            "this store, whose own releases go on; propose it from its file to adopt it"
        )
    return ""
