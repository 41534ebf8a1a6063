"""What a change of the points does to a model's error, measured as a job."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from app.blender.heads import HeadError, Opening, Runner
from app.head.asset import HeadAsset
from app.head.library import BUILTIN, shipped
from app.jobs import JobError, Report
from app.scene.scene import HeadFile

if TYPE_CHECKING:
    from inference.definitions import Answer, Question

Heads = Callable[[Report], Iterator[HeadAsset]]
"""Gives heads on which it is measured how exactly points are told."""


def no_heads(report: Report) -> Iterator[HeadAsset]:
    return iter(())


def shipped_heads(blender: Runner) -> Heads:
    """The heads that come with the program; one that cannot be opened is left out."""

    def opened(report: Report) -> Iterator[HeadAsset]:
        for name in shipped():
            report.check()
            report.progress(f"Trying the points on {name}")
            try:
                yield Opening(HeadFile(BUILTIN + name), recall=True)(blender, report).asset
            except HeadError:
                continue

    return opened


def measure(question: Question, heads: Heads) -> Callable[[Report], Answer]:
    """A task: the model's error by the old and the new points.

    It fails with one line where data, model or points do not fit.
    """

    def task(report: Report) -> Answer:
        from app.evaluation.annotated import ReadingError
        from inference.definitions import effect_on_model
        from inference.sessions import ModelError

        def stepped(done: int, count: int | None) -> None:
            report.check()
            of = f" of {count}" if count else ""
            report.progress(f"{done}{of} faces", done / count if count else None)

        try:
            return effect_on_model(question, heads(report), stepped)
        except (ReadingError, ModelError, ValueError, OSError) as problem:
            raise JobError(str(problem)) from problem

    return task
