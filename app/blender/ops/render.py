"""The operations that make pictures of a scene, and its .blend."""

from __future__ import annotations

import errno
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from app.blender.errors import OpError
from app.blender.ops.engines import (
    FINAL,
    PREVIEW,
    device_name,
    render_picture,
    set_engine,
    set_samples,
    use_fast_subsurface,
)
from app.blender.ops.ground_truth import number_materials, render_ground_truth, without_passes
from app.blender.ops.materials import upgrade_materials
from app.blender.ops.posing import OpenHead, apply_pose, head_centre_matrix, open_head
from app.blender.ops.room import take_room
from app.blender.ops.stage import build, drop_spare_lamps
from app.blender.ops.tracking import tracked
from app.blender.report import Report
from app.files import aside
from app.scene.scene import Camera, HeadFile, RenderSettings, Scene

GROUND_TRUTH: Final = ("depth", "normals", "segmentation")
_READY: Final = "headroom_ready"
_FIRST_WIDTH: Final = 160
_FIRST_SAMPLES: Final = 4
_WORTH_A_STEP: Final = 3.0
"""Seconds of the finished picture from which a step in between is worth its time."""


def render(bpy: Any, args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Render a scene: a small picture at once, then finer ones, then the exact passes.

    ``args``: ``asset`` (the head's folder), ``scene`` (a `Scene` as builtins), ``output`` (an
    existing folder), ``previews`` (whether pictures on the way are wanted). The result is read by
    `app.blender.render.RenderResult`.
    """
    started = time.monotonic()
    scene, output = read_scene(args), output_folder(args)
    head = set_up(bpy, Path(args["asset"]), scene)
    files: dict[str, Path] = {}
    seconds: dict[str, float] = {}
    exact = [p for p in scene.render.passes if p in GROUND_TRUTH]
    with disk_faults(output):
        if "color" in scene.render.passes:
            painting = _Painting(bpy, scene, output, report, started)
            files |= painting.paint(bool(args.get("previews", False)))
            seconds |= painting.seconds
        device = device_name(bpy)
        if exact:
            begun = time.monotonic()
            with tracked(bpy, report, "Depth and masks", 0.95, 1.0):
                files |= render_ground_truth(bpy, report, output, exact)
            seconds["ground_truth"] = time.monotonic() - begun
    seconds["total"] = time.monotonic() - started
    return {
        "files": {name: str(path) for name, path in files.items()},
        "size": [scene.camera.width, scene.camera.height],
        "camera": _camera_used(bpy),
        "head_centre": head_centre_matrix(bpy, head).tolist(),
        "seconds": seconds,
        "engine": scene.render.engine,
        "device": device,
        "samples": scene.render.samples,
        "blender": bpy.app.version_string,
        "notices": report.notices,
    }


def prepare(bpy: Any, args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Open a head (``asset``) and render a few pixels of it, so that the next render is quick."""
    tiny = Camera(width=16, height=16)
    scene = Scene(HeadFile(""), camera=tiny, render=RenderSettings(samples=1, passes=("color",)))
    set_up(bpy, Path(args["asset"]), scene)
    set_samples(bpy, 1, True, PREVIEW)
    render_picture(bpy, report)
    return {}


def save_blend(bpy: Any, args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Write the scene as one .blend file (``output``), textures packed into it.

    ``args``: ``asset``, ``scene``, ``output``.
    """
    scene, output = read_scene(args), Path(args["output"])
    set_up(bpy, Path(args["asset"]), scene)
    drop_spare_lamps(bpy)
    set_samples(bpy, scene.render.samples, scene.render.denoise, FINAL)
    _color_file(bpy, "PNG", "8")
    bpy.context.scene.render.filepath = "//" + output.stem
    bpy.context.preferences.filepaths.save_version = 0
    report.progress("Writing the .blend")
    with disk_faults(output.parent):
        bpy.ops.file.pack_all()
        with aside(output) as temporary:
            bpy.ops.wm.save_as_mainfile(filepath=str(temporary), copy=True, compress=True)
    return {"path": str(output), "bytes": output.stat().st_size}


def read_scene(args: dict[str, Any]) -> Scene:
    """The scene that was asked for.

    Raises
    ------
    OpError
    """
    try:
        return msgspec.convert(args["scene"], Scene)
    except msgspec.ValidationError as problem:
        raise OpError("bad_request", f"The scene cannot be rendered: {problem}") from problem


def output_folder(args: dict[str, Any]) -> Path:
    """Where the files go.

    Raises
    ------
    OpError
        When the folder is not there.
    """
    output = Path(args["output"])
    if not output.is_dir():
        raise OpError("not_found", f"The folder {output} is not there.")
    return output


def set_up(bpy: Any, folder: Path, scene: Scene, room: Path | None = None) -> OpenHead:
    """Open the head, pose it, build stage and room; the engine is ready for the colour."""
    head = open_head(bpy, folder)
    if not bpy.context.scene.get(_READY):
        upgrade_materials(bpy, {m.name: m.role for m in head.asset.materials})
        number_materials(bpy, head.asset.materials)
        use_fast_subsurface(bpy)
        bpy.context.scene[_READY] = True
    apply_pose(bpy, head, scene.pose)
    build(bpy, scene)
    take_room(bpy, room)
    without_passes(bpy)
    set_engine(bpy, scene.render)
    return head


@dataclass(frozen=True)
class _Step:
    percent: int
    samples: int


class _Painting:
    """The colour, from a first small picture to the finished one."""

    def __init__(
        self, bpy: Any, scene: Scene, output: Path, report: Report, started: float
    ) -> None:
        self._bpy, self._scene, self._output, self._report = bpy, scene, output, report
        self._started = started
        self.seconds: dict[str, float] = {}

    def paint(self, previews: bool) -> dict[str, Path]:
        files = {"color": self._output / "color.png", "linear": self._output / "linear.exr"}
        if previews and self._worth_previews():
            self._show_previews()
        settings = self._scene.render
        begun = time.monotonic()
        with tracked(self._bpy, self._report, "Rendering", 0.1, 0.95):
            self._render(_Step(100, settings.samples), FINAL)
        self.seconds["color"] = time.monotonic() - begun
        self._save(files["color"], "PNG", "8")
        self._save(files["linear"], "OPEN_EXR", "16")
        camera = self._scene.camera
        self._report.picture(files["color"], settings.samples, camera.width, camera.height)
        self.seconds.setdefault("first_picture", time.monotonic() - self._started)
        return files

    def _worth_previews(self) -> bool:
        camera = self._scene.camera
        first = _FIRST_SAMPLES * _FIRST_WIDTH**2
        return camera.width * camera.height * self._scene.render.samples > 4 * first

    def _show_previews(self) -> None:
        width = self._scene.camera.width
        first = _Step(max(1, min(50, round(100 * _FIRST_WIDTH / width))), _FIRST_SAMPLES)
        begun = time.monotonic()
        self._preview(first, 1)
        spent = time.monotonic() - begun
        self.seconds["first_picture"] = time.monotonic() - self._started
        samples = self._scene.render.samples
        whole = spent / first.samples * (100.0 / first.percent) ** 2 * samples
        if whole > _WORTH_A_STEP:
            self._preview(_Step(50, max(_FIRST_SAMPLES, samples // 8)), 2)
        if whole > 10.0 * _WORTH_A_STEP and samples >= 32:
            self._preview(_Step(100, samples // 16), 3)

    def _preview(self, step: _Step, number: int) -> None:
        with tracked(self._bpy, self._report, "First picture", 0.03 * number - 0.03, 0.1):
            self._render(step, PREVIEW)
        path = self._output / f"preview-{number}.png"
        self._save(path, "PNG", "8")
        render = self._bpy.context.scene.render
        width, height = (
            size * step.percent // 100 for size in (render.resolution_x, render.resolution_y)
        )
        self._report.picture(path, step.samples, width, height)

    def _render(self, step: _Step, quality: tuple[str, str]) -> None:
        render = self._bpy.context.scene.render
        render.resolution_percentage = step.percent
        set_samples(self._bpy, step.samples, self._scene.render.denoise, quality)
        render_picture(self._bpy, self._report)

    def _save(self, path: Path, kind: str, depth: str) -> None:
        _color_file(self._bpy, kind, depth)
        picture = self._bpy.data.images["Render Result"]
        with aside(path) as temporary:
            picture.save_render(str(temporary), scene=self._bpy.context.scene)


def _color_file(bpy: Any, kind: str, depth: str) -> None:
    file = bpy.context.scene.render.image_settings
    file.media_type = "IMAGE"
    file.file_format = kind
    file.color_mode = "RGB"
    file.color_depth = depth
    file.compression = 15
    if kind == "OPEN_EXR":
        file.exr_codec = "ZIP"


def _camera_used(bpy: Any) -> dict[str, Any]:
    """Matrix (camera to world) and intrinsics of OpenCV as Blender's projection has them."""
    scene = bpy.context.scene
    width, height = scene.render.resolution_x, scene.render.resolution_y
    graph = bpy.context.evaluated_depsgraph_get()
    camera = scene.camera.evaluated_get(graph)
    projection = np.array(camera.calc_matrix_camera(graph, x=width, y=height))
    fx, fy = projection[0, 0] * width / 2.0, projection[1, 1] * height / 2.0
    cx = (1.0 - projection[0, 2]) * width / 2.0 - 0.5
    cy = (1.0 + projection[1, 2]) * height / 2.0 - 0.5
    return {
        "matrix_world": np.array(camera.matrix_world).tolist(),
        "intrinsics": [[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]],
    }


@contextmanager
def disk_faults(folder: Path) -> Iterator[None]:
    """Name the reason when a file could not be written.

    Raises
    ------
    OpError
        ``no_space`` or ``unreadable``.
    """
    try:
        yield
    except (OSError, RuntimeError) as problem:
        number = problem.errno if isinstance(problem, OSError) else None
        full = number in (errno.ENOSPC, errno.EDQUOT)
        if full or (number is None and _left(folder) < 2**20):
            text = f"The disk of {folder} is full: free some space and try again."
            raise OpError("no_space", text, str(problem)) from problem
        if isinstance(problem, OSError):
            text = f"The folder {folder} cannot be written: choose another."
            raise OpError("unreadable", text, str(problem)) from problem
        if "memory" in str(problem).lower():
            text = "The memory is not enough for this picture: make it smaller."
            raise OpError("too_large", text, str(problem)) from problem
        raise


def _left(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 2**62
