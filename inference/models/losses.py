"""Losses of the papers, each with its source; all are means over the batch."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

WING_WIDTH, WING_CURVATURE = 15.0, 3.0


def wing(
    predicted: Tensor, truth: Tensor, width: float = WING_WIDTH, curvature: float = WING_CURVATURE
) -> Tensor:
    """w·ln(1 + |x|/ε) below w, |x| − C above, with C = w − w·ln(1 + w/ε).

    Feng et al., CVPR 2018. ``width`` is in the unit of the coordinates, pixels in the papers.
    """
    apart = (predicted - truth).abs()
    offset = width - width * math.log1p(width / curvature)
    near = width * torch.log1p(apart / curvature)
    return torch.where(apart < width, near, apart - offset).mean()


def hybrid(predicted: Tensor, truth: Tensor) -> Tensor:
    """1.5·Wing(15, 3) + 0.5·MSE (Basak et al., IMVIP 2023)."""
    return 1.5 * wing(predicted, truth) + 0.5 * nn.functional.mse_loss(predicted, truth)


def gaussian_nll(predicted: Tensor, log_sigma: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """−log of an isotropic Gaussian for each landmark, up to a constant.

    log σ² + ‖x − μ‖²/(2σ²) in two dimensions (Wood et al., ECCV 2022).

    Parameters
    ----------
    predicted, truth : Tensor, shape (B, L, 2)
    log_sigma : Tensor, shape (B, L)
        Natural logarithm, in the unit of the points.
    weight : Tensor, shape (B, L)
    """
    squared = ((predicted - truth) ** 2).sum(-1)
    each = 2.0 * log_sigma + 0.5 * squared * torch.exp(-2.0 * log_sigma)
    return (each * weight).sum() / weight.sum().clamp(min=1e-6)


def charbonnier(predicted: Tensor, truth: Tensor, weight: Tensor, knee: float) -> Tensor:
    """Mean distance of landmarks, smooth below ``knee``: √(‖x − μ‖² + knee²) − knee.

    Charbonnier et al., ICIP 1994. Unlike the likelihood it pulls at far points as hard as at near
    ones, so points that are hard to find are not given up.

    Parameters
    ----------
    predicted, truth : Tensor, shape (B, L, D)
    weight : Tensor, shape (B, L)
    knee : float
        In the unit of the points.
    """
    squared = ((predicted - truth) ** 2).sum(-1)
    each = torch.sqrt(squared + knee**2) - knee
    return (each * weight).sum() / weight.sum().clamp(min=1e-6)


def geodesic(predicted: Tensor, truth: Tensor) -> Tensor:
    """Mean angle between rotations (B, 3, 3), radians."""
    return angles_between(predicted, truth).mean()


def angles_between(predicted: Tensor, truth: Tensor) -> Tensor:
    """Angles between rotations (B, 3, 3), radians, shape (B,).

    From atan2 of sine and cosine, so that the gradient stays finite where they agree.
    """
    relative = predicted.transpose(1, 2) @ truth
    cosine = (relative.diagonal(dim1=1, dim2=2).sum(1) - 1.0) / 2.0
    skew = relative - relative.transpose(1, 2)
    sine = torch.stack([skew[:, 2, 1], skew[:, 0, 2], skew[:, 1, 0]], dim=1).norm(dim=1) / 2.0
    return torch.atan2(sine, cosine)


def ssim(predicted: Tensor, truth: Tensor, span: float, window: int = 11) -> Tensor:
    """Mean structural similarity of (B, C, H, W) with values over a range of ``span``.

    Wang et al., IEEE TIP 2004: Gaussian window of deviation 1.5, C1 = (0.01·L)², C2 = (0.03·L)².
    """
    rows = _blur(predicted.shape[-2], window).to(predicted)
    columns = _blur(predicted.shape[-1], window).to(predicted).T

    def mean(x: Tensor) -> Tensor:
        return rows @ x @ columns

    a, b = mean(predicted), mean(truth)
    variance_a = mean(predicted**2) - a**2
    variance_b = mean(truth**2) - b**2
    covariance = mean(predicted * truth) - a * b
    c1, c2 = (0.01 * span) ** 2, (0.03 * span) ** 2
    top = (2 * a * b + c1) * (2 * covariance + c2)
    return (top / ((a**2 + b**2 + c1) * (variance_a + variance_b + c2))).mean()


def _blur(length: int, window: int) -> Tensor:
    """Means of ``length`` values under a Gaussian, as a matrix (length − window + 1, length).

    Two products with such matrices are the filter of the paper; on a processor they take a
    twentieth of the time of a convolution with one channel.
    """
    at = torch.arange(window) - window // 2
    line = torch.exp(-(at**2) / (2 * 1.5**2))
    places = torch.arange(length - window + 1)
    matrix = torch.zeros(length - window + 1, length)
    matrix[places[:, None], places[:, None] + torch.arange(window)] = line / line.sum()
    return matrix


def gradients(depth: Tensor) -> tuple[Tensor, Tensor]:
    """Forward differences of (B, 1, H, W) along x and y, both (B, 1, H - 1, W - 1)."""
    return (
        depth[..., :-1, 1:] - depth[..., :-1, :-1],
        depth[..., 1:, :-1] - depth[..., :-1, :-1],
    )


def normals(depth: Tensor, scale: float) -> Tensor:
    """Unit normals (B, 3, H - 1, W - 1) of depth as a height field: (−∂x, −∂y, 1) normalised.

    ``scale`` turns a difference of depth between neighbours into a slope.
    """
    x, y = (step * scale for step in gradients(depth))
    length = torch.rsqrt(x**2 + y**2 + 1.0)
    return torch.cat([-x * length, -y * length, length], 1)


DEPTH_WEIGHTS = {"l1": 0.28, "ssim": 0.22, "gradient": 0.30, "normal": 0.20}


def depth_loss(
    predicted: Tensor, truth: Tensor, mask: Tensor, span: float, scale: float
) -> dict[str, Tensor]:
    """The four terms of the hybrid loss over the face, and their weighted ``sum``.

    0.28·L1 + 0.22·(1 − SSIM)/2 + 0.30·gradient + 0.20·normal (Khan, Basak et al.).

    Parameters
    ----------
    predicted, truth, mask : Tensor, shape (B, 1, H, W)
    span : float
        Range of the depths, of SSIM.
    scale : float
        As in `normals`.
    """
    inside = mask.to(predicted.dtype)
    blended = predicted * inside + truth * (1.0 - inside)
    count = inside.sum().clamp(min=1.0)
    solid = inside[..., :-1, :-1] * inside[..., :-1, 1:] * inside[..., 1:, :-1]
    solid_count = solid.sum().clamp(min=1.0)
    dx, dy = (a - b for a, b in zip(gradients(predicted), gradients(truth), strict=True))
    facing = (normals(predicted, scale) * normals(truth, scale)).sum(1, keepdim=True)
    terms = {
        "l1": ((predicted - truth).abs() * inside).sum() / count,
        "ssim": (1.0 - ssim(blended, truth * 1.0, span)) / 2.0,
        "gradient": ((dx.abs() + dy.abs()) * solid).sum() / solid_count,
        "normal": ((1.0 - facing) * solid).sum() / solid_count,
    }
    weighted = [DEPTH_WEIGHTS[name] * term for name, term in terms.items()]
    return {**terms, "sum": torch.stack(weighted).sum()}
