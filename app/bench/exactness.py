"""The viewport's posing against Blender's, head by head."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from app.bench.figures import Figure
from app.blender.client import Blender
from app.blender.heads import HeadError, open_head
from app.blender.protocol import Done
from app.geometry.rotations import angle_between
from app.head.asset import HeadAsset
from app.head.library import BUILTIN, shipped
from app.head.pose import PITCH_LIMIT, ROLL_LIMIT, YAW_LIMIT, HeadPose
from app.head.skinning import pose_rotation, pose_vertices
from app.paths import ROOT
from app.scene.scene import HeadFile

POSES = 20
SHARED_FBX = ROOT.parent / "shared" / "data" / "fbx"


@dataclass(frozen=True)
class Agreement:
    """Worst deviations of one head over all poses."""

    head: str
    millimetres: float
    degrees: float
    residual_degrees: float


def files() -> tuple[str, ...]:
    """Shipped heads, then every FBX of the shared test data where that is present."""
    real = sorted(str(p) for p in SHARED_FBX.rglob("*.fbx")) if SHARED_FBX.is_dir() else []
    return tuple(BUILTIN + name for name in shipped()) + tuple(real)


def open_all(blender: Blender, heads: Iterable[str]) -> Iterator[tuple[str, HeadAsset | str]]:
    """Every head as an asset, or the line that says why it was refused."""
    for head in heads:
        name = head if head.startswith(BUILTIN) else Path(head).name
        try:
            yield name, open_head(HeadFile(head), blender).asset
        except HeadError as problem:
            yield name, str(problem)


def random_poses(asset: HeadAsset, count: int, seed: int) -> list[HeadPose]:
    """Poses over the whole range, each with up to eight shapes of the head."""
    draw = random.Random(seed)
    names = asset.shape_names
    return [
        HeadPose(
            draw.uniform(-YAW_LIMIT, YAW_LIMIT),
            draw.uniform(-PITCH_LIMIT, PITCH_LIMIT),
            draw.uniform(-ROLL_LIMIT, ROLL_LIMIT),
            draw.random(),
            {n: draw.random() for n in draw.sample(names, min(8, len(names)))},
        )
        for _ in range(count)
    ]


def agreement(blender: Blender, asset: HeadAsset, poses: list[HeadPose]) -> Agreement:
    """Pose a head here and in Blender and compare vertices and the head-centre rotation.

    Raises
    ------
    RuntimeError
        When Blender could not evaluate the poses.
    """
    with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
        output = Path(folder) / "evaluated.npz"
        args = {
            "asset": str(asset.folder),
            "poses": [asdict(p) for p in poses],
            "output": str(output),
        }
        outcome = blender.submit("evaluate", args).result(300)
        if not isinstance(outcome, Done):
            raise RuntimeError(f"{asset.name}: {outcome}")
        with np.load(output) as arrays:
            metres, degrees = 0.0, 0.0
            for p, pose in enumerate(poses):
                head = arrays[f"{p}.head"][:3, :3]
                degrees = max(degrees, angle_between(head, pose_rotation(pose)))
                for m, vertices in enumerate(pose_vertices(asset, pose)):
                    off = np.linalg.norm(arrays[f"{p}.{m}"] - vertices, axis=1)
                    metres = max(metres, float(off.max(initial=0.0)))
    return Agreement(asset.name, metres * 1000.0, degrees, asset.zero.residual)


def posing_figures(blender: Blender) -> list[Figure]:
    """Both rows about posing, over every readable head."""
    found: list[Agreement] = []
    refused: dict[str, str] = {}
    for name, asset in open_all(blender, files()):
        if isinstance(asset, str):
            refused[name] = asset
        else:
            found.append(agreement(blender, asset, random_poses(asset, POSES, seed=len(found))))
    detail = {
        "heads": {a.head: round(a.millimetres, 5) for a in found},
        "refused": refused,
        "poses for each head": POSES,
    }
    return [
        Figure(
            "posed vertices against Blender's evaluated mesh, worst of all heads and poses",
            max(a.millimetres for a in found),
            "mm",
            0.1,
            detail=detail,
        ),
        Figure(
            "head pose asked for against the rotation that Blender reports, worst",
            max(a.degrees for a in found),
            "degrees",
            0.05,
            detail={"zero pose residual, worst": max(a.residual_degrees for a in found)},
        ),
    ]
