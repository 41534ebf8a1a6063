"""One worker process and the threads that listen to it."""

from __future__ import annotations

import json
import logging
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any, Final

from app.blender.protocol import SCRATCH
from app.paths import ROOT, cache_dir

log = logging.getLogger(__name__)

WORKER: Final = (sys.executable, "-P", "-m", "app.blender.worker")
GRACE: Final = 0.05
"""Seconds that a child has to end by itself before it is killed."""


class Child:
    """A worker that has been started.

    Whatever it says is put on ``inbox`` as ``(child, message)``, and its end, exactly once and
    last, as ``(child, None)``.

    Raises
    ------
    OSError
        When the process cannot be made.
    """

    def __init__(self, command: Sequence[str], inbox: queue.SimpleQueue[Any]) -> None:
        self.ready = False
        self.started = time.monotonic()
        self.jobs_done = 0
        self.memory = 0
        self._inbox = inbox
        self._scratch = tempfile.mkdtemp(prefix=SCRATCH)
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(self._scratch),
            start_new_session=True,
        )
        self._said: deque[str] = deque(maxlen=60)
        self._threads = (
            threading.Thread(target=self._keep_errors, name="blender-stderr", daemon=True),
            threading.Thread(target=self._listen, name="blender-stdout", daemon=True),
        )
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, request: dict[str, Any]) -> bool:
        """Whether the request reached the pipe of a process that still reads."""
        line = json.dumps(request, ensure_ascii=False) + "\n"
        pipe = self._process.stdin
        assert pipe is not None
        try:
            pipe.write(line.encode("utf-8", "surrogateescape"))
            pipe.flush()
        except (OSError, ValueError):
            return False
        return self._process.poll() is None

    def stop(self) -> None:
        """End the process: asked first, killed 50 ms later."""
        with suppress(OSError):
            self._process.terminate()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            with suppress(OSError):
                self._process.kill()

    def join(self) -> None:
        """Wait until a stopped process and its threads are gone."""
        self._process.wait()
        for thread in self._threads:
            thread.join(2.0)

    def death(self) -> str:
        """How it ended, in a few words."""
        code = self._process.poll()
        if code is None:
            return "no answer"
        if code >= 0:
            return f"exit status {code}"
        try:
            return f"signal {-code}, {signal.Signals(-code).name}"
        except ValueError:
            return f"signal {-code}"

    @property
    def killed(self) -> bool:
        """Whether a signal ended it, rather than an error of its own."""
        code = self._process.poll()
        return code is not None and code < 0

    def tail(self) -> str:
        """The last lines that it wrote to standard error."""
        return "\n".join(self._said)

    def _keep_errors(self) -> None:
        for line in _lines(self._process.stderr):
            self._said.append(line.decode("utf-8", "replace").rstrip())

    def _listen(self) -> None:
        for line in _lines(self._process.stdout):
            if not line.endswith(b"\n"):
                break
            try:
                message = json.loads(line)
            except ValueError:
                self._said.append(f"not understood: {line[:200]!r}")
                break
            self._inbox.put((self, message))
        self.stop()
        self._process.wait()
        self._threads[0].join(0.5)
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._inbox.put((self, None))
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()


def _lines(pipe: IO[bytes] | None) -> Any:
    """Lines until the pipe ends; a pipe that breaks is one that ends."""
    assert pipe is not None
    with suppress(OSError, ValueError):
        yield from pipe


def _environment(scratch: str) -> dict[str, str]:
    """Its own empty Blender settings, so that no add-on of the user runs in it.

    ``scratch`` takes Blender's temporary files; a worker that is killed cannot clear them itself.
    """
    inherited = os.environ.get("PYTHONPATH")
    return os.environ | {
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join([str(ROOT), *([inherited] if inherited else [])]),
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": scratch,
        "TEMP": scratch,
        "BLENDER_USER_RESOURCES": str(cache_dir() / "blender"),
    }
