"""The default head is a baked head that needs neither Blender nor the body model."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.head.library import BUILTIN, resolve
from app.topology import default_head, store
from app.topology.landmarks import base_vertices_of, landmarks_of


def test_it_shares_the_mesh_of_the_shipped_head() -> None:
    head = default_head.default_head()
    base = base_vertices_of(head)
    assert base is not None
    found = landmarks_of(head, None, ("dense-520", "ibug-68"))
    assert [p.topology for p in found.placements] == ["dense-520", "ibug-68"]
    assert found.residual is None
    points = found.placements[1].positions([m.vertices for m in head.meshes])
    mean = np.array([m.mean for m in store.load("ibug-68").landmarks])
    own, other = points - points.mean(axis=0), mean - mean.mean(axis=0)
    size = np.linalg.norm(own) / np.linalg.norm(other)
    assert 0.85 < size < 1.15
    assert np.linalg.norm(own / size - other, axis=1).max() < 0.015
    assert head.name in str(resolve(BUILTIN + default_head.NAME))


def test_it_is_kept_without_loss(tmp_path: Path) -> None:
    head = default_head.default_head()
    one, two = tmp_path / "one.npz", tmp_path / "two.npz"
    default_head.save(head, one)
    default_head.save(head, two)
    assert one.read_bytes() == two.read_bytes() == default_head.FILE.read_bytes()
