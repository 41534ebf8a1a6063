"""Finding what is missing, damaged or inconsistent in a data set of drivers."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np

from app.dataset import manifest
from app.dataset.check import NoDataSetError
from app.dataset.check_jobs import IN_PROCESS, Finding
from app.dataset.driver_files import (
    NAMES,
    DriverAnnotationError,
    driver_row,
    read_driver_annotation,
)
from app.dataset.driver_maker import open_driver_plan, read_driver_record
from app.dataset.driver_plan import DriverFrame, DriverPlan
from app.dataset.driver_sample import DriverSampleError, decoded
from app.dataset.driver_truth import SIDES
from app.dataset.spec import SpecError
from app.files import read_bytes
from app.scene.hands_on_wheel import state_of
from app.scene.solids import SEGMENTS

_CHUNK: Final = 48
_FILE_LIMIT: Final = 64 * 2**20

Told = Callable[[Finding], None]
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class DriverChecked:
    """How many pictures were looked at, and what was found."""

    frames: int
    findings: int


def check_drivers(
    root: Path, told: Told, *, quick: bool, workers: int, progress: Progress
) -> DriverChecked:
    """Look at every picture that the record promises and at every row of the manifest.

    Parameters
    ----------
    told : callable
        Gets each finding.
    quick : bool
        Names and sizes alone.
    workers : int
        Processes.
    progress : callable
        Gets pictures looked at and pictures in all.

    Raises
    ------
    NoDataSetError
        When the folder's record or manifest is missing or damaged.
    OSError
    """
    try:
        plan = DriverPlan(read_driver_record(root).spec)
        rows = {int(row["number"]): row for row in manifest.rows(root)}
    except (SpecError, manifest.ManifestError) as problem:
        raise NoDataSetError(f"{root}: {problem}") from None
    count = 0

    def tell(finding: Finding) -> None:
        nonlocal count
        count += 1
        told(finding)

    for number in sorted(set(rows) - set(range(len(plan)))):
        tell(Finding(manifest.FILE, f"row {number} is of no picture of this data set"))
    missing = [n for n in range(len(plan)) if n not in rows]
    for number in missing:
        path = plan.frame(number).file(*NAMES["annotation"])
        tell(Finding(path, "is not in the manifest: “generate-driver --resume” makes it"))
    given = [(n, rows[n]) for n in range(len(plan)) if n in rows]
    for done, found in enumerate(_checked(str(root), given, quick, workers), 1):
        for finding in found:
            tell(finding)
        progress(done, len(given))
    return DriverChecked(len(given), count)


def _checked(
    root: str, given: list[tuple[int, manifest.Row]], quick: bool, workers: int
) -> Iterator[list[Finding]]:
    work = partial(frame_problems, root, quick)
    if workers < 2 or len(given) <= IN_PROCESS:
        yield from map(work, given)
        return
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        rows = iter(given)
        while some := list(islice(rows, _CHUNK * workers * 2)):
            yield from pool.map(work, some, chunksize=_CHUNK)


def frame_problems(root: str, quick: bool, given: tuple[int, manifest.Row]) -> list[Finding]:
    """What is wrong with a picture's files, by its number and row of the manifest."""
    number, row = given
    frame = open_driver_plan(root).frame(number)
    found = list(_file_problems(Path(root), frame, row, quick))
    if not found and not quick:
        found = list(_content_problems(Path(root), frame, row))
    return found


def _file_problems(
    root: Path, frame: DriverFrame, row: manifest.Row, quick: bool
) -> Iterator[Finding]:
    for kind, (prefix, suffix) in NAMES.items():
        path = frame.file(prefix, suffix)
        try:
            size = (root / path).stat().st_size
            data = None if quick else read_bytes(root / path, _FILE_LIMIT)
        except FileNotFoundError:
            yield Finding(path, "is missing")
            continue
        except OSError as problem:
            yield Finding(path, f"cannot be read: {problem.strerror}")
            continue
        if size != row[f"{kind}_bytes"]:
            yield Finding(path, f"has {size} bytes, not {row[f'{kind}_bytes']}")
        elif data is not None and zlib.crc32(data) != row[f"{kind}_crc32"]:
            yield Finding(path, "was changed since it was written (its CRC-32 differs)")


def _content_problems(root: Path, frame: DriverFrame, row: manifest.Row) -> Iterator[Finding]:
    path = frame.file(*NAMES["annotation"])
    try:
        content, data = read_driver_annotation(root / path)
        again = driver_row(content, frame, data)
        pictures = [
            read_bytes(root / frame.file(*NAMES[k]), _FILE_LIMIT) for k in ("color", "mask")
        ]
        sample = decoded(pictures[0], pictures[1], content, 0)
    except (DriverAnnotationError, DriverSampleError) as problem:
        yield Finding(path, str(problem))
        return
    except (KeyError, TypeError) as problem:
        yield Finding(path, f"lacks {problem}")
        return
    different = [name for name, value in again.items() if not _same(value, row.get(name))]
    if different:
        yield Finding(path, f"tells other {', '.join(different)} than the manifest")
    size = (content["camera"]["height"], content["camera"]["width"])
    for kind, array in (("color", sample.picture), ("mask", sample.segments)):
        if array.shape[:2] != size:
            yield Finding(frame.file(*NAMES[kind]), f"has {array.shape[1]}×{array.shape[0]} pixels")
    names = [str(name) for name in SEGMENTS]
    for k, name in enumerate(SIDES):
        hand = content["hands"][name]
        if hand["state"] != state_of(hand["distance"]):
            yield Finding(path, f"{name} hand: {hand['state']} at {hand['distance']} m")
        shown = int((sample.segments == names.index(f"{name}_hand")).sum())
        if shown != sample.shown[k]:
            yield Finding(path, f"{name} hand: {shown} pixels in the mask, not {hand['pixels']}")


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return bool(np.isclose(a, b, rtol=1e-6, atol=1e-9))
    return bool(a == b)
