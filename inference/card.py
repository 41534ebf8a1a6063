"""What a model's card tells, as it lies beside the ONNX file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from app.files import read_bytes
from inference.crop import CROP_SCALE

FORMAT: Final = "headroom-model"
FORMAT_VERSION: Final = 1
SIZE_LIMIT: Final = 4 * 2**20

Kind = Literal[
    "face", "transfer", "depth", "head-pose", "detector", "landmarks", "hands", "wheel-region"
]
KINDS: Final[tuple[Kind, ...]] = (
    "face",
    "transfer",
    "depth",
    "head-pose",
    "detector",
    "landmarks",
    "hands",
    "wheel-region",
)

Figures = dict[str, float]


class CardError(Exception):
    """What is wrong with a card, in one line."""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """Facts about a model; what is not known is left out.

    Attributes
    ----------
    name : str
    kind : str
        Decides which inputs and outputs the ONNX file has: docs/predictions.md.
    summary : str
        One line for people.
    input_size : int
        Pixels along the side of the square input; 0 where sides are free multiples of 32.
    crop_scale : float
        Side of the crop over the longer side of the face's box.
    topologies : dict of str to int
        Names of the landmarks' topologies in the order of the output, with their versions.
    follows : str
        Name of the model whose output this one takes; empty for models that take pictures.
    opset : int
    sha256 : str
        Of the ONNX file.
    parameters : int
    gmac : float
        Multiplications with additions of one picture, in thousands of millions.
    data : dict
        What it was trained on: shards, frames, people.
    command, commit, made : str
        How, from which state of the program and when (ISO 8601) it was trained.
    minutes : float
        Length of the training.
    config : dict
        Settings of the training.
    figures : dict of str to dict of str to float
        By set, such as ``"synthetic"`` and ``"real"``: figures by name.
    groups : dict of str to dict of str to dict of str to float
        On the synthetic hold-out, by trait and group of people: figures by name.
    limits : list of str
        What it cannot do.
    facts : dict
        What else is to be known of its inputs and outputs.
    """

    name: str
    kind: Kind
    format: str = FORMAT
    format_version: int = FORMAT_VERSION
    summary: str = ""
    input_size: Annotated[int, Meta(ge=0, le=4096)] = 0
    crop_scale: Annotated[float, Meta(gt=0.0, le=20.0)] = CROP_SCALE
    topologies: dict[str, int] = msgspec.field(default_factory=dict)
    follows: str = ""
    opset: int = 17
    sha256: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""
    parameters: int = 0
    gmac: float = 0.0
    data: dict[str, Any] = msgspec.field(default_factory=dict)
    command: str = ""
    commit: str = ""
    made: str = ""
    minutes: float = 0.0
    config: dict[str, Any] = msgspec.field(default_factory=dict)
    figures: dict[str, Figures] = msgspec.field(default_factory=dict)
    groups: dict[str, dict[str, Figures]] = msgspec.field(default_factory=dict)
    limits: list[str] = msgspec.field(default_factory=list)
    facts: dict[str, Any] = msgspec.field(default_factory=dict)


def read_card(path: Path) -> Card:
    """A card from its JSON.

    Raises
    ------
    CardError
        With one line that names the file and what is wrong with it.
    """
    try:
        data = read_bytes(path, SIZE_LIMIT)
    except OSError as problem:
        raise CardError(f"{path}: cannot be read: {problem.strerror}") from None
    if len(data) > SIZE_LIMIT:
        raise CardError(f"{path}: larger than {SIZE_LIMIT // 2**20} MB, no card is")
    try:
        card = msgspec.json.decode(data, type=Card)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise CardError(
            f"{path}: this is no model card: {' '.join(str(problem).split())}"
        ) from None
    if card.format != FORMAT or card.format_version != FORMAT_VERSION:
        raise CardError(
            f"{path}: written as {card.format} {card.format_version}; "
            f"this program reads {FORMAT} {FORMAT_VERSION}"
        )
    return card


def encode_card(card: Card) -> bytes:
    """Readable JSON; the same card gives the same bytes."""
    return msgspec.json.format(msgspec.json.encode(card), indent=1) + b"\n"
