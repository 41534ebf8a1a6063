"""The sub-command ``bench``: figures that depend on the machine.

The suites ``studio`` and ``live`` measure the real window; ``truth`` the data sets, ``models`` the
shipped models, without a window; ``curate`` the store of topologies, and the window over it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.bench.figures import Figure, report
from app.head.asset import HeadAsset
from app.paths import ROOT
from widgets.bench_window import FRAME_SIZE, application, opened_window, until

if TYPE_CHECKING:
    from app.blender.client import Blender
    from app.session.document import Document
    from widgets.viewport.viewport import Viewport

_SILHOUETTE_POSES = 3


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("bench", help="measure speed and exactness")
    suites = ("studio", "live", "truth", "models", "curate")
    parser.add_argument("suite", choices=suites, help="what to measure")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument(
        "--only",
        metavar="PART",
        action="append",
        help="measure only this part; may be given again. studio: "
        + ", ".join(_PARTS)
        + "; truth: corners, landmark-depth, agreement, throughput, people, cycles, growth, kills, "
        "cycles-kills; models: real-faces, hold-out, head-pose, depth, detector, hands, speed, "
        "export; "
        "live: one-face, four-faces, landmarks, idle, jitter, stalls, mediapipe, memory; "
        "curate: opening, store-kills, together, dragging, proposals",
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="models: shards with people who were held out (default: runs/shards)",
    )
    live = parser.add_argument_group("live")
    live.add_argument(
        "--clips",
        type=Path,
        metavar="DIR",
        help="real videos, of which the longest is taken (default: ../shared/data/video, or else "
        "the sample clip)",
    )
    live.add_argument("--face", type=Path, metavar="FILE", help="another face network")
    live.add_argument("--depth", type=Path, metavar="FILE", help="another depth network")
    live.add_argument(
        "--mediapipe",
        type=Path,
        metavar="PYTHON",
        help="interpreter of an environment with mediapipe 0.10.14, to be compared with",
    )
    live.add_argument(
        "--seconds", type=float, default=10.0, metavar="S", help="of each measurement (10)"
    )
    live.add_argument(
        "--minutes", type=float, default=30.0, metavar="M", help="of the looped clip (30)"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure; the figures go to standard output, what is going on to standard error.

    Returns
    -------
    int
        Exit status: 0 when every bound is met, 1 when one is missed. A figure that cannot be
        measured here is told as absent and is no miss.
    """
    from widgets.display import missing_display

    trouble = missing_display() if args.suite in ("studio", "live") else ""
    if trouble:
        print(f"{trouble} Run it under xvfb-run.", file=sys.stderr)
        return 2
    wrong = _wrong(args)
    if wrong:
        print(f"main.py bench: {wrong}", file=sys.stderr)
        return 2
    with _parts(args) as parts:
        return _measure(args, parts)


def _wrong(args: argparse.Namespace) -> str:
    """What is wrong with what was asked for, in one line; empty where all is well."""
    if args.clips is not None and not args.clips.is_dir():
        return f"{args.clips}: there is no such folder"
    for file in (args.face, args.depth, args.mediapipe):
        if file is not None and not file.is_file():
            return f"{file}: there is no such file"
    if not 1.0 <= args.seconds <= 600.0:
        return "--seconds must be from 1 to 600"
    if not 0.1 <= args.minutes <= 600.0:
        return "--minutes must be from 0.1 to 600"
    return ""


def _measure(args: argparse.Namespace, parts: dict[str, Callable[[], Iterator[Figure]]]) -> int:
    unknown = [name for name in args.only or () if name not in parts]
    if unknown:
        known = ", ".join(parts)
        print(f"bench {args.suite} has no part {unknown[0]!r}; it has {known}", file=sys.stderr)
        return 2
    figures: list[Figure] = []
    for name in args.only or parts:
        print(f"measuring: {name}", file=sys.stderr, flush=True)
        for figure in parts[name]():
            print(figure.line(), file=sys.stderr, flush=True)
            figures.append(figure)
    if args.json:
        print(json.dumps(report(figures), indent=2))
    else:
        print("\n".join(figure.line() for figure in figures))
    return 0 if all(figure.met or figure.absent for figure in figures) else 1


@contextmanager
def _parts(args: argparse.Namespace) -> Iterator[dict[str, Callable[[], Iterator[Figure]]]]:
    if args.suite == "studio":
        yield _PARTS
    elif args.suite == "models":
        from app.bench.models import SHARDS, parts
        from inference.benching import ShippedModels

        yield parts(ShippedModels(), args.data or SHARDS)
    elif args.suite == "live":
        from app.bench import live
        from widgets.bench_live import Choice, WindowTools

        application()
        choice = Choice(
            args.clips, args.face, args.depth, args.mediapipe, args.seconds, args.minutes
        )
        with closing(WindowTools(choice)) as tools:
            yield live.parts(tools)
    elif args.suite == "curate":
        from app.bench import auto_place, curate
        from inference.auto_placing import by_model
        from widgets import bench_curate, bench_proposals
        from widgets.display import missing_display

        trouble = missing_display()
        if not trouble:
            application()
        placing = auto_place.parts(partial(by_model, model="face"))
        yield curate.PARTS | placing | bench_curate.parts(trouble) | bench_proposals.parts(trouble)
    else:
        from app.bench.truth import PARTS

        yield PARTS


_START = """
import argparse, sys
from widgets import application

class Timed(application.Application):
    def shown(self):
        super().shown()
        print(self.startup_seconds, flush=True)
        self.quit()

application.Application = Timed
sys.exit(application.run(argparse.Namespace(open=None, tour=None)))
"""


def _startup() -> Iterator[Figure]:
    seconds = []
    with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
        places = {n: str(Path(folder) / n) for n in ("HEADROOM_CONFIG", "HEADROOM_CACHE")}
        for _ in range(5):
            started = subprocess.run(
                [sys.executable, "-c", _START],
                env=os.environ | places,
                cwd=ROOT,
                stdout=subprocess.PIPE,
                text=True,
                check=True,
                timeout=180,
            )
            seconds.append(float(started.stdout.split()[-1]))
    yield Figure(
        "start of the process to the head on the screen, second start and later",
        statistics.median(seconds[1:]),
        "s",
        4,
        detail={"first start": round(seconds[0], 2), "runs": [round(s, 2) for s in seconds[1:]]},
    )


def _posing() -> Iterator[Figure]:
    from app.bench.exactness import posing_figures
    from app.blender.client import Blender

    with Blender(spare=False) as blender:
        yield from posing_figures(blender)


def _rendering() -> Iterator[Figure]:
    from app.bench.rendering import render_figures
    from app.blender.client import Blender

    with Blender() as blender:
        yield from render_figures(blender, _default_head(blender), _default_name())


def _kills() -> Iterator[Figure]:
    from app.bench.resilience import save_kills, worker_kills
    from app.blender.client import Blender

    notices: list[str] = []
    with Blender(on_notice=notices.append) as blender:
        yield worker_kills(blender, notices)
    yield save_kills()


def _viewport() -> Iterator[Figure]:
    from app.blender.client import Blender
    from app.scene.presets import default_scene
    from app.scene.scene import HeadFile
    from app.session.document import Document
    from widgets.measure import OrbitDrag
    from widgets.viewport.viewport import Viewport

    application()
    with Blender() as blender:
        asset = _default_head(blender)
        document = Document(default_scene(HeadFile(_default_name())))
        viewport = Viewport(document)
        try:
            viewport.resize(*FRAME_SIZE)
            viewport.show()
            viewport.set_asset(asset)
            viewport.wait_for_frame(60_000)
            drags = []
            for _ in range(3):
                drag = OrbitDrag(viewport, 4.0)
                until(lambda drag=drag: drag.done)  # type: ignore[misc]
                drags.append(drag)
            rates = sorted(drag.frames_per_second for drag in drags)
            yield Figure(
                "frames a second while orbiting at 1280x800",
                rates[1],
                "frames/s",
                25,
                "at least",
                {"runs": [round(r, 1) for r in rates], "triangles": asset.triangle_count},
            )
            yield _silhouettes(viewport, document, blender, asset)
        finally:
            viewport.close_renderer()
            viewport.close()


def _silhouettes(
    viewport: Viewport, document: Document, blender: Blender, asset: HeadAsset
) -> Figure:
    from app.blender.protocol import Done
    from app.blender.render import load_depth, read_result, render_request
    from app.head.pose import HeadPose
    from app.scene.placement import pinhole
    from app.scene.scene import RenderSettings

    draw = random.Random(0)
    overlaps = []
    for _ in range(_SILHOUETTE_POSES):
        pose = HeadPose(draw.uniform(-60, 60), draw.uniform(-40, 40), draw.uniform(-30, 30))
        camera = replace(
            document.scene.camera,
            distance=draw.uniform(0.3, 0.7),
            azimuth=draw.uniform(-40, 40),
            elevation=draw.uniform(-20, 20),
        )
        scene = replace(
            document.scene,
            pose=pose,
            camera=camera,
            render=RenderSettings(samples=1, passes=("depth",)),
        )
        document.change("Pose", scene)
        viewport.wait_for_frame(30_000)
        seen = viewport.silhouette(pinhole(camera))
        with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
            request = render_request(asset, scene, Path(folder), previews=False)
            outcome = blender.submit("render", request).result(300)
            if not isinstance(outcome, Done):
                raise RuntimeError(str(outcome))
            solid = np.isfinite(load_depth(read_result(outcome.result).files["depth"]))
        overlaps.append(float((seen & solid).sum() / (seen | solid).sum()))
    return Figure(
        "silhouette of the camera view against Blender's depth mask, worst IoU",
        min(overlaps),
        "IoU",
        0.99,
        "at least",
        {"runs": [round(o, 5) for o in overlaps]},
    )


def _stalls() -> Iterator[Figure]:
    import psutil

    from widgets.measure import StallWatch

    with opened_window() as window:
        studio = window.studio
        until(lambda: studio.loader.asset is not None and not studio.loader.busy)
        until(lambda: studio.viewport.settled and window.worker.ready)
        longest = {}
        with StallWatch() as watch:
            window.commands["render.start"].trigger()
            until(lambda: studio.preview.busy, 10.0)
            until(lambda: not studio.preview.busy)
        longest["while a render runs"] = watch.longest
        with StallWatch() as watch:
            for head in _other_heads():
                studio.open_head(head)
                until(lambda: not studio.loader.busy and studio.viewport.settled)
        longest["while files load"] = watch.longest
        with StallWatch() as watch:
            for _ in range(5):
                for child in psutil.Process().children(recursive=True):
                    child.kill()
                start = time.monotonic()
                until(lambda start=start: time.monotonic() - start > 2.0)  # type: ignore[misc]
        longest["while the worker is killed"] = watch.longest
    yield Figure(
        "longest stall of the window's event loop",
        max(longest.values()),
        "ms",
        50,
        detail={name: round(value, 1) for name, value in longest.items()},
    )


def _default_name() -> str:
    from app.head.library import BUILTIN, shipped

    return BUILTIN + shipped()[0]


def _default_head(blender: Blender) -> HeadAsset:
    from app.bench.exactness import open_all

    _, asset = next(open_all(blender, [_default_name()]))
    if isinstance(asset, str):
        raise RuntimeError(asset)
    return asset


def _other_heads() -> list[str]:
    """Heads that are not on stage: the shipped ones and, where present, two real files."""
    from app.bench.exactness import SHARED_FBX, files

    real = ("Female_Adult_01.fbx", "RPM_Template_Mesh_XR.fbx")
    found = [f for f in files() if not f.startswith(str(SHARED_FBX)) or Path(f).name in real]
    return [f for f in found if f != _default_name()]


_PARTS: dict[str, Callable[[], Iterator[Figure]]] = {
    "startup": _startup,
    "posing": _posing,
    "viewport": _viewport,
    "rendering": _rendering,
    "stalls": _stalls,
    "kills": _kills,
}
