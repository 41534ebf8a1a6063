"""Releases of topologies are told wherever data, models and the program meet in others."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from app.cli import main
from app.dataset import releases
from app.dataset.heads import subjects_of_heads
from app.dataset.packed import encode, write_shard
from app.dataset.plan import Plan, PlanInputs
from app.dataset.run_record import FILE, TOPOLOGY, new_record, read_record, write_record
from app.dataset.run_start import prepare
from app.dataset.spec import DatasetSpec
from app.evaluation.readers.data import Choice, open_data
from app.topology import store
from app.topology.release import ReleaseName, release_of
from tests.unit.drawn_faces import drawn_face
from tests.unit.small_dataset import write_ball

DENSE = store.load("dense-520")
OLD = {TOPOLOGY + "dense-520": str(DENSE.version - 1)}


def shard(path: Path, made_with: dict[str, str] | None) -> Path:
    samples = [encode(drawn_face(k // 2, k)) for k in range(80)]
    write_shard(path, samples, {} if made_with is None else {releases.MADE_WITH: made_with})
    return path


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of the shipped releases, one of an older one, one that does not say."""
    folder = tmp_path_factory.mktemp("shards")
    shard(folder / "a.arrow", releases.made_with(("dense-520", "ibug-68-outline")))
    shard(folder / "b.arrow", OLD)
    shard(folder / "c.arrow", None)
    return folder


def test_a_shard_tells_what_it_was_made_with(shards: Path) -> None:
    told = releases.of_shard(shards / "a.arrow")
    assert set(told) == {release_of(store.load(name)) for name in ("dense-520", "ibug-68")}
    assert releases.of_shard(shards / "b.arrow") == (ReleaseName("dense-520", DENSE.version - 1),)
    assert releases.of_shard(shards / "c.arrow") == ()


def test_shards_of_different_releases_are_told_by_name(shards: Path) -> None:
    (line,) = releases.lines_of_shards([shards])
    assert line.startswith("a.arrow and b.arrow: ") and "points may have moved" in line
    (line,) = releases.lines_of_shards([shards / "b.arrow"])
    assert line.startswith("the shards and this program: ")
    assert releases.lines_of_shards([shards / "a.arrow", shards / "c.arrow"]) == ()


def test_data_tell_their_releases_to_those_who_measure(shards: Path) -> None:
    data = open_data(shards / "b.arrow", Choice())
    assert data.releases == (ReleaseName("dense-520", DENSE.version - 1),)
    assert any("a.arrow and b.arrow" in note for note in open_data(shards, Choice()).notes)


def begun(root: Path) -> Plan:
    spec = DatasetSpec(heads=("builtin:ada",), per_person=1, motions=("HeadRot",))
    plan = Plan(spec, PlanInputs(subjects_of_heads(spec)))
    write_record(root, new_record(plan))
    return plan


def aged(root: Path) -> None:
    """The record as if an older release had been in use."""
    record = read_record(root)
    write_record(root, replace(record, made_with={**record.made_with, **OLD}))


def test_a_run_that_goes_on_with_another_release_says_so_in_one_line(tmp_path: Path) -> None:
    plan = begun(tmp_path)
    assert prepare(tmp_path, plan) == ""
    aged(tmp_path)
    said = prepare(tmp_path, plan)
    assert said.count("made with dense-520") == 1 and "\n" not in said
    assert said.startswith("The data set and this program: ")


def test_a_data_set_that_is_checked_or_shown_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begun(tmp_path)
    write_ball(tmp_path, 0)
    quick = ("dataset", "check", str(tmp_path), "--quick", "--workers", "1")
    main(quick, lambda _: 0)
    assert "made with" not in capsys.readouterr().err
    aged(tmp_path)
    for command in (quick, ("dataset", "stats", str(tmp_path), "--json")):
        main(command, lambda _: 0)
        told = [x for x in capsys.readouterr().err.splitlines() if "made with dense-520" in x]
        assert len(told) == 1, command


def test_a_damaged_record_tells_nothing_and_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{")
    assert releases.of_folder(tmp_path) == ()
    assert releases.of_annotation({"landmarks": {"dense-520": {"version": "x"}, "a": 3}}) == ()
    assert releases.of_annotation({"landmarks": []}) == ()


def test_evaluate_tells_model_and_data_apart(
    shards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnx", reason="the extra 'train' is not installed (no onnx)")
    import numpy as np

    from inference.card import Card, encode_card
    from tests.unit.onnx_files import seeing_face

    path = seeing_face(tmp_path / "bright.onnx", 64, np.eye(3))
    card = Card(name="bright", kind="face", topologies={"dense-520": DENSE.version})
    path.with_suffix(".json").write_bytes(encode_card(card))
    options = ("--model", str(path), "--limit", "2", "--live", "--json")
    assert main(["evaluate", "--data", str(shards / "b.arrow"), *options], lambda _: 0) == 0
    shown = capsys.readouterr()
    (line,) = [x for x in shown.err.splitlines() if "made with" in x]
    assert line.startswith("note: the model and the data: one is made with dense-520")
    assert any("made with" in note for note in json.loads(shown.out)["notes"])
    assert main(["evaluate", "--data", str(shards / "a.arrow"), *options], lambda _: 0) == 0
    assert "made with" not in capsys.readouterr().err


def test_training_on_mixed_shards_says_so_before_it_begins(
    shards: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("torch", reason="the extra 'train' is not installed (no torch)")

    def ended(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("inference.training.tasks.task", lambda *_: object())
    monkeypatch.setattr("inference.training.facts.facts_of", ended)
    words = ("train", "face", "--data", str(shards), "--run", str(tmp_path / "run"))
    main([*words, "--device", "cpu"], lambda _: 0)
    assert "note: a.arrow and b.arrow: one is made with" in capsys.readouterr().err


def test_a_picture_that_is_opened_in_the_window_tells_it(tmp_path: Path) -> None:
    pytest.importorskip("PySide6")
    from tests.unit.small_dataset import ball_frame
    from widgets.generate.frame_opening import open_frame

    frame = ball_frame(0)
    frame = replace(frame, subject=replace(frame.subject, head="builtin:ada", person=None))
    content = {
        "schema": "headroom-frame",
        "version": 1,
        "frame": msgspec.to_builtins(frame, enc_hook=float),
        "landmarks": {"dense-520": {"version": DENSE.version - 1}},
    }
    path = tmp_path / frame.folder / "ann_0000.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(msgspec.json.encode(content))
    (line,) = open_frame(path).releases
    assert "dense-520" in line
    content["landmarks"] = {"dense-520": {"version": DENSE.version}}
    path.write_bytes(msgspec.json.encode(content))
    assert open_frame(path).releases == ()
