"""Proposals found by state, topology, author, words and landmarks; quick among many thousands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.curate.database import Database
from app.curate.records import PROPOSAL_COLUMNS, Proposal, State

_MANY: Final = 50
_SPECIAL: Final = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


@dataclass(frozen=True)
class Query:
    """What is asked for; all of it has to hold.

    Attributes
    ----------
    states : tuple of str
        Any of these; all states where it is empty.
    topology, author : str
        Empty for any.
    words : str
        In the title, the author's name, or the name or id of a landmark that is edited.
    unreviewed : bool
        Only what is proposed and has edits that nobody has decided about.
    """

    states: tuple[State, ...] = ()
    topology: str = ""
    author: str = ""
    words: str = ""
    unreviewed: bool = False


def numbers(db: Database, query: Query = Query()) -> list[int]:
    """Numbers of the proposals that a query finds, changed last first; for lists of any length."""
    where, values = _where(db, query)
    sql = f"SELECT number FROM proposal WHERE {where} ORDER BY changed DESC, number DESC"
    return [row[0] for row in db.rows(sql, *values)]


def some(db: Database, wanted: Sequence[int]) -> list[Proposal]:
    """Proposals by number, in the order that is given: what a list shows just now.

    These are for a list: `app.curate.proposals.proposal` checks one against the audit trail.
    Those that are not there are left out.
    """
    marks = ", ".join("?" * len(wanted))
    sql = f"SELECT {PROPOSAL_COLUMNS} FROM proposal WHERE number IN ({marks})"
    found = {row[0]: Proposal(*row) for row in db.rows(sql, *wanted)}
    return [found[number] for number in wanted if number in found]


def proposals(db: Database, query: Query = Query(), limit: int = -1) -> list[Proposal]:
    """Proposals that a query finds, changed last first; so many at most where not negative."""
    where, values = _where(db, query)
    rows = db.rows(
        f"SELECT {PROPOSAL_COLUMNS} FROM proposal WHERE {where} "
        "ORDER BY changed DESC, number DESC LIMIT ?",
        *values,
        limit,
    )
    return [Proposal(*row) for row in rows]


def authors(db: Database) -> list[str]:
    """Who has made proposals."""
    return [row[0] for row in db.rows("SELECT DISTINCT author FROM proposal ORDER BY author")]


def topologies(db: Database) -> list[str]:
    """Topologies that there are proposals for."""
    return [row[0] for row in db.rows("SELECT DISTINCT topology FROM proposal ORDER BY topology")]


def count(db: Database, query: Query = Query()) -> int:
    where, values = _where(db, query)
    return int(db.rows(f"SELECT count(*) FROM proposal WHERE {where}", *values)[0][0])


def next_unreviewed(db: Database, after: int, query: Query = Query()) -> int | None:
    """Number of the next proposal that waits for a review, from the start again past the end."""
    where, values = _where(db, query)
    rows = db.rows(
        f"SELECT number FROM proposal WHERE {where} AND state = 'proposed' "
        "AND points > approved + rejected AND number <> ? "
        "ORDER BY number < ?, number LIMIT 1",
        *values,
        after,
        after,
    )
    return int(rows[0][0]) if rows else None


def _where(db: Database, query: Query) -> tuple[str, Sequence[Any]]:
    parts, values = ["1"], list[Any]()
    if query.states:
        parts.append(f"state IN ({', '.join('?' * len(query.states))})")
        values += query.states
    for column, wanted in (("topology", query.topology), ("author", query.author)):
        if wanted:
            parts.append(f"{column} = ?")
            values.append(wanted)
    if query.unreviewed:
        parts.append("state = 'proposed' AND points > approved + rejected")
    if query.words:
        pattern = f"%{query.words.translate(_SPECIAL)}%"
        points = (
            "SELECT ref FROM point WHERE name LIKE ? ESCAPE '\\' OR landmark LIKE ? ESCAPE '\\'"
        )
        ((known,),) = db.rows(f"SELECT count(*) FROM ({points})", pattern, pattern)
        # Many points: the first edit of a proposal that has one of them will do.
        edited = (
            f"EXISTS (SELECT 1 FROM edit WHERE proposal = number AND point IN ({points}))"
            if known > _MANY
            else f"number IN (SELECT proposal FROM edit WHERE point IN ({points}))"
        )
        parts.append(f"(title LIKE ? ESCAPE '\\' OR author LIKE ? ESCAPE '\\' OR {edited})")
        values += [pattern] * 4
    return " AND ".join(parts), values
