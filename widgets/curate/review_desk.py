"""One proposal under review: read from the store, decided, settled, commented, released."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.curate import approving, comments, listing, reviews, settling
from app.curate.overview import Overview, ReviewedEdit, overview
from app.curate.records import Release, Verdict
from app.curate.states import LandmarkState
from app.curate.store import Store
from app.topology.identity import ids_of
from widgets.curate.review_table import ReviewModel
from widgets.curate.session import CurateSession
from widgets.curate.words import counted


class ReviewDesk(QObject):
    """What a review knows and does; panels show it.

    Attributes
    ----------
    number : int or None
        Of the proposal under review.
    seen : Overview or None
        As it was read last; None until then.
    model : ReviewModel
        Its edits, with verdicts that the store is still writing.

    Signals
    -------
    shown : bool
        It was read; True for another proposal than before, or none.
    decided
        A verdict is given, not yet written.
    asked : int
        A review was begun.
    """

    shown = Signal(bool)
    decided = Signal()
    asked = Signal(int)

    def __init__(self, session: CurateSession) -> None:
        super().__init__(session)
        self.session = session
        self.number: int | None = None
        self.seen: Overview | None = None
        self.model = ReviewModel()
        self._reading = self._stale = False
        session.store_changed.connect(self.read)
        session.person_changed.connect(self.read)

    @property
    def open(self) -> bool:
        """Whether this person may decide about it."""
        return self.seen is not None and not self.seen.closed

    @property
    def can_release(self) -> bool:
        approved, _, left = self.model.counts()
        seen = self.seen
        return (
            seen is not None
            and not seen.closed
            and not seen.problem
            and not seen.conflicts
            and approved + left > 0
        )

    # Which one

    def review(self, number: int) -> None:
        """Look at a proposal."""
        if number != self.number:
            self.number, self.seen = number, None
            self.model.set_edits(())
        self.read()
        self.asked.emit(number)

    def next_proposal(self) -> None:
        """Go to the next proposal that waits for a review, from the start again past the end."""
        after = self.number or 0
        self.session.ask(lambda store: listing.next_unreviewed(store.db, after), self._go_on)

    def _go_on(self, number: int | None) -> None:
        if number is None:
            self._say("info", "No other proposal waits for a review.")
        else:
            self.review(number)

    def leave(self) -> None:
        """Review nothing."""
        if self.number is not None:
            self.number, self.seen = None, None
            self.model.set_edits(())
            self.shown.emit(True)

    def read(self) -> None:
        """Read the proposal anew; several wishes at once become one."""
        if self.number is None:
            return
        if self._reading:
            self._stale = True
            return
        self._reading, self._stale = True, False
        number, who = self.number, self.session.person
        self.session.ask(
            lambda store: overview(store, number, who), self._take, partial(self._failed, number)
        )

    def _take(self, seen: Overview) -> None:
        self._reading = False
        if self._stale or seen.proposal.number != self.number:
            self.read()
            return
        other = self.seen is None
        self.seen = seen
        self.model.set_edits(seen.edits)
        self.shown.emit(other)

    def _failed(self, number: int, text: str) -> None:
        self._reading = False
        self._say("error", text)
        if number == self.number:
            self.leave()
        else:
            self.read()

    # What is decided

    def decide(self, landmarks: Collection[str], verdict: Verdict | None, reason: str = "") -> bool:
        """Approve or reject edits, or take verdicts back; False where this is not allowed."""
        keys = tuple(landmarks)
        if not keys or not self.open:
            return False
        self.model.decide(keys, verdict)
        self.decided.emit()
        self.act(lambda store, n, who: reviews.review(store, who, n, keys, verdict, reason))
        return True

    def reject_all(self, reason: str) -> None:
        """Send the proposal back to its author."""
        self.act(
            lambda store, n, who: reviews.reject(store, who, n, reason),
            lambda found: self._say("info", f"#{found.number} was sent back to {found.author}."),
        )

    def release(self, note: str = "") -> None:
        """Approve what is left, and make the next release."""
        self.act(lambda store, n, who: approving.approve(store, who, n, note), self._released)

    def settle(self, edit: ReviewedEdit, choice: str) -> None:
        """Decide a conflict.

        Parameters
        ----------
        choice : str
            ``"keep"`` what the release has, ``"take"`` what is proposed, ``"halfway"`` between
            the two, or ``"here"``, where the landmark lies in the editor.
        """
        conflict, key = edit.conflict, edit.landmark
        if conflict is None:
            return
        if choice in ("keep", "take"):
            self.act(lambda store, n, who: reviews.settle(store, who, n, key, choice))
        elif choice == "halfway":
            self._settle_with(key, partial(settling.halfway, conflict))
        else:
            topology = self.session.topology
            ids = ids_of(topology) if topology is not None else ()
            if topology is None or key not in ids:
                self._say("warning", f"{edit.name!r} is not in the topology that is open.")
                return
            mark = topology.landmarks[ids.index(key)]
            self._settle_with(key, partial(settling.at_place_of, conflict, mark))

    def _settle_with(self, key: str, state: Callable[[], LandmarkState]) -> None:
        self.act(lambda store, n, who: reviews.settle(store, who, n, key, "state", state()))

    def comment(
        self,
        text: str,
        reason: str | None,
        landmark: str | None,
        done: Callable[[object], object] | None = None,
    ) -> None:
        """Say something about the proposal, or about one of its landmarks."""
        self.act(lambda store, n, who: comments.add(store, who, n, text, landmark, reason), done)

    def act(
        self,
        work: Callable[[Store, int, str], object],
        done: Callable[..., object] | None = None,
    ) -> None:
        """Change the store; what goes wrong is told, and the proposal read anew."""
        number, who = self.number, self.session.person
        if number is not None:
            self.session.act(lambda store: work(store, number, who), done, self._refused)

    def _refused(self, text: str) -> None:
        self._say("warning", f"{text[:1].upper()}{text[1:]}.")
        self.read()

    def _released(self, release: Release) -> None:
        count = counted(len(release.record.log), "edit")
        self._say("info", f"{release.topology} {release.number} is released with {count}.")

    def _say(self, level: str, text: str) -> None:
        self.session.said.emit(level, text)
