"""The record of a data set, a readable file at its top, read as one of some kind."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from app.dataset.spec import SpecError


class Recorded(Protocol):
    """What every record begins with."""

    @property
    def format(self) -> str: ...

    @property
    def version(self) -> int: ...


R = TypeVar("R", bound=Recorded)


def read_record_file(path: Path, kind: type[R], wanted: str, version: int) -> R:
    """A record of a kind.

    Parameters
    ----------
    path : Path
    kind : type
    wanted : str
        Its format.
    version : int

    Raises
    ------
    SpecError
        With one line that says why the folder is no data set that can be gone on with.
    """
    try:
        record = msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        text = f"{path.parent} holds no {path.name}: there is nothing to resume."
        raise SpecError(text) from None
    except OSError as problem:
        raise SpecError(f"{path} cannot be read: {problem.strerror or problem}.") from None
    except (ValueError, RecursionError, msgspec.DecodeError) as problem:
        raise SpecError(
            f"{path} is damaged ({problem}): put a copy of it back, or start anew elsewhere."
        ) from None
    if record.format != wanted or record.version != version:
        raise SpecError(f"{path} was written by another version of the program.")
    return record
