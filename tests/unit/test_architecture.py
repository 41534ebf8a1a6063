"""Imports point one way, and the window pays for nothing that it does not use yet."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

LAYERS = {
    "geometry": 0,
    "head": 1,
    "scene": 2,
    "blender": 3,
    "bake": 3,
    "session": 3,
    "topology": 3,
    "raster": 3,
    "dataset": 4,
    "curate": 4,
    "evaluation": 5,
    "bench": 6,
    "cli": 7,
}


def modules(*folders: str) -> list[Path]:
    return sorted(p for f in folders for p in (ROOT / f).rglob("*.py"))


def imports(path: Path, top_level_only: bool) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level_only else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", modules("app", "inference", "widgets", "tests"), ids=str)
def test_only_the_worker_imports_bpy(path: Path) -> None:
    if path == ROOT / "app" / "blender" / "worker.py":
        return
    assert not [m for m in imports(path, False) if m.split(".")[0] in {"bpy", "mathutils"}]


@pytest.mark.parametrize("path", modules("app", "inference"), ids=str)
def test_app_and_inference_know_no_widget(path: Path) -> None:
    forbidden = {"PySide6.QtWidgets", "widgets"}
    if path.parts[len(ROOT.parts) : len(ROOT.parts) + 2] != ("app", "raster"):
        forbidden |= {"vtk", "vtkmodules"}
    names = set(imports(path, False))
    assert not {n for n in names if n in forbidden or n.split(".")[0] in forbidden}


@pytest.mark.parametrize("path", modules("app"), ids=str)
def test_heavy_libraries_are_never_imported_with_the_module(path: Path) -> None:
    heavy = {"torch", "anny", "dask", "distributed", "pyarrow", "OpenEXR", "matplotlib"}
    names = list(imports(path, True))
    assert not [m for m in names if m.split(".")[0] in heavy]
    if path.parts[len(ROOT.parts) + 1] != "raster":
        assert not [m for m in names if m.startswith("app.raster")]


@pytest.mark.parametrize("path", modules("app"), ids=str)
def test_inside_app_imports_go_from_verbs_to_nouns(path: Path) -> None:
    parts = path.relative_to(ROOT).parts
    own = LAYERS.get(parts[1])
    if own is None:
        return
    for name in imports(path, False):
        target = name.split(".")
        if target[0] == "app" and len(target) > 1 and target[1] in LAYERS:
            assert LAYERS[target[1]] < own or target[1] == parts[1], f"{path} imports {name}"


def test_the_window_starts_without_heavy_libraries() -> None:
    heavy = ("bpy", "torch", "dask", "scipy", "cv2", "onnxruntime", "matplotlib", "pandas")
    code = (
        "import sys; import widgets.application, widgets.main_window;"
        f"print([m for m in {heavy!r} if m in sys.modules])"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert out.stdout.strip() == "[]", out.stdout + out.stderr
