"""What the detector's maps should say of known faces, and how far they are from it.

The maps of centres are learnt with the focal loss of Law and Deng (*CornerNet*, ECCV 2018,
equation 1), boxes with the generalised overlap of Rezatofighi et al. (CVPR 2019).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor

from inference.models.detector import SIZES, STRIDES, Maps, boxes

FACE, UNSURE, NOTHING = 1, 0, -1
"""What a row of boxes tells: to be found; neither right nor wrong to be found; an empty row."""

SPREAD: Final = 0.09
"""Deviation of a centre's bump over the longer side of the box."""
LEAST_SPREAD: Final = 0.35
"""Added to it, in cells."""
LEARNT: Final = 0.5
"""Height of the bump from which a cell's box is learnt."""
MARGIN: Final = 1.3
"""Factor beyond the sizes of a map within which a face is neither right nor wrong there."""


def centres(truth: Tensor, state: Tensor, maps: Maps) -> tuple[Tensor, Tensor, Tensor]:
    """What the map of one stride should say.

    Parameters
    ----------
    truth : Tensor, shape (B, F, 4)
        Boxes x, y, w, h in pixels.
    state : Tensor of int, shape (B, F)
        `FACE`, `UNSURE` or `NOTHING`.
    maps : Maps

    Returns
    -------
    heat : Tensor, shape (B, h, w)
        1 at the cells that hold a face's middle, falling around them.
    counts : Tensor of bool, shape (B, h, w)
        Where the loss counts.
    face : Tensor of int, shape (B, h, w)
        Row of the face whose bump is highest in each cell.
    """
    rows, columns = maps.heat.shape[1:]
    stride = maps.stride
    low, high = SIZES[STRIDES.index(stride)]
    kind = {"dtype": truth.dtype, "device": truth.device}
    x = torch.arange(columns, **kind) + 0.5
    y = torch.arange(rows, **kind) + 0.5
    middle = (truth[..., :2] + truth[..., 2:] / 2.0 + 0.5) / stride
    size = truth[..., 2:].amax(-1)
    dx = x[None, None] - middle[..., 0, None]
    dy = y[None, None] - middle[..., 1, None]
    spread = size / stride * SPREAD + LEAST_SPREAD
    far = dx.square()[:, :, None, :] + dy.square()[:, :, :, None]
    bump = torch.exp(-far / (2.0 * spread.square())[..., None, None])
    holds = (dx.abs() <= 0.5)[:, :, None, :] & (dy.abs() <= 0.5)[:, :, :, None]
    bump = torch.where(holds, torch.ones_like(bump), bump)

    known = state == FACE
    here = known & (size >= low) & (size < high)
    near = known & ~here & (size >= low / MARGIN) & (size < high * MARGIN)
    bump_here = bump * here[..., None, None]
    heat, face = bump_here.max(dim=1)
    inside_x = dx.abs() <= (truth[..., 2] / stride / 2.0 + 0.5)[..., None]
    inside_y = dy.abs() <= (truth[..., 3] / stride / 2.0 + 0.5)[..., None]
    inside = inside_x[:, :, None, :] & inside_y[:, :, :, None]
    unsure = (inside & (state == UNSURE)[..., None, None]).any(1)
    unsure |= (inside & near[..., None, None] & (bump > 0.1)).any(1)
    return heat, ~unsure | (heat >= 1.0), face


def focal(logit: Tensor, heat: Tensor, counts: Tensor) -> Tensor:
    """Sum over all cells that count; right cells that are sure weigh next to nothing."""
    score = torch.sigmoid(logit)
    found = -torch.nn.functional.logsigmoid(logit) * (1.0 - score).square()
    empty = -torch.nn.functional.logsigmoid(-logit) * score.square() * (1.0 - heat).pow(4)
    return (torch.where(heat >= 1.0, found, empty) * counts).sum()


def overlap(first: Tensor, second: Tensor) -> Tensor:
    """Generalised overlap of boxes x, y, w, h, (..., 4), from −1 to 1."""
    start = torch.maximum(first[..., :2], second[..., :2])
    end = torch.minimum(first[..., :2] + first[..., 2:], second[..., :2] + second[..., 2:])
    shared = (end - start).clamp_min(0.0).prod(-1)
    area = first[..., 2:].prod(-1) + second[..., 2:].prod(-1) - shared
    start = torch.minimum(first[..., :2], second[..., :2])
    end = torch.maximum(first[..., :2] + first[..., 2:], second[..., :2] + second[..., 2:])
    hull = (end - start).clamp_min(0.0).prod(-1)
    return shared / area.clamp_min(1e-6) - (hull - area) / hull.clamp_min(1e-6)


def detector_loss(found: Sequence[Maps], truth: Tensor, state: Tensor) -> dict[str, Tensor]:
    """Terms ``centre`` and ``box`` for a face, and their ``sum``.

    Parameters
    ----------
    found : sequence of Maps
    truth : Tensor, shape (B, F, 4)
    state : Tensor of int, shape (B, F)
    """
    centre = truth.new_zeros(())
    box = truth.new_zeros(())
    faces = truth.new_zeros(())
    weights = truth.new_zeros(())
    for maps in found:
        heat, counts, face = centres(truth, state, maps)
        centre = centre + focal(maps.heat.float(), heat, counts)
        weight = (heat * (heat >= LEARNT)).flatten(1)
        at = face.flatten(1)[..., None].expand(-1, -1, 4)
        said = boxes(Maps(maps.heat, maps.box.float(), maps.stride))
        lost = 1.0 - overlap(said, torch.gather(truth, 1, at))
        box = box + (lost * weight).sum()
        faces = faces + (heat >= 1.0).sum()
        weights = weights + weight.sum()
    centre, box = centre / faces.clamp_min(1.0), box / weights.clamp_min(1.0)
    return {"sum": centre + 2.0 * box, "centre": centre, "box": box}
