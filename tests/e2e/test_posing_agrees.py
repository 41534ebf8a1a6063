"""A head posed with numpy lies where Blender's own evaluation puts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest

from app.blender.client import Blender
from app.blender.heads import HeadError, Opened, Opening, Unwatched, open_head
from app.blender.protocol import Done
from app.geometry.rotations import angle_between
from app.head.asset import HeadAsset
from app.head.correction import Correction
from app.head.library import shipped
from app.head.pose import PITCH_LIMIT, ROLL_LIMIT, YAW_LIMIT, HeadPose
from app.head.skinning import head_matrix, pose_rotation, pose_vertices
from app.scene.scene import HeadFile

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data" / "fbx"
POSES = 20
MILLIMETRE = 1e-3

ODD = (
    "plain",
    "turned",
    "turned back",
    "askew",
    "centimetres",
    "tiny",
    "lying",
    "unnamed",
    "accents",
    "viewer's sides",
    "no leaf bones",
)


def persons() -> list[str]:
    """Files of other tools that hold a person."""
    if not (DATA / "manifest.json").is_file():
        return []
    files = json.loads((DATA / "manifest.json").read_text("utf-8"))["files"]
    return [
        e["file"]
        for e in files
        if e["expected"] == "ok" and "must be refused" not in (e["expected_note"] or "")
    ]


@pytest.fixture(scope="module")
def module_blender() -> Iterator[Blender]:
    with Blender(spare=False) as blender:
        blender.submit("ping", {}).result(60)
        yield blender


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of rigs that are hard to read."""
    folder = tmp_path_factory.mktemp("odd")
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("odd_heads.py")), str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def opened(head: str, blender: Blender) -> HeadAsset:
    return open_head(HeadFile(head), blender).asset


def corrected(head: str, blender: Blender, correction: Correction) -> Opened:
    opening = Opening(HeadFile(head, correction=correction), remember=True)
    return opening(blender, Unwatched())


def random_poses(asset: HeadAsset) -> list[HeadPose]:
    draw = np.random.default_rng(len(asset.name))
    poses = [HeadPose()]
    for _ in range(POSES):
        count = min(6, len(asset.shape_names))
        names = draw.choice(asset.shape_names, count, replace=False) if count else []
        yaw, pitch, roll = (
            float(draw.uniform(-b, b)) for b in (YAW_LIMIT, PITCH_LIMIT, ROLL_LIMIT)
        )
        shapes = {str(n): float(draw.uniform(-0.3, 1.2)) for n in names}
        poses.append(HeadPose(yaw, pitch, roll, float(draw.uniform()), shapes))
    return poses


def check_agreement(asset: HeadAsset, blender: Blender, output: Path) -> None:
    poses = random_poses(asset)
    args = {
        "asset": str(asset.folder),
        "poses": msgspec.to_builtins(poses),
        "output": str(output),
    }
    outcome = blender.submit("evaluate", args).result(120)
    assert isinstance(outcome, Done), outcome
    with np.load(output) as blenders:
        for p, pose in enumerate(poses):
            for m, vertices in enumerate(pose_vertices(asset, pose)):
                off = np.linalg.norm(vertices - blenders[f"{p}.{m}"], axis=1).max()
                assert off <= 0.1 * MILLIMETRE, (asset.meshes[m].name, pose)
            matrix = blenders[f"{p}.head"]
            assert angle_between(pose_rotation(pose), matrix[:3, :3]) <= 0.05
            assert matrix[:3, 3] == pytest.approx(head_matrix(asset, pose)[:3, 3], abs=1e-4)
        assert blenders["0.head"][:3, 3] == pytest.approx(np.zeros(3), abs=1e-5)


@pytest.mark.parametrize(
    "file", persons() or [pytest.param("", marks=pytest.mark.skip(reason="no ../shared/data/fbx"))]
)
def test_files_of_other_tools(module_blender: Blender, file: str, tmp_path: Path) -> None:
    asset = opened(str(DATA / file), module_blender)
    check_agreement(asset, module_blender, tmp_path / "out.npz")


@pytest.mark.parametrize("name", shipped())
def test_shipped_heads(module_blender: Blender, name: str, tmp_path: Path) -> None:
    asset = opened(f"builtin:{name}", module_blender)
    check_agreement(asset, module_blender, tmp_path / "out.npz")


@pytest.mark.parametrize("name", ODD)
def test_rigs_that_are_hard_to_read(
    module_blender: Blender, odd: Path, name: str, tmp_path: Path
) -> None:
    asset = opened(str(odd / f"{name}.fbx"), module_blender)
    check_agreement(asset, module_blender, tmp_path / "out.npz")


@pytest.mark.parametrize("name", ODD)
def test_every_odd_rig_ends_in_the_same_place(
    module_blender: Blender, odd: Path, name: str
) -> None:
    asset = opened(str(odd / f"{name}.fbx"), module_blender)
    balls = {m.name: m.vertices for m in asset.meshes}
    assert set(balls) == {"Face", "Body", "Left ball", "Right ball", "Mirrored hat"}
    assert 0.18 <= asset.head_height <= 0.40
    rest = {n: v @ asset.zero.rotation.T for n, v in balls.items()}
    left, right = rest["Left ball"].mean(axis=0), rest["Right ball"].mean(axis=0)
    across = (left - right) / np.linalg.norm(left - right)
    assert across == pytest.approx([1.0, 0.0, 0.0], abs=2e-3)
    middle = (balls["Left ball"].mean(axis=0) + balls["Right ball"].mean(axis=0)) / 2
    assert middle == pytest.approx(asset.head_centre, abs=2e-3)
    hat, face = rest["Mirrored hat"].mean(axis=0), rest["Face"].mean(axis=0)
    assert hat[2] > face[2] + 0.05
    assert (left + right)[1] / 2 < face[1] - 0.03
    assert any("not on the skeleton" in w for w in asset.warnings)
    for mesh in asset.meshes:
        np.testing.assert_allclose(mesh.weights.sum(axis=1), 1.0, atol=1e-5)
        outward = mesh.vertices[mesh.triangles].mean(axis=1) - mesh.vertices.mean(axis=0)
        assert ((mesh.normals.mean(axis=1) * outward).sum(axis=1) > 0).mean() > 0.95, mesh.name


def test_the_file_s_own_shape_values_are_put_to_rest(module_blender: Blender, odd: Path) -> None:
    asset = opened(str(odd / "plain.fbx"), module_blender)
    assert asset.shape_names == ("jawOpen", "smile", "pout")


@pytest.mark.parametrize("name", ["embedded.fbx", "beside/beside.fbx"])
def test_textures_are_gathered(module_blender: Blender, odd: Path, name: str) -> None:
    asset = opened(str(odd / name), module_blender)
    skin = next(m for m in asset.materials if m.name == "Skin")
    assert skin.role == "skin"
    assert skin.alpha_texture == (name != "embedded.fbx")  # its exporter drops the opacity
    assert skin.color_texture and skin.normal_texture
    color = cv2.imread(str(asset.folder / skin.color_texture), cv2.IMREAD_UNCHANGED)
    assert color.shape == (32, 64, 4)
    opacity = 64 if skin.alpha_texture else 255
    assert color[16, 32].tolist() == pytest.approx([51, 102, 204, opacity], abs=2)
    normal = cv2.imread(str(asset.folder / skin.normal_texture))
    assert normal.shape[1] == 2048
    assert not any("not found" in w for w in asset.warnings)


def test_textures_elsewhere_are_not_followed(module_blender: Blender, odd: Path) -> None:
    asset = opened(str(odd / "far" / "off" / "missing.fbx"), module_blender)
    skin = next(m for m in asset.materials if m.name == "Skin")
    assert skin.color_texture is None
    assert not list(asset.folder.glob("*.png"))
    assert any("skin color.png" in w and "not found" in w for w in asset.warnings)


def test_a_correction_is_used_and_remembered(module_blender: Blender, odd: Path) -> None:
    path = str(odd / "plain.fbx")
    plain = opened(path, module_blender)
    correction = Correction(facing_turn=90.0, scale=2.0, neck="Head")
    turned = corrected(path, module_blender, correction).asset
    assert turned.roles.chain == ("Head",)
    assert turned.source.facing_turn == 90.0
    assert turned.head_height == pytest.approx(2.0 * plain.head_height, rel=1e-3)
    assert open_head(HeadFile(path), module_blender).head.correction == correction
    back = corrected(path, module_blender, Correction()).asset
    assert back.roles.chain == plain.roles.chain
    assert open_head(HeadFile(path), module_blender).head.correction == Correction()
    assert corrected(path, module_blender, correction).asset.key == turned.key
    assert open_head(HeadFile(path), module_blender).head.correction == correction


def test_a_correction_that_does_not_fit_is_refused(module_blender: Blender, odd: Path) -> None:
    head_file = HeadFile(str(odd / "plain.fbx"), correction=Correction(head="nobody"))
    with pytest.raises(HeadError) as refused:
        open_head(head_file, module_blender)
    assert refused.value.kind == "no_head"
