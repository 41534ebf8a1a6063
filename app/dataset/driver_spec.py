"""What a data set of drivers is to hold; with the seed it decides every picture."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from app.dataset.spec import SpecError
from app.scene.driver_camera import MOUNTS, Mount
from app.scene.driving import BEHAVIOURS, FRAMES, Behaviour
from app.scene.outside import DAYTIMES, Daytime
from app.scene.scene import Fraction

PEOPLE: Final = 10
"""Least number of people that a data set has by itself."""


@dataclass(frozen=True)
class DriverSpec:
    """Everything that ``generate-driver`` is told.

    Attributes
    ----------
    sequences : int
        Of ten seconds each, with a cabin, clothes and light of its own.
    people : int
        Who drives in turn.
    per_sequence : int
        Pictures of each sequence, evenly spread over its time.
    size : int
        Pixels along the edges of the square pictures.
    behaviours, cameras, times : tuple of str
        Those to choose from.
    effect_share : float
        Share of the sequences whose camera blurs, is noisy or packs too tightly.
    """

    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0
    sequences: Annotated[int, Meta(ge=1, le=99999)] = 146
    people: Annotated[int, Meta(ge=1, le=9999)] = PEOPLE
    per_sequence: Annotated[int, Meta(ge=1, le=FRAMES)] = 75
    size: Annotated[int, Meta(ge=64, le=1024)] = 256
    behaviours: tuple[Behaviour, ...] = BEHAVIOURS
    cameras: tuple[Mount, ...] = MOUNTS
    times: tuple[Daytime, ...] = DAYTIMES
    effect_share: Fraction = 0.4


def check_driver_spec(spec: DriverSpec) -> None:
    """Refuse values outside of their ranges.

    Raises
    ------
    SpecError
        With one line that names the option.
    """
    try:
        msgspec.convert(msgspec.to_builtins(spec), DriverSpec)
    except msgspec.ValidationError as fault:
        text, _, place = str(fault).partition(" - at ")
        name = place.strip("`").removeprefix("$.").split("[")[0]
        words = text.replace("Expected `int` ", "must be ").replace("Expected `float` ", "must be ")
        raise SpecError(f"--{name.replace('_', '-')}: {words.replace('`', '')}.") from None
    for name in ("behaviours", "cameras", "times"):
        values = getattr(spec, name)
        if not values or len(set(values)) < len(values):
            raise SpecError(f"--{name}: give each name once, and at least one.")


def driver_difference(begun: DriverSpec, asked: DriverSpec) -> str:
    """One line that names what differs, empty where nothing does."""
    old, new = asdict(begun), asdict(asked)
    different = [name for name in old if old[name] != new[name]]
    if not different:
        return ""
    name = different[0]
    return f"--{name.replace('_', '-')} was {old[name]}, now {new[name]}"
