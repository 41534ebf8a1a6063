"""``.mat`` files of 300W-LP and AFLW2000-3D: 68 points and the head's pose.

``Pose_Para`` holds pitch, yaw and roll in radians, then translation and scale; ``pt3d_68``
(AFLW2000-3D) or ``pt2d`` (300W-LP) the points of iBUG-68 as columns, the jaw fixed on the surface.
MATLAB counts pixels from one. AFLW2000-3D's own ``pt2d`` has 21 points of AFLW, which are no
iBUG-68 and are left alone.

Source: X. Zhu et al., CVPR 2016, "Face alignment across large poses: a 3D solution".
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from app.evaluation.annotated import ReadingError
from app.files import read_bytes
from app.geometry.rotations import Angles, Array

MAX_BYTES: Final = 64 * 2**20
EXTREME: Final = 99.0
"""Degrees beyond which evaluations leave out faces of AFLW2000-3D (Ruiz et al., CVPRW 2018)."""


@dataclass(frozen=True, eq=False)
class MatFace:
    """What a file says.

    Attributes
    ----------
    points : ndarray, shape (68, 2), optional
        Pixels with (0, 0) at the centre of the top-left one.
    angles : Angles, optional
        Degrees, ``pose_para``.
    """

    points: Array | None
    angles: Angles | None


def read_mat(path: Path, first: float = 1.0) -> MatFace:
    """Read a file.

    Parameters
    ----------
    path : Path
    first : float
        What the file calls the centre of the top-left pixel.

    Raises
    ------
    ReadingError
        When it is damaged, of MATLAB 7.3, or holds neither points nor a pose.
    """
    import scipy.io

    try:
        data = read_bytes(path, MAX_BYTES)
    except OSError as problem:
        raise ReadingError(f"{path} cannot be read: {problem.strerror or problem}") from None
    if len(data) > MAX_BYTES:
        raise ReadingError(f"{path} is larger than {MAX_BYTES >> 20} MB")
    try:
        content = scipy.io.loadmat(
            io.BytesIO(data), variable_names=("Pose_Para", "pt3d_68", "pt2d"), appendmat=False
        )
    except NotImplementedError:
        raise ReadingError(f"{path} is of MATLAB 7.3: save it as version 7") from None
    except Exception as problem:
        said = " ".join(str(problem).split())[:80]
        raise ReadingError(f"{path} is no whole .mat file: {said}") from None
    points = _points(content, path)
    angles = _angles(content, path)
    if points is None and angles is None:
        raise ReadingError(f"{path} has neither 68 points (pt3d_68, pt2d) nor Pose_Para")
    return MatFace(None if points is None else points - first, angles)


def _points(content: dict[str, Any], path: Path) -> Array | None:
    for key in ("pt3d_68", "pt2d"):
        if key not in content:
            continue
        values = _numbers(content[key], f"{path}: {key}")
        if values.ndim == 2 and values.shape[0] in (2, 3) and values.shape[1] == 68:
            values = values[:2].T
        elif values.ndim == 2 and values.shape[0] == 68 and values.shape[1] in (2, 3):
            values = values[:, :2]
        else:
            continue
        if not np.isfinite(values).all():
            raise ReadingError(f"{path}: {key} holds a number that is not finite")
        return np.ascontiguousarray(values)
    return None


def _angles(content: dict[str, Any], path: Path) -> Angles | None:
    if "Pose_Para" not in content:
        return None
    values = _numbers(content["Pose_Para"], f"{path}: Pose_Para").ravel()
    if len(values) < 3 or not np.isfinite(values[:3]).all():
        raise ReadingError(f"{path}: Pose_Para has not three angles")
    pitch, yaw, roll = (float(v) for v in np.degrees(values[:3]))
    return Angles(yaw, pitch, roll)


def _numbers(value: Any, name: str) -> Array:
    array = np.asarray(value)
    if array.dtype.kind not in "iuf":
        raise ReadingError(f"{name} holds no numbers")
    return array.astype(np.float64)
