"""``main.py topology export|send|import``: topologies and proposals as files for others."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.cli import topology_store as common
from app.cli.topology_read import line, released
from app.cli.topology_store import CommandError
from app.curate import exchange, proposal_file, release_file
from app.curate.faults import StoreError
from app.curate.store import Store

_DEFAULTS = {form.suffix: name for name, form in reversed(exchange.FORMATS.items())}


def add_parsers(actions: Any) -> None:
    """Add the sub-commands that write and read files."""
    formats = "; ".join(f"{name}: {form.summary}" for name, form in exchange.FORMATS.items())
    export = actions.add_parser(
        "export",
        help="write a release or a proposal for other programs",
        description=f"Formats: {formats}. What a file does not say is told.",
    )
    common.add_store(export)
    export.add_argument("what", metavar="NAME[@N]|NUMBER|FILE")
    export.add_argument("--output", type=Path, required=True, metavar="FILE")
    export.add_argument(
        "--format", choices=tuple(exchange.FORMATS), help="default: by the output's ending"
    )
    export.set_defaults(run=common.guarded(_export))

    send = actions.add_parser(
        "send", help="write a proposal or releases as a file that another store can take in"
    )
    common.add_store(send)
    send.add_argument("what", metavar="NUMBER|NAME[@N]")
    send.add_argument(
        "--output", type=Path, required=True, metavar="FILE", help="the .proposal, or the .release"
    )
    send.set_defaults(run=common.guarded(_send))

    take = actions.add_parser("import", help="take in proposals and releases that were sent")
    common.add_person(take)
    take.add_argument("files", nargs="+", type=Path, metavar="FILE")
    take.set_defaults(run=common.guarded(_import))


def _export(args: argparse.Namespace, store: Store) -> int:
    folder = args.output.absolute().parent
    if not folder.is_dir():
        raise CommandError(f"--output {args.output}: the folder {folder} is missing")
    name = args.format or _DEFAULTS.get(args.output.suffix.lower())
    if name is None:
        known = ", ".join(_DEFAULTS)
        raise CommandError(f"--output {args.output}: its name must end in one of {known}")
    found = common.named(store, args.what)
    written = exchange.write(found.topology, args.output, name, common.blender)
    for path in written.files:
        print(f"{path}: {found.words}, {len(found.topology)} landmarks")
    for lost in written.lost:
        print(f"lost: {lost}")
    at_risk = exchange.FORMATS[name].at_risk
    if at_risk:
        print(f"lost where another program writes the file anew: {at_risk}")
    return 0


def _send(args: argparse.Namespace, store: Store) -> int:
    if common.is_proposal(args.what):
        number = common.proposal_number(args.what)
        sent = proposal_file.send(store.db, number, args.output)
        print(f"{args.output}: “{sent.title}” of {sent.author}, {len(sent.changes.ids)} edits")
        return 0
    release = common.named_release(store, args.what)
    count = release_file.send(store.db, release.topology, release.number, args.output)
    print(f"{args.output}: {release.topology} {release.number}, {count} releases")
    return 0


def _import(args: argparse.Namespace, store: Store) -> int:
    who, status = common.person(args), 0
    for path in args.files:
        try:
            for said in _taken(store, who, path):
                print(said)
        except StoreError as problem:
            text = str(problem)
            status = common.refuse(text if text.startswith(str(path)) else f"{path}: {text}", 2)
    return status


def _taken(store: Store, who: str, path: Path) -> list[str]:
    if path.suffix == release_file.SUFFIX:
        made = release_file.take_in(store, who, release_file.read(path))
        return [released(one) for one in made] or [f"{path}: all of it is here already"]
    return [line(proposal_file.take_in(store, who, proposal_file.read(path))).strip()]
