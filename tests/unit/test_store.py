"""Heads on disk: what is written comes back, what is damaged is told, textures stay at home."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.head.asset import (
    BoneRoles,
    HeadAsset,
    Material,
    Mesh,
    Shape,
    Skeleton,
    Source,
    ZeroPose,
)
from app.head.correction import Correction
from app.head.fbx import FbxError, check_file, is_cut_off
from app.head.library import (
    content_key,
    file_hash,
    remember,
    remembered,
    resolve,
    shipped,
    trim_cache,
)
from app.head.store import DamagedAssetError, load, save
from app.head.textures import TextureFinder
from app.paths import cache_dir, config_dir


def make_asset(folder: Path) -> HeadAsset:
    rng = np.random.default_rng(5)
    triangles = rng.integers(0, 40, (60, 3)).astype(np.int32)
    shapes = tuple(
        Shape(
            f"shape {i}",
            np.arange(i, i + 5, dtype=np.int32),
            rng.normal(size=(5, 3)).astype(np.float32),
        )
        for i in range(3)
    )
    first = Mesh(
        "tête",
        rng.normal(size=(40, 3)).astype(np.float32),
        triangles,
        rng.random((60, 3, 2), np.float32),
        rng.normal(size=(60, 3, 3)).astype(np.float32),
        np.zeros(60, np.int32),
        rng.integers(0, 2, (40, 2)).astype(np.int32),
        np.full((40, 2), 0.5, np.float32),
        shapes,
    )
    skeleton = Skeleton(
        ("neck", "head"),
        np.array([-1, 0], np.int32),
        np.tile(np.eye(4), (2, 1, 1)),
        np.zeros((2, 3)),
    )
    (folder / "skin.png").write_bytes(b"picture")
    (folder / "head.blend").write_bytes(b"BLENDER")
    return HeadAsset(
        "somebody",
        "0123",
        folder,
        (first, replace(first, name="hair", shapes=())),
        (Material("skin", "skin", color_texture="skin.png"), Material("hair", "hair", alpha=0.5)),
        skeleton,
        BoneRoles(("neck", "head"), jaw=None, reasons={"head": "It is called a head."}),
        ZeroPose(np.eye(3), 1.5e-6, "From the eyes."),
        np.array([0.1, 0.2, 1 / 3]),
        0.25,
        Source("/some where/é.fbx", "ab" * 32, 7400, "a tool", 0.01, -90.0),
        ("a warning",),
    )


def test_an_asset_comes_back_as_it_was(tmp_path: Path) -> None:
    asset = make_asset(tmp_path)
    save(asset)
    again = load(tmp_path)
    for name in (
        "name",
        "key",
        "folder",
        "materials",
        "roles",
        "source",
        "warnings",
        "head_height",
    ):
        assert getattr(again, name) == getattr(asset, name)
    assert again.zero.residual == asset.zero.residual
    assert again.zero.method == asset.zero.method
    np.testing.assert_array_equal(again.zero.rotation, asset.zero.rotation)
    np.testing.assert_array_equal(again.head_centre, asset.head_centre)
    np.testing.assert_array_equal(again.skeleton.matrices, asset.skeleton.matrices)
    assert again.shape_names == asset.shape_names
    for old, new in zip(asset.meshes, again.meshes, strict=True):
        assert old.name == new.name
        for part in ("vertices", "triangles", "uvs", "normals", "materials", "bones", "weights"):
            np.testing.assert_array_equal(getattr(old, part), getattr(new, part))
            assert getattr(old, part).dtype == getattr(new, part).dtype
        for a, b in zip(old.shapes, new.shapes, strict=True):
            assert a.name == b.name
            np.testing.assert_array_equal(a.indices, b.indices)
            np.testing.assert_array_equal(a.deltas, b.deltas)


def test_the_rig_alone_can_be_read(tmp_path: Path) -> None:
    save(make_asset(tmp_path))
    rig = load(tmp_path, meshes=False)
    assert rig.meshes == ()
    assert rig.skeleton.names == ("neck", "head")


FILES = ("asset.json", "arrays.npz", "head.blend", "skin.png")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["gone", "empty", "cut", "noise"])
def test_damage_is_told(tmp_path: Path, name: str, damage: str) -> None:
    save(make_asset(tmp_path))
    path = tmp_path / name
    whole = path.read_bytes()
    match damage:
        case "gone":
            path.unlink()
        case "empty":
            path.write_bytes(b"")
        case "cut":
            path.write_bytes(whole[: len(whole) // 2])
        case "noise":
            path.write_bytes(np.random.default_rng(1).bytes(len(whole) + 7))
    with pytest.raises(DamagedAssetError):
        load(tmp_path)


def test_a_flipped_bit_in_the_arrays_is_told(tmp_path: Path) -> None:
    save(make_asset(tmp_path))
    path = tmp_path / "arrays.npz"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)
    with pytest.raises(DamagedAssetError):
        load(tmp_path)


def test_arrays_that_do_not_fit_are_told(tmp_path: Path) -> None:
    asset = make_asset(tmp_path)
    broken = replace(asset.meshes[0], triangles=asset.meshes[0].triangles + 1000)
    save(replace(asset, meshes=(broken,)))
    with pytest.raises(DamagedAssetError):
        load(tmp_path)


def test_nothing_at_all_is_told(tmp_path: Path) -> None:
    with pytest.raises(DamagedAssetError):
        load(tmp_path / "nowhere")


@pytest.fixture
def fbx(tmp_path: Path) -> Path:
    home = tmp_path / "export"
    home.mkdir()
    path = home / "Somebody.fbx"
    path.write_bytes(b"Kaydara FBX Binary  \x00\x1a\x00\xe8\x1c\x00\x00" + bytes(100))
    return path


def test_textures_are_found_by_name_in_the_folders_that_tools_use(fbx: Path) -> None:
    for folder, name in (
        (fbx.parent, "a.png"),
        (fbx.parent / "Textures", "B.TGA"),
        (fbx.parent.parent / "TEXTURES", "c.jpg"),
        (fbx.parent / "somebody.fbm", "d.png"),
    ):
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x")
    finder = TextureFinder(fbx)
    assert len(finder.files) == 4
    for stated in (r"D:\art\A.PNG", "/home/artist/b.tga", "c.JPG", "sub/d.png", "b.png"):
        assert finder.find(stated) is not None, stated
    for stated in ("", ".", "..", "e.png", "/etc/", "../../a"):
        assert finder.find(stated) is None or finder.find(stated).name == "a.png", stated  # type: ignore[union-attr]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_out_of_the_folders_are_not_followed(fbx: Path, tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere" / "deep"
    secret.mkdir(parents=True)
    (secret / "private.png").write_bytes(b"x")
    (fbx.parent / "private.png").symlink_to(secret / "private.png")
    (fbx.parent / "Textures").symlink_to(secret)
    assert TextureFinder(fbx).find("private.png") is None


def test_the_key_follows_everything_that_changes_the_asset(fbx: Path) -> None:
    sha = file_hash(fbx)
    keys = {content_key(fbx, sha, Correction())}
    keys.add(content_key(fbx, sha, Correction(facing_turn=90.0)))
    keys.add(content_key(fbx, sha, Correction(head="Head")))
    texture = fbx.parent / "skin.png"
    texture.write_bytes(b"1")
    keys.add(content_key(fbx, sha, Correction()))
    texture.write_bytes(b"22")
    keys.add(content_key(fbx, sha, Correction()))
    os.utime(texture, ns=(1, 1))
    keys.add(content_key(fbx, sha, Correction()))
    fbx.write_bytes(fbx.read_bytes() + b"more")
    keys.add(content_key(fbx, file_hash(fbx), Correction()))
    assert len(keys) == 7
    assert content_key(fbx, file_hash(fbx), Correction()) in keys


def test_corrections_are_remembered_by_file_and_forgotten_when_empty() -> None:
    assert remembered("a") == Correction()
    remember("a", Correction(neck="n", facing_turn=90.0))
    remember("b", Correction(head="h"))
    assert remembered("a") == Correction(neck="n", facing_turn=90.0)
    remember("a", Correction())
    assert remembered("a") == Correction()
    assert remembered("b") == Correction(head="h")


def test_a_damaged_list_of_corrections_is_set_aside() -> None:
    path = config_dir() / "corrections.json"
    path.write_text("{not json", encoding="utf-8")
    assert remembered("a") == Correction()
    remember("a", Correction(head="h"))
    assert remembered("a") == Correction(head="h")
    assert path.with_suffix(".json.bak").read_text(encoding="utf-8") == "{not json"


def test_the_cache_keeps_what_was_used_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADROOM_CACHE", str(tmp_path))
    heads = cache_dir() / "heads"
    for i in range(6):
        (heads / f"{i:032x}").mkdir(parents=True)
        os.utime(heads / f"{i:032x}", (i, i))
    trim_cache(keep=2)
    assert sorted(int(p.name, 16) for p in heads.iterdir()) == [4, 5]


def test_shipped_heads_are_resolved_by_name(tmp_path: Path) -> None:
    for name in shipped():
        assert resolve(f"builtin:{name}").is_file()
    with pytest.raises(FbxError) as told:
        resolve("builtin:nobody")
    assert told.value.kind == "not_found"
    assert resolve(str(tmp_path / "x.fbx")) == tmp_path / "x.fbx"


def test_versions_and_tools_are_read_from_the_header(fbx: Path, tmp_path: Path) -> None:
    assert check_file(fbx).version == 7400
    text = tmp_path / "text.fbx"
    text.write_text(
        '; FBX 7.5.0 project file\nFBXHeaderExtension:  {\n\tFBXVersion: 7500\n\tCreator: "Tool"\n}'
    )
    header = check_file(text)
    assert (header.version, header.creator, header.ascii) == (7500, "Tool", True)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "truncated"),
        (b"Kaydara FBX Binary  \x00\x1a\x00\xe8\x1c\x00\x00", "truncated"),
        (b"Kaydara FBX Binary  \x00\x1a\x00\xac\x26\x00\x00" + bytes(100), "version"),
        (b"Kaydara FBX Binary  \x00\x1a\x00\x00\x00\x00\x00" + bytes(100), "version"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not_fbx"),
        (b"a letter about FBX\nFBX is a format", "not_fbx"),
        (bytes(100), "not_fbx"),
    ],
)
def test_what_is_no_fbx_is_refused_by_its_first_bytes(
    tmp_path: Path, content: bytes, kind: str
) -> None:
    path = tmp_path / "file.fbx"
    path.write_bytes(content)
    with pytest.raises(FbxError) as told:
        check_file(path)
    assert told.value.kind == kind
    assert "\n" not in str(told.value)


def test_size_is_bounded_before_anything_is_read(fbx: Path) -> None:
    with pytest.raises(FbxError) as told:
        check_file(fbx, size_limit=50)
    assert told.value.kind == "too_large"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_told(fbx: Path) -> None:
    fbx.chmod(0)
    with pytest.raises(FbxError) as told:
        check_file(fbx)
    assert told.value.kind == "unreadable"


def test_missing_files_and_folders_are_told(tmp_path: Path) -> None:
    for path, kind in (
        (tmp_path / "no.fbx", "not_found"),
        (tmp_path, "unreadable"),
        (tmp_path / "a\0b.fbx", "not_found"),
    ):
        with pytest.raises(FbxError) as told:
            check_file(path)
        assert told.value.kind == kind


def test_a_record_that_ends_behind_the_file_is_a_cut(fbx: Path) -> None:
    assert not is_cut_off(fbx)
    fbx.write_bytes(fbx.read_bytes()[:27] + (10_000).to_bytes(4, "little") + bytes(60))
    assert is_cut_off(fbx)
