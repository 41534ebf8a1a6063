"""``main.py adapt``: from annotated pictures to a file for ``predict``, and what it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra train is not installed")
pytest.importorskip("onnx", reason="the extra train is not installed")

import main as program
from app.cli import main
from app.evaluation.readers.pts import read_pts
from inference import registry
from inference.card import read_card
from inference.predictions import read
from tests.unit.habitual_annotators import (
    BROWS,
    habit,
    write_mean_face,
    write_pictures,
    write_points,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A face network, and a folder of eleven pictures of somebody who draws brows too high."""
    folder = tmp_path_factory.mktemp("adapt")
    write_mean_face(folder / "mean.onnx")
    write_pictures(folder / "mine", 11, habit(0.008))
    return folder


def run(*words: object) -> int:
    return main([str(w) for w in words], program.open_window)


def test_what_was_learnt_is_used_by_predict(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "mine.onnx"
    given = ("--data", made / "mine", "--model", made / "mean.onnx")
    assert run("adapt", *given, "--output", output) == 0
    said = capsys.readouterr().out
    assert "brow: " in said and "higher" in said and f"--transfer {output}" in said
    assert all(output.with_suffix(s).stat().st_size > 1000 for s in (".onnx", ".json", ".png"))
    card = read_card(output.with_suffix(".json"))
    assert card.kind == "transfer" and card.follows == "mean" and card.data["faces"] == 11
    assert str(made) not in card.command
    errors = {}
    for name in ("none", output):
        found = tmp_path / "found.jsonl"
        boxes = tmp_path / "boxes.json"
        boxes.write_text(json.dumps({p.name: _box(p) for p in (made / "mine").glob("*.png")}))
        assert run(
            "predict", "--input", made / "mine", "--model", made / "mean.onnx", "--boxes", boxes,
            "--transfer", name, "--passes", 1, "--no-mirror", "--output", found,
        ) == 0  # fmt: skip
        errors[str(name)] = np.mean(
            [
                np.linalg.norm(line.faces[0].landmarks_68[BROWS, :2] - _drawn(made, line.source))
                for line in read(found)
            ]
        )
    assert errors[str(output)] < 0.5 * errors["none"]


def _drawn(made: Path, source: str) -> np.ndarray:
    return read_pts(made / "mine" / Path(source).with_suffix(".pts").name, 0.0)[BROWS]


def _box(picture: Path) -> list[float]:
    points = read_pts(picture.with_suffix(".pts"), 0.0)
    return [*points.min(0), *np.ptp(points, axis=0)]


def test_nothing_is_written_over_and_never_a_shipped_model(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ("--data", made / "mine", "--model", made / "mean.onnx", "--output")
    old = tmp_path / "old.onnx"
    old.write_bytes(b"old")
    assert run("adapt", *given, old) == 2
    assert old.read_bytes() == b"old" and "--replace" in capsys.readouterr().err
    assert run("adapt", *given, registry.FOLDER / "transfer.onnx", "--replace") == 2
    assert "shipped" in capsys.readouterr().err
    assert run("adapt", *given, tmp_path / "missing" / "x.onnx") == 2
    assert "missing" in capsys.readouterr().err


def test_too_few_pictures_are_refused_with_their_number(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = run("adapt", "--data", made / "mine", "--model", made / "mean.onnx", "--limit", 5,
                 "--output", tmp_path / "x.onnx")  # fmt: skip
    said = capsys.readouterr().err
    assert status == 2 and said.count("\n") == 1
    assert "5 annotated faces" in said and "at least 8" in said


def test_pictures_that_cannot_be_used_are_named_and_the_rest_goes_on(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(made / "mine", folder)
    (folder / "face000.png").write_bytes(b"no picture")
    points = read_pts(folder / "face001.pts", 0.0)
    write_points(folder / "face001.pts", points[::-1])
    given = ("--model", made / "mean.onnx", "--dry-run", "--json")
    assert run("adapt", "--data", folder, *given) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["faces"] == 9 and told["proven"] and not told["written"]
    assert {"face000" in line or "face001" in line for line in told["left_out"]} == {True}
    assert len(told["left_out"]) == 2


def test_exchanged_sides_are_told_from_points_that_are_elsewhere(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from inference.face import mirror_pairs

    for name, order, words in (
        ("sides", mirror_pairs(68), "left and right are exchanged"),
        ("order", np.arange(68)[::-1], "in the order of iBUG-68"),
    ):
        folder = tmp_path / name
        shutil.copytree(made / "mine", folder)
        for path in folder.glob("*.pts"):
            write_points(path, read_pts(path, 0.0)[order])
        assert run("adapt", "--data", folder, "--model", made / "mean.onnx", "--dry-run") == 2
        assert words in capsys.readouterr().err


def test_pictures_that_are_all_the_same_teach_nothing(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for k in range(9):
        for suffix in (".png", ".pts"):
            shutil.copy(made / "mine" / f"face002{suffix}", tmp_path / f"same{k}{suffix}")
    assert run("adapt", "--data", tmp_path, "--model", made / "mean.onnx", "--dry-run") == 2
    assert "all pictures show the same" in capsys.readouterr().err
