"""Shards of drivers: Arrow files of a thousand pictures, mapped into memory, read in any order.

Pictures and masks stay as they are in the data set, byte for byte; depth is left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.dataset import manifest
from app.dataset.driver_files import DriverAnnotationError
from app.dataset.driver_maker import read_driver_record
from app.dataset.driver_sample import (
    DriverFacts,
    DriverSample,
    DriverSampleError,
    decode_picture,
    decode_segments,
    decoded,
    read_encoded,
)
from app.dataset.packed import SUFFIX, ShardError
from app.dataset.spec import SpecError
from app.files import write_bytes

FORMAT: Final = "headroom-driver-shard"
VERSION: Final = 1
ROWS: Final = 1000
"""Pictures of a shard."""

_FACTS: Final = (
    "person", "sequence", "number", "time", "behaviour", "light", "infra_red", "car",
    "right_hand_drive", "mount",
)  # fmt: skip

Row = dict[str, Any]


class DriverShard:
    """Pictures of one shard.

    Raises
    ------
    ShardError
        When the file is no shard of drivers.
    """

    def __init__(self, path: Path) -> None:
        self._table = _table(path)
        self.people: NDArray[np.int64] = self.column("person").astype(np.int64)

    def column(self, name: str) -> NDArray[Any]:
        values = self._table.column(name).to_numpy(zero_copy_only=False)
        return np.asarray(values.astype(str) if values.dtype == object else values)

    def sample(self, index: int) -> DriverSample:
        row = self._table.slice(index, 1).to_pylist()[0]
        try:
            picture, segments = decode_picture(row["picture"]), decode_segments(row["segments"])
        except DriverSampleError as problem:
            raise ShardError(f"picture {index} of a shard: {problem}") from None
        return DriverSample(
            picture,
            segments,
            np.frombuffer(row["wheel"], "<f4"),
            np.frombuffer(row["hands"], "<f4").reshape(2, 21, 2),
            np.array([row["left"], row["right"]], np.int8),
            np.array([row["left_distance"], row["right_distance"]], np.float32),
            np.array([row["left_pixels"], row["right_pixels"]], np.int32),
            DriverFacts(**{name: row[name] for name in _FACTS}),
        )


def shards_in(folder: Path) -> list[Path]:
    """Shards of a folder, or the one that is named.

    Raises
    ------
    ShardError
    """
    found = [folder] if folder.is_file() else sorted(folder.glob(f"*{SUFFIX}"))
    if not found:
        raise ShardError(
            f"{folder} holds no drivers: make some with 'generate-driver', or pack them with "
            "'dataset pack --drivers'"
        )
    return found


def pack_drivers(root: Path, folder: Path, told: Callable[[int, int], None]) -> int:
    """Make shards of a data set; those that are there already are kept.

    Parameters
    ----------
    root : Path
        As ``generate-driver`` wrote it.
    folder : Path
        Of the shards.
    told : callable
        Gets pictures done and pictures in all.

    Returns
    -------
    int
        Pictures in all shards.

    Raises
    ------
    ShardError
        When the data set is no such thing, or a picture of it is damaged.
    OSError
    """
    try:
        seed = read_driver_record(root).spec.seed
        rows = [(r["folder"], r["id"]) for r in manifest.rows(root, ("folder", "id"))]
    except (SpecError, manifest.ManifestError) as problem:
        raise ShardError(f"{root}: {problem}") from None
    folder.mkdir(parents=True, exist_ok=True)
    for first in range(0, len(rows), ROWS):
        path = folder / f"drivers-{seed}-{first // ROWS:04d}{SUFFIX}"
        some = rows[first : first + ROWS]
        if not path.is_file():
            about = {"data": root.name, "seed": seed, "first": first, "pictures": len(some)}
            write_driver_shard(path, _encoded(root, some, seed), about)
        told(first + len(some), len(rows))
    return len(rows)


def write_driver_shard(path: Path, rows: Iterator[Row], about: Row) -> None:
    """Write a shard in one step.

    Raises
    ------
    OSError
    """
    import pyarrow as pa

    words = json.dumps({"format": FORMAT, "version": VERSION, **about})
    table = pa.Table.from_pylist(list(rows), schema=_schema().with_metadata({FORMAT: words}))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    write_bytes(path, sink.getvalue().to_pybytes())


def _encoded(root: Path, places: Sequence[tuple[str, str]], seed: int) -> Iterator[Row]:
    for folder, id_ in places:
        try:
            picture, segments, content = read_encoded(root, folder, id_)
            sample = decoded(picture, segments, content, seed)
        except (DriverSampleError, DriverAnnotationError) as problem:
            raise ShardError(
                f"{root / folder}, picture {id_}: {problem} ('dataset check' tells more)"
            ) from None
        yield {
            "picture": picture,
            "segments": segments,
            "wheel": sample.wheel.astype("<f4").tobytes(),
            "hands": sample.hands.astype("<f4").tobytes(),
            **{name: int(sample.states[k]) for k, name in enumerate(("left", "right"))},
            "left_distance": float(sample.distances[0]),
            "right_distance": float(sample.distances[1]),
            "left_pixels": int(sample.shown[0]),
            "right_pixels": int(sample.shown[1]),
            **asdict(sample.facts),
        }


def _schema() -> Any:
    import pyarrow as pa

    kinds = dict.fromkeys(("picture", "segments", "wheel", "hands"), pa.binary())
    kinds |= dict.fromkeys(("left", "right"), pa.int8())
    kinds |= dict.fromkeys(("left_distance", "right_distance", "time"), pa.float32())
    kinds |= dict.fromkeys(("left_pixels", "right_pixels", "sequence"), pa.int32())
    kinds |= dict.fromkeys(("person", "number"), pa.int64())
    kinds |= dict.fromkeys(("behaviour", "light", "car", "mount"), pa.string())
    kinds |= dict.fromkeys(("infra_red", "right_hand_drive"), pa.bool_())
    return pa.schema([pa.field(name, kind) for name, kind in kinds.items()])


def _table(path: Path) -> Any:
    import pyarrow as pa

    try:
        table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    except (OSError, pa.ArrowInvalid) as fault:
        raise ShardError(f"{path} is no shard: {' '.join(str(fault).split())}") from None
    words = json.loads((table.schema.metadata or {}).get(FORMAT.encode(), b"{}"))
    if words.get("version") != VERSION:
        raise ShardError(
            f"{path} is no shard of drivers of this version: make it with 'dataset pack --drivers'"
        )
    return table
