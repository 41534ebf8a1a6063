"""``main.py evaluate`` on small networks that say the same of every face."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.cli import main
from app.evaluation.readers.pts import write_pts
from app.topology import store
from inference.answers import overlap
from inference.card import Card, encode_card, read_card
from inference.measuring import shaken
from inference.predictions import encode
from inference.results import Box, Face, FrameResult
from tests.unit.drawn_faces import drawn_shard
from tests.unit.onnx_files import Constant

RNG = np.random.default_rng(5)


def mean_face() -> np.ndarray:
    """The 588 points of the mean head as seen from the front, crop units."""
    names = ("dense-520", "ibug-68")
    x, y, z = np.array([m.mean for n in names for m in store.load(n).landmarks]).T
    points = np.stack([x, -z, y], axis=1)
    low, high = points[520:].min(0), points[520:].max(0)
    points[:, :2] -= (low + high)[:2] / 2.0
    return points / (1.4 * (high - low)[:2].max())


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    outputs = {
        "landmarks": mean_face(),
        "sigma": np.full(588, 0.02),
        "rotation": np.eye(3),
        "presence": np.array(0.9),
    }
    path = Constant(outputs).write(tmp_path_factory.mktemp("net") / "mean.onnx", 32)
    path.with_suffix(".json").write_bytes(encode_card(Card(name="mean", kind="face")))
    return path


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """Six pictures with the mean face in the middle, at other sizes each; the last a bit off."""
    folder = tmp_path / "faces"
    folder.mkdir()
    for k in range(6):
        points = mean_face()[520:, :2] * (60.0 + 20.0 * k) + (80.0, 90.0 + k)
        if k == 5:
            points[17:] += (3.0, 0.0)
        pixels = RNG.integers(0, 255, (200, 180, 3), dtype=np.uint8)
        (folder / f"v{k}.jpg").write_bytes(cv2.imencode(".jpg", pixels)[1].tobytes())
        (folder / f"v{k}.pts").write_text(write_pts(points))
    return folder


def run(*arguments: object) -> int:
    return main(["evaluate", *map(str, arguments)], lambda _: 0)


def test_the_mean_face_is_found_where_it_is(
    network: Path, faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report"
    assert run("--model", network, "--data", faces, "--output", report) == 0
    text = capsys.readouterr().out
    assert "mean on faces: 6 faces, 0 missed" in text
    content = json.loads((report / "report.json").read_text())
    errors = {f["source"]: f["error"] for f in content["faces"]}
    assert all(errors[f"v{k}.jpg"] < 1e-4 for k in range(5))
    assert errors["v5.jpg"] > 0.01
    assert content["boxes"] == "tight about the true points"
    assert (report / "report.txt").read_text() == text
    for name in ("ced.png", "worst.jpg"):
        assert cv2.imread(str(report / name)) is not None


def test_files_are_chosen_by_name_and_json_can_be_printed(
    network: Path, faces: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--model", network, "--data", faces, "--only", "v1-v3", "--json") == 0
    content = json.loads(capsys.readouterr().out)
    assert [f["source"] for f in content["faces"]] == ["v1.jpg", "v2.jpg", "v3.jpg"]


def test_given_boxes_are_used_and_pictures_without_one_are_told(
    network: Path, faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    boxes = tmp_path / "boxes.json"
    boxes.write_text(json.dumps({"v0.jpg": [0.0, 0.0, 40.0, 40.0]}))
    assert run("--model", network, "--data", faces, "--boxes", boxes, "--json") == 0
    content = json.loads(capsys.readouterr().out)
    assert [f["source"] for f in content["faces"]] == ["v0.jpg"]
    assert content["faces"][0]["error"] > 0.2
    assert len(content["problems"]) == 5
    boxes.write_text("[]")
    assert run("--model", network, "--data", faces, "--boxes", boxes) == 2


def test_predictions_written_before_are_measured(
    faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = []
    for k in range(5):
        points = (mean_face()[520:] * (60.0 + 20.0 * k) + (80.0, 90.0 + k, 0.0)).astype(np.float32)
        other = Face(Box(0.0, 0.0, 5.0, 5.0), 0.9, points * 0.05)
        lines.append(FrameResult(f"v{k}.jpg", 0, (other, Face(Box.of_points(points), 0.8, points))))
    file = tmp_path / "predictions.jsonl"
    file.write_bytes(b"".join(encode(line) for line in lines))
    assert run("--predictions", file, "--data", faces, "--json") == 0
    content = json.loads(capsys.readouterr().out)
    assert content["missed"] == 1
    errors = [f["error"] for f in content["faces"] if not f["missed"]]
    assert len(errors) == 5
    assert max(errors) < 1e-3


@pytest.mark.parametrize(
    "arguments",
    [
        ("--model", "no such model", "--data", "{faces}"),
        ("--model", "{net}", "--data", "{faces}/nowhere"),
        ("--model", "{net}", "--data", "{faces}", "--only", "w*"),
        ("--predictions", "{faces}/v0.jpg", "--data", "{faces}"),
        ("--predictions", "{faces}/none.jsonl", "--data", "{faces}"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    network: Path, faces: Path, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    places = {"faces": faces, "net": network}
    assert run(*(a.format(**places) for a in arguments)) == 2
    said = capsys.readouterr()
    assert not said.out
    assert said.err.startswith("main.py evaluate: ")
    assert said.err.count("\n") == 1


def test_data_that_say_nothing_of_what_is_answered_are_refused(
    faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Constant({"angles": np.zeros(3)}).write(tmp_path / "pose.onnx", 32)
    path.with_suffix(".json").write_bytes(encode_card(Card(name="pose", kind="head-pose")))
    assert run("--model", path, "--data", faces) == 2
    assert "tells nothing of what this model says" in capsys.readouterr().err


def test_a_shaken_box_is_the_same_for_the_same_name_and_within_its_share() -> None:
    box = (10.0, 20.0, 50.0, 70.0)
    assert shaken(box, 0.0, "a") == box
    assert shaken(box, 0.1, "a") == shaken(box, 0.1, "a") != shaken(box, 0.1, "b")
    for name in "abcdefgh":
        x, y, w, h = shaken(box, 0.1, name)
        assert abs(x + w / 2 - 35.0) <= 5.0
        assert abs(y + h / 2 - 55.0) <= 7.0
        assert 0.9 <= w / 50.0 == pytest.approx(h / 70.0)
        assert w / 50.0 <= 1.1


def test_overlap_is_intersection_over_union() -> None:
    assert overlap((0, 0, 2, 2), (1, 0, 2, 2)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 2, 2), (5, 5, 1, 1)) == 0.0
    assert overlap((0, 0, 2, 2), (0, 0, 2, 2)) == 1.0


def test_a_detector_is_measured_by_recall_beside_false_boxes(
    tmp_path: Path, faces: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    points = mean_face()[520:, :2] * 80.0 + (80.0, 91.0)
    low, high = points.min(0), points.max(0)
    net = Constant({"boxes": np.array([[*low, *(high - low)]]), "scores": np.array([0.8])}).write(
        tmp_path / "detector.onnx", None
    )
    report = tmp_path / "report"
    assert run("--model", net, "--data", faces, "--only", "v1,v5", "--output", report) == 0
    told = capsys.readouterr().out
    assert "recall 50.0%" in told
    assert "missed: v5.jpg" in told
    content = json.loads((report / "report.json").read_text())
    assert content["in_use"] == 0.5
    assert content["overlap"] == pytest.approx(1.0, abs=0.01)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run("--model", net, "--data", faces, "--empty", empty) == 2
    (empty / "a.png").write_bytes(
        cv2.imencode(".png", np.zeros((64, 96, 3), np.uint8))[1].tobytes()
    )
    capsys.readouterr()
    assert run("--model", net, "--data", faces, "--only", "v1", "--empty", empty, "--json") == 0
    content = json.loads(capsys.readouterr().out)
    assert content["empty"] == 1
    assert content["false_in_use"] == 1.0
    assert content["recalls"]["0.01"][1] == 0.0
    assert content["recalls"]["1"][1] == 1.0
    net.with_suffix(".json").write_bytes(encode_card(Card(name="mine", kind="detector")))
    given = ("--model", net, "--data", faces, "--only", "v1,v5", "--card")
    assert run(*given) == run(*given, "--empty", empty) == 0
    figures = read_card(net.with_suffix(".json")).figures["real"]
    assert figures["recall at the score in use, %"] == 50.0
    assert figures["false boxes in a picture at the score in use"] == 1.0
    assert run("--model", "opencv", "--data", faces, "--card") == 2


def test_figures_go_into_the_card_of_a_model(network: Path, faces: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.onnx"
    own.write_bytes(network.read_bytes())
    assert run("--model", own, "--data", faces, "--card") == 1
    figures = {"training hold-out": {"score": 1.0}}
    card = Card(name="own", kind="face", input_size=32, figures=figures)
    own.with_suffix(".json").write_bytes(encode_card(card))
    assert run("--model", own, "--data", faces, "--card") == 0
    written = read_card(own.with_suffix(".json"))
    assert written.figures["training hold-out"] == {"score": 1.0}
    assert written.figures["real"]["faces"] == 6.0
    assert 0.0 < written.figures["real"]["NME inter-ocular, all 68, %"] < 2.0
    shards = tmp_path / "shards"
    shards.mkdir()
    drawn_shard(shards, 40, 1)
    assert run("--model", own, "--data", shards, "--card") == 0
    written = read_card(own.with_suffix(".json"))
    assert set(written.figures) == {"training hold-out", "real", "synthetic"}
    assert set(written.groups) >= {"skin tone", "age", "gender"}


def test_a_damaged_sample_is_told_and_the_rest_is_measured(
    network: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = drawn_shard(tmp_path, 3, 1).paths[0]
    data = bytearray(path.read_bytes())
    start = data.index(b"\xff\xd8\xff")
    data[start : start + 3] = b"\0\0\0"
    path.write_bytes(data)
    assert run("--model", network, "--data", tmp_path, "--everyone") == 0
    assert "damaged" in capsys.readouterr().out
