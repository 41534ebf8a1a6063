"""A model's error by two definitions: what must come out where all is known beforehand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.cli import main
from app.dataset.packed import encode, write_shard
from app.evaluation.annotated import Annotated, Predicted, box_of
from app.evaluation.definitions import Definitions
from app.evaluation.readers.pts import write_pts
from app.topology import store
from app.topology.release import release_of
from tests.unit.drawn_faces import drawn_face
from tests.unit.small_curation import ARTIST, moved, opened

BASIS = store.load("dense-520")
MEANS = np.array([mark.mean for mark in BASIS.landmarks])
NOSE_TIP, EYE_CORNER, CHIN = 30, 36, 8
PIXELS = 1000.0
AFTER = moved(BASIS, {NOSE_TIP: 2.0})
MOVED = PIXELS * (np.array(AFTER.landmarks[NOSE_TIP].mean) - MEANS[NOSE_TIP])[[0, 2]] * [1, -1]


def seen(points: np.ndarray) -> np.ndarray:
    """From the front, in pixels."""
    return points[:, [0, 2]] * [PIXELS, -PIXELS] + 200.0


def rendered(shift: float = 0.0) -> Annotated:
    dense = seen(MEANS) + [shift, 0.0]
    return Annotated(
        "a render",
        lambda: np.zeros((400, 400, 3), np.uint8),
        dense[:68],
        box_of(dense[:68]),
        dense=dense,
    )


def photographed(points: np.ndarray) -> Annotated:
    picture = np.zeros((400, 400, 3), np.uint8)
    return Annotated("a photograph", lambda: picture, points, box_of(points))


def size() -> float:
    _, _, width, height = box_of(seen(MEANS)[:68])
    return float(np.sqrt(width * height))


def gathered(after: object = AFTER) -> Definitions:
    return Definitions(BASIS, after, BASIS)  # type: ignore[arg-type]


def test_on_renders_what_is_found_stays_and_the_truth_moves() -> None:
    found = gathered()
    for shift in (-4.0, 0.0, 9.0):
        face = rendered(shift)
        assert face.dense is not None
        assert found.add(face, Predicted(dense=face.dense + [0.0, 3.0]))
    effect = found.effect()
    assert (effect.kind, effect.faces, effect.landmarks) == ("renders", 3, 520)
    (nose,) = effect.points
    assert nose.name == "nose tip" and nose.moved is not None
    standing, carried = nose.errors.standing, nose.errors.carried
    assert standing is not None and standing.new is not None
    off = float(np.linalg.norm(np.array([0.0, 3.0]) - MOVED)) / size()
    assert standing.old == pytest.approx(3.0 / size())
    assert standing.new == pytest.approx(off, rel=0.05)
    assert carried.new == pytest.approx(3.0 / size()) and carried.difference == pytest.approx(0)
    assert effect.whole.standing is not None and effect.whole.standing.difference is not None
    assert effect.whole.standing.difference == pytest.approx(standing.difference / 520, abs=1e-9)


def test_on_photographs_the_truth_stays_and_what_is_found_moves() -> None:
    drawn = seen(MEANS)[:68]
    drawn[NOSE_TIP] += MOVED
    found = gathered(moved(BASIS, {NOSE_TIP: 2.0, CHIN: 2.0, 200: 2.0}))
    assert found.add(photographed(drawn), Predicted(dense=seen(MEANS)))
    effect = found.effect()
    assert (effect.kind, effect.landmarks) == ("photographs", 51)
    (nose,) = effect.points
    assert nose.errors.standing is None
    assert nose.errors.carried.old == pytest.approx(np.linalg.norm(MOVED) / size())
    assert nose.errors.carried.new == pytest.approx(0.0, abs=2e-3)
    assert len(effect.untold) == 2 and "chin" in effect.untold


def test_points_that_came_and_went_are_told_apart() -> None:
    marks = list(BASIS.landmarks)
    fresh = replace(moved(BASIS, {NOSE_TIP: 2.0}).landmarks[NOSE_TIP], name="fresh")
    after = replace(
        BASIS,
        landmarks=(*marks[:-1], fresh),
        ids=(*(f"dense-520:{k}" for k in range(519)), "dense-520:900"),
        parts=(),
        edges=(),
        mirror=tuple(range(520)),
        rounds=(),
    )
    found = gathered(after)
    face = rendered()
    found.add(face, Predicted(dense=face.dense))
    by_id = {point.id: point for point in found.effect().points}
    assert set(by_id) == {"dense-520:519", "dense-520:900"}
    assert by_id["dense-520:519"].errors.carried.new is None
    assert by_id["dense-520:900"].errors.carried.old is None
    assert by_id["dense-520:900"].errors.carried.new == pytest.approx(0.0, abs=1e-9)


def test_renders_and_photographs_are_not_mixed_and_nothing_moved_is_refused() -> None:
    found = gathered()
    face = rendered()
    found.add(face, Predicted(dense=face.dense))
    with pytest.raises(ValueError, match="measured apart"):
        found.add(photographed(seen(MEANS)[:68]), Predicted(dense=seen(MEANS)))
    with pytest.raises(ValueError, match="no effect"):
        gathered(BASIS)
    with pytest.raises(ValueError, match="no face"):
        gathered().effect()


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("onnx", reason="the extra 'train' is not installed (no onnx)")
    from inference.card import Card, encode_card
    from tests.unit.onnx_files import Constant
    from tests.unit.test_evaluate_command import mean_face

    outputs = {
        "landmarks": mean_face(),
        "sigma": np.full(588, 0.02),
        "rotation": np.eye(3),
        "presence": np.array(0.9),
    }
    path = Constant(outputs).write(tmp_path_factory.mktemp("net") / "mean.onnx", 32)
    card = Card(name="mean", kind="face", topologies={"dense-520": 1, "ibug-68-outline": 1})
    path.with_suffix(".json").write_bytes(encode_card(card))
    return path


def effect(*arguments: object) -> int:
    return main(["topology", "effect", *map(str, arguments)], lambda _: 0)


@pytest.fixture
def after(tmp_path: Path) -> Path:
    path = tmp_path / "after.json"
    store.write(path, AFTER)
    return path


def test_the_command_measures_a_file_on_shards(
    network: Path,
    after: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.cli.topology_effect.shipped", lambda: ())
    samples = [encode(drawn_face(person, person)) for person in range(40)]
    write_shard(tmp_path / "a.arrow", samples, {"made": "for a test"})
    options = ("--store", tmp_path / "s", "--file", after, "--model", network)
    assert effect(*options, "--data", tmp_path / "a.arrow", "--json") == 0
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    assert told["effect"]["kind"] == "renders" and told["effect"]["faces"] > 0
    assert [point["name"] for point in told["effect"]["points"]] == ["nose tip"]
    version = release_of(BASIS).version
    assert f"made with dense-520 1, the other with dense-520 {version}" in shown.err


def test_the_command_measures_a_proposal_on_photographs(
    network: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from app.curate import proposals
    from app.curate.changes import difference
    from tests.unit.test_evaluate_command import mean_face

    monkeypatch.setattr("app.cli.topology_effect.shipped", lambda: ())
    points = mean_face()[520:, :2] * 100.0 + (80.0, 90.0)
    (tmp_path / "p.jpg").write_bytes(
        cv2.imencode(".jpg", np.full((200, 180, 3), 90, np.uint8))[1].tobytes()
    )
    (tmp_path / "p.pts").write_text(write_pts(points))
    with opened(tmp_path / "s.store") as curated:
        changes = difference(store.load("ibug-68"), moved(store.load("ibug-68"), {NOSE_TIP: 2.0}))
        number = proposals.create(curated, ARTIST, changes, "Nose").number
    options = ("--store", tmp_path / "s.store", "--model", network, "--data", tmp_path)
    assert effect(*options, "--proposal", number) == 0
    shown = capsys.readouterr().out
    assert "1 face, 51 landmarks" in shown and "nose tip (ibug-68:30)" in shown


def test_bad_input_is_one_line_and_status_2(
    network: Path, after: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ("--store", tmp_path / "s")
    empty = tmp_path / "empty"
    empty.mkdir()
    for given in (
        ("--file", after, "--model", network, "--data", empty),
        ("--file", after, "--model", network, "--data", tmp_path / "absent"),
        ("--file", after, "--model", tmp_path / "no.onnx", "--data", empty),
        ("--file", tmp_path / "no.json", "--model", network, "--data", empty),
        ("--proposal", 77, "--model", network, "--data", empty),
    ):
        assert effect(*base, *given) == 2
        told = capsys.readouterr().err.strip().splitlines()
        assert len(told) == 1 and told[0].startswith("main.py topology: ")
