"""A run as a child process: its events are heard, it obeys, and it leaves nothing behind."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.dataset.launcher import Launcher, Progress, told
from app.jobs import JobList, State

SPEAKER = """
import json, sys, time, threading
def say(**event): print(json.dumps(event), flush=True)
say(event="plan", frames=5, subjects=1, seconds=1.0, bytes=1000, workers=1, output="/tmp")
say(event="state", state="running")
words = []
def hear():
    for line in sys.stdin:
        words.append(line.strip())
threading.Thread(target=hear, daemon=True).start()
done = 0
while done < 5:
    if words[-1:] == ["pause"]:
        if "told" not in globals():
            told = True
            say(event="state", state="paused")
    elif "cancel" in words:
        say(event="end", outcome="cancelled", done=done, failed=0, total=5, seconds=1, text="Stop.")
        sys.exit(1)
    elif not WAIT or "resume" in words:
        done += 1
        say(event="progress", done=done, kept=0, failed=0, total=5, per_second=9.0, seconds_left=1)
    time.sleep(0.01)
say(event="failed", frame="a/b/0001", reason="no face")
say(event="end", outcome="done", done=5, failed=0, total=5, seconds=1, text="5 pictures.")
"""


def speaker(wait: bool = False) -> tuple[str, ...]:
    return sys.executable, "-c", f"WAIT = {wait}\n{SPEAKER}"


def run(command: tuple[str, ...]) -> tuple[Launcher, list[dict[str, Any]]]:
    launcher = Launcher(command)
    heard: list[dict[str, Any]] = []
    launcher.listen(heard.append)
    launcher.start()
    return launcher, heard


def wait_for(condition: Any, seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "did not come in time"
        time.sleep(0.01)


def test_events_are_heard_in_order_and_the_end_comes_last() -> None:
    launcher, heard = run(speaker())
    assert launcher.join()
    assert [e["event"] for e in heard][:2] == ["plan", "state"]
    assert heard[-1]["event"] == "end" and sum(e["event"] == "end" for e in heard) == 1
    assert launcher.progress.state == "done"
    assert launcher.progress.done == 5 and launcher.progress.fraction == 1.0
    assert launcher.failures == (("a/b/0001", "no face"),)


def test_it_pauses_and_goes_on() -> None:
    launcher, _ = run(speaker(wait=True))
    launcher.pause()
    wait_for(lambda: launcher.progress.state == "paused")
    launcher.resume()
    assert launcher.join()
    assert launcher.progress.state == "done"


def test_a_cancelled_run_ends_as_cancelled() -> None:
    launcher, _ = run(speaker(wait=True))
    wait_for(lambda: launcher.progress.state == "running")
    launcher.cancel()
    assert launcher.join()
    assert launcher.progress.state == "cancelled"
    assert launcher.progress.text == "Stop."


def test_bad_input_is_told_in_its_own_words() -> None:
    code = "import sys; print('--size 1x1 is too small.', file=sys.stderr); sys.exit(2)"
    launcher, heard = run((sys.executable, "-c", code))
    assert launcher.join()
    assert heard[-1]["outcome"] == "error"
    assert launcher.progress.text == "--size 1x1 is too small."


def test_a_run_that_is_killed_can_be_resumed_and_says_so() -> None:
    launcher, _ = run(speaker(wait=True))
    wait_for(lambda: launcher.progress.state == "running")
    assert launcher.pid is not None
    os.kill(launcher.pid, signal.SIGKILL)
    assert launcher.join()
    assert launcher.progress.state == "error"
    assert "resumed" in launcher.progress.text


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_no_grandchild_is_left_behind(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.dataset.launcher.TERM_SECONDS", 0.3)
    pids = tmp_path / "pids"
    code = (
        "import subprocess, sys, time, signal, pathlib\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "nap = 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)'"
        "\nchild = subprocess.Popen([sys.executable, '-c', nap])\n"
        "away = subprocess.Popen([sys.executable, '-c', nap], start_new_session=ALONE)\n"
        f"pathlib.Path({str(pids)!r}).write_text(f'{{child.pid}} {{away.pid}}')\n"
        "time.sleep(60)\n"
    ).replace("ALONE", str(how == "stop"))
    launcher, _ = run((sys.executable, "-c", code))
    wait_for(lambda: pids.is_file() and pids.read_text().count(" ") == 1)
    wait_for(lambda: len(pids.read_text().split()) == 2)
    family = [psutil.Process(int(pid)) for pid in pids.read_text().split()]
    if how == "stop":
        launcher.stop(patience=0.1)
    else:
        assert launcher.pid is not None
        os.kill(launcher.pid, signal.SIGKILL)
        assert launcher.join()
    wait_for(
        lambda: all(not p.is_running() or p.status() == psutil.STATUS_ZOMBIE for p in family), 5.0
    )


def test_what_is_no_event_does_no_harm() -> None:
    code = "print('hello'); print('[1]'); print('{\"event\": \"unheard\"}'); print('\\xff')"
    launcher, heard = run((sys.executable, "-c", code))
    assert launcher.join()
    assert [e["event"] for e in heard] == ["unheard", "end"]


def test_it_is_a_job_with_progress_and_can_be_cancelled() -> None:
    jobs = JobList()
    launcher = Launcher(speaker(wait=True))
    running = threading.Event()
    jobs.listen(lambda job, _: running.set() if job.text.startswith("0 of") else None)
    job = jobs.start("Generate", launcher.as_job)
    wait_for(lambda: launcher.progress.state == "running")
    jobs.cancel(job)
    assert launcher.join()
    wait_for(lambda: job.state is not State.RUNNING)
    assert job.state is State.CANCELLED


def test_a_program_that_is_not_there_fails_the_job() -> None:
    jobs = JobList()
    job = jobs.start("Generate", Launcher(("/nowhere/at/all",)).as_job)
    assert job.state is State.FAILED


def test_what_an_event_lacks_stays_as_it_was() -> None:
    now = told(Progress(done=3, total=9, failed=1), {"event": "progress", "done": 4})
    assert (now.done, now.total, now.failed) == (4, 9, 1)
    assert told(now, {"event": "end", "outcome": "done", "text": "All."}).state == "done"
