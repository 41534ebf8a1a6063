"""Making a trained network smaller and quicker without changing what it computes, much."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

LARGE: Final = 1024
"""Values from which a tensor is stored in half precision; biases are not worth it."""


def folded(network: nn.Module) -> nn.Module:
    """Take every normalisation that follows a convolution or a linear layer in a `Sequential` into
    its weights, in place.

    The network must be in evaluation mode.
    """
    for module in network.modules():
        if not isinstance(module, nn.Sequential):
            continue
        for k in range(len(module) - 1):
            first, second = module[k], module[k + 1]
            if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
                module[k] = fuse_conv_bn_eval(first, second)
            elif isinstance(first, nn.Linear) and isinstance(second, nn.BatchNorm1d):
                module[k] = fuse_linear_bn_eval(first, second)
            else:
                continue
            module[k + 1] = nn.Identity()
    return network


def rounded(network: nn.Module) -> int:
    """Round large weights to numbers that half precision holds, in place, and count them.

    Weights beyond its range are left as they are.
    """
    count = 0
    with torch.no_grad():
        for weight in network.parameters():
            half = weight.half().float()
            if weight.numel() >= LARGE and bool(torch.isfinite(half).all()):
                weight.copy_(half)
                count += weight.numel()
    return count


def fits_half(values: Tensor) -> bool:
    """Whether half precision holds every one of the values exactly."""
    return bool(torch.equal(values.half().float(), values))
