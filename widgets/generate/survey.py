"""What is wrong with the choices and what they will cost: worked out away from the window."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.dataset.spec import SpecError, check_ranges
from app.head.fbx import FbxError
from app.head.library import resolve
from widgets.generate.choices import Choices
from widgets.generate.subjects_part import people_can_be_made

ORDER: Final = (
    "output",
    "heads",
    "people",
    "motions",
    "replay",
    "expressions",
    "backgrounds",
    "pictures",
    "effects",
    "size",
    "distance",
    "scheduler",
    "spec",
)
"""Fields from top to bottom; the first that is wrong is the reason why Start is off."""


@dataclass(frozen=True)
class Unfinished:
    """A data set that lies in the output folder."""

    text: str
    loadable: bool
    choices: Choices | None = None


@dataclass(frozen=True)
class Survey:
    """What is known of some choices.

    Attributes
    ----------
    faults : dict of str to str
        One line for each field that is wrong.
    free : int or None
        Bytes where the output goes.
    seconds, bytes : None while unknown
    measured : bool
        Whether earlier runs on this machine told the time.
    """

    choices: Choices
    faults: dict[str, str] = field(default_factory=dict)
    heads: int = 0
    pictures: int = 0
    seconds: float | None = None
    bytes: int | None = None
    measured: bool = False
    free: int | None = None
    unfinished: Unfinished | None = None

    @property
    def reason(self) -> str:
        """Why nothing can be started; empty when it can."""
        return next((self.faults[name] for name in ORDER if name in self.faults), "")


def survey(choices: Choices) -> Survey:
    """Look at files and folders, and ask for the estimate. Takes its time."""
    faults: dict[str, str] = {}
    _note(faults, "output", lambda: _output_fault(choices.output))
    _note(faults, "replay", lambda: _replay_fault(choices))
    _note(faults, "pictures", lambda: _pictures_fault(choices))
    faults |= _simple_faults(choices)
    if choices.subjects == "heads":
        _note(faults, "heads", lambda: _heads_fault(choices.heads))
    elif not people_can_be_made():
        faults["people"] = "Random people need the bake extra; see above how to install it."
    asked = choices.asked
    if not faults.keys() - {"output", "people"}:
        try:
            check_ranges(asked)
        except SpecError as problem:
            faults["spec"] = str(problem)
    heads = asked.people or len(asked.heads)
    pictures = heads * asked.per_person
    costs = _costs(choices, pictures, heads)
    free = _free(choices.output)
    there = _unfinished(choices)
    if there is not None and there.loadable:
        faults.setdefault("output", "Load its settings to go on with it, or choose another folder.")
    if costs is not None and free is not None and costs[1] > free and there is None:
        words = "There is less space than the data set needs: choose another folder."
        faults.setdefault("output", words)
    seconds, size, measured = costs or (None, None, False)
    return Survey(choices, faults, heads, pictures, seconds, size, measured, free, there)


def _note(faults: dict[str, str], name: str, find: Callable[[], str]) -> None:
    try:
        fault = find()
    except (OSError, ValueError, FbxError) as problem:
        fault = str(problem)
    if fault:
        faults[name] = fault


def _simple_faults(choices: Choices) -> dict[str, str]:
    """What the choices alone tell."""
    spec, faults = choices.spec, {}
    for name, words in (
        ("motions", "Choose at least one motion."),
        ("expressions", "Choose at least one expression."),
        ("backgrounds", "Choose at least one background."),
    ):
        if not getattr(spec, name):
            faults[name] = words
    if spec.distance[0] > spec.distance[1]:
        faults["distance"] = "The nearest distance is larger than the farthest."
    if choices.scheduler and "://" not in choices.scheduler:
        faults["scheduler"] = "An address looks like tcp://host:8786."
    return faults


def _output_fault(output: str) -> str:
    if not output:
        return "Choose a folder for the data set."
    path = Path(output).expanduser()
    if not path.is_absolute():
        return "Give the whole path of the folder."
    if path.is_dir():
        if not os.access(path, os.W_OK | os.X_OK):
            return "This folder cannot be written to: choose another."
        if _holds_other_files(path):
            return "This folder holds other files: choose an empty or a new one."
        return ""
    if path.exists():
        return "This is a file: choose a folder."
    home = _nearest(path)
    if home is None or not home.is_dir() or not os.access(home, os.W_OK | os.X_OK):
        return f"No folder can be made in {path.parent}: choose another."
    return ""


def _holds_other_files(path: Path) -> bool:
    from app.dataset.run_record import FILE

    names = {entry.name for entry in os.scandir(path)}
    return bool(names) and FILE not in names


def _heads_fault(heads: tuple[str, ...]) -> str:
    if not heads:
        return "Add at least one head."
    gone = [head for head in heads if not resolve(head).is_file()]
    if gone:
        more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
        return f"{Path(gone[0]).name}{more} is not there any more: take it off the list."
    return ""


def _replay_fault(choices: Choices) -> str:
    if "Replay" not in choices.spec.motions:
        return ""
    if not choices.spec.replay:
        return "Replay needs a recorded sequence."
    gone = [path for path in choices.spec.replay if not Path(path).exists()]
    return f"{gone[0]} does not exist." if gone else ""


def _pictures_fault(choices: Choices) -> str:
    if "pictures" not in choices.spec.backgrounds:
        return ""
    if not choices.spec.pictures:
        return "Choose the folder of background pictures."
    from app.dataset.backgrounds import pictures_in

    pictures_in(Path(choices.spec.pictures).expanduser())
    return ""


def _costs(choices: Choices, pictures: int, heads: int) -> tuple[float, int, bool] | None:
    """Seconds and bytes of the whole data set, and whether this machine told them."""
    if not pictures:
        return None
    from app.dataset.estimate import estimate

    found = estimate(choices.asked, pictures, heads, choices.workers or os.cpu_count() or 1)
    return found.seconds, found.bytes, found.measured


def _free(output: str) -> int | None:
    home = _nearest(Path(output).expanduser()) if output else None
    try:
        return shutil.disk_usage(home).free if home is not None else None
    except OSError:
        return None


def _nearest(path: Path) -> Path | None:
    """The path, or the first of the folders above it that is there."""
    return next((place for place in (path, *path.parents) if place.exists()), None)


def _how_far(root: Path, pictures: int) -> str:
    """What is there of the data set that is asked for."""
    from app.dataset.manifest import count

    if count(root) == pictures:
        return f"This data set is there already, all {pictures:,} pictures of it."
    return f"This folder holds this data set of {pictures:,} pictures: Resume goes on."


def _unfinished(choices: Choices) -> Unfinished | None:
    """What of a data set lies in the output folder."""
    from app.dataset.run_record import FILE, read_record

    if not choices.output:
        return None
    root = Path(choices.output).expanduser()
    if not (root / FILE).is_file():
        return None
    try:
        record = read_record(root)
    except SpecError as problem:
        return Unfinished(str(problem), False)
    own = Choices.of(record.spec, choices.output, choices)
    if own.asked == choices.asked:
        return Unfinished(_how_far(root, len(record.plan)), False, own)
    text = f"This folder holds another data set of {len(record.plan):,} pictures."
    return Unfinished(text, True, own)
