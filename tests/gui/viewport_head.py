"""A round head on a neck, made by hand, with a textured face and eyes that show where front is."""

from __future__ import annotations

from pathlib import Path

import numpy as np

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

RADIUS = 0.1


def ball(
    centre: tuple[float, float, float], radius: float, bone: int, material: int, rings: int = 24
) -> Mesh:
    """A sphere with a seam, its normals smooth."""
    v, u = np.meshgrid(np.linspace(0, 1, rings + 1), np.linspace(0, 1, 2 * rings + 1))
    lift, turn = (v - 0.5) * np.pi, u * 2.0 * np.pi
    out = np.stack([np.cos(lift) * np.cos(turn), np.cos(lift) * np.sin(turn), np.sin(lift)], -1)
    out = out.reshape(-1, 3)
    across = rings + 1
    i, j = np.meshgrid(np.arange(2 * rings), np.arange(rings), indexing="ij")
    a, b = i * across + j, (i + 1) * across + j
    triangles = np.stack([a, b, b + 1, a, b + 1, a + 1], -1).reshape(-1, 3).astype(np.int32)
    uvs = np.stack([u, v], -1).reshape(-1, 2).astype(np.float32)
    vertices = (out * radius + np.array(centre)).astype(np.float32)
    return Mesh(
        f"Ball {material}",
        vertices,
        triangles,
        uvs[triangles],
        out.astype(np.float32)[triangles],
        np.full(len(triangles), material, np.int32),
        np.full((len(vertices), 1), bone, np.int32),
        np.ones((len(vertices), 1), np.float32),
        (Shape("grow", np.arange(len(vertices), dtype=np.int32), (out * 0.02).astype(np.float32)),),
    )


def viewport_head(folder: Path = Path("nowhere"), **looks: object) -> HeadAsset:
    """Skull about the origin, a dark nose on −Y, a body below that no pose moves."""
    meshes = (
        ball((0.0, 0.0, 0.0), RADIUS, 2, 0),
        ball((0.0, -0.1, 0.0), 0.02, 2, 1, 8),
        ball((0.0, 0.0, -0.25), 0.08, 0, 2, 12),
    )
    matrices = np.tile(np.eye(4), (3, 1, 1))
    matrices[:, 2, 3] = (-0.3, -0.15, -0.08)
    return HeadAsset(
        name="ball",
        key="ball",
        folder=folder,
        meshes=meshes,
        materials=(
            Material("skull", "skin", (0.8, 0.6, 0.5), **looks),  # type: ignore[arg-type]
            Material("nose", "other", (0.02, 0.02, 0.02)),
            Material("body", "cloth", (0.1, 0.2, 0.5)),
        ),
        skeleton=Skeleton(
            ("body", "neck", "head"),
            np.array([-1, 0, 1], np.int32),
            matrices,
            matrices[:, :3, 3] + np.array([0.0, 0.0, 0.07]),
        ),
        roles=BoneRoles(("neck", "head")),
        zero=ZeroPose(np.eye(3), 0.0, "By hand."),
        head_centre=np.zeros(3),
        head_height=0.22,
        source=Source("ball.fbx", "0" * 64, 7400, "by hand", 1.0, 0.0),
    )
