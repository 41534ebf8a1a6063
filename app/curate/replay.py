"""What the tables must hold, worked out from the audit trail alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.curate.audit import Entry
from app.curate.faults import AlteredError
from app.curate.records import State

_STATES: Final[dict[str, State]] = {
    "created": "draft",
    "reopened": "draft",
    "proposed": "proposed",
    "rejected": "rejected",
    "withdrawn": "withdrawn",
    "released": "approved",
}


@dataclass
class ProposalHistory:
    """A proposal as its entries tell it; fields as those of a `Proposal`."""

    id: str = ""
    topology: str = ""
    base: int = 0
    author: str = ""
    title: str = ""
    state: State = "draft"
    revision: int = 0
    released: int | None = None
    created: str = ""
    changed: str = ""
    changed_by: str = ""
    contents: dict[int, str] = field(default_factory=dict)
    verdicts: dict[str, str] = field(default_factory=dict)
    settled: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    comments: dict[int, str] = field(default_factory=dict)


def proposal(entries: Iterable[Entry]) -> ProposalHistory:
    """The state of a proposal after its entries, oldest first.

    Raises
    ------
    AlteredError
        If an entry does not say what its action says.
    """
    told = ProposalHistory()
    for entry in entries:
        try:
            _tell(told, entry)
        except (KeyError, TypeError, AttributeError):
            raise AlteredError(
                f"entry {entry.number} of the audit trail was altered: it is no {entry.action!r}"
            ) from None
    return told


def _tell(told: ProposalHistory, entry: Entry) -> None:
    detail = entry.detail
    told.changed, told.changed_by = entry.at, entry.by
    told.state = _STATES.get(entry.action, told.state)
    match entry.action:
        case "created":
            told.id, told.author, told.created = detail["id"], detail["author"], entry.at
            told.topology, told.base = detail["topology"], detail["base"]
        case "released":
            told.released = entry.release
        case "reviewed":
            for key in detail["landmarks"]:
                told.verdicts.pop(key, None)
                if detail["verdict"] is not None:
                    told.verdicts[key] = detail["verdict"]
        case "settled":
            told.settled[detail["landmark"]] = detail["settlement"]
        case "commented":
            told.comments[detail["number"]] = detail["sha256"]
        case "reopened":
            told.verdicts, told.settled = {}, {}
    if "revision" in detail:
        told.revision, told.title = detail["revision"], detail["title"]
        told.contents[told.revision] = detail["sha256"]
        told.verdicts, told.settled = {}, {}
