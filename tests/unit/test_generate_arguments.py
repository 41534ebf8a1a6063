"""The command line of a data set asks for just that data set."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from app.cli import generate
from app.dataset.arguments import arguments, command_text
from app.dataset.frame import EffectKind
from app.dataset.spec import Background, DatasetSpec, Expression, Motion


def parsed(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    generate.add_parser(parser.add_subparsers())
    return parser.parse_args(["generate", *words])


def some(names: object, least: int = 1) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(get_args(names)), unique=True, min_size=least).map(tuple)


@st.composite
def specs(draw: st.DrawFn) -> DatasetSpec:
    people = draw(st.integers(0, 9))
    motions = draw(some(Motion))
    backgrounds = draw(some(Background))
    return DatasetSpec(
        seed=draw(st.integers(0, 2**31 - 1)),
        people=people,
        heads=() if people else draw(st.sampled_from([("builtin:ada",), ("/a b/c.fbx", "/d.fbx")])),
        gender=draw(st.sampled_from(["female", "male"])),
        per_person=draw(st.integers(1, 10**6)),
        motions=motions,
        replay=("/tmp/a b.csv", "/biwi/01") if "Replay" in motions else (),
        expressions=draw(some(Expression)),
        backgrounds=backgrounds,
        pictures="/photo's" if "pictures" in backgrounds else None,
        lighting=draw(st.sampled_from(["random", "studio"])),
        effects=draw(some(EffectKind, 0)),
        effect_share=draw(st.sampled_from([0.0, 0.25, 0.5, 1.0])),
        renderer=draw(st.sampled_from(["raster", "cycles"])),
        width=draw(st.integers(64, 4096)),
        height=draw(st.integers(64, 4096)),
        samples=draw(st.integers(1, 4096)),
        field_of_view=draw(st.sampled_from([5.0, 37.5, 60.0, 120.0])),
        distance=draw(st.sampled_from([(0.3, 0.3), (0.25, 1.5), (1.0, 1.0)])),
        texture=draw(st.sampled_from([64, 512, 4096])),
    )


@settings(max_examples=60, deadline=None)
@given(specs())
def test_what_is_asked_for_comes_back(spec: DatasetSpec) -> None:
    assert generate.spec_of(parsed(arguments(spec, "/tmp/out"))) == spec


def test_workers_scheduler_and_resume_are_passed_on() -> None:
    spec = DatasetSpec(heads=("builtin:ada",))
    args = parsed(arguments(spec, "/o", workers=3))
    assert (args.output, args.workers, args.scheduler) == (Path("/o"), 3, None)
    args = parsed(arguments(spec, "/o", workers=3, scheduler="tcp://h:8786"))
    assert (args.workers, args.scheduler) == (None, "tcp://h:8786")
    args = parsed(arguments(spec, "/o", resume=True))
    assert args.resume and not hasattr(args, "heads")


def test_the_whole_line_can_be_pasted_into_a_shell() -> None:
    text = command_text(arguments(DatasetSpec(heads=("/a b/it's.fbx",)), "/my data"))
    words = shlex.split(text)
    assert words[:3] == ["python", "main.py", "generate"]
    assert "/a b/it's.fbx" in words and "/my data" in words
