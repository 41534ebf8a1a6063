"""The tour drives the real program from the command line and leaves pictures and figures."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_tour_takes_a_picture_of_every_step(tmp_path: Path) -> None:
    folder = tmp_path / "tour"
    done = subprocess.run(
        [sys.executable, "main.py", "--tour", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads((folder / "tour.json").read_text())
    assert told["problems"] == []
    pictures = sorted(p.name for p in folder.glob("*.png"))
    assert pictures == sorted(step["picture"] for step in told["steps"])
    assert len(pictures) >= 9
    assert told["startup_seconds"] > 0
    assert told["orbit"]["frames_per_second"] > 0
    assert told["render"]["first_picture_seconds"] <= told["render"]["finished_seconds"]
