"""``main.py dataset`` for data sets of drivers."""

from __future__ import annotations

import argparse
import json
import os

from app.cli.dataset import Line, checked_text, may_write, refuse, said, write_out
from app.dataset.check_jobs import Finding


def pack_drivers_of(args: argparse.Namespace) -> int:
    from app.dataset.driver_packed import pack_drivers
    from app.dataset.packed import ShardError

    def tell(done: int, total: int) -> None:
        print(f"{done} of {total} pictures", flush=True)

    try:
        pack_drivers(args.drivers, args.output, tell)
    except ShardError as problem:
        return refuse("pack", problem, 2)
    except OSError as problem:
        return refuse("pack", said(problem), 2)
    except KeyboardInterrupt:
        return refuse("pack", "stopped; the same command goes on where it was", 130)
    return 0


def check_drivers_of(args: argparse.Namespace) -> int:
    from app.dataset.check import NoDataSetError
    from app.dataset.driver_check import check_drivers

    if args.redo:
        return refuse("check", "--redo is for pictures of faces alone: leave it out", 2)
    line = Line()

    def tell(finding: Finding) -> None:
        line.clear()
        print(finding)

    workers = args.workers or os.cpu_count() or 1
    try:
        found = check_drivers(
            args.folder, tell, quick=args.quick, workers=workers, progress=line.show
        )
    except NoDataSetError as problem:
        return refuse("check", problem, 2)
    except OSError as problem:
        return refuse("check", said(problem), 2)
    except KeyboardInterrupt:
        return refuse("check", "stopped", 130)
    finally:
        line.clear()
    print(checked_text(args, found.frames, found.findings))
    return 1 if found.findings else 0


def driver_stats_of(args: argparse.Namespace) -> int:
    from app.dataset.driver_stats import as_values, driver_stats, table
    from app.dataset.manifest import ManifestError

    if args.output is not None or args.biwi is not None:
        return refuse("stats", "of drivers there is a table alone: leave --output and --biwi", 2)
    try:
        found = driver_stats(args.folder)
    except (ManifestError, OSError) as problem:
        return refuse("stats", f"{args.folder}: {problem}", 2)
    print(json.dumps(as_values(found)) if args.json else table(found))
    return 0


def show_driver_of(args: argparse.Namespace) -> int:
    from app.dataset.check import NoDataSetError
    from app.dataset.depth_exr import DepthError
    from app.dataset.driver_files import DriverAnnotationError
    from app.dataset.driver_sample import DriverSampleError
    from app.dataset.driver_show import draw_driver, find_driver

    try:
        if args.output is None or args.session is not None:
            raise ValueError("of drivers there is a picture alone: give --output, no --session")
        may_write(args.output, (".png",))
        frame = find_driver(args.folder, args.frame)
        return write_out("show", args.output, lambda: draw_driver(args.folder, frame, args.output))
    except (
        NoDataSetError, DepthError, DriverAnnotationError, DriverSampleError, ValueError
    ) as problem:  # fmt: skip
        return refuse("show", problem, 2)
