"""``main.py dataset``: check a data set, draw what it holds, show one frame of it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.dataset.check_jobs import Finding


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
        "--workers", type=_count, metavar="N", help="processes (default: one for each core)"
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

    shown = parts.add_parser("show", help="one frame with depth, mask, landmarks and pose")
    shown.add_argument("folder", metavar="DIR", type=Path)
    shown.add_argument(
        "frame", metavar="FRAME", help="its number, or female/0001/Simple/neutral/HeadRot/0003"
    )
    shown.add_argument("--output", metavar="FILE", type=Path, required=True, help="a .png")
    shown.set_defaults(run=run_show)


def run_check(args: argparse.Namespace) -> int:
    from app.dataset.check import NoDataSetError, check, unfinish

    line = _Line()
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
        return _refuse("check", problem, 2)
    except OSError as problem:
        return _refuse("check", _said(problem), 2)
    except KeyboardInterrupt:
        return _refuse("check", "stopped", 1)
    finally:
        line.clear()
    looked = "names and sizes of " if args.quick else ""
    frames = "1 frame" if found.frames == 1 else f"{found.frames:,} frames"
    what = "nothing is wrong" if not found.findings else f"{found.findings:,} findings"
    what = "1 finding" if found.findings == 1 else what
    print(f"{args.folder}: {looked}{frames} checked, {what}.")
    if args.redo and found.ours:
        try:
            count = unfinish(args.folder, findings)
        except OSError as problem:
            return _refuse("check", _said(problem), 1)
        print(f"{count} to be made again: main.py generate --output {args.folder} --resume")
    return 1 if found.findings else 0


def run_stats(args: argparse.Namespace) -> int:
    from app.dataset.check import NoDataSetError
    from app.dataset.stats import biwi_angles, collect, summary
    from app.dataset.stats_picture import SUFFIXES
    from app.dataset.stats_text import as_text
    from app.scene.sequence import SequenceError

    try:
        _may_write(args.output, SUFFIXES)
        biwi = None if args.biwi is None else biwi_angles(args.biwi)
        found = collect(args.folder)
    except (NoDataSetError, SequenceError, ValueError) as problem:
        return _refuse("stats", problem, 2)
    except OSError as problem:
        return _refuse("stats", _said(problem), 2)
    except KeyboardInterrupt:
        return _refuse("stats", "stopped", 1)
    if args.json:
        print(json.dumps(summary(found, biwi), indent=2))
    else:
        encoding = (sys.stdout.encoding or "").lower()
        print(as_text(found, biwi, blocks=encoding.startswith("utf")))
    if args.output is not None:
        from app.dataset.stats_picture import draw

        return _write("stats", args.output, lambda: draw(found, args.output, biwi))
    return 0


def run_show(args: argparse.Namespace) -> int:
    from app.dataset.check import NoDataSetError
    from app.dataset.manifest import ManifestError
    from app.dataset.reader import ReadError
    from app.dataset.show import draw, find

    try:
        _may_write(args.output, (".png",))
        sample = find(args.folder, args.frame)
        sample.picture()
    except (NoDataSetError, ManifestError, ValueError) as problem:
        return _refuse("show", problem, 2)
    except OSError as problem:
        return _refuse("show", _said(problem), 2)
    try:
        return _write("show", args.output, lambda: draw(sample, args.output))
    except ReadError as problem:
        return _refuse("show", problem, 2)


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 256:
        raise argparse.ArgumentTypeError(f"{number} is not between 1 and 256")
    return number


def _may_write(path: Path | None, suffixes: tuple[str, ...]) -> None:
    """Raises ValueError with the reason before anything is read."""
    if path is None:
        return
    folder = path.absolute().parent
    if path.suffix.lower() not in suffixes:
        raise ValueError(f"--output {path}: its name must end in {' or '.join(suffixes)}")
    if not folder.is_dir():
        raise ValueError(f"--output {path}: the folder {folder} is missing")
    if not os.access(folder, os.W_OK):
        raise ValueError(f"--output {path}: the folder {folder} cannot be written")
    if path.is_dir():
        raise ValueError(f"--output {path}: this is a folder")


def _write(command: str, path: Path, work: Callable[[], None]) -> int:
    try:
        work()
    except OSError as problem:
        return _refuse(command, f"{path} cannot be written: {problem.strerror or problem}", 1)
    return 0


def _said(problem: OSError) -> str:
    name = f"{problem.filename}: " if problem.filename else ""
    return f"{name}{problem.strerror or problem}"


def _refuse(command: str, problem: object, status: int) -> int:
    print(f"main.py dataset {command}: {' '.join(str(problem).split())}", file=sys.stderr)
    return status


class _Line:
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
