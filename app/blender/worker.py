"""The Blender worker: the one process that imports bpy.

``python -m app.blender.worker`` reads one request a line from its standard input and answers on a
private duplicate of its standard output; whatever Blender itself prints goes to standard error.
It ends when its standard input closes, even in the middle of a render, so it never outlives the
program that started it.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import queue
import shutil
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Final

from app.blender.errors import OpError, disk_fault
from app.blender.protocol import SCRATCH
from app.blender.report import Report

OPS: Final[dict[str, str]] = {
    "ping": "app.blender.ops.checks:ping",
    "sleep": "app.blender.ops.checks:sleep",
    "read_head": "app.blender.ops.read_head:read_head",
    "evaluate": "app.blender.ops.evaluate:evaluate",
    "prepare": "app.blender.ops.render:prepare",
    "render": "app.blender.ops.render:render",
    "render_frame": "app.blender.ops.frame:render_frame",
    "save_blend": "app.blender.ops.render:save_blend",
    "export_head": "app.blender.ops.export_head:export_head",
    "write_points": "app.blender.ops.points:write_points",
    "read_points": "app.blender.ops.points:read_points",
}

NICENESS: Final = 5

Op = Callable[[Any, dict[str, Any], Report], dict[str, Any]]


class Channel:
    """Writes whole lines of JSON, from any thread."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, message: dict[str, Any]) -> None:
        line = json.dumps(message, ensure_ascii=False, allow_nan=False) + "\n"
        with self._lock:
            self._stream.write(line.encode("utf-8", "surrogateescape"))
            self._stream.flush()


def main() -> None:
    channel = Channel(_private_output())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    import bpy

    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.context.preferences.filepaths.use_scripts_auto_execute = False
    channel.send({"event": "ready", "pid": os.getpid(), "rss": resident_bytes()})
    while True:
        answer(bpy, requests.get(), channel)
        release_memory()


def _private_output() -> BinaryIO:
    """Keep standard output for the protocol alone and point file descriptor 1 at 2."""
    private = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return os.fdopen(private, "wb")


def _listen(requests: queue.SimpleQueue[bytes]) -> None:
    """Queue the lines of standard input; when it closes the process ends at once."""
    with os.fdopen(os.dup(0), "rb") as stream:
        for line in stream:
            requests.put(line)
    _clear_scratch()
    os._exit(0)


def _clear_scratch() -> None:
    """Take away the temporary files, which a parent that was killed cannot do any more."""
    scratch = Path(os.environ.get("TMPDIR", ""))
    if scratch.name.startswith(SCRATCH):
        shutil.rmtree(scratch, ignore_errors=True)


def answer(bpy: Any, line: bytes, channel: Channel) -> None:
    """Do one request and send its events, the last of them a result or an error."""
    number = None
    try:
        request = json.loads(line)
        number, name, args = request["id"], request["op"], request["args"]
    except (ValueError, KeyError, TypeError) as problem:
        channel.send(_error(number, "bad_request", "The request was not understood.", problem))
        return
    report = Report(lambda event: channel.send({"id": number, **event}))
    channel.send({"id": number, "event": "begun"})
    try:
        result = find_op(name)(bpy, args, report)
    except OpError as problem:
        final: dict[str, Any] = {"id": number, "event": "error", "kind": problem.kind}
        final |= {"message": problem.message, "detail": problem.detail}
    except MemoryError as problem:
        final = _error(number, "too_large", "The memory is not enough for this.", problem)
    except OSError as problem:
        fault = disk_fault(problem)
        final = _error(number, fault.kind, _one_line(fault), problem)
    except Exception as problem:
        final = _error(number, "internal", f"Blender failed: {_one_line(problem)}", problem)
    else:
        final = {"id": number, "event": "result", "result": result}
    channel.send(final | {"rss": resident_bytes()})


def find_op(name: str) -> Op:
    """The function of an operation; its module is imported when first asked for.

    Raises
    ------
    OpError
        When there is no such operation.
    """
    try:
        module, function = OPS[name].split(":")
        found: Op = getattr(import_module(module), function)
    except (KeyError, AttributeError, ModuleNotFoundError) as problem:
        raise OpError("bad_request", f"Blender has no operation {name!r}.", str(problem)) from None
    if name == "export_head":
        return lambda bpy, args, report: found(bpy, args)  # type: ignore[call-arg]
    return found


def _error(number: Any, kind: str, message: str, problem: BaseException) -> dict[str, Any]:
    detail = "".join(traceback.format_exception(problem))
    return {"id": number, "event": "error", "kind": kind, "message": message, "detail": detail}


def _one_line(problem: BaseException) -> str:
    return " ".join(str(problem).split()) or type(problem).__name__


def resident_bytes() -> int:
    """Memory that this process holds now; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def release_memory() -> None:
    """Give freed memory back to the system."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


if __name__ == "__main__":
    main()
