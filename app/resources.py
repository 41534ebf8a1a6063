"""Compile ``resources.qrc`` (icons and style) for the window: ``python -m app.resources``."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from app.files import write_bytes
from app.paths import ROOT

SOURCE = ROOT / "resources.qrc"
COMPILED = ROOT / "widgets" / "resources_rc.py"


def stale() -> bool:
    """Whether the compiled module is missing or older than a file that goes into it."""
    if not COMPILED.is_file():
        return True
    sources = [SOURCE, *(ROOT / "assets" / "icons").glob("*.svg")]
    sources += (ROOT / "assets" / "style").glob("*.qss")
    return max(s.stat().st_mtime for s in sources) > COMPILED.stat().st_mtime


def build() -> None:
    """Raises RuntimeError when Qt's resource compiler is missing or refuses the file."""
    beside = Path(sys.executable).with_name("pyside6-rcc")
    compiler = str(beside) if beside.exists() else shutil.which("pyside6-rcc")
    if compiler is None:
        raise RuntimeError("pyside6-rcc is missing; install the project's dependencies.")
    done = subprocess.run([compiler, str(SOURCE)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip() or "pyside6-rcc failed")
    write_bytes(COMPILED, b"# mypy: ignore-errors\n" + done.stdout.encode())


if __name__ == "__main__":
    if stale():
        build()
