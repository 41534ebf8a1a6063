"""Networks for measuring without a window."""

from __future__ import annotations

import tempfile
from pathlib import Path

from app.bench.models import AbsentError
from inference import registry
from inference.live.chain import LiveModels
from inference.live.models import ModelFolder
from inference.pipeline import load_detector
from inference.sessions import ModelError


def opened(face: Path | None) -> LiveModels:
    """The usual detector and a face network, on one thread of the processor.

    Parameters
    ----------
    face : Path, optional
        In place of the shipped one.

    Raises
    ------
    AbsentError
        Where there is none, or it cannot be opened.
    """
    shipped = registry.shipped("face")
    if face is None and not shipped:
        raise AbsentError("no model of kind face in assets/models")
    path = face.absolute() if face is not None else _usual(shipped).path
    with tempfile.TemporaryDirectory(prefix="headroom-bench-models-") as empty:
        folder = ModelFolder(Path(empty), Path(empty) / "cache")
        folder.include(path)
        folder.refresh()
        try:
            predictor = folder.open(folder.check(path))
            return LiveModels(face=predictor, detector=load_detector())  # type: ignore[arg-type]
        except (ModelError, KeyError) as problem:
            raise AbsentError(str(problem)) from None


def _usual(shipped: tuple[registry.Model, ...]) -> registry.Model:
    return next((m for m in shipped if m.path.stem == "face"), shipped[0])
