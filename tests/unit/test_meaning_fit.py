"""The fit of a linear face to drawn points, and the files that they are read from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.geometry.pinhole import BLENDER_TO_OPENCV
from app.geometry.rotations import Angles, matrix_from_blender_xyz
from app.topology import compare, store
from app.topology.contour import outline_lines
from app.topology.default_head import default_head
from app.topology.faces import AnnotatedFace, FaceError, read_faces, read_points
from app.topology.fit import DISTANCE, FaceModel, Fitter
from app.topology.landmarks import SKIN_MESH, base_vertices_of, shared_placement
from app.topology.registration_surface import at_zero_pose

IBUG = store.load("ibug-68")


def fitter() -> tuple[Fitter, FaceModel]:
    """The default head with two ways to differ: broader, and longer below the eyes."""
    head = default_head()
    base = base_vertices_of(head)
    assert base is not None
    index = next(i for i, m in enumerate(head.meshes) if m.name == SKIN_MESH)
    whole = shared_placement(head.meshes, base, IBUG)
    placement = replace(whole, meshes=np.zeros(68, np.int32))
    mesh = head.meshes[index]
    mean = at_zero_pose(head, mesh.vertices.astype(np.float64))
    own = replace(mesh, vertices=mean.astype(np.float32))
    broad = mean * [0.05, 0.0, 0.0]
    long = np.minimum(mean, 0.0) * [0.0, 0.0, 0.05]
    model = FaceModel(mean, np.stack([broad, long]), np.zeros((0, *mean.shape)), ())
    return Fitter(model, placement, outline_lines([own], placement)), model


@pytest.mark.parametrize("angles", [(0.0, 0.0, 0.0), (25.0, -10.0, 8.0), (-20.0, 12.0, -15.0)])
def test_a_fit_finds_pose_and_shape_of_points_that_it_made(
    angles: tuple[float, float, float],
) -> None:
    fit_of, model = fitter()
    turn = BLENDER_TO_OPENCV @ np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]], float)
    rotation = turn @ matrix_from_blender_xyz(Angles(*angles))
    points = fit_of._on_outline(rotation, np.array([1.0, -0.8]))
    solid = points[0] + 1.0 * points[1] - 0.8 * points[2]
    camera = solid @ rotation.T
    drawn = 2000.0 * camera[:, :2] / (1.0 + camera[:, 2:] / DISTANCE) + [300.0, 200.0]
    fit = fit_of.fit(drawn)
    assert np.linalg.norm(fit.points - drawn, axis=1).mean() < 2.5  # of 180 between the eyes
    apart = np.degrees(np.arccos((np.trace(fit.rotation @ rotation.T) - 1) / 2))
    assert apart < 3.0
    found = compare.compare([AnnotatedFace("a", drawn, None)], [fit], IBUG.mirror, 60.0)
    assert found.errors.mean() < 1.5
    assert "all" in compare.as_text(found, [m.name for m in IBUG.landmarks])
    assert model.mean.shape[1] == 3


def test_files_that_are_not_faces_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(FaceError, match=r"no \.pts"):
        read_faces(tmp_path)
    bad = tmp_path / "a.pts"
    bad.write_text("version: 1\nn_points: 2\n{\n1 2\n3 4\n}\n")
    with pytest.raises(FaceError, match="2 points instead of 68"):
        read_points(bad)
    bad.write_text("{ x y }")
    with pytest.raises(FaceError, match="numbers"):
        read_points(bad)
    rows = "\n".join(f"{x} {x * 2}" for x in range(68))
    (tmp_path / "b.pts").write_text(f"version: 1\nn_points: 68\n{{\n{rows}\n}}\n")
    faces, problems = read_faces(tmp_path, first=1.0)
    assert [f.name for f in faces] == ["b"]
    assert len(problems) == 1
    assert faces[0].points[0].tolist() == [-1.0, -1.0]
