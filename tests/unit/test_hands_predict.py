"""Hands on the wheel through ONNX files: predictors, ``predict``, ``evaluate``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app.cli import main
from inference import registry
from inference.card import Card, encode_card, read_card
from inference.hands import HandsPredictor, HandsReader, Region, RegionPredictor, SteadyRegion
from inference.pipeline import load_hands
from inference.results import Box
from inference.sessions import ModelError
from tests.unit.drawn_drivers import write_drivers
from tests.unit.onnx_files import Constant, helper, write

RNG = np.random.default_rng(2)


def halves(path: Path) -> Path:
    """A network of hands that tells how bright the halves of the crop are."""
    ends = {"zero": 0, "middle": 16, "end": 32, "axis": 3}
    constants = {name: np.array([value], np.int64) for name, value in ends.items()}
    nodes = []
    for name, first, last in (("l", "zero", "middle"), ("r", "middle", "end")):
        nodes += [
            helper.make_node("Slice", ["pictures", first, last, "axis"], [f"{name} half"]),
            helper.make_node("ReduceMean", [f"{name} half"], [f"{name} mean"], axes=[1, 2, 3]),
            helper.make_node("Flatten", [f"{name} mean"], [name], axis=1),
        ]
    nodes.append(helper.make_node("Concat", ["l", "r"], ["hands"], axis=1))
    shapes = {"pictures": ["N", 3, 32, 32]}, {"hands": ["N", 2]}
    write(path, *shapes, nodes, constants)
    card = Card(name=path.stem, kind="hands", input_size=32, crop_scale=1.0)
    path.with_suffix(".json").write_bytes(encode_card(card))
    return path


def region(path: Path, sure: float = 0.9) -> Path:
    """A network that always proposes the middle quarter."""
    outputs = {"wheel": np.array([-0.25, -0.25, 0.5, 0.5]), "sure": np.array(sure)}
    Constant(outputs).write(path, 32)
    card = Card(name=path.stem, kind="wheel-region", input_size=32, crop_scale=1.0)
    path.with_suffix(".json").write_bytes(encode_card(card))
    return path


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setattr(registry, "FOLDER", folder)
    return folder


def test_left_and_right_are_told_apart_and_change_places_in_a_mirror(tmp_path: Path) -> None:
    predictor = HandsPredictor(*registry.find(halves(tmp_path / "h.onnx")).open())
    picture = np.zeros((100, 120, 3), np.uint8)
    picture[:, :60] = 204
    picture[:, 60:] = 51
    box = Box(10.0, 0.0, 99.0, 99.0)
    plain = predictor.predict(picture, box)
    assert plain.left == pytest.approx(0.8, abs=0.02) and plain.right == pytest.approx(
        0.2, abs=0.02
    )
    both = predictor.predict(picture, box, mirror=True)
    assert both.left == pytest.approx(plain.left, abs=1e-6)
    other = predictor.predict(np.ascontiguousarray(picture[:, ::-1]), box)
    assert other.left == pytest.approx(plain.right, abs=1e-6)


def test_a_region_without_extent_is_refused(tmp_path: Path) -> None:
    predictor = HandsPredictor(*registry.find(halves(tmp_path / "h.onnx")).open())
    with pytest.raises(ValueError):
        predictor.predict(np.zeros((9, 9, 3), np.uint8), Box(0, 0, 0, 0))


@pytest.mark.parametrize("shape", [(80, 120), (120, 80), (64, 64)])
def test_a_proposed_region_lies_in_the_picture(tmp_path: Path, shape: tuple[int, int]) -> None:
    predictor = RegionPredictor(*registry.find(region(tmp_path / "r.onnx")).open())
    found = predictor.predict(np.zeros((*shape, 3), np.uint8))
    assert found is not None and found.sure == pytest.approx(0.9)
    side, (height, width) = max(shape), shape
    wanted = (width / 2 - side / 4 - 0.5, height / 2 - side / 4 - 0.5)
    assert (found.box.x, found.box.y) == pytest.approx(wanted, abs=1e-3)
    assert found.box.x + found.box.width <= width and found.box.y + found.box.height <= height


def test_models_of_another_kind_are_refused(tmp_path: Path) -> None:
    hands, wheel = halves(tmp_path / "h.onnx"), region(tmp_path / "r.onnx")
    with pytest.raises(ModelError, match="hands"):
        HandsPredictor(*registry.find(wheel).open())
    with pytest.raises(ModelError, match="wheel"):
        RegionPredictor(*registry.find(hands).open())


def test_files_without_cards_are_known_by_their_outputs(tmp_path: Path) -> None:
    for path, kind in (
        (halves(tmp_path / "h.onnx"), "hands"),
        (region(tmp_path / "r.onnx"), "wheel-region"),
    ):
        path.with_suffix(".json").unlink()
        assert registry.find(path).open()[1].kind == kind


def test_the_region_of_a_video_is_steady() -> None:
    steady = SteadyRegion()
    for _ in range(20):
        found = steady.add(Region(Box(100.0 + RNG.normal(0, 3), 50.0, 80.0, 80.0), 0.9))
    assert found is not None and abs(found.box.x - 100.0) < 3.0
    kept = steady.add(None)
    assert kept is not None and kept.box == found.box
    for _ in range(20):
        kept = steady.add(Region(Box(0.0, 0.0, 5.0, 5.0), 0.1))
    assert kept is None


def test_nothing_is_told_where_no_wheel_is(tmp_path: Path) -> None:
    hands = HandsPredictor(*registry.find(halves(tmp_path / "h.onnx")).open())
    wheel = RegionPredictor(*registry.find(region(tmp_path / "r.onnx", 0.2)).open())
    picture = np.full((64, 64, 3), 128, np.uint8)
    assert HandsReader(hands, wheel).read(picture) is None
    given = HandsReader(hands, wheel, Box(0, 0, 60, 60)).read(picture)
    assert given is not None and given.left == pytest.approx(0.5, abs=0.02)


def test_what_is_shipped_decides_whether_hands_are_looked_at(shelf: Path) -> None:
    assert load_hands() is None
    with pytest.raises(ModelError, match="--hands"):
        load_hands(region=Box(0, 0, 9, 9))
    halves(shelf / "hands.onnx")
    assert load_hands() is None
    assert load_hands(region=Box(0, 0, 9, 9)) is not None
    with pytest.raises(ModelError, match="--wheel"):
        load_hands("hands")
    region(shelf / "wheel-region.onnx")
    assert load_hands() is not None and load_hands("none") is None
    with pytest.raises(ModelError, match="not hands"):
        load_hands("wheel-region")


@pytest.fixture(scope="module")
def drivers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("drivers") / "set"
    write_drivers(root, people=5, sequences=5, each=3)
    return root


def run(*words: object) -> int:
    return main([str(word) for word in words], lambda _: 0)


def test_evaluate_tells_a_confusion_table_by_behaviour(
    drivers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = halves(tmp_path / "h.onnx")
    out = tmp_path / "out"
    words = ("evaluate", "--model", model, "--data", drivers, "--everyone", "--output", out)
    assert run(*words, "--card") == 0
    text = capsys.readouterr().out
    assert "behaviour" in text and "two-hands" in text and "on: off" in text
    report = json.loads((out / "report.json").read_text())
    assert report["pictures"] == 15 and report["everyone"] is True
    one = report["hands"]["left"]
    told = ("on_told_on", "on_told_off", "off_told_on", "off_told_off")
    assert sum(one[name] for name in told) == one["count"] == 15
    assert sum(g["count"] for g in report["by"]["behaviour"].values()) == 30
    assert read_card(model.with_suffix(".json")).figures["synthetic"]["pictures"] == 15.0


def test_people_held_out_are_measured_unless_told_otherwise(
    drivers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = halves(tmp_path / "h.onnx")
    assert run("evaluate", "--model", model, "--data", drivers, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["pictures"] == 3 and len(report["by"]["person"]) == 1


def test_a_region_that_is_proposed_can_be_measured(
    drivers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, wheel = halves(tmp_path / "h.onnx"), region(tmp_path / "r.onnx")
    assert run("evaluate", "--model", model, "--data", drivers, "--detector", wheel, "--json") == 0
    assert json.loads(capsys.readouterr().out)["region"].startswith("proposed")
    assert run("evaluate", "--model", wheel, "--data", drivers, "--everyone", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["pictures"] == 15 and 0.3 < found["overlap"] <= 1.0


def test_what_cannot_be_measured_is_bad_input(
    drivers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = halves(tmp_path / "h.onnx")
    assert run("evaluate", "--model", model, "--data", tmp_path) == 2
    assert run("evaluate", "--model", model, "--data", drivers, "--only", "x") == 2
    few = tmp_path / "few"
    write_drivers(few, people=1, sequences=1, each=1)
    assert run("evaluate", "--model", model, "--data", few) == 2
    assert "--everyone" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("word", ["1,2,3", "a,b,c,d", "0,0,0,5", "1,2,3,inf"])
def test_a_wheel_that_is_no_box_is_refused(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        run("predict", "--input", "x.png", "--output", "-", "--wheel", word)
    assert left.value.code == 2 and "--wheel" in capsys.readouterr().err
