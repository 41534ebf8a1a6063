"""A model asked about faces of some data, and its error by two definitions of the points."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.evaluation.annotated import ReadingError
from app.evaluation.definitions import BASIS, DefinitionEffect, Definitions
from app.evaluation.readers.data import Choice, Data, open_data
from app.head.asset import HeadAsset
from app.topology import store
from app.topology.release import mismatches, release_of, releases_of
from app.topology.topology import Topology
from inference.answers import of_model
from inference.face import LIVE, Effort
from inference.measuring import Examinee
from inference.registry import shipped
from inference.sessions import ModelError

FACES: Final = 500
"""Measured unless told otherwise, spread evenly over the data."""


@dataclass(frozen=True)
class Question:
    """What is to be measured.

    Attributes
    ----------
    before, after : Topology
    model : str
        Name of a shipped model, or a file.
    data : Path
    limit : int
        So many faces at most; 0 for all.
    effort : Effort
    kind, only : str
        See `app.evaluation.readers.data`.
    """

    before: Topology
    after: Topology
    model: str
    data: Path
    limit: int = FACES
    effort: Effort = LIVE
    kind: str = ""
    only: str = ""


@dataclass(frozen=True)
class Answer:
    """What was measured.

    Attributes
    ----------
    effect : DefinitionEffect
    model, data : str
        Their names.
    notes : tuple of str
        What is to be known of the figures, a line each.
    problems : tuple of str
        What could not be read, a line each.
    """

    effect: DefinitionEffect
    model: str
    data: str
    notes: tuple[str, ...]
    problems: tuple[str, ...]


Stepped = Callable[[int, int | None], None]
"""Told faces done and faces in all, if that is known; may raise to break off."""


def models() -> tuple[str, ...]:
    """Names of the shipped models that find the points of `BASIS`."""
    return tuple(m.name for m in shipped("face"))


def effect_on_model(
    question: Question, heads: Iterable[HeadAsset], stepped: Stepped = lambda done, of: None
) -> Answer:
    """A model's error by the old and the new definition of a topology.

    Parameters
    ----------
    question : Question
    heads : iterable of HeadAsset
        That share the base mesh; on them it is measured how exactly the new points are told.
    stepped : callable

    Raises
    ------
    ReadingError
        When the data are none that is known, or have no truth of these points.
    ModelError
        When the model cannot be used or fails.
    ValueError
        When nothing moved, or the points cannot be told by those of the basis.
    """
    basis = store.load(BASIS)
    gathered = Definitions(question.before, question.after, basis)
    answerer, card = of_model(question.model, question.effort)
    if card.kind not in ("face", "landmarks"):
        raise ModelError(f"{question.model}: models of kind {card.kind} find no points")
    data = open_data(question.data, Choice(question.only, question.limit), question.kind)
    notes = [
        f"model and {BASIS}: {line}"
        for line in mismatches(releases_of(card.topologies), (release_of(basis),))
    ]
    notes += [
        f"data and {BASIS}: {line}" for line in mismatches(data.releases, [release_of(basis)])
    ]
    for head in heads:
        gathered.tried_on(head)
    _ask(Examinee(card.name, answerer), data, gathered, stepped)
    if not len(gathered):
        raise ReadingError(_nothing(question, data))
    return Answer(
        gathered.effect(),
        card.name,
        data.name,
        (*notes, *data.notes),
        tuple(dict.fromkeys(data.problems)),
    )


def _ask(examinee: Examinee, data: Data, gathered: Definitions, stepped: Stepped) -> None:
    done = 0
    for face in data.faces():
        stepped(done, data.count)
        try:
            gathered.add(face, examinee.ask(face))
        except ReadingError as problem:
            data.problems.append(str(problem))
        done += 1
    stepped(done, data.count)


def _nothing(question: Question, data: Data) -> str:
    if data.problems:
        more = f" (and {len(data.problems) - 1} more such)" if len(data.problems) > 1 else ""
        return f"{data.problems[0]}{more}"
    return (
        f"{question.data} and {question.model} have no points in common: the model must find "
        f"those of {BASIS}, and the data tell them, or iBUG-68 as people drew it"
    )
