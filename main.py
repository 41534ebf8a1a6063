"""Entry point: without a sub-command it opens the window."""

from __future__ import annotations

import argparse
import sys

from app.cli import main


def open_window(args: argparse.Namespace) -> int:
    from widgets.application import run

    return run(args)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], open_window))
