"""One picture of a driver from its plan to its files, and the record of a data set of drivers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from app.dataset import effects
from app.dataset.driver_files import (
    NAMES,
    driver_row,
    is_driver_frame_done,
    read_driver_annotation,
    write_driver_frame,
)
from app.dataset.driver_plan import DriverFrame, DriverPlan
from app.dataset.driver_scene import Drive, prepare
from app.dataset.driver_spec import DriverSpec
from app.dataset.driver_truth import truth
from app.dataset.manifest import Row
from app.dataset.record_file import read_record_file
from app.files import write_bytes
from app.scene.film import developed

if TYPE_CHECKING:
    from app.raster.stage import StageRenderer

MAKER: Final = "app.dataset.driver_maker:DriverMaker"
FILE: Final = "drivers.json"
FORMAT: Final = "headroom-drivers"
VERSION: Final = 1
_PACKAGES: Final = ("numpy", "scipy", "opencv-python-headless", "vtk", "anny", "torch")


@dataclass(frozen=True)
class DriverRecord:
    """What ``drivers.json`` holds; nothing in it depends on when or where it was made."""

    format: str
    version: int
    spec: DriverSpec
    made_with: dict[str, str] = field(default_factory=dict)


def versions() -> dict[str, str]:
    """Versions of the packages that decide how pictures look."""
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def write_driver_record(root: Path, spec: DriverSpec) -> None:
    """Write it in one step.

    Raises
    ------
    OSError
    """
    record = DriverRecord(FORMAT, VERSION, spec, versions())
    write_bytes(root / FILE, msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")


def read_driver_record(root: Path) -> DriverRecord:
    """Read it.

    Raises
    ------
    SpecError
        With one line that says why the folder is no data set that can be gone on with.
    """
    return read_record_file(root / FILE, DriverRecord, FORMAT, VERSION)


def open_driver_plan(root: str) -> DriverPlan:
    """The plan of a data set that was begun, kept for the next call of the same process."""
    return _plan(root, (Path(root) / FILE).stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _plan(root: str, _: int) -> DriverPlan:
    return DriverPlan(read_driver_record(Path(root)).spec)


class DriverMaker:
    """Holds the sequence that was opened last, and the renderer."""

    def __init__(self) -> None:
        self._open: tuple[Path, int] | None = None
        self._drive: Drive | None = None
        self._renderer: StageRenderer | None = None
        self._seed = 0

    def plan(self, root: str) -> DriverPlan:
        """The plan of a data set that was begun."""
        return open_driver_plan(root)

    def open(self, plan: DriverPlan, subject: int, root: Path) -> None:
        """Take a sequence in place of the one before."""
        if self._open == (root, subject):
            return
        self._open = None
        self._drive, self._seed = prepare(plan, subject), plan.spec.seed
        self._open = (root, subject)

    def is_done(self, frame: DriverFrame, root: Path) -> bool:
        return is_driver_frame_done(root, frame)

    def row(self, frame: DriverFrame, root: Path) -> Row:
        content, data = read_driver_annotation(root / frame.file(*NAMES["annotation"]))
        return driver_row(content, frame, data)

    def make(self, frame: DriverFrame, root: Path) -> Row:
        """Pose, render, develop, find the truth and write all files."""
        if self._drive is None:
            raise ValueError("Open a sequence before making its pictures.")
        if self._renderer is None:
            from app.raster.stage import StageRenderer

            self._renderer = StageRenderer()
        drive = self._drive
        moment = drive.performance.at(frame.time)
        picture = drive.picture(self._renderer, moment)
        color = developed(picture.light, np.isfinite(picture.depth), drive.sequence.film)
        seen = effects.apply(
            drive.sequence.effects, color, picture.depth, picture.segments, drive.view
        )
        content = truth(drive, moment, frame, picture.depth, picture.segments, self._seed)
        return write_driver_frame(root, frame, seen.color, picture.depth, picture.segments, content)

    def close(self) -> None:
        """Give back windows and memory."""
        if self._renderer is not None:
            self._renderer.close()
        self._renderer = self._drive = self._open = None
