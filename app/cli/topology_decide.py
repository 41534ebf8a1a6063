"""``main.py topology propose|approve|reject|release`` and the other actions on a store."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.cli import topology_store as common
from app.cli.topology_read import line, released
from app.cli.topology_store import CommandError
from app.curate import (
    approving,
    changes,
    comments,
    describe,
    people,
    proposals,
    reasons,
    releases,
    reviews,
)
from app.curate.store import Store
from app.session import settings


def add_parsers(actions: Any) -> None:
    """Add the sub-commands that change a store."""
    propose = _action(
        actions,
        "propose",
        _propose,
        "hand edits of a topology to the curators",
        "FILE is a topology in any format that “export” writes, or the number of a draft.",
    )
    propose.add_argument("what", metavar="FILE|NUMBER")
    propose.add_argument(
        "--base", metavar="NAME[@N]", help="the release it was made on (default: as the file says)"
    )
    propose.add_argument("--title", help="what it is about, in one line")
    propose.add_argument("--draft", action="store_true", help="keep it as a draft for now")

    approve = _action(
        actions,
        "approve",
        _approve,
        "approve a proposal and release it, or some of its landmarks alone",
        "Without --landmark all that is not reviewed yet is approved, and the next release is "
        "made. With it these alone are approved; “release” makes the release later.",
    )
    _number(approve)
    _landmarks(approve)
    approve.add_argument("--note", default="", help="goes into the release")

    reject = _action(
        actions,
        "reject",
        _reject,
        "send a proposal back to its author, or reject some of its landmarks",
    )
    _number(reject)
    _landmarks(reject)
    quick = "; ".join(f"{key}: {words}" for key, words in reasons.REASONS.items())
    reject.add_argument(
        "--reason", required=True, help=f"what its author has to know, or one of these: {quick}"
    )

    settle = _action(
        actions, "settle", _settle, "decide about a point that a newer release has changed, too"
    )
    _number(settle)
    settle.add_argument("landmark", metavar="LANDMARK", help="its id or name")
    settle.add_argument("choice", choices=("keep", "take"), help="the release's or the proposal's")

    release = _action(
        actions,
        "release",
        _release,
        "release what was approved of a proposal, or go back to an older release",
    )
    release.add_argument("what", metavar="NUMBER|NAME", help="a proposal, or a topology")
    release.add_argument("--back-to", type=int, metavar="N", help="the release to go back to")
    release.add_argument("--note", default="", help="goes into the release")

    withdraw = _action(actions, "withdraw", _withdraw, "take a draft or a proposal back")
    _number(withdraw)
    reopen = _action(
        actions,
        "reopen",
        _reopen,
        "make a draft of a rejected or withdrawn proposal, or of the rejected rest of an approved "
        "one",
    )
    _number(reopen)

    comment = _action(actions, "comment", _comment, "comment on a proposal or one of its landmarks")
    _number(comment)
    comment.add_argument("text", nargs="?", default="")
    comment.add_argument("--landmark", metavar="LANDMARK", help="its id or name")
    comment.add_argument("--reason", choices=tuple(reasons.REASONS), help=quick)

    roles = _action(actions, "people", _people, "who may do what, and under which name you act")
    roles.add_argument("name", nargs="?", metavar="NAME")
    role = roles.add_mutually_exclusive_group()
    role.add_argument("--curator", action="store_true", help="NAME may review and release")
    role.add_argument("--artist", action="store_true", help="NAME may propose")
    role.add_argument("--me", action="store_true", help="NAME is you, from now on")
    role.add_argument(
        "--self-approval",
        choices=("yes", "no"),
        help="whether curators may approve what they proposed themselves",
    )


def _action(
    actions: Any, name: str, run: Any, about: str, description: str = ""
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(
        name, help=about, description=description or None
    )
    common.add_person(parser)
    parser.set_defaults(run=common.guarded(run))
    return parser


def _number(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", type=common.proposal_number, metavar="NUMBER")


def _landmarks(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--landmark",
        action="append",
        default=[],
        metavar="LANDMARK",
        help="one landmark alone, by id or name; may be repeated",
    )


def _propose(args: argparse.Namespace, store: Store) -> int:
    who = common.person(args)
    if common.is_proposal(args.what):
        if args.base or args.draft or args.title:
            raise CommandError("a draft has its base and its title already")
        print(line(proposals.propose(store, who, common.proposal_number(args.what))).strip())
        return 0
    base = common.named(store, args.base).topology if args.base else None
    edited = common.read_file(Path(args.what), base)
    if base is None:
        name, version = edited.topology.name, edited.topology.version
        base = common.named(store, f"{name}@{version}").topology
    content = changes.difference(base, edited.topology)
    if not content.ids:
        raise CommandError(f"{edited.words} is the same as {base.name} {base.version}")
    title = args.title or _title(content)
    with store.db.transaction():
        made = proposals.create(store, who, content, title)
        if not args.draft:
            made = proposals.propose(store, who, made.number)
    print(line(made).strip())
    return 0


def _title(content: changes.ChangeSet) -> str:
    names = [edit.name for edit in describe.edits(content)]
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return f"{', '.join(names[:2])}{more}"[: proposals.TITLE_LENGTH]


def _approve(args: argparse.Namespace, store: Store) -> int:
    who = common.person(args)
    if not args.landmark:
        print(released(approving.approve(store, who, args.number, args.note)))
        return 0
    keys = common.landmarks_of(store, args.number, args.landmark)
    print(line(reviews.review(store, who, args.number, keys, "approved")).strip())
    return 0


def _reject(args: argparse.Namespace, store: Store) -> int:
    who = common.person(args)
    if not args.landmark:
        made = reviews.reject(store, who, args.number, args.reason)
    else:
        keys = common.landmarks_of(store, args.number, args.landmark)
        made = reviews.review(store, who, args.number, keys, "rejected", args.reason)
    print(line(made).strip())
    return 0


def _settle(args: argparse.Namespace, store: Store) -> int:
    (key,) = common.landmarks_of(store, args.number, [args.landmark])
    made = reviews.settle(store, common.person(args), args.number, key, args.choice)
    print(line(made).strip())
    return 0


def _release(args: argparse.Namespace, store: Store) -> int:
    who = common.person(args)
    if common.is_proposal(args.what):
        if args.back_to is not None:
            raise CommandError("--back-to goes with the name of a topology, not with a proposal")
        number = common.proposal_number(args.what)
        print(released(approving.release(store, who, number, args.note)))
        return 0
    if args.back_to is None:
        raise CommandError("name a proposal to release, or --back-to a release of this topology")
    print(released(releases.restore(store, who, args.what, args.back_to, args.note)))
    return 0


def _withdraw(args: argparse.Namespace, store: Store) -> int:
    print(line(proposals.withdraw(store, common.person(args), args.number)).strip())
    return 0


def _reopen(args: argparse.Namespace, store: Store) -> int:
    who = common.person(args)
    if proposals.proposal(store.db, args.number).state == "approved":
        made = approving.rest(store, who, args.number)
    else:
        made = proposals.reopen(store, who, args.number)
    print(line(made).strip())
    return 0


def _comment(args: argparse.Namespace, store: Store) -> int:
    key = None
    if args.landmark is not None:
        (key,) = common.landmarks_of(store, args.number, [args.landmark])
    who = common.person(args)
    said = comments.add(store, who, args.number, args.text, key, args.reason)
    print(f"{said.author}: {said.text}")
    return 0


def _people(args: argparse.Namespace, store: Store) -> int:
    db = store.db
    if args.self_approval:
        people.set_self_approval(db, args.self_approval == "yes", common.person(args))
    elif args.name is None:
        if args.curator or args.artist or args.me:
            raise CommandError("name the person, too")
    elif args.me:
        path = settings.settings_path()
        kept, trouble = settings.load(path)
        if trouble:
            raise CommandError(trouble)
        settings.save(path, _with_person(kept, people.named(args.name)))
    elif args.curator or args.artist:
        people.appoint(db, args.name, args.curator, common.person(args))
    else:
        raise CommandError(f"what is {args.name}: --curator, --artist, or --me?")
    for one in people.everybody(db):
        print(f"{'curator' if one.curator else 'artist':8} {one.name}")
    allowed = "may" if people.self_approval(db) else "may not"
    print(
        f"curators {allowed} approve what they proposed themselves; you are {common.person(args)}"
    )
    return 0


def _with_person(kept: settings.Settings, name: str) -> settings.Settings:
    import msgspec

    return msgspec.structs.replace(kept, person=name)
