"""Work on a store by processes that are killed, or that meet: what the curating bench counts."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from app.curate import approving, audit, comments, listing, people, proposals, releases, reviews
from app.curate.changes import Change, ChangeSet, base_of
from app.curate.exchange_skin import MeanSkin
from app.curate.faults import StaleError, StateError
from app.curate.listing import Query
from app.curate.states import LandmarkState, state_of
from app.curate.store import Store
from app.topology.topology import Topology

NAME: Final = "ibug-68"
ARTIST, CURATOR = "Ana", "Cleo"
STEPS: Final = (-1.5, -0.8, 0.8, 1.5)
"""Millimetres sideways that landmarks are moved by."""

LEAST: Final = 5
"""Saves of each process that edits together with another."""


class Mover:
    """Makes change sets of a topology quickly: a few other places for each landmark.

    Parameters
    ----------
    base : Topology
    """

    def __init__(self, base: Topology) -> None:
        self._base = base_of(base)
        self._marks = base.landmarks
        self._states = list(state_of(base).landmarks.values())
        self._skin = MeanSkin()
        self._moved: dict[tuple[int, float], LandmarkState] = {}

    def draw(self, dice: random.Random, count: int) -> ChangeSet:
        """So many random landmarks, each moved."""
        chosen = sorted(dice.sample(range(len(self._states)), count))
        moves = (
            Change(self._states[i].id, self._states[i], self._to(i, dice.choice(STEPS)))
            for i in chosen
        )
        return ChangeSet(self._base, tuple(move for move in moves if move.before != move.after))

    def _to(self, index: int, step: float) -> LandmarkState:
        key = index, step
        if key not in self._moved:
            x, y, z = self._marks[index].mean
            at = self._skin.closest((x + step / 1000, y, z), self._marks[index])
            place = {"corners": at.corners, "weights": at.weights, "mean": at.mean}
            self._moved[key] = replace(self._states[index], **place)
        return self._moved[key]


def prepare(path: Path) -> None:
    """A store whose curator may approve what is their own, with one draft."""
    with Store(path) as store:
        people.appoint(store.db, CURATOR, True, CURATOR)
        people.set_self_approval(store.db, True, CURATOR)
        mover = Mover(releases.content(store.db, releases.latest(store.db, NAME)))
        proposals.create(store, ARTIST, mover.draw(random.Random(0), 3), "0")


def work_for_ever(path: Path, seed: int) -> None:
    """Do one random action after the other; say when each begins, and the trail's head after it."""
    dice = random.Random(seed)
    with Store(path) as store:
        mover, of = None, -1
        while True:
            newest = releases.latest(store.db, NAME)
            if newest.number != of:
                mover, of = Mover(releases.content(store.db, newest)), newest.number
            assert mover is not None
            print("begin", flush=True)
            try:
                _act(store, dice, mover)
            except (StaleError, StateError):
                continue
            print("done", audit.head(store.db), flush=True)


def _act(store: Store, dice: random.Random, mover: Mover) -> None:
    drafts = listing.proposals(store.db, Query(states=("draft",), author=CURATOR), 5)
    waiting = listing.proposals(store.db, Query(unreviewed=True), 5)
    match dice.randrange(6):
        case 0 if drafts:
            draft = dice.choice(drafts)
            proposals.propose(store, CURATOR, draft.number)
        case 1 if waiting:
            comments.add(store, ARTIST, dice.choice(waiting).number, "Look again.", None, "mirror")
        case 2 if waiting:
            found = dice.choice(waiting)
            keys = [change.id for change in proposals.changes_of(store.db, found).changes[:3]]
            reviews.review(store, CURATOR, found.number, keys, "rejected", "not these")
        case 3 if waiting:
            approving.approve(store, CURATOR, dice.choice(waiting).number)
        case 4 if drafts:
            draft = dice.choice(drafts)
            content = proposals.changes_of(store.db, draft)
            fewer = content.only([change.id for change in content.changes[1:]])
            proposals.save(store, CURATOR, draft.number, fewer, draft.revision)
        case _:
            proposals.create(store, CURATOR, mover.draw(dice, 12), "Random moves")


def save_for(store: Store, mover: Mover, seconds: float, seed: int) -> Iterator[str]:
    """Save one draft over and over, as does another process; what happened each time.

    A machine that is busy with other work goes on until `LEAST` saves are done.
    """
    dice, until, saved = random.Random(seed), time.monotonic() + seconds, 0
    while time.monotonic() < until or saved < LEAST:
        draft = proposals.proposal(store.db, 1)
        content = mover.draw(dice, 3)
        try:
            proposals.save(store, ARTIST, 1, content, draft.revision, str(int(draft.title) + 1))
        except StaleError:
            yield "stale"
        else:
            saved += 1
            yield "saved"


def main(arguments: list[str]) -> None:
    """``work PATH SEED`` until it is killed, or ``save PATH SECONDS SEED`` once it is told to."""
    kind, path, *rest = arguments
    if kind == "work":
        work_for_ever(Path(path), int(rest[0]))
    with Store(Path(path)) as store:
        mover = Mover(releases.content(store.db, releases.latest(store.db, NAME)))
        print("ready", flush=True)
        sys.stdin.readline()
        for said in save_for(store, mover, float(rest[0]), int(rest[1])):
            print(said, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
