"""``main.py render``: a posed head through Blender, without a window."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from app.blender.client import Blender
from app.blender.heads import HeadError, open_head
from app.blender.protocol import OUR_FAULTS, Cancelled, Done, ErrorKind, Failed, Progress
from app.blender.render import (
    RenderResult,
    blend_request,
    load_normals,
    read_result,
    render_request,
    save_picture,
)
from app.cli.scene_arguments import SceneArgumentError, add_scene_arguments, pose_of, scene_of
from app.files import aside
from app.head.asset import HeadAsset
from app.scene.annotations import annotate, write_annotations
from app.scene.depth_view import normal_picture
from app.scene.scene import Pass, Scene

OUTPUTS: Final[dict[str, tuple[str, ...]]] = {
    "output": (".png", ".jpg", ".jpeg", ".exr"),
    "depth": (".exr",),
    "normals": (".exr", ".png"),
    "segmentation": (".png",),
    "annotations": (".json",),
    "blend": (".blend",),
}
PASS_OF: Final[dict[str, Pass]] = {
    "output": "color",
    "depth": "depth",
    "normals": "normals",
    "segmentation": "segmentation",
}


class RenderError(Exception):
    """What Blender could not do."""

    def __init__(self, kind: ErrorKind, message: str) -> None:
        super().__init__(message)
        self.kind: ErrorKind = kind


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "render",
        help="render a posed head through Blender, with depth and annotations",
        description="Render a posed head through Blender. Angles are degrees, lengths metres.",
    )
    add_scene_arguments(parser)
    files = parser.add_argument_group("files to write (at least one)")
    files.add_argument("--output", "-o", metavar="FILE", help="the picture: .png, .jpg or .exr")
    files.add_argument(
        "--depth", metavar="FILE", help=".exr, float32 metres along the camera's axis"
    )
    files.add_argument(
        "--normals", metavar="FILE", help=".exr (unit vectors, camera frame) or .png to look at"
    )
    files.add_argument(
        "--segmentation", metavar="FILE", help=".png, 0 background 1 skin 2 eyes 3 hair 4 other"
    )
    files.add_argument(
        "--annotations", metavar="FILE", help=".json with camera, head pose, bones in pixels"
    )
    files.add_argument("--blend", metavar="FILE", help="the scene as a .blend file")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    try:
        targets = _targets(args)
        scene = scene_of(args, tuple(PASS_OF[name] for name in PASS_OF if name in targets))
        with Blender(spare=False) as blender, _Line() as line:
            asset = open_head(scene.head, blender, line).asset
            _make(blender, asset, pose_of(args, scene, asset), targets, line)
    except SceneArgumentError as fault:
        return _refuse(str(fault), 2)
    except (HeadError, RenderError) as fault:
        return _refuse(str(fault), 1 if fault.kind in OUR_FAULTS else 2)
    except OSError as problem:
        return _refuse(f"{problem.filename or 'A file'}: {problem.strerror or problem}.", 1)
    except KeyboardInterrupt:
        return _refuse("stopped.", 130)
    for path in targets.values():
        print(path)
    return 0


def _refuse(text: str, status: int) -> int:
    print(f"main.py render: {' '.join(text.split())}", file=sys.stderr)
    return status


def _targets(args: argparse.Namespace) -> dict[str, Path]:
    """Files that are asked for, by option, checked before anything is started.

    Raises
    ------
    SceneArgumentError
    """
    targets = {name: Path(path) for name in OUTPUTS if (path := getattr(args, name)) is not None}
    if not targets:
        raise SceneArgumentError("say what to write, for example --output picture.png")
    for name, path in targets.items():
        try:
            fault = _fault_of(path, OUTPUTS[name])
        except OSError as problem:
            fault = problem.strerror or str(problem)
        except UnicodeEncodeError:
            fault = "this name is not UTF-8"
        if fault:
            raise SceneArgumentError(f"--{name} {path}: {fault}")
    if len({path.absolute() for path in targets.values()}) < len(targets):
        raise SceneArgumentError("two of the files to write have the same name")
    return targets


def _fault_of(path: Path, suffixes: Sequence[str]) -> str:
    """Why nothing can be written there; empty where it can.

    Raises
    ------
    OSError, UnicodeEncodeError
    """
    str(path).encode()
    folder = path.absolute().parent
    if path.suffix.lower() not in suffixes:
        return f"its name must end in {_or(suffixes)}"
    if not folder.is_dir():
        return f"the folder {folder} is missing"
    if not os.access(folder, os.W_OK):
        return f"the folder {folder} cannot be written"
    if path.exists() and not path.is_file():
        return "this is no file that can be replaced"
    return ""


def _or(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _make(
    blender: Blender, asset: HeadAsset, scene: Scene, targets: dict[str, Path], line: _Line
) -> None:
    """Everything is made in a folder of its own; only what is whole takes its name."""
    with tempfile.TemporaryDirectory(prefix="headroom-render-") as name:
        folder = Path(name)
        made: RenderResult | None = None
        if scene.render.passes or "annotations" in targets:
            request = render_request(asset, scene, folder, previews=False)
            made = read_result(_do(blender, "render", request, line))
            line.tell(made.notices)
        if "blend" in targets:
            request = blend_request(asset, scene, folder / "scene.blend")
            _do(blender, "save_blend", request, line)
            _place(folder / "scene.blend", targets["blend"])
        if made is None:
            return
        for option, source in PASS_OF.items():
            if option in targets:
                _write(made, source, targets[option])
    if "annotations" in targets:
        names: dict[str, str] = {
            PASS_OF[option]: path.name for option, path in targets.items() if option in PASS_OF
        }
        truth = annotate(asset, scene, head=made.head_matrix, files=names)
        write_annotations(targets["annotations"], truth)


def _do(blender: Blender, op: str, request: dict[str, Any], line: _Line) -> dict[str, Any]:
    """Wait in small steps, because a plain wait hears no Ctrl-C on Windows."""
    ticket = blender.submit(op, request, line.show)
    while not ticket.done:
        with suppress(TimeoutError):
            ticket.result(0.5)
    match ticket.result():
        case Done(result):
            return result
        case Failed(kind, message):
            raise RenderError(kind, message)
        case Cancelled():
            raise RenderError("internal", "the render was cancelled.")


def _write(made: RenderResult, source: Pass, target: Path) -> None:
    """Bring a pass into the format that the target's name asks for."""
    suffix = target.suffix.lower()
    if source == "color" and suffix == ".exr":
        _place(made.files["linear"], target)
    elif source == "color" and suffix != ".png":
        save_picture(made.files["color"], target)
    elif source == "normals" and suffix == ".png":
        save_picture(normal_picture(load_normals(made.files["normals"])), target)
    else:
        _place(made.files[source], target)


def _place(source: Path, target: Path) -> None:
    with aside(target) as temporary:
        shutil.copyfile(source, temporary)


class _Line:
    """The progress, as one line of a terminal; silent where there is none."""

    asked_to_stop = False

    def __init__(self) -> None:
        self._stream = sys.stderr if sys.stderr.isatty() else None

    def __enter__(self) -> _Line:
        return self

    def __exit__(self, *_: object) -> None:
        self._put("")

    def show(self, event: object) -> None:
        if isinstance(event, Progress):
            self.progress(event.text, event.fraction, event.seconds_left)

    def progress(
        self, text: str = "", fraction: float | None = None, seconds_left: float | None = None
    ) -> None:
        part = "" if fraction is None else f"{fraction:4.0%} "
        soon = seconds_left is None or seconds_left < 1.0
        wait = "" if soon else f", about {seconds_left:.0f} s left"
        self._put(f"{part}{text}{wait}")

    def tell(self, notices: Sequence[str]) -> None:
        """Lines that stay, terminal or not."""
        for notice in notices:
            self._put("")
            print(f"main.py render: {notice}", file=sys.stderr)

    def _put(self, text: str) -> None:
        if self._stream is not None:
            self._stream.write(f"\r\x1b[K{text}")
            self._stream.flush()
