"""The models that come with the program, and how a file of the user becomes one of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from app.paths import ASSETS
from inference.card import Card, CardError, Kind, read_card
from inference.sessions import ModelError, Session, open_session, read_model

FOLDER: Final = ASSETS / "models"

_TOLD_BY: Final[tuple[tuple[str, Kind], ...]] = (
    ("presence", "face"),
    ("landmarks_68", "transfer"),
    ("depth", "depth"),
    ("angles", "head-pose"),
    ("boxes", "detector"),
    ("landmarks", "landmarks"),
    ("hands", "hands"),
    ("wheel", "wheel-region"),
)
"""Outputs that tell a kind, the most telling first."""


@dataclass(frozen=True)
class Model:
    """An ONNX file with its card, if it has one.

    Attributes
    ----------
    path : Path
    card : Card, optional
    shipped : bool
        It came with the program.
    """

    path: Path
    card: Card | None
    shipped: bool

    @property
    def name(self) -> str:
        return self.card.name if self.card else self.path.stem

    def open(self, threads: int = 1) -> tuple[Session, Card]:
        """The network, and its card; one made from inputs and outputs where there is none.

        Raises
        ------
        ModelError
            With one line that names the file and what is wrong with it.
        """
        told = self.card.sha256 if self.card and not self.shipped else ""
        if told and told != hashlib.sha256(read_model(self.path)).hexdigest():
            raise ModelError(f"{self.path}: is not the file that the card was written for")
        session = open_session(self.path, threads, trusted=self.shipped)
        return session, self.card or card_of(session)


def shipped(kind: Kind | None = None) -> tuple[Model, ...]:
    """Models that come with the program, by name."""
    found = (_model(path, True) for path in sorted(FOLDER.glob("*.onnx")))
    return tuple(m for m in found if kind is None or (m.card and m.card.kind == kind))


def find(name_or_path: str | Path) -> Model:
    """A shipped model by its name, or a file.

    Raises
    ------
    ModelError
        When there is none, or its card is damaged.
    """
    own = FOLDER / f"{name_or_path}.onnx"
    if own.parent == FOLDER and own.is_file():
        return _model(own, True)
    path = Path(name_or_path)
    if path.suffix == ".onnx" or path.is_file():
        if not path.is_file():
            raise ModelError(f"{path}: there is no such file")
        return _model(path, FOLDER.resolve() == path.resolve().parent)
    known = ", ".join(m.name for m in shipped()) or "none yet (make models)"
    raise ModelError(f"there is no model {str(name_or_path)!r}; there are: {known}, or FILE.onnx")


def find_kind(name_or_path: str | Path, *kinds: Kind) -> Model:
    """The same, and it says so when the card tells of another kind.

    Raises
    ------
    ModelError
    """
    model = find(name_or_path)
    if model.card and model.card.kind not in kinds:
        wanted = " or ".join(kinds)
        raise ModelError(f"{model.path}: this is a model of kind {model.card.kind}, not {wanted}")
    return model


def follower(name: str) -> Model | None:
    """The shipped label transfer that was fitted to the model of this name, if there is one."""
    return next((m for m in shipped("transfer") if m.card and m.card.follows == name), None)


def _model(path: Path, is_shipped: bool) -> Model:
    beside = path.with_suffix(".json")
    if not beside.exists():
        return Model(path, None, is_shipped)
    try:
        return Model(path, read_card(beside), is_shipped)
    except CardError as problem:
        raise ModelError(str(problem)) from None


def card_of(session: Session) -> Card:
    """A card made from a network's inputs and outputs.

    Raises
    ------
    ModelError
        When they tell of no known kind.
    """
    kind = next((kind for output, kind in _TOLD_BY if output in session.outputs), None)
    if kind is None:
        gives = ", ".join(session.outputs)
        raise ModelError(f"{session.path}: gives {gives}; that is no model of a known kind")
    side = next(iter(session.inputs.values())).shape[-1]
    card = Card(name=session.path.stem, kind=kind, opset=session.opset)
    return msgspec.structs.replace(card, input_size=0 if kind == "transfer" else side)


__all__ = ["FOLDER", "Card", "Model", "ModelError", "find", "find_kind", "follower", "shipped"]
