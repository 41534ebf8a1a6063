"""Which releases of topologies data were made with, and what that means beside others."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from app.dataset.run_record import CONTENT, FILE, TOPOLOGY, read_record, releases_of
from app.dataset.spec import SpecError
from app.topology import store
from app.topology.identity import content_sha256
from app.topology.release import OUTLINE, ReleaseName, mismatches, release_of

MADE_WITH: Final = "made_with"
"""Key of a shard's words."""

Releases = tuple[ReleaseName, ...]


@functools.cache
def in_use() -> Releases:
    """The releases that the program makes data and reads models with."""
    return tuple(release_of(store.load(name)) for name in store.shipped())


def made_with(topologies: Iterable[str]) -> dict[str, str]:
    """Versions and hashes of shipped topologies, as data keep them beside themselves."""
    found = {}
    for name in topologies:
        topology = store.load(name.removesuffix(OUTLINE))
        found[TOPOLOGY + topology.name] = str(topology.version)
        found[CONTENT + topology.name] = content_sha256(topology)
    return found


def of_shard(path: Path) -> Releases:
    """The releases of a shard; none where it is older than that was kept.

    Raises
    ------
    app.dataset.packed.ShardError
    """
    from app.dataset.packed import about

    words = about(path).get(MADE_WITH, {})
    plain = words.items() if isinstance(words, dict) else ()
    return releases_of({str(k): str(v) for k, v in plain})


def of_shards(paths: Sequence[Path]) -> tuple[Releases, tuple[str, ...]]:
    """The releases of shards that tell them, and a line for each thing that shards differ in.

    Raises
    ------
    app.dataset.packed.ShardError
    """
    first: dict[str, tuple[ReleaseName, Path]] = {}
    lines: dict[str, None] = {}
    for path in paths:
        for one in of_shard(path):
            known, at = first.setdefault(one.topology, (one, path))
            for said in mismatches((known,), (one,)):
                lines.setdefault(f"{at.name} and {path.name}: {said}")
    return tuple(one for one, _ in first.values()), tuple(lines)


def lines_of_shards(places: Sequence[Path]) -> tuple[str, ...]:
    """What shards differ in among themselves, and from this program; a line each.

    Parameters
    ----------
    places : sequence of Path
        Shards, and folders of them.

    Raises
    ------
    app.dataset.packed.ShardError
    """
    from app.dataset.packed import SUFFIX

    paths = [p for one in places for p in ([one] if one.is_file() else one.glob(f"*{SUFFIX}"))]
    releases, different = of_shards(sorted(paths))
    return (*different, *beside_those_in_use(releases, "the shards"))


def of_annotation(content: Mapping[str, Any]) -> Releases:
    """The releases that the JSON beside a picture tells, by name and version."""
    found = {}
    landmarks = content.get("landmarks")
    for name, points in landmarks.items() if isinstance(landmarks, dict) else ():
        version = points.get("version") if isinstance(points, dict) else None
        if isinstance(version, int):
            found[str(name).removesuffix(OUTLINE)] = version
    return tuple(ReleaseName(name, version) for name, version in found.items())


def of_folder(root: Path) -> Releases:
    """The releases that the record of a data set tells; none where it has no sound record."""
    if not (root / FILE).is_file():
        return ()
    try:
        return releases_of(read_record(root).made_with)
    except SpecError:
        return ()


def beside_those_in_use(found: Iterable[ReleaseName], what: str) -> tuple[str, ...]:
    """A line for each topology of which the program has another release.

    Parameters
    ----------
    found : iterable of ReleaseName
    what : str
        Such as ``"the data set"``; begins the line.
    """
    return tuple(f"{what} and this program: {said}" for said in mismatches(found, in_use()))
