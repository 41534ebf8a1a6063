"""What the workspace Curate works on: a store, a person, a topology under edit, a selection."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.curate import changes, comments, proposals, releases
from app.curate.action import Action, EditError
from app.curate.document import Document
from app.curate.draft_file import Draft
from app.curate.mean_head import mean_head
from app.curate.records import Proposal
from app.curate.store import Store, default_path
from app.curate.view import View
from app.jobs import JobList
from app.topology.identity import ids_of
from app.topology.topology import Topology
from widgets.curate.session_state import (
    Editing,
    Known,
    account_name,
    proposal_with_id,
    read_known,
    warmed,
    writable,
)
from widgets.curate.shown import Comparison
from widgets.curate.store_thread import StoreThread

WATCH_MS: Final = 2000
"""How often it is asked whether somebody else has written to the store."""

Ids = frozenset[str]
NONE: Final[Ids] = frozenset()


class CurateSession(QObject):
    """One for the workspace; panels read it, act through it and listen to it.

    Everything that asks the store happens on the store's thread (`ask`), and answers arrive in the
    window's.

    Attributes
    ----------
    person : str
        Who acts.
    known : Known
    editing : Editing or None
        None until a topology is open.
    document : Document or None
    selection : frozenset of str
        Ids of landmarks.
    current : str or None
        The one of them that was chosen last.
    hovered : str or None
    shown : Comparison or None
        Drawn over the head in place of the document's topology.

    Signals
    -------
    opened
        Another document is there, or none.
    document_changed : (Topology, Topology)
        Before and after an edit, an undo or a redo; after `opened` the same one twice.
    view_changed
        Others are locked, hidden, alone, or mirrored editing is on or off.
    selection_changed, hover_changed, shown_changed
    state_changed
        Saved, proposed, clean or not: what titles and buttons show.
    store_changed
        `known` is fresh; lists are to be read again.
    person_changed
    busy_changed : bool
        A topology is being opened or saved.
    said : (str, str)
        Level (``"info"``, ``"warning"``, ``"error"``) and one line for people.
    """

    opened = Signal()
    document_changed = Signal(object, object)
    view_changed = Signal()
    selection_changed = Signal()
    hover_changed = Signal()
    shown_changed = Signal()
    state_changed = Signal()
    store_changed = Signal()
    person_changed = Signal()
    busy_changed = Signal(bool)
    said = Signal(str, str)

    def __init__(
        self,
        jobs: JobList,
        parent: QObject | None = None,
        *,
        path: Path | None = None,
        person: str = "",
    ) -> None:
        super().__init__(parent)
        self.jobs = jobs
        self.person = person or account_name()
        self.known = Known()
        self.editing: Editing | None = None
        self.document: Document | None = None
        self.selection: Ids = NONE
        self.current: str | None = None
        self.hovered: str | None = None
        self.shown: Comparison | None = None
        self._busy = 0
        self._stops: list[Callable[[], None]] = []
        self._version: int | None = None
        self._looking = False
        self.thread_ = StoreThread(path or default_path(), self)
        self.thread_.failed.connect(lambda text: self.said.emit("error", text))
        self._watch = QTimer(self, interval=WATCH_MS)
        self._watch.timeout.connect(self._look)

    # The store

    @property
    def path(self) -> Path:
        return self.thread_.path

    def ask(
        self,
        work: Callable[[Store], object],
        deliver: Callable[..., object] | None = None,
        failed: Callable[[str], object] | None = None,
    ) -> None:
        """Have ``work`` done with the store; see `StoreThread.ask`. Reading only."""
        self.thread_.ask(work, deliver, failed)

    def act(
        self,
        work: Callable[[Store], object],
        deliver: Callable[..., object] | None = None,
        failed: Callable[[str], object] | None = None,
    ) -> None:
        """As `ask`, for work that changes the store; `store_changed` follows."""

        def done(result: object) -> None:
            if deliver is not None:
                deliver(result)
            self.refresh()

        self.thread_.ask(work, done, failed)

    def refresh(self) -> None:
        """Read anew what the store tells of itself, then tell `store_changed`."""
        self.thread_.ask(read_known, self._take_known)

    def watch(self, on: bool) -> None:
        """Look now and then whether somebody else has written, while the workspace is seen."""
        if on:
            self._watch.start()
            self._look()
        else:
            self._watch.stop()

    def _look(self) -> None:
        if not self._looking:
            self._looking = True
            self.thread_.ask(lambda store: store.written_elsewhere(), self._seen, self._unseen)

    def _seen(self, version: int) -> None:
        self._looking = False
        changed = self._version is not None and version != self._version
        self._version = version
        if changed:
            self.refresh()

    def _unseen(self, text: str) -> None:
        self._looking = False
        self._watch.stop()
        self.said.emit("error", text)

    def _take_known(self, known: Known) -> None:
        self.known = known
        self.store_changed.emit()

    # The person

    @property
    def curator(self) -> bool:
        """Whether the person may review here."""
        return any(one.name == self.person and one.curator for one in self.known.everybody)

    def set_person(self, name: str) -> None:
        name = name or account_name()
        if name != self.person:
            self.person = name
            self._check_writable()
            self.person_changed.emit()

    def _check_writable(self) -> None:
        if self.editing is not None:
            self.editing = replace(
                self.editing, writable=writable(self.editing.proposal, self.person)
            )
            self.state_changed.emit()

    # Opening

    @property
    def busy(self) -> bool:
        return self._busy > 0

    @property
    def topology(self) -> Topology | None:
        """The topology under edit."""
        return self.document.topology if self.document is not None else None

    @property
    def unsaved(self) -> bool:
        return self.document is not None and not self.document.clean

    def open_release(self, topology: str, number: int | None = None) -> None:
        """Edit a release, the newest without a number, as the base of a new proposal."""

        def read(store: Store) -> tuple[Editing, Document]:
            found = (
                releases.latest(store.db, topology)
                if number is None
                else releases.release(store.db, topology, number)
            )
            return Editing(found), warmed(Document(releases.content(store.db, found), mean_head()))

        self._begin(read)

    def open_proposal(self, number: int) -> None:
        """Edit a draft of one's own, or look at another proposal."""
        person = self.person

        def read(store: Store) -> tuple[Editing, Document]:
            found = proposals.proposal(store.db, number)
            release = releases.release(store.db, found.topology, found.base)
            base = releases.content(store.db, release)
            after = changes.apply(base, proposals.changes_of(store.db, found))
            editing = Editing(release, found, writable(found, person))
            return editing, warmed(Document(base, mean_head(), after))

        self._begin(read)

    def open_draft(self, draft: Draft) -> None:
        """Go on with what an editor that ended has left."""
        person = self.person

        def read(store: Store) -> tuple[Editing, Document]:
            base = changes.base_of(draft.base)
            release = releases.with_content(store.db, base.sha256)
            if release is None:
                raise changes.ChangeError(f"this store has no release that is {base}")
            found = proposal_with_id(store, draft.proposal)
            document = Document(draft.base, mean_head(), draft.topology, draft.view)
            document.mark_clean(document.base)
            return Editing(release, found, writable(found, person)), warmed(document)

        self._begin(read)

    def close_document(self) -> None:
        """Edit nothing any more."""
        self._take(None, None)

    def _begin(self, read: Callable[[Store], tuple[Editing, Document]]) -> None:
        self._count(1)

        def done(found: tuple[Editing, Document]) -> None:
            self._count(-1)
            self._take(*found)

        def failed(text: str) -> None:
            self._count(-1)
            self.said.emit("error", text)

        self.thread_.ask(read, done, failed)

    def _count(self, by: int) -> None:
        before = self.busy
        self._busy += by
        if self.busy != before:
            self.busy_changed.emit(self.busy)

    def _take(self, editing: Editing | None, document: Document | None) -> None:
        for stop in self._stops:
            stop()
        self.editing, self.document, self._stops = editing, document, []
        self.shown = None
        self.selection, self.current, self.hovered = NONE, None, None
        if document is not None:
            self._stops = [
                document.changed.add(self._changed),
                document.looked.add(lambda *_: self.view_changed.emit()),
            ]
        self.opened.emit()
        for signal in (self.selection_changed, self.shown_changed, self.view_changed):
            signal.emit()
        if document is not None:
            self.document_changed.emit(document.topology, document.topology)
        self.state_changed.emit()

    # Editing

    def do(self, action: Action, gesture: object | None = None) -> bool:
        """Make an edit; whether it changed anything. What cannot be done is told by `said`."""
        if self.document is None or not self._may_edit():
            return False
        try:
            return self.document.do(action, gesture)
        except EditError as problem:
            text = str(problem)
            self.said.emit("warning", f"{text[:1].upper()}{text[1:]}.")
            return False

    def _may_edit(self) -> bool:
        editing = self.editing
        if editing is None or editing.writable:
            return editing is not None
        found = editing.proposal
        if found is not None and found.state == "draft":
            self.said.emit("warning", f"This draft is {found.author}'s; only they may change it.")
        elif found is not None:
            self.said.emit("warning", f"#{found.number} is {found.state}: reopen it to change it.")
        return False

    def undo(self) -> str:
        return self.document.undo() if self.document is not None and self._may_edit() else ""

    def redo(self) -> str:
        return self.document.redo() if self.document is not None and self._may_edit() else ""

    def look(self, view: View) -> None:
        """Lock, hide, show alone, mirror or not; see `app.curate.view`."""
        if self.document is not None:
            self.document.look(view)

    def _changed(self, before: Topology, after: Topology) -> None:
        known = frozenset(ids_of(after))
        self.document_changed.emit(before, after)
        if not self.selection <= known:
            self.select(self.selection & known, self.current if self.current in known else None)
        self.state_changed.emit()

    # Selection

    def select(self, ids: Iterable[str], current: str | None = None) -> None:
        """Choose landmarks; ``current`` is the one that was meant last."""
        chosen = frozenset(ids)
        if current is None or current not in chosen:
            current = self.current if self.current in chosen else min(chosen, default=None)
        if (chosen, current) != (self.selection, self.current):
            self.selection, self.current = chosen, current
            self.selection_changed.emit()

    def ordered_selection(self) -> tuple[str, ...]:
        """What is chosen, in the topology's order."""
        if self.topology is None:
            return ()
        return tuple(key for key in ids_of(self.topology) if key in self.selection)

    def hover(self, landmark: str | None) -> None:
        if landmark != self.hovered:
            self.hovered = landmark
            self.hover_changed.emit()

    def show(self, comparison: Comparison | None) -> None:
        """Draw a comparison over the head; None goes back to the document."""
        if comparison != self.shown:
            self.shown = comparison
            self.shown_changed.emit()

    # Saving

    def save_draft(self, title: str, done: Callable[[Proposal], object] | None = None) -> None:
        """Keep the edits in the store as a draft of the person."""
        document, editing, who = self.document, self.editing, self.person
        if document is None or editing is None or not self._may_edit():
            return
        base, topology, clean = document.base, document.topology, document.clean

        def write(store: Store) -> Proposal:
            found = editing.proposal
            if found is None:
                return proposals.create(store, who, changes.difference(base, topology), title)
            if clean and found.title == title:
                return found
            content = changes.difference(base, topology)
            return proposals.save(store, who, found.number, content, found.revision, title)

        def written(found: Proposal) -> None:
            if self.document is document:
                document.mark_clean(topology)
            self._show_written(document, found, done)

        self._write(write, written)

    def propose(
        self, title: str, reason: str = "", done: Callable[[Proposal], object] | None = None
    ) -> None:
        """Save the edits and hand them over to the curators; the reason becomes a comment."""
        document, who = self.document, self.person

        def hand_over(store: Store, number: int) -> Proposal:
            if reason.strip():
                comments.add(store, who, number, reason)
            return proposals.propose(store, who, number)

        def saved(draft: Proposal) -> None:
            self._write(
                lambda store: hand_over(store, draft.number),
                lambda found: self._show_written(document, found, done),
            )

        self.save_draft(title, saved)

    def _write(
        self, write: Callable[[Store], Proposal], written: Callable[[Proposal], object]
    ) -> None:
        def finished(found: Proposal) -> None:
            self._count(-1)
            written(found)
            self.refresh()

        def failed(text: str) -> None:
            self._count(-1)
            self.said.emit("error", text)
            self.refresh()

        self._count(1)
        self.thread_.ask(write, finished, failed)

    def _show_written(
        self,
        document: Document | None,
        found: Proposal,
        done: Callable[[Proposal], object] | None,
    ) -> None:
        if self.document is document and self.editing is not None:
            may = writable(found, self.person)
            self.editing = replace(self.editing, proposal=found, writable=may)
            self.state_changed.emit()
        if done is not None:
            done(found)

    # The end

    def close(self) -> None:
        """End the store's thread."""
        self._watch.stop()
        for stop in self._stops:
            stop()
        self._stops = []
        self.thread_.close()
