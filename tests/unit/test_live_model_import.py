"""Models that a user adds come into the folder whole, with what describes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.live.model_import import bring_in
from inference.sessions import ModelError


def given(folder: Path, text: bytes = b"model") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "net.onnx").write_bytes(text)
    (folder / "net.yaml").write_bytes(b"manifest")
    return folder / "net.onnx"


def test_a_model_comes_with_its_manifest_and_a_taken_name_gets_a_number(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    first = bring_in(given(tmp_path / "a"), folder)
    second = bring_in(given(tmp_path / "b", b"other"), folder)
    assert (first.name, second.name) == ("net.onnx", "net-2.onnx")
    assert (second.read_bytes(), first.read_bytes()) == (b"other", b"model")
    assert sorted(p.name for p in folder.iterdir()) == [
        "net-2.onnx",
        "net-2.yaml",
        "net.onnx",
        "net.yaml",
    ]


def test_a_file_of_the_folder_stays_where_it_is(tmp_path: Path) -> None:
    path = given(tmp_path / "models")
    assert bring_in(path, tmp_path / "models") == path
    assert len(list(path.parent.iterdir())) == 2


def test_what_cannot_be_copied_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("x")
    for path in (tmp_path / "text.txt", tmp_path / "gone.onnx"):
        with pytest.raises(ModelError) as told:
            bring_in(path, tmp_path / "models")
        assert str(path) in str(told.value) and "\n" not in str(told.value)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ModelError, match="cannot be copied"):
        bring_in(given(tmp_path / "a"), tmp_path / "file")
