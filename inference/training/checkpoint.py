"""A run's state in one file, whole at any moment."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

import torch

from app.files import write_bytes

FORMAT: Final = 1
LAST, BEST = "last.pt", "best.pt"


class CheckpointError(ValueError):
    """A file that is no checkpoint of this project; the message is one line and names it."""


@dataclass(frozen=True)
class Progress:
    """How far a run has come.

    Attributes
    ----------
    step : int
        Steps done.
    seconds : float
        Time they and the looks at the hold-out took.
    score : float
        Best so far.
    waited : int
        Looks at the hold-out since the best score.
    finished : str
        Why the run ended; empty while it goes on.
    """

    step: int = 0
    seconds: float = 0.0
    score: float = float("inf")
    waited: int = 0
    finished: str = ""


@dataclass(frozen=True)
class Checkpoint:
    """State of a run.

    Attributes
    ----------
    task : str
    config : dict
        The settings, as JSON knows them.
    facts : dict
        What the card tells of the data and of how the run was started.
    progress : Progress
    figures : dict of str to float
        Of the hold-out, of the last look.
    mean : dict of str to Tensor
        Mean weights, those to use.
    state : dict
        Weights, optimiser, scaler and chance; empty in a file that is only to be used.
    """

    task: str
    config: dict[str, Any]
    facts: dict[str, Any]
    progress: Progress
    figures: dict[str, float]
    mean: dict[str, torch.Tensor]
    state: dict[str, Any] = field(default_factory=dict)


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Replace ``path`` in one step: a kill leaves the old file or the new one.

    Kinds that pass for text or numbers become these: `read_checkpoint` takes no others.
    """
    parts = {f.name: getattr(checkpoint, f.name) for f in fields(checkpoint)}
    parts["progress"] = asdict(checkpoint.progress)
    for name in ("config", "facts", "figures"):
        parts[name] = json.loads(json.dumps(parts[name]))
    buffer = io.BytesIO()
    torch.save({"format": FORMAT, **parts}, buffer)
    write_bytes(path, buffer.getvalue())


def read_checkpoint(path: Path) -> Checkpoint:
    """The checkpoint at ``path``, on the CPU; nothing in the file is executed.

    Raises
    ------
    CheckpointError
    FileNotFoundError
    """
    try:
        parts = torch.load(path, map_location="cpu", weights_only=True)
        if parts.pop("format") != FORMAT:
            raise CheckpointError(f"{path}: a checkpoint of another version; train again")
        return Checkpoint(**{**parts, "progress": Progress(**parts["progress"])})
    except FileNotFoundError:
        raise
    except CheckpointError:
        raise
    except (
        OSError,
        EOFError,
        RuntimeError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        pickle.UnpicklingError,
        zipfile.BadZipFile,
    ) as error:
        raise CheckpointError(
            f"{path}: no checkpoint that can be read; start again with --fresh"
        ) from error
