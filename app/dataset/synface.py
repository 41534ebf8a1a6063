"""The text beside a picture in C3I-SynFace: four lines on the camera and on the head.

::

    Camera Location: (0.0, -0.3, 0.0)
    Head Point Location: (0.0, 0.0, 0.0)
    Camera Rotation: Yaw 0.00 Pitch 90.00 Roll 0.00
    Head Rotation: Yaw -17.90 Pitch 19.43 Roll 2.90

Locations are metres in the world. The angles are the XYZ Euler angles of the world matrix in
degrees with yaw = Z, pitch = X and roll = Y, that is ``blender_xyz``; a camera in front of the
head, Z up, reads yaw 0, pitch 90, roll 0.

Source: S. Basak et al., 2023, "C3I-SynFace", Data in Brief 48, section 3, captureWithGaze.py.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.files import read_bytes
from app.geometry.rotations import Angles, Array, blender_xyz_from_matrix
from app.topology.topology import Vector

MAX_BYTES: Final = 4096
LABELS: Final = ("Camera Location", "Head Point Location", "Camera Rotation", "Head Rotation")
_NUMBER: Final = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_ANGLES: Final = re.compile(
    rf"Yaw\s*({_NUMBER})[\s,]*Pitch\s*({_NUMBER})[\s,]*Roll\s*({_NUMBER})", re.IGNORECASE
)
_WRAPPER: Final = re.compile(r"np\.float\d+|Vector|[<>()\[\]]")


class SynFaceError(ValueError):
    """The text is damaged; the message is one line that says where."""


@dataclass(frozen=True)
class SynFaceText:
    """What the four lines say.

    Attributes
    ----------
    camera, head : tuple of float
        Where the camera is, and where the head centre is at zero pose, world metres.
    camera_rotation, head_rotation : Angles
        Degrees in ``blender_xyz``.
    """

    camera: Vector
    head: Vector
    camera_rotation: Angles
    head_rotation: Angles


def describe(camera: Array, head: Array) -> SynFaceText:
    """The four lines of a picture.

    Parameters
    ----------
    camera : ndarray, shape (4, 4)
        Camera to world, metres, Blender's camera axes.
    head : ndarray, shape (3, 3)
        Rotation of the head in the world.

    Notes
    -----
    The papers write the point from which the head starts, not where the neck then carries it: in
    all their examples it lies 0.30 m from the camera of a turned head. Here it is the origin.
    """
    return SynFaceText(
        _vector(camera),
        (0.0, 0.0, 0.0),
        blender_xyz_from_matrix(camera[:3, :3]),
        blender_xyz_from_matrix(head),
    )


def to_text(note: SynFaceText) -> str:
    """Locations to four decimals, angles to two, no negative zeros, one newline at the end."""
    return (
        f"Camera Location: {_rounded(note.camera)}\n"
        f"Head Point Location: {_rounded(note.head)}\n"
        f"Camera Rotation: {_turned(note.camera_rotation)}\n"
        f"Head Rotation: {_turned(note.head_rotation)}\n"
    )


def from_text(text: str, name: str = "The text") -> SynFaceText:
    """Read the four lines, in any order, with spaces, line ends and negative zeros as they come.

    Raises
    ------
    SynFaceError
        When a line is missing, given twice or holds no numbers.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        if not line.strip():
            continue
        head, _, rest = line.partition(":")
        label = " ".join(head.split()).lower()
        if label not in _KEYS:
            raise SynFaceError(f"{name}, line {number}: “{line.strip()[:40]}” is not known")
        if label in found:
            raise SynFaceError(f"{name}, line {number}: {_KEYS[label]} was given before")
        found[label] = rest
    missing = [written for key, written in _KEYS.items() if key not in found]
    if missing:
        raise SynFaceError(f"{name} has no {' and no '.join(missing)}")
    camera, head_point, camera_turn, head_turn = (found[key] for key in _KEYS)
    return SynFaceText(
        _location(camera, LABELS[0], name),
        _location(head_point, LABELS[1], name),
        _angles(camera_turn, LABELS[2], name),
        _angles(head_turn, LABELS[3], name),
    )


def read(path: Path) -> SynFaceText:
    """Read a ``data_<id>.txt``.

    Raises
    ------
    SynFaceError
        When it is damaged.
    OSError
        When it cannot be read.
    """
    data = read_bytes(path, MAX_BYTES)
    if len(data) > MAX_BYTES:
        raise SynFaceError(f"{path.name} is too long for a text of four lines")
    return from_text(data.decode("utf-8", errors="replace"), path.name)


_KEYS: Final = {label.lower(): label for label in LABELS}


def _vector(matrix: Array) -> Vector:
    x, y, z = (float(v) for v in matrix[:3, 3])
    return x, y, z


def _rounded(point: Vector) -> Vector:
    x, y, z = (round(float(v), 4) + 0.0 for v in point)
    return x, y, z


def _turned(angles: Angles) -> str:
    yaw, pitch, roll = (_angle(v) for v in (angles.yaw, angles.pitch, angles.roll))
    return f"Yaw {yaw} Pitch {pitch} Roll {roll}"


def _angle(degrees: float) -> str:
    """To four decimals and then to two, as the papers do it."""
    text = f"{round(float(degrees), 4):.2f}"
    return "0.00" if text == "-0.00" else text


def _location(text: str, label: str, name: str) -> Vector:
    try:
        x, y, z = (float(part) for part in _WRAPPER.sub("", text).split(","))
    except ValueError:
        raise SynFaceError(f"{name}: {label} “{text.strip()[:40]}” is not three numbers") from None
    if not all(map(math.isfinite, (x, y, z))):
        raise SynFaceError(f"{name}: {label} “{text.strip()[:40]}” is not three finite numbers")
    return x + 0.0, y + 0.0, z + 0.0


def _angles(text: str, label: str, name: str) -> Angles:
    match = _ANGLES.fullmatch(text.strip())
    if match is None:
        what = f"“{text.strip()[:60]}” is not yaw, pitch and roll"
        raise SynFaceError(f"{name}: {label} {what}")
    yaw, pitch, roll = (float(v) + 0.0 for v in match.groups())
    return Angles(yaw, pitch, roll)
