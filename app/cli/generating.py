"""What the commands that generate data sets have in common: options, refusals, what is told."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from app.cli.run_lock import LockedError
from app.dataset import run_checks
from app.dataset.events import JsonLines, Tell, TerminalLine
from app.dataset.run import Outcome
from app.dataset.run_workers import WorkersError, check_scheduler
from app.dataset.spec import SpecError


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Who works, what is done again, what is told."""
    how = parser.add_argument_group("the run")
    pool = how.add_mutually_exclusive_group()
    pool.add_argument(
        "--workers", type=int, default=None, metavar="W", help="processes (default: all cores)"
    )
    pool.add_argument(
        "--scheduler", default=None, metavar="ADDRESS", help="of a running Dask scheduler"
    )
    how.add_argument(
        "--resume", action="store_true", default=False, help="do what is missing in DIR"
    )
    how.add_argument(
        "--estimate", action="store_true", default=False, help="print time and space, and leave"
    )
    how.add_argument(
        "--events", action="store_true", default=False, help="tell of it in lines of JSON"
    )


def guarded(command: str, generate: Callable[[], int]) -> int:
    """Exit status of a run: 2 for what cannot be begun, 1 or 130 for one that was broken off."""
    try:
        return generate()
    except (SpecError, LockedError) as fault:
        return _refuse(command, str(fault), 2)
    except WorkersError as problem:
        return _refuse(command, f"{problem} What was made is kept; --resume goes on.", 1)
    except BrokenPipeError:
        raise
    except OSError as problem:
        text = f"{problem.filename or 'A file'}: {problem.strerror or problem}."
        return _refuse(command, text, 1)
    except KeyboardInterrupt:
        return _refuse(command, "stopped; the same command with --resume goes on.", 130)
    except SystemExit:
        _refuse(command, "ended from outside; the same command with --resume goes on.", 1)
        raise


def check_place(args: argparse.Namespace, root: Path, needed: int) -> None:
    """Raise `SpecError` where folder, space or scheduler are not fit for a run."""
    if args.scheduler is not None:
        check_scheduler(args.scheduler)
    run_checks.check_folder(root, resume=args.resume)
    run_checks.check_space(root, needed)


def begin_telling(
    args: argparse.Namespace,
    root: Path,
    *,
    frames: int,
    subjects: int,
    seconds: float,
    size: int,
    workers: int,
) -> Tell:
    """Lines of JSON or a line in the terminal, with the plan told first."""
    tell: Tell = JsonLines(sys.stdout) if args.events else TerminalLine()
    tell(
        {
            "event": "plan",
            "frames": frames,
            "subjects": subjects,
            "seconds": seconds,
            "bytes": size,
            "workers": workers,
            "output": str(root),
        }
    )
    return tell


def end_telling(tell: Tell, outcome: Outcome, more: Callable[[], str] | None = None) -> int:
    """Tell how a run ended, people also something more; the exit status."""
    done = outcome.outcome == "done"
    if isinstance(tell, TerminalLine):
        tell.clear()
        print(outcome.text, file=sys.stdout if done else sys.stderr)
        if more is not None:
            print(more())
    tell(
        {
            "event": "end",
            "outcome": outcome.outcome,
            "done": outcome.done,
            "failed": outcome.failed,
            "total": outcome.total,
            "seconds": outcome.seconds,
            "text": outcome.text,
        }
    )
    return 0 if done and not outcome.failed else 1


def _refuse(command: str, text: str, status: int) -> int:
    print(f"main.py {command}: {' '.join(text.split())}", file=sys.stderr)
    return status
