"""How long a render takes to its first and to its last picture, and to be ready after a cancel."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

from app.bench.figures import Figure
from app.blender.client import Blender
from app.blender.protocol import Done, Event, Picture
from app.blender.render import prepare_request, render_request
from app.head.asset import HeadAsset
from app.head.pose import HeadPose
from app.scene.presets import default_scene
from app.scene.scene import HeadFile, RenderSettings, Scene

REPEATS = 5


@dataclass(frozen=True)
class Timing:
    """Seconds from the request; ``first`` is the first picture, whatever its size."""

    first: float
    finished: float


def bench_scene(head: str, yaw: float = 0.0) -> Scene:
    """The default scene at 640×480, 32 samples, denoised, with all passes."""
    scene = default_scene(HeadFile(head))
    render = RenderSettings(samples=32, denoise=True)
    return replace(scene, pose=HeadPose(yaw=yaw), render=render)


def time_render(blender: Blender, asset: HeadAsset, scene: Scene) -> Timing:
    """Render once.

    Raises
    ------
    RuntimeError
        When the render failed.
    """
    first: list[float] = []
    with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
        start = time.perf_counter()

        def hear(event: Event) -> None:
            if isinstance(event, Picture) and not first:
                first.append(time.perf_counter() - start)

        request = render_request(asset, scene, Path(folder), previews=True)
        outcome = blender.submit("render", request, hear).result(300)
        finished = time.perf_counter() - start
    if not isinstance(outcome, Done):
        raise RuntimeError(str(outcome))
    return Timing(first[0] if first else finished, finished)


def time_cancel(blender: Blender, asset: HeadAsset, scene: Scene) -> float:
    """Seconds from cancelling a render in progress until another job has been answered."""
    going = threading.Event()
    with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
        request = render_request(asset, scene, Path(folder), previews=True)
        ticket = blender.submit("render", request, lambda event: going.set())
        going.wait(60)
        time.sleep(1.0)
        start = time.perf_counter()
        ticket.cancel()
        blender.submit("ping", {}).result(60)
        return time.perf_counter() - start


def render_figures(blender: Blender, asset: HeadAsset, head: str) -> list[Figure]:
    """Medians over several renders of different poses, on a worker that is warm."""
    blender.submit("prepare", prepare_request(asset)).result(120)
    time_render(blender, asset, bench_scene(head))
    timings = [time_render(blender, asset, bench_scene(head, yaw)) for yaw in range(0, 50, 10)]
    cancels = []
    for _ in range(REPEATS):
        cancels.append(time_cancel(blender, asset, bench_scene(head)))
        time.sleep(4.0)
    firsts, finals = [t.first for t in timings], [t.finished for t in timings]
    return [
        _seconds("Render pressed to the first picture", firsts, 1.5),
        _seconds("Render pressed to the finished 640x480, 32 samples, denoised", finals, 8.0),
        _seconds("cancel to ready for the next render", cancels, 0.5),
    ]


def _seconds(name: str, values: list[float], bound: float) -> Figure:
    rounded = [round(v, 2) for v in values]
    return Figure(name, statistics.median(values), "s", bound, detail={"runs": rounded})
