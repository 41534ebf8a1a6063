"""``main.py dataset``: check a data set, draw what it holds, show one frame of it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from app.cli.options import whole
from app.dataset.check_jobs import Finding

DRIVERS: Final = "drivers.json"
"""Record of a data set of drivers, by which it is known."""


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "dataset", help="check a data set, draw its distributions, show one frame"
    )
    parts = parser.add_subparsers(metavar="WHAT", required=True)

    checked = parts.add_parser(
        "check", help="find what is missing, damaged or inconsistent in a data set"
    )
    checked.add_argument("folder", metavar="DIR", type=Path)
    checked.add_argument(
        "--quick", action="store_true", help="look at names and sizes alone, not into the files"
    )
    checked.add_argument(
        "--workers", type=whole(1, 256), metavar="N", help="processes (default: one for each core)"
    )
    checked.add_argument(
        "--redo",
        action="store_true",
        help="take the mark of being done (ann_<id>.json) from frames with findings, so that "
        "“generate --resume” makes them again",
    )
    checked.set_defaults(run=run_check)

    drawn = parts.add_parser(
        "stats", help="distributions of yaw, pitch and roll beside Biwi's, people, backgrounds"
    )
    drawn.add_argument("folder", metavar="DIR", type=Path)
    drawn.add_argument(
        "--biwi", metavar="DIR", type=Path, help="Biwi's ground truth (frame_…_pose.txt)"
    )
    drawn.add_argument("--output", metavar="FILE", type=Path, help="a .png, .svg or .pdf")
    drawn.add_argument("--json", action="store_true", help="print JSON instead of text")
    drawn.set_defaults(run=run_stats)

    packed = parts.add_parser(
        "pack",
        help="make shards for training: random people as before real cameras",
        description="Render random people straight into shards, from which networks learn. A run "
        "that was broken off goes on where it stopped.",
    )
    packed.add_argument("output", metavar="DIR", type=Path)
    packed.add_argument("--people", type=int, default=2600, metavar="N", help="default: 2600")
    packed.add_argument(
        "--per-person", type=int, default=40, metavar="K", help="pictures of each (default: 40)"
    )
    packed.add_argument("--seed", type=int, default=0, metavar="S", help="default: 0")
    packed.add_argument(
        "--workers", type=whole(1, 256), metavar="W", help="processes (default: one for each core)"
    )
    packed.add_argument(
        "--drivers",
        type=Path,
        metavar="DATA",
        help="pack this data set of drivers instead, as generate-driver made it",
    )
    packed.add_argument("--with-parent", action="store_true", help=argparse.SUPPRESS)
    packed.set_defaults(run=run_pack)

    shown = parts.add_parser("show", help="one frame with depth, mask, landmarks and pose")
    shown.add_argument("folder", metavar="DIR", type=Path)
    shown.add_argument(
        "frame", metavar="FRAME", help="its number, or female/0001/Simple/neutral/HeadRot/0003"
    )
    shown.add_argument("--output", metavar="FILE", type=Path, help="a .png")
    shown.add_argument(
        "--session",
        metavar="FILE",
        type=Path,
        help="a .headroom with the frame's pose, camera, lights and environment, for the window",
    )
    shown.add_argument("--head", metavar="FBX", help="head of the session; needed for people")
    shown.set_defaults(run=run_show)


def run_pack(args: argparse.Namespace) -> int:
    from app.dataset.events import span
    from app.dataset.pack import spec_of
    from app.dataset.pack_run import PackError, Progress, end_with_parent, run
    from app.dataset.spec import SpecError, check_ranges

    def tell(now: Progress) -> None:
        left = "" if now.left is None else f", {span(now.left)} left"
        print(f"{now.done} of {now.total} shards{left}", flush=True)

    if args.drivers is not None:
        from app.cli.dataset_drivers import pack_drivers_of

        return pack_drivers_of(args)
    if args.with_parent:
        end_with_parent()
    try:
        spec = spec_of(args.people, args.per_person, args.seed)
        check_ranges(spec)
        run(spec, args.output, args.workers or os.cpu_count() or 1, tell)
    except SpecError as problem:
        return refuse("pack", problem, 2)
    except OSError as problem:
        return refuse("pack", said(problem), 2)
    except ModuleNotFoundError as problem:
        return refuse("pack", f"{problem.name} is missing: pip install 'headroom[bake]'", 2)
    except PackError as problem:
        return refuse("pack", problem, 1)
    except KeyboardInterrupt:
        return refuse("pack", "stopped; the same command goes on where it was", 130)
    return 0


def run_check(args: argparse.Namespace) -> int:
    from app.dataset.check import NoDataSetError, check, unfinish

    if (args.folder / DRIVERS).is_file():
        from app.cli.dataset_drivers import check_drivers_of

        return check_drivers_of(args)
    line = Line()
    findings: list[Finding] = []

    def tell(finding: Finding) -> None:
        line.clear()
        print(finding)
        if args.redo:
            findings.append(finding)

    try:
        found = check(
            args.folder,
            tell,
            quick=args.quick,
            workers=args.workers or os.cpu_count() or 1,
            progress=line.show,
        )
    except NoDataSetError as problem:
        return refuse("check", problem, 2)
    except OSError as problem:
        return refuse("check", said(problem), 2)
    except KeyboardInterrupt:
        return refuse("check", "stopped", 130)
    finally:
        line.clear()
    _tell_releases(args.folder)
    print(checked_text(args, found.frames, found.findings))
    if args.redo and found.ours:
        try:
            count = unfinish(args.folder, findings)
        except OSError as problem:
            return refuse("check", said(problem), 1)
        print(f"{count} to be made again: main.py generate --output {args.folder} --resume")
    return 1 if found.findings else 0


def checked_text(args: argparse.Namespace, frames: int, findings: int) -> str:
    looked = "names and sizes of " if args.quick else ""
    count = "1 frame" if frames == 1 else f"{frames:,} frames"
    what = "nothing is wrong" if not findings else f"{findings:,} findings"
    what = "1 finding" if findings == 1 else what
    return f"{args.folder}: {looked}{count} checked, {what}."


def run_stats(args: argparse.Namespace) -> int:
    from app.dataset.check import NoDataSetError
    from app.dataset.stats import biwi_angles, collect, summary
    from app.dataset.stats_picture import SUFFIXES
    from app.dataset.stats_text import as_text
    from app.scene.sequence import SequenceError

    if (args.folder / DRIVERS).is_file():
        from app.cli.dataset_drivers import driver_stats_of

        return driver_stats_of(args)
    try:
        may_write(args.output, SUFFIXES)
        biwi = None if args.biwi is None else biwi_angles(args.biwi)
        found = collect(args.folder)
        _tell_releases(args.folder)
    except (NoDataSetError, SequenceError, ValueError) as problem:
        return refuse("stats", problem, 2)
    except OSError as problem:
        return refuse("stats", said(problem), 2)
    except KeyboardInterrupt:
        return refuse("stats", "stopped", 130)
    if args.json:
        print(json.dumps(summary(found, biwi), indent=2))
    else:
        encoding = (sys.stdout.encoding or "").lower()
        print(as_text(found, biwi, blocks=encoding.startswith("utf")))
    if args.output is not None:
        from app.dataset.stats_picture import draw

        return write_out("stats", args.output, lambda: draw(found, args.output, biwi))
    return 0


def run_show(args: argparse.Namespace) -> int:
    if (args.folder / DRIVERS).is_file():
        from app.cli.dataset_drivers import show_driver_of

        return show_driver_of(args)
    from app.dataset.check import NoDataSetError
    from app.dataset.reader import ReadError
    from app.dataset.show import draw, find, scene_of
    from app.session.session_file import SUFFIX, Session, write

    try:
        if args.output is None and args.session is None:
            raise ValueError("say what to write, for example --output frame.png")
        may_write(args.output, (".png",))
        may_write(args.session, (SUFFIX,), "session")
        if args.head is not None and not args.head.startswith("builtin:"):
            args.head = str(Path(args.head).expanduser().absolute())
            if not Path(args.head).is_file():
                raise ValueError(f"--head {args.head}: there is no such file")
        sample = find(args.folder, args.frame)
        sample.picture()
        _tell_releases(args.folder)
        scene = None if args.session is None else scene_of(sample, args.head)
    except (NoDataSetError, ReadError, ValueError) as problem:
        return refuse("show", problem, 2)
    except OSError as problem:
        return refuse("show", said(problem), 2)
    try:
        status = 0
        if scene is not None:
            status = write_out("show", args.session, lambda: write(args.session, Session(scene)))
        if args.output is not None and status == 0:
            status = write_out("show", args.output, lambda: draw(sample, args.output))
    except ReadError as problem:
        return refuse("show", problem, 2)
    return status


def _tell_releases(root: Path) -> None:
    """One line on standard error for each topology of which this program has another release."""
    from app.dataset.releases import beside_those_in_use, of_folder

    for said in beside_those_in_use(of_folder(root), "the data set"):
        print(f"note: {said}", file=sys.stderr)


def may_write(path: Path | None, suffixes: tuple[str, ...], option: str = "output") -> None:
    """Raises ValueError with the reason before anything is read."""
    if path is None:
        return
    folder = path.absolute().parent
    if path.suffix.lower() not in suffixes:
        raise ValueError(f"--{option} {path}: its name must end in {' or '.join(suffixes)}")
    if not folder.is_dir():
        raise ValueError(f"--{option} {path}: the folder {folder} is missing")
    if not os.access(folder, os.W_OK):
        raise ValueError(f"--{option} {path}: the folder {folder} cannot be written")
    if path.is_dir():
        raise ValueError(f"--{option} {path}: this is a folder")


def write_out(command: str, path: Path, work: Callable[[], None]) -> int:
    try:
        work()
    except OSError as problem:
        return refuse(command, f"{path} cannot be written: {problem.strerror or problem}", 1)
    return 0


def said(problem: OSError) -> str:
    name = f"{problem.filename}: " if problem.filename else ""
    return f"{name}{problem.strerror or problem}"


def refuse(command: str, problem: object, status: int) -> int:
    print(f"main.py dataset {command}: {' '.join(str(problem).split())}", file=sys.stderr)
    return status


class Line:
    """How far the check has come, on one line of a terminal; silent where there is none."""

    def __init__(self) -> None:
        self._stream = sys.stderr if sys.stderr.isatty() else None

    def show(self, done: int, total: int | None) -> None:
        part = f"{done / total:4.0%} " if total else ""
        self._put(f"{part}{done:,} frames checked")

    def clear(self) -> None:
        self._put("")

    def _put(self, text: str) -> None:
        if self._stream is not None:
            self._stream.write(f"\r\x1b[K{text}")
            self._stream.flush()
