"""Kinds of arguments, and options that several commands share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Final

from app.evaluation.readers.data import KINDS

PASSES: Final = 2
"""Looks at a face that are worth their time."""
MOST_PASSES: Final = 5


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number within bounds."""

    def parse(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(
                f"{text!r} is not a whole number from {least} to {most}"
            )
        return int(text)

    return parse


def count(text: str) -> int:
    """A whole number from 0 on."""
    if not text.isdecimal() or int(text) >= 2**31:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 on")
    return int(text)


def share(most: float) -> Callable[[str], float]:
    """A number from 0 to ``most``."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0.0 <= value <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to {most:g}")
        return value

    return parse


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Which faces of annotated data count, and how they are read."""
    parser.add_argument("--kind", choices=KINDS, default="", help="of the data (default: seen)")
    parser.add_argument(
        "--only", default="", metavar="NAMES", help="such as v0044-v0143, or 'v00*,v0101'"
    )
    parser.add_argument("--limit", type=count, default=0, metavar="N", help="so many faces at most")
    parser.add_argument(
        "--first-pixel",
        type=int,
        choices=(0, 1),
        metavar="{0,1}",
        help="what annotations call the top-left pixel (default: 1 for .mat, else 0; 300-W has 1)",
    )


def add_looks(parser: argparse.ArgumentParser) -> None:
    """How often the face network looks at each face."""
    parser.add_argument(
        "--passes",
        type=whole(1, MOST_PASSES),
        default=PASSES,
        metavar="N",
        help="looks at each face, each about what the last one found; the mean of all is taken "
        f"(default: {PASSES})",
    )
    parser.add_argument(
        "--mirror",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="look at each face mirrored too and take the mean (default: yes)",
    )
