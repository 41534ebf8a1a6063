"""One SQLite file: opened with checks, brought up to date, written in whole transactions."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from app.curate.faults import AlteredError, BusyError, StoreError
from app.curate.schema import APPLICATION, MIGRATIONS

PATIENCE: Final = 15.0
"""Seconds that an action waits for another process to finish its own."""

_PRAGMAS: Final = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA synchronous = FULL",
    "PRAGMA cache_size = -16384",
)


class Database:
    """A connection, for one thread.

    Parameters
    ----------
    path : Path
        Made where it is absent, with its folder.
    migrations : sequence of str
        As `app.curate.schema.MIGRATIONS`.

    Raises
    ------
    StoreError
        If the file is no store, is of a newer program, or cannot be read or written.
    """

    def __init__(self, path: Path, migrations: Sequence[str] = MIGRATIONS) -> None:
        self.path = path
        self._migrations = migrations
        self._connection = self._opened()

    def _opened(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
        except (OSError, sqlite3.Error) as problem:
            said = getattr(problem, "strerror", None) or problem
            raise StoreError(f"{self.path}: cannot be opened: {said}") from None
        try:
            for pragma in _PRAGMAS:
                connection.execute(pragma)
            patiently(lambda: _prepare(connection, self.path, self._migrations))
            _check_tables(connection, self.path, self._migrations)
        except sqlite3.DatabaseError as problem:
            connection.close()
            raise _said(self.path, problem) from None
        except BaseException:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        self._connection.close()

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a question.

        Raises
        ------
        StoreError
        """
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as problem:
            raise _said(self.path, problem) from None

    def each(self, sql: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """As `rows`, one after the other."""
        try:
            yield from self._connection.execute(sql, values)
        except sqlite3.Error as problem:
            raise _said(self.path, problem) from None

    def row(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        """The first row, if there is one."""
        found = self.rows(sql, *values)
        return found[0] if found else None

    def run(self, sql: str, *values: Any) -> int:
        """Change rows within `transaction`; the number of the row that was added last."""
        if not self._connection.in_transaction:
            raise RuntimeError("rows are changed within a transaction")
        return self._connection.execute(sql, values).lastrowid or 0

    def run_many(self, sql: str, values: Sequence[Sequence[Any]]) -> None:
        """`run` for many rows."""
        if not self._connection.in_transaction:
            raise RuntimeError("rows are changed within a transaction")
        self._connection.executemany(sql, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it is written, on the disk when this is left, or nothing.

        One that is begun within another is part of it.

        Raises
        ------
        StoreError
            If another process holds the store for longer than `PATIENCE`, or the disk is full.
        """
        if self._connection.in_transaction:
            yield
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute("COMMIT")
        except sqlite3.Error as problem:
            self._roll_back()
            raise _said(self.path, problem) from None
        except BaseException:
            self._roll_back()
            raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything that is read within is of one moment, whatever others write."""
        if self._connection.in_transaction:
            yield
            return
        try:
            self._connection.execute("BEGIN")
            yield
        except sqlite3.Error as problem:
            raise _said(self.path, problem) from None
        finally:
            self._roll_back()

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def patiently(attempt: Callable[[], None]) -> None:
    """Try again while another process holds the file: switching to WAL does not wait by itself."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return attempt()
        except sqlite3.OperationalError as problem:
            if "locked" not in str(problem) or time.monotonic() > until:
                raise
            time.sleep(0.02)


def _prepare(connection: sqlite3.Connection, path: Path, migrations: Sequence[str]) -> None:
    version = _version(connection, path, len(migrations))
    if version == len(migrations):
        return
    if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
        raise StoreError(f"{path}: this disk does not allow SQLite's write-ahead log")
    if version:
        _set_aside(connection, path.with_name(f"{path.name}.v{version}.bak"))
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number in range(_version(connection, path, len(migrations)), len(migrations)):
            for statement in statements(migrations[number]):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        if connection.execute("PRAGMA foreign_key_check").fetchone():
            raise StoreError(f"{path}: cannot be brought up to date, rows refer to nothing")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection, path: Path, newest: int) -> int:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if not application and not version and not tables:
        return 0
    if application != APPLICATION or version < 1:
        raise StoreError(f"{path}: this is a database, but no store of topologies")
    if version > newest:
        raise StoreError(
            f"{path}: written by a newer program (version {version} of the tables, this one "
            f"knows {newest})"
        )
    return int(version)


def _set_aside(connection: sqlite3.Connection, path: Path) -> None:
    """A whole copy from before the tables change."""
    with closing(sqlite3.connect(path)) as copy:
        connection.backup(copy)


def statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one, so that they run within one transaction."""
    statement = ""
    for piece in script.split(";"):
        statement += piece + ";"
        if sqlite3.complete_statement(statement):
            if statement.strip(" ;\n"):
                yield statement
            statement = ""


def _check_tables(connection: sqlite3.Connection, path: Path, migrations: Sequence[str]) -> None:
    """Refuse a store whose tables or triggers are not those that were made."""
    sql = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
    with closing(sqlite3.connect(":memory:")) as fresh:
        for script in migrations:
            fresh.executescript(script)
        wanted = {row[:2]: row[2] for row in fresh.execute(sql)}
    found = {row[:2]: row[2] for row in connection.execute(sql)}
    for (kind, name), text in wanted.items():
        if found.get((kind, name)) != text:
            raise AlteredError(f"{path}: its {kind} {name!r} was altered or removed")
    for kind, name in found.keys() - wanted.keys():
        raise AlteredError(f"{path}: its {kind} {name!r} does not belong to a store")


def _said(path: Path, problem: sqlite3.Error) -> StoreError:
    text = str(problem)
    if "locked" in text:
        return BusyError(f"{path}: another process holds it; try again")
    if "not a database" in text:
        return StoreError(f"{path}: this is no store of topologies")
    if "malformed" in text or "corrupt" in text:
        return AlteredError(f"{path}: the file is damaged ({text}); restore it from a copy")
    if "history" in text:
        return AlteredError(f"{path}: {text}")
    return StoreError(f"{path}: {text}")
