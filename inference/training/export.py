"""From a trained network to an ONNX file that gives the same numbers."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from inference.training.fold import LARGE, fits_half
from inference.training.task import Export

OPSET: Final = 17
TOLERANCE: Final = 1e-4
"""Greatest difference between ONNX Runtime and torch over the greatest value of the output."""

BATCHES: Final = (1, 3)


class ExportError(RuntimeError):
    """The network cannot be exported truly; the message is one line."""


@dataclass(frozen=True)
class Written:
    """An ONNX file.

    Attributes
    ----------
    data : bytes
    differences : dict of str to float
        By output, from torch, over the greatest value of the output.
    """

    data: bytes
    differences: dict[str, float]


def written(export: Export) -> Written:
    """The network as ONNX: weights that half precision holds are stored in it, and cast on loading.

    Raises
    ------
    ExportError
        When ONNX Runtime gives other numbers than torch, or cannot run it with other batches.
    """
    data = _compact(_traced(export), export)
    return Written(data, _differences(data, export))


def _traced(export: Export) -> bytes:
    """By torch's tracing exporter, which needs no further package and writes this opset."""
    module = export.module.cpu().eval()
    names = [*export.inputs, *export.outputs]
    axes = {name: {0: "N", **export.dynamic.get(name, {})} for name in names}
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            tuple(export.inputs.values()),
            file,
            input_names=list(export.inputs),
            output_names=list(export.outputs),
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )
    return file.getvalue()


def _compact(data: bytes, export: Export) -> bytes:
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load_from_string(data)
    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < LARGE:
            continue
        if not fits_half(torch.from_numpy(values.copy())):
            continue
        stored = f"{tensor.name}.half"
        casts.append(helper.make_node("Cast", [stored], [tensor.name], to=onnx.TensorProto.FLOAT))
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), stored))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    for value in graph.output:
        value.type.tensor_type.shape.dim[0].dim_param = "N"
    model.producer_name, model.producer_version, model.doc_string = "headroom", "", ""
    for node in graph.node:
        node.doc_string = ""
    onnx.checker.check_model(model, full_check=True)
    stored_data: bytes = model.SerializeToString(deterministic=True)
    return stored_data


def _differences(data: bytes, export: Export) -> dict[str, float]:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.log_severity_level = 4
    try:
        session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ExportError(f"ONNX Runtime does not open the export: {error}") from error
    worst = dict.fromkeys(export.outputs, 0.0)
    for count in BATCHES:
        inputs = {name: _of_batch(example, count) for name, example in export.inputs.items()}
        with torch.no_grad():
            truth = export.module(*inputs.values())
        truth = truth if isinstance(truth, tuple | list) else (truth,)
        fed = {name: value.numpy() for name, value in inputs.items()}
        try:
            found = session.run(list(export.outputs), fed)
        except Exception as error:
            raise ExportError(
                f"the export does not run with a batch of {count}: {error}"
            ) from error
        for name, given, wanted in zip(export.outputs, found, truth, strict=True):
            worst[name] = max(worst[name], _difference(np.asarray(given), wanted.numpy(), name))
    for name, difference in worst.items():
        if not difference <= TOLERANCE:
            raise ExportError(
                f"the output {name} differs by {difference:.1e} of its greatest value from "
                f"torch's, more than {TOLERANCE:.0e}"
            )
    return worst


def _difference(given: npt.NDArray[Any], wanted: npt.NDArray[Any], name: str) -> float:
    if given.shape != wanted.shape:
        raise ExportError(f"the output {name} has the shape {given.shape}, torch's {wanted.shape}")
    if not given.size:
        return 0.0
    scale = max(float(np.abs(wanted).max()), 1e-12)
    return float(np.abs(given - wanted).max()) / scale


def _of_batch(example: Tensor, count: int) -> Tensor:
    """So many different examples."""
    generator = torch.Generator().manual_seed(count)
    repeats = -(-count // len(example))
    more = example.repeat(repeats, *[1] * (example.ndim - 1))[:count]
    changed = more * (1.0 + 0.1 * torch.rand(more.shape, generator=generator))
    return changed if count != len(example) else more


def sizes(module: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[int, float]:
    """Values of the network, and its multiplications with addition for one input, in 1e9."""
    from inference.models.paper_nets import multiply_adds

    one = [value[:1] for value in inputs.values()]
    return sum(p.numel() for p in module.parameters()), multiply_adds(module, *one) / 1e9
