"""What the Blender worker and its client say to each other.

One JSON object a line over the worker's pipes. A request is ``{"id", "op", "args"}``; answers
carry the same id and an ``event``: ``begun``, any number of ``progress`` and ``picture``, then
exactly one ``result`` or ``error``. Arrays and pictures go through files that are written aside
and renamed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

SCRATCH: Final = "headroom-worker-"
"""How the folder of a worker's temporary files begins."""

ErrorKind = Literal[
    "not_found",
    "unreadable",
    "not_fbx",
    "truncated",
    "corrupt",
    "version",
    "too_large",
    "no_armature",
    "no_mesh",
    "no_head",
    "bad_request",
    "no_space",
    "worker_died",
    "timeout",
    "internal",
]
"""Reasons for a failed job."""

OUR_FAULTS: Final[frozenset[ErrorKind]] = frozenset(
    {"no_space", "worker_died", "timeout", "internal"}
)
"""Those that are not the input's fault: exit status 1 rather than 2."""


@dataclass(frozen=True)
class Progress:
    """``fraction`` in [0, 1] and ``seconds_left`` are None while unknown."""

    text: str
    fraction: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True)
class Picture:
    """A preview of the render that is being made, already complete on disk."""

    path: Path
    samples: int
    width: int
    height: int


@dataclass(frozen=True)
class Done:
    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed:
    """``message`` is one line that says what to do; ``detail`` is for the log."""

    kind: ErrorKind
    message: str
    detail: str = ""


@dataclass(frozen=True)
class Cancelled:
    pass


Event = Progress | Picture | Done | Failed | Cancelled
"""A job ends with exactly one of Done, Failed, Cancelled."""
