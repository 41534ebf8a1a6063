"""Heads that a topology can be tried on: shipped ones, the open one, those placed by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from app.blender.heads import HeadError, Opening, Runner
from app.curate.effect_heads import HeadEffect, effect_on
from app.head.asset import HeadAsset
from app.head.fbx import FbxError
from app.head.library import BUILTIN, file_hash, shipped
from app.jobs import Report
from app.scene.scene import HeadFile
from app.topology import placement_file
from app.topology.placement_file import PlacementError
from app.topology.topology import Topology

Measured = tuple[list[HeadEffect], list[str]]


def measure(
    before: Topology,
    after: Topology,
    blender: Runner,
    open_head: HeadAsset | None,
    recent: Sequence[Path],
) -> Callable[[Report], Measured]:
    """A task: the effect of a change on every head that has a placement.

    Parameters
    ----------
    open_head : HeadAsset, optional
        The one on stage.
    recent : sequence of Path
        Files that were opened lately; those that have saved placements count.
    """

    def task(report: Report) -> Measured:
        effects: list[HeadEffect] = []
        missed: list[str] = []
        seen: set[str] = set()
        paths = [f"{BUILTIN}{name}" for name in shipped()] + list(_placed(recent))
        if open_head is not None:
            _try(open_head, before, after, effects, missed)
            seen.add(open_head.source.path)
        for done, path in enumerate(paths):
            report.check()
            report.progress(_name(path), done / len(paths))
            try:
                opened = Opening(HeadFile(path), recall=True)(blender, report)
            except HeadError as problem:
                missed.append(f"{_name(path)}: {problem}")
                continue
            if opened.asset.source.path not in seen:
                seen.add(opened.asset.source.path)
                _try(opened.asset, before, after, effects, missed)
        return effects, missed

    return task


def _try(
    asset: HeadAsset,
    before: Topology,
    after: Topology,
    effects: list[HeadEffect],
    missed: list[str],
) -> None:
    try:
        effects.append(effect_on(asset, before, after))
    except ValueError as problem:
        missed.append(f"{asset.name}: {problem}")


def _placed(recent: Iterable[Path]) -> Iterable[str]:
    for path in recent:
        try:
            if path.is_file() and placement_file.read(file_hash(path)) is not None:
                yield str(path)
        except (FbxError, PlacementError):
            continue


def _name(path: str) -> str:
    return path.removeprefix(BUILTIN) if path.startswith(BUILTIN) else Path(path).name
