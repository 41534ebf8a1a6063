"""``dataset.json``: what a data set was asked to hold and what its plan took from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from app.dataset.plan import Plan, PlanInputs
from app.dataset.record_file import read_record_file
from app.dataset.spec import DatasetSpec, option_of
from app.files import write_bytes

if TYPE_CHECKING:
    from app.topology.release import ReleaseName

FILE: Final = "dataset.json"
FORMAT: Final = "headroom-dataset"
VERSION: Final = 1
CONTENT: Final = "content of topology "
TOPOLOGY: Final = "topology "
_PACKAGES: Final = ("numpy", "opencv-python-headless", "vtk", "bpy", "anny")


@dataclass(frozen=True)
class Record:
    """What ``dataset.json`` holds; nothing in it depends on when or where it was made.

    Attributes
    ----------
    made_with : dict of str to str
        Versions of what decides how pictures look.
    """

    format: str
    version: int
    spec: DatasetSpec
    inputs: PlanInputs
    made_with: dict[str, str] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        return Plan(self.spec, self.inputs)


def new_record(plan: Plan) -> Record:
    return Record(FORMAT, VERSION, plan.spec, plan.inputs, versions(plan.spec))


def versions(spec: DatasetSpec) -> dict[str, str]:
    """Versions of the packages that are installed, and of the topologies with their hashes."""
    from app.topology.identity import content_sha256
    from app.topology.store import load

    found = {TOPOLOGY + name: str(load(name).version) for name in spec.topologies}
    found |= {CONTENT + name: content_sha256(load(name)) for name in spec.topologies}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def releases_of(made_with: Mapping[str, str]) -> tuple[ReleaseName, ...]:
    """The releases of topologies that a data set was made with; see `app.topology.release`."""
    from app.topology.release import ReleaseName

    return tuple(
        ReleaseName(name, int(version), made_with.get(CONTENT + name, ""))
        for key, version in made_with.items()
        if (name := key.removeprefix(TOPOLOGY)) != key and version.isdecimal()
    )


def write_record(root: Path, record: Record) -> None:
    """Write it in one step.

    Raises
    ------
    OSError
    """
    write_bytes(root / FILE, msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")


def read_record(root: Path) -> Record:
    """Read it.

    Raises
    ------
    SpecError
        With one line that says why the folder is no data set that can be gone on with.
    """
    return read_record_file(root / FILE, Record, FORMAT, VERSION)


def open_plan(root: str) -> Plan:
    """The plan of a data set that was begun, kept for the next call of the same process."""
    path = Path(root) / FILE
    return _plan(root, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _plan(root: str, _: int) -> Plan:
    return read_record(Path(root)).plan


def difference(begun: DatasetSpec, asked: DatasetSpec) -> str:
    """One line that names what differs, empty where nothing does."""
    old, new = asdict(begun), asdict(asked)
    different = [name for name in old if old[name] != new[name]]
    if not different:
        return ""
    name = different[0]
    more = f" (and {len(different) - 1} more)" if len(different) > 1 else ""
    part = f": {name}" if name in ("width", "height") else ""
    return f"{option_of(name)}{part} was {_short(old[name])}, now {_short(new[name])}{more}"


def _short(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"
