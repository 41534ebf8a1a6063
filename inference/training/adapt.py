"""Fitting a label transfer to the annotated pictures of a user."""

from __future__ import annotations

import datetime
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.evaluation.annotated import Annotated
from app.paths import ROOT
from inference import registry
from inference.card import Card
from inference.models.transfer import POINTS
from inference.pipeline import load_face
from inference.training.adapt_looks import AdaptError, Gathered, gather
from inference.training.adapt_picture import draw
from inference.training.adapt_report import differences, figures, form_told
from inference.training.adapt_write import network, to_onnx, write
from inference.training.habit import Habit, frames, learn
from inference.training.habit_choice import Outcome, cross_validate


@dataclass(frozen=True, eq=False)
class Adapted:
    """What was learnt, and what it is worth.

    Attributes
    ----------
    face : str
        Name of the face network.
    before : Path, optional
        The label transfer that it starts from.
    gathered : Gathered
    outcome : Outcome
    habit : Habit, optional
        None where nothing was better than no change.
    """

    face: str
    before: Path | None
    gathered: Gathered
    outcome: Outcome
    habit: Habit | None


@dataclass(frozen=True)
class Progress:
    """Is told what goes on: a word for the stage, how much is done, of how much (0: not known)."""

    tell: Callable[[str, int, int], None] = lambda stage, done, total: None


def adapt(
    faces: Iterable[Annotated],
    face: str,
    count: int = 0,
    folders: bool = False,
    seed: int = 1,
    progress: Progress = Progress(),
) -> Adapted:
    """Learn how somebody draws the 68 points, and measure it.

    Parameters
    ----------
    faces : iterable of Annotated
    face : str
        Name or file of the face network. A shipped label transfer that follows it is kept, and
        what is learnt comes after it.
    count : int
        Faces to come, as far as that is known.
    folders : bool
        Pictures of one folder show one person.
    seed : int
    progress : Progress

    Raises
    ------
    AdaptError
        Nothing can be learnt from these pictures.
    ModelError
        The face network cannot be used.
    """
    model = registry.find_kind(face, "face", "landmarks")
    network_ = load_face(face)
    if network_.points != POINTS:
        raise AdaptError(
            f"{model.path}: has {network_.points} points; adaptation takes the face network's "
            f"{POINTS}"
        )
    gathered = gather(
        faces, network_, folders, seed, lambda done: progress.tell("faces", done, count)
    )
    before = registry.follower(model.name) if model.shipped and gathered.outlined else None
    outcome = cross_validate(
        gathered.looks,
        gathered.groups,
        seed,
        lambda done, folds: progress.tell("folds", done, folds),
    )
    habit = None
    if outcome.form is not None:
        every = np.arange(len(gathered.looks))
        habit = learn(frames(gathered.looks), every, outcome.form)
    return Adapted(model.name, before.path if before else None, gathered, outcome, habit)


def save(found: Adapted, path: Path, source: str, command: str, picture: bool = True) -> list[Path]:
    """Write the ONNX file, its card, and a picture of what was learnt.

    Parameters
    ----------
    found : Adapted
        With a habit.
    path : Path
        Of the ONNX file.
    source : str
        Name of the data.
    command : str
        That was given.
    picture : bool

    Returns
    -------
    list of Path

    Raises
    ------
    OSError, WriteError, ModelError
        When a file cannot be written, or does not do what it should.
    """
    assert found.habit is not None
    data = to_onnx(found.habit, found.gathered.outlined, found.before)
    card = card_of(found, path.stem, source, command)
    write(path, data, card, found.habit, found.gathered.outlined, found.before)
    written = [path, path.with_suffix(".json")]
    if picture:
        written.append(path.with_suffix(".png"))
        draw(
            found.habit,
            found.outcome,
            written[-1],
            f"How the points of {source} are drawn otherwise",
        )
    return written


def card_of(found: Adapted, name: str, source: str, command: str) -> Card:
    """The card of what was learnt."""
    habit, outcome = found.habit, found.outcome
    assert habit is not None
    limits = [
        "Fitted to one set of annotations; on pictures annotated by others it may be worse than "
        "no label transfer.",
        "Depth is left as the face network gives it.",
    ]
    if not outcome.proven:
        limits.append("On pictures left out no gain was found that chance does not explain.")
    return Card(
        name=name,
        kind="transfer",
        summary=f"iBUG-68 as it is drawn in {source}, from the points of {found.face}",
        topologies={"ibug-68": _version()},
        follows=found.face,
        parameters=sum(b.numel() for b in network(habit).buffers()),
        data={"name": source, "faces": len(found.gathered.sources)},
        command=command,
        commit=_commit(),
        made=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        config={
            "form": form_told(habit.form),
            "strength": habit.form.strength,
            "before": found.before.name if found.before else "",
            "outlined": found.gathered.outlined,
            "differences": differences(habit),
        },
        figures={"cross-validation, % of the eyes' distance": figures(outcome)},
        limits=limits,
    )


def refuse(path: Path, replace: bool) -> None:
    """Say why a file of this name is not written, before anything is read.

    Raises
    ------
    AdaptError
    """
    folder = path.absolute().parent
    if path.suffix != ".onnx":
        raise AdaptError(f"--output {path}: its name must end in .onnx")
    if folder.resolve() == registry.FOLDER.resolve():
        raise AdaptError(f"--output {path}: shipped models are not written over; choose a folder")
    if not folder.is_dir():
        raise AdaptError(f"--output {path}: the folder {folder} is missing")
    for own in (path, path.with_suffix(".json"), path.with_suffix(".png")):
        if own.is_dir() or (own.exists() and not replace):
            raise AdaptError(f"{own} exists; name another --output, or add --replace")


def _version() -> int:
    from app.topology.store import load

    return load("ibug-68").version


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() if done.returncode == 0 else ""
