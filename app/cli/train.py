"""``main.py train``: a network from packed shards."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.cli.run_lock import LockedError, alone

if TYPE_CHECKING:
    from inference.training.config import TrainingConfig
    from inference.training.precision import Computation
    from inference.training.task import Task
    from inference.training.telling import Told
    from inference.training.trainer import Trainer

RUNS: Final = Path("runs")
_EXTRA: Final = "torch is missing: pip install 'headroom[train]'"


def add_parser(subparsers: Any) -> None:
    from inference.training.tasks import TASKS

    parser = subparsers.add_parser(
        "train",
        help="train a network",
        description="Train a network on shards of synthetic people. A run that was broken off "
        "goes on where it was with the same command; one person in twenty is never trained on "
        "and decides which weights are kept. 'main.py export' makes an ONNX file of a run.",
    )
    parser.add_argument("name", choices=TASKS, metavar="NAME", help=", ".join(TASKS))
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--data",
        type=Path,
        nargs="+",
        metavar="DIR",
        help="shards or folders of them; of drivers also data sets",
    )
    source.add_argument(
        "--on-the-fly",
        action="store_true",
        help="render people into the run's folder meanwhile, and learn from those who are there",
    )
    parser.add_argument(
        "--people", type=int, metavar="N", help="to be rendered with --on-the-fly (default: 2600)"
    )
    parser.add_argument(
        "--run", type=Path, dest="folder", metavar="DIR", help="of the run (default: runs/NAME)"
    )
    parser.add_argument(
        "--minutes",
        type=_minutes,
        metavar="M",
        help="limit of time; the learning rate falls within it (default: the steps decide)",
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="TOML over the task's own")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="changes",
        metavar="KEY=VALUE",
        help="one setting, such as batch=32 or task.width=0.5",
    )
    parser.add_argument("--device", default="auto", metavar="NAME", help="auto, cpu, cuda, cuda:1")
    parser.add_argument(
        "--fresh", action="store_true", help="start again; a run that is there is set aside"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Train; 0 when the run is finished, 1 when it failed, 2 for bad input, 130 when stopped."""
    wait_politely()
    try:
        from inference.training.checkpoint import CheckpointError
        from inference.training.config import ConfigError
        from inference.training.measuring import TrainingError
        from inference.training.on_the_fly import ProducerError
    except ModuleNotFoundError as problem:
        return refuse("train", missing(problem), 1)
    from app.dataset.packed import ShardError

    try:
        return _train(args)
    except (ConfigError, CheckpointError, ShardError, LockedError, _InputError) as problem:
        return refuse("train", str(problem).strip().splitlines()[-1], 2)
    except (TrainingError, ProducerError) as problem:
        return refuse("train", problem, 1)
    except ModuleNotFoundError as problem:
        return refuse("train", missing(problem), 1)
    except BrokenPipeError:
        raise
    except RuntimeError as problem:
        reason = _of_the_machine(problem)
        if not reason:
            raise
        return refuse("train", reason, 1)
    except OSError as problem:
        return refuse("train", f"{problem.filename or 'a file'}: {problem.strerror or problem}", 1)
    except KeyboardInterrupt:
        return refuse("train", "stopped at once; the same command goes on from the last save", 130)


class _InputError(ValueError):
    """What was given cannot be used; the message is one line."""


def _train(args: argparse.Namespace) -> int:
    from inference.training.config import load_config
    from inference.training.precision import computation
    from inference.training.tasks import OF_DRIVERS

    if args.people is not None and not args.on_the_fly:
        raise _InputError("--people belongs to --on-the-fly")
    if args.on_the_fly and args.name in OF_DRIVERS:
        raise _InputError(
            f"--on-the-fly renders faces, and {args.name} learns from drivers: make them first "
            "with 'main.py generate-driver'"
        )
    config = load_config(args.name, args.config, args.changes)
    folder = args.folder or RUNS / args.name
    try:
        way = computation(config, args.device)
    except ValueError as problem:
        raise _InputError(problem) from None
    if folder.exists() and not folder.is_dir():
        raise _InputError(f"--run {folder}: this is no folder")
    if args.fresh and folder.exists():
        with alone(folder):
            pass
        _set_aside(folder)
    line = _Line()
    run = _Run(args, config, folder, way, line)
    with _own(folder), _asked_to_stop() as stopped:
        trainer = run.on_the_fly(stopped) if args.on_the_fly else run.given(stopped)
    line.clear()
    if trainer is None:
        line.say("stopped before there was anybody to train on; the same command goes on")
        return 130
    progress = trainer.progress
    if not progress.finished:
        line.say(f"stopped after step {progress.step}, saved; the same command goes on")
        return 130
    figures = ", ".join(f"{name} {value:.4g}" for name, value in trainer.figures.items())
    line.say(f"finished after {progress.step} steps ({progress.finished}): {figures}")
    return 0


@dataclass(frozen=True)
class _Run:
    args: argparse.Namespace
    config: TrainingConfig
    folder: Path
    way: Computation
    line: _Line

    def given(self, stopped: Callable[[], bool]) -> Trainer:
        """Train on the shards that the command names."""
        trainer = self._begun(self.args.data)
        trainer.train(stopped)
        return trainer

    def on_the_fly(self, stopped: Callable[[], bool]) -> Trainer | None:
        """Train on what a process of its own renders meanwhile; None when stopped too early."""
        from inference.training.on_the_fly import Producer, Wanted
        from inference.training.tasks import task

        wanted = Wanted(self.args.people or Wanted.people, seed=self.config.seed)
        with Producer(self.folder / "shards", wanted) as producer:
            self.line.say(f"people are rendered into {producer.folder}")
            if not producer.wait(stopped):
                return None
            trainer = self._begun(producer.take())
            while not trainer.train(lambda: stopped() or producer.grown()).finished:
                if stopped():
                    break
                shards = producer.take()
                made = task(self.args.name, self.config, shards)
                trainer.renew(made, self._facts(made, shards))
                self.line.say(f"{len(shards)} shards are there")
        return trainer

    def _begun(self, shards: Sequence[Path]) -> Trainer:
        from app.dataset.releases import lines_of_shards
        from inference.training.tasks import OF_DRIVERS, task
        from inference.training.trainer import Run, Trainer

        args, line = self.args, self.line
        made = task(args.name, self.config, shards)
        for said in () if args.name in OF_DRIVERS else lines_of_shards(shards):
            line.say(f"note: {said}")
        facts = self._facts(made, shards)
        whole = Run(made, self.config, self.folder, self.way, args.minutes, facts)
        trainer = Trainer(whole, line, line.say)
        begun = trainer.progress.step
        line.say(
            f"{args.name}: {facts['frames']} frames of {facts['people']} people, "
            f"{facts['held_out_people']} more held out; {self.way}; {self.folder}"
            + (f"; goes on after step {begun}" if begun else "")
        )
        return trainer

    def _facts(self, made: Task, shards: Sequence[Path]) -> dict[str, Any]:
        from inference.training.facts import facts_of

        folders = [self.folder / "shards"] if self.args.on_the_fly else shards
        return facts_of(made, folders, ["main.py", *sys.argv[1:]])


def _of_the_machine(problem: RuntimeError) -> str:
    """One line for what is no fault of the program; empty for what is."""
    import torch

    if isinstance(problem, torch.OutOfMemoryError) or "can't allocate memory" in str(problem):
        return "memory is not enough: make batches smaller (--set batch=32)"
    if str(problem).startswith("DataLoader worker"):
        return (
            "a process that loads samples was killed, perhaps for memory; the same command goes on"
        )
    return ""


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0.0
    if not 0.0 < minutes < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return minutes


@contextmanager
def _own(folder: Path) -> Iterator[None]:
    """The folder of the run for this one alone; gone again where nothing came to lie in it."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with alone(folder):
            yield
    finally:
        with suppress(OSError):
            folder.rmdir()


def _set_aside(folder: Path) -> None:
    number = 1
    while (aside := folder.with_name(f"{folder.name}.{number}")).exists():
        number += 1
    folder.rename(aside)


@contextmanager
def _asked_to_stop() -> Iterator[Callable[[], bool]]:
    """The first interrupt lets the step end and the state be saved, the second does not."""
    asked = threading.Event()

    def stop(number: int, frame: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = {s: signal.signal(s, stop) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def wait_politely() -> None:
    """Threads of one network's layers sleep while they wait, so that others may work meanwhile.

    Read when torch is loaded, so this comes before.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def missing(problem: ModuleNotFoundError) -> str:
    """What to install."""
    module = (problem.name or "").partition(".")[0]
    return _EXTRA if module == "torch" else f"{module} is missing: pip install 'headroom[train]'"


def refuse(command: str, why: object, status: int) -> int:
    """One line on standard error, and the exit status."""
    print(f"main.py {command}: {' '.join(str(why).split())}", file=sys.stderr)
    return status


class _Line:
    """One line that is written over on a terminal, one a minute elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._shown = False
        self._last = float("-inf")

    def __call__(self, told: Told) -> None:
        import time

        from app.dataset.events import span

        now = time.monotonic()
        if not self._terminal and now - self._last < 60.0:
            return
        self._last = now
        score = "" if told.score == float("inf") else f", score {told.score:.4g}"
        text = (
            f"step {told.step}, {told.fraction:.1%}, {told.per_second:.0f} samples/s, "
            f"loss {told.loss:.4g}{score}, {span(told.seconds_left)} left"
        )
        if self._terminal:
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
            self._shown = True
        else:
            print(text, file=sys.stderr, flush=True)

    def say(self, text: str) -> None:
        self.clear()
        print(text, file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = False
