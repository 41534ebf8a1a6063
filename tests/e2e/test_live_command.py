"""``main.py live``: straight to the picture, and one line for what cannot be shown."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.head.library import shipped
from tests.unit.live_clips import write_clip

ROOT = Path(__file__).resolve().parents[2]
MAIN = [sys.executable, str(ROOT / "main.py"), "live"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--source", "nothing.mp4"], "there is no such file, folder or camera"),
        (["--source", "text.mp4"], "this is no video that can be opened"),
        (["--source", "0", "--model", "text.mp4"], "is no ONNX file"),
        (["--colour"], "unrecognized arguments"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(
    tmp_path: Path, given: list[str], said: str
) -> None:
    (tmp_path / "text.mp4").write_text("plain text")
    done = subprocess.run(
        [*MAIN, *given], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert said in done.stderr and len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(not shipped(), reason="no head is shipped yet")
def test_it_opens_at_a_clip_and_ends_when_it_is_asked_to(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 50)
    config = tmp_path / "config"
    environment = {
        **os.environ,
        "HEADROOM_CONFIG": str(config),
        "HEADROOM_DATA": str(tmp_path / "data"),
    }
    begun = subprocess.Popen(
        [*MAIN, "--source", str(clip), "--presentation"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 90.0
        while not (tmp_path / "data").is_dir():
            assert begun.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)
        time.sleep(2.0)
        begun.send_signal(signal.SIGTERM)
        _, errors = begun.communicate(timeout=60)
    finally:
        begun.kill()
    assert begun.returncode == 0, errors
    assert "Traceback" not in errors
    remembered = json.loads((config / "live.json").read_text())
    assert remembered["overlays"]
