"""Remarks on proposals, pinned to a landmark where one is meant."""

from __future__ import annotations

from typing import Final

from app.curate import audit, contents
from app.curate.database import Database
from app.curate.faults import StoreError
from app.curate.proposals import proposal, set_state
from app.curate.reasons import REASONS
from app.curate.records import Comment
from app.curate.store import Store

LENGTH: Final = 4000
_COLUMNS: Final = "number, proposal, landmark, reason, text, author, at"


def add(
    store: Store,
    by: str,
    number: int,
    text: str,
    landmark: str | None = None,
    reason: str | None = None,
) -> Comment:
    """Comment on a proposal in any state; anybody may.

    Parameters
    ----------
    landmark : str, optional
        Id of an edit of the proposal.
    reason : str, optional
        A key of `REASONS`; the text may then be empty.

    Raises
    ------
    StoreError
    """
    db = store.db
    if reason is not None and reason not in REASONS:
        raise StoreError(f"there is no quick reason {reason!r}; there are: {', '.join(REASONS)}")
    said = readable(text.strip() or REASONS.get(reason or "", ""))
    with store.action(by) as (who, at):
        found = proposal(db, number)
        known = {edit.landmark for edit in contents.listed(db, number)}
        if landmark is not None and landmark not in known:
            raise StoreError(f"proposal {number} has no edit of {landmark!r}")
        made = db.run(
            "INSERT INTO comment (proposal, landmark, reason, text, author, at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            number,
            landmark,
            reason,
            said,
            who,
            at,
        )
        comment = Comment(made, number, landmark, reason, said, who, at)
        set_state(db, found.number, at, who)
        detail = {"number": made, "sha256": fingerprint(comment), "landmark": landmark}
        audit.append(db, at, who, "commented", proposal=number, detail=detail)
        return comment


def of(db: Database, number: int, landmark: str | None = None) -> list[Comment]:
    """Comments of a proposal, oldest first; those on one edit where it is named."""
    sql = f"SELECT {_COLUMNS} FROM comment WHERE proposal = ? ORDER BY number"
    found = [Comment(*row) for row in db.rows(sql, number)]
    return [one for one in found if landmark is None or one.landmark == landmark]


def fingerprint(comment: Comment) -> str:
    """Hash of all that a comment says."""
    told = [comment.proposal, comment.landmark, comment.reason, comment.text]
    return audit.sha256(audit.canonical([*told, comment.author, comment.at]))


def readable(text: str) -> str:
    """A comment's text.

    Raises
    ------
    StoreError
        If it is empty, too long, or holds control characters.
    """
    if not text or len(text) > LENGTH:
        raise StoreError(f"a comment has 1 to {LENGTH} letters")
    if not all(letter.isprintable() or letter == "\n" for letter in text):
        raise StoreError("a comment holds letters that cannot be shown")
    return text
