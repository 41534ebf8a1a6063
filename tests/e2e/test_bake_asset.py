"""A person as an asset is what Blender reads from the same person's FBX file."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("anny", reason="the 'bake' extra (anny, torch) is not installed")
pytest.importorskip("scipy", reason="the 'bake' extra (scipy) is not installed")

from app.bake.asset import BakedHead, bake_asset, bake_fbx
from app.bake.features import Beard, Glasses
from app.bake.person import random_person
from app.blender.client import Blender
from app.blender.heads import open_head
from app.geometry.rotations import angle_between
from app.head.asset import HeadAsset, Mesh, Shape
from app.scene.scene import HeadFile

PERSON = random_person(
    3,
    name="eve",
    gender=0.1,
    hair_style="crop",
    beard=Beard("goatee", 0.4),
    glasses=Glasses("half-rim", tint=0.2),
)
SIZE = 64


@pytest.fixture(scope="module")
def direct(tmp_path_factory: pytest.TempPathFactory) -> BakedHead:
    return bake_asset(PERSON, tmp_path_factory.mktemp("direct"), SIZE)


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> HeadAsset:
    with Blender(spare=False) as blender:
        path = bake_fbx(PERSON, tmp_path_factory.mktemp("fbx"), SIZE, blender)
        return open_head(HeadFile(str(path)), blender).asset


def displacement(mesh: Mesh, shape: Shape) -> np.ndarray:
    dense = np.zeros_like(mesh.vertices)
    dense[shape.indices] = shape.deltas
    return dense


def weights(mesh: Mesh, bones: int) -> np.ndarray:
    dense = np.zeros((len(mesh.vertices), bones))
    np.add.at(dense, (np.arange(len(dense))[:, None], mesh.bones), mesh.weights)
    return dense


def test_meshes_are_the_same(direct: BakedHead, read: HeadAsset) -> None:
    bones = len(read.skeleton.names)
    for own, other in zip(direct.asset.meshes, read.meshes, strict=True):
        assert own.name == other.name
        assert np.abs(own.vertices - other.vertices).max() < 1e-5
        assert np.array_equal(own.triangles, other.triangles)
        assert np.abs(own.uvs - other.uvs).max() < 1e-6
        assert np.array_equal(own.materials, other.materials)
        assert np.abs(weights(own, bones) - weights(other, bones)).max() < 1e-5
        turned = np.degrees(np.arccos(np.clip((own.normals * other.normals).sum(-1), -1, 1)))
        assert np.quantile(turned, 0.95) < 0.05
        assert turned.max() < 3.0


def test_shapes_are_the_same(direct: BakedHead, read: HeadAsset) -> None:
    for own, other in zip(direct.asset.meshes, read.meshes, strict=True):
        assert [s.name for s in own.shapes] == [s.name for s in other.shapes]
        for one, two in zip(own.shapes, other.shapes, strict=True):
            assert np.abs(displacement(own, one) - displacement(other, two)).max() < 1e-5


def test_bones_and_zero_pose_are_the_same(direct: BakedHead, read: HeadAsset) -> None:
    asset = direct.asset
    assert asset.skeleton.names == read.skeleton.names
    assert np.array_equal(asset.skeleton.parents, read.skeleton.parents)
    assert np.abs(asset.skeleton.matrices - read.skeleton.matrices).max() < 1e-4
    joints = asset.skeleton.matrices[:, :3, 3] - read.skeleton.matrices[:, :3, 3]
    assert np.abs(joints).max() < 1e-5
    assert np.abs(asset.skeleton.tails - read.skeleton.tails).max() < 1e-5
    assert asset.roles == read.roles
    assert angle_between(asset.zero.rotation, read.zero.rotation) < 0.01
    assert asset.zero.method == read.zero.method
    assert np.abs(asset.head_centre - read.head_centre).max() < 1e-5
    assert asset.head_height == pytest.approx(read.head_height, abs=1e-5)


def test_materials_and_textures_are_the_same(direct: BakedHead, read: HeadAsset) -> None:
    textures = ("color_texture", "normal_texture", "roughness_texture")
    for own, other in zip(direct.asset.materials, read.materials, strict=True):
        for name in textures:
            ours, theirs = getattr(own, name), getattr(other, name)
            assert (ours is None) == (theirs is None)
            if ours is not None:
                assert theirs.endswith(ours)
                assert (direct.asset.folder / ours).is_file()
        plain = {"metallic": 0.0, **dict.fromkeys(textures)}
        one, two = (dataclasses.replace(m, **plain) for m in (own, other))
        assert dataclasses.astuple(one)[:2] == dataclasses.astuple(two)[:2]
        assert one.color == pytest.approx(two.color, abs=1e-6)
        assert (one.alpha, one.roughness) == pytest.approx((two.alpha, two.roughness), abs=1e-6)


def test_base_vertices_lie_first_in_the_head(direct: BakedHead) -> None:
    head = next(m for m in direct.asset.meshes if m.name == "Head")
    assert len(direct.base_vertices) <= len(head.vertices)
    assert len(set(direct.base_vertices.tolist())) == len(direct.base_vertices)


def test_the_same_person_gives_the_same_bytes(direct: BakedHead, tmp_path: Path) -> None:
    again = bake_asset(PERSON, tmp_path / "again", SIZE)
    assert again.asset.key == direct.asset.key
    for one, two in zip(again.asset.meshes, direct.asset.meshes, strict=True):
        assert np.array_equal(one.vertices, two.vertices)
        assert np.array_equal(one.normals, two.normals)
    for path in sorted(again.asset.folder.iterdir()):
        assert path.read_bytes() == (direct.asset.folder / path.name).read_bytes()
