"""Head rotations in the camera's axes and their ``pose_para`` angles, for torch and for export.

Frame: camera axes, x right, y down, z away from the camera. A head that looks straight into the
camera, upright, has the identity. Signs as in `app.geometry.rotations`.
"""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import Tensor

DEGREES: Final = 180.0 / math.pi


def angles_from_rotations(rotations: Tensor) -> Tensor:
    """Yaw, pitch and roll (..., 3) in degrees, ``pose_para``, of rotations (..., 3, 3).

    Yaw lies within ±90. Near its ends pitch and roll turn about almost the same axis, so that a
    small change of the rotation may change both greatly.
    """
    r = rotations
    level = torch.sqrt(r[..., 0, 0] ** 2 + r[..., 0, 1] ** 2 + 1e-12)
    yaw = torch.atan2(r[..., 0, 2], level)
    pitch = torch.atan2(r[..., 1, 2], r[..., 2, 2])
    roll = torch.atan2(-r[..., 0, 1], r[..., 0, 0])
    return torch.stack([yaw, pitch, roll], dim=-1) * DEGREES


def rotations_from_angles(angles: Tensor) -> Tensor:
    """Rotations (..., 3, 3) from yaw, pitch and roll (..., 3) in degrees, ``pose_para``.

    R = Rx(−pitch)·Ry(yaw)·Rz(roll) with right-handed elementary rotations in the camera's axes.
    """
    turned = angles / DEGREES
    (cy, cp, cr), (sy, sp, sr) = torch.cos(turned).unbind(-1), torch.sin(turned).unbind(-1)
    rows = [
        torch.stack([cy * cr, -cy * sr, sy], dim=-1),
        torch.stack([cp * sr - sp * sy * cr, cp * cr + sp * sy * sr, sp * cy], dim=-1),
        torch.stack([-sp * sr - cp * sy * cr, -sp * cr + cp * sy * sr, cp * cy], dim=-1),
    ]
    return torch.stack(rows, dim=-2)


def blender_angles_from_rotations(rotations: Tensor) -> Tensor:
    """Yaw, pitch and roll (..., 3) in degrees, ``blender_xyz``, relative to the camera.

    R = Rz(yaw)·Ry(roll)·Rx(pitch) in axes x right, y away, z up. Roll is the angle within ±90, so
    that these angles are well determined where those of ``pose_para`` are not: the heads of the
    data sets roll by ±55 and yaw by ±80.
    """
    r = rotations
    level = torch.sqrt(r[..., 0, 0] ** 2 + r[..., 2, 0] ** 2 + 1e-12)
    yaw = torch.atan2(r[..., 2, 0], r[..., 0, 0])
    pitch = torch.atan2(-r[..., 1, 2], r[..., 1, 1])
    roll = torch.atan2(r[..., 1, 0], level)
    return torch.stack([yaw, pitch, roll], dim=-1) * DEGREES
