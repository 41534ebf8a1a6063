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


def seeing_face(path: Path, size: int, rotation: Array, presence: float = 0.9) -> Path:
    """A face network that sees: landmarks lie at the middle of what is bright in their half.

    Points of the right side of the face (left in the picture) are those that stand before their
    mirror image in the topology; points without one lie at the middle of the whole crop's light.
    z is a tenth of the crop for all, σ a hundredth.
    """
    from inference.face import mirror_pairs

    pairs = mirror_pairs(588)
    index = np.arange(588)
    units = (np.arange(size) + 0.5) / size - 0.5
    x, y = np.meshgrid(units, units)
    where = np.stack([(x < 0), (x >= 0), np.full_like(x, 1)]).astype(np.float32)
    grids = np.stack([where, where * x, where * y]).reshape(9, 1, size, size)
    choose = np.zeros((3, 588), np.float32)
    choose[np.where(pairs == index, 2, np.where(index < pairs, 0, 1)), index] = 1.0
    nodes = [
        helper.make_node("ReduceMean", ["pictures"], ["grey"], axes=[1], keepdims=1),
        helper.make_node("Conv", ["grey", "grids"], ["sums9"]),
        helper.make_node("Reshape", ["sums9", "as sums"], ["sums"]),
        helper.make_node("Split", ["sums"], ["light", "right", "down"], axis=1),
        helper.make_node("Add", ["light", "little"], ["some"]),
        helper.make_node("Div", ["right", "some"], ["x"]),
        helper.make_node("Div", ["down", "some"], ["y"]),
        helper.make_node("MatMul", ["x", "choose"], ["xs"]),
        helper.make_node("MatMul", ["y", "choose"], ["ys"]),
        helper.make_node("Mul", ["ys", "none"], ["flat"]),
        helper.make_node("Add", ["flat", "tenth"], ["zs"]),
        helper.make_node("Concat", ["xs", "ys", "zs"], ["rows"], axis=1),
        helper.make_node("Transpose", ["rows"], ["landmarks"], perm=[0, 2, 1]),
    ]
    constants = {
        "grids": grids.astype(np.float32),
        "as sums": np.array([-1, 3, 3], np.int64),
        "little": np.full(1, 1e-6, np.float32),
        "tenth": np.full(1, 0.1, np.float32),
        "choose": choose,
    }
    still = Constant({"sigma": np.full(588, 0.01), "rotation": rotation, "presence": presence})
    return write(
        path,
        {"pictures": ["N", 3, size, size]},
        {"landmarks": ["N", 588, 3], **still.shapes},
        [*nodes, *still.nodes],
        {**constants, **still.constants},
    )
