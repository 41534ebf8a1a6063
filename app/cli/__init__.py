"""The command line. A sub-command's module is imported only when it is the one asked for."""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final, NoReturn


@dataclass(frozen=True)
class Command:
    """``module`` has ``add_parser(subparsers)``, which sets ``run``."""

    module: str
    summary: str


COMMANDS: Final[dict[str, Command]] = {
    "inspect-head": Command(
        "app.cli.inspect_head", "print what is in a rigged FBX and which bones turn the head"
    ),
    "render": Command(
        "app.cli.render", "render a posed head through Blender, with depth and annotations"
    ),
    "bake-head": Command("app.cli.bake_head", "make a person and write it as an FBX with textures"),
    "generate": Command("app.cli.generate", "make a data set of labelled pictures"),
    "generate-driver": Command(
        "app.cli.generate_driver", "make a data set of drivers with the state of their hands"
    ),
    "clip": Command("app.cli.clip", "render a short clip of people who turn, speak and blink"),
    "topology": Command(
        "app.cli.topology", "landmarks on the mesh: list, show, build, check, place on a head"
    ),
    "evaluate": Command(
        "app.cli.evaluate", "measure a model, or predictions, on annotated pictures"
    ),
    "predict": Command("app.cli.predict", "find landmarks and head pose in pictures and videos"),
    "adapt": Command("app.cli.adapt", "fit the 68 points to the way your annotators draw them"),
    "dataset": Command(
        "app.cli.dataset", "check a data set, draw its distributions, show one frame"
    ),
    "train": Command("app.cli.train", "train a network on packed shards"),
    "export": Command("app.cli.export", "make an ONNX file with its card from a run"),
    "live": Command(
        "widgets.live.command", "open the window on a camera or a video, with what models see"
    ),
    "bench": Command("widgets.bench", "measure speed and exactness and print the figures"),
}


def main(argv: Sequence[str], window: Callable[[argparse.Namespace], int]) -> int:
    """Run a sub-command, or ``window`` when none is given.

    Returns
    -------
    int
        Exit status: 0 done, 1 failed, 2 the input or the arguments are at fault.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    parser = _Parser(prog="main.py", description="Headroom, a studio for synthetic heads.")
    asked = next((a for a in argv if not a.startswith("-")), None)
    commands = parser.add_subparsers(metavar="COMMAND")
    for name, command in COMMANDS.items():
        if name == asked:
            import_module(command.module).add_parser(commands)
        else:
            commands.add_parser(name, help=command.summary)
    parser.add_argument("--open", type=Path, metavar="FILE", help="an FBX or a session to open")
    parser.add_argument(
        "--tour", type=Path, metavar="DIR", help="drive the window through its workspaces"
    )
    parser.set_defaults(run=window)
    args = parser.parse_args(argv)
    if args.run is not window and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _leave)
    try:
        status = int(args.run(args))
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


def _leave(number: int, _: object) -> NoReturn:
    """End a command so that it still clears its temporary files."""
    sys.exit(128 + number)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {' '.join(message.split())} (--help tells what there is)\n")
