"""Operations that show that the worker lives."""

from __future__ import annotations

import os
import time
from typing import Any

from app.blender.report import Report


def ping(bpy: Any, args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Answer with the process id, Blender's version, the open file and what came as ``echo``."""
    return {
        "pid": os.getpid(),
        "blender": bpy.app.version_string,
        "open": bpy.data.filepath,
        "echo": args.get("echo"),
    }


def sleep(bpy: Any, args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Wait ``seconds``, telling of it every 50 ms, as a long job does."""
    seconds = float(args["seconds"])
    begun = time.monotonic()
    while (passed := time.monotonic() - begun) < seconds:
        report.progress("Sleeping", passed / seconds, seconds - passed)
        time.sleep(min(0.05, seconds - passed))
    return {"pid": os.getpid(), "echo": args.get("echo")}
