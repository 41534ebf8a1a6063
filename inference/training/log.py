"""What a run leaves to look at: lines of JSON, and TensorBoard's files where that is installed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

LINES = "log.jsonl"


class Log:
    """Scalars and pictures by step.

    Parameters
    ----------
    folder : Path
        Of the run; TensorBoard reads ``folder / "tensorboard"``.
    first : int
        Step to begin with: what a killed run told of later steps is told anew.
    """

    def __init__(self, folder: Path, first: int) -> None:
        self._lines = folder / LINES
        _cut(self._lines, first)
        self._board: Any = None
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            return
        self._board = SummaryWriter(str(folder / "tensorboard"), purge_step=first or None)

    @property
    def has_board(self) -> bool:
        return self._board is not None

    def scalars(self, part: str, step: int, values: Mapping[str, float]) -> None:
        """One line, and one curve ``part/name`` for each value."""
        with self._lines.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"part": part, "step": step, **values}) + "\n")
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(f"{part}/{name}", value, step)

    def picture(self, name: str, step: int, pixels: npt.NDArray[np.uint8]) -> None:
        """A picture (H, W, 3), RGB; without TensorBoard the newest lies in the folder."""
        if self._board is not None:
            self._board.add_image(name, pixels, step, dataformats="HWC")
        import cv2

        cv2.imwrite(str(self._lines.with_name(f"{name}.png")), pixels[..., ::-1])

    def close(self) -> None:
        if self._board is not None:
            self._board.close()


def _cut(path: Path, first: int) -> None:
    """Leave out what was told of ``first`` and later steps, and a line that was cut off."""
    if not path.is_file():
        return
    kept = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict) and isinstance(told.get("step"), int) and told["step"] <= first:
            kept.append(line + "\n")
    path.write_text("".join(kept), encoding="utf-8")
