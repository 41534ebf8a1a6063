"""The options that describe a scene on the command line."""

from __future__ import annotations

import argparse
import difflib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar, get_type_hints

from msgspec import Meta

from app.head.asset import HeadAsset
from app.head.library import BUILTIN, shipped
from app.head.pose import HeadPose
from app.scene.environments import NAMES as ENVIRONMENTS
from app.scene.environments import EnvironmentFault, picture_file
from app.scene.expressions import EXPRESSIONS, expression_shapes
from app.scene.presets import NAMES as PRESETS
from app.scene.presets import default_scene, preset
from app.scene.scene import Camera, HeadFile, Pass, RenderSettings, Scene
from app.session.session_file import SessionError, read

CAMERA: Final = {
    "distance": "distance",
    "azimuth": "azimuth",
    "elevation": "elevation",
    "fov": "field_of_view",
    "near": "clip_start",
    "far": "clip_end",
}
"""Keys of ``--camera`` and the fields they set; beside them ``x``, ``y``, ``z`` and ``roll``."""

T = TypeVar("T")
OFFSET_LIMIT: Final = 100.0


class SceneArgumentError(Exception):
    """What is wrong with the arguments, one line that says what to do."""


def add_scene_arguments(parser: argparse.ArgumentParser) -> None:
    scene = parser.add_argument_group("scene")
    scene.add_argument("--session", metavar="FILE", help="a .headroom file to start from")
    scene.add_argument("--head", metavar="FILE|NAME", help=f"an FBX, or {_names(shipped())}")
    for angle in ("yaw", "pitch", "roll"):
        low, high = limits(HeadPose, angle)
        scene.add_argument(f"--{angle}", metavar="DEGREES", help=f"{low:g} to {high:g}")
    scene.add_argument("--head-share", metavar="PART", help="of the turn, 0 neck to 1 head bone")
    scene.add_argument(
        "--shape", action="append", default=[], metavar="NAME=WEIGHT", help="may be repeated"
    )
    scene.add_argument("--expression", metavar="NAME", help=_names(EXPRESSIONS))
    scene.add_argument(
        "--camera",
        metavar="KEY=VALUE,…",
        help=f"{', '.join(CAMERA)}, x, y, z, roll (distance=0.4,azimuth=10)",
    )
    scene.add_argument("--lights", metavar="PRESET", help=_names(PRESETS))
    scene.add_argument(
        "--environment", metavar="NAME|FILE", help=f"{_names(ENVIRONMENTS)}, .exr or .hdr"
    )
    picture = parser.add_argument_group("picture")
    picture.add_argument(
        "--size", metavar="WIDTHxHEIGHT", help="640x480 where nothing else is said"
    )
    picture.add_argument("--samples", metavar="NUMBER", help="32 where nothing else is said")
    picture.add_argument("--engine", metavar="NAME", help="cycles or eevee")
    picture.add_argument("--seed", metavar="NUMBER", help="of the noise and of random lights")
    picture.add_argument("--no-denoise", action="store_true", help="leave the noise in")


def scene_of(args: argparse.Namespace, passes: tuple[Pass, ...]) -> Scene:
    """The scene that the arguments describe, but for its pose.

    Raises
    ------
    SceneArgumentError
    """
    scene = _start(args)
    if args.camera is not None:
        scene = replace(scene, camera=_camera(scene.camera, args.camera))
    if args.size is not None:
        width, height = _size(args.size)
        scene = replace(scene, camera=replace(scene.camera, width=width, height=height))
    settings = replace(scene.render, passes=passes)
    if args.no_denoise:
        settings = replace(settings, denoise=False)
    for field in ("samples", "seed"):
        if (text := getattr(args, field)) is not None:
            number = int(_within(f"--{field}", text, limits(RenderSettings, field), whole=True))
            settings = _with(settings, field, number)
    if args.engine is not None:
        settings = replace(settings, engine=_one_of("--engine", args.engine, ("cycles", "eevee")))
    scene = replace(scene, render=settings)
    if args.lights is not None:
        scene = preset(_one_of("--lights", args.lights, PRESETS), settings.seed).apply(scene)
    if args.environment is not None:
        try:
            picture_file(args.environment)
        except EnvironmentFault as fault:
            raise SceneArgumentError(f"--environment: {fault}") from None
        scene = replace(scene, environment=replace(scene.environment, picture=args.environment))
    return scene


def pose_of(args: argparse.Namespace, scene: Scene, asset: HeadAsset) -> Scene:
    """The scene with the pose, for which the head's shapes must be known.

    Raises
    ------
    SceneArgumentError
    """
    pose = scene.pose
    for field in ("yaw", "pitch", "roll", "head_share"):
        if (text := getattr(args, field)) is not None:
            option = f"--{field.replace('_', '-')}"
            pose = _with(pose, field, _within(option, text, limits(HeadPose, field)))
    shapes = dict(pose.shapes)
    if args.expression is not None:
        name = _one_of("--expression", args.expression, EXPRESSIONS)
        shapes = expression_shapes(name, asset.shape_names)
        if EXPRESSIONS[name] and not shapes:
            raise SceneArgumentError(f"--expression {name}: {asset.name} has no such facial shapes")
    for text in args.shape:
        name, _, weight = text.partition("=")
        shapes[_shape(name, asset)] = _within(f"--shape {name}", weight, (0.0, 1.0))
    return replace(scene, pose=replace(pose, shapes=shapes))


def limits(owner: type, field: str) -> tuple[float, float]:
    """The range of a field as its type says."""
    said = get_type_hints(owner, include_extras=True)[field].__metadata__
    meta = next(m for m in said if isinstance(m, Meta))
    low = meta.ge if meta.ge is not None else meta.gt
    high = meta.le if meta.le is not None else meta.lt
    return float(low if low is not None else -math.inf), float(
        high if high is not None else math.inf
    )


def _start(args: argparse.Namespace) -> Scene:
    """A session's scene, or a new one; ``--head`` goes before the session's own."""
    scene = None
    if args.session is not None:
        try:
            scene = read(Path(args.session)).scene
        except SessionError as problem:
            raise SceneArgumentError(f"--session: {problem}") from None
    if args.head is None and scene is not None:
        return scene
    head = HeadFile(_head(args.head))
    return default_scene(head) if scene is None else replace(scene, head=head)


def _head(text: str | None) -> str:
    known = shipped()
    if text is None:
        if not known:
            raise SceneArgumentError(
                "no head is shipped with this copy: give one with --head FILE.fbx"
            )
        return BUILTIN + known[0]
    return BUILTIN + text if text in known else text


def _camera(camera: Camera, text: str) -> Camera:
    for part in filter(None, text.split(",")):
        key, _, value = part.partition("=")
        key = key.strip()
        option = f"--camera {key}"
        if key in CAMERA:
            field = CAMERA[key]
            camera = _with(camera, field, _within(option, value, limits(Camera, field)))
        elif key in ("x", "y", "z"):
            offset = list(camera.offset)
            number = _within(option, value, (-OFFSET_LIMIT, OFFSET_LIMIT))
            offset["xyz".index(key)] = number
            camera = replace(camera, offset=(offset[0], offset[1], offset[2]))
        elif key == "roll":
            pitch, yaw, _ = camera.rotation
            roll = _within(option, value, (-180.0, 180.0))
            camera = replace(camera, rotation=(pitch, yaw, roll))
        else:
            raise SceneArgumentError(
                f"--camera has no {key!r}: {', '.join(CAMERA)}, x, y, z or roll"
            )
    if camera.clip_start >= camera.clip_end:
        raise SceneArgumentError("--camera: near must be less than far")
    return camera


def _with(values: T, field: str, number: float) -> T:
    """A dataclass with one numeric field changed."""
    change: dict[str, Any] = {field: number}
    return replace(values, **change)  # type: ignore[type-var]


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"\s*(\d{1,6})\s*[x×X*]\s*(\d{1,6})\s*", text)
    low, high = (int(v) for v in limits(Camera, "width"))
    if found is None or not all(low <= int(v) <= high for v in found.groups()):
        raise SceneArgumentError(
            f"--size {text}: give WIDTHxHEIGHT, each {low} to {high}, as 640x480"
        )
    return int(found[1]), int(found[2])


def _within(option: str, text: str, bounds: tuple[float, float], whole: bool = False) -> float:
    low, high = bounds
    try:
        value = float(int(text)) if whole else float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        kind = "a whole number" if whole else "a number"
        raise SceneArgumentError(f"{option} {text}: give {kind} from {low:.10g} to {high:.10g}")
    return value


def _one_of(option: str, text: str, known: Iterable[str]) -> Any:
    names = tuple(known)
    if text not in names:
        raise SceneArgumentError(f"{option} {text}: there are {_names(names)}")
    return text


def _shape(name: str, asset: HeadAsset) -> str:
    """The head's own spelling of a shape's name."""
    known: Mapping[str, str] = {shape.lower(): shape for shape in asset.shape_names}
    if name in known.values():
        return name
    if name.lower() in known:
        return known[name.lower()]
    if not known:
        raise SceneArgumentError(f"--shape {name}: {asset.name} has no shapes")
    near = difflib.get_close_matches(name.lower(), known, n=4, cutoff=0.3)
    hint = f"; the nearest are {_names([known[n] for n in near])}" if near else ""
    raise SceneArgumentError(f"--shape {name}: {asset.name} has no such shape{hint}")


def _names(names: Sequence[str] | Iterable[str]) -> str:
    return ", ".join(names)
