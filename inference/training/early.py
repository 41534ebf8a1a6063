"""Smaller crops in the first part of training: more is seen in the same time."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
import torch
from msgspec import Meta
from torch import Tensor, nn


class EarlySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The table ``[task.early]``.

    Attributes
    ----------
    share : float
        Of the training, at its start, for which crops are made smaller.
    size : int
        Their edge in pixels meanwhile, a multiple of 32; no effect above that of the crops.
    """

    share: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.0
    size: Annotated[int, Meta(ge=32, multiple_of=32)] = 96


class Early:
    """Knows how far training has come; outside of training crops stay as they are."""

    def __init__(self, settings: EarlySettings) -> None:
        self._settings: Final = settings
        self._passed = 1.0

    def pace(self, fraction: float) -> None:
        """Is told before every step which part of training has passed, 0 to 1."""
        self._passed = fraction

    def edge(self, size: int) -> int:
        """Of crops of ``size`` pixels at this moment."""
        settings = self._settings
        return min(size, settings.size) if self._passed < settings.share else size


def smaller(crops: Tensor, edge: int) -> Tensor:
    """Pictures (B, C, S, S) with an edge of fewer pixels, without aliasing."""
    if crops.shape[-1] == edge:
        return crops
    return nn.functional.interpolate(crops, size=(edge, edge), mode="bilinear", antialias=True)


def sampled(maps: Tensor, edge: int) -> Tensor:
    """Values (B, C, S, S) that must not be mixed, such as depth beside a hole, at fewer places."""
    if maps.shape[-1] == edge:
        return maps
    at = ((torch.arange(edge, device=maps.device) + 0.5) * (maps.shape[-1] / edge)).long()
    return maps[..., at[:, None], at]
