"""What the sub-commands of ``main.py topology`` share that work on a store."""

from __future__ import annotations

import argparse
import getpass
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.blender.client import Blender
from app.blender.protocol import OUR_FAULTS
from app.curate import contents, exchange, proposals, releases
from app.curate.changes import ChangeError, apply
from app.curate.exchange_skin import MeanSkin
from app.curate.faults import AlteredError, BusyError, StoreError
from app.curate.records import Release
from app.curate.store import Store, default_path
from app.jobs import JobError
from app.session import settings
from app.topology import store as files
from app.topology.topology import Topology

_RELEASE: Final = re.compile(r"(?P<name>.+)@(?P<number>\d{1,9})")
_NUMBER: Final = re.compile(r"#?(\d{1,9})")


@dataclass(frozen=True)
class Named:
    """A topology and what it is in words, such as ``"dense-520 5"`` or ``"proposal 12"``."""

    topology: Topology
    words: str


class CommandError(Exception):
    """What is wrong with the arguments, in one line."""


def guarded(action: Callable[[argparse.Namespace, Store], int]) -> Any:
    """A sub-command with a store, whose faults become one line and an exit status."""

    def run(args: argparse.Namespace) -> int:
        try:
            with Store(args.store or default_path()) as store:
                for note in store.notes:
                    print(f"note: {note}", file=sys.stderr)
                return action(args, store)
        except (AlteredError, BusyError, exchange.WorkerError) as fault:
            return refuse(fault, 1)
        except (
            StoreError,
            CommandError,
            ChangeError,
            files.TopologyError,
            exchange.ExchangeError,
        ) as fault:
            return refuse(fault, 2)
        except JobError as fault:
            return refuse(fault, 1 if getattr(fault, "kind", "") in OUR_FAULTS else 2)
        except BrokenPipeError:
            raise
        except OSError as problem:
            return refuse(f"{problem.filename or 'a file'}: {problem.strerror or problem}", 2)
        except KeyboardInterrupt:
            return refuse("stopped", 130)

    return run


def refuse(fault: object, status: int) -> int:
    print(f"main.py topology: {' '.join(str(fault).split())}", file=sys.stderr)
    return status


def add_store(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--store", type=Path, metavar="FILE", help="the store (default: your own)")


def add_person(parser: argparse.ArgumentParser) -> None:
    add_store(parser)
    parser.add_argument(
        "--as",
        dest="person",
        metavar="NAME",
        help="who you are (default: the name in the settings, or else of the account)",
    )


def person(args: argparse.Namespace) -> str:
    """Who acts."""
    if args.person is not None:
        return str(args.person)
    own = settings.load(settings.settings_path())[0].person
    if own:
        return own
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise CommandError("who are you? Say so with --as NAME") from None


def proposal_number(text: str) -> int:
    """A proposal's number as it is typed, with or without a ``#``."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a proposal")
    return int(found[1])


def is_proposal(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def named(store: Store, text: str, base: Topology | None = None) -> Named:
    """A topology by what was typed.

    Parameters
    ----------
    text : str
        ``NAME`` is the newest release, ``NAME@5`` release 5, a number a proposal on its base;
        all else is a file in any of the formats.
    base : Topology, optional
        Fills in what a file of another program does not say.

    Raises
    ------
    StoreError, ExchangeError, ChangeError, TopologyError
    """
    db = store.db
    if is_proposal(text):
        found = proposals.proposal(db, proposal_number(text))
        made = apply(proposals.base_of(db, found), proposals.changes_of(db, found))
        return Named(made, f"proposal {found.number}, “{found.title}”")
    if Path(text).suffix and text not in releases.names(db):
        return read_file(Path(text), base)
    release = named_release(store, text)
    return Named(releases.content(db, release), f"{release.topology} {release.number}")


def named_release(store: Store, text: str) -> Release:
    """A release by what was typed: ``NAME`` is the newest, ``NAME@5`` release 5.

    Raises
    ------
    CommandError, StoreError
    """
    by_number = _RELEASE.fullmatch(text)
    if by_number:
        return releases.release(store.db, by_number["name"], int(by_number["number"]))
    known = releases.names(store.db)
    if text in known:
        return releases.latest(store.db, text)
    raise CommandError(
        f"there is no topology {text!r}; there are: {', '.join(known)}, or name a file"
    )


def read_file(path: Path, base: Topology | None = None) -> Named:
    """A topology from a file in any format; what it does not say is told on standard error."""
    found = exchange.read(path, blender, base, MeanSkin())
    for lost in found.lost:
        print(f"note: {path.name} does not say {lost}", file=sys.stderr)
    return Named(found.topology, path.name)


def blender() -> Blender:
    return Blender(spare=False)


def landmarks_of(store: Store, number: int, wanted: Sequence[str]) -> list[str]:
    """Ids of edits of a proposal, given by id or name.

    Raises
    ------
    CommandError
        If the proposal has no such edit.
    """
    listed = contents.listed(store.db, number)
    by_name = {edit.name: edit.landmark for edit in listed}
    ids = {edit.landmark for edit in listed}
    found = []
    for text in wanted:
        key = text if text in ids else by_name.get(text)
        if key is None:
            raise CommandError(f"proposal {number} has no edit of {text!r}")
        found.append(key)
    return found
