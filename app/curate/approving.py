"""Approval: what was approved of a proposal becomes the next release."""

from __future__ import annotations

from dataclasses import replace

from app.curate import changes, contents, people, places, proposals, releases, reviews, ulid
from app.curate.changes import ChangeError, ChangeSet
from app.curate.describe import edits
from app.curate.faults import StateError
from app.curate.merging import Conflict, carry
from app.curate.proposals import proposal, set_state
from app.curate.records import LogLine, Proposal, Record, Release
from app.curate.store import Store
from app.topology.store import TopologyError


class ConflictError(StateError):
    """Points that a newer release changed, too, have to be settled first.

    Attributes
    ----------
    conflicts : tuple of Conflict
        ``first`` is what the release changed, ``second`` what is proposed; both with their states.
    """

    def __init__(self, number: int, newest: Release, conflicts: tuple[Conflict, ...]) -> None:
        names = ", ".join(repr(conflict.second.name) for conflict in conflicts[:5])
        more = f" and {len(conflicts) - 5} more" if len(conflicts) > 5 else ""
        super().__init__(
            f"proposal {number} is in conflict with release {newest.number} about {names}{more}: "
            "settle each, nothing was released"
        )
        self.conflicts = conflicts


def approve(store: Store, by: str, number: int, note: str = "") -> Release:
    """Approve all edits that are not reviewed yet, and release; see `release`."""
    db = store.db
    with store.action(by) as (who, at):
        reviews.reviewable(db, number, who)
        reviews.approve_rest(db, number, at, who)
        return _release(store, who, at, number, note)


def release(store: Store, by: str, number: int, note: str = "") -> Release:
    """Make the next release from the approved edits of a proposal, all of which are reviewed.

    Raises
    ------
    ConflictError
        If a release since the proposal's base has changed the same points and it is not settled.
    NotAllowedError
        For those who are no curators, or whose own proposal it is.
    StateError
        If edits are not reviewed, none is approved, or the approved ones need others.
    """
    with store.action(by) as (who, at):
        reviews.reviewable(store.db, number, who)
        return _release(store, who, at, number, note)


def _release(store: Store, who: str, at: str, number: int, note: str) -> Release:
    db = store.db
    found = proposal(db, number)
    if found.unreviewed:
        raise StateError(f"{found.unreviewed} edits of proposal {number} are not reviewed yet")
    approved = [e.landmark for e in contents.listed(db, number) if e.verdict == "approved"]
    if not approved:
        raise StateError(f"no edit of proposal {number} is approved; reject it instead")
    newest = releases.latest(db, found.topology)
    carried = reviews.carried_over(db, found, approved)
    if carried.conflicts:
        raise ConflictError(number, newest, carried.conflicts)
    if not carried.changes.ids:
        raise StateError(
            f"release {newest.number} of {found.topology} has all of proposal {number} already; "
            "reject it, or let its author withdraw it"
        )
    before = releases.content(db, newest)
    try:
        made = changes.apply(before, carried.changes)
    except (ChangeError, TopologyError) as problem:
        said = f"proposal {number} does not fit release {newest.number}: {problem}"
        raise StateError(said) from None
    places.check(carried.changes, made.base_mesh)
    record = Record(
        found.topology,
        newest.number + 1,
        "approved",
        "",
        newest.hash,
        who,
        at,
        note=note,
        proposal=found.id,
        author=found.author,
        title=found.title,
        log=tuple(LogLine(e.id, e.name, e.kind, e.words) for e in edits(carried.changes)),
    )
    added = releases.add(db, at, record, replace(made, version=newest.number + 1), number)
    set_state(db, number, at, who, state="approved", released=added.number)
    return added


def preview(store: Store, number: int) -> tuple[ChangeSet, tuple[Conflict, ...]]:
    """What a proposal would change in the newest release, and the conflicts that are not settled.

    Rejected edits are left out.

    Raises
    ------
    StateError, StoreError
    """
    with store.db.snapshot():
        carried = reviews.carried_over(store.db, proposal(store.db, number), None)
    return carried.changes, carried.conflicts


def rest(store: Store, by: str, number: int) -> Proposal:
    """A new draft of what was rejected in an approved proposal, on the newest release.

    Raises
    ------
    StateError
        If nothing was rejected, or what was is in conflict with the newest release.
    NotAllowedError
        For others than the author and curators.
    """
    db = store.db
    with store.action(by) as (who, _):
        found = proposal(db, number)
        if who != found.author:
            people.check_curator(db, who, f"reopen the proposal of {found.author}")
        left = {e.landmark for e in contents.listed(db, number) if e.verdict == "rejected"}
        if found.state != "approved" or not left:
            raise StateError(f"proposal {number} has nothing that was rejected and can be reopened")
        newest = releases.content(db, releases.latest(db, found.topology))
        own = proposals.changes_of(db, found).only(left)
        carried = carry(proposals.base_of(db, found), newest, own)
        if carried.conflicts:
            name = carried.conflicts[0].second.name
            raise StateError(f"{name!r} has changed since; draw it anew on the newest release")
        title = proposals.checked_title(f"{found.title} (what was left)"[: proposals.TITLE_LENGTH])
        return proposals.begin(
            store, who, found.author, carried.changes, title, ulid.new(), {"rest_of": number}
        )
