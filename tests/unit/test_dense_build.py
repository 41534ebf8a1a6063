"""Dense topologies are made again by the command, byte for byte."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("anny", reason="the 'bake' extra (anny, torch) is not installed")

from app.cli import main
from app.cli.base_skin import face_skin, outer_skin
from app.topology import store
from app.topology.base_mesh import place, positions
from app.topology.dense import build
from app.topology.dense_surface import FaceSkin


@pytest.fixture(scope="module")
def skin() -> FaceSkin:
    return face_skin()


def test_the_command_makes_the_shipped_file_again(tmp_path: Path) -> None:
    made = tmp_path / "dense-520.json"
    assert main(["topology", "build", "dense-520", "--output", str(made)], lambda _: 0) == 0
    assert made.read_bytes() == (store.FOLDER / "dense-520.json").read_bytes()


def test_any_number_of_points_can_be_asked_for(skin: FaceSkin) -> None:
    made = build(skin, store.load("ibug-68"), 171)
    assert len(made) == 171
    store.check(made)
    points = positions(made, skin.base.vertices)
    mirror = np.array(made.mirror)
    assert np.abs(points[mirror] * [-1, 1, 1] - points).max() < 2e-6
    assert np.abs(points - [m.mean for m in made.landmarks]).max() < 2e-6
    kept = set(np.unique(skin.base.triangles))
    assert all(set(m.corners) <= kept for m in made.landmarks[68:])


def test_points_keep_off_hair_ears_and_insides(skin: FaceSkin) -> None:
    topology = store.load("dense-520")
    for mark in topology.landmarks[68:]:
        corners, weights = list(mark.corners), np.array(mark.weights)
        if mark.mean[2] > 0.015:  # lower down the border runs through the sideburn to the ear
            assert weights @ skin.hair[corners] < 0.0
        assert weights @ skin.ears[corners] < 0.5
    free = np.array([m.mean for m in topology.landmarks[68:]])
    for centre in (skin.base.vertices[14598:14670], skin.base.vertices[14670:14742]):
        away = np.linalg.norm(free - centre.mean(axis=0), axis=1)
        assert away.min() > 0.0155  # the radius of an eyeball, less its skin


@pytest.mark.parametrize(("count", "said"), [(70, "too few"), (9000, "too many")])
def test_numbers_that_cannot_be_done(skin: FaceSkin, count: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        build(skin, store.load("ibug-68"), count)


def test_landmarks_that_are_not_mirrored_are_refused(skin: FaceSkin) -> None:
    ibug = store.load("ibug-68")
    marks = list(ibug.landmarks)
    marks[4] = replace(marks[4], corners=marks[3].corners, weights=marks[3].weights)
    with pytest.raises(ValueError, match="mirror image"):
        build(skin, replace(ibug, landmarks=tuple(marks)), 520)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["build", "ibug-68"], "cannot be built"),
        (["build", "dense-520", "--count", "300"], "does not fit"),
        (
            ["build", "dense-520", "--output", "/nowhere/at/all.json"],
            "the folder /nowhere/at is missing",
        ),
        (["show", "dense-521"], "there is no topology 'dense-521'"),
        (["show", "ibug-68", "--output", "picture.jpg"], "must end in .png"),
        (["place", "builtin:nobody", "--output", "place.json"], "no shipped head 'nobody'"),
        (["place", "builtin:ada", "--output", "place.txt"], "must end in .json"),
        (["check", "/nowhere/at/all.json"], "there is no such file"),
    ],
)
def test_wrong_arguments_get_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["topology", *arguments], lambda _: 0) == 2
    line = capsys.readouterr().err
    assert said in line
    assert line.count("\n") == 1


def test_a_point_is_placed_on_the_side_that_its_normal_asks_for() -> None:
    base = outer_skin()
    between = np.array([0.0, -0.0345, -0.0676])  # where the lips meet
    points = []
    for normal in ([0.0, 0.0, 1.0], [0.0, 0.0, -1.0]):
        corners, weights = place(base, between, np.array(normal))
        assert sum(weights) == pytest.approx(1.0, abs=1e-9)
        points.append(np.array(weights) @ base.vertices[list(corners)])
    assert points[0][2] < points[1][2]  # the lower lip faces up
    with pytest.raises(ValueError, match="no skin lies within 20 mm"):
        place(base, np.zeros(3))
