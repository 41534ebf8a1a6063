"""A proposal as a file: sent by an artist, taken in elsewhere with the care due to strangers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from app.curate import audit, changes, comments, contents, people, proposals, releases, ulid
from app.curate.changes import ChangeError, ChangeSet
from app.curate.database import Database
from app.curate.faults import StateError, StoreError
from app.curate.proposals import proposal, set_state
from app.curate.reasons import REASONS
from app.curate.records import Proposal
from app.curate.sent_file import read_sent
from app.curate.store import Store
from app.files import write_bytes

FORMAT: Final = "headroom-proposal"
FORMAT_VERSION: Final = 1
SUFFIX: Final = ".proposal"
SIZE_LIMIT: Final = 24 * 1024 * 1024

Line = Annotated[str, Meta(min_length=1, max_length=200)]
Time = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?\+00:00$")]


class SentComment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A comment as it travels; who said it and when is what the file says."""

    text: Annotated[str, Meta(min_length=1, max_length=4000)]
    author: Line
    at: Time
    landmark: Annotated[str, Meta(max_length=120)] | None = None
    reason: Annotated[str, Meta(max_length=40)] | None = None


class SentProposal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file holds.

    Attributes
    ----------
    id : str
        In all stores; the same proposal sent again takes the place of its draft.
    revision : int
    sha256 : str
        Of the changes, as the store keeps them.
    """

    id: Annotated[str, Meta(pattern=ulid.PATTERN)]
    author: Line
    title: Line
    revision: Annotated[int, Meta(ge=1, le=1_000_000)]
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    changes: ChangeSet
    comments: Annotated[tuple[SentComment, ...], Meta(max_length=1000)] = ()
    format: Literal["headroom-proposal"] = FORMAT
    format_version: Literal[1] = 1


def send(db: Database, number: int, path: Path) -> SentProposal:
    """Write a proposal as a file, in any state.

    Raises
    ------
    StoreError
        If the file's name does not end in ``.proposal``, or the proposal was altered.
    OSError
    """
    if path.suffix != SUFFIX:
        raise StoreError(f"{path.name}: the name of a proposal's file ends in {SUFFIX}")
    with db.snapshot():
        found = proposal(db, number)
        content = proposals.changes_of(db, found)
        said = tuple(
            SentComment(one.text, one.author, one.at, one.landmark, one.reason)
            for one in comments.of(db, number)
        )
    sha256 = audit.sha256(changes.encode(content))
    sent = SentProposal(found.id, found.author, found.title, found.revision, sha256, content, said)
    write_bytes(path, msgspec.json.encode(sent, order="deterministic") + b"\n")
    return sent


def read(path: Path) -> SentProposal:
    """A file, checked by itself.

    Raises
    ------
    StoreError
        With one line that names the file and what is wrong with it.
    """
    sent = read_sent(path, SentProposal, SIZE_LIMIT, "this is no proposal")
    try:
        changes.check(sent.changes)
    except ChangeError as problem:
        raise StoreError(f"{path}: this is no proposal: {problem}") from None
    if audit.sha256(changes.encode(sent.changes)) != sent.sha256:
        raise StoreError(f"{path}: it was altered: its edits do not have its hash")
    return sent


def take_in(store: Store, by: str, sent: SentProposal) -> Proposal:
    """Add somebody's proposal to this store, as proposed by its author.

    Sent again after it was rejected, withdrawn or is still a draft here, it takes the place of
    its earlier edits; all revisions are kept.

    Raises
    ------
    StoreError
        If its base is no release of this store, or it is here already.
    StateError
        If its edits make no sound topology, or it was approved here.
    """
    db = store.db
    author, title = people.named(sent.author), proposals.checked_title(sent.title)
    with store.action(by) as (who, at):
        row = db.row("SELECT number FROM proposal WHERE id = ?", sent.id)
        if row is None:
            made = proposals.add_foreign(store, who, author, sent.changes, title, sent.id)
        else:
            made = _again(store, who, at, proposal(db, row[0]), author, sent)
        content = proposals.changes_of(db, made)
        if not content.ids:
            raise StateError("it holds no edits; there is nothing to approve")
        proposals.check_whole(proposals.base_of(db, made), content, made.number)
        set_state(db, made.number, at, who, state="proposed")
        audit.append(db, at, who, "proposed", proposal=made.number, detail={"imported": True})
        _comments(store, who, made.number, sent)
        return proposal(db, made.number)


def _again(
    store: Store, who: str, at: str, found: Proposal, author: str, sent: SentProposal
) -> Proposal:
    db = store.db
    if found.author != author:
        raise StoreError(f"proposal {found.number} has its id, but is {found.author}'s")
    if contents_sha256(db, found) == sent.sha256 and found.state != "withdrawn":
        raise StoreError(f"it is here already: proposal {found.number}, {found.state}")
    if found.state in ("approved", "proposed"):
        raise StateError(
            f"it is here already with other edits: proposal {found.number}, {found.state}"
        )
    base = releases.with_content(db, sent.changes.base.sha256)
    if base is None or (base.topology, base.number) != (found.topology, found.base):
        raise StoreError(f"it was made on {sent.changes.base}, proposal {found.number} was not")
    sha256 = contents.add(db, found.number, found.revision + 1, sent.changes)
    title = proposals.checked_title(sent.title)
    columns = {"revision": found.revision + 1, "title": title, "points": len(sent.changes.ids)}
    set_state(db, found.number, at, who, state="draft", approved=0, rejected=0, **columns)
    audit.append(db, at, who, "reopened", proposal=found.number, detail={"imported": True})
    saved = {"revision": found.revision + 1, "title": title, "sha256": sha256, "imported": True}
    audit.append(db, at, who, "saved", proposal=found.number, detail=saved)
    return proposal(db, found.number)


def contents_sha256(db: Database, found: Proposal) -> str:
    return audit.sha256(changes.encode(proposals.changes_of(db, found)))


def _comments(store: Store, who: str, number: int, sent: SentProposal) -> None:
    """Comments come in under the importer's name; their text tells who is said to be the author."""
    known = {edit.landmark for edit in contents.listed(store.db, number)}
    kept = {one.text for one in comments.of(store.db, number)}
    for one in sent.comments:
        text = f"{people.named(one.author)}, {one.at[:10]}: {comments.readable(one.text)}"
        text = text[: comments.LENGTH]
        landmark = one.landmark if one.landmark in known else None
        reason = one.reason if one.reason in REASONS else None
        if text not in kept:
            comments.add(store, who, number, text, landmark, reason)
