"""What curators decide: each edit by itself, conflicts, and the whole."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from app.curate import audit, changes, contents, people, places, releases
from app.curate.changes import Change, ChangeError, ChangeSet, PartChange
from app.curate.database import Database
from app.curate.faults import NotAllowedError, StateError, StoreError
from app.curate.merging import Carried, Conflict, carry
from app.curate.proposals import base_of, changes_of, plain, proposal, set_state
from app.curate.reasons import in_full
from app.curate.records import ListedEdit, Proposal, Settlement, Verdict
from app.curate.states import LandmarkState
from app.curate.store import Store

REASON_LENGTH: Final = 2000


@dataclass(frozen=True)
class Overlap:
    """An edit that another open proposal makes otherwise.

    Attributes
    ----------
    landmark, name : str
    other : int
        Number of that proposal.
    author : str
        Who made that one.
    """

    landmark: str
    name: str
    other: int
    author: str


def review(
    store: Store,
    by: str,
    number: int,
    landmarks: Collection[str],
    verdict: Verdict | None,
    reason: str = "",
) -> Proposal:
    """Approve or reject edits of a proposal one by one; None takes a verdict back.

    Parameters
    ----------
    landmarks : collection of str
        Ids of edits.
    reason : str
        Needed to reject; the word of a quick reason will do.

    Raises
    ------
    NotAllowedError
        For those who are no curators, or whose own proposal it is, unless the store allows it.
    StateError
        If it is not proposed.
    StoreError
        If the proposal has no such edit.
    """
    db = store.db
    with store.action(by) as (who, at):
        found = reviewable(db, number, who)
        if verdict == "rejected":
            reason = checked_reason(reason)
        known = {edit.landmark: edit.place for edit in contents.listed(db, number)}
        for key in landmarks:
            if key not in known:
                raise StoreError(f"proposal {number} has no edit of {key!r}")
        keys = sorted(set(landmarks), key=known.__getitem__)
        _decide(db, number, [known[key] for key in keys], verdict)
        _count(db, number, at, who)
        detail = {"landmarks": keys, "verdict": verdict, "reason": reason}
        audit.append(db, at, who, "reviewed", proposal=found.number, detail=detail)
        return proposal(db, number)


def approve_rest(db: Database, number: int, at: str, who: str) -> None:
    """Approve what is not reviewed yet, within a transaction."""
    rest = [edit for edit in contents.listed(db, number) if edit.verdict is None]
    if not rest:
        return
    _decide(db, number, [edit.place for edit in rest], "approved")
    _count(db, number, at, who)
    detail = {"landmarks": [edit.landmark for edit in rest], "verdict": "approved", "reason": ""}
    audit.append(db, at, who, "reviewed", proposal=number, detail=detail)


def reject(store: Store, by: str, number: int, reason: str) -> Proposal:
    """Send a whole proposal back to its author, who can reopen it.

    Raises
    ------
    NotAllowedError, StateError
        As `review`.
    StoreError
        Without a reason.
    """
    db = store.db
    with store.action(by) as (who, at):
        reviewable(db, number, who)
        set_state(db, number, at, who, state="rejected")
        detail = {"reason": checked_reason(reason)}
        audit.append(db, at, who, "rejected", proposal=number, detail=detail)
        return proposal(db, number)


def reviewable(db: Database, number: int, who: str) -> Proposal:
    """A proposal that somebody may review. Errors are those of `review`."""
    found = proposal(db, number)
    people.check_curator(db, who, "review")
    if found.author == who and not people.self_approval(db):
        raise NotAllowedError(f"proposal {number} is your own; somebody else must review it")
    if found.state != "proposed":
        raise StateError(f"proposal {number} is {found.state}; only what is proposed is reviewed")
    return found


def checked_reason(reason: str) -> str:
    """A reason, in full. Raises `StoreError` if it is empty or too long."""
    found = in_full(reason)
    if not found or len(found) > REASON_LENGTH:
        raise StoreError(f"say why, in {REASON_LENGTH} letters at most: its author has to know")
    return found


def next_unreviewed(edits: Sequence[ListedEdit], after: int = -1, back: bool = False) -> int | None:
    """Place of the next edit that is not reviewed, past the end from the start again.

    Parameters
    ----------
    edits : sequence of ListedEdit
    after : int
        The place to go on from.
    back : bool
        The one before instead.
    """
    places = [edit.place for edit in edits if edit.verdict is None and edit.place != after]
    if not places:
        return after if any(e.place == after and e.verdict is None for e in edits) else None
    ahead = [place for place in places if (place < after if back else place > after)]
    if back:
        return max(ahead or places)
    return min(ahead or places)


def overlaps(
    db: Database, number: int, landmark: str | None = None, limit: int = -1
) -> list[Overlap]:
    """Edits that other open proposals on the same topology make otherwise.

    Parameters
    ----------
    landmark : str, optional
        Id of the one edit to look for.
    limit : int
        So many at most; negative for all.
    """
    rows = db.rows(
        "SELECT p.landmark, p.name, other.proposal, theirs.author FROM edit own "
        "JOIN proposal ours ON ours.number = own.proposal JOIN point p ON p.ref = own.point "
        "JOIN point q ON q.landmark = p.landmark JOIN edit other ON other.point = q.ref "
        "JOIN proposal theirs ON theirs.number = other.proposal "
        "WHERE own.proposal = ? AND other.proposal <> own.proposal "
        "AND other.becomes <> own.becomes AND theirs.topology = ours.topology "
        "AND theirs.state IN ('draft', 'proposed') AND (? IS NULL OR p.landmark = ?) "
        "ORDER BY own.place, other.proposal LIMIT ?",
        number,
        landmark,
        landmark,
        limit,
    )
    return [Overlap(*row) for row in rows]


def states_of(db: Database, number: int, landmark: str) -> Change | PartChange:
    """One edit of a proposal, with the states before and after.

    Raises
    ------
    StoreError
        If the proposal has no such edit.
    AlteredError
    """
    found = _by_id(changes_of(db, proposal(db, number))).get(landmark)
    if found is None:
        raise StoreError(f"proposal {number} has no edit of {landmark!r}")
    return found


def conflicts(db: Database, number: int) -> tuple[Conflict, ...]:
    """Where the newest release has changed what a proposal changes, too, and nobody settled it.

    ``first`` is what the release changed since the proposal's base, ``second`` what is proposed.
    """
    return carried_over(db, proposal(db, number), None).conflicts


def carried_over(db: Database, found: Proposal, only: Collection[str] | None) -> Carried:
    """A proposal's edits on the newest release, with what was settled taken in.

    Parameters
    ----------
    only : collection of str, optional
        Ids of the edits that count; None for all that are not rejected.

    Raises
    ------
    StateError
        If the edits need others that are left out.
    """
    edits = contents.listed(db, found.number)
    base = base_of(db, found)
    newest = releases.content(db, releases.latest(db, found.topology))
    whole = changes_of(db, found)
    wanted = {e.landmark for e in edits if e.verdict != "rejected"} if only is None else set(only)
    settled = {e.landmark: e.settlement for e in edits if e.settlement is not None}
    plainly = carry(base, newest, whole.only(wanted))
    valid = {
        conflict.second.id: settlement
        for conflict in plainly.conflicts
        if (settlement := settled.get(conflict.second.id)) is not None
        and settlement.against == fingerprint(conflict)
    }
    wanted -= {key for key, settlement in valid.items() if settlement.choice == "keep"}
    chosen = _with_states(whole.only(wanted), valid)
    try:
        changes.apply(base, chosen)
    except ChangeError as problem:
        names = [edit.name for edit in edits if edit.landmark in problem.needs]
        more = f": approve {', '.join(map(repr, names))} with it" if names else ""
        raise StateError(f"{problem}{more}") from None
    return carry(base, newest, chosen, valid.keys() & wanted)


def settle(
    store: Store,
    by: str,
    number: int,
    landmark: str,
    choice: str,
    state: LandmarkState | None = None,
) -> Proposal:
    """Decide a conflict with a newer release.

    Parameters
    ----------
    landmark : str
        Id of the proposal's edit.
    choice : str
        ``"keep"`` what the release has, ``"take"`` what is proposed, or ``"state"``.
    state : LandmarkState, optional
        What the landmark is to be, for ``"state"``.

    Raises
    ------
    NotAllowedError, StateError
        As `review`.
    StoreError
        If there is no such conflict, or the state is another landmark's.
    """
    db = store.db
    with store.action(by) as (who, at):
        found = reviewable(db, number, who)
        if choice not in ("keep", "take", "state") or (choice == "state") != (state is not None):
            raise StoreError("a conflict is settled by “keep”, “take”, or “state” with a state")
        whole = changes_of(db, found)
        plainly = carry(
            base_of(db, found), releases.content(db, releases.latest(db, found.topology)), whole
        )
        conflict = next((one for one in plainly.conflicts if one.second.id == landmark), None)
        if conflict is None:
            raise StoreError(f"proposal {number} has no conflict about {landmark!r}")
        if state is not None and (state.id != landmark or isinstance(conflict.second, PartChange)):
            raise StoreError(f"this is not a state of {landmark!r}")
        if state is not None and state == conflict.second.before:
            raise StoreError(f"this is how {state.name!r} was before both changes: choose another")
        if state is not None:
            places.check_states((state,), base_of(db, found).base_mesh)
        settlement = Settlement(
            choice,  # type: ignore[arg-type]
            fingerprint(conflict),
            who,
            plain(state) if state is not None else None,
        )
        kept = plain(settlement)
        db.run(
            "UPDATE edit SET settled = ? WHERE proposal = ? AND point IN "
            "(SELECT ref FROM point WHERE landmark = ?)",
            audit.canonical(kept),
            number,
            landmark,
        )
        set_state(db, number, at, who)
        detail = {"landmark": landmark, "settlement": kept}
        audit.append(db, at, who, "settled", proposal=number, detail=detail)
        return proposal(db, number)


def fingerprint(conflict: Conflict) -> str:
    """Tells whether a conflict is the one that was settled: what the release did is the same."""
    first = conflict.first
    return audit.sha256(audit.canonical([first.id, plain(first.after)]))


def _with_states(content: ChangeSet, settled: dict[str, Settlement]) -> ChangeSet:
    """The edits with those states that a curator gave in place of both."""
    states = {
        key: msgspec.convert(settlement.state, LandmarkState)
        for key, settlement in settled.items()
        if settlement.choice == "state"
    }
    given = tuple(
        msgspec.structs.replace(change, after=states[change.id]) if change.id in states else change
        for change in content.changes
    )
    return msgspec.structs.replace(content, changes=given)


def _by_id(content: ChangeSet) -> dict[str, Change | PartChange]:
    found: dict[str, Change | PartChange] = {change.id: change for change in content.changes}
    return found | {part.id: part for part in content.parts if part.id in content.ids}


def _decide(db: Database, number: int, places: Sequence[int], verdict: Verdict | None) -> None:
    db.run_many(
        "UPDATE edit SET verdict = ? WHERE proposal = ? AND place = ?",
        [(verdict, number, place) for place in places],
    )


def _count(db: Database, number: int, at: str, who: str) -> None:
    row = db.row(
        "SELECT coalesce(sum(verdict = 'approved'), 0), coalesce(sum(verdict = 'rejected'), 0) "
        "FROM edit WHERE proposal = ?",
        number,
    )
    assert row is not None
    set_state(db, number, at, who, approved=row[0], rejected=row[1])
