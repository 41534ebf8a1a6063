"""The manifest of a data set: ``manifest.parquet``, one row a frame, in the order of the numbers.

While a data set is made, rows are kept in small parts under ``.parts``, each written in one step;
`join` makes one table of them. What the table holds follows from the frames alone, so that it is
the same bytes in whatever order they were made.
"""

from __future__ import annotations

import errno
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from app.dataset.frame import Frame
from app.files import aside

FILE: Final = "manifest.parquet"
PARTS: Final = ".parts"
ROWS_IN_A_GROUP: Final = 16384

POSES: Final = tuple(
    (relative, convention, angle)
    for relative in ("world", "camera")
    for convention in ("blender_xyz", "pose_para")
    for angle in ("yaw", "pitch", "roll")
)
"""Columns ``world_blender_xyz_yaw`` to ``camera_pose_para_roll``, degrees."""
FILE_KINDS: Final = ("color", "depth", "text", "mask", "annotation")

Row = dict[str, Any]
Schema = Callable[[Sequence[Row]], Any]


class ManifestError(ValueError):
    """The manifest is missing, damaged or incomplete; the message is one line that says why."""


def row(content: Mapping[str, Any], frame: Frame, data: bytes) -> Row:
    """The row of a frame.

    Parameters
    ----------
    content : mapping
        The annotation with its ``files``.
    frame : Frame
    data : bytes
        The annotation as it is written.
    """
    head, camera = content["head"], content["camera"]
    files = {
        **content["files"],
        "annotation": {"bytes": len(data), "crc32": zlib.crc32(data)},
    }
    poses = {"world": head["pose"]["of_the_world"], "camera": head["pose"]["of_the_camera"]}
    position = [line[3] for line in camera["camera_matrix"][:3]]
    return {
        "number": frame.number,
        "folder": frame.folder,
        "id": frame.id,
        "subject": frame.subject.folder,
        "person": frame.subject.person,
        "head": frame.subject.head,
        "motion": frame.motion,
        "expression": frame.expression,
        "background": background_of(frame),
        "renderer": content["renderer"],
        "effects": [effect.kind for effect in frame.effects],
        "width": camera["width"],
        "height": camera["height"],
        **{"_".join(key): poses[key[0]][key[1]][key[2]] for key in POSES},
        **{f"camera_{axis}": value for axis, value in zip("xyz", position, strict=True)},
        "distance": head["distance"],
        **{
            visible_column(name): sum(points["visible"])
            for name, points in content["landmarks"].items()
        },
        **{f"{kind}_bytes": files[kind]["bytes"] for kind in FILE_KINDS},
        **{f"{kind}_crc32": files[kind]["crc32"] for kind in FILE_KINDS},
    }


def background_of(frame: Frame) -> str:
    """The background by the word that a data set's specification has for it."""
    if frame.backdrop.kind == "room":
        return frame.backdrop.room or "room"
    return "pictures" if frame.backdrop.kind == "picture" else frame.backdrop.kind


def visible_column(topology: str) -> str:
    """Name of the column that counts a topology's visible points."""
    return f"visible_{re.sub(r'[^a-z0-9]+', '_', topology.lower())}"


def write_part(root: Path, rows: Sequence[Row]) -> None:
    """Keep the rows of some frames, whose numbers rise, until they are joined.

    Raises
    ------
    OSError
    """
    folder = root / PARTS
    folder.mkdir(parents=True, exist_ok=True)
    with aside(_part(root, rows[0]["number"])) as temporary:
        temporary.write_bytes(msgspec.msgpack.encode(list(rows)))


def has_part(root: Path, first: int) -> bool:
    """Whether the rows from a number on are kept; so these frames are done."""
    return _part(root, first).is_file()


def remove_part(root: Path, first: int) -> None:
    """Forget the rows from a number on; nothing happens where none are kept."""
    _part(root, first).unlink(missing_ok=True)


def remove_parts(root: Path) -> None:
    """Remove what is kept, after it was joined."""
    folder = root / PARTS
    if folder.is_dir():
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


def join(root: Path, schema: Schema | None = None) -> int:
    """Write ``manifest.parquet`` from all parts and return how many rows it has.

    Needs memory for `ROWS_IN_A_GROUP` rows, however many there are.

    Parameters
    ----------
    schema : callable, optional
        The types of the columns by the first rows; by default those of heads.

    Raises
    ------
    ManifestError
        When a part is damaged or two of them hold the same frame; it is named.
    OSError
    """
    folder = root / PARTS
    parts = sorted(folder.glob("[0-9]*.rows")) if folder.is_dir() else []
    return write(root, _rows_of(parts), schema)


def write(root: Path, rows: Iterable[Row], schema: Schema | None = None) -> int:
    """Write ``manifest.parquet`` from rows in the order of their numbers.

    Raises
    ------
    ManifestError
        When the numbers do not rise.
    OSError
    """
    import pyarrow
    import pyarrow.parquet

    group: list[Row] = []
    writer: Any = None
    count, last = 0, -1
    path = root / FILE

    def flush() -> None:
        nonlocal writer
        if writer is None:
            types = (schema or _schema)(group)
            writer = pyarrow.parquet.ParquetWriter(str(temporary), types, compression="zstd")
        writer.write_table(pyarrow.Table.from_pylist(group, writer.schema))
        group.clear()

    with aside(path) as temporary:
        try:
            for line in rows:
                if line["number"] <= last:
                    raise ManifestError(f"frame {line['number']} is there twice")
                last = line["number"]
                group.append(line)
                count += 1
                if len(group) == ROWS_IN_A_GROUP:
                    flush()
            if group or writer is None:
                flush()
        except pyarrow.ArrowException as problem:
            raise ManifestError(
                f"{FILE} cannot be made: {' '.join(str(problem).split())}"
            ) from None
        finally:
            if writer is not None:
                writer.close()
    return count


def count(root: Path) -> int | None:
    """How many frames the manifest lists; None where there is none that can be read."""
    try:
        return int(_open(root).metadata.num_rows)
    except (ManifestError, OSError):
        return None


def rows(root: Path, columns: Sequence[str] | None = None) -> Iterator[Row]:
    """The manifest's rows, or some of their columns, without holding them all.

    Raises
    ------
    ManifestError
        When it is missing or damaged.
    OSError
    """
    import pyarrow

    try:
        for batch in _open(root).iter_batches(batch_size=4096, columns=columns):
            yield from batch.to_pylist()
    except pyarrow.ArrowException as problem:
        raise ManifestError(f"{FILE} is damaged: {' '.join(str(problem).split())[:120]}") from None


def subjects(root: Path) -> list[str]:
    """The subjects that the manifest lists, in order.

    Raises
    ------
    ManifestError
    OSError
    """
    import pyarrow.compute

    found = pyarrow.compute.unique(table(root, ["subject"])["subject"])
    return sorted(name for name in found.to_pylist() if name is not None)


def rows_of(root: Path, subject: str) -> list[Row]:
    """The rows of one subject, without reading those far from them.

    Raises
    ------
    ManifestError
    OSError
    """
    import pyarrow
    import pyarrow.parquet

    _open(root)
    try:
        found = pyarrow.parquet.read_table(
            str(root / FILE), filters=[("subject", "==", subject)], partitioning=None
        )
    except pyarrow.ArrowException as problem:
        raise ManifestError(f"{FILE} is damaged: {' '.join(str(problem).split())[:120]}") from None
    return list(found.to_pylist())


def table(root: Path, columns: Sequence[str] | None = None) -> Any:
    """The manifest, or some of its columns, as a ``pyarrow.Table``.

    Raises
    ------
    ManifestError
    OSError
    """
    import pyarrow

    try:
        return _open(root).read(columns=columns)
    except pyarrow.ArrowException as problem:
        raise ManifestError(f"{FILE} is damaged: {' '.join(str(problem).split())[:120]}") from None


def _open(root: Path) -> Any:
    import pyarrow
    import pyarrow.parquet

    path = root / FILE
    if not path.exists():
        raise ManifestError(f"{FILE} is missing")
    if not path.is_file():
        raise OSError(errno.EISDIR, "this is no file", os.fspath(path))
    try:
        return pyarrow.parquet.ParquetFile(str(path))
    except pyarrow.ArrowException as problem:
        raise ManifestError(f"{FILE} is damaged: {' '.join(str(problem).split())[:120]}") from None


def _part(root: Path, first: int) -> Path:
    return root / PARTS / f"{first:012d}.rows"


def _rows_of(parts: Iterable[Path]) -> Iterator[Row]:
    for path in parts:
        try:
            yield from msgspec.msgpack.decode(path.read_bytes(), type=list[Row])
        except msgspec.MsgspecError:
            raise ManifestError(f"{PARTS}/{path.name} is damaged: remove it and resume") from None


def _schema(group: Sequence[Row]) -> Any:
    """Types of the columns; those of visible points are the first row's."""
    import pyarrow as pa

    word, real, whole = pa.string(), pa.float64(), pa.int32()
    fields = [("number", pa.int64())]
    fields += [(name, word) for name in ("folder", "id", "subject", "person", "head")]
    fields += [(name, word) for name in ("motion", "expression", "background", "renderer")]
    fields += [("effects", pa.list_(word)), ("width", whole), ("height", whole)]
    fields += [("_".join(key), real) for key in POSES]
    fields += [(f"camera_{axis}", real) for axis in "xyz"] + [("distance", real)]
    first = group[0] if group else {}
    fields += [(name, whole) for name in first if name.startswith("visible_")]
    fields += [(f"{kind}_bytes", pa.int64()) for kind in FILE_KINDS]
    fields += [(f"{kind}_crc32", pa.uint32()) for kind in FILE_KINDS]
    return pa.schema(fields)
