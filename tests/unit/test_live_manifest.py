"""A manifest makes a foreign network one of ours, or says in one line why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.paths import ROOT
from inference.card import Card
from inference.face import Effort, FacePredictor
from inference.live.manifest import (
    Manifest,
    ManifestError,
    parse_manifest,
    read_manifest,
)
from inference.live.manifest_predictor import ManifestPredictor
from inference.results import Box
from inference.sessions import ModelError, open_session
from tests.unit.onnx_files import Constant, helper, seeing_face, write

DOCUMENTED = sorted((ROOT / "docs" / "manifests").glob("*.yaml"))

PLAIN = """\
format: headroom-manifest
version: 1
name: net
input: {size: 64}
landmarks: {output: points, count: 68, form: xy, topology: ibug-68}
"""

PICTURE = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)
BOX = Box(40.0, 30.0, 50.0, 60.0)


def manifest(**changes: Any) -> Manifest:
    read = msgspec.to_builtins(parse_manifest(PLAIN.encode()))
    for key, value in changes.items():
        read[key] = {**read[key], **value} if isinstance(read.get(key), dict) else value
    return msgspec.convert(read, Manifest)


def predictor(path: Path, told: Manifest, **outputs: Any) -> ManifestPredictor:
    """A network that says the same of every picture."""
    file = Constant(outputs).write(path / "net.onnx", told.input.size)
    return ManifestPredictor(open_session(file, trusted=True), told)


@pytest.mark.parametrize("path", DOCUMENTED, ids=lambda p: p.name)
def test_documented_manifests_are_read(path: Path) -> None:
    told = read_manifest(path)
    assert told.landmarks.to_68 is not None
    assert len(told.landmarks.to_68) == 68


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "format: headroom-manifest"),
        ("a: [", "line 1"),
        (PLAIN + "foo: 1\n", "foo"),
        (PLAIN + "name: again\n", "line 6: name stands there twice"),
        (PLAIN.replace("net", "*x"), "line 3"),
        ("a: &x [1]\nb: *x\n", "aliases"),
        (PLAIN.replace("64", "64.5"), "input.size"),
        (PLAIN.replace("64", "'64'"), "input.size"),
        (PLAIN.replace("64", "100000"), "input.size"),
        (PLAIN.replace("64", "64, divide: 0"), "input.divide"),
        (PLAIN.replace("64", "64, divide: .nan"), "input.divide"),
        (PLAIN.replace("64", "64, mean: [1, 2]"), "input.mean has 2"),
        (PLAIN.replace("64", "64, colour: grey, mean: [1, 2, 3]"), "input.mean has 3"),
        (PLAIN.replace("count: 68", "count: 67"), "ibug-68 has 68"),
        (PLAIN.replace("ibug-68", "other"), "to_68 is missing"),
        (PLAIN.replace("ibug-68", "other, to_68: [1, 2]"), "2 entries"),
        (PLAIN.replace("ibug-68", f"other, to_68: {[68] * 68}"), "names the point 68"),
        (PLAIN + "pose: {output: p, form: angles, order: [yaw, yaw, roll]}\n", "once each"),
        (PLAIN.replace("version: 1", "version: 2"), "version 2"),
        ("!!python/object/apply:os.system [ls]", "line 1"),
        ("[" * 5000, "in brackets"),
        ("a" * 70_000, "larger than"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(text: str, said: str) -> None:
    with pytest.raises(ManifestError) as problem:
        parse_manifest(text.encode())
    assert said in str(problem.value)
    assert "\n" not in str(problem.value)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_text_does_more_than_be_refused(data: st.DataObject) -> None:
    text = PLAIN.encode()
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 12))
    more = data.draw(
        st.binary(max_size=8) | st.sampled_from([b"&a ", b"*a", b"!!", b"? ", b"<<: "])
    )
    try:
        parse_manifest(text[:at] + more + text[at + cut :])
    except ManifestError as problem:
        assert "\n" not in str(problem)


@pytest.mark.parametrize(
    ("unit", "convert"),
    [
        ("pixels", lambda u: (u + 0.5) * 64),
        ("pixel-centres", lambda u: (u + 0.5) * 64 - 0.5),
        ("crop", lambda u: u + 0.5),
        ("centred", lambda u: u),
        ("signed", lambda u: 2 * u),
    ],
)
def test_every_unit_places_the_same_points(tmp_path: Path, unit: str, convert: Any) -> None:
    units = np.random.default_rng(1).uniform(-0.5, 0.5, (68, 2))
    told = manifest(landmarks={"unit": unit})
    network = predictor(tmp_path, told, points=convert(units).ravel())
    (face,) = network.predict(PICTURE, [BOX])
    side = 1.4 * 60.0
    assert face.landmarks_68[:, :2] == pytest.approx(units * side + [65.0, 60.0], abs=1e-3)
    assert not face.landmarks_68[:, 2].any()
    assert face.landmarks_520 is face.rotation is face.sigma_68 is None
    assert face.score == 1.0


@pytest.mark.parametrize("depth", ["away", "towards"])
def test_depth_has_the_sign_of_ours(tmp_path: Path, depth: str) -> None:
    units = np.random.default_rng(1).uniform(0, 1, (68, 3))
    told = manifest(landmarks={"form": "xyz", "depth": depth})
    (look,) = (
        network := predictor(tmp_path, told, points=units)
    ).look(PICTURE, [network.around(BOX)])  # fmt: skip
    sign = 1.0 if depth == "away" else -1.0
    assert look.points[:, 2] == pytest.approx(sign * units[:, 2] * 84.0, abs=1e-3)


def telling_colours(path: Path, layout: str, batch: int | str) -> Path:
    """A network whose 68 points all lie at (mean of channel 0, mean of channel 1)."""
    nhwc = layout == "NHWC"
    shape = [batch, 32, 32, 3] if nhwc else [batch, 3, 32, 32]
    choose = np.zeros((3, 136), np.float32)
    choose[0, ::2] = choose[1, 1::2] = 1.0
    return write(
        path / f"{layout}.onnx",
        {"given": shape},
        {"points": [batch, 136]},
        [
            helper.make_node(
                "ReduceMean", ["given"], ["means"], axes=[1, 2] if nhwc else [2, 3], keepdims=0
            ),
            helper.make_node("MatMul", ["means", "choose"], ["points"]),
        ],
        {"choose": choose},
    )


@pytest.mark.parametrize("batch", ["N", 1, 4])
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("colour", ["RGB", "BGR"])
def test_pictures_are_given_as_the_manifest_says(
    tmp_path: Path, layout: str, colour: str, batch: int | str
) -> None:
    taken = {"size": 32, "layout": layout, "colour": colour, "divide": 100.0}
    taken |= {"mean": [0.1, 0.2, 0.3], "deviation": [2.0, 4.0, 8.0]}
    told = manifest(input=taken, landmarks={"unit": "centred"})
    session = open_session(telling_colours(tmp_path, layout, batch), trusted=True)
    network = ManifestPredictor(session, told)
    pictures = np.zeros((100, 100, 3), np.uint8)
    pictures[:, :50], pictures[:, 50:] = (200, 100, 50), (20, 40, 60)
    boxes = [Box(20, 40, 10, 10), Box(70, 40, 10, 10)] * 3
    faces = network.predict(pictures, boxes)
    for face, box in zip(faces, boxes, strict=True):
        seen = (200, 100, 50) if box.x < 50 else (20, 40, 60)
        first, second = seen[:2] if colour == "RGB" else seen[:0:-1]
        units = np.array([(first / 100 - 0.1) / 2.0, (second / 100 - 0.2) / 4.0])
        middle = np.array([box.x + 5, box.y + 5])
        assert face.landmarks_68[:, :2] == pytest.approx(
            np.broadcast_to(middle + 14.0 * units, (68, 2)), abs=1e-2
        )


def test_points_of_heat_maps_lie_between_their_cells(tmp_path: Path) -> None:
    maps = np.zeros((68, 16, 16), np.float32)
    maps[:, 4, 10], maps[:, 4, 11] = 1.0, 0.5
    maps[0] = 0.0
    maps[0, 15, 0] = 1.0
    told = manifest(landmarks={"form": "heatmaps"})
    (face,) = predictor(tmp_path, told, points=maps).predict(PICTURE, [BOX])
    x, y = (10 + 1 / 3 + 0.5) / 16 - 0.5, 4.5 / 16 - 0.5
    assert face.landmarks_68[5, :2] == pytest.approx([65 + 84 * x, 60 + 84 * y], abs=1e-3)
    corner = [65 + 84 * (0.5 / 16 - 0.5), 60 + 84 * (15.5 / 16 - 0.5)]
    assert face.landmarks_68[0, :2] == pytest.approx(corner, abs=1e-3)


def test_presence_deviation_and_pose_are_read(tmp_path: Path) -> None:
    told = manifest(
        presence={"output": "flag", "index": 1, "activation": "sigmoid"},
        sigma={"output": "spread", "unit": "pixels", "form": "log-variance"},
        pose={"output": 3, "form": "angles", "order": ["pitch", "yaw", "roll"], "unit": "radians"}
        | {"signs": [-1, 1, 1]},
    )
    network = predictor(
        tmp_path,
        told,
        points=np.zeros(136),
        flag=np.array([9.0, 0.0]),
        spread=np.full(68, np.log(4.0)),
        turn=np.radians([-10.0, 20.0, 5.0]),
    )
    (face,) = network.predict(PICTURE, [BOX])
    assert face.presence == face.score == pytest.approx(0.5)
    assert face.sigma_68 == pytest.approx(np.full(68, 2.0 / 64 * 84), rel=1e-4)
    assert face.head_pose is not None
    angles = face.head_pose.yaw, face.head_pose.pitch, face.head_pose.roll
    assert angles == pytest.approx((20.0, 10.0, 5.0), abs=1e-3)
    (again,) = network.predict(PICTURE, [BOX], scores=[0.7])
    assert again.score == 0.7


def test_a_matrix_in_axes_of_a_scene_is_the_same_head(tmp_path: Path) -> None:
    told = manifest(pose={"output": "turn", "form": "matrix", "axes": "scene"})
    s, c = np.sin(0.4), np.cos(0.4)
    turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    (face,) = predictor(tmp_path, told, points=np.zeros(136), turn=turn).predict(PICTURE, [BOX])
    flip = np.diag([1.0, -1.0, -1.0])
    assert face.rotation == pytest.approx(flip @ turn @ flip, abs=1e-5)


def test_points_of_others_become_the_68(tmp_path: Path) -> None:
    own = np.random.default_rng(2).random((100, 2))
    to_68: list[Any] = list(range(68))
    to_68[3] = [70, 70, 71]
    told = manifest(landmarks={"count": 100, "topology": "other", "to_68": to_68})
    (face,) = predictor(tmp_path, told, points=own).predict(PICTURE, [BOX])
    expected = own[:68].copy()
    expected[3] = (2 * own[70] + own[71]) / 3
    placed = (expected - 0.5) * 84 + [65.0, 60.0]
    assert face.landmarks_68[:, :2] == pytest.approx(placed, abs=1e-3)


def test_the_next_crop_follows_the_face(tmp_path: Path) -> None:
    told = manifest(crop={"scale": 2.0, "shift": [0.0, -0.1], "upright": True})
    angle = np.radians(30.0)
    outline = np.random.default_rng(3).uniform(-0.1, 0.1, (68, 2))
    outline[[0, 1, 2, 3]] = [[-0.15, -0.15], [0.15, -0.15], [0.15, 0.15], [-0.15, 0.15]]
    outline[36], outline[45] = (-0.1, 0.0), (0.1, 0.0)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    network = predictor(tmp_path, told, points=(outline @ turn) + 0.5)
    first = network.around(BOX)
    assert first.centre == pytest.approx((65.0, 60.0 - 6.0))
    (look,) = network.look(PICTURE, [first])
    crop = network.closer(look)
    assert crop.angle == pytest.approx(30.0, abs=1e-3)
    assert crop.side == pytest.approx(2.0 * 0.3 * 120.0, rel=1e-3)
    up = 0.1 * 0.3 * 120.0
    middle = 65.0 + up * np.sin(angle), 54.0 - up * np.cos(angle)
    assert crop.centre == pytest.approx(middle, abs=1e-2)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"input": {"size": 32}}, "the manifest says"),
        ({"input": {"name": "other"}}, "the manifest fills other"),
        ({"input": {"layout": "NHWC"}}, "the manifest says"),
        ({"landmarks": {"output": "none"}}, "speaks of none"),
        ({"landmarks": {"output": 4}}, "speaks of 4"),
        ({"landmarks": {"form": "xyz"}}, "204 numbers"),
        ({"landmarks": {"form": "heatmaps"}}, "heat maps"),
        ({"presence": {"output": "points", "index": 136}}, "no number 136"),
        ({"sigma": {"output": "points"}}, "68 numbers"),
    ],
)
def test_a_manifest_of_another_network_is_refused(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    file = Constant({"points": np.zeros(136)}).write(tmp_path / "net.onnx", 64)
    session = open_session(file, trusted=True)
    with pytest.raises(ModelError, match=r"net\.onnx") as problem:
        ManifestPredictor(session, manifest(**changes))
    assert said in str(problem.value)


def test_pfld_as_it_is_exported(tmp_path: Path) -> None:
    """Its first output holds features, its second the points."""
    told = read_manifest(ROOT / "docs" / "manifests" / "pfld-98.yaml")
    own = np.random.default_rng(4).random((98, 2)).astype(np.float32)
    file = standing_in(tmp_path, [1, 3, 112, 112], {"output_1": (64, 28, 28)}, {"415": own.ravel()})
    network = ManifestPredictor(open_session(file, trusted=True), told)
    (face,) = network.predict(PICTURE, [BOX])
    placed = (own - 0.5) * 72.0 + [65.0, 60.0]
    assert face.landmarks_68[:17, :2] == pytest.approx(placed[:33:2], abs=1e-3)
    assert face.landmarks_68[18, :2] == pytest.approx((placed[34] + placed[41]) / 2, abs=1e-3)
    assert face.landmarks_68[48:, :2] == pytest.approx(placed[76:96], abs=1e-3)


def test_face_mesh_as_it_is_converted(tmp_path: Path) -> None:
    told = read_manifest(ROOT / "docs" / "manifests" / "face-mesh.yaml")
    own = np.random.default_rng(5).uniform(0, 192, (468, 3)).astype(np.float32)
    file = standing_in(
        tmp_path,
        [1, 192, 192, 3],
        {},
        {"points": own.reshape(1, 1, 1404), "flag": np.full((1, 1, 1), 2.0)},
    )
    network = ManifestPredictor(open_session(file, trusted=True), told)
    (look,) = network.look(PICTURE, [network.around(BOX)])
    chin = (own[152] / 192 - [0.5, 0.5, 0.0]) * 105.0 + [65.0, 60.0 - 5.4, 0.0]
    assert look.outlined[8] == pytest.approx(chin, abs=1e-2)
    assert look.presence == pytest.approx(1 / (1 + np.exp(-2.0)))


def standing_in(
    folder: Path, taken: list[int], empty: dict[str, tuple[int, ...]], said: dict[str, Any]
) -> Path:
    """A network with the inputs and outputs of another, that says always the same."""
    nodes = [
        helper.make_node("ReduceMean", ["input_1"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Mul", ["mean", "none"], ["nought"]),
    ]
    constants: dict[str, Any] = {"none": np.zeros(1, np.float32)}
    shapes: dict[str, Any] = {}
    values = {name: np.zeros(shape) for name, shape in empty.items()} | said
    for name, value in values.items():
        constants[f"{name} value"] = np.asarray(value, np.float32)[None]
        nodes.append(helper.make_node("Add", ["nought", f"{name} value"], [name]))
        shapes[name] = [1, *np.shape(value)]
    return write(folder / "other.onnx", {"input_1": taken}, shapes, nodes, constants)


def test_our_own_network_is_the_same_by_a_manifest(tmp_path: Path) -> None:
    turn = np.array([[0.8, -0.6, 0.0], [0.6, 0.8, 0.0], [0.0, 0.0, 1.0]])
    session = open_session(seeing_face(tmp_path / "own.onnx", 64, turn), trusted=True)
    told = manifest(
        landmarks={"output": "landmarks", "count": 588, "form": "xyz", "unit": "centred"}
        | {"topology": "other", "to_68": list(range(520, 588))},
        crop={"scale": 1.4, "upright": True},
        presence={"output": "presence"},
        sigma={"output": "sigma", "unit": "centred"},
        pose={"output": "rotation", "form": "matrix"},
    )
    ours = FacePredictor(session, Card(name="own", kind="face"))
    theirs = ManifestPredictor(session, told)
    boxes = [BOX, Box(90.0, 20.0, 30.0, 40.0)]
    for passes in (1, 2):
        pairs = zip(
            ours.predict(PICTURE, boxes, effort=Effort(passes)),
            theirs.predict(PICTURE, boxes, effort=Effort(passes)),
            strict=True,
        )
        for own, other in pairs:
            assert other.landmarks_68 == pytest.approx(own.landmarks_68, abs=1e-2)
            assert other.sigma_68 == pytest.approx(own.sigma_68, rel=1e-3)
            assert other.rotation == pytest.approx(own.rotation, abs=1e-5)
            assert other.presence == pytest.approx(own.presence)
            assert other.score == pytest.approx(own.score)
