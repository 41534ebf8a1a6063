"""Which tasks there are; a task's module is imported only when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from app.dataset.driver_data import Drivers
    from app.dataset.packed import Packed
    from inference.training.config import TrainingConfig
    from inference.training.task import Task

TASKS: Final[dict[str, str]] = {
    "face": "inference.training.face_task",
    "face-unlabelled": "inference.training.nuclear_task",
    "face-direct": "inference.training.paper_task",
    "facemesh-68": "inference.training.paper_task",
    "facemesh-68-trimmed": "inference.training.paper_task",
    "depth": "inference.training.depth_task",
    "head-pose": "inference.training.head_pose_task",
    "detector": "inference.training.detector_task",
    "transfer": "inference.training.transfer_task",
    "hands": "inference.training.hands_task",
    "wheel-region": "inference.training.region_task",
}
"""Name of a task to the module whose ``make(config, data)`` makes it."""

OF_DRIVERS: Final = frozenset({"hands", "wheel-region"})
"""Tasks that learn from pictures of drivers; all others learn from shards of faces."""


def task(name: str, config: TrainingConfig, folders: Sequence[Path]) -> Task:
    """The task ``name`` over shards or data sets; its ``make`` finds the name in the settings.

    Raises
    ------
    ConfigError
        The table ``[task]`` does not fit.
    ShardError
        A folder holds nothing that the task learns from.
    """
    named = msgspec.structs.replace(config, name=name)
    made: Task = import_module(TASKS[name]).make(named, _opened(name, folders))
    return made


def _opened(name: str, folders: Sequence[Path]) -> Packed | Drivers:
    if name in OF_DRIVERS:
        from app.dataset.driver_data import Drivers

        return Drivers(folders)
    from app.dataset.packed import Packed

    return Packed(folders)
