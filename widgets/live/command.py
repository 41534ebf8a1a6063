"""``main.py live``: the window, straight at a camera, a clip or a folder of pictures."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.paths import ASSETS

if TYPE_CHECKING:
    from widgets.live.content import LiveContent
    from widgets.live.model_shelf import Part
    from widgets.main_window import MainWindow

SAMPLE = ASSETS / "clips" / "sample.mp4"


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "live",
        help="open the window on a camera or a video, with what models see",
        description="Opens the workspace Live: docs/live.md.",
    )
    parser.add_argument(
        "--source",
        metavar="FILE|N",
        help="a video, a picture, a folder of pictures, or a camera by number or name "
        "(default: the clip that comes with Headroom)",
    )
    parser.add_argument(
        "--model", metavar="NAME", help="a shipped face model, one of the models' folder, or a file"
    )
    parser.add_argument("--second", metavar="NAME", help="another one, to be compared with it")
    parser.add_argument(
        "--presentation", action="store_true", help="fill the screen with the picture"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Open the window; what cannot be used is told before, and the status is then 2."""
    from inference.sessions import ModelError
    from widgets.application import run as run_window

    try:
        source = _source(args.source)
        models: dict[Part, Path] = {}
        if args.model:
            models["face"] = find_model(args.model)
        if args.second:
            models["second"] = find_model(args.second)
    except (ModelError, ValueError) as problem:
        print(f"main.py live: {problem}", file=sys.stderr)
        return 2

    def begin(window: MainWindow) -> None:
        view = window.live
        view.bring()
        view.when_made(lambda content: _use(content, models))
        view.open(source)
        if args.presentation:
            view.when_made(lambda content: content.present())

    return run_window(args, begin)


def find_model(name: str) -> Path:
    """The ONNX file that a user names.

    Raises
    ------
    ModelError
        When there is none, or it cannot follow faces.
    """
    from app.paths import data_dir
    from inference import registry
    from inference.sessions import ModelError

    own = data_dir() / "models" / f"{name}.onnx"
    if own.is_file():
        return own
    if Path(name).is_file() and Path(name).suffix.lower() != ".onnx":
        raise ModelError(f"{name}: is no ONNX file")
    return registry.find_kind(name, "face", "landmarks").path.absolute()


def _source(named: str | None) -> str:
    """What `inference.live.sources.find` understands, looked into.

    Raises
    ------
    ValueError
        When it is nothing that can be shown.
    """
    from inference.live.source import SourceError
    from inference.live.sources import find

    if named is None:
        if not SAMPLE.is_file():
            raise ValueError("the sample clip is not here; say --source FILE or --source 0")
        return str(SAMPLE)
    try:
        find(named)
    except SourceError as problem:
        raise ValueError(str(problem)) from None
    return named


def _use(content: LiveContent, models: dict[Part, Path]) -> None:
    """Choose the models that were asked for."""
    for part, path in models.items():
        content.desk.shelf.choose_file(part, path)
