"""``main.py evaluate`` for models of hands on the wheel, and of the wheel's region."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

from app.cli.evaluate_output import put_figures
from app.evaluation.annotated import ReadingError
from app.evaluation.hands import as_lines, as_values, card_figures
from app.files import write_bytes

FILES: Final = ("report.json", "report.txt")


def evaluate_hands(args: argparse.Namespace, kind: str, stepped: Callable[[], None]) -> int:
    """Measure, print and write, with ``--card`` into the model's card as well; 0.

    Raises
    ------
    ReadingError, ModelError, OSError
    """
    from app.dataset.driver_data import Drivers
    from app.dataset.packed import ShardError
    from inference.hands import HandsPredictor, RegionPredictor
    from inference.measuring_hands import Asked, measure_hands, measure_regions
    from inference.registry import find_kind

    for option in ("boxes", "only", "empty", "transfer"):
        if getattr(args, option):
            raise ReadingError(f"--{option} is for models of faces: leave it out")
    try:
        drivers = Drivers([args.data])
    except ShardError as problem:
        raise ReadingError(str(problem)) from None
    asked = Asked(args.everyone, args.limit, args.box_error, args.mirror and not args.live)
    threads = max(args.threads, 1)
    session, card = find_kind(args.model, "hands", "wheel-region").open(threads)
    data = args.data.name
    if kind == "wheel-region":
        regions = measure_regions(RegionPredictor(session, card), drivers, asked, stepped)
        values: dict[str, Any] = asdict(regions)
        lines = [
            f"{card.name} on {data}: {regions.pictures} pictures, overlap {regions.overlap:.3f}, "
            f"above one half in {regions.over_half:.1%}, taken in {regions.sure:.1%}"
        ]
        figures = {name: round(float(value), 4) for name, value in values.items()}
    else:
        proposer = None
        if args.detector:
            proposer = RegionPredictor(*find_kind(args.detector, "wheel-region").open(threads))
        report, missed = measure_hands(
            HandsPredictor(session, card), drivers, asked, proposer, stepped
        )
        how = f"proposed by {args.detector}" if args.detector else "true"
        how += f", moved and scaled by up to {args.box_error:.0%}" if args.box_error else ""
        values = {"region": how, "pictures_without_region": missed, **as_values(report)}
        lines = as_lines(report, card.name, data)
        lines.insert(1, f"region of the wheel: {how}; {missed} pictures have none")
        figures = card_figures(report)
    content = {
        "schema": "headroom-hands-evaluation",
        "version": 1,
        "model": card.name,
        "data": data,
        "mirrored_too": asked.mirror,
        "everyone": asked.everyone,
        **values,
    }
    encoded = json.dumps(content, indent=1, allow_nan=False) + "\n"
    text = "\n".join(lines) + "\n"
    print(encoded if args.json else text, end="")
    if args.output:
        args.output.mkdir(parents=True, exist_ok=True)
        for name, body in zip(FILES, (encoded, text), strict=True):
            write_bytes(args.output / name, body.encode())
    if args.card:
        print(f"{put_figures(args.model, 'shards', figures)}: figures", file=sys.stderr)
    return 0
