"""What a data set is to hold; with the seed it decides every picture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from app.dataset.frame import EffectKind
from app.scene.scene import Fraction

Motion = Literal[
    "HeadRot", "CameraTran", "HeadCameraRotTran", "Sweep", "Replay", "Balanced", "Portrait"
]
"""Also the names of the folders. The first three are those of C3I-SynFace."""

Expression = Literal["neutral", "happy", "sad", "angry", "scared", "mixed", "candid"]

Background = Literal["plain", "texture", "pictures", "environment", "classroom", "shop"]


@dataclass(frozen=True)
class DatasetSpec:
    """Everything that ``generate`` is told.

    Attributes
    ----------
    people : int
        Random people to make; 0 where ``heads`` are given.
    heads : tuple of str
        FBX files or ``builtin:NAME``.
    gender : str
        Folder of the heads whose gender neither a description beside them nor their path tells.
    per_person : int
        Pictures of each head, spread evenly over motions, expressions and backgrounds.
    replay : tuple of str
        Recorded pose sequences: CSV files, or folders of Biwi's ground-truth text files.
    pictures : str or None
        Folder of background pictures.
    effects : tuple of str
        Post-effects that may be drawn; ``effect_share`` of the pictures get any.
    texture : int
        Texels along the edge of a baked person's skin.
    distance : tuple of float
        Least and greatest distance of the camera from the head centre in metres, of the motions
        that leave it free.
    """

    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0
    people: Annotated[int, Meta(ge=0, le=9999)] = 0
    heads: tuple[str, ...] = ()
    gender: Literal["female", "male"] = "female"
    per_person: Annotated[int, Meta(ge=1, le=1_000_000)] = 70
    motions: tuple[Motion, ...] = ("HeadRot", "CameraTran", "HeadCameraRotTran")
    replay: tuple[str, ...] = ()
    expressions: tuple[Expression, ...] = ("neutral", "happy", "sad", "angry", "scared")
    backgrounds: tuple[Background, ...] = ("plain",)
    pictures: str | None = None
    lighting: Literal["random", "studio"] = "random"
    effects: tuple[EffectKind, ...] = ()
    effect_share: Fraction = 0.5
    renderer: Literal["cycles", "raster"] = "raster"
    width: Annotated[int, Meta(ge=64, le=4096)] = 640
    height: Annotated[int, Meta(ge=64, le=4096)] = 480
    samples: Annotated[int, Meta(ge=1, le=4096)] = 32
    field_of_view: Annotated[float, Meta(ge=5.0, le=120.0)] = 60.0
    distance: tuple[float, float] = (0.30, 0.30)
    texture: Annotated[int, Meta(ge=64, le=4096)] = 512
    topologies: tuple[str, ...] = ("ibug-68", "dense-520")


_OPTIONS: Final = {"motions": "poses", "width": "size", "height": "size"}
"""Options whose name is not that of what they set."""


class SpecError(ValueError):
    """Something asked for that cannot be; the message is one line that says what to do."""


def check_ranges(spec: DatasetSpec) -> None:
    """Refuse values outside of their ranges and combinations that make no picture.

    Raises
    ------
    SpecError
    """
    try:
        msgspec.convert(msgspec.to_builtins(spec), DatasetSpec)
    except msgspec.ValidationError as fault:
        text, _, place = str(fault).partition(" - at ")
        name = re.split(r"[.\[]", place.strip("`").removeprefix("$."))[0]
        raise SpecError(f"{option_of(name)}: {_range_in_words(name, text)}.") from None
    if bool(spec.people) == bool(spec.heads):
        raise SpecError("Give people (--people) or heads (--heads), one of both.")
    for name in ("motions", "expressions", "backgrounds", "topologies"):
        values = getattr(spec, name)
        if not values:
            raise SpecError(f"{option_of(name)}: give at least one.")
        if len(set(values)) < len(values):
            raise SpecError(f"{option_of(name)}: one is named twice.")
    near, far = spec.distance
    if not 0.05 <= near <= far <= 100.0:
        raise SpecError("--distance: must run from a smaller to a larger one within 0.05 to 100 m.")
    if spec.texture & (spec.texture - 1):
        raise SpecError("--texture: must be a power of two.")
    if ("Replay" in spec.motions) != bool(spec.replay):
        raise SpecError("The motion Replay and recorded sequences (--replay) belong together.")
    if ("pictures" in spec.backgrounds) != bool(spec.pictures):
        raise SpecError("The background pictures and a folder (--pictures) belong together.")


def option_of(name: str) -> str:
    """What an attribute of a spec is called on the command line: ``per_person``, --per-person."""
    return f"--{_OPTIONS.get(name, name).replace('_', '-')}"


def _range_in_words(name: str, text: str) -> str:
    """``Expected `int` >= 64`` as a reader would say it."""
    which = f"the {name} " if name in ("width", "height") else ""
    bound = re.fullmatch(r"Expected `(?:int|float)` (>=|<=) ([-\d.]+)", text)
    if bound is None:
        return text[:1].lower() + text[1:].replace("`", "")
    return f"{which}must be at {'least' if bound[1] == '>=' else 'most'} {float(bound[2]):.10g}"
