"""Files in the models' folder appear, are checked apart, and open on what the machine has."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference import sessions
from inference.card import Card, encode_card
from inference.face import FacePredictor
from inference.live import models, providers
from inference.live.manifest_predictor import ManifestPredictor
from inference.live.models import ModelFolder, State
from inference.live.providers import FallbackSession, Provider, available, open_on
from inference.results import Box
from inference.sessions import CPU, ModelError, RunError, contents_of, start
from tests.unit.onnx_files import Constant, helper, seeing_face, write

MANIFEST = """\
format: headroom-manifest
version: 1
name: Foreign
summary: From elsewhere.
input: {size: 32}
landmarks: {output: points, count: 68, form: xy, topology: ibug-68}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelFolder:
    """Without what comes with the program."""
    (tmp_path / "models").mkdir()
    (tmp_path / "shipped").mkdir()
    monkeypatch.setattr("inference.registry.FOLDER", tmp_path / "shipped")
    return ModelFolder(tmp_path / "models", tmp_path / "cache")


def foreign(path: Path) -> Path:
    return Constant({"points": np.full(136, 0.5)}).write(path, 32)


def test_a_dropped_file_appears_is_checked_once_and_opens(
    folder: ModelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not folder.refresh()
    assert folder.models == ()
    path = foreign(folder.folder / "net.onnx")
    path.with_suffix(".yaml").write_text(MANIFEST)
    assert folder.refresh()
    assert not folder.refresh()
    (listed,) = folder.models
    assert (listed.name, listed.kind, listed.state) == ("Foreign", "landmarks", State.UNCHECKED)
    with pytest.raises(ModelError, match="not been checked"):
        folder.open(listed)
    checked = folder.check(path)
    assert (checked.state, checked.problem) == (State.READY, "")
    assert checked.milliseconds > 0.0
    assert folder.models == (checked,)
    network = folder.open(checked)
    assert isinstance(network, ManifestPredictor)
    (face,) = network.predict(np.zeros((50, 50, 3), np.uint8), [Box(10, 10, 20, 20)])
    assert face.landmarks_68[0] == pytest.approx([20, 20, 0])

    def twice(*_: object) -> None:
        raise AssertionError("tried again")

    monkeypatch.setattr(models, "try_apart", twice)
    later = ModelFolder(folder.folder, folder._cache)
    later.refresh()
    assert later.check(path).state is State.READY


def test_our_own_files_need_no_manifest(folder: ModelFolder) -> None:
    path = seeing_face(folder.folder / "own.onnx", 32, np.eye(3))
    path.with_suffix(".json").write_bytes(encode_card(Card(name="Own", kind="face", summary="s")))
    folder.refresh()
    (listed,) = folder.models
    assert (listed.name, listed.kind, listed.summary) == ("Own", "face", "s")
    assert isinstance(folder.open(folder.check(path)), FacePredictor)


def test_what_comes_with_the_program_is_ready_with_its_transfer(
    folder: ModelFolder, tmp_path: Path
) -> None:
    shipped = tmp_path / "shipped"
    path = seeing_face(shipped / "face.onnx", 32, np.eye(3))
    path.with_suffix(".json").write_bytes(encode_card(Card(name="face", kind="face")))
    write(
        shipped / "transfer.onnx",
        {"landmarks": ["N", 588, 3]},
        {"landmarks_68": ["N", 68, 3]},
        [
            helper.make_node("Slice", ["landmarks", "from", "to", "axis"], ["own"]),
            helper.make_node("Add", ["own", "half"], ["landmarks_68"]),
        ],
        {
            "from": np.array([520], np.int64),
            "to": np.array([588], np.int64),
            "axis": np.array([1], np.int64),
            "half": np.array([0.5], np.float32),
        },
    )
    card = Card(name="transfer", kind="transfer", follows="face")
    (shipped / "transfer.json").write_bytes(encode_card(card))
    folder.refresh()
    assert [m.state for m in folder.models] == [State.READY, State.READY]
    network = folder.open(folder.models[0])
    assert isinstance(network, FacePredictor)
    (look,) = network.look(
        np.full((50, 50, 3), 200, np.uint8), [network.around(Box(10, 10, 20, 20))]
    )
    assert look.outlined == pytest.approx(look.points[520:] + 14.0, abs=1e-3)


def test_rubbish_is_refused_in_a_line_and_the_rest_goes_on(folder: ModelFolder) -> None:
    home = folder.folder
    (home / "text.onnx").write_text("no model")
    (home / "empty.onnx").write_bytes(b"")
    foreign(home / "bad-manifest.onnx").with_suffix(".yaml").write_text("format: x")
    foreign(home / "bad-card.onnx").with_suffix(".json").write_text("{")
    foreign(home / "alone.onnx")
    (home / "folder.onnx").mkdir()
    folder.refresh()
    for listed in folder.models:
        checked = folder.check(listed.path)
        assert checked.state is State.REFUSED
        assert checked.problem
        assert "\n" not in checked.problem
        assert str(home) in checked.problem
        with pytest.raises(ModelError):
            folder.open(checked)
    told = {m.path.stem: m.problem for m in folder.models}
    assert set(told) == {"text", "empty", "bad-manifest", "bad-card", "alone", "folder"}
    assert "no ONNX file" in told["text"]
    assert "no model of a known kind" in told["alone"]


def test_a_manifest_names_its_file(folder: ModelFolder) -> None:
    path = foreign(folder.folder / "net.onnx")
    path.with_suffix(".yaml").write_text(f"{MANIFEST}sha256: {'a' * 64}\n")
    folder.refresh()
    assert "was written for" in folder.check(path).problem


def test_a_card_names_its_file(folder: ModelFolder) -> None:
    path = foreign(folder.folder / "net.onnx")
    card = Card(name="net", kind="face", sha256="a" * 64)
    path.with_suffix(".json").write_bytes(encode_card(card))
    folder.refresh()
    assert "the card was written for" in folder.check(path).problem


def test_a_file_that_changes_is_looked_at_anew(folder: ModelFolder) -> None:
    path = foreign(folder.folder / "net.onnx")
    whole = path.read_bytes()
    path.with_suffix(".yaml").write_text(MANIFEST)
    path.write_bytes(whole[: len(whole) // 2])
    folder.refresh()
    assert folder.check(path).state is State.REFUSED
    path.write_bytes(whole)
    assert folder.refresh()
    good = folder.check(path)
    assert good.state is State.READY
    path.write_bytes(b"rubbish")
    with pytest.raises(ModelError, match="not the file that was checked"):
        folder.open(good)
    folder.refresh()
    assert folder.check(path).state is State.REFUSED
    path.unlink()
    assert folder.refresh()
    assert folder.models == ()


def test_a_check_that_came_to_no_result_is_not_kept(
    folder: ModelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = foreign(folder.folder / "net.onnx")
    path.with_suffix(".yaml").write_text(MANIFEST)
    monkeypatch.setattr(sessions, "TRIAL_SECONDS", 0.01)
    folder.refresh()
    assert "no result" in folder.check(path).problem
    monkeypatch.undo()
    monkeypatch.setattr("inference.registry.FOLDER", folder.folder.parent / "shipped")
    again = ModelFolder(folder.folder, folder._cache)
    again.refresh()
    assert again.check(path).state is State.READY


@pytest.mark.skipif(os.name == "nt", reason="Windows bounds no process's memory this way")
def test_a_model_without_end_is_refused(folder: ModelFolder) -> None:
    write(
        folder.folder / "huge.onnx",
        {"pictures": ["N", 3, 32, 32]},
        {"landmarks": [1]},
        [
            helper.make_node("ConstantOfShape", ["shape"], ["all"]),
            helper.make_node("ReduceMean", ["all"], ["landmarks"], keepdims=0, axes=[0]),
        ],
        {"shape": np.array([2**36, 1], np.int64)},
    )
    folder.refresh()
    checked = folder.check(folder.folder / "huge.onnx")
    assert checked.state is State.REFUSED
    assert "cannot be run" in checked.problem or "ends the process" in checked.problem


def test_the_processor_is_there_and_comes_first() -> None:
    assert available()[0] is Provider.CPU


@pytest.mark.parametrize("provider", [p for p in Provider if p is not Provider.CPU])
def test_an_absent_device_is_told_once_and_the_processor_runs_it(
    tmp_path: Path, provider: Provider
) -> None:
    if provider in available():
        pytest.skip(f"this machine has {provider}")
    path = foreign(tmp_path / "net.onnx")
    told: list[str] = []
    session = open_on(provider, path, path.read_bytes(), tell=told.append)
    for _ in range(3):
        session.run({"pictures": np.zeros((1, 3, 32, 32), np.float32)})
    assert session.provider == CPU
    assert told == [f"{provider} cannot be started; net runs on the processor"]


class _FailingDevice:
    """ONNX Runtime on a device that is taken away after some runs; there is none to take here."""

    def __init__(self, inner: Any, runs: int) -> None:
        self._inner, self._runs = inner, runs

    def get_providers(self) -> list[str]:
        return ["CUDAExecutionProvider", CPU]

    def run(self, *given: Any) -> Any:
        self._runs -= 1
        if self._runs < 0:
            raise RuntimeError("device lost")
        return self._inner.run(*given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def test_a_device_that_fails_costs_one_message(tmp_path: Path) -> None:
    path = foreign(tmp_path / "net.onnx")
    data = path.read_bytes()
    inner = _FailingDevice(start(path, data, 1), runs=2)
    told: list[str] = []
    session = FallbackSession(path, inner, contents_of(path, data), data, 1, told.append)  # type: ignore[arg-type]
    path.write_bytes(b"rubbish")
    picture = {"pictures": np.zeros((1, 3, 32, 32), np.float32)}
    results = [session.run(picture)["points"] for _ in range(4)]
    assert all((r == 0.5).all() for r in results)
    assert session.provider == CPU
    assert told == ["CUDA failed; net goes on on the processor (cannot be run: device lost)"]
    with pytest.raises(ModelError, match="takes pictures"):
        session.run({"pictures": np.zeros((1, 3, 31, 32), np.float32)})


def test_what_fails_on_the_processor_too_is_an_error(tmp_path: Path) -> None:
    path = write(
        tmp_path / "nan.onnx",
        {"pictures": ["N", 3, 8, 8]},
        {"root": ["N", 3, 8, 8]},
        [helper.make_node("Sqrt", ["pictures"], ["root"])],
        {},
    )
    data = path.read_bytes()
    inner = _FailingDevice(start(path, data, 1), runs=0)
    told: list[str] = []
    session = FallbackSession(path, inner, contents_of(path, data), data, 1, told.append)  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(RunError, match="finite"):
            session.run({"pictures": np.full((1, 3, 8, 8), -1.0, np.float32)})
    assert len(told) == 1
    assert providers.Provider.CUDA.runtime_name == "CUDAExecutionProvider"
