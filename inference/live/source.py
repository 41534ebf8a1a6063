"""What every live source can do: cameras, clips, folders of pictures, pictures that are pushed."""

from __future__ import annotations

from typing import Protocol

from inference.live.frames import Frame, SourceStatus


class SourceError(Exception):
    """Why a source cannot be used, in one line that says what to do."""


class Source(Protocol):
    """Pictures that come one after the other; one thread opens, reads, seeks and closes.

    ``status`` may be read, and ``wake`` called, from any thread.
    """

    @property
    def name(self) -> str:
        """For people: a file's name, a camera's."""
        ...

    @property
    def seekable(self) -> bool:
        """Whether its frames have places that `seek` can go to."""
        ...

    @property
    def status(self) -> SourceStatus: ...

    def open(self) -> None:
        """Take hold of it; cameras are not waited for.

        Raises
        ------
        SourceError
            Where trying again would not help.
        """
        ...

    def read(self) -> Frame | None:
        """The next frame, or none: nothing yet, or nothing more, which the status tells.

        Waits half a second at most.
        """
        ...

    def wake(self) -> None:
        """Let a `read` that waits come back now, or the next one at once; from any thread."""
        ...

    def seek(self, index: int) -> None:
        """Let the frame at that place be the next; sources without places ignore it."""
        ...

    def close(self) -> None:
        """Let go of it; again is harmless."""
        ...
