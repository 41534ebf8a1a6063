"""Which release of a topology something was made with, and whether two are the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from app.topology.identity import content_sha256
from app.topology.topology import Topology

OUTLINE: Final = "-outline"
"""Ends the name of a topology whose jaw lies on the visible outline: the points are the same."""


@dataclass(frozen=True)
class ReleaseName:
    """A release by name.

    Attributes
    ----------
    topology : str
    version : int
    sha256 : str
        Of the content, as a topology's file has it; empty where it was not kept.
    """

    topology: str
    version: int
    sha256: str = ""

    def __str__(self) -> str:
        return f"{self.topology} {self.version}"


def release_of(topology: Topology) -> ReleaseName:
    """The release that a topology is, with the hash of its content."""
    return ReleaseName(topology.name, topology.version, content_sha256(topology))


def mismatch(first: ReleaseName, second: ReleaseName) -> str | None:
    """What two releases differ in, in one line; None if points of both mean the same.

    Where one of them does not know its content, name and version must do.
    """
    if first.topology != second.topology:
        return f"one is made with {first}, the other with {second}: these are different points"
    if first.version != second.version:
        return f"one is made with {first}, the other with {second}: points may have moved"
    if first.sha256 and second.sha256 and first.sha256 != second.sha256:
        return (
            f"both are made with {first}, but their content differs "
            f"({first.sha256[:8]} and {second.sha256[:8]}): one of them was altered"
        )
    return None


def releases_of(versions: Mapping[str, int]) -> tuple[ReleaseName, ...]:
    """Releases by name and version, as models' cards name them; each topology once."""
    plain = {name.removesuffix(OUTLINE): version for name, version in versions.items()}
    return tuple(ReleaseName(name, version) for name, version in plain.items())


def mismatches(first: Iterable[ReleaseName], second: Iterable[ReleaseName]) -> tuple[str, ...]:
    """What the topologies differ in that both sides were made with, a line each."""
    others = {one.topology: one for one in second}
    pairs = ((one, others[one.topology]) for one in first if one.topology in others)
    return tuple(said for one, other in pairs if (said := mismatch(one, other)) is not None)
