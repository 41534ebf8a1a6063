"""Releases as a file: what a curator approved, taken in by the stores of artists.

A file holds the chain of a topology's releases from the first that does not come with the program.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from app.curate import audit, people, releases
from app.curate.database import Database
from app.curate.faults import StateError, StoreError
from app.curate.proposals import set_state
from app.curate.records import Record, Release
from app.curate.sent_file import read_sent
from app.curate.store import Store
from app.files import write_bytes
from app.topology import store as files
from app.topology.identity import canonical
from app.topology.topology import Topology

FORMAT: Final = "headroom-releases"
SUFFIX: Final = ".release"
SIZE_LIMIT: Final = 64 * 1024 * 1024
_LINE: Final = 4000


class SentRelease(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A release as it travels: its record, and its content as a topology's file has it."""

    record: Record
    content: Annotated[str, Meta(max_length=files.SIZE_LIMIT)]


class SentReleases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file holds: releases of one topology, oldest first."""

    releases: Annotated[tuple[SentRelease, ...], Meta(min_length=1, max_length=1000)]
    format: Literal["headroom-releases"] = FORMAT
    format_version: Literal[1] = 1


def send(db: Database, topology: str, number: int, path: Path) -> int:
    """Write a release with those that it follows from; how many there are.

    Raises
    ------
    StoreError
        If the file's name does not end in ``.release``, there is no such release, or it comes
        with the program.
    AlteredError
    OSError
    """
    if path.suffix != SUFFIX:
        raise StoreError(f"{path.name}: the name of a release's file ends in {SUFFIX}")
    with db.snapshot():
        releases.release(db, topology, number)
        chain = [
            SentRelease(one.record, files.encode(releases.content(db, one)).decode())
            for one in releases.history(db, topology)
            if one.number <= number and one.record.kind != "shipped"
        ]
    if not chain:
        raise StoreError(f"release {number} of {topology} comes with the program; nothing to send")
    data = msgspec.json.encode(SentReleases(tuple(chain)), order="deterministic")
    write_bytes(path, data + b"\n")
    return len(chain)


def read(path: Path) -> SentReleases:
    """A file, checked by itself.

    Raises
    ------
    StoreError
        With one line that names the file and what is wrong with it.
    """
    sent = read_sent(path, SentReleases, SIZE_LIMIT, "these are no releases")
    before: Release | None = None
    for one in sent.releases:
        try:
            before = _checked(one, before)
        except (StoreError, files.TopologyError) as problem:
            raise StoreError(f"{path}: {problem}") from None
    return sent


def take_in(store: Store, by: str, sent: SentReleases) -> list[Release]:
    """Add the releases that this store does not have; proposals of theirs become approved.

    In a store that has curators they do it.

    Raises
    ------
    NotAllowedError
    StateError
        If the store's own releases went another way.
    """
    db = store.db
    with store.action(by) as (who, at):
        if any(person.curator for person in people.everybody(db)):
            people.check_curator(db, who, "take in releases")
        return [made for one in sent.releases if (made := _taken(db, who, at, one)) is not None]


def _checked(one: SentRelease, before: Release | None) -> Release:
    """See that a release is whole and follows from the one before."""
    record, where = one.record, f"release {one.record.number} of {one.record.topology}"
    topology = files.decode(one.content.encode())
    if audit.sha256(one.content.encode()) != record.sha256:
        raise StoreError(f"{where} was altered: its content does not have its hash")
    if files.encode(canonical(topology)).decode() != one.content:
        raise StoreError(f"{where} is not in the form that releases have")
    if (topology.name, topology.version) != (record.topology, record.number):
        raise StoreError(f"{where} holds {topology.name} {topology.version}")
    if record.kind == "shipped" or record.parent is None or record.number < 1:
        raise StoreError(f"{where} does not follow from another")
    words = [record.by, record.at, record.note, record.author or "", record.title or ""]
    words += [text for line in record.log for text in (line.name, line.words, line.landmark)]
    if any(len(text) > _LINE or not text.replace("\n", "").isprintable() for text in words):
        raise StoreError(f"{where} holds words that cannot be shown")
    people.named(record.by)
    if before is not None and (record.parent, record.topology, record.number) != (
        before.hash,
        before.topology,
        before.number + 1,
    ):
        raise StoreError(f"{where} does not follow from the one before")
    return Release(record, audit.sha256(audit.canonical(msgspec.to_builtins(record))))


def _taken(db: Database, who: str, at: str, one: SentRelease) -> Release | None:
    record = one.record
    made = _checked(one, None)
    newest = releases.latest(db, record.topology)
    if record.number <= newest.number:
        own = releases.release(db, record.topology, record.number)
        if own.hash != made.hash:
            raise StateError(f"this store has another release {record.number} of {record.topology}")
        return None
    if (record.parent, record.number) != (newest.hash, newest.number + 1):
        raise StateError(
            f"release {record.number} of {record.topology} does not follow from release "
            f"{newest.number} of this store"
        )
    topology: Topology = files.decode(one.content.encode())
    row = db.row("SELECT number FROM proposal WHERE id = ?", record.proposal)
    number = row[0] if row else None
    added = releases.add(db, at, record, topology, number, who)
    if number is not None:
        set_state(db, number, at, who, state="approved", released=record.number)
    return added
