"""``main.py topology effect``: a model's error by the old and the new definition of the points."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from app.cli import topology_store as common
from app.cli.options import count
from app.cli.topology_read import print_json
from app.cli.topology_store import CommandError
from app.curate import proposals
from app.curate.store import Store
from app.dataset.events import span
from app.evaluation.annotated import ReadingError
from app.evaluation.definitions import DefinitionEffect, Error, Errors, PointEffect
from app.evaluation.readers.data import KINDS
from app.head.asset import HeadAsset
from app.head.library import BUILTIN, shipped
from app.jobs import JobError
from app.topology.topology import Topology

if TYPE_CHECKING:
    from inference.definitions import Answer

_EVERY: Final = 1.0
_SHOWN: Final = 20


def add_parser(actions: Any) -> None:
    effect = actions.add_parser(
        "effect",
        help="what a change of the points does to a model's error",
        description="Measure a model on annotated pictures by the old and by the new definition "
        "of the points. On renders the truth moves with them; on photographs people drew iBUG-68, "
        "and what the model finds is carried along.",
    )
    common.add_store(effect)
    which = effect.add_mutually_exclusive_group(required=True)
    which.add_argument("--proposal", metavar="NUMBER", type=common.proposal_number)
    which.add_argument(
        "--file", metavar="FILE", help="a topology in any format, or NAME@5; with --base"
    )
    effect.add_argument(
        "--base", metavar="NAME[@N]", help="what FILE is compared with (default: as the file says)"
    )
    effect.add_argument("--model", default="face", metavar="M", help="a name, or FILE.onnx (face)")
    effect.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="DIR",
        help="shards, SynFace folders, pictures with .pts or .mat files, or a list of imglab",
    )
    effect.add_argument("--kind", choices=KINDS, default="", help="of the data (default: seen)")
    effect.add_argument("--only", default="", metavar="NAMES", help="as of “evaluate”")
    effect.add_argument(
        "--limit", type=count, metavar="N", help="so many faces at most, 0 for all (500)"
    )
    effect.add_argument(
        "--listed", type=count, default=_SHOWN, metavar="N", help=f"points to list ({_SHOWN})"
    )
    effect.add_argument("--json", action="store_true", help="print JSON instead of text")
    effect.set_defaults(run=common.guarded(_effect))


def _effect(args: argparse.Namespace, store: Store) -> int:
    from inference.definitions import FACES, Question, effect_on_model
    from inference.sessions import ModelError

    before, after = _topologies(args, store)
    limit = FACES if args.limit is None else args.limit
    question = Question(before, after, args.model, args.data, limit, kind=args.kind, only=args.only)
    line = _Line()
    try:
        found = effect_on_model(question, _heads(), line)
    except (ReadingError, ModelError, ValueError) as problem:
        return common.refuse(problem, 2)
    finally:
        line.clear()
    for note in (*found.notes, *found.problems):
        print(f"note: {note}", file=sys.stderr)
    if args.json:
        print_json(msgspec.to_builtins(found))
    else:
        print("\n".join(as_text(found, args.listed)))
    return 0


def _topologies(args: argparse.Namespace, store: Store) -> tuple[Topology, Topology]:
    if args.proposal is not None:
        if args.base is not None:
            raise CommandError("--base goes with --file: a proposal knows its release")
        found = proposals.proposal(store.db, args.proposal)
        base = common.named(store, f"{found.topology}@{found.base}").topology
        return base, common.named(store, str(args.proposal)).topology
    given = None if args.base is None else common.named(store, args.base).topology
    after = common.named(store, args.file, given).topology
    before = given if given is not None else common.named(store, after.name).topology
    return before, after


def _heads() -> Iterator[HeadAsset]:
    """The shipped heads; one that cannot be opened is told and left out."""
    from app.blender.heads import open_head
    from app.scene.scene import HeadFile

    with common.blender() as blender:
        for name in shipped():
            try:
                yield open_head(HeadFile(BUILTIN + name), blender).asset
            except JobError as problem:
                print(f"note: {name} cannot be opened: {problem}", file=sys.stderr)


def as_text(found: Answer, listed: int) -> Iterator[str]:
    """What was measured, in lines."""
    effect = found.effect
    faces = "1 face" if effect.faces == 1 else f"{effect.faces:,} faces"
    yield f"{found.model} on {found.data}: {faces}, {effect.landmarks} landmarks, NME by the box"
    yield from _lines("all landmarks", effect.whole)
    if effect.changed is not None:
        yield from _lines("those that moved", effect.changed)
    yield from _exactness(effect)
    if effect.points:
        stands = "as it stands  " if effect.kind == "renders" else ""
        yield f"{'moved':>10}  {'old':>8}  {stands}carried along"
    for point in effect.points[:listed]:
        yield f"{_moved(point):>10}  {_row(point)}  {point.name} ({point.id})"
    if len(effect.points) > listed:
        yield f"  and {len(effect.points) - listed} more"
    if effect.untold:
        yield f"no truth of {len(effect.untold)} that changed: {_listed(effect.untold)}"


def _lines(what: str, errors: Errors) -> Iterator[str]:
    if errors.standing is None:
        yield f"{what}, carried along, against what people drew: {_error(errors.carried)}"
        return
    yield f"{what}, as found, against the new points: {_error(errors.standing)}"
    yield f"{what}, carried along to the new points: {_error(errors.carried)}"


def _exactness(effect: DefinitionEffect) -> Iterator[str]:
    if effect.kind == "renders" and effect.inexact is not None:
        yield (
            f"the new points are told by those that the pictures keep, "
            f"{effect.inexact:.2%} of the box off on average on the shipped heads"
        )


def _error(error: Error) -> str:
    old, new = _share(error.old), _share(error.new)
    if error.difference is None:
        return f"{old} → {new}"
    text = f"{old} → {new}, {100 * error.difference:+.3f}"
    if error.interval is not None:
        low, high = error.interval
        text += f" (95 %: {100 * low:+.3f} to {100 * high:+.3f})"
    return text


def _row(point: PointEffect) -> str:
    carried, standing = point.errors.carried, point.errors.standing
    words = f"{_share(carried.old):>8}  "
    if standing is not None:
        words += f"{_share(standing.new):>12}  "
    words += f"{_share(carried.new):>8}"
    if carried.interval is not None:
        low, high = carried.interval
        words += f" ({100 * low:+.2f} to {100 * high:+.2f})"
    return words


def _share(value: float | None) -> str:
    return "none" if value is None else f"{100 * value:.3f} %"


def _moved(point: PointEffect) -> str:
    if point.moved is not None:
        return f"{1000 * point.moved:.2f} mm"
    return "removed" if point.errors.carried.new is None else "added"


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


class _Line:
    """How far it has come and how long it takes yet, on one line of a terminal."""

    def __init__(self) -> None:
        self._stream = sys.stderr if sys.stderr.isatty() else None
        self._start: float | None = None
        self._next = 0.0

    def __call__(self, done: int, count: int | None) -> None:
        now = time.monotonic()
        self._start = now if self._start is None else self._start
        if self._stream is None or now < self._next:
            return
        self._next = now + _EVERY
        left = ""
        if count and done:
            left = f" of {count}, {span((now - self._start) / done * (count - done))} left"
        self._stream.write(f"\r\x1b[K{done} faces{left}")
        self._stream.flush()

    def clear(self) -> None:
        if self._stream is not None:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
