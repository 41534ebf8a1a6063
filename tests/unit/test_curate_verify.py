"""Whatever is altered behind a store's back is found, named, and not used."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.curate import approving, audit, comments, people, proposals, releases, reviews
from app.curate.faults import AlteredError
from app.curate.store import Store
from app.curate.verify import verify
from tests.unit.small_curation import ARTIST, CURATOR, NAME, OTHER, edits, mark, opened, proposed


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which everything has happened."""
    path = tmp_path_factory.mktemp("busy") / "own.store"
    with opened(path) as store:
        one, two = proposed(store, {3: 1.0, 4: 1.0}), proposed(store, {3: -1.0, 9: 1.0})
        comments.add(store, OTHER, two.number, "Hm.", mark(9), "close")
        people.set_self_approval(store.db, True, CURATOR)
        approving.approve(store, CURATOR, one.number)
        reviews.settle(store, CURATOR, two.number, mark(3), "take")
        reviews.review(store, CURATOR, two.number, [mark(9)], "rejected", "no")
        draft = proposals.create(store, ARTIST, edits(store, {1: 1.0}), "Draft")
        proposals.save(store, ARTIST, draft.number, edits(store, {1: 2.0}), 1)
        assert verify(store.db) == []
    return path


@pytest.fixture
def altered(busy: Path, tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """Runs SQL on a copy as somebody with a database editor would, and opens it."""
    stores: list[Store] = []

    def alter(sql: str, *values: Any) -> Store:
        path = tmp_path / "copy.store"
        shutil.copy(busy, path)
        with closing(sqlite3.connect(path)) as raw:
            triggers = raw.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall()
            for name, _ in triggers:
                raw.execute(f"DROP TRIGGER {name}")
            assert raw.execute(sql, values).rowcount > 0
            for _, text in triggers:
                raw.execute(text)
            raw.commit()
        stores.append(Store(path))
        return stores[-1]

    yield alter
    for store in stores:
        store.close()


def swap(table: str, column: str, old: str, new: str, where: str = "1") -> str:
    """SQL that puts other words into a BLOB."""
    made = f"CAST(replace({column}, '{old}', '{new}') AS BLOB)"
    return f"UPDATE {table} SET {column} = {made} WHERE {where}"


ALTERATIONS = {
    swap("release", "content", "0.07", "0.08", "number = 5"): "release 5",
    swap("release", "record", "Cleo", "Chloe", "number = 5"): "release 5",
    "UPDATE release SET parent = NULL WHERE number = 5": "release 5",
    "UPDATE release SET hash = 'a' WHERE number = 5": "release 5",
    "UPDATE release SET number = 7 WHERE number = 5": "release",
    "DELETE FROM release WHERE number = 5": "release 5",
    "UPDATE proposal SET state = 'approved' WHERE number = 2": "proposal 2",
    "UPDATE proposal SET author = 'Bo' WHERE number = 2": "proposal 2",
    "UPDATE proposal SET title = 'Better' WHERE number = 3": "proposal 3",
    "UPDATE proposal SET base = 5 WHERE number = 2": "proposal 2",
    "UPDATE proposal SET revision = 1 WHERE number = 3": "proposal 3",
    "UPDATE proposal SET released = 4 WHERE number = 1": "proposal 1",
    "UPDATE proposal SET points = 3 WHERE number = 2": "proposal 2",
    "UPDATE proposal SET approved = 2, rejected = 0 WHERE number = 2": "proposal 2",
    "UPDATE proposal SET changed = '2020-01-01' WHERE number = 2": "proposal 2",
    "UPDATE edit SET verdict = 'approved' WHERE proposal = 2": "proposal 2",
    swap("edit", "settled", "take", "keep", "settled IS NOT NULL"): ("proposal 2"),
    "UPDATE edit SET distance = 0.5 WHERE proposal = 1": "proposal 1",
    "UPDATE edit SET kind = 'removed' WHERE proposal = 3": "proposal 3",
    "UPDATE edit SET becomes = x'00' WHERE proposal = 3": "proposal 3",
    "DELETE FROM edit WHERE proposal = 2": "proposal 2",
    "UPDATE point SET name = name || '!'": "proposal 1",
    "UPDATE content SET changes = zeroblob(40) WHERE proposal = 3 AND revision = 1": "proposal 3",
    "UPDATE content SET sha256 = 'b' WHERE proposal = 1": "proposal 1",
    "DELETE FROM content WHERE proposal = 3 AND revision = 1": "proposal 3",
    "INSERT INTO content SELECT proposal, 9, sha256, changes FROM content WHERE revision = 2": (
        "proposal 3"
    ),
    "UPDATE comment SET text = 'Fine.'": "proposal 2",
    "UPDATE comment SET author = 'Cleo'": "proposal 2",
    "DELETE FROM comment": "proposal 2",
    "UPDATE person SET curator = 1 WHERE name = 'Ana'": "the role of Ana",
    "INSERT INTO person VALUES ('Eve', 1)": "the role of Eve",
    "UPDATE rule SET value = 0": "the rule",
    "UPDATE audit SET by = 'Bo' WHERE number = 9": "the audit trail",
    "UPDATE audit SET at = '2020-01-01' WHERE number = 9": "the audit trail",
    swap("audit", "detail", "rejected", "approved"): "the audit trail",
    "DELETE FROM audit WHERE number = 9": "the audit trail",
    "DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)": "proposal 3",
}


@pytest.mark.parametrize("sql", ALTERATIONS)
def test_an_alteration_is_found_and_named(altered: Callable[..., Store], sql: str) -> None:
    found = verify(altered(sql).db)
    assert any(one.what.startswith(ALTERATIONS[sql]) for one in found), found
    assert all("\n" not in one.said for one in found)


def test_an_altered_release_is_refused(altered: Callable[..., Store]) -> None:
    store = altered(swap("release", "content", "0.07", "0.08", "number = 5"))
    with pytest.raises(AlteredError, match="release 5 of ibug-68 was altered"):
        releases.content(store.db, releases.latest(store.db, NAME))
    with pytest.raises(AlteredError):
        approving.approve(store, CURATOR, 2)


def test_an_altered_proposal_is_refused(altered: Callable[..., Store]) -> None:
    store = altered("UPDATE edit SET verdict = 'approved' WHERE proposal = 2")
    with pytest.raises(AlteredError, match="proposal 2 was altered"):
        approving.release(store, CURATOR, 2)
    other = altered("UPDATE content SET changes = zeroblob(40) WHERE proposal = 3 AND revision = 2")
    with pytest.raises(AlteredError, match="revision 2 of proposal 3"):
        proposals.propose(other, ARTIST, 3)


def test_nothing_is_built_on_an_altered_trail(altered: Callable[..., Store]) -> None:
    store = altered(
        "UPDATE audit SET detail = x'7b7d' WHERE number = (SELECT max(number) FROM audit)"
    )
    with pytest.raises(AlteredError, match="audit trail"):
        people.appoint(store.db, OTHER, True, CURATOR)
    with pytest.raises(AlteredError):
        comments.add(store, OTHER, 1, "hello")


def test_a_trail_that_was_rewritten_as_a_whole_lacks_the_entry_that_was_noted(
    busy: Path, tmp_path: Path
) -> None:
    with Store(busy) as store:
        noted = audit.head(store.db)
        assert verify(store.db, noted) == []
    with opened(tmp_path / "forged.store") as forged:
        (found,) = verify(forged.db, noted)
    assert "rewritten" in found.said


def test_a_damaged_file_is_found_and_left_as_it_is(busy: Path, tmp_path: Path) -> None:
    path = tmp_path / "damaged.store"
    data = bytearray(busy.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 20_000] = b"\x07" * 20_000
    path.write_bytes(data)
    try:
        with Store(path) as store:
            assert verify(store.db)
    except AlteredError as problem:
        assert "damaged" in str(problem)
    assert path.read_bytes()[middle : middle + 20_000] == b"\x07" * 20_000
