"""What `dataset check` and `dataset stats` say about a folder, as on a command line."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from app.paths import ROOT

_SECONDS = 3600.0


def dataset_report(kind: str, root: Path) -> tuple[str, Path | None]:
    """Words, and for the statistics their picture. Takes its time; call it off the window."""
    command = [sys.executable, str(ROOT / "main.py"), "dataset", kind, str(root)]
    picture = None
    if kind == "stats":
        folder = Path(tempfile.gettempdir()) / "headroom-stats"
        folder.mkdir(exist_ok=True)
        picture = folder / f"{abs(hash(str(root)))}.png"
        picture.unlink(missing_ok=True)
        command += ["--output", str(picture)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        return str(problem), None
    text = "\n".join(part.strip() for part in (done.stdout, done.stderr) if part.strip())
    return text, picture if picture is not None and picture.is_file() else None
