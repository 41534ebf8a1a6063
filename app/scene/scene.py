"""The scene as immutable values: what a session file holds and what a render is made from.

World frame; the origin is the head centre at zero pose, so a light 0.5 m before the face of one
head stands 0.5 m before the face of any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from app.head.correction import Correction
from app.head.pose import HeadPose

Vector = tuple[float, float, float]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]


@dataclass(frozen=True)
class Camera:
    """A pinhole camera on a sphere about the head centre.

    ``azimuth`` > 0 moves it to +X (the right side of a frontal picture), ``elevation`` > 0 up,
    both in degrees; ``offset`` is added to the position in world metres (its z is the height).
    With ``look_at`` it aims at the head centre and only ``rotation[2]``, the roll, is used;
    otherwise ``rotation`` is pitch, yaw and roll in degrees relative to looking along +Y.
    """

    name: Name = "Camera"
    distance: Annotated[float, Meta(ge=0.05, le=100.0)] = 0.30
    azimuth: Annotated[float, Meta(ge=-180.0, le=180.0)] = 0.0
    elevation: Annotated[float, Meta(ge=-90.0, le=90.0)] = 0.0
    offset: Vector = (0.0, 0.0, 0.0)
    look_at: bool = True
    rotation: Vector = (0.0, 0.0, 0.0)
    field_of_view: Annotated[float, Meta(ge=5.0, le=150.0)] = 60.0
    clip_start: Annotated[float, Meta(gt=0.0, le=10.0)] = 0.001
    clip_end: Annotated[float, Meta(gt=0.0, le=1000.0)] = 10.0
    width: Annotated[int, Meta(ge=16, le=8192)] = 640
    height: Annotated[int, Meta(ge=16, le=8192)] = 480


LightKind = Literal["area", "sun", "point", "spot"]


@dataclass(frozen=True)
class Light:
    """One lamp.

    ``energy`` is watts (sun: W/m²). ``size`` is the side of an area light or the radius of a
    point or spot in metres; for a sun, its angle in degrees. The colour is linear RGB, or black
    body radiation of ``temperature`` kelvin where that is not None. It shines from ``position``
    to ``target``. ``spot_angle`` is the full cone in degrees.
    """

    name: Name
    kind: LightKind = "area"
    energy: Annotated[float, Meta(ge=0.0, le=100000.0)] = 20.0
    color: tuple[Fraction, Fraction, Fraction] = (1.0, 1.0, 1.0)
    temperature: Annotated[float, Meta(ge=800.0, le=20000.0)] | None = None
    size: Annotated[float, Meta(ge=0.0, le=180.0)] = 0.5
    position: Vector = (0.0, -1.0, 0.5)
    target: Vector = (0.0, 0.0, 0.0)
    spot_angle: Annotated[float, Meta(ge=1.0, le=180.0)] = 45.0
    spot_blend: Fraction = 0.15
    on: bool = True
    solo: bool = False


@dataclass(frozen=True)
class Environment:
    """Light from all around: a picture of the environment, or a plain colour.

    ``picture`` is the name of one of Blender's own (studio, city, courtyard, forest, interior,
    night, sunrise, sunset), a path of an .exr or .hdr, or None for the plain ``color``.
    ``rotation`` turns it about Z in degrees. ``visible`` shows it behind the head; otherwise the
    background is ``background`` (linear RGB).
    """

    picture: str | None = "studio"
    color: tuple[float, float, float] = (0.05, 0.05, 0.05)
    strength: Annotated[float, Meta(ge=0.0, le=100.0)] = 0.5
    rotation: Annotated[float, Meta(ge=-360.0, le=360.0)] = 0.0
    visible: bool = False
    background: tuple[float, float, float] = (0.05, 0.05, 0.055)


Pass = Literal["color", "depth", "normals", "segmentation"]


@dataclass(frozen=True)
class RenderSettings:
    engine: Literal["cycles", "eevee"] = "cycles"
    samples: Annotated[int, Meta(ge=1, le=4096)] = 32
    denoise: bool = True
    passes: tuple[Pass, ...] = ("color", "depth", "normals", "segmentation")
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0


@dataclass(frozen=True)
class HeadFile:
    """The FBX that is on stage. ``path`` is a file or ``builtin:NAME`` for a shipped head."""

    path: str
    sha256: str = ""
    correction: Correction = Correction()


@dataclass(frozen=True)
class NamedPose:
    name: Name
    pose: HeadPose


@dataclass(frozen=True)
class Scene:
    head: HeadFile
    pose: HeadPose = HeadPose()
    camera: Camera = Camera()
    lights: tuple[Light, ...] = ()
    environment: Environment = Environment()
    render: RenderSettings = RenderSettings()
    poses: tuple[NamedPose, ...] = ()
    cameras: tuple[Camera, ...] = ()
