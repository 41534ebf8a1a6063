"""A model file is opened within bounds, or refused in one line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app.paths import ROOT
from inference import sessions
from inference.onnx_check import OnnxError, inspect
from inference.sessions import ModelError, open_session
from tests.unit.onnx_files import Constant, helper, onnx, write


def doubling(path: Path, **more: object) -> Path:
    return write(
        path,
        {"pictures": ["N", 3, 8, 8]},
        {"twice": ["N", 3, 8, 8]},
        [helper.make_node("Mul", ["pictures", "two"], ["twice"])],
        {"two": np.array([2.0], np.float32)},
        **more,  # type: ignore[arg-type]
    )


def test_a_sound_file_runs(tmp_path: Path) -> None:
    session = open_session(doubling(tmp_path / "twice.onnx"))
    given = np.random.default_rng(0).random((3, 3, 8, 8), np.float32)
    assert session.run({"pictures": given})["twice"] == pytest.approx(2 * given)
    assert session.opset == 17
    assert session.inputs["pictures"].shape == (0, 3, 8, 8)


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    session = open_session(doubling(tmp_path / "twice.onnx"), trusted=True)
    with pytest.raises(ModelError, match="takes pictures"):
        session.run({"pictures": np.zeros((1, 3, 9, 8), np.float32)})


def outside(model: object) -> None:
    tensor = model.graph.initializer[0]  # type: ignore[attr-defined]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"


def foreign(model: object) -> None:
    model.graph.node[0].domain = "com.example"  # type: ignore[attr-defined]


def function(model: object) -> None:
    made = helper.make_function(
        "own",
        "f",
        ["x"],
        ["y"],
        [helper.make_node("Neg", ["x"], ["y"])],
        model.opset_import,  # type: ignore[attr-defined]
    )
    model.functions.append(made)  # type: ignore[attr-defined]


def hidden(model: object) -> None:
    """The same file of numbers, named by a constant inside a branch."""
    inner = onnx.TensorProto(data_type=1, dims=[1], data_location=onnx.TensorProto.EXTERNAL)
    entry = inner.external_data.add()
    entry.key, entry.value = "location", "x.bin"
    node = helper.make_node("Constant", [], ["c"], value=inner)
    branch = helper.make_graph([node], "branch", [], [])
    model.graph.node.append(  # type: ignore[attr-defined]
        helper.make_node("If", ["pictures"], ["z"], then_branch=branch, else_branch=branch)
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (outside, "another file"),
        (hidden, "another file"),
        (foreign, "com.example:Mul"),
        (function, "operators of its own"),
    ],
)
def test_what_reaches_beyond_the_file_is_refused(tmp_path: Path, change: object, said: str) -> None:
    path = doubling(tmp_path / "bad.onnx", change=change)
    with pytest.raises(ModelError, match=said) as problem:
        open_session(path)
    assert str(path) in str(problem.value)


@pytest.mark.parametrize("data", [b"", b"not a model", b"\x0a" * 50, b"{}", bytes(200)])
def test_what_is_no_model_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.onnx"
    path.write_bytes(data)
    with pytest.raises(ModelError, match="no ONNX file") as problem:
        open_session(path)
    assert "\n" not in str(problem.value)


def test_absent_large_and_odd_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="no such file"):
        open_session(tmp_path / "none.onnx")
    with pytest.raises(ModelError, match="cannot be read"):
        open_session(tmp_path)
    monkeypatch.setattr(sessions, "SIZE_LIMIT", 100)
    with pytest.raises(ModelError, match="larger than"):
        open_session(doubling(tmp_path / "twice.onnx"))


def test_every_way_of_cutting_a_file_short_is_an_error(tmp_path: Path) -> None:
    data = doubling(tmp_path / "twice.onnx").read_bytes()
    kept = inspect(data).nodes
    assert kept == 1
    for length in range(len(data)):
        try:
            contents = inspect(data[:length])
        except OnnxError:
            continue
        assert contents.nodes <= kept


def test_a_model_that_gives_no_numbers_is_refused(tmp_path: Path) -> None:
    path = write(
        tmp_path / "nan.onnx",
        {"pictures": ["N", 3, 8, 8]},
        {"root": ["N", 3, 8, 8]},
        [
            helper.make_node("Sub", ["pictures", "one"], ["less"]),
            helper.make_node("Sqrt", ["less"], ["root"]),
        ],
        {"one": np.array([1.0], np.float32)},
    )
    with pytest.raises(ModelError, match="finite"):
        open_session(path)


def test_a_model_that_ends_its_process_is_only_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = doubling(tmp_path / "twice.onnx")
    run = subprocess.run

    def dying(command: list[str], **more: object) -> object:
        code = f"import os, signal; os.kill(os.getpid(), signal.SIGSEGV)  # {command[2]}"
        return run([sys.executable, "-c", code], **more)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", dying)
    with pytest.raises(ModelError, match="ends the process"):
        open_session(path)


def test_a_wrong_contract_is_told_by_the_runtime(tmp_path: Path) -> None:
    path = write(
        tmp_path / "bad.onnx",
        {"pictures": ["N", 3, 8, 8]},
        {"y": ["N", 3, 8, 8]},
        [helper.make_node("Conv", ["pictures", "w"], ["y"])],
        {"w": np.zeros((4, 5, 3, 3), np.float32)},
    )
    with pytest.raises(ModelError, match=r"bad\.onnx"):
        open_session(path)


def test_networks_do_not_come_with_the_import() -> None:
    code = (
        "import sys, inference.registry, inference.results, inference.predictions;"
        "print([m for m in ('torch', 'onnx', 'onnxruntime') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_constant_files_are_what_they_say(tmp_path: Path) -> None:
    value = np.random.default_rng(1).random((5, 3)).astype(np.float32)
    path = Constant({"landmarks": value}).write(tmp_path / "c.onnx", 16)
    session = open_session(path, trusted=True)
    got = session.run({"pictures": np.ones((4, 3, 16, 16), np.float32)})["landmarks"]
    assert got == pytest.approx(np.broadcast_to(value, (4, 5, 3)))
