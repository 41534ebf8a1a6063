"""Files: read within bounds, written so that a crash leaves the old one or the new one."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """Give a name beside ``path`` to write to; on success it is flushed and renamed over it.

    Raises
    ------
    OSError
        When the folder cannot be written; ``path`` is then untouched, and named in the error.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}{path.suffix}")
    try:
        temporary.touch(exist_ok=False)
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
    except OSError as problem:
        problem.filename, problem.filename2 = os.fspath(path), None
        raise
    finally:
        temporary.unlink(missing_ok=True)


def read_bytes(path: Path, limit: int) -> bytes:
    """The first ``limit`` + 1 bytes of a file, so that one over the limit is seen to be so.

    Raises
    ------
    OSError
        When it cannot be read, or is a pipe or a device, which might never end.
    """
    if not path.is_dir() and not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "this is a pipe or a device", os.fspath(path))
    with path.open("rb") as file:
        return file.read(limit + 1)


def write_bytes(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data`` in one step."""
    with aside(path) as temporary:
        temporary.write_bytes(data)
