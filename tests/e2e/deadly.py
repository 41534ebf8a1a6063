"""A maker of pictures whose process dies of the picture with the number 2, as by lack of memory."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from app.dataset.frame import Frame
from app.dataset.manifest import Row
from app.dataset.task_frame import FrameMaker


class DeadlyMaker(FrameMaker):
    def make(self, frame: Frame, root: Path) -> Row:
        if frame.number == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().make(frame, root)
