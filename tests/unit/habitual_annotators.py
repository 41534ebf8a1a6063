"""Annotators with known habits, for the tests of label transfer and adaptation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from scipy.spatial.transform import Rotation
from torch import nn

from app.geometry.rotations import Array
from inference.models.transfer import FIXED, mean_head
from inference.training.habit import Looks

BROWS = slice(17, 27)
SIZE = 32


def habit(metres: float) -> Array:
    """Brows drawn higher by so much, shape (68, 3), head frame."""
    offsets = np.zeros((FIXED, 3))
    offsets[BROWS, 1] = -metres
    return offsets


def drawn_looks(
    count: int, offsets: Array, seed: int = 0, noise: float = 0.002, view: float = 0.0
) -> Looks:
    """Heads of many shapes and poses, found with noise, drawn with offsets and some noise.

    Parameters
    ----------
    offsets : ndarray, shape (68, 3), metres, head frame
    view : float
        The offsets grow by this share for a radian of yaw.
    """
    rng = np.random.default_rng(seed)
    mean = mean_head().double().numpy()
    landmarks = np.empty((count, 2, 588, 3))
    drawn = np.empty((count, 2, FIXED, 2))
    for k in range(count):
        head = mean @ (np.eye(3) + rng.normal(0.0, 0.04, (3, 3)))
        yaw = rng.normal(0.0, 25.0)
        turns = (yaw, rng.normal(0.0, 10.0), rng.normal(0.0, 8.0))
        turn = Rotation.from_euler("yxz", turns, degrees=True).as_matrix().T
        scale = rng.uniform(2.8, 3.6)
        moved = offsets * (1.0 + view * np.radians(yaw))
        truth = scale * ((head[-FIXED:] + moved) @ turn)[:, :2]
        truth += rng.normal(0.0, 0.001 * scale, truth.shape)
        error = rng.normal(0.0, noise, (588, 3)) + rng.normal(0.0, noise / 4, (1, 3))
        for look in range(2):
            found = head + error + rng.normal(0.0, noise / 3, (588, 3))
            at = rng.normal(0.0, 0.02, 3) * look
            landmarks[k, look] = scale * (found @ turn) + at
            drawn[k, look] = truth + at[:2]
    return Looks(landmarks, landmarks[:, :, -FIXED:].copy(), drawn, np.zeros(2, bool))


class MeanFace(nn.Module):
    """Sees the mean head, straight from the front, in every crop."""

    def __init__(self) -> None:
        super().__init__()
        outline = mean_head()[-FIXED:, :2]
        low, high = outline.min(0).values, outline.max(0).values
        self.register_buffer("middle", torch.cat([(low + high) / 2, torch.zeros(1)]))
        self.scale = 1.0 / (1.4 * float((high - low).max()))

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, ...]:
        none = pictures.mean((1, 2, 3)) * 0.0
        points = (mean_head() - self.middle) * self.scale + none[:, None, None]
        turn = torch.eye(3) + none[:, None, None]
        return points, points[..., 0] * 0.0 + 0.01, turn, none + 0.9


def write_mean_face(path: Path) -> None:
    """The network as an ONNX file."""
    names = ["landmarks", "sigma", "rotation", "presence"]
    torch.onnx.export(
        MeanFace().eval(),
        (torch.rand(2, 3, SIZE, SIZE),),
        path,
        input_names=["pictures"],
        output_names=names,
        dynamic_axes={name: {0: "N"} for name in ("pictures", *names)},
        opset_version=17,
        dynamo=False,
    )


def write_pictures(folder: Path, count: int, offsets: Array, seed: int = 0) -> None:
    """Pictures of nothing with ``.pts`` files that draw mean heads somewhere in them."""
    import cv2

    rng = np.random.default_rng(seed)
    folder.mkdir(exist_ok=True)
    for k in range(count):
        picture = rng.integers(0, 255, (120, 160, 3)).astype(np.uint8)
        cv2.imwrite(str(folder / f"face{k:03}.png"), picture)
        head = mean_head()[-FIXED:].double().numpy() + offsets
        points = rng.uniform(400, 600) * head[:, :2] + rng.uniform((70, 40), (90, 60))
        points += rng.normal(0.0, 0.4, points.shape)
        write_points(folder / f"face{k:03}.pts", points)


def write_points(path: Path, points: Array) -> None:
    lines = "\n".join(f"{x:.3f} {y:.3f}" for x, y in points)
    path.write_text(f"version: 1\nn_points: {len(points)}\n{{\n{lines}\n}}\n", encoding="utf-8")
