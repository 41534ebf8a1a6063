"""Bones and skin weights of a person as the reader of FBX files gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.bake.mesh import Floats, Ints
from app.bake.parts import Part


@dataclass(frozen=True, eq=False)
class Hung:
    """What each vertex hangs on, the heaviest first.

    Attributes
    ----------
    bones : ndarray, shape (V, K)
    weights : ndarray, shape (V, K)
        Rows sum to one; padded with weight 0.
    """

    bones: Ints
    weights: Floats


def hung(part: Part) -> Hung:
    """Skin weights without the columns that no vertex uses."""
    width = int((part.weights > 0).sum(axis=1).max(initial=1))
    order = np.argsort(-part.weights, axis=1, kind="stable")[:, :width]
    weights = np.take_along_axis(part.weights, order, axis=1)
    return Hung(np.where(weights > 0, order, 0), weights / weights.sum(axis=1, keepdims=True))


def bone_matrices(heads: Floats, tails: Floats) -> Floats:
    """Bone to world at rest, shape (B, 4, 4): Y along the bone, without roll.

    The least turn that takes Y to the bone's direction, as Blender lays its bones (Blender's
    ``vec_roll_to_mat3_normalized``).

    Parameters
    ----------
    heads, tails : ndarray, shape (B, 3), metres
    """
    along = tails - heads
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    x, y, z = along.T
    across = x * x + z * z
    theta = np.where(1 + y > 6.1e-3, 1 + y, across * 0.5 + across**2 * 0.125)
    matrices = np.tile(np.eye(4), (len(heads), 1, 1))
    matrices[:, :3, 0] = np.stack([1 - x * x / theta, -x, -x * z / theta], axis=1)
    matrices[:, :3, 1] = along
    matrices[:, :3, 2] = np.stack([-x * z / theta, -z, 1 - z * z / theta], axis=1)
    matrices[:, :3, 3] = heads
    return matrices


def bone_tails(matrices: Floats, parents: Sequence[int]) -> Floats:
    """Tails, shape (B, 3), metres, of the lengths that the reader of files gives to bones.

    A bone is as long as its children's joints lie away on average; one without children is as
    long as its parent.
    """
    joints = matrices[:, :3, 3]
    length = np.zeros(len(joints))
    for bone, parent in enumerate(parents):
        away = [
            float(np.linalg.norm(joints[child] - joints[bone]))
            for child, of in enumerate(parents)
            if of == bone
        ]
        length[bone] = np.mean(away) if away else length[parent]
    return np.asarray(joints + matrices[:, :3, 1] * length[:, None])
