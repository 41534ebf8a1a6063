"""A head of a few triangles, made by hand: two bones and whatever shapes a test wants."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.geometry.rotations import rotation_x
from app.head.asset import (
    BoneRoles,
    HeadAsset,
    Material,
    Mesh,
    Shape,
    Skeleton,
    Source,
    ZeroPose,
)
from app.scene.expressions import ACTIONS


def small_head(
    shapes: Sequence[str] = ACTIONS, chain: tuple[str, ...] = ("neck", "head")
) -> HeadAsset:
    """Neck joint 12 cm, head joint 5 cm below the head centre; zero pose is a nod of 3.2°."""
    vertices = np.random.default_rng(1).normal(0.0, 0.05, (12, 3)).astype(np.float32)
    triangles = np.arange(12, dtype=np.int32).reshape(4, 3)
    mesh = Mesh(
        "Face",
        vertices,
        triangles,
        np.zeros((4, 3, 2), np.float32),
        np.tile(np.array([0.0, -1.0, 0.0], np.float32), (4, 3, 1)),
        np.zeros(4, np.int32),
        np.ones((12, 1), np.int32),
        np.ones((12, 1), np.float32),
        tuple(
            Shape(name, np.zeros(1, np.int32), np.full((1, 3), 0.01, np.float32)) for name in shapes
        ),
    )
    matrices = np.tile(np.eye(4), (2, 1, 1))
    matrices[:, 2, 3] = (-0.12, -0.05)
    skeleton = Skeleton(
        ("neck", "head"), np.array([-1, 0], np.int32), matrices, matrices[:, :3, 3] + (0, 0, 0.05)
    )
    return HeadAsset(
        name="small",
        key="small",
        folder=Path("small"),
        meshes=(mesh,),
        materials=(Material("Skin", "skin"),),
        skeleton=skeleton,
        roles=BoneRoles(chain),
        zero=ZeroPose(rotation_x(3.2), 0.0123, "By hand."),
        head_centre=np.zeros(3),
        head_height=0.24,
        source=Source("small.fbx", "0" * 64, 7400, "by hand", 1.0, 0.0),
    )
