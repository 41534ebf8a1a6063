"""Files that came from another store, read as what a stranger may have written."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from app.curate.faults import StoreError
from app.files import read_bytes

T = TypeVar("T")


def read_sent(path: Path, kind: type[T], limit: int, otherwise: str) -> T:
    """A file of JSON as a value of a kind.

    Parameters
    ----------
    path : Path
    kind : type
    limit : int
        Bytes that it may have.
    otherwise : str
        What is said of one that is not of the kind, such as ``"this is no proposal"``.

    Raises
    ------
    StoreError
        With one line that names the file and what is wrong with it.
    """
    try:
        data = read_bytes(path, limit)
    except OSError as problem:
        raise StoreError(f"{path}: cannot be read: {problem.strerror or problem}") from None
    if len(data) > limit:
        raise StoreError(f"{path}: larger than {limit // 1024**2} MB: {otherwise}")
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        said = " ".join(str(problem).split())[:200]
        raise StoreError(f"{path}: {otherwise}: {said}") from None
