"""What a card tells of how a network was trained."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch

from inference.training.task import Task

_ROOT = Path(__file__).parents[2]


def facts_of(task: Task, folders: Sequence[Path], words: Sequence[str]) -> dict[str, Any]:
    """Data, command, state of the program, and when, as JSON knows them.

    Parameters
    ----------
    task : Task
    folders : sequence of Path
        Of the shards; cards tell only their names.
    words : sequence of str
        Of the command.
    """
    trained, held = task.data("train"), task.data("holdout")
    return {
        "folders": [str(folder) for folder in folders],
        "data": [folder.name or str(folder) for folder in folders],
        "frames": len(trained),
        "people": len(np.unique(trained.people)),
        "held_out_frames": len(held),
        "held_out_people": len(np.unique(held.people)),
        "samples": len(trained) + len(held),
        "command": shlex.join(words),
        "commit": commit(),
        "tools": {"torch": str(torch.__version__), "numpy": np.__version__},
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def commit() -> str:
    """Of the program, with ``+`` where files of it have changed since; empty where unknown."""
    try:
        head = _git("rev-parse", "HEAD").strip()
        changed = _git("status", "--porcelain", "--untracked-files=no").strip()
    except (OSError, subprocess.SubprocessError):
        return ""
    return head + ("+" if changed else "")


def _git(*words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=_ROOT, capture_output=True, text=True, check=True, timeout=20
    )
    return done.stdout
