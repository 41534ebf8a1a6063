"""Photographs as pictures to work on: their faces found by a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from app.curate.photographs import photograph_view
from app.curate.side_views import SideView
from inference.pictures import PictureError, read_picture
from inference.pipeline import FACE, load_pipeline


def photograph_views(
    paths: Sequence[Path], missed: Callable[[str], None], model: str = FACE
) -> Iterator[SideView]:
    """The largest face of each photograph.

    Parameters
    ----------
    paths : sequence of Path
    missed : callable
        Hears one line for each photograph that cannot be read or shows no face.
    model : str
        Finds the dense points.

    Raises
    ------
    ModelError
        When the model cannot be used.
    """
    pipeline = load_pipeline(model)
    for path in paths:
        try:
            picture = read_picture(path)
            faces = pipeline.faces(picture, path.name).faces
            found = [face for face in faces if face.landmarks_520 is not None]
            if not found:
                missed(f"{path.name}: no face was found in it")
                continue
            points = max(found, key=lambda face: face.box.width * face.box.height).landmarks_520
            assert points is not None
            yield photograph_view(path.name, picture, np.asarray(points, np.float64))
        except (PictureError, ValueError) as problem:
            missed(str(problem))
