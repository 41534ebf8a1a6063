"""Small ONNX files that follow the contracts, made without training anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="the extra 'train' is not installed (no onnx)")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

Array = np.ndarray
Shape = Sequence[int | str]


def write(
    path: Path,
    inputs: Mapping[str, Shape],
    outputs: Mapping[str, Shape],
    nodes: Sequence[object],
    constants: Mapping[str, Array],
    opset: int = 17,
    change: Callable[[object], None] | None = None,
) -> Path:
    """An ONNX file of float32 inputs and outputs; ``change`` may spoil the model before that."""
    graph = helper.make_graph(
        list(nodes),
        "made for a test",
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, list(s)) for n, s in inputs.items()],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, list(s)) for n, s in outputs.items()],
        [numpy_helper.from_array(a, n) for n, a in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    if change:
        change(model)
    path.write_bytes(model.SerializeToString())
    return path


class Constant:
    """Outputs that are the same for every picture of a batch, whatever it shows.

    Parameters
    ----------
    outputs : mapping of str to ndarray
        Values for one picture.
    """

    def __init__(self, outputs: Mapping[str, Array]) -> None:
        self.nodes: list[object] = []
        self.constants: dict[str, Array] = {"none": np.zeros(1, np.float32)}
        self.shapes: dict[str, Shape] = {}
        self.nodes.append(
            helper.make_node("ReduceMean", ["pictures"], ["mean"], axes=[1, 2, 3], keepdims=1)
        )
        self.nodes.append(helper.make_node("Mul", ["mean", "none"], ["nought"]))
        for name, value in outputs.items():
            value = np.asarray(value, np.float32)
            self.constants[f"{name} value"] = value[None]
            self.constants[f"{name} shape"] = np.array([-1, *[1] * value.ndim], np.int64)
            self.nodes.append(
                helper.make_node("Reshape", ["nought", f"{name} shape"], [f"{name} nought"])
            )
            self.nodes.append(helper.make_node("Add", [f"{name} nought", f"{name} value"], [name]))
            self.shapes[name] = ["N", *value.shape]

    def write(self, path: Path, size: int | None) -> Path:
        side: int | str = size or "H"
        return write(
            path,
            {"pictures": ["N", 3, side, size or "W"]},
            self.shapes,
            self.nodes,
            self.constants,
        )
