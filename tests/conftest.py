"""One home for all tests: settings of their own, no leaked threads, processes or windows."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"

if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
_cache = tempfile.TemporaryDirectory(prefix="headroom-test-cache-")
_config = tempfile.TemporaryDirectory(prefix="headroom-test-config-")
_data = tempfile.TemporaryDirectory(prefix="headroom-test-data-")
os.environ["HEADROOM_CACHE"] = _cache.name
os.environ["HEADROOM_CONFIG"] = _config.name
os.environ["HEADROOM_DATA"] = _data.name


def shared_data(kind: str) -> Path:
    """Folder of real test files, or a skip that says what is absent."""
    folder = SHARED / kind
    if not folder.is_dir():
        pytest.skip(f"../shared/data/{kind} not present", allow_module_level=True)
    return folder


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test starts with empty settings; the cache of heads is shared by the run."""
    config = tmp_path / "config"
    config.mkdir()
    monkeypatch.setenv("HEADROOM_CONFIG", str(config))
    monkeypatch.setenv("HEADROOM_DATA", str(tmp_path / "data"))


def _children() -> set[int]:
    return {
        p.pid
        for p in psutil.Process().children(recursive=True)
        if p.status() != psutil.STATUS_ZOMBIE
    }


@pytest.fixture(autouse=True)
def nothing_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """A thread or process that outlives its test fails it (module fixtures start theirs first)."""
    for name in ("blender", "module_blender", "session_blender"):
        if name in request.fixturenames:
            request.getfixturevalue(name)
    threads, processes = set(threading.enumerate()), _children()
    yield
    deadline = time.monotonic() + 5.0
    while time.monotonic() < deadline:
        new_threads = [
            t
            for t in threading.enumerate()
            if t not in threads and t.is_alive() and not t.name.startswith(("Dummy-", "pydev"))
        ]
        new_processes = _children() - processes
        if not new_threads and not new_processes:
            return
        time.sleep(0.02)
    assert not new_threads, f"threads left behind: {new_threads}"
    assert not new_processes, f"processes left behind: {new_processes}"
