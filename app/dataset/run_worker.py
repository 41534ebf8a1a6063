"""A process that makes pictures for a scheduler: ``python -m app.dataset.run_worker ADDRESS NAME``.

It ends when its standard input does, so that it never outlives the run that started it, however
that ends.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import tempfile
import threading
import time
from typing import Final

GRACE: Final = 2.0
"""Seconds to end in good order; a picture that takes longer is given up, as it is when killed."""


def main() -> None:
    address, name = sys.argv[1:3]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(_serve(address, name))


async def _serve(address: str, name: str) -> None:
    import dask
    from distributed import Worker

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    dask.config.set({"distributed.worker.profile.enabled": False})
    loop, parent_ended = asyncio.get_running_loop(), asyncio.Event()

    def follow_parent() -> None:
        sys.stdin.buffer.read()
        loop.call_soon_threadsafe(parent_ended.set)
        time.sleep(GRACE)
        os._exit(0)

    threading.Thread(target=follow_parent, name="parent", daemon=True).start()
    worker = await Worker(
        address,
        nthreads=1,
        name=name,
        memory_limit=0,
        dashboard=False,
        local_directory=tempfile.gettempdir(),
        host="127.0.0.1",
    )
    ends = [asyncio.create_task(worker.finished()), asyncio.create_task(parent_ended.wait())]
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    await worker.close(timeout=GRACE)
    os._exit(0)


if __name__ == "__main__":
    main()
