"""The client and the real worker: every job ends once, whatever is killed and whenever."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.blender.child import WORKER
from app.blender.client import Blender, Ticket
from app.blender.protocol import Cancelled, Done, Event, Failed, Progress
from app.head.library import resolve, shipped

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


class Heard:
    """Collects the events of one job."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.threads: set[str] = set()

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self.threads.add(threading.current_thread().name)

    @property
    def ends(self) -> list[Event]:
        return [e for e in self.events if isinstance(e, Done | Failed | Cancelled)]


shared_workers: set[int] = set()
"""Processes of the client that harmless tests share."""


@pytest.fixture(scope="module")
def module_blender() -> Iterator[Blender]:
    with Blender() as blender:
        assert isinstance(blender.submit("ping", {}).result(PATIENCE), Done)
        shared_workers.update(p.pid for p in children(2))
        yield blender
    shared_workers.clear()


def children(count: int | None = None) -> list[psutil.Process]:
    """Processes of the test's own clients; waits until there are ``count``."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = [p for p in psutil.Process().children() if p.pid not in shared_workers]
        if count is None or len(found) == count or time.monotonic() > deadline:
            return found
        time.sleep(0.02)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def done(ticket: Ticket) -> dict[str, Any]:
    outcome = ticket.result(PATIENCE)
    assert isinstance(outcome, Done), outcome
    return outcome.result


def test_a_job_tells_of_its_progress_and_then_of_its_result(module_blender: Blender) -> None:
    heard = Heard()
    result = done(module_blender.submit("sleep", {"seconds": 0.2, "echo": "é頭"}, heard))
    assert result["echo"] == "é頭"
    assert isinstance(heard.events[0], Progress)
    assert heard.events[-1] == Done(result)
    assert len(heard.ends) == 1
    assert heard.threads == {"blender-client"}


def test_jobs_run_in_order_one_at_a_time(module_blender: Blender) -> None:
    order: list[int] = []
    tickets = [
        module_blender.submit("ping", {"echo": i}, lambda e: order.append(e.result["echo"]))  # type: ignore[union-attr]
        for i in range(20)
    ]
    pids = {done(t)["pid"] for t in tickets}
    assert order == list(range(20))
    assert len(pids) == 1


@pytest.mark.parametrize(
    ("op", "args", "kind"),
    [
        ("no such thing", {}, "bad_request"),
        ("read_head", {"path": "/nowhere.fbx", "folder": "/nowhere"}, "not_found"),
        ("evaluate", {"asset": "/nowhere", "poses": [], "output": "x"}, "not_found"),
        ("evaluate", {"asset": "/nowhere", "poses": [{"yaw": 999}], "output": "x"}, "bad_request"),
        ("sleep", {}, "internal"),
    ],
)
def test_faults_are_told_by_kind_and_the_worker_goes_on(
    module_blender: Blender, op: str, args: dict[str, Any], kind: str
) -> None:
    before = done(module_blender.submit("ping", {}))["pid"]
    outcome = module_blender.submit(op, args).result(PATIENCE)
    assert isinstance(outcome, Failed)
    assert outcome.kind == kind
    assert "\n" not in outcome.message
    assert done(module_blender.submit("ping", {}))["pid"] == before


def test_what_blender_prints_does_not_disturb(module_blender: Blender, tmp_path: Path) -> None:
    noisy = tmp_path / "noisy.fbx"
    noisy.write_bytes(b"Kaydara FBX Binary  \x00\x1a\x00\xe8\x1c\x00\x00" + bytes(200))
    outcome = module_blender.submit(
        "read_head", {"path": str(noisy), "folder": str(tmp_path / "made")}
    ).result(PATIENCE)
    assert isinstance(outcome, Failed)
    assert outcome.kind in {"corrupt", "truncated", "no_armature"}
    assert not (tmp_path / "made").exists()


def test_a_listener_that_fails_harms_nobody(module_blender: Blender) -> None:
    def broken(_: Event) -> None:
        raise RuntimeError("a listener's own fault")

    assert done(module_blender.submit("ping", {"echo": 1}, broken))["echo"] == 1


def test_a_running_job_is_cancelled_and_the_spare_takes_over() -> None:
    with Blender() as blender:
        blender.warm()
        children(2)
        heard = Heard()
        ticket = blender.submit("sleep", {"seconds": 60}, heard)
        until(lambda: bool(heard.events))
        old = {p.pid for p in children()}
        ticket.cancel()
        assert ticket.result(PATIENCE) == Cancelled()
        assert done(blender.submit("ping", {}))["pid"] in old
        ticket.cancel()
        assert heard.ends == [Cancelled()]


def test_a_waiting_job_is_dropped_without_a_kill() -> None:
    with Blender() as blender:
        before = done(blender.submit("ping", {}))["pid"]
        first = blender.submit("sleep", {"seconds": 0.3})
        second, third = (blender.submit("ping", {"echo": i}) for i in (2, 3))
        second.cancel()
        assert second.result(PATIENCE) == Cancelled()
        assert done(first)["pid"] == done(third)["pid"] == before


def test_a_job_that_hangs_is_stopped() -> None:
    with Blender() as blender:
        outcome = blender.submit("sleep", {"seconds": 60}, timeout=0.3).result(PATIENCE)
        assert isinstance(outcome, Failed)
        assert outcome.kind == "timeout"
        done(blender.submit("ping", {}))


def test_a_stopped_worker_counts_as_hanging() -> None:
    with Blender() as blender:
        pid = done(blender.submit("ping", {}))["pid"]
        os.kill(pid, signal.SIGSTOP)
        outcome = blender.submit("ping", {}, timeout=0.3).result(PATIENCE)
        assert isinstance(outcome, Failed) and outcome.kind == "timeout"
        assert done(blender.submit("ping", {}))["pid"] != pid
        until(lambda: not psutil.pid_exists(pid))


def test_fifty_kills_at_random_moments() -> None:
    """While idle, just after a job was handed over, in mid-job; the active worker or the spare."""
    draw = random.Random(7)
    notices: list[str] = []
    tickets: list[tuple[Ticket, Heard]] = []
    with Blender(on_notice=notices.append) as blender:
        done(blender.submit("ping", {}))
        for kill in range(54):
            moment = kill % 3
            if moment:
                for _ in range(draw.randint(1, 3)):
                    heard = Heard()
                    job = blender.submit("sleep", {"seconds": draw.uniform(0, 0.15)}, heard)
                    tickets.append((job, heard))
            if moment == 1:
                time.sleep(draw.uniform(0, 0.01))
            else:
                time.sleep(draw.uniform(0, 0.4))
            alive = children()
            if alive:
                draw.choice(alive).kill()
        for ticket, _ in tickets:
            assert isinstance(ticket.result(PATIENCE), Done | Failed)
        again = blender.submit("ping", {}).result(PATIENCE)
        assert isinstance(again, Done), again
        assert len(children(2)) == 2
    failed = [t.result() for t, _ in tickets if isinstance(t.result(), Failed)]
    assert failed
    for outcome in failed:
        assert isinstance(outcome, Failed)
        assert outcome.kind == "worker_died"
        assert "SIGKILL" in outcome.message
    for _, heard in tickets:
        assert len(heard.ends) == 1
        assert heard.events[-1] is heard.ends[0]
    assert notices
    assert children() == []


def test_waiting_jobs_survive_a_crash() -> None:
    with Blender() as blender:
        pid = done(blender.submit("ping", {}))["pid"]
        heard = Heard()
        running = blender.submit("sleep", {"seconds": 60}, heard)
        waiting = [blender.submit("ping", {"echo": i}) for i in range(3)]
        until(lambda: bool(heard.events))
        os.kill(pid, signal.SIGKILL)
        outcome = running.result(PATIENCE)
        assert isinstance(outcome, Failed) and outcome.kind == "worker_died"
        assert [done(t)["echo"] for t in waiting] == [0, 1, 2]


def test_a_job_handed_to_a_dead_worker_is_done_by_the_next() -> None:
    with Blender(spare=False) as blender:
        for _ in range(3):
            os.kill(done(blender.submit("ping", {}))["pid"], signal.SIGKILL)
            assert done(blender.submit("ping", {"echo": 5}))["echo"] == 5


def test_the_next_worker_is_prepared_like_the_one_before(tmp_path: Path) -> None:
    head = resolve(f"builtin:{shipped()[0]}") if shipped() else None
    if head is None:
        pytest.skip("no head is shipped")
    folder = tmp_path / "head"
    with Blender() as blender:
        done(blender.submit("read_head", {"path": str(head), "folder": str(folder)}))
        done(blender.submit("prepare", {"asset": str(folder)}))
        for _ in range(2):
            pid = done(blender.submit("ping", {}))["pid"]
            os.kill(pid, signal.SIGKILL)
            until(lambda: done(blender.submit("ping", {}))["open"] == str(folder / "head.blend"))
            assert done(blender.submit("ping", {}))["pid"] != pid


@pytest.mark.parametrize("broken", ["raise ImportError('no bpy here')", "import os; os._exit(3)"])
def test_a_worker_that_cannot_start_is_told_and_not_tried_for_ever(broken: str) -> None:
    notices: list[str] = []
    command = (sys.executable, "-c", broken)
    with Blender(command=command, on_notice=notices.append) as blender:
        outcomes = [blender.submit("ping", {}) for _ in range(2)]
        for ticket in outcomes:
            outcome = ticket.result(PATIENCE)
            assert isinstance(outcome, Failed)
            assert outcome.message.startswith("Blender could not be started (")
        if "ImportError" in broken:
            assert "no bpy here" in notices[0]
        time.sleep(0.5)
        assert children() == []
        assert isinstance(blender.submit("ping", {}).result(PATIENCE), Failed)


def test_a_program_that_is_not_there_is_told() -> None:
    with Blender(command=("/no/such/program",)) as blender:
        outcome = blender.submit("ping", {}).result(PATIENCE)
    assert isinstance(outcome, Failed) and "could not be started" in outcome.message


def test_nonsense_from_a_worker_counts_as_its_death() -> None:
    code = (
        "import sys\n"
        'print(\'{"event": "ready"}\', flush=True)\n'
        "sys.stdin.readline()\n"
        'print(\'{"event": "begun", "id": 1}\\nnonsense\', flush=True)\n'
        "sys.stdin.readline()\n"
    )
    with Blender(spare=False, command=(sys.executable, "-c", code)) as blender:
        outcome = blender.submit("ping", {}).result(PATIENCE)
    assert isinstance(outcome, Failed) and outcome.kind == "worker_died"


def test_a_worker_that_dies_in_mid_line_is_noticed() -> None:
    code = (
        "import os, sys\n"
        'print(\'{"event": "ready"}\', flush=True)\n'
        "sys.stdin.readline()\n"
        'sys.stdout.write(\'{"event": "begun", "id": 1}\\n{"event": "resu\')\n'
        "sys.stdout.flush()\n"
        "os._exit(0)\n"
    )
    with Blender(spare=False, command=(sys.executable, "-c", code)) as blender:
        outcome = blender.submit("ping", {}).result(PATIENCE)
    assert isinstance(outcome, Failed) and outcome.kind == "worker_died"


@pytest.mark.parametrize("moment", [0.0, 0.05, 0.5])
def test_close_ends_everything_at_any_moment(moment: float) -> None:
    blender = Blender()
    heard = [Heard() for _ in range(3)]
    tickets = [blender.submit("sleep", {"seconds": 30}, h) for h in heard]
    time.sleep(moment)
    blender.close()
    blender.close()
    assert [t.result(0) for t in tickets] == [Cancelled()] * 3
    assert [h.ends for h in heard] == [[Cancelled()]] * 3
    assert children() == []
    assert blender.submit("ping", {}).result(0) == Cancelled()


def test_no_process_is_started_before_there_is_work() -> None:
    with Blender():
        time.sleep(0.1)
        assert children() == []


def test_a_worn_worker_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.blender.client.JOBS_PER_WORKER", 3)
    with Blender(spare=False) as blender:
        pids = [done(blender.submit("ping", {}))["pid"] for _ in range(7)]
    assert len(set(pids)) == 3


def test_a_worker_never_outlives_a_killed_parent(tmp_path: Path) -> None:
    code = (
        "import time; from app.blender.client import Blender\n"
        "b = Blender(spare=False)\n"
        "t = b.submit('sleep', {'seconds': 60}, lambda e: print('on', flush=True))\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    assert parent.stdout is not None
    parent.stdout.readline()
    orphans = psutil.Process(parent.pid).children(recursive=True)
    assert orphans
    assert list(tmp_path.glob("headroom-*"))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    _, alive = psutil.wait_procs(orphans, timeout=10)
    assert alive == []
    assert not list(tmp_path.glob("headroom-*"))


def test_the_worker_runs_at_low_priority(module_blender: Blender) -> None:
    pid = done(module_blender.submit("ping", {}))["pid"]
    assert psutil.Process(pid).nice() >= 5
    assert "app.blender.worker" in WORKER


def test_a_killed_worker_leaves_no_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    with Blender(spare=False) as blender:
        assert isinstance(blender.submit("ping", {}).result(60), Done)
        assert list(scratch.iterdir())
        children(1)[0].kill()
        assert isinstance(blender.submit("ping", {}).result(60), Done)
    assert not list(scratch.iterdir())
