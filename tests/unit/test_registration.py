"""Landmarks proposed for heads that do not share the body model's mesh."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.geometry.rotations import Array
from app.head.asset import HeadAsset, Material, Mesh, Source
from app.topology import placement_file, store
from app.topology.default_head import default_head
from app.topology.landmarks import base_vertices_of, shared_placement
from app.topology.placement import Placement
from app.topology.placement_file import PlacedLandmark, PlacementError
from app.topology.registration import propose

IBUG = store.load("ibug-68")
HASH = "a" * 64


def truth() -> Placement:
    base = base_vertices_of(default_head())
    assert base is not None
    return shared_placement(default_head().meshes, base, IBUG)


def bent(points: Array) -> Array:
    """Another person's proportions: a smooth change of up to a centimetre."""
    x, y, z = points.T
    return np.stack(
        [
            x * (1.06 + 0.5 * z),
            y * 1.04 + 0.004 * np.cos(z / 0.05),
            z * 1.08 - 0.05 * x**2 / 0.1,
        ],
        axis=1,
    )


def other_head() -> tuple[HeadAsset, Placement]:
    """The default head with other proportions, its mesh renamed and its triangles shuffled."""
    head, placement = default_head(), truth()
    index = int(placement.meshes[0])
    mesh = head.meshes[index]
    order = np.random.default_rng(5).permutation(len(mesh.vertices))
    place = np.argsort(order)
    about = mesh.vertices.astype(np.float64) - head.head_centre
    vertices = (bent(about)[order] + head.head_centre).astype(np.float32)
    own = replace(
        mesh,
        name="Wolf",
        vertices=vertices,
        triangles=place[mesh.triangles][::-1].astype(np.int32),
        bones=np.zeros((len(vertices), 1), np.int32),
        weights=np.ones((len(vertices), 1), np.float32),
        shapes=(),
    )
    asset = replace(
        head,
        name="wolf",
        meshes=(own,),
        materials=(Material("skin", "skin"),),
        source=Source("wolf.fbx", HASH, 7400, "", 1.0, 0.0),
    )
    zero = np.zeros(68, np.int32)
    return asset, Placement("ibug-68", 1, zero, place[placement.corners], placement.weights)


def box_head() -> HeadAsset:
    corner = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], float) - 0.5
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    triangles = np.array([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))], np.int32)
    many = np.concatenate([triangles + 8 * k for k in range(4)])
    count = len(many)
    vertices = np.concatenate([corner * s for s in (0.05, 0.06, 0.07, 0.3)])
    mesh = Mesh(
        "Box",
        (vertices + [0.0, 0.2, 0.0] + default_head().head_centre).astype(np.float32),
        many,
        np.zeros((count, 3, 2), np.float32),
        np.zeros((count, 3, 3), np.float32),
        np.zeros(count, np.int32),
        np.zeros((32, 1), np.int32),
        np.ones((32, 1), np.float32),
    )
    return replace(
        default_head(), name="box", meshes=(mesh,), materials=(Material("skin", "skin"),)
    )


def test_another_persons_head_is_found_to_a_few_millimetres(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asset, known = other_head()
    found, residual = propose(asset, IBUG, default_head())
    vertices = [m.vertices for m in asset.meshes]
    error = 1000 * np.linalg.norm(found.positions(vertices) - known.positions(vertices), axis=1)
    assert error[17:].mean() < 2.0
    assert error[:17].mean() < 5.0
    assert residual.median < 0.0005
    assert "mm" in str(residual)
    assert (found.weights >= -1e-9).all()

    monkeypatch.setenv("HEADROOM_CONFIG", str(tmp_path))
    placement_file.keep(asset, [IBUG], [found], residual.mean)
    saved = placement_file.read(HASH)
    assert saved is not None
    again = placement_file.placement_of(asset, saved, IBUG)
    assert again is not None
    gap = again[0].positions(vertices) - found.positions(vertices)
    assert np.abs(gap).max() < 1e-6

    corners = tuple(int(v) for v in asset.meshes[0].triangles[7])
    mine = PlacedLandmark("", "Wolf", (corners[0], corners[1], corners[2]), (0.5, 0.25, 0.25))
    placement_file.correct(asset, IBUG, 30, mine)
    kept = placement_file.keep(asset, [IBUG], [found], residual.mean)
    assert kept.topologies[0].landmarks[30] == replace(
        mine, name=IBUG.landmarks[30].name, by="person"
    )
    assert [m.by for m in kept.topologies[0].landmarks].count("person") == 1
    (given,), far = placement_file.foreign_placements(asset, [IBUG])
    assert tuple(given.corners[30]) == corners
    assert far == pytest.approx(residual.mean, abs=1e-6)


def test_what_has_no_face_gets_one_clear_line() -> None:
    with pytest.raises(ValueError, match="has no face") as problem:
        propose(box_head(), IBUG, default_head())
    assert "\n" not in str(problem.value)


def test_a_head_with_nothing_near_it_gets_one_clear_line() -> None:
    asset, _ = other_head()
    far = replace(asset, head_centre=asset.head_centre + 5.0)
    with pytest.raises(ValueError, match="has no face"):
        propose(far, IBUG, default_head())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "truncated"),
        (b'{"head": "a", "sha256": 4}', "sha256"),
        (b'{"head": "a", "sha256": "%s", "format": "x"}' % HASH.encode(), "format"),
        (b'{"head": "a", "sha256": "%s"}' % (b"b" * 64), "another head"),
    ],
)
def test_a_damaged_file_is_told_in_one_line_and_set_aside(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes, says: str
) -> None:
    monkeypatch.setenv("HEADROOM_CONFIG", str(tmp_path))
    path = placement_file.path_of(HASH)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(PlacementError, match=says):
        placement_file.read(HASH)


def test_what_is_no_hash_names_no_file() -> None:
    with pytest.raises(PlacementError, match="hash"):
        placement_file.path_of("../../etc/passwd")
