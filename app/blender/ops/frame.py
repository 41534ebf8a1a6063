"""The operation that makes one picture of a data set: colour with alpha, depth and segments."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from app.blender.errors import OpError
from app.blender.ops.engines import FINAL, render_picture, set_samples, use_ambient_light
from app.blender.ops.ground_truth import depth_and_segments, trace
from app.blender.ops.render import disk_faults, output_folder, read_scene, set_up
from app.blender.report import Report
from app.files import aside
from app.scene.lighting import shining
from app.scene.scene import Light

COLOR, DEPTH, SEGMENTS = "color.png", "depth.npy", "segments.npy"

_AMBIENT_REACH, _AMBIENT_FACTOR = 1.0, 1.5
"""Metres, and what stands for the light that a room's walls throw back; two bounces of it would
take half as long again."""


def render_frame(bpy: Any, args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Render a scene for a data set, without pictures on the way.

    ``args``: ``asset`` (the head's folder), ``scene`` (a `Scene` as builtins), ``output`` (an
    existing folder), ``room`` (a file of `app.blender.room_file`, or None) and ``lights`` (the
    room's lamps). Into the folder go `COLOR` (8-bit RGBA through the view transform, colour not
    multiplied by alpha), `DEPTH` (float32) and `SEGMENTS` (uint8).
    """
    started = time.monotonic()
    scene, output = read_scene(args), output_folder(args)
    room = Path(args["room"]) if args.get("room") else None
    try:
        lamps = msgspec.convert(args.get("lights", []), tuple[Light, ...])
    except msgspec.ValidationError as problem:
        raise OpError("bad_request", f"The room's lamps cannot be used: {problem}") from problem
    lit = replace(scene, lights=shining(scene.lights) + shining(lamps))
    set_up(bpy, Path(args["asset"]), lit, room)
    render = bpy.context.scene.render
    render.film_transparent = room is None and not scene.environment.visible
    if room is not None:
        use_ambient_light(bpy, _AMBIENT_REACH, _AMBIENT_FACTOR)
    set_samples(bpy, scene.render.samples, scene.render.denoise, FINAL)
    seconds = {"set_up": time.monotonic() - started}
    with disk_faults(output):
        begun = time.monotonic()
        render_picture(bpy, report)
        seconds["color"] = time.monotonic() - begun
        begun = time.monotonic()
        _save(bpy, output / COLOR)
        seconds["save"] = time.monotonic() - begun
        begun = time.monotonic()
        depth, segments = depth_and_segments(trace(bpy, report, output, normals=False))
        for name, values in ((DEPTH, depth), (SEGMENTS, segments)):
            with aside(output / name) as temporary:
                np.save(temporary, values)
        seconds["ground_truth"] = time.monotonic() - begun
    seconds["total"] = time.monotonic() - started
    return {"seconds": seconds, "notices": report.notices}


def _save(bpy: Any, path: Path) -> None:
    file = bpy.context.scene.render.image_settings
    file.media_type = "IMAGE"
    file.file_format = "PNG"
    file.color_mode, file.color_depth, file.compression = "RGBA", "8", 0
    with aside(path) as temporary:
        bpy.data.images["Render Result"].save_render(str(temporary), scene=bpy.context.scene)
