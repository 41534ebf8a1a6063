"""``main.py topology list|diff``, and what ``show`` tells of a proposal."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any, Final

import msgspec

from app.cli import topology_store as common
from app.cli.topology_store import CommandError, Named
from app.curate import (
    approving,
    changes,
    comments,
    contents,
    listing,
    proposals,
    releases,
    reviews,
)
from app.curate.describe import Edit, edits
from app.curate.effect import Measures, measures
from app.curate.faults import StateError
from app.curate.listing import Query
from app.curate.records import STATES, Proposal, Release
from app.curate.store import Store

_SHOWN: Final = 20
"""Edits of other proposals that are told one by one."""


def add_parsers(actions: Any) -> None:
    """Add the sub-commands that only read."""
    listed = actions.add_parser("list", help="name the topologies, or proposals, of the store")
    common.add_store(listed)
    listed.add_argument("--proposals", action="store_true", help="list proposals instead")
    listed.add_argument(
        "--state", action="append", choices=STATES, default=[], help="of proposals; may be repeated"
    )
    listed.add_argument("--topology", default="", metavar="NAME", help="proposals for it alone")
    listed.add_argument("--author", default="", metavar="NAME", help="proposals by one person")
    listed.add_argument(
        "--words", default="", help="in the title, the author's or a landmark's name"
    )
    listed.add_argument(
        "--unreviewed", action="store_true", help="proposals that wait for a curator"
    )
    listed.add_argument("--json", action="store_true", help="print JSON instead of text")
    listed.set_defaults(run=common.guarded(_list))

    diff = actions.add_parser(
        "diff",
        help="what is different between two topologies, farthest moved first",
        description="Names are NAME (the newest release), NAME@5, the number of a proposal, or a "
        "file. A proposal alone is compared with the release that it was made on.",
    )
    common.add_store(diff)
    diff.add_argument("first", metavar="FIRST")
    diff.add_argument("second", metavar="SECOND", nargs="?")
    diff.add_argument("--json", action="store_true", help="print JSON instead of text")
    diff.set_defaults(run=common.guarded(_diff))


def _list(args: argparse.Namespace, store: Store) -> int:
    query = Query(tuple(args.state), args.topology, args.author, args.words, args.unreviewed)
    if args.proposals or query != Query():
        found = listing.proposals(store.db, query)
        if args.json:
            print_json([msgspec.to_builtins(one) for one in found])
        else:
            print("\n".join(map(line, found)) or "no proposals")
        return 0
    told = [(name, releases.latest(store.db, name)) for name in releases.names(store.db)]
    if args.json:
        print_json([plain(release) for _, release in told])
        return 0
    for name, release in told:
        topology = releases.content(store.db, release)
        parts = ", ".join(part.name for part in topology.parts)
        waiting = listing.count(store.db, Query(topology=name, unreviewed=True))
        more = f"; {waiting} unreviewed" if waiting else ""
        print(
            f"{name:11} version {release.number}, {len(topology):4} landmarks, "
            f"{origin(release)}{more}: {parts}"
        )
    return 0


def line(found: Proposal) -> str:
    """A proposal in one line."""
    decided = f"{found.points} edits"
    if found.approved or found.rejected:
        decided += f", {found.approved} approved, {found.rejected} rejected"
    became = f" in release {found.released}" if found.released else ""
    return (
        f"{found.number:5}  {found.state}{became}  {found.topology}@{found.base}  {found.author}: "
        f"{found.title} ({decided}; {_day(found.changed)})"
    )


def released(release: Release) -> str:
    """A release that was made, in one line."""
    count = len(release.record.log)
    log = f", {count} edits" if count else ""
    return f"released {release.topology} {release.number}{log}  {release.hash}"


def show_proposal(store: Store, number: int) -> None:
    """Print a proposal with its edits, comments and conflicts."""
    db = store.db
    found = proposals.proposal(db, number)
    content = {edit.id: edit for edit in edits(proposals.changes_of(db, found))}
    print(line(found).strip())
    print(f"id {found.id}, revision {found.revision}, changed by {found.changed_by}")
    for edit in contents.listed(db, number):
        mark = {"approved": "+", "rejected": "-"}.get(edit.verdict or "", " ")
        settled = f" (settled: {edit.settlement.choice})" if edit.settlement else ""
        print(f" {mark} {edit.landmark:16} {edit.name}: {content[edit.landmark].words}{settled}")
    for said in comments.of(db, number):
        at = f" on {said.landmark}" if said.landmark else ""
        print(f"{said.author}, {_day(said.at)}{at}: {said.text}")
    overlaps = reviews.overlaps(db, number, limit=_SHOWN + 1)
    for overlap in overlaps[:_SHOWN]:
        print(f"proposal {overlap.other} of {overlap.author} changes {overlap.name!r}, too")
    if len(overlaps) > _SHOWN:
        print("… and more proposals change the same points")
    if found.state in ("draft", "proposed"):
        try:
            _, conflicts = approving.preview(store, number)
        except StateError as problem:
            print(f"cannot be approved as it is: {problem}")
            return
        for conflict in conflicts:
            print(
                f"in conflict with release {releases.latest(db, found.topology).number} about "
                f"{conflict.second.name!r}: settle it with “keep” or “take”"
            )


def _diff(args: argparse.Namespace, store: Store) -> int:
    if args.second is None:
        if not common.is_proposal(args.first):
            raise CommandError("name two topologies, or the number of a proposal")
        found = proposals.proposal(store.db, common.proposal_number(args.first))
        first = common.named(store, f"{found.topology}@{found.base}")
        second = common.named(store, args.first)
    else:
        first = common.named(store, args.first)
        second = common.named(store, args.second, first.topology)
    found_edits = edits(changes.difference(first.topology, second.topology))
    before, after = measures(first.topology), measures(second.topology)
    if args.json:
        print_json(
            {
                "first": first.words,
                "second": second.words,
                "edits": msgspec.to_builtins(found_edits),
                "before": msgspec.to_builtins(before),
                "after": msgspec.to_builtins(after),
            }
        )
    else:
        _print_diff(first, second, found_edits, before, after)
    return 0


def _print_diff(
    first: Named, second: Named, found: tuple[Edit, ...], before: Measures, after: Measures
) -> None:
    print(f"{first.words} → {second.words}: {_counted(found)}")
    for edit in sorted(found, key=lambda edit: -edit.distance):
        print(f"  {1000 * edit.distance:7.2f} mm  {edit.id:16} {edit.name}: {edit.words}")
    for name, old, new in (
        ("landmarks", str(before.landmarks), str(after.landmarks)),
        ("mirror error, mean", _mm(before.mirror_mean), _mm(after.mirror_mean)),
        (
            "mirror error, worst",
            f"{_mm(before.mirror_worst)} at {before.mirror_at}",
            f"{_mm(after.mirror_worst)} at {after.mirror_at}",
        ),
        ("closest two", _mm(before.closest), f"{_mm(after.closest)}, {_pair(after)}"),
        ("spacing, median", _mm(before.spacing), _mm(after.spacing)),
    ):
        print(f"{name}: {old} → {new}" if old != new else f"{name}: {new}")


def _counted(found: tuple[Edit, ...]) -> str:
    kinds = [edit.kind for edit in found]
    order = ("moved", "changed", "added", "removed")
    counts = [f"{kinds.count(kind)} {kind}" for kind in order if kind in kinds]
    return ", ".join(counts) or "nothing is different"


def _mm(metres: float) -> str:
    return f"{1000 * metres:.2f} mm"


def _pair(told: Measures) -> str:
    return " and ".join(told.closest_pair)


def origin(release: Release) -> str:
    record = release.record
    if record.kind == "shipped":
        return "shipped"
    if record.kind == "restored":
        return f"restored from {record.restored} by {record.by}, {_day(record.at)}"
    return f"“{record.title}” of {record.author}, approved by {record.by}, {_day(record.at)}"


def plain(release: Release) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(release.record)
    return told | {"hash": release.hash}


def _day(time: str) -> str:
    return time[:10]


def print_json(value: Any) -> None:
    json.dump(value, sys.stdout, indent=1, ensure_ascii=False)
    print()
