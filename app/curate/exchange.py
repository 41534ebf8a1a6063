"""Topologies in the formats of other programs, written and read back.

A round trip through a file that nobody touched is exact, apart from the text list, which is
numbers alone; what is lost is named by `write` and `read`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from app.curate import exchange_coco, exchange_numbers, exchange_obj, exchange_scene
from app.curate.exchange_overlay import ExchangeError, Imported, Surface
from app.curate.exchange_scene import Worker, WorkerError, read_scene, write_scene
from app.curate.exchange_skin import MeanSkin
from app.files import read_bytes, write_bytes
from app.topology import store
from app.topology.topology import Topology

__all__ = ["FORMATS", "ExchangeError", "Imported", "WorkerError", "Written", "read", "write"]

Name = Literal["json", "npz", "text", "obj", "coco", "fbx", "glb"]
Workers = Callable[[], AbstractContextManager[Worker]]
"""Makes the worker that FBX and GLB need, when it is needed."""

SIZE_LIMIT: Final = 64 * 1024 * 1024


@dataclass(frozen=True)
class Format:
    """A format by its ending and what it is for.

    Attributes
    ----------
    suffix : str
    summary : str
    at_risk : str
        What is lost where another program reads the file and writes it anew; empty if nothing.
    """

    suffix: str
    summary: str
    at_risk: str = ""


FORMATS: Final[dict[Name, Format]] = {
    "json": Format(".json", "the program's own, one landmark a line"),
    "npz": Format(".npz", "NumPy arrays: corners, weights, means, an index list for each part"),
    "text": Format(".txt", "one vertex a line, as the source project's list of 520"),
    "obj": Format(".obj", "vertices, points and lines", exchange_obj.WITHOUT_COMMENT),
    "coco": Format(".json", "a category with keypoints and skeleton", exchange_coco.WITHOUT_FIELD),
    "fbx": Format(".fbx", "an empty for each point", exchange_scene.WITHOUT_TEXT),
    "glb": Format(".glb", "an empty for each point", exchange_scene.WITHOUT_TEXT),
}


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes
    ----------
    files : tuple of Path
    lost : tuple of str
        What the files do not say.
    """

    files: tuple[Path, ...]
    lost: tuple[str, ...] = ()


def write(topology: Topology, path: Path, name: Name, workers: Workers) -> Written:
    """Write a topology; files are replaced in one step.

    Parameters
    ----------
    path : Path
        Ends as the format does.
    workers : callable
        Called for FBX and GLB alone.

    Raises
    ------
    ExchangeError
        If the path has another ending, or the topology contradicts itself.
    WorkerError
        If Blender fails.
    OSError
        If the file cannot be written.
    """
    if path.suffix.lower() != FORMATS[name].suffix:
        raise ExchangeError(
            f"{path.name}: the name of a {name} file ends in {FORMATS[name].suffix}"
        )
    try:
        store.check(topology)
    except store.TopologyError as problem:
        raise ExchangeError(f"{topology.name}: {problem}") from None
    match name:
        case "json":
            write_bytes(path, store.encode(topology))
        case "npz":
            write_bytes(path, exchange_numbers.arrays(topology))
        case "obj":
            write_bytes(path, exchange_obj.obj(topology))
        case "coco":
            write_bytes(path, exchange_coco.coco(topology))
        case "text":
            return _write_lists(topology, path)
        case "fbx" | "glb":
            with workers() as blender:
                write_scene(topology, path, blender)
    return Written((path,))


def _write_lists(topology: Topology, path: Path) -> Written:
    write_bytes(path, exchange_numbers.vertex_list(topology))
    lost = exchange_numbers.lost_in_list(topology, MeanSkin())
    places = exchange_numbers.ibug_list(topology)
    if places is None or topology.name == exchange_numbers.IBUG:
        return Written((path,), lost)
    second = path.with_name(f"{path.stem}_68{path.suffix}")
    write_bytes(second, places)
    return Written((path, second), lost)


def read(
    path: Path,
    workers: Workers,
    base: Topology | None = None,
    surface: Surface | None = None,
) -> Imported:
    """Read a topology from any of the formats, told by the ending and the content.

    Parameters
    ----------
    base : Topology, optional
        Fills in what the file does not say.
    surface : Surface, optional
        Where points go that were moved in another program.

    Raises
    ------
    ExchangeError
        With one line that names the file and what is wrong with it.
    WorkerError
        If Blender fails.
    """
    try:
        return _read(path, workers, base, surface)
    except OSError as problem:
        raise ExchangeError(f"{path}: cannot be read: {problem.strerror or problem}") from None
    except ExchangeError as problem:
        raise ExchangeError(f"{path.name}: {problem}") from None


def _read(path: Path, workers: Workers, base: Topology | None, surface: Surface | None) -> Imported:
    suffix = path.suffix.lower()
    data = read_bytes(path, SIZE_LIMIT)
    if len(data) > SIZE_LIMIT:
        raise ExchangeError(f"larger than {SIZE_LIMIT // 1024**2} MB, no topology is")
    match suffix:
        case ".json":
            if b'"categories"' in data and store.FORMAT.encode() not in data[:200]:
                return exchange_coco.from_coco(data, base)
            try:
                return Imported(store.decode(data))
            except store.TopologyError as problem:
                raise ExchangeError(str(problem)) from None
        case ".npz":
            return exchange_numbers.from_arrays(data)
        case ".txt":
            return exchange_numbers.from_vertex_list(data, base, surface)
        case ".obj":
            return exchange_obj.from_obj(data, base, surface)
        case ".fbx" | ".glb":
            with workers() as blender:
                return read_scene(path, blender, base, surface)
    known = ", ".join(dict.fromkeys(form.suffix for form in FORMATS.values()))
    raise ExchangeError(f"no format of topologies ends in {suffix!r}; there are {known}")
