"""The real command makes a head that Blender reads back whole, and makes it twice the same."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("anny", reason="the 'bake' extra (anny, torch) is not installed")
pytest.importorskip("scipy", reason="the 'bake' extra (scipy) is not installed")

ROOT = Path(__file__).resolve().parents[2]
WORDS = ["--seed", "3", "--name", "eve", "--texture-size", "64", "--hair-style", "crop"]
WORDS += ["--glasses", "round", "--beard", "none", "--hat", "none"]
READ_BACK = """
import json, sys
import bpy
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.wm.fbx_import(filepath=sys.argv[1])
objects = {o.name: o for o in bpy.data.objects}
meshes = {n: o for n, o in objects.items() if o.type == "MESH"}
links = {
    m.name: sorted(l.to_socket.name for l in m.node_tree.links) for m in bpy.data.materials
    if m.node_tree
}
head = meshes["Head"].data
print("FACTS" + json.dumps({
    "bones": [b.name for b in objects["Armature"].data.bones],
    "meshes": sorted(meshes),
    "keys": sorted(k.name for k in head.shape_keys.key_blocks),
    "links": links,
    "missing": [i.filepath for i in bpy.data.images if not i.has_data and not i.size[0]],
    "most_weights": max(len(v.groups) for v in head.vertices),
    "sums": max(abs(1 - sum(g.weight for g in v.groups)) for v in head.vertices),
    "top": max((meshes["Head"].matrix_world @ v.co).z for v in head.vertices),
    "eyes": [list(meshes["Eyes"].matrix_world @ v.co) for v in meshes["Eyes"].data.vertices],
    "triangles": sum(len(p.vertices) - 2 for o in meshes.values() for p in o.data.polygons),
    "head_vertices": len(head.vertices),
}))
"""


def bake(folder: Path) -> None:
    command = [sys.executable, "main.py", "bake-head", "--output", str(folder), *WORDS]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=170)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    assert "eve.fbx" in done.stdout


def sums(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(files)
    }


@pytest.fixture(scope="module")
def eve(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("eve")
    bake(folder)
    return folder


def test_the_file_holds_nothing_of_this_machine(eve: Path) -> None:
    data = (eve / "eve.fbx").read_bytes()
    assert str(eve).encode() not in data
    assert str(ROOT).encode() not in data
    assert str(Path.home()).encode() not in data
    assert b"textures/skin_color.jpg" in data


def test_blender_reads_back_what_was_baked(eve: Path) -> None:
    command = [sys.executable, "-c", READ_BACK, str(eve / "eve.fbx")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    line = next(line for line in done.stdout.splitlines() if line.startswith("FACTS"))
    facts = json.loads(line.removeprefix("FACTS"))
    assert {"neck01", "neck02", "neck03", "head", "jaw", "eye.L", "eye.R"} <= set(facts["bones"])
    assert not any("end" in bone.lower() for bone in facts["bones"])
    assert {"Head", "Eyes", "Cornea", "Lashes", "Brows", "Teeth", "Tongue", "Cloth"} <= set(
        facts["meshes"]
    )
    assert {"jawOpen", "eyeBlinkLeft", "mouthSmileRight", "cheekPuff"} <= set(facts["keys"])
    assert {"Base Color", "Normal", "Roughness"} <= set(facts["links"]["skin"])
    assert facts["missing"] == []
    assert facts["most_weights"] <= 4
    assert facts["sums"] < 1e-3
    assert facts["triangles"] < 46_000
    xs, _, zs = zip(*facts["eyes"], strict=True)
    assert 0.055 < max(xs) - min(xs) < 0.13
    assert 0.07 < facts["top"] - sum(zs) / len(zs) < 0.2

    described = json.loads((eve / "eve.json").read_text(encoding="utf-8"))
    assert described["person"]["name"] == "eve"
    assert described["body_model"]["package"] == "anny"
    kept = described["base_vertex_of_head_vertex"]
    assert 1000 < len(set(kept)) == len(kept) <= facts["head_vertices"]
    centre = described["head_centre"]
    assert centre[2] == pytest.approx(sum(zs) / len(zs), abs=0.005)


def test_the_description_makes_the_same_bytes_again(eve: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    words = ["--person", str(eve / "eve.json"), "--output", str(again), "--texture-size", "64"]
    command = [sys.executable, "main.py", "bake-head", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=170)
    assert done.returncode == 0, done.stderr
    assert sums(again) == sums(eve)


def test_a_damaged_description_is_bad_input(tmp_path: Path) -> None:
    path = tmp_path / "nobody.json"
    path.write_text('{"age": 30', encoding="utf-8")
    words = ["--person", str(path), "--output", str(tmp_path / "out")]
    command = [sys.executable, "main.py", "bake-head", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=170)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert str(path) in done.stderr
    assert not (tmp_path / "out").exists()


def test_an_unknown_local_change_is_bad_input(tmp_path: Path) -> None:
    command = [sys.executable, "main.py", "bake-head", "--output", str(tmp_path / "out")]
    done = subprocess.run(
        [*command, "--set", "nose-of-cyrano=1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=170,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "nose-of-cyrano" in done.stderr
    assert not (tmp_path / "out").exists()
