"""A store of proposals and releases: one file that several people and processes work on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.curate import audit, people
from app.curate.database import Database
from app.curate.seeding import seed
from app.paths import data_dir

FILE = "topologies.store"


def default_path() -> Path:
    """The user's own store."""
    return data_dir() / FILE


class Store:
    """An open store, for one thread.

    Everything that changes it is one transaction with its entries in the audit trail; see
    `app.curate.proposals`, `app.curate.reviews`, `app.curate.comments`, `app.curate.releases`.

    Parameters
    ----------
    path : Path
        Made where it is absent.

    Raises
    ------
    StoreError
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.db = Database(path)
        try:
            self.notes = seed(self.db)
        except BaseException:
            self.db.close()
            raise

    def close(self) -> None:
        self.db.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def written_elsewhere(self) -> int:
        """A number that is another one once somebody else has written; quick to ask for."""
        return int(self.db.rows("PRAGMA data_version")[0][0])

    @contextmanager
    def action(self, by: str) -> Iterator[tuple[str, str]]:
        """One transaction of somebody: gives the name as it is kept and the time.

        Raises
        ------
        StoreError
            If the name cannot be used, or another process holds the store for too long.
        """
        with self.db.transaction():
            at = audit.now()
            yield people.joined(self.db, at, by), at
