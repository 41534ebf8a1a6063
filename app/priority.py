"""Which threads go first where there are more than cores."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from typing import Final

BEHIND: Final = 5
"""Steps of niceness by which work stands behind the window: about a third of its weight."""


def give_way() -> None:
    """Let the window's thread go before the calling one, where the system has such an order.

    Threads and processes that the caller starts later inherit it. Linux alone keeps niceness by the
    thread; elsewhere this does nothing.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BEHIND)
