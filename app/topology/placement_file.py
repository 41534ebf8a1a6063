"""Placements of heads that do not share the body model's mesh, kept in the settings folder.

One readable file a head, named by the hash of the head's file. A landmark that a person has set
right is marked so, and stays when landmarks are proposed again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
import numpy as np

from app.files import read_bytes, write_bytes
from app.head.asset import HeadAsset
from app.paths import config_dir
from app.topology.placement import Placement
from app.topology.topology import Topology

FORMAT: Final = "headroom-placement"
FORMAT_VERSION: Final = 1
_LIMIT: Final = 4 * 1024 * 1024

Proposer = Literal["registration", "model"]
"""What proposed a landmark: the default head brought over, or a network that saw pictures."""


class PlacementError(Exception):
    """What is wrong with a placement file, in one line."""


@dataclass(frozen=True)
class PlacedLandmark:
    """Where one landmark lies: a triangle of a mesh, by its vertices, and barycentric weights."""

    name: str
    mesh: str
    corners: tuple[int, int, int]
    weights: tuple[float, float, float]
    by: Proposer | Literal["person"] = "registration"


@dataclass(frozen=True)
class PlacedTopology:
    """All landmarks of one topology.

    Attributes
    ----------
    residual : float
        Metres between the registered default head and this one, in the mean.
    """

    name: str
    version: int
    residual: float
    landmarks: tuple[PlacedLandmark, ...]


@dataclass(frozen=True)
class SavedPlacements:
    """What one file holds."""

    head: str
    sha256: str
    topologies: tuple[PlacedTopology, ...] = ()
    format: str = FORMAT
    format_version: int = FORMAT_VERSION

    def of(self, name: str, version: int) -> PlacedTopology | None:
        """A topology of this name and version, if it is kept."""
        return next((t for t in self.topologies if (t.name, t.version) == (name, version)), None)


def path_of(sha256: str) -> Path:
    """File of a head's placements; it need not exist.

    Raises
    ------
    PlacementError
        If this is no hash.
    """
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise PlacementError(f"{sha256!r} is not the hash of a head's file")
    return config_dir() / "placements" / f"{sha256}.json"


def read(sha256: str) -> SavedPlacements | None:
    """What is kept for a head; None where nothing is.

    Raises
    ------
    PlacementError
        With one line that names the file and what is wrong with it.
    """
    path = path_of(sha256)
    try:
        data = read_bytes(path, _LIMIT)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise PlacementError(f"{path}: cannot be read: {problem.strerror}") from None
    if len(data) > _LIMIT:
        raise PlacementError(f"{path}: larger than {_LIMIT // 1024**2} MB, no placement is")
    try:
        saved = msgspec.json.decode(data, type=SavedPlacements)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise PlacementError(f"{path}: {' '.join(str(problem).split())}") from None
    if saved.format != FORMAT or saved.format_version != FORMAT_VERSION:
        raise PlacementError(
            f"{path}: this program reads {FORMAT!r} in format version {FORMAT_VERSION}"
        )
    if saved.sha256 != sha256:
        raise PlacementError(f"{path}: is for another head, {saved.head}")
    return saved


def write(saved: SavedPlacements) -> Path:
    """Replace a head's file in one step.

    Raises
    ------
    OSError
        If the settings folder cannot be written.
    """
    path = path_of(saved.sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    head = {
        "format": saved.format,
        "format_version": saved.format_version,
        "head": saved.head,
        "sha256": saved.sha256,
    }
    lines = [f" {_json(k)}: {_json(v)}," for k, v in head.items()]
    lines.append(' "topologies": [')
    for k, topology in enumerate(saved.topologies):
        about = {
            "name": topology.name,
            "version": topology.version,
            "residual": topology.residual,
        }
        lines.append("  {" + ", ".join(f"{_json(n)}: {_json(v)}" for n, v in about.items()) + ",")
        lines.append('   "landmarks": [')
        lines += [f"    {_json(m)}," for m in topology.landmarks]
        lines[-1] = lines[-1].removesuffix(",")
        lines.append("   ]}" + ("," if k + 1 < len(saved.topologies) else ""))
    lines.append(" ]")
    write_bytes(path, ("{\n" + "\n".join(lines) + "\n}\n").encode())
    return path


def keep(
    asset: HeadAsset,
    topologies: Sequence[Topology],
    placements: Sequence[Placement],
    residual: float,
    by: Proposer = "registration",
) -> SavedPlacements:
    """Write proposed placements; what a person set right before stays as it is.

    Raises
    ------
    OSError
        If the settings folder cannot be written.
    """
    before = _readable(asset.source.sha256)
    kept = list(before.topologies) if before else []
    for topology, placement in zip(topologies, placements, strict=True):
        old = next((t for t in kept if t.name == topology.name), None)
        fixed = {
            m.name: m
            for m in (old.landmarks if old else ())
            if m.by == "person" and _is_on(asset, m)
        }
        found = [
            PlacedLandmark(
                mark.name,
                asset.meshes[int(placement.meshes[i])].name,
                _three(placement.corners[i], int),
                _three(placement.weights[i], float),
                by,
            )
            for i, mark in enumerate(topology.landmarks)
        ]
        new = PlacedTopology(
            topology.name,
            topology.version,
            round(residual, 6),
            tuple(fixed.get(m.name, m) for m in found),
        )
        kept = [t for t in kept if t.name != topology.name] + [new]
    saved = SavedPlacements(asset.name, asset.source.sha256, tuple(kept))
    write(saved)
    return saved


def correct(
    asset: HeadAsset, topology: Topology, landmark: int, at: PlacedLandmark
) -> SavedPlacements:
    """Keep what a person says about one landmark of a head whose placements are kept.

    Raises
    ------
    PlacementError
        If nothing is kept for the head, or the triangle is not one of the head.
    OSError
        If the settings folder cannot be written.
    """
    saved = read(asset.source.sha256)
    placed = saved.of(topology.name, topology.version) if saved else None
    if saved is None or placed is None:
        raise PlacementError(f"{asset.name}: there is no placement of {topology.name} to correct")
    marks = list(placed.landmarks)
    marks[landmark] = replace(at, name=topology.landmarks[landmark].name, by="person")
    if not _is_on(asset, marks[landmark]):
        raise PlacementError(f"{asset.name}: mesh {at.mesh!r} has no such triangle")
    new = replace(placed, landmarks=tuple(marks))
    others = tuple(new if t is placed else t for t in saved.topologies)
    saved = replace(saved, topologies=others)
    write(saved)
    return saved


def placement_of(
    asset: HeadAsset, saved: SavedPlacements, topology: Topology
) -> tuple[Placement, float] | None:
    """A kept placement and its residual in metres; None where it does not fit the head."""
    placed = saved.of(topology.name, topology.version)
    if placed is None or [m.name for m in placed.landmarks] != [m.name for m in topology.landmarks]:
        return None
    if not all(_is_on(asset, m) for m in placed.landmarks):
        return None
    names = [m.name for m in asset.meshes]
    weights = np.array([m.weights for m in placed.landmarks])
    placement = Placement(
        topology.name,
        topology.version,
        np.array([names.index(m.mesh) for m in placed.landmarks], np.int32),
        np.array([m.corners for m in placed.landmarks], np.int32),
        weights / weights.sum(axis=1, keepdims=True),
    )
    return placement, placed.residual


def foreign_placements(
    asset: HeadAsset, topologies: Sequence[Topology], default_asset: HeadAsset | None = None
) -> tuple[tuple[Placement, ...], float]:
    """Kept placements of a head, or else proposed ones, which are kept from then on.

    Parameters
    ----------
    asset : HeadAsset
    topologies : sequence of Topology
    default_asset : HeadAsset, optional
        The default head; without it the one beside the topologies.

    Returns
    -------
    placements : tuple of Placement
    residual : float, metres

    Raises
    ------
    ValueError
        With one line, if the head has no face that landmarks can be proposed on.
    """
    saved = _readable(asset.source.sha256)
    if saved is not None:
        found = [placement_of(asset, saved, t) for t in topologies]
        known = [f for f in found if f is not None]
        if len(known) == len(found):
            return tuple(p for p, _ in known), max(r for _, r in known)

    from app.topology.default_head import default_head
    from app.topology.registration import propose_all

    placements, residual = propose_all(asset, topologies, default_asset or default_head())
    with suppress(OSError, PlacementError):
        new = keep(asset, topologies, placements, residual.mean)
        found = [placement_of(asset, new, t) for t in topologies]
        placements = tuple(
            f[0] if f is not None else p for f, p in zip(found, placements, strict=True)
        )
    return placements, residual.mean


def _readable(sha256: str) -> SavedPlacements | None:
    """A file that is damaged counts as none; it is set aside, so that nothing is lost."""
    try:
        return read(sha256)
    except PlacementError:
        with suppress(OSError, PlacementError):
            path = path_of(sha256)
            path.replace(path.with_suffix(".json.bak"))
        return None


def _is_on(asset: HeadAsset, mark: PlacedLandmark) -> bool:
    mesh = next((m for m in asset.meshes if m.name == mark.mesh), None)
    sound = (
        mesh is not None
        and min(mark.corners) >= 0
        and max(mark.corners) < len(mesh.vertices)
        and bool(np.isfinite(mark.weights).all())
        and min(mark.weights) > -1e-4
        and abs(sum(mark.weights) - 1.0) < 1e-3
    )
    return sound


def _three(values: Any, kind: type) -> Any:
    return tuple(round(kind(v), 6) if kind is float else kind(v) for v in values)


def _json(value: Any) -> str:
    return json.dumps(msgspec.to_builtins(value), ensure_ascii=False)
