"""Whatever is altered behind a store's back is found, named, and not used."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from app.curate import approving, audit, comments, people, proposals, releases, reviews
from app.curate.faults import AlteredError, StoreError
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


def cells(path: Path) -> list[tuple[str, str, str]]:
    """Every column of every table that holds anything, with its type."""
    with closing(sqlite3.connect(path)) as raw:
        tables = [row[0] for row in raw.execute("SELECT name FROM pragma_table_list") if row]
        return [
            (table, column, kind)
            for table in tables
            if not table.startswith("sqlite_")
            for _, column, kind, *_ in raw.execute(f"PRAGMA table_info({table})")
            if raw.execute(f"SELECT 1 FROM {table} WHERE {column} IS NOT NULL").fetchone()
        ]


GARBAGE = {
    "TEXT": ["'\u2603'", "''"],
    "INTEGER": ["7777", "-1", "9223372036854775807"],
    "REAL": ["-1e308", "1e999"],
    "BLOB": ["x''", "x'ff00'", "CAST('[[' AS BLOB)", "CAST('{}' AS BLOB)", "CAST('1' AS BLOB)"],
}


def test_garbage_in_any_cell_is_found_and_never_breaks_what_reads_it(
    busy: Path, tmp_path: Path
) -> None:
    tried = 0
    path = tmp_path / "copy.store"
    whole = busy.read_bytes()
    for place, (table, column, kind) in enumerate(cells(busy)):
        # All values were tried once; one for each column keeps the test quick.
        for value in GARBAGE[kind][place % len(GARBAGE[kind]) :][:1]:
            path.write_bytes(whole)
            with closing(sqlite3.connect(path)) as raw:
                raw.execute("PRAGMA ignore_check_constraints = ON")
                triggers = raw.execute(
                    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
                ).fetchall()
                for name, _ in triggers:
                    raw.execute(f"DROP TRIGGER {name}")
                where = f"rowid = (SELECT max(rowid) FROM {table} WHERE {column} IS NOT NULL)"
                first = f"{column} = (SELECT max({column}) FROM {table})"
                try:
                    raw.execute(f"UPDATE {table} SET {column} = {value} WHERE {where}")
                except sqlite3.IntegrityError:
                    continue
                except sqlite3.OperationalError:
                    try:
                        raw.execute(f"UPDATE {table} SET {column} = {value} WHERE {first}")
                    except sqlite3.IntegrityError:
                        continue
                for _, text in triggers:
                    raw.execute(text)
                raw.commit()
            with Store(path) as store:
                assert verify(store.db), (table, column, value)
                for number in range(1, 4):
                    with suppress(StoreError):
                        found = proposals.proposal(store.db, number)
                        proposals.changes_of(store.db, found)
                for name in releases.names(store.db):
                    with suppress(StoreError):
                        for release in releases.history(store.db, name):
                            releases.content(store.db, release)
            tried += 1
    assert tried > 30


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
