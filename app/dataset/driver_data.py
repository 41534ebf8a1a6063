"""Pictures of drivers from data sets as they were made, or from shards of them, by number."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from app.dataset import manifest
from app.dataset.driver_files import DriverAnnotationError
from app.dataset.driver_maker import FILE, read_driver_record
from app.dataset.driver_packed import DriverShard, shards_in
from app.dataset.driver_sample import (
    STATES,
    DriverSample,
    DriverSampleError,
    person_of,
    read_driver_sample,
)
from app.dataset.packed import ShardError
from app.dataset.spec import SpecError

COLUMNS: Final = (
    "sequence", "number", "time", "behaviour", "light", "infra_red", "car", "right_hand_drive",
    "mount", "left", "right", "left_distance", "right_distance",
)  # fmt: skip
"""What is known of every picture without opening it; ``left`` and ``right`` are numbers of
`app.dataset.driver_sample.STATES`."""


class Part(Protocol):
    """Some pictures of drivers; ``people`` (N,) tells whom each shows."""

    people: NDArray[np.int64]

    def column(self, name: str) -> NDArray[Any]: ...

    def sample(self, index: int) -> DriverSample: ...


class DriverFolder:
    """A data set as ``generate-driver`` wrote it.

    Raises
    ------
    ShardError
        When its record or manifest is missing or damaged; the message is one line.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            self.seed = read_driver_record(root).spec.seed
            rows = list(manifest.rows(root, ("folder", "id", "driver", *COLUMNS)))
        except (SpecError, manifest.ManifestError) as problem:
            raise ShardError(f"{root}: {problem}") from None
        self._places = [(str(row["folder"]), str(row["id"])) for row in rows]
        self.people = np.array([person_of(self.seed, row["driver"]) for row in rows], np.int64)
        self._columns = {
            name: np.array([_plain(name, row[name]) for row in rows]) for name in COLUMNS
        }

    def column(self, name: str) -> NDArray[Any]:
        return self._columns[name]

    def sample(self, index: int) -> DriverSample:
        """The picture of a number.

        Raises
        ------
        ShardError
            When its files are missing or damaged.
        """
        folder, id_ = self._places[index]
        try:
            return read_driver_sample(self.root, folder, id_, self.seed)
        except (DriverSampleError, DriverAnnotationError) as problem:
            raise ShardError(f"{self.root / folder}, picture {id_}: {problem}") from None
        except OSError as problem:
            raise ShardError(f"{problem.filename}: {problem.strerror}") from None


class Drivers:
    """All pictures of some data sets and shards.

    Parameters
    ----------
    folders : sequence of Path
        Each a data set of drivers, a folder of shards, or one shard.

    Attributes
    ----------
    people : ndarray of int, shape (N,)
        Whom each picture shows, by `app.dataset.driver_sample.person_of`.

    Raises
    ------
    ShardError
        When a folder holds no pictures of drivers.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(Path(folder) for folder in folders)
        self._open()

    def __getstate__(self) -> tuple[Path, ...]:
        return self.folders

    def __setstate__(self, folders: tuple[Path, ...]) -> None:
        self.folders = folders
        self._open()

    def __len__(self) -> int:
        return int(self._starts[-1])

    def column(self, name: str) -> NDArray[Any]:
        """One of `COLUMNS` for all pictures."""
        return np.concatenate([part.column(name) for part in self._parts])

    def sample(self, index: int) -> DriverSample:
        """The picture of a number from 0.

        Raises
        ------
        ShardError
        """
        if not 0 <= index < len(self):
            raise IndexError(f"there is no picture {index} among {len(self)}")
        part = bisect.bisect_right(self._starts, index) - 1
        return self._parts[part].sample(index - self._starts[part])

    def _open(self) -> None:
        self._parts = [part for folder in self.folders for part in _parts_in(folder)]
        if not self._parts:
            raise ShardError("no folder of drivers was named")
        self._starts = [0, *np.cumsum([len(part.people) for part in self._parts]).tolist()]
        self.people = np.concatenate([part.people for part in self._parts])


def is_drivers(folder: Path) -> bool:
    """Whether a folder is a data set of drivers as it was made."""
    return (folder / FILE).is_file()


def _parts_in(folder: Path) -> list[Part]:
    if is_drivers(folder):
        return [DriverFolder(folder)]
    return [DriverShard(path) for path in shards_in(folder)]


def _plain(name: str, value: Any) -> Any:
    return STATES[value] if name in ("left", "right") else value
