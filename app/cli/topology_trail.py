"""``main.py topology log|verify``: what happened, and whether it is still as it happened."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import msgspec

from app.cli import topology_store as common
from app.cli.topology_read import origin, plain, print_json
from app.curate import audit, listing, proposal_file, proposals, release_file, releases
from app.curate.faults import StoreError
from app.curate.store import Store
from app.curate.verify import verify
from app.topology import store as files
from app.topology.identity import content_sha256


def add_parsers(actions: Any) -> None:
    """Add the sub-commands."""
    log = actions.add_parser(
        "log", help="releases with their change logs, or all that happened to a proposal"
    )
    common.add_store(log)
    log.add_argument("what", nargs="?", metavar="NAME|NUMBER", help="default: the whole trail")
    log.add_argument("--json", action="store_true", help="print JSON instead of text")
    log.set_defaults(run=common.guarded(_log))

    check = actions.add_parser(
        "verify",
        help="find what was altered: the store, its releases, proposals, files",
        description="Without files the whole store is checked. A topology's file is compared with "
        "the release of its name and version, a proposal's file with its own hash.",
    )
    common.add_store(check)
    check.add_argument("files", nargs="*", type=Path, metavar="FILE")
    check.add_argument(
        "--expect",
        default="",
        metavar="HASH",
        help="an entry of the audit trail that was noted before, which must still be there",
    )
    check.set_defaults(run=common.guarded(_verify))


def _log(args: argparse.Namespace, store: Store) -> int:
    if args.what is None or common.is_proposal(args.what):
        number = None if args.what is None else common.proposal_number(args.what)
        if number is not None:
            proposals.proposal(store.db, number)
        trail = list(audit.entries(store.db, proposal=number))
        if args.json:
            print_json([msgspec.to_builtins(entry) for entry in trail])
            return 0
        for entry in trail:
            about = f" proposal {entry.proposal}" if entry.proposal else ""
            about += f" {entry.topology}@{entry.release}" if entry.release else ""
            print(f"{entry.at[:19]}  {entry.by}: {entry.action}{about}{_detail(entry)}")
        return 0
    history = releases.history(store.db, args.what)
    if args.json:
        print_json([plain(release) for release in history])
        return 0
    for release in reversed(history):
        record = release.record
        print(f"{release.topology} {release.number}, {origin(release)}  {release.hash[:12]}")
        if record.note:
            print(f"  {record.note}")
        for said in record.log:
            print(f"  {said.landmark:16} {said.name}: {said.words}")
    return 0


def _detail(entry: audit.Entry) -> str:
    told = entry.detail
    match entry.action:
        case "reviewed":
            some = ", ".join(told["landmarks"][:5])
            more = f" and {len(told['landmarks']) - 5} more" if len(told["landmarks"]) > 5 else ""
            why = f" ({told['reason']})" if told["reason"] else ""
            return f", {some}{more}: {told['verdict'] or 'undecided again'}{why}"
        case "rejected":
            return f": {told['reason']}"
        case "settled":
            return f", {told['landmark']}: {told['settlement']['choice']}"
        case "created" | "saved":
            return f", revision {told['revision']}: {told['title']}"
        case "appointed":
            return f" {told['name']} {'curator' if told['curator'] else 'artist'}"
    return ""


def _verify(args: argparse.Namespace, store: Store) -> int:
    if args.files:
        faults = [said for path in args.files if (said := _file_fault(store, path))]
        for said in faults:
            common.refuse(said, 1)
        if not faults:
            print(f"{len(args.files)} files are as they were released or sent")
        return 1 if faults else 0
    found = verify(store.db, args.expect)
    for one in found:
        common.refuse(f"{one.what}: {one.said}", 1)
    if found:
        return 1
    count = sum(len(releases.history(store.db, name)) for name in releases.names(store.db))
    print(
        f"{store.path}: sound; {count} releases, {listing.count(store.db)} proposals; "
        f"newest entry {audit.head(store.db)}"
    )
    return 0


def _file_fault(store: Store, path: Path) -> str:
    if path.suffix in (proposal_file.SUFFIX, release_file.SUFFIX):
        of_proposal = path.suffix == proposal_file.SUFFIX
        try:
            proposal_file.read(path) if of_proposal else release_file.read(path)
        except StoreError as problem:
            return str(problem)
        return ""
    topology = files.read(path)
    try:
        release = releases.release(store.db, topology.name, topology.version)
    except StoreError as problem:
        return f"{path}: {problem}"
    if content_sha256(topology) != release.record.sha256:
        return f"{path}: it was altered: it is not {topology.name} {topology.version} as released"
    return ""
