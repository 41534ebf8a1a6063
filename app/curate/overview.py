"""All that a review of one proposal looks at, read in one go."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from app.curate import (
    approving,
    audit,
    changes,
    comments,
    contents,
    people,
    proposals,
    releases,
    reviews,
)
from app.curate.changes import Change, ChangeError, ChangeSet
from app.curate.describe import Kind, edits
from app.curate.effect import Measures, measures
from app.curate.faults import NotAllowedError, StateError
from app.curate.merging import Conflict
from app.curate.records import Comment, Proposal, Settlement, Verdict
from app.curate.reviews import Overlap
from app.curate.store import Store
from app.topology.store import TopologyError
from app.topology.topology import Topology, Vector

MOST_OVERLAPS = 200


@dataclass(frozen=True)
class Decision:
    """Who decided, when and why.

    Attributes
    ----------
    by, at : str
    verdict : str, optional
        None where a verdict was taken back.
    reason : str
    """

    by: str
    at: str
    verdict: Verdict | None
    reason: str = ""


@dataclass(frozen=True)
class ReviewedEdit:
    """One edit with everything that was said and decided about it.

    Attributes
    ----------
    place : int
        In the proposal.
    landmark, name, kind, distance, words
        As those of `app.curate.describe.Edit`, its ``id`` called the landmark.
    before, after : tuple of float, optional
        Where it lies on the mean head, metres; None for parts and where it is not there.
    verdict : str, optional
    decided : Decision, optional
        The newest about it, since the proposal was last saved.
    settlement : Settlement, optional
    conflict : Conflict, optional
        With a newer release, not settled yet; ``first`` is what the release did.
    comments : int
        Pinned to it.
    others : tuple of Overlap
        Open proposals that make something else of it.
    """

    place: int
    landmark: str
    name: str
    kind: Kind
    distance: float
    words: str
    before: Vector | None
    after: Vector | None
    verdict: Verdict | None
    decided: Decision | None
    settlement: Settlement | None
    conflict: Conflict | None
    comments: int
    others: tuple[Overlap, ...]


@dataclass(frozen=True)
class Overview:
    """One proposal, ready to be reviewed.

    Attributes
    ----------
    proposal : Proposal
    base, after : Topology
        The release that it was made on, and what all its edits make of that.
    newest : int
        Number of the newest release.
    edits : tuple of ReviewedEdit
        Farthest moved first.
    comments : tuple of Comment
        All, oldest first.
    sent_back : Decision, optional
        Why the whole of it was rejected last.
    problem : str
        Why it cannot be approved as it is, apart from conflicts; empty if it can.
    closed : str
        Why this person may not review it; empty if they may.
    measured : tuple of Measures
        Of the base, and of what becomes of it.
    """

    proposal: Proposal
    base: Topology
    after: Topology
    newest: int
    edits: tuple[ReviewedEdit, ...]
    comments: tuple[Comment, ...]
    sent_back: Decision | None
    problem: str
    closed: str
    measured: tuple[Measures, Measures]

    @property
    def conflicts(self) -> tuple[ReviewedEdit, ...]:
        return tuple(edit for edit in self.edits if edit.conflict is not None)

    def edit(self, landmark: str) -> ReviewedEdit | None:
        return next((one for one in self.edits if one.landmark == landmark), None)


def overview(store: Store, number: int, who: str) -> Overview:
    """Read a proposal for somebody's review.

    Raises
    ------
    StoreError
        If there is no such proposal.
    AlteredError
    """
    db = store.db
    with db.snapshot():
        found = proposals.proposal(db, number)
        content = proposals.changes_of(db, found)
        base = proposals.base_of(db, found)
        newest = releases.latest(db, found.topology).number
        said = tuple(comments.of(db, number))
        after, problem = _applied(base, content)
        conflicts: tuple[Conflict, ...] = ()
        if found.state in ("draft", "proposed") and not problem:
            try:
                _, conflicts = approving.preview(store, number)
            except StateError as fault:
                problem = str(fault)
        decided, sent_back = _decisions(store, number)
        return Overview(
            found,
            base,
            after,
            newest,
            _edits(store, number, content, conflicts, said, decided),
            said,
            sent_back,
            problem,
            _closed(store, number, who),
            (measures(base), measures(after)),
        )


def _applied(base: Topology, content: ChangeSet) -> tuple[Topology, str]:
    try:
        return changes.apply(base, content), ""
    except (ChangeError, TopologyError) as fault:
        return base, str(fault)


def _closed(store: Store, number: int, who: str) -> str:
    try:
        reviews.reviewable(store.db, number, people.named(who))
    except (NotAllowedError, StateError) as fault:
        return str(fault)
    return ""


def _decisions(store: Store, number: int) -> tuple[dict[str, Decision], Decision | None]:
    """The newest verdict about each edit, and about the whole, as the trail tells them."""
    of_edits: dict[str, Decision] = {}
    whole: Decision | None = None
    for entry in audit.entries(store.db, proposal=number):
        told = entry.detail
        reason = str(told.get("reason", ""))
        if entry.action == "reviewed":
            made = Decision(entry.by, entry.at, told.get("verdict"), reason)
            of_edits.update((str(key), made) for key in told.get("landmarks", ()))
        elif entry.action == "rejected":
            whole = Decision(entry.by, entry.at, "rejected", reason)
        elif entry.action in ("saved", "reopened"):
            of_edits.clear()
    return of_edits, whole


def _edits(
    store: Store,
    number: int,
    content: ChangeSet,
    conflicts: tuple[Conflict, ...],
    said: tuple[Comment, ...],
    decided: dict[str, Decision],
) -> tuple[ReviewedEdit, ...]:
    words = {edit.id: edit.words for edit in edits(content)}
    of_landmarks = {change.id: change for change in content.changes}
    disagreeing = {conflict.second.id: conflict for conflict in conflicts}
    counted = Counter(one.landmark for one in said)
    others: dict[str, list[Overlap]] = {}
    for overlap in reviews.overlaps(store.db, number, limit=MOST_OVERLAPS):
        others.setdefault(overlap.landmark, []).append(overlap)
    made = [
        ReviewedEdit(
            edit.place,
            edit.landmark,
            edit.name,
            edit.kind,  # type: ignore[arg-type]
            edit.distance,
            words.get(edit.landmark, edit.kind),
            *_means(of_landmarks.get(edit.landmark)),
            edit.verdict,
            decided.get(edit.landmark),
            edit.settlement,
            disagreeing.get(edit.landmark),
            counted[edit.landmark],
            tuple(others.get(edit.landmark, ())),
        )
        for edit in contents.listed(store.db, number)
    ]
    return tuple(sorted(made, key=lambda edit: (-edit.distance, edit.place)))


def _means(change: Change | None) -> tuple[Vector | None, Vector | None]:
    if change is None:
        return None, None
    before, after = change.before, change.after
    return before.mean if before else None, after.mean if after else None
