"""What a person set right about a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta


@dataclass(frozen=True)
class Correction:
    """What a person set right about a file's bones, facing and size; None keeps what was found.

    ``facing_turn`` is degrees about Z from the file's facing to −Y, ``scale`` metres per unit of
    the imported file.
    """

    neck: str | None = None
    head: str | None = None
    eye_left: str | None = None
    eye_right: str | None = None
    jaw: str | None = None
    facing_turn: float | None = None
    scale: Annotated[float, Meta(gt=0.0)] | None = None
