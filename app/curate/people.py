"""Who may do what: artists and curators by name, and the store's own rules."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from app.curate import audit
from app.curate.database import Database
from app.curate.faults import NotAllowedError, StoreError

PROGRAM: Final = "Headroom"
"""Who makes the first releases."""

SELF_APPROVAL: Final = "self_approval"
_LONGEST: Final = 80


@dataclass(frozen=True)
class Person:
    """Somebody who has acted in a store; a curator may review, an artist proposes."""

    name: str
    curator: bool


def named(name: str) -> str:
    """A name as it is kept.

    Raises
    ------
    StoreError
        If it is empty, too long, or holds what cannot be shown in a line.
    """
    found = unicodedata.normalize("NFC", " ".join(name.split()))
    if not found:
        raise StoreError("who are you? Give a name, or set one in the settings")
    if len(found) > _LONGEST or not found.isprintable():
        raise StoreError(f"{found[:20]!r}… is no name: {_LONGEST} printable letters at most")
    return found


def joined(db: Database, at: str, name: str) -> str:
    """The name as it is kept; who is new becomes an artist. The first step of every action.

    Raises
    ------
    StoreError
        If the name cannot be used.
    AlteredError
        If the newest entry of the audit trail was altered: nothing is built on that.
    """
    audit.check_head(db)
    found = named(name)
    if found == PROGRAM:
        raise NotAllowedError(f"{PROGRAM} is the program's own name; choose another")
    if db.row("SELECT 1 FROM person WHERE name = ?", found) is None:
        db.run("INSERT INTO person VALUES (?, 0)", found)
        audit.append(db, at, found, "joined", detail={"name": found, "curator": False})
    return found


def everybody(db: Database) -> list[Person]:
    found = db.rows("SELECT name, curator FROM person WHERE name <> ? ORDER BY name", PROGRAM)
    return [Person(name, bool(curator)) for name, curator in found]


def is_curator(db: Database, name: str) -> bool:
    found = db.row("SELECT curator FROM person WHERE name = ?", name)
    return bool(found and found[0])


def check_curator(db: Database, name: str, what: str) -> None:
    """Raise `NotAllowedError` unless the person is a curator."""
    if is_curator(db, name):
        return
    curators = [p.name for p in everybody(db) if p.curator]
    if not curators:
        raise NotAllowedError(f"only a curator may {what}, and this store has none yet: name one")
    raise NotAllowedError(f"only a curator may {what}: {', '.join(curators)}")


def appoint(db: Database, name: str, curator: bool, by: str) -> None:
    """Make somebody a curator, or an artist again.

    Curators do; while a store has none anybody may name the first.

    Raises
    ------
    NotAllowedError
        For others, and when the last curator would go.
    """
    with db.transaction():
        at = audit.now()
        who, other = joined(db, at, by), joined(db, at, name)
        curators = [p.name for p in everybody(db) if p.curator]
        if curators and who not in curators:
            check_curator(db, who, "give roles")
        if not curator and curators == [other]:
            raise NotAllowedError(f"{other} is the only curator; name another one first")
        if curator == (other in curators):
            return
        db.run("UPDATE person SET curator = ? WHERE name = ?", int(curator), other)
        audit.append(db, at, who, "appointed", detail={"name": other, "curator": curator})


def self_approval(db: Database) -> bool:
    """Whether curators may approve what they have proposed themselves."""
    found = db.row("SELECT value FROM rule WHERE name = ?", SELF_APPROVAL)
    return bool(found and found[0])


def set_self_approval(db: Database, allowed: bool, by: str) -> None:
    """Change that rule.

    Raises
    ------
    NotAllowedError
        For those who are no curators.
    """
    with db.transaction():
        at = audit.now()
        who = joined(db, at, by)
        check_curator(db, who, "change the rules")
        if allowed == self_approval(db):
            return
        db.run("INSERT OR REPLACE INTO rule VALUES (?, ?)", SELF_APPROVAL, int(allowed))
        audit.append(db, at, who, "ruled", detail={SELF_APPROVAL: allowed})
