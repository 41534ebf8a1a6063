"""A run of `generate` as a child process, followed by its events and steered by a few words."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from app.dataset.events import FOLLOW, read_event
from app.jobs import Ask, Report
from app.listeners import Listeners
from app.paths import ROOT

log = logging.getLogger(__name__)

GENERATE: Final = (sys.executable, str(ROOT / "main.py"), "generate")
CANCEL_SECONDS: Final = 60.0
"""How long a run may take to finish the pictures in work after it was cancelled."""
LEAVE_SECONDS: Final = 30.0
"""How long it may take to end after its last event."""
TERM_SECONDS: Final = 3.0
_FAILURES_KEPT: Final = 1000
_LAST_WORDS: Final = 40


@dataclass(frozen=True)
class Progress:
    """Where a run stands.

    Attributes
    ----------
    state : str
        ``"starting"``, one of the states of `app.dataset.events`, and in the end its outcome:
        ``"done"``, ``"cancelled"`` or ``"error"``.
    done, kept, failed, total : int
        Pictures: there, of these from an earlier run, given up, and all.
    per_second, seconds_left : float or None
        None while unknown.
    seconds : float
        That the run has taken so far.
    text : str
        The outcome in one line for people.
    """

    state: str = "starting"
    done: int = 0
    kept: int = 0
    failed: int = 0
    total: int = 0
    per_second: float | None = None
    seconds_left: float | None = None
    seconds: float = 0.0
    text: str = ""

    @property
    def ended(self) -> bool:
        return self.state in ("done", "cancelled", "error")

    @property
    def fraction(self) -> float | None:
        """Done and given up of all, 0 to 1; None while the number of pictures is unknown."""
        return min(1.0, (self.done + self.failed) / self.total) if self.total else None


Listener = Callable[[dict[str, Any]], None]


class Launcher:
    """One run. Listeners hear every event on the thread that reads them, ``end`` last and once.

    A run that dies without a word gets an ``end`` with the outcome ``"error"``, and one that was
    asked to stop with ``"cancelled"``. Whatever the end, no process of its group is left.

    Parameters
    ----------
    command : sequence of str
        The program and its arguments; it speaks as `app.dataset.events` says.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self.command = tuple(command)
        self._listeners: Listeners[[dict[str, Any]]] = Listeners()
        self._lock = threading.Lock()
        self._progress = Progress()
        self._failures: deque[tuple[str, str]] = deque(maxlen=_FAILURES_KEPT)
        self._said: deque[str] = deque(maxlen=_LAST_WORDS)
        self._end: dict[str, Any] | None = None
        self._process: subprocess.Popen[str] | None = None
        self._threads: tuple[threading.Thread, ...] = ()
        self._started = 0.0
        self._asked_to_stop = False
        self._over = threading.Event()
        self._timer: threading.Timer | None = None

    def start(self) -> None:
        """Start the process.

        Raises
        ------
        OSError
            When it cannot be made.
        """
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            bufsize=1,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            **_own_group(),
        )
        self._threads = (
            threading.Thread(target=self._keep_words, name="generate-words", daemon=True),
            threading.Thread(target=self._read, name="generate-events", daemon=True),
            threading.Thread(target=self._wait, name="generate-end", daemon=True),
        )
        for thread in self._threads:
            thread.start()
        self._say(FOLLOW)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def progress(self) -> Progress:
        with self._lock:
            now = self._progress
        if self._started and not now.ended:
            return replace(now, seconds=time.monotonic() - self._started)
        return now

    @property
    def failures(self) -> tuple[tuple[str, str], ...]:
        """The newest pictures that could not be made, each with its reason."""
        with self._lock:
            return tuple(self._failures)

    @property
    def last_words(self) -> str:
        """The end of what it wrote for people."""
        with self._lock:
            return "\n".join(self._said)

    @property
    def ended(self) -> bool:
        return self._over.is_set()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with all events from now on; the function returned ends that."""
        return self._listeners.add(listener)

    def pause(self) -> None:
        self._say("pause")

    def resume(self) -> None:
        self._say("resume")

    def cancel(self, patience: float = CANCEL_SECONDS) -> None:
        """Finish what is in work, then stop; after ``patience`` seconds it is made to."""
        if self.ended or self._asked_to_stop:
            return
        self._asked_to_stop = True
        self._say("cancel")
        self._end_within(patience)

    def stop(self, patience: float = 2.0) -> None:
        """Cancel, and return only when all processes are gone."""
        if self._process is None:
            return
        self._asked_to_stop = True
        self._say("cancel")
        if not self._over.wait(patience):
            self._end_group()
        self.join()

    def join(self, timeout: float = 10.0) -> bool:
        """Wait for the end; False if that took longer."""
        over = self._over.wait(timeout)
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(timeout)
        return over

    def as_job(self, report: Report) -> Ask:
        """Begin the run as a job of `app.jobs.JobList`: its events become the job's.

        Raises
        ------
        OSError
        """

        def heard(event: dict[str, Any]) -> None:
            now = self.progress
            if event["event"] == "end":
                if now.state == "done":
                    report.returned(now.text)
                elif now.state == "cancelled":
                    report.cancelled()
                else:
                    report.errored(now.text, self.last_words)
                return
            report.progress(_words(now), now.fraction, now.seconds_left)

        self.listen(heard)
        self.start()
        return self.cancel

    # On the threads that listen

    def _read(self) -> None:
        """Hear the events until the pipe ends; the last one is told when all is over."""
        assert self._process is not None and self._process.stdout is not None
        with suppress(OSError, ValueError), self._process.stdout as lines:
            for line in lines:
                event = read_event(line)
                if event is None:
                    continue
                if event["event"] == "end":
                    self._end = event
                    self._end_within(LEAVE_SECONDS)
                else:
                    self._hear(event)

    def _wait(self) -> None:
        """Once the process is gone, end what it left behind, and tell the end."""
        assert self._process is not None
        self._process.wait()
        self._end_group()
        for thread in self._threads[:2]:
            thread.join(TERM_SECONDS)
        if self._timer is not None:
            self._timer.cancel()
        with suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        event = self._end or self._own_end()
        self._note(event)
        self._over.set()
        self._tell(event)

    def _hear(self, event: dict[str, Any]) -> None:
        self._note(event)
        self._tell(event)

    def _note(self, event: dict[str, Any]) -> None:
        with self._lock:
            now = told(self._progress, event)
            if event["event"] == "end":
                now = replace(now, seconds=time.monotonic() - self._started)
            self._progress = now
            if event["event"] == "failed":
                self._failures.append((str(event.get("frame")), str(event.get("reason"))))

    def _tell(self, event: dict[str, Any]) -> None:
        try:
            self._listeners.tell(event)
        except Exception:
            log.exception("a listener of a run failed")

    def _end_within(self, seconds: float) -> None:
        """End the processes unless they have ended by themselves by then."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(seconds, self._end_group)
        self._timer.name, self._timer.daemon = "generate-patience", True
        self._timer.start()

    def _own_end(self) -> dict[str, Any]:
        """What a run that said nothing would have said."""
        assert self._process is not None
        now = self.progress
        code = self._process.poll()
        if self._asked_to_stop:
            outcome, text = "cancelled", "The run was stopped; it can be resumed."
        else:
            words = self.last_words.strip().splitlines()
            outcome = "error"
            text = words[-1] if words and code == 2 else _death(code)
        return {
            "event": "end",
            "outcome": outcome,
            "done": now.done,
            "failed": now.failed,
            "total": now.total,
            "seconds": now.seconds,
            "text": text,
        }

    def _keep_words(self) -> None:
        assert self._process is not None and self._process.stderr is not None
        with suppress(OSError, ValueError), self._process.stderr as lines:
            for line in lines:
                with self._lock:
                    self._said.append(line.rstrip())

    # Words and signals

    def _say(self, word: str) -> None:
        pipe = self._process.stdin if self._process else None
        with suppress(OSError, ValueError):
            if pipe is not None:
                pipe.write(word + "\n")
                pipe.flush()

    def _end_group(self) -> None:
        """End the process and all that it started: asked first, killed a little later."""
        process = self._process
        assert process is not None
        family = _descendants(process.pid)
        if process.poll() is None:
            _signal_group(process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(TERM_SECONDS)
        _signal_group(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        for one in family:
            with suppress(Exception):
                one.kill()


def told(before: Progress, event: dict[str, Any]) -> Progress:
    """Where a run stands after an event; what an event lacks stays as it was."""
    known = {
        name: event[name]
        for name in ("done", "kept", "failed", "total", "per_second", "seconds_left")
        if name in event
    }
    if event["event"] == "plan":
        return replace(before, total=int(event["frames"]), seconds_left=event.get("seconds"))
    if event["event"] == "state":
        return replace(before, state=str(event["state"]))
    if event["event"] == "progress":
        return replace(before, **known)
    if event["event"] == "end":
        known.pop("per_second", None)
        return replace(
            before,
            state=str(event["outcome"]),
            text=str(event.get("text", "")),
            seconds_left=None,
            **known,
        )
    return before


def _words(now: Progress) -> str:
    """A run's state as the list of jobs shows it."""
    names = {
        "starting": "Starting",
        "preparing": "Preparing heads and workers",
        "paused": "Paused",
        "stopping": "Finishing the pictures in work",
        "finishing": "Writing the manifest",
    }
    if now.state != "running":
        return names.get(now.state, now.state.capitalize())
    text = f"{now.done:,} of {now.total:,} pictures"
    return f"{text}, {now.failed:,} failed" if now.failed else text


def _death(code: int | None) -> str:
    if code is not None and code < 0:
        return f"The run was ended by signal {-code}; it can be resumed."
    return f"The run broke off (exit status {code}); it can be resumed."


def _own_group() -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _signal_group(pid: int, number: int) -> None:
    with suppress(OSError):
        if sys.platform == "win32":
            os.kill(pid, number)
        else:
            os.killpg(pid, number)


def _descendants(pid: int) -> list[Any]:
    """Processes below one, some of which have left its group."""
    try:
        import psutil

        return list(psutil.Process(pid).children(recursive=True))
    except Exception:
        return []
