"""What a store of proposals is worth: how quickly it opens, and what it keeps whatever happens."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.bench import curate_work
from app.bench.figures import Figure
from app.curate import audit, listing, people, proposals, releases
from app.curate.listing import Query
from app.curate.store import Store
from app.curate.verify import verify
from app.paths import ROOT

PROPOSALS: Final = 10_000
EDITS: Final = 100
SHOWN: Final = 100
"""Rows of a list that are read at once."""

KILLS: Final = 50
TOGETHER: Final = 60.0
"""Seconds that two processes edit one store."""

_AUTHORS: Final = ("Ana", "Bo", "Dora", "Emil")
_WORDS: Final = ("nose", "jaw", "brow", "left eye", "lips", "forehead", "cheek")


@dataclass(frozen=True)
class Killed:
    """What kills did.

    Attributes
    ----------
    acknowledged : int
        Actions that were told to be done.
    killed_in_action : int
        Kills between the beginning of an action and its being told.
    lost : int
        Acknowledged actions that are not in the store.
    half_done : int
        Times that the store, opened again, was damaged or contradicted its trail.
    findings : list of str
        What was found at the end.
    """

    acknowledged: int
    killed_in_action: int
    lost: int
    half_done: int
    findings: list[str]


@dataclass(frozen=True)
class Together:
    """What two processes did to one draft.

    Attributes
    ----------
    saved, stale : tuple of int
        Of each process: saves that were done, and that were refused since the other was quicker.
    lost : int
        Saves that were done and are not among the revisions.
    findings : list of str
    """

    saved: tuple[int, ...]
    stale: tuple[int, ...]
    lost: int
    findings: list[str]


def fill(path: Path, count: int, edits: int, seed: int = 0) -> None:
    """A store with many proposals, half of them waiting for a review."""
    dice = random.Random(seed)
    with Store(path) as store:
        people.appoint(store.db, "Cleo", True, "Cleo")
        newest = releases.latest(store.db, "dense-520")
        mover = curate_work.Mover(releases.content(store.db, newest))
        for start in range(0, count, 500):
            with store.db.transaction():
                for number in range(start, min(start + 500, count)):
                    _add(store, mover, dice, number, edits)


def _add(
    store: Store, mover: curate_work.Mover, dice: random.Random, number: int, edits: int
) -> None:
    author = dice.choice(_AUTHORS)
    title = f"{dice.choice(_WORDS)}, round {number}"
    made = proposals.create(store, author, mover.draw(dice, edits), title)
    if number % 2:
        # As `proposals.propose`, without its check: the moves are sound, and it takes 20 ms.
        at = audit.now()
        proposals.set_state(store.db, made.number, at, author, state="proposed")
        audit.append(store.db, at, author, "proposed", proposal=made.number, detail={})
    elif number % 10 == 0:
        proposals.withdraw(store, author, made.number)


def opening(path: Path) -> Iterator[Figure]:
    """How long it takes until the list of a store can be shown, and each filter."""
    walls, works = [], []
    for _ in range(5):
        wall, work = time.perf_counter(), time.process_time()
        with Store(path) as store:
            found = listing.numbers(store.db)
            listing.some(store.db, found[:SHOWN])
        walls.append(time.perf_counter() - wall)
        works.append(time.process_time() - work)
    detail: dict[str, float] = {
        "proposals": len(found),
        "edits each": EDITS,
        "megabytes": round(path.stat().st_size / 1e6),
        "processor seconds, slowest": round(max(works), 3),
    }
    yield Figure(
        "store opened, its proposals in order, 100 of them read",
        max(walls),
        "s",
        1.0,
        detail=detail,
    )
    queries = {
        "state": Query(states=("proposed", "draft")),
        "unreviewed": Query(unreviewed=True),
        "author": Query(author="Bo"),
        "topology": Query(topology="dense-520"),
        "words of a title": Query(words="round 99"),
        "name of a landmark": Query(words="nose tip"),
        "id of a landmark": Query(words="dense-520:17"),
        "everything at once": Query(("proposed",), "dense-520", "Bo", "left", True),
    }
    walls, works = [], []
    detail = {}
    with Store(path) as store:
        for name, query in queries.items():
            for _ in range(3):
                wall, work = time.perf_counter(), time.process_time()
                found = listing.numbers(store.db, query)
                listing.some(store.db, found[:SHOWN])
                walls.append(1000 * (time.perf_counter() - wall))
                works.append(1000 * (time.process_time() - work))
            detail[f"{name} ({len(found)} found)"] = round(max(walls[-3:]), 1)
    detail["processor, slowest"] = round(max(works), 1)
    yield Figure("slowest filter", max(walls), "ms", 100.0, detail=detail)


def kill_writers(path: Path, kills: int, seed: int = 0) -> Killed:
    """Kill a process that acts on a store, over and over, and look at what is left each time."""
    dice = random.Random(seed)
    curate_work.prepare(path)
    heads: list[str] = []
    in_action = lost = half_done = 0
    findings: list[str] = []
    for kill in range(kills):
        child = _started("work", str(path), str(seed + kill))
        said: list[str] = []
        wanted = dice.randint(1, 6)
        while sum(line.startswith("done") for line in said) < wanted:
            said.append(_line(child))
        time.sleep(dice.uniform(0.0, 0.05))
        child.kill()
        rest, _ = child.communicate(timeout=60)
        said += [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
        words = [line.split() for line in said]
        heads += [word[1] for word in words if word[0] == "done"]
        in_action += words[-1][0] == "begin"
        with Store(path) as store:
            kept = {row[0] for row in store.db.rows("SELECT hash FROM audit")}
            findings = [f"{one.what}: {one.said}" for one in verify(store.db)]
        lost = sum(head not in kept for head in heads)
        half_done += bool(findings)
    return Killed(len(heads), in_action, lost, half_done, findings)


def edit_together(path: Path, seconds: float) -> Together:
    """Two processes save one draft as quickly as they can."""
    curate_work.prepare(path)
    children = [_started("save", str(path), str(seconds), str(seed)) for seed in range(2)]
    for child in children:
        assert _line(child).strip() == "ready"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    said = [child.communicate(timeout=seconds + 120)[0].split() for child in children]
    with Store(path) as store:
        (revisions,) = store.db.rows("SELECT count(*) FROM content WHERE proposal = 1")[0]
        title = proposals.proposal(store.db, 1).title
        findings = [f"{one.what}: {one.said}" for one in verify(store.db)]
    saved = tuple(words.count("saved") for words in said)
    stale = tuple(words.count("stale") for words in said)
    lost = max(sum(saved) - (revisions - 1), sum(saved) - int(title), 0)
    return Together(saved, stale, lost, findings)


def _started(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "app.bench.curate_work", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    line = child.stdout.readline()
    if not line:
        child.wait()
        raise RuntimeError(f"a process that should work on the store ended ({child.returncode})")
    return line


def _opening() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
        path = Path(folder) / "own.store"
        fill(path, PROPOSALS, EDITS)
        yield from opening(path)


def _kills() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
        told = kill_writers(Path(folder) / "own.store", KILLS)
    yield Figure(
        "store killed in mid-action: acknowledged actions lost, and stores left half done",
        told.lost + told.half_done,
        f"of {KILLS} kills",
        0,
        detail={
            "acknowledged actions": told.acknowledged,
            "kills in mid-action": told.killed_in_action,
            "findings": told.findings,
        },
    )


def _together() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
        told = edit_together(Path(folder) / "own.store", TOGETHER)
    yield Figure(
        "two processes editing one draft: updates lost",
        told.lost + len(told.findings),
        f"of {sum(told.saved)} saves in {TOGETHER:g} s",
        0,
        detail={
            "saved by each": told.saved,
            "refused and told, by each": told.stale,
            "findings": told.findings,
        },
    )


PARTS: Final[dict[str, Callable[[], Iterator[Figure]]]] = {
    "opening": _opening,
    "store-kills": _kills,
    "together": _together,
}
"""Of the suite ``curate``."""
