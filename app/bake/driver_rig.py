"""The whole skeleton of a person: posing bones and carrying the skin along.

Every bone's axes are those of the world at rest, so a turn is the same however the model rolls its
bones. World of a driver: metres, Z up, facing -Y, the driver's left at +X.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from app.bake.body import load_model, rest_model
from app.bake.mesh import Floats, Ints
from app.bake.person import PersonSpec

SIDES = ("L", "R")
"""The driver's own left (+X) and right."""


@dataclass(frozen=True, eq=False)
class Rig:
    """One person's bones and skin at rest.

    Attributes
    ----------
    names : tuple of str
    parents : ndarray, shape (B,)
        -1 for the first.
    heads, tails : ndarray, shape (B, 3)
    vertices : ndarray, shape (19158, 3)
    """

    names: tuple[str, ...]
    parents: Ints
    heads: Floats
    tails: Floats
    vertices: Floats

    def bone(self, name: str) -> int:
        """Number of a bone."""
        return self.names.index(name)

    @functools.cached_property
    def hips(self) -> Floats:
        """Middle between the hip joints at rest."""
        joints = [self.heads[self.bone(f"upperleg01.{side}")] for side in SIDES]
        return np.asarray(np.mean(joints, axis=0))


@dataclass(frozen=True, eq=False)
class Posed:
    """Where the bones are: bone b takes x at rest to turns[b] (x - heads[b]) + joints[b].

    Attributes
    ----------
    turns : ndarray, shape (B, 3, 3)
    joints : ndarray, shape (B, 3)
    """

    rig: Rig
    turns: Floats
    joints: Floats

    def joint(self, name: str) -> Floats:
        """Where a bone begins, shape (3,)."""
        return np.asarray(self.joints[self.rig.bone(name)])

    def tip(self, name: str) -> Floats:
        """Where a bone ends, shape (3,)."""
        k = self.rig.bone(name)
        return np.asarray(self.turns[k] @ (self.rig.tails[k] - self.rig.heads[k]) + self.joints[k])

    @functools.cached_property
    def matrices(self) -> Floats:
        """Rest to posed, shape (B, 12), rows of 3 by 4."""
        moved = self.joints - np.einsum("bij,bj->bi", self.turns, self.rig.heads)
        return np.asarray(np.concatenate([self.turns, moved[:, :, None]], axis=2)).reshape(-1, 12)

    def skin(self, points: Floats, weights: sparse.csr_matrix) -> Floats:
        """Points (N, 3) at rest carried by their weights (N, B), linearly blended."""
        blend = np.asarray(weights @ self.matrices).reshape(-1, 3, 4)
        return np.asarray(np.einsum("nij,nj->ni", blend[:, :, :3], points) + blend[:, :, 3])

    def skin_normals(self, normals: Floats, weights: sparse.csr_matrix) -> Floats:
        """Unit normals (N, 3) turned with their bones."""
        blend = np.asarray(weights @ self.matrices).reshape(-1, 3, 4)
        turned = np.einsum("nij,nj->ni", blend[:, :, :3], normals)
        return np.asarray(turned / np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-12))


@functools.cache
def bone_names() -> tuple[str, ...]:
    """Names of all bones."""
    return tuple(load_model().bone_labels)


@functools.cache
def skin_weights() -> sparse.csr_matrix:
    """Weights of all vertices, shape (19158, B), rows sum to one."""
    model = load_model()
    index = model.vertex_bone_indices.numpy().astype(np.int64)
    values = model.vertex_bone_weights.numpy().astype(np.float64)
    rows = np.repeat(np.arange(len(index)), index.shape[1])
    shape = (len(index), len(model.bone_labels))
    weights = sparse.csr_matrix((values.ravel(), (rows, index.ravel())), shape=shape)
    weights.sum_duplicates()
    weights.eliminate_zeros()
    return weights


def rig_of(person: PersonSpec) -> Rig:
    """Bones and skin of a person.

    Raises
    ------
    ImportError
        Where the extra ``bake`` is absent.
    """
    rest = rest_model(person)
    parents = np.array(load_model().bone_parents, dtype=np.int64)
    return Rig(bone_names(), parents, rest.bone_heads, rest.bone_tails, rest.vertices)


def pose_bones(rig: Rig, turns: dict[str, Floats], root: Floats) -> Posed:
    """Bones for turns relative to their parents.

    Parameters
    ----------
    turns : dict of str to ndarray, shape (3, 3)
        In the axes of the world at rest; bones that are not named keep their parent's turn.
    root : ndarray, shape (3,)
        Where the first bone's head is.
    """
    count = len(rig.names)
    world = np.zeros((count, 3, 3))
    joints = np.zeros((count, 3))
    for bone, parent in enumerate(rig.parents):
        own = turns.get(rig.names[bone])
        if parent < 0:
            world[bone] = np.eye(3) if own is None else own
            joints[bone] = root
            continue
        world[bone] = world[parent] if own is None else world[parent] @ own
        joints[bone] = world[parent] @ (rig.heads[bone] - rig.heads[parent]) + joints[parent]
    return Posed(rig, world, joints)


def turn_about(axis: Floats, angle: float) -> Floats:
    """Rotation about a unit vector by radians, shape (3, 3) (Rodrigues)."""
    x, y, z = axis
    k = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + np.sin(angle) * k + (1.0 - np.cos(angle)) * (k @ k))


def unit(vector: Floats) -> Floats:
    """The same direction with length one."""
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12))


def twist_of(turn: Floats, axis: Floats) -> float:
    """Radians by which a rotation turns about a unit vector (swing-twist decomposition)."""
    w = np.sqrt(max(0.0, 1.0 + float(np.trace(turn)))) / 2.0
    skew = np.array([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]])
    along = float(skew @ axis) / 4.0
    angle = 2.0 * np.arctan2(along, w * w) if w > 1e-9 else np.pi
    return float((angle + np.pi) % (2.0 * np.pi) - np.pi)
