"""A short clip of people who turn, speak and blink before a room, with exact landmarks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.blender.client import Blender
from app.blender.heads import open_head
from app.dataset.backgrounds import compose
from app.dataset.performance import Key, Moment, Performance
from app.dataset.sample import relative_points
from app.geometry.pinhole import Pinhole
from app.geometry.rotations import pose_para_from_matrix
from app.head.asset import HeadAsset
from app.head.skinning import head_matrix
from app.scene.annotations import seen_rotation
from app.scene.expressions import action_shapes
from app.scene.interiors import build_room
from app.scene.layers import Layers
from app.scene.placement import pinhole
from app.scene.scene import Camera, Environment, HeadFile, Light, Scene
from app.topology.landmarks import HeadLandmarks, landmarks_of
from app.topology.locate import locate
from app.topology.truth import OUTLINE

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

RATE: Final = 30
"""Frames a second."""
SECONDS: Final = 12.0
SIZE: Final = (640, 480)
DISTANCE: Final = 0.72
"""Metres from the camera to where the first person sits."""
FIELD_OF_VIEW: Final = 46.0
NOISE: Final = 1.4
"""Of a webcam's sensor, standard deviation in steps of 8 bits."""
DEFOCUS: Final = 2.6
"""Pixels by which what is behind is blurred."""

LIGHTS: Final = (
    Light("Window", "area", energy=12.0, temperature=5600.0, size=0.8, position=(-0.75, -0.8, 0.5)),
    Light("Lamp", "area", energy=3.0, temperature=3600.0, size=0.5, position=(0.9, -0.6, 0.25)),
    Light("Back", "area", energy=6.0, temperature=6200.0, size=0.5, position=(0.4, 0.8, 0.6)),
)
SURROUNDINGS: Final = Environment("interior", strength=0.5)
ROOM_SEED: Final = 2

_SMILE: Final = {"mouthSmileLeft": 0.55, "mouthSmileRight": 0.5, "cheekSquintLeft": 0.4} | {
    "cheekSquintRight": 0.4,
    "eyeSquintLeft": 0.15,
    "eyeSquintRight": 0.15,
}
_SURPRISE: Final = {"browInnerUp": 0.8, "browOuterUpLeft": 0.8, "browOuterUpRight": 0.8} | {
    "eyeWideLeft": 0.6,
    "eyeWideRight": 0.6,
    "jawOpen": 0.35,
}
_FROWN: Final = {"browDownLeft": 0.6, "browDownRight": 0.6, "eyeSquintLeft": 0.2} | {
    "eyeSquintRight": 0.2
}

_HERE: Final = (-0.06, 0.0, 0.0)
_LEFT: Final = (-0.10, 0.0, 0.0)
_NEAR: Final = (-0.03, -0.06, -0.01)
_GONE: Final = (0.75, 0.32, -0.01)
_BESIDE: Final = (0.21, 0.26, -0.015)

PERFORMANCES: Final = (
    Performance(
        "builtin:amara",
        (
            Key(0.0, place=_HERE),
            Key(1.4, place=_HERE),
            Key(2.2, (-6.0, -3.0, 3.0), _HERE, shapes={"browInnerUp": 0.35}),
            Key(3.0, (7.0, 3.0, -3.0), _HERE),
            Key(3.8, (-3.0, -2.0, 2.0), _HERE),
            Key(4.6, (38.0, 2.0, 4.0), _LEFT, 0.0, _SMILE),
            Key(5.7, (34.0, 4.0, 7.0), _LEFT, 0.0, _SMILE),
            Key(6.4, (2.0, 0.0, 0.0), _LEFT, shapes=_SMILE),
            Key(6.9, (0.0, 13.0, 0.0), _LEFT, shapes=_SMILE),
            Key(7.3, (0.0, -7.0, 0.0), _LEFT, shapes={"browInnerUp": 0.3}),
            Key(7.7, (-2.0, 8.0, 0.0), _LEFT),
            Key(8.5, (-44.0, -2.0, -3.0), _LEFT, 0.3),
            Key(9.2, (-8.0, -6.0, 17.0), _NEAR, shapes=_SURPRISE),
            Key(9.9, (4.0, -6.0, 15.0), _NEAR, shapes=_SURPRISE),
            Key(10.6, (6.0, 5.0, -16.0), _NEAR, shapes=_FROWN),
            Key(11.3, (0.0, 0.0, 0.0), _HERE, shapes=_SMILE),
            Key(12.0, place=_HERE),
        ),
        speech=((1.5, 3.9), (7.2, 8.3)),
        blinks=(0.9, 2.6, 4.1, 6.1, 7.9, 8.9, 10.2, 11.4),
        seed=11,
    ),
    Performance(
        "builtin:ben",
        (
            Key(4.0, (-30.0, 0.0, 0.0), _GONE, 0.0),
            Key(5.2, (-36.0, 2.0, -4.0), _BESIDE, 0.0, _SMILE),
            Key(6.0, (-30.0, 0.0, 4.0), _BESIDE, 0.2, _SMILE),
            Key(6.8, (-4.0, -2.0, -3.0), _BESIDE),
            Key(7.6, (-8.0, 4.0, 4.0), _BESIDE),
            Key(8.5, (2.0, -4.0, -8.0), _BESIDE, shapes={"browInnerUp": 0.5}),
            Key(9.4, (-40.0, 3.0, 0.0), _BESIDE, 0.0, _SMILE),
            Key(10.2, (10.0, 2.0, 0.0), (0.26, 0.28, -0.015), shapes=_SMILE),
            Key(11.2, (42.0, 4.0, 0.0), _GONE, 0.0),
        ),
        speech=((5.0, 5.9), (8.3, 9.6)),
        blinks=(4.9, 6.5, 8.1, 10.0),
        seed=23,
    ),
)
"""Two people: one is there all the time, the other comes, speaks and leaves."""


@dataclass(frozen=True, eq=False)
class SeenFace:
    """Ground truth of one person in one frame.

    Attributes
    ----------
    points : ndarray, shape (68, 3), float32, pixels
        iBUG-68 with the visible outline; z away from the camera, 0 at the head centre.
    angles : (float, float, float)
        Yaw, pitch and roll in degrees, ``pose_para``.
    """

    points: Floats
    angles: tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class ClipFrame:
    """One picture of a clip, RGB, with the faces in it, nearest first."""

    picture: Bytes
    faces: tuple[SeenFace, ...]


class _Actor:
    """A person with a renderer of their own, which keeps the head open."""

    def __init__(self, performance: Performance, blender: Blender) -> None:
        from app.raster.renderer import RasterRenderer

        self.performance = performance
        self._asset: HeadAsset = open_head(HeadFile(performance.head), blender).asset
        self._landmarks: HeadLandmarks = landmarks_of(self._asset, None, ("ibug-68",))
        self._renderer = RasterRenderer()
        self._renderer.open(self._asset)

    def close(self) -> None:
        self._renderer.close()

    def plate(self, camera: Camera) -> Bytes:
        """The room behind the people: seen from behind the head, which is so not in the picture."""
        behind = replace(camera, azimuth=180.0, distance=0.5)
        scene = Scene(HeadFile(""), camera=behind, environment=SURROUNDINGS)
        seen = self._renderer.render(scene, build_room("classroom", ROOM_SEED)).color
        return np.asarray(cv2.GaussianBlur(seen, (0, 0), DEFOCUS), np.uint8)

    def seen(self, moment: Moment, camera: Camera) -> tuple[Layers, SeenFace | None]:
        """What the camera sees of the person alone, and the face where it is in the picture."""
        x, y, z = (-v for v in moment.place)
        shapes = action_shapes(moment.pose.shapes, self._asset.shape_names)
        scene = Scene(
            HeadFile(""),
            pose=replace(moment.pose, shapes=shapes),
            camera=replace(camera, offset=(x, y, z)),
            lights=LIGHTS,
            environment=SURROUNDINGS,
        )
        layers = self._renderer.render(scene, None)
        return layers, self._face(scene, layers)

    def _face(self, scene: Scene, layers: Layers) -> SeenFace | None:
        view = pinhole(scene.camera)
        truths = locate(self._landmarks, layers.vertices, view, layers.depth)
        found = {t.topology: t for t in truths}
        outline, fixed = found[OUTLINE], found["ibug-68"]
        cut = len(outline.pixels)
        pixels = np.concatenate([outline.pixels, fixed.pixels[cut:]])
        world = np.concatenate([outline.world, fixed.world[cut:]])
        if not _in_picture(pixels, view):
            return None
        placed = head_matrix(self._asset, scene.pose)
        centre = float(view.to_camera(placed[:3, 3])[2])
        angles = pose_para_from_matrix(seen_rotation(placed[:3, :3], view.matrix_world[:3, :3]))
        return SeenFace(
            relative_points(pixels, view.to_camera(world)[:, 2], centre, view.focal_pixels),
            (angles.yaw, angles.pitch, angles.roll),
        )


def make(
    blender: Blender,
    performances: Sequence[Performance] = PERFORMANCES,
    seconds: float = SECONDS,
    size: tuple[int, int] = SIZE,
    rate: int = RATE,
) -> Iterator[ClipFrame]:
    """Render a clip, frame by frame.

    Parameters
    ----------
    blender : Blender
        Reads the heads that are not in the cache.
    performances : sequence of Performance
        Of which the first is there when the clip begins.
    seconds : float
    size : (int, int)
        Width and height in pixels.
    rate : int
        Frames a second.
    """
    camera = Camera(
        distance=DISTANCE,
        look_at=False,
        field_of_view=FIELD_OF_VIEW,
        width=size[0],
        height=size[1],
    )
    actors: list[_Actor] = []
    with closing(_Closing(actors)):
        for performance in performances:
            actors.append(_Actor(performance, blender))
        plate = actors[0].plate(camera)
        for number in range(round(seconds * rate)):
            yield _frame(actors, camera, plate, number / rate, number)


class _Closing:
    """Closes what a list holds."""

    def __init__(self, actors: list[_Actor]) -> None:
        self._actors = actors

    def close(self) -> None:
        for actor in self._actors:
            actor.close()


def _frame(
    actors: Sequence[_Actor], camera: Camera, plate: Bytes, time: float, number: int
) -> ClipFrame:
    there = [(m, actor) for actor in actors if (m := actor.performance.at(time)) is not None]
    there.sort(key=lambda pair: -pair[0].place[1])
    picture = plate
    faces: list[SeenFace] = []
    for moment, actor in there:
        layers, face = actor.seen(moment, camera)
        picture = compose(layers, picture)
        if face is not None:
            faces.insert(0, face)
    chance = np.random.default_rng([number, 3])
    noise = chance.normal(0.0, NOISE, picture.shape).astype(np.float32)
    noisy = np.clip(np.rint(picture + noise), 0.0, 255.0).astype(np.uint8)
    return ClipFrame(noisy, tuple(faces))


def _in_picture(pixels: NDArray[Any], view: Pinhole) -> bool:
    """Whether most of a face's points lie in the picture."""
    inside = (pixels >= -0.5).all(axis=1) & (pixels[:, 0] < view.width - 0.5)
    inside &= pixels[:, 1] < view.height - 0.5
    return float(inside.mean()) >= 0.9
