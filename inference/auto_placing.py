"""Landmarks of a head that a network finds in pictures of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import numpy as np

from app.curate.auto_place import AutoPlaced, by_pictures
from app.curate.casting import Bytes
from app.geometry.rotations import Array
from app.head.asset import HeadAsset
from inference.face import Effort
from inference.pipeline import load_pipeline
from inference.results import Face

CAREFUL: Final = Effort(2, True)
"""A second look, about what the first one found, and each of them mirrored too."""


def by_model(
    asset: HeadAsset,
    placed: Sequence[AutoPlaced],
    model: str,
    looked: Callable[[], None] = lambda: None,
) -> tuple[AutoPlaced, ...]:
    """Landmarks that were proposed by registration, put where a model sees them.

    Parameters
    ----------
    asset : HeadAsset
    placed : sequence of AutoPlaced
    model : str
        Name of a shipped model of landmarks, or a file.
    looked : callable
        Called before every picture; may raise to break off.

    Returns
    -------
    tuple of AutoPlaced
        Of a topology whose points the model does not find, as it was given.

    Raises
    ------
    ModelError
        When the model cannot be used.
    ValueError
        With one line, if no picture shows a face.
    """
    from app.curate.pictures import rastered

    pipeline = load_pipeline(model, effort=CAREFUL)
    seen: dict[bytes, tuple[Face, ...]] = {}

    def found(count: int, picture: Bytes) -> Array | None:
        looked()
        key = hashlib.sha256(picture.tobytes()).digest()
        if key not in seen:
            seen[key] = pipeline.faces(picture, "auto-place").faces
        faces = seen[key]
        for points in (faces[0].landmarks_68, faces[0].landmarks_520) if faces else ():
            if points is not None and len(points) == count:
                return np.asarray(points, np.float64)[:, :2]
        return None

    result: list[AutoPlaced] = []
    with rastered(asset) as render:
        for one in placed:
            try:
                result.append(by_pictures(asset, one, render, partial(found, len(one.topology))))
            except ValueError:
                if not result:
                    raise
                result.append(one)
    return tuple(result)
