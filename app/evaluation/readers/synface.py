"""Data sets in SynFace's folders: this project's own, and those of the papers.

Of the papers' sets camera, head pose and depth are known, but no landmarks: the box is then the
one that the mean face has at the pose which the text tells, seen with the papers' 60° across.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.dataset.reader import ReadError, Sample, SynFace
from app.dataset.releases import Releases, of_annotation, of_folder
from app.dataset.synface import SynFaceText
from app.evaluation.annotated import Annotated, Bytes, DepthTruth, Floats, ReadingError, box_of
from app.evaluation.readers.face_area import labelled_depth, plain_depth
from app.geometry.pinhole import Pinhole
from app.geometry.rotations import (
    Angles,
    Array,
    matrix_from_blender_xyz,
    pose_para_from_matrix,
)
from app.scene.annotations import seen_rotation
from app.topology import store
from app.topology.truth import OUTLINE

FIELD_OF_VIEW: Final = 60.0
_POINTS: Final = "ibug-68"
_DENSE: Final = "dense-520"


def read_synface(folder: Path, problems: list[str]) -> Iterator[Annotated]:
    """Frames of a folder; one line is added to ``problems`` for each that cannot be read."""
    for sample in SynFace(folder):
        if "color" not in sample.files:
            continue
        name = f"{sample.folder}/{sample.files['color']}".lstrip("/")
        try:
            if "annotation" in sample.files:
                yield _own(sample, name)
            else:
                yield _papers(sample, name)
        except (ReadError, ReadingError, OSError) as problem:
            problems.append(str(problem))
        except (KeyError, TypeError, IndexError, ValueError) as problem:
            problems.append(f"{name}: its annotation lacks {problem}")


def releases(folder: Path) -> Releases:
    """The releases that a data set of ours tells, by its record or else by its first picture."""
    told = of_folder(folder)
    first = None if told else SynFace(folder).first()
    if first is None or "annotation" not in first.files:
        return told
    try:
        return of_annotation(first.annotation())
    except (ReadError, OSError):
        return ()


def _own(sample: Sample, name: str) -> Annotated:
    words = sample.annotation()
    found = words["landmarks"]
    points = _pixels(found[_POINTS])
    if OUTLINE in found:
        points[: len(found[OUTLINE]["pixels"])] = _pixels(found[OUTLINE])
    dense = visible = None
    if _DENSE in found:
        dense, visible = _pixels(found[_DENSE]), np.array(found[_DENSE]["visible"], bool)
    if not np.isfinite(points).all():
        raise ReadingError(f"{name}: a landmark lies behind the camera")
    pose = words["head"]["pose"]["of_the_camera"]["pose_para"]
    distance = float(words["head"]["centre"]["camera"][2])
    return Annotated(
        name,
        lambda: _picture(sample),
        points,
        box_of(points),
        OUTLINE in found,
        Angles(float(pose["yaw"]), float(pose["pitch"]), float(pose["roll"])),
        dense,
        visible,
        _depth(sample, found[_DENSE if _DENSE in found else _POINTS], distance),
        _groups(sample),
    )


def _papers(sample: Sample, name: str) -> Annotated:
    text = sample.text()
    height, width = _picture(sample).shape[:2]
    camera = np.eye(4)
    camera[:3, :3] = matrix_from_blender_xyz(text.camera_rotation)
    camera[:3, 3] = text.camera
    view = Pinhole(camera, FIELD_OF_VIEW, width, height)
    turned = matrix_from_blender_xyz(text.head_rotation)
    world = _mean_face() @ turned.T + np.array(text.head)
    if (view.to_camera(world)[:, 2] <= 0.01).any():
        raise ReadingError(f"{name}: the head is behind the camera")
    mean = view.project(world)
    distance = float(view.to_camera(np.array([text.head]))[0, 2])
    return Annotated(
        name,
        lambda: _picture(sample),
        None,
        box_of(mean[:68]),
        angles=_seen(text, camera),
        depth=_bare_depth(sample, mean, distance),
        groups=_groups(sample),
    )


def _seen(text: SynFaceText, camera: Array) -> Angles:
    head = matrix_from_blender_xyz(text.head_rotation)
    return pose_para_from_matrix(seen_rotation(head, camera[:3, :3]))


def _depth(sample: Sample, landmarks: Any, distance: float) -> Callable[[], DepthTruth] | None:
    """Loads depth with the face told by the mask and by landmarks of the annotation."""
    if "depth" not in sample.files or "mask" not in sample.files:
        return None
    points = _pixels(landmarks)
    deep = np.array([row[2] if row else np.nan for row in landmarks["camera"]]) - distance
    heights = np.where(np.array(landmarks["visible"], bool), deep, np.nan)

    def load() -> DepthTruth:
        relative = _relative(sample, distance)
        try:
            return labelled_depth(relative, sample.mask(), points, heights, distance)
        except (ReadError, OSError) as problem:
            raise ReadingError(str(problem)) from None

    return load


def _bare_depth(sample: Sample, points: Array, distance: float) -> Callable[[], DepthTruth] | None:
    if "depth" not in sample.files:
        return None
    return lambda: plain_depth(_relative(sample, distance), points, distance)


def _relative(sample: Sample, distance: float) -> Floats:
    try:
        return (sample.depth() - np.float32(distance)).astype(np.float32)
    except (ReadError, OSError) as problem:
        raise ReadingError(str(problem)) from None


def _picture(sample: Sample) -> Bytes:
    try:
        return sample.picture()
    except (ReadError, OSError) as problem:
        raise ReadingError(str(problem)) from None


def _groups(sample: Sample) -> dict[str, str]:
    told = {"gender": sample.gender, "expression": sample.expression}
    return {kind: name for kind, name in told.items() if name}


def _pixels(block: Any) -> NDArray[np.float64]:
    return np.array([row or (np.nan, np.nan) for row in block["pixels"]], dtype=np.float64)


@functools.lru_cache(maxsize=1)
def _mean_face() -> Array:
    """The dense topology on the mean head, metres about the head centre, shape (520, 3)."""
    return np.array([mark.mean for mark in store.load(_DENSE).landmarks])
