"""Drafts as files: a topology under edit with the release that it was begun on.

They are what is left of an editor that ended without saving, so they hold everything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from app.curate.view import View
from app.topology import store
from app.topology.topology import Topology

FORMAT: Final = "headroom-topology-draft"
FORMAT_VERSION: Final = 1
SIZE_LIMIT: Final = 40 * 1024 * 1024

Text = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]


class DraftError(Exception):
    """What is wrong with a draft's file, in one line."""


@dataclass(frozen=True)
class Draft:
    """A topology under edit.

    Attributes
    ----------
    base : Topology
        The release that it was begun on.
    topology : Topology
    view : View
    proposal : str
        What the store calls it; empty for one that the store does not know yet.
    title : str
    saved : str
        When this was written, ISO 8601 with the zone.
    """

    base: Topology
    topology: Topology
    view: View = field(default_factory=View)
    proposal: str = ""
    title: str = ""
    saved: str = ""


class _Stored(msgspec.Struct, frozen=True):
    base: msgspec.Raw
    topology: msgspec.Raw
    format: str = ""
    format_version: int = 0
    view: View = View()
    proposal: Text = ""
    title: Text = ""
    saved: Text = ""


def encode(draft: Draft) -> bytes:
    """A draft as JSON."""
    return msgspec.json.encode(
        _Stored(
            msgspec.Raw(store.encode(draft.base)),
            msgspec.Raw(store.encode(draft.topology)),
            FORMAT,
            FORMAT_VERSION,
            draft.view,
            draft.proposal,
            draft.title,
            draft.saved,
        )
    )


def decode(data: bytes) -> Draft:
    """A draft from JSON.

    Raises
    ------
    DraftError
        With one line that says what is wrong.
    """
    if len(data) > SIZE_LIMIT:
        raise DraftError(f"larger than {SIZE_LIMIT // 1024**2} MB, no draft is")
    try:
        stored = msgspec.json.decode(data, type=_Stored)
        if stored.format != FORMAT or stored.format_version != FORMAT_VERSION:
            raise DraftError(f"this is no draft of a topology in format version {FORMAT_VERSION}")
        base, topology = store.decode(bytes(stored.base)), store.decode(bytes(stored.topology))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        said = " ".join(str(problem).split())[:200]
        raise DraftError(f"this is no draft of a topology: {said}") from None
    except store.TopologyError as problem:
        raise DraftError(f"the draft's topology is damaged: {problem}") from None
    return Draft(base, topology, stored.view, stored.proposal, stored.title, stored.saved)
