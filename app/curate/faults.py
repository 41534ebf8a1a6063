"""What can go wrong with a store, each said in one line."""

from __future__ import annotations


class StoreError(Exception):
    """A store cannot be opened, or an action cannot be done; the message says what to do."""


class NotAllowedError(StoreError):
    """The person may not do this here."""


class BusyError(StoreError):
    """Another process holds the store; trying again will do."""


class StateError(StoreError):
    """The proposal is in a state in which this cannot be done."""


class StaleError(StoreError):
    """Somebody else has saved the draft since it was read; nothing was written.

    Attributes
    ----------
    revision : int
        The revision that the store holds now.
    by, at : str
        Who saved it, and when.
    """

    def __init__(self, number: int, revision: int, by: str, at: str) -> None:
        super().__init__(
            f"proposal {number} was saved by {by} at {at} since you read it; nothing was "
            "overwritten: read it again and put your edits on top"
        )
        self.revision, self.by, self.at = revision, by, at


class AlteredError(StoreError):
    """Something was changed behind the store's back; it is named, and not used."""
