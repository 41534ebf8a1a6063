"""Models are found by name or file, and their cards say what they are."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from inference import pipeline, registry
from inference.card import Card, CardError, encode_card, read_card
from inference.depth import DepthPredictor
from inference.detector import CascadeDetector, OnnxDetector
from inference.face import FacePredictor
from inference.head_pose import HeadPosePredictor
from inference.results import Box
from inference.sessions import ModelError
from inference.transfer import Transfer
from tests.unit.onnx_files import Constant, helper, seeing_face, write


def card(folder: Path, name: str, **facts: object) -> None:
    text = encode_card(Card(name=name, **facts))  # type: ignore[arg-type]
    (folder / f"{name}.json").write_bytes(text)


def moving_up(path: Path) -> Path:
    """A label transfer that gives every point as the first one."""
    return write(
        path,
        {"landmarks": ["N", 588, 3]},
        {"landmarks_68": ["N", 68, 3]},
        [
            helper.make_node("Slice", ["landmarks", "from", "to", "axis"], ["first"]),
            helper.make_node("Expand", ["first", "many"], ["landmarks_68"]),
        ],
        {
            "from": np.array([0], np.int64),
            "to": np.array([1], np.int64),
            "axis": np.array([1], np.int64),
            "many": np.array([1, 68, 1], np.int64),
        },
    )


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setattr(registry, "FOLDER", folder)
    return folder


def test_a_card_is_read_as_it_was_written(tmp_path: Path) -> None:
    given = Card(
        name="face",
        kind="face",
        input_size=128,
        topologies={"dense-520": 1, "ibug-68-outline": 1},
        figures={"synthetic": {"nme": 1.5}},
        groups={"skin tone": {"0.0 to 0.2": {"nme": 1.4}}},
        limits=["Not beyond 90° of yaw."],
    )
    path = tmp_path / "face.json"
    path.write_bytes(encode_card(given))
    assert read_card(path) == given
    assert list(read_card(path).topologies) == ["dense-520", "ibug-68-outline"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no model card"),
        ('{"name": "a"}', "kind"),
        ('{"name": "a", "kind": "magic"}', "magic"),
        ('{"name": "a", "kind": "face", "format_version": 9}', "reads headroom-model 1"),
        ('{"name": "a", "kind": "face", "crop_scale": 0}', "crop_scale"),
        ('{"name": "a", "kind": "face", "input_size": -1}', "input_size"),
    ],
)
def test_a_wrong_card_is_told_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CardError, match=said) as problem:
        read_card(path)
    assert str(path) in str(problem.value) and "\n" not in str(problem.value)


def test_shipped_models_are_found_by_name_and_kind(shelf: Path) -> None:
    seeing_face(shelf / "face.onnx", 64, np.eye(3))
    card(shelf, "face", kind="face")
    Constant({"angles": np.zeros(3)}).write(shelf / "pose.onnx", 64)
    card(shelf, "pose", kind="head-pose")
    assert [m.name for m in registry.shipped()] == ["face", "pose"]
    assert [m.name for m in registry.shipped("head-pose")] == ["pose"]
    assert registry.find("face").shipped
    with pytest.raises(ModelError, match="of kind head-pose, not face"):
        registry.find_kind("pose", "face")
    with pytest.raises(ModelError, match="there are: face, pose"):
        registry.find("hand")


def test_names_do_not_lead_out_of_the_folder(shelf: Path) -> None:
    seeing_face(shelf.parent / "outside.onnx", 64, np.eye(3))
    with pytest.raises(ModelError, match="there is no model"):
        registry.find("../outside")


def test_a_file_without_a_card_is_known_by_what_it_gives(shelf: Path, tmp_path: Path) -> None:
    path = Constant({"angles": np.zeros(3)}).write(tmp_path / "own.onnx", 64)
    model = registry.find(path)
    assert not model.shipped and model.card is None
    _, made = model.open()
    assert (made.name, made.kind, made.input_size) == ("own", "head-pose", 64)
    odd = Constant({"weather": np.zeros(3)}).write(tmp_path / "odd.onnx", 64)
    with pytest.raises(ModelError, match="gives weather"):
        registry.find(odd).open()
    with pytest.raises(ModelError, match="no such file"):
        registry.find(tmp_path / "none.onnx")


def test_a_damaged_card_is_an_error(shelf: Path) -> None:
    seeing_face(shelf / "face.onnx", 64, np.eye(3))
    (shelf / "face.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match="no model card"):
        registry.find("face")


def test_the_transfer_follows_its_network_and_can_be_left_out(shelf: Path) -> None:
    seeing_face(shelf / "face.onnx", 64, np.eye(3))
    card(shelf, "face", kind="face")
    moving_up(shelf / "transfer.onnx")
    card(shelf, "transfer", kind="transfer", follows="face")
    picture = np.zeros((80, 80, 3), np.uint8)
    picture[20:30, 20:30] = 255
    picture[50:60, 50:60] = 255
    box = Box(20, 20, 40, 40)
    spread = {
        name: np.ptp(pipeline.load_face(transfer=name).predict(picture, [box])[0].landmarks_68)
        for name in ("", "transfer", "none")
    }
    assert spread[""] == spread["transfer"] < spread["none"]
    with pytest.raises(ModelError, match="of kind face, not transfer"):
        pipeline.load_face(transfer="face")
    assert isinstance(pipeline.load_detector(), CascadeDetector)


def test_the_shipped_detector_comes_before_opencv(shelf: Path) -> None:
    found = {"boxes": [[1.0, 2.0, 30.0, 40.0]], "scores": [0.9]}
    Constant({k: np.array(v) for k, v in found.items()}).write(shelf / "detector.onnx", None)
    card(shelf, "detector", kind="detector")
    assert isinstance(pipeline.load_detector(), OnnxDetector)
    assert isinstance(pipeline.load_detector("opencv"), CascadeDetector)


@pytest.mark.parametrize("model", registry.shipped(), ids=lambda m: m.name)
def test_what_is_shipped_opens_and_is_what_its_card_says(model: registry.Model) -> None:
    assert model.card is not None, "a shipped model has a card"
    assert model.card.name == model.path.stem
    assert hashlib.sha256(model.path.read_bytes()).hexdigest() == model.card.sha256
    session, facts = model.open()
    assert session.opset == facts.opset
    openers = {
        "face": lambda: FacePredictor(session, facts),
        "landmarks": lambda: FacePredictor(session, facts),
        "transfer": lambda: Transfer(session),
        "detector": lambda: OnnxDetector(session),
        "depth": lambda: DepthPredictor(session, facts),
        "head-pose": lambda: HeadPosePredictor(session, facts),
    }
    openers[facts.kind]()
    assert facts.command and facts.commit and facts.figures and facts.limits
