"""A small data set of a head that is a ball: its depth, mask and landmarks follow from formulas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from app.dataset.annotation import annotation
from app.dataset.files import write_frame
from app.dataset.frame import Effect, Frame, Subject
from app.dataset.manifest import Row
from app.geometry.pinhole import Pinhole
from app.head.asset import BoneRoles, HeadAsset, Mesh, Shape, Skeleton, Source, ZeroPose
from app.head.pose import HeadPose
from app.head.skinning import head_matrix
from app.scene.backdrop import Backdrop
from app.scene.placement import pinhole
from app.scene.scene import Camera, HeadFile, Light, Scene
from app.topology.locate import seen
from app.topology.truth import OUTLINE, LandmarkTruth

RADIUS = 0.09
EXPRESSIONS = ("neutral", "happy", "sad", "angry", "scared")
MOTIONS = ("HeadRot", "CameraTran", "HeadCameraRotTran")


def ball_asset() -> HeadAsset:
    """A neck 10 cm under the head centre, a head bone and one shape."""
    matrices = np.tile(np.eye(4), (2, 1, 1))
    matrices[0, :3, 3] = (0.0, 0.06, -0.10)
    matrices[1, :3, 3] = (0.0, 0.05, -0.05)
    skeleton = Skeleton(
        ("Neck", "Head"),
        np.array([-1, 0], dtype=np.int32),
        matrices,
        np.array([[0.0, 0.05, -0.05], [0.0, 0.05, 0.15]]),
    )
    shape = Shape("jawOpen", np.array([0], dtype=np.int32), np.zeros((1, 3), dtype=np.float32))
    mesh = Mesh(
        "Head",
        np.zeros((3, 3), dtype=np.float32),
        np.array([[0, 1, 2]], dtype=np.int32),
        np.zeros((3, 2), dtype=np.float32),
        np.zeros((1, 3, 3), dtype=np.float32),
        np.zeros(1, dtype=np.int32),
        np.zeros((3, 4), dtype=np.int32),
        np.ones((3, 4), dtype=np.float32) / 4,
        (shape,),
    )
    return HeadAsset(
        "Ball",
        "key",
        Path("nowhere"),
        (mesh,),
        (),
        skeleton,
        BoneRoles(("Neck", "Head")),
        ZeroPose(np.eye(3), 0.0, "by hand"),
        np.zeros(3),
        0.24,
        Source("ball.fbx", "ab12", 7400, "by hand", 1.0, 0.0),
    )


def ball_frame(number: int, size: tuple[int, int] = (96, 64), per_subject: int = 4) -> Frame:
    """Frame of a number; subjects, motions and expressions take turns."""
    chance = np.random.default_rng(number)
    who, own = divmod(number, per_subject)
    subject = f"{('female', 'male')[who % 2]}/{who // 2 + 1:04d}"
    motion, expression = MOTIONS[own % 3], EXPRESSIONS[own % 5]
    yaw, pitch, roll = chance.uniform(-30.0, 30.0, 3)
    camera = Camera(
        distance=0.35,
        azimuth=float(chance.uniform(-30.0, 30.0)),
        elevation=float(chance.uniform(-15.0, 15.0)),
        width=size[0],
        height=size[1],
    )
    return Frame(
        number=number,
        subject=Subject(subject, person=f"{subject}/person.json"),
        folder=f"{subject}/Simple/{expression}/{motion}",
        id=f"{own:04d}",
        scene=Scene(
            HeadFile(f"{subject}/person.json"),
            HeadPose(yaw, pitch, roll, 0.3, {"jawOpen": 0.25, "unknown": 0.5}),
            camera,
            (Light("key", energy=15.0), Light("fill", kind="point", temperature=5000.0)),
        ),
        backdrop=Backdrop(color=(0.2, 0.3, 0.4)),
        effects=(Effect("noise", 0.3, 7),) if number % 2 else (),
        motion=motion,
        expression=expression,
    )


def ball_depth(view: Pinhole, centre: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Depth of the ball's near side at the centres of the pixels, shape (H, W), float32."""
    k, e = view.intrinsics(), view.extrinsics()
    c = e[:, :3] @ centre + e[:, 3]
    x, y = np.meshgrid(np.arange(view.width), np.arange(view.height))
    rays = np.stack([(x - k[0, 2]) / k[0, 0], (y - k[1, 2]) / k[1, 1], np.ones(x.shape)], axis=-1)
    a, b = (rays**2).sum(-1), rays @ c
    root = b**2 - a * (c @ c - RADIUS**2)
    with np.errstate(invalid="ignore"):
        depth = (b - np.sqrt(root)) / a
    return np.where(root > 0, depth, np.inf).astype(np.float32)


def ball_points(count: int) -> np.ndarray[Any, Any]:
    """Points spread evenly over the unit ball's surface (golden spiral), shape (count, 3)."""
    i = np.arange(count) + 0.5
    z, turn = 1 - 2 * i / count, np.pi * (1 + 5**0.5) * i
    ring = np.sqrt(1 - z**2)
    return np.stack([ring * np.cos(turn), ring * np.sin(turn), z], axis=1)


def ball_truth(
    name: str,
    count: int,
    view: Pinhole,
    placed: np.ndarray[Any, Any],
    depth: np.ndarray[Any, Any],
) -> LandmarkTruth:
    """Points on the ball; visible are those that face the camera and that the depth shows."""
    normals = ball_points(count) @ placed[:3, :3].T
    world = placed[:3, 3] + RADIUS * normals
    pixels = view.project(world)
    to_camera = view.position - world
    facing = (to_camera * normals).sum(1) > 0.3 * np.linalg.norm(to_camera, axis=1)
    shown = seen(pixels, view.to_camera(world)[:, 2], depth, view.focal_pixels)
    return LandmarkTruth(name, 1, world, pixels, facing & shown)


def ball_layers(frame: Frame) -> tuple[Any, Any, Any, dict[str, Any]]:
    """Colour, depth, segments and annotation of a frame."""
    asset, view = ball_asset(), pinhole(frame.scene.camera)
    placed = head_matrix(asset, frame.scene.pose)
    depth = ball_depth(view, placed[:3, 3])
    near = np.isfinite(depth)
    color = np.full((*depth.shape, 3), (51, 77, 102), dtype=np.uint8)
    shade = np.clip(255 - (np.where(near, depth, 0.3) - 0.2) * 900, 60, 255)
    color[near] = (shade[..., None] * (0.9, 0.7, 0.6)).astype(np.uint8)[near]
    truths = (
        ball_truth("ibug-68", 68, view, placed, depth),
        ball_truth(OUTLINE, 17, view, placed, depth),
        ball_truth("dense-520", 520, view, placed, depth),
    )
    words = annotation(
        asset, frame, truths, view, renderer="raster", seed=5, person={"name": "Ball", "age": 30.0}
    )
    return color, depth, near.astype(np.uint8), words


def write_ball(root: Path, number: int, **options: Any) -> Row:
    frame = ball_frame(number, **options)
    return write_frame(root, frame, *ball_layers(frame))
