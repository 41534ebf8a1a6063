"""Features that do not tell synthetic pictures from real ones (Ganin and Lempitsky, ICML 2015)."""

from __future__ import annotations

import math
from typing import Any, Final

import torch
from torch import Tensor, nn

from inference.models.fsanet import FsaNet, Pose


class _Reversal(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, strength: float) -> Tensor:
        ctx.strength = strength
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return -ctx.strength * gradients[0], None


def reversed_gradient(x: Tensor, strength: float) -> Tensor:
    """``x`` itself; what is learnt from it is unlearnt below: the gradient times −``strength``."""
    found: Tensor = _Reversal.apply(x, strength)
    return found


class DomainClassifier(nn.Module):
    """Logit (B,) of features (B, D) being those of a synthetic picture.

    Linear, batch normalisation, linear, ReLU, linear (Basak et al., IEEE Access 2021).
    """

    exact: Final = True

    def __init__(self, features: int, hidden: int = 128) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(features, hidden),
            nn.BatchNorm1d(hidden),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Linear(hidden, 1),
        )

    def forward(self, features: Tensor) -> Tensor:
        logits: Tensor = self.layers(features)
        return logits.squeeze(1)


class AdversarialPose(nn.Module):
    """A head pose network with the classifier that its features are to deceive.

    Parameters
    ----------
    pose : FsaNet
    """

    def __init__(self, pose: FsaNet) -> None:
        super().__init__()
        self.pose = pose
        self.domain = DomainClassifier(pose.features)

    def forward(self, pictures: Tensor) -> Pose:
        """Crops (B, 3, S, S), RGB, 0 to 1."""
        found: Pose = self.pose(pictures)
        return found


def domain_loss(classifier: nn.Module, source: Tensor, target: Tensor, strength: float) -> Tensor:
    """Cross-entropy of the domains, 1 for ``source`` and 0 for ``target`` (equation 11).

    Descending it trains the classifier; the features' own network, below the reversed gradient,
    climbs it with ``strength``, μ of the paper.

    Parameters
    ----------
    classifier : Module
        Features (B, D) to logits (B,).
    source, target : Tensor, shape (B, D)
    strength : float
    """
    features = reversed_gradient(torch.cat([source, target]), strength)
    truth = torch.cat([source.new_ones(len(source)), source.new_zeros(len(target))])
    return nn.functional.binary_cross_entropy_with_logits(classifier(features), truth)


def reversal_strength(fraction: float, greatest: float) -> float:
    """μ after ``fraction`` of training: from 0 to ``greatest``, 2/(1 + exp(−10·p)) − 1.

    Ganin and Lempitsky, ICML 2015, section 4: a classifier that knows nothing yet says nothing.
    """
    return greatest * (2.0 / (1.0 + math.exp(-10.0 * fraction)) - 1.0)
