"""Killing what may be killed at any moment, and counting what it cost."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from app.bench.figures import Figure
from app.blender.client import Blender
from app.blender.protocol import Done, Failed
from app.scene.scene import HeadFile, Light, Scene
from app.session.session_file import Session, SessionError, read, write

KILLS = 50


def worker_kills(blender: Blender, notices: list[str], seed: int = 0) -> Figure:
    """Kill Blender at random moments, alternately while idle and in mid-job.

    The value counts kills that were not told, or after which a job had no outcome within 30 s or
    the next job did not succeed.

    Parameters
    ----------
    notices : list of str
        What the client's ``on_notice`` has appended to.
    """
    draw = random.Random(seed)
    lost, failed, kills = 0, 0, 0
    recovery: list[float] = []
    blender.submit("ping", {}).result(120)
    for kill in range(KILLS):
        job = blender.submit("sleep", {"seconds": 0.2}) if kill % 2 else None
        time.sleep(draw.uniform(0.0, 0.25))
        victims = psutil.Process().children(recursive=True)
        told = len(notices)
        if victims:
            draw.choice(victims).kill()
            kills += 1
        start = time.monotonic()
        try:
            outcome = job.result(30) if job else None
            again = blender.submit("ping", {}).result(30)
            if isinstance(again, Failed) and again.kind == "worker_died":
                failed += 1
                again = blender.submit("ping", {}).result(30)
        except TimeoutError:
            lost += 1
            continue
        failed += isinstance(outcome, Failed) and outcome.kind == "worker_died"
        untold = bool(victims) and not _grows(notices, told)
        lost += untold or not isinstance(again, Done)
        recovery.append(time.monotonic() - start)
    return Figure(
        "worker killed at random moments: not told, not restarted or a job lost",
        lost,
        f"of {kills} kills",
        0,
        detail={
            "jobs that were running and failed with the reason": failed,
            "notices": len(notices),
            "slowest recovery, s": round(max(recovery), 2) if recovery else None,
        },
    )


def _grows(notices: list[str], length: int, seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while len(notices) <= length and time.monotonic() < until:
        time.sleep(0.01)
    return len(notices) > length


_SAVER = """
import sys
from pathlib import Path
from app.bench.resilience import rewrite_for_ever
rewrite_for_ever(Path(sys.argv[1]))
"""


def numbered_session(number: int) -> Session:
    """A session of some size that tells which save it came from."""
    lights = tuple(Light(f"Light {i}", energy=float(number)) for i in range(60))
    return Session(Scene(HeadFile("builtin:test"), lights=lights))


def rewrite_for_ever(path: Path) -> None:
    for number in range(1_000_000):
        write(path, numbered_session(number % 1000))


def save_kills(seed: int = 0) -> Figure:
    """Kill a process that saves a session over and over; the file must always be a whole one."""
    draw = random.Random(seed)
    broken = 0
    with tempfile.TemporaryDirectory(prefix="headroom-bench-") as folder:
        path = Path(folder) / "session.headroom"
        write(path, numbered_session(0))
        for _ in range(KILLS):
            saver = subprocess.Popen([sys.executable, "-c", _SAVER, str(path)])
            before = path.stat().st_mtime_ns
            while path.stat().st_mtime_ns == before and saver.poll() is None:
                time.sleep(0.005)
            time.sleep(draw.uniform(0.0, 0.05))
            saver.kill()
            saver.wait()
            broken += not _whole(path)
    return Figure("session file killed in mid-save: neither old nor new", broken, f"of {KILLS}", 0)


def _whole(path: Path) -> bool:
    try:
        lights = read(path).scene.lights
    except SessionError:
        return False
    return len(lights) == 60 and len({light.energy for light in lights}) == 1
