"""What an operation raises when the input is at fault."""

from __future__ import annotations

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
