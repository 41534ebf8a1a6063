"""``main.py evaluate`` for a detector: how many faces it finds, and how many that are none."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.evaluate_output import put_figures
from app.evaluation.readers.data import Data
from app.evaluation.report import plain
from app.files import write_bytes

if TYPE_CHECKING:
    from inference.detecting import DetectorFigures

FILES = ("report.json", "report.txt")


def evaluate_detector(
    model: str,
    data: Data,
    empty: Path | None,
    output: Path | None,
    as_json: bool,
    card: bool,
    stepped: Callable[[], None],
) -> int:
    """Measure, print and write, with ``card`` into the model's card as well; 0.

    Raises
    ------
    ReadingError, ModelError, OSError
    """
    from inference.detecting import as_lines, measure_detector, pictures_in
    from inference.pipeline import load_detector

    pictures = pictures_in(empty) if empty else []
    found = measure_detector(load_detector(model), data, pictures, stepped)
    content: dict[str, Any] = {
        "schema": "headroom-detector-evaluation",
        "version": 1,
        "model": model,
        "data": data.name,
        "notes": data.notes,
        "problems": data.problems,
        **plain(asdict(found)),
    }
    encoded = json.dumps(content, indent=1, allow_nan=False) + "\n"
    text = "\n".join(as_lines(found, model, data.name)) + "\n"
    print(encoded if as_json else text, end="")
    for problem in data.problems:
        print(f"main.py evaluate: {problem}", file=sys.stderr)
    if card:
        path = put_figures(model, data.kind, _figures(found))
        print(f"{path}: figures", file=sys.stderr)
    if output:
        output.mkdir(parents=True, exist_ok=True)
        for name, body in zip(FILES, (encoded, text), strict=True):
            write_bytes(output / name, body.encode())
    return 0


def _figures(found: DetectorFigures) -> dict[str, float]:
    """What a card tells; false boxes only where pictures without faces were looked at."""
    figures = {"faces": float(found.faces), "recall at the score in use, %": 100.0 * found.in_use}
    if found.empty:
        figures["pictures without faces"] = float(found.empty)
        figures["false boxes in a picture at the score in use"] = found.false_in_use
        for rate, (_, recall) in found.recalls.items():
            figures[f"recall at {rate} false boxes in a picture, %"] = 100.0 * recall
    return {name: round(value, 4) for name, value in figures.items()}
