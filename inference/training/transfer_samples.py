"""What the face network finds in augmented crops beside the truth, kept in a file between runs."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.dataset.packed import Packed
from app.dataset.sample import POINTS, held_out
from app.files import aside
from app.paths import cache_dir
from inference.sessions import Session
from inference.training.face_samples import FaceData, FaceSamples
from inference.training.task import Item, Part

STEP: Final = 2.0**-14
"""Crop units in which places are kept."""

KEPT: Final = 4
"""Files that stay; older ones make room."""

_BATCH: Final = 32
_LOOKS_HELD: Final = 1
_LOG: Final = logging.getLogger(__name__)


class TransferSamples:
    """Points that were found, and true ones, both (588, 3) in crop units.

    Parameters
    ----------
    path : Path
        An array (M, 2, 588, 3) of int16 in steps of `STEP`, found before true.
    people : ndarray of int, shape (M,)
    """

    def __init__(self, path: Path, people: NDArray[np.int64]) -> None:
        self.path, self._people = path, people
        self._kept = np.load(path, mmap_mode="r", allow_pickle=False)

    def __getstate__(self) -> tuple[Path, NDArray[np.int64]]:
        return self.path, self._people

    def __setstate__(self, state: tuple[Path, NDArray[np.int64]]) -> None:
        self.__init__(*state)  # type: ignore[misc]

    @property
    def people(self) -> NDArray[np.int64]:
        return self._people

    def __len__(self) -> int:
        return len(self._kept)

    def item(self, index: int, rng: np.random.Generator) -> Item:
        """``landmarks`` as they were found and ``points`` as they are, (588, 3) in crop units."""
        del rng
        found, truth = np.asarray(self._kept[index], np.float32) * np.float32(STEP)
        return {"landmarks": found, "points": truth}


@dataclass(frozen=True)
class Source:
    """What the samples are made from.

    Attributes
    ----------
    data : Packed
    session : Session
        The face network.
    settings : FaceData
        How crops are made; its size is that of the network, and none is without a face.
    frames : int
        So many samples of the shards at most, spread evenly.
    looks : int
        Crops of each of them that is trained on.
    """

    data: Packed
    session: Session
    settings: FaceData
    frames: int
    looks: int


def transfer_samples(source: Source, part: Part) -> TransferSamples:
    """The samples of a part, made on the first call with these settings.

    Raises
    ------
    ModelError
        When the face network fails.
    OSError
        When the cache cannot be written.
    """
    held = held_out(source.data.people)
    numbers = np.flatnonzero(held if part == "holdout" else ~held)
    step = -(-len(numbers) // source.frames)
    chosen = numbers[:: max(step, 1)]
    samples = FaceSamples(source.data, chosen, source.settings, part == "train")
    looks = source.looks if part == "train" else _LOOKS_HELD
    path = _folder() / f"{_key(source, part)}.npy"
    beside = path.with_suffix(".people.npy")
    if not (path.is_file() and beside.is_file()):
        _LOG.info("looking at %d crops with %s", len(samples) * looks, source.session.path.name)
        _make(path, beside, samples, looks, source.session)
        _make_room(path)
    return TransferSamples(path, np.load(beside, allow_pickle=False))


def _make(path: Path, beside: Path, samples: FaceSamples, looks: int, session: Session) -> None:
    most = len(samples) * looks
    kept = np.empty((most, 2, POINTS, 3), np.int16)
    people = np.empty(most, np.int64)
    count = 0
    waiting: list[tuple[Item, int]] = []

    def flush() -> None:
        nonlocal count
        if not waiting:
            return
        pictures = np.stack([item["pictures"] for item, _ in waiting]).transpose(0, 3, 1, 2)
        given = np.ascontiguousarray(pictures, np.float32) / np.float32(255.0)
        found = session.run({"pictures": given})["landmarks"]
        for (item, person), points in zip(waiting, found, strict=True):
            pair = np.stack([points, item["points"]]) / STEP
            kept[count] = np.rint(pair).clip(-32768, 32767)
            people[count] = person
            count += 1
        waiting.clear()

    for number in range(most):
        index = number % len(samples)
        item = samples.item(index, np.random.default_rng([number, 1]))
        if float(item["face"]) > 0.5:
            waiting.append((item, int(samples.people[index])))
        if len(waiting) == _BATCH:
            flush()
    flush()
    for target, array in ((beside, people[:count]), (path, kept[:count])):
        with aside(target) as temporary, temporary.open("wb") as file:
            np.save(file, array, allow_pickle=False)


def _folder() -> Path:
    folder = cache_dir() / "transfer"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _make_room(newest: Path) -> None:
    files = sorted(newest.parent.glob("*.npy"), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in files[2 * KEPT :]:
        old.unlink(missing_ok=True)


def _key(source: Source, part: Part) -> str:
    """Of the face network's bytes, the shards and the settings."""
    shards = [(p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in source.data.paths]
    settings = msgspec.to_builtins(source.settings)
    words = json.dumps([part, source.frames, source.looks, settings, shards], sort_keys=True)
    mixed = hashlib.blake2b(source.session.path.read_bytes(), digest_size=12)
    mixed.update(words.encode())
    return mixed.hexdigest()
