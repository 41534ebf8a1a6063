"""``main.py export``: an ONNX file with its card from a run of ``main.py train``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.train import RUNS, missing, refuse, wait_politely
from app.files import write_bytes
from app.paths import ASSETS

if TYPE_CHECKING:
    from inference.training.checkpoint import Checkpoint


def add_parser(subparsers: Any) -> None:
    from inference.training.tasks import TASKS

    parser = subparsers.add_parser(
        "export",
        help="make an ONNX file with its card from a run",
        description="Writes NAME.onnx and its card NAME.json, once ONNX Runtime gives the numbers "
        "that torch gives. Weights are stored in half precision and computed in single; the "
        "figures of the card are those of the weights as they are stored.",
    )
    parser.add_argument("name", choices=TASKS, metavar="NAME", help=", ".join(TASKS))
    parser.add_argument(
        "--run", type=Path, dest="folder", metavar="DIR", help="of the run (default: runs/NAME)"
    )
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        metavar="DIR",
        help="shards for the figures (default: those of the run)",
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="default: assets/models/NAME.onnx"
    )
    parser.add_argument(
        "--single", action="store_true", help="store the weights in single precision"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Export; 0 when the file is written, 1 when it is not true to torch, 2 for bad input."""
    wait_politely()
    try:
        from inference.training.checkpoint import CheckpointError
        from inference.training.config import ConfigError
        from inference.training.export import ExportError
        from inference.training.measuring import TrainingError
    except ModuleNotFoundError as problem:
        return refuse("export", missing(problem), 1)
    from app.dataset.packed import ShardError

    try:
        return _export(args)
    except (CheckpointError, ConfigError, ShardError, TrainingError) as problem:
        return refuse("export", problem, 2)
    except ExportError as problem:
        return refuse("export", problem, 1)
    except ModuleNotFoundError as problem:
        return refuse("export", missing(problem), 1)
    except BrokenPipeError:
        raise
    except OSError as problem:
        return refuse("export", f"{problem.filename or 'a file'}: {problem.strerror}", 1)
    except KeyboardInterrupt:
        return refuse("export", "stopped; nothing was written", 130)


def _export(args: argparse.Namespace) -> int:
    import msgspec

    from inference.card import encode_card
    from inference.training.card import card_of
    from inference.training.checkpoint import BEST, CheckpointError, read_checkpoint
    from inference.training.config import TrainingConfig
    from inference.training.export import written
    from inference.training.fold import folded, rounded
    from inference.training.measuring import measured
    from inference.training.precision import computation
    from inference.training.tasks import task

    folder = args.folder or RUNS / args.name
    try:
        checkpoint = read_checkpoint(folder / BEST)
    except FileNotFoundError:
        raise CheckpointError(
            f"{folder} holds no trained network yet: main.py train {args.name}"
        ) from None
    if checkpoint.task != args.name:
        raise CheckpointError(f"{folder} is a run of {checkpoint.task}, not of {args.name}")
    output = args.output or ASSETS / "models" / f"{args.name}.onnx"
    if output.suffix != ".onnx":
        return refuse("export", f"--output {output}: its name ends in .onnx", 2)
    try:
        config = msgspec.convert(checkpoint.config, TrainingConfig)
    except msgspec.ValidationError as problem:
        raise CheckpointError(f"{folder}: settings of another version: {problem}") from None
    made = task(args.name, config, args.data or _folders(checkpoint))
    network = made.network()
    try:
        network.load_state_dict(checkpoint.mean)
    except RuntimeError:
        raise CheckpointError(f"{folder}: weights of another network; train it again") from None
    folded(network.eval())
    if not args.single:
        rounded(network)
    way = computation(config, "cpu")
    figures = measured(made, network, config, way, None)
    export = made.exported(network)
    onnx = written(export)
    card = card_of(output.stem, checkpoint, export, onnx, figures)
    output.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(output, onnx.data)
    write_bytes(output.with_suffix(".json"), encode_card(card))
    before = checkpoint.figures.get("score")
    was = "" if before is None else f" (in training {before:.4g})"
    print(
        f"{output}: {len(onnx.data) / 1e6:.2f} MB, {card.parameters / 1e6:.2f} M values, "
        f"{card.gmac:.3f} GMAC, score {figures['score']:.4g}{was}, "
        f"ONNX Runtime within {max(onnx.differences.values()):.1e} of torch",
        file=sys.stderr,
    )
    return 0


def _folders(checkpoint: Checkpoint) -> list[Path]:
    return [Path(folder) for folder in checkpoint.facts.get("folders", [])]
