"""Adaptation to unlabelled pictures without a discriminator: the nuclear-norm discrepancy.

Chen et al., "Reusing the task-specific classifier as a discriminator: discriminator-free
adversarial domain adaptation", CVPR 2022 (DALN). A classifier that was taught on labelled pictures
is sure of itself there and names many classes; on pictures of another kind it is less so. The
nuclear norm of a batch's probabilities measures both at once, so the classifier is its own critic.
Landmarks are no classes; here the classes are directions that a head is seen from.
"""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import Tensor, nn

from inference.models.adversarial import reversed_gradient
from inference.models.face import FaceNet, FaceOutput

YAWS: Final = (-75.0, -50.0, -28.0, -9.0, 9.0, 28.0, 50.0, 75.0)
PITCHES: Final = (-40.0, -13.0, 13.0, 40.0)
"""Degrees between which the classes lie; each pair is one of them."""


def directions() -> Tensor:
    """Directions of sight in the head frame that stand for the classes, shape (K, 3)."""
    found = []
    for yaw in map(math.radians, YAWS):
        for pitch in map(math.radians, PITCHES):
            flat = math.cos(pitch)
            found.append((math.sin(yaw) * flat, math.sin(pitch), math.cos(yaw) * flat))
    return torch.tensor(found)


def classes_of(rotation: Tensor) -> Tensor:
    """Class (B,) of rotations (B, 3, 3) in the camera's axes: the nearest direction of sight."""
    found: Tensor = (rotation[:, 2, :] @ directions().to(rotation).T).argmax(1)
    return found


def discrepancy(source: Tensor, target: Tensor) -> Tensor:
    """Nuclear norms of probabilities (B, K) of two batches, each over its length; their difference.

    Equation 7 of the paper.
    """
    first, last = (torch.linalg.matrix_norm(p, ord="nuc") / len(p) for p in (source, target))
    return first - last


class FaceWithClasses(nn.Module):
    """A face network, and the classifier of what its landmarks are drawn from.

    Parameters
    ----------
    face : FaceNet
    """

    def __init__(self, face: FaceNet) -> None:
        super().__init__()
        self.face = face
        self.classes = nn.Linear(face.landmarks.in_features, len(YAWS) * len(PITCHES))

    def forward(self, pictures: Tensor) -> tuple[FaceOutput, Tensor]:
        """What is said of crops (B, 3, S, S), and the code (B, C) that it is drawn from."""
        kept: list[Tensor] = []
        hook = self.face.code.register_forward_hook(lambda _, __, made: kept.append(made))
        try:
            found: FaceOutput = self.face(pictures)
        finally:
            hook.remove()
        return found, kept[0]

    def taught(self, code: Tensor, rotation: Tensor) -> Tensor:
        """Cross-entropy of the classes of true rotations (B, 3, 3)."""
        return nn.functional.cross_entropy(self.classes(code), classes_of(rotation))

    def apart(self, source: Tensor, target: Tensor, strength: float) -> Tensor:
        """Loss that the classifier lowers by telling codes (B, C) and (T, C) apart.

        The network below climbs it with ``strength``: it makes the two alike.
        """
        reversed_ = reversed_gradient(torch.cat([source, target]), strength)
        said = self.classes(reversed_).softmax(1)
        return -discrepancy(said[: len(source)], said[len(source) :])
