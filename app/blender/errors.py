"""What an operation raises when the input is at fault."""

from __future__ import annotations

import errno

from app.blender.protocol import ErrorKind


class OpError(Exception):
    """A job that cannot be done.

    Parameters
    ----------
    kind : ErrorKind
    message : str
        One line that says what to do.
    detail : str
        For the log.
    """

    def __init__(self, kind: ErrorKind, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.kind: ErrorKind = kind
        self.message = message
        self.detail = detail


def disk_fault(problem: OSError) -> OpError:
    """What a file that cannot be read or written means for people."""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        text = "The disk is full: free some space and try again."
        return OpError("no_space", text, repr(problem))
    place = problem.filename or "A file"
    text = f"{place} cannot be read or written: {problem.strerror or problem}."
    return OpError("internal", text, repr(problem))
