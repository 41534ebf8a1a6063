"""Shards: Arrow files of a thousand samples or so, mapped into memory, read in any order.

Written once by the makers of data, read by everything that learns. A shard is written aside and
renamed, so one that has its name is whole.
"""

from __future__ import annotations

import bisect
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.dataset.sample import POINTS, SIDE, TOPOLOGIES, Floats, Sample, Traits
from app.files import write_bytes

FORMAT: Final = "headroom-shard"
VERSION: Final = 1
SUFFIX: Final = ".arrow"
MAX_BYTES: Final = 60 * 2**20
"""Of a shard that travels."""

_STEP: Final = 1e-4
_ZERO: Final = 32768
_QUALITY: Final = 95


class ShardError(ValueError):
    """The file is no shard; the message is one line that says why."""


@dataclass(frozen=True)
class Encoded:
    """A sample as it stands in a shard."""

    picture: bytes
    segments: bytes
    depth: bytes
    points: bytes
    visible: bytes
    rotation: bytes
    angles: bytes
    centre: bytes
    distance: float
    focal: float
    person: int
    skin_tone: float
    age: float
    gender: float
    glasses: bool
    beard: bool
    hat: bool
    backdrop: str


def encode(sample: Sample) -> Encoded:
    """Colour as JPEG, segments and depth (in steps of 0.1 mm) as PNG, the rest as it is."""
    return Encoded(
        _coded(".jpg", sample.picture[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]),
        _coded(".png", sample.segments, [cv2.IMWRITE_PNG_COMPRESSION, 3]),
        _coded(".png", _steps(sample.depth), [cv2.IMWRITE_PNG_COMPRESSION, 3]),
        sample.points.astype("<f4").tobytes(),
        np.packbits(sample.visible).tobytes(),
        sample.rotation.astype("<f4").tobytes(),
        sample.angles.astype("<f4").tobytes(),
        sample.centre.astype("<f4").tobytes(),
        sample.distance,
        sample.focal,
        sample.person,
        **asdict(sample.traits),
        backdrop=sample.backdrop,
    )


def decode(row: Mapping[str, Any]) -> Sample:
    """The inverse of `encode`, but for what JPEG takes away."""
    picture = cv2.imdecode(np.frombuffer(row["picture"], np.uint8), cv2.IMREAD_COLOR)
    segments = cv2.imdecode(np.frombuffer(row["segments"], np.uint8), cv2.IMREAD_UNCHANGED)
    steps = cv2.imdecode(np.frombuffer(row["depth"], np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None or segments is None or steps is None:
        raise ShardError("a picture of the shard is damaged")
    return Sample(
        cv2.cvtColor(picture, cv2.COLOR_BGR2RGB),
        segments,
        _metres(steps),
        np.frombuffer(row["points"], "<f4").reshape(POINTS, 3),
        np.unpackbits(np.frombuffer(row["visible"], np.uint8), count=POINTS).astype(bool),
        np.frombuffer(row["rotation"], "<f4").reshape(3, 3),
        np.frombuffer(row["angles"], "<f4"),
        np.frombuffer(row["centre"], "<f4"),
        row["distance"],
        row["focal"],
        row["person"],
        Traits(**{f.name: row[f.name] for f in fields(Traits)}),
        row["backdrop"],
    )


def write_shard(path: Path, samples: Iterable[Encoded], about: Mapping[str, Any]) -> int:
    """Write a shard in place of any that is there.

    Parameters
    ----------
    path : Path
    samples : iterable of Encoded
    about : mapping
        What the samples were made from, for JSON.

    Returns
    -------
    int
        Its size in bytes.
    """
    import pyarrow as pa

    rows = [asdict(s) for s in samples]
    words = {"format": FORMAT, "version": VERSION, "topologies": TOPOLOGIES, **about}
    table = pa.Table.from_pylist(rows, schema=_schema().with_metadata({FORMAT: json.dumps(words)}))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    data = sink.getvalue().to_pybytes()
    write_bytes(path, data)
    return len(data)


class Packed:
    """All samples of folders of shards, by their number.

    Shards are mapped into memory again in every process that unpickles this.

    Parameters
    ----------
    folders : sequence of Path
        Each a folder of shards, or one shard.

    Attributes
    ----------
    people : ndarray of int, shape (N,)
        Whom each sample shows.

    Raises
    ------
    ShardError
        When a folder holds no shard, or a file is none.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.paths = tuple(p for folder in folders for p in _shards(Path(folder)))
        self._open()

    def __getstate__(self) -> tuple[Path, ...]:
        return self.paths

    def __setstate__(self, paths: tuple[Path, ...]) -> None:
        self.paths = paths
        self._open()

    def __len__(self) -> int:
        return int(self._starts[-1])

    def sample(self, index: int) -> Sample:
        """The sample of a number from 0."""
        return decode(self.row(index))

    def row(self, index: int) -> Mapping[str, Any]:
        """The same, not decoded."""
        if not 0 <= index < len(self):
            raise IndexError(f"there is no sample {index} among {len(self)}")
        shard = bisect.bisect_right(self._starts, index) - 1
        own = index - self._starts[shard]
        row: Mapping[str, Any] = self._tables[shard].slice(own, 1).to_pylist()[0]
        return row

    def column(self, name: str) -> NDArray[Any]:
        """One of the plain columns for all samples, such as ``age`` or ``distance``."""
        return np.concatenate([t.column(name).to_numpy(zero_copy_only=False) for t in self._tables])

    def angles(self) -> NDArray[np.float32]:
        """Yaw, pitch and roll of all samples in degrees, ``pose_para``, shape (N, 3)."""
        rows = [b for t in self._tables for b in t.column("angles").to_pylist()]
        return np.frombuffer(b"".join(rows), "<f4").reshape(-1, 3)

    def points(self) -> NDArray[np.float32]:
        """Points of all samples, shape (N, 588, 3); 7 KB each."""
        rows = [b for t in self._tables for b in t.column("points").to_pylist()]
        return np.frombuffer(b"".join(rows), "<f4").reshape(-1, POINTS, 3)

    def _open(self) -> None:
        self._tables = [_table(p) for p in self.paths]
        self._starts = [0, *np.cumsum([t.num_rows for t in self._tables]).tolist()]
        self.people = self.column("person").astype(np.int64)


def about(path: Path) -> dict[str, Any]:
    """What a shard was made from.

    Raises
    ------
    ShardError
    """
    words: dict[str, Any] = json.loads(_table(path).schema.metadata[FORMAT.encode()])
    return words


def _shards(folder: Path) -> list[Path]:
    found = [folder] if folder.is_file() else sorted(folder.glob(f"*{SUFFIX}"))
    if not found:
        raise ShardError(f"{folder} holds no shards (*{SUFFIX}): make some with 'dataset pack'")
    return found


def _table(path: Path) -> Any:
    import pyarrow as pa

    try:
        table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    except (OSError, pa.ArrowInvalid) as fault:
        reason = " ".join(str(fault).split())
        raise ShardError(f"{path} is no shard: {reason}") from None
    words = json.loads((table.schema.metadata or {}).get(FORMAT.encode(), b"{}"))
    if words.get("version") != VERSION or tuple(words.get("topologies", ())) != TOPOLOGIES:
        raise ShardError(f"{path} is no shard of this version: make it anew with 'dataset pack'")
    return table


def _schema() -> Any:
    import pyarrow as pa

    kinds = {"bytes": pa.binary(), "float": pa.float32(), "int": pa.int32()}
    kinds |= {"bool": pa.bool_(), "str": pa.string()}
    return pa.schema([pa.field(f.name, kinds[str(f.type)]) for f in fields(Encoded)])


def _coded(suffix: str, picture: NDArray[Any], options: list[int]) -> bytes:
    done, data = cv2.imencode(suffix, picture, options)
    if not done:
        raise ShardError("a picture cannot be encoded")
    return data.tobytes()


def _steps(depth: Floats) -> NDArray[np.uint16]:
    found = np.isfinite(depth)
    steps = np.rint(np.where(found, depth, 0.0) / _STEP) + _ZERO
    return np.where(found, steps.clip(1, 65535), 0).astype(np.uint16)


def _metres(steps: NDArray[Any]) -> Floats:
    metres = (steps.astype(np.float32) - _ZERO) * np.float32(_STEP)
    return np.where(steps > 0, metres, np.float32(np.inf)).astype(np.float32)


def checked(sample: Sample) -> Sample:
    """The sample, if its arrays have the shapes of its kind.

    Raises
    ------
    ShardError
    """
    shapes = {
        "picture": (SIDE, SIDE, 3),
        "segments": (SIDE, SIDE),
        "depth": (SIDE, SIDE),
        "points": (POINTS, 3),
        "visible": (POINTS,),
    }
    for name, shape in shapes.items():
        if getattr(sample, name).shape != shape:
            raise ShardError(f"{name}: {getattr(sample, name).shape} in place of {shape}")
    return sample
