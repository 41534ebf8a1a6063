"""A learnt way of drawing as an ONNX file that follows the face network, and its card."""

from __future__ import annotations

import hashlib
import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
import torch
from torch import Tensor, nn

from app.files import write_bytes
from inference.card import Card, encode_card
from inference.models.habit_transfer import FromOwnPoints, HabitTransfer
from inference.models.transfer import FIXED, OUTLINE, POINTS, mean_head
from inference.sessions import open_session
from inference.training.habit import PROBED, Habit
from inference.transfer import Transfer

if TYPE_CHECKING:
    from onnx import ModelProto

OPSET: Final = 17
AGREEMENT: Final = 1e-4
"""Of what the file gives with what torch gives, relative to the crop."""

_START: Final = "start"
_BEFORE: Final = "before/"


class WriteError(Exception):
    """Why no file could be made, in one line."""


def network(habit: Habit) -> HabitTransfer:
    """The network of a habit."""
    made = HabitTransfer(
        torch.from_numpy(habit.offsets),
        habit.form.view,
        PROBED.tolist(),
        torch.from_numpy(habit.shape_mean),
        torch.from_numpy(habit.shape_basis),
    )
    made.eval()
    return made


def to_onnx(habit: Habit, outlined: bool, before: Path | None) -> bytes:
    """The ONNX file of a habit.

    Parameters
    ----------
    habit : Habit
    outlined : bool
        Whether it starts from the points with the visible outline, or from the fixed ones.
    before : Path, optional
        A label transfer whose points it starts from instead; it becomes part of the file.

    Raises
    ------
    WriteError
        When the label transfer cannot be built in.
    """
    import onnx

    inner = network(habit)
    looks = mean_head().expand(2, POINTS, 3)
    if before is None:
        own = FromOwnPoints(inner, OUTLINE.start if outlined else 0)
        model = _exported(own, {"landmarks": looks}, OPSET)
        return bytes(model.SerializeToString())
    first = onnx.load(before)
    versions = [o.version for o in first.opset_import if o.domain in ("", "ai.onnx")]
    version = max(versions, default=OPSET)
    given = {"landmarks": looks, _START: looks[:, :FIXED]}
    try:
        model = _chained(first, _exported(inner, given, version))
        onnx.checker.check_model(model)
    except Exception as problem:
        said = " ".join(str(problem).split())[:200]
        raise WriteError(f"{before} cannot be built into the new file: {said}") from None
    return bytes(model.SerializeToString())


def write(
    path: Path, data: bytes, card: Card, habit: Habit, outlined: bool, before: Path | None
) -> None:
    """Write ONNX file and card, the file only if it opens and gives what torch gives.

    Raises
    ------
    OSError
        When a file cannot be written.
    WriteError, ModelError
        When the file does not do what it should; then neither is left.
    """
    beside = path.with_suffix(".json")
    complete = msgspec.structs.replace(card, sha256=hashlib.sha256(data).hexdigest())
    trial = path.with_name(f".{path.stem}.trial.onnx")
    try:
        write_bytes(trial, data)
        _compare(trial, habit, outlined, before)
        trial.replace(path)
        write_bytes(beside, encode_card(complete))
    finally:
        trial.unlink(missing_ok=True)


def _exported(module: nn.Module, given: dict[str, Tensor], opset: int) -> ModelProto:
    import onnx

    names = [*given, "landmarks_68"]
    data = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            tuple(given.values()),
            data,
            input_names=list(given),
            output_names=["landmarks_68"],
            dynamic_axes={name: {0: "N"} for name in names},
            opset_version=opset,
            dynamo=False,
        )
    return onnx.load_from_string(data.getvalue())


def _chained(first: ModelProto, second: ModelProto) -> ModelProto:
    """``second`` with its input `_START` from the output of ``first``; both take the landmarks."""
    from onnx import compose

    before = compose.add_prefix(first, _BEFORE)
    for node in before.graph.node:
        names = [("landmarks" if n == f"{_BEFORE}landmarks" else n) for n in node.input]
        del node.input[:]
        node.input.extend(names)
    for node in second.graph.node:
        names = [(f"{_BEFORE}landmarks_68" if n == _START else n) for n in node.input]
        del node.input[:]
        node.input.extend(names)
    nodes = [*before.graph.node, *second.graph.node]
    del second.graph.node[:]
    second.graph.node.extend(nodes)
    second.graph.initializer.extend(before.graph.initializer)
    kept = [value for value in second.graph.input if value.name != _START]
    del second.graph.input[:]
    second.graph.input.extend(kept)
    second.ir_version = max(first.ir_version, second.ir_version)
    return second


def _compare(path: Path, habit: Habit, outlined: bool, before: Path | None) -> None:
    """Raises WriteError when the file gives something else than torch for moved mean heads."""
    rng = np.random.default_rng(0)
    heads = 3.0 * mean_head()[None].numpy() + rng.normal(0.0, 0.02, (8, POINTS, 3))
    points = heads.astype(np.float32)
    start = points[:, OUTLINE] if outlined else points[:, :FIXED]
    if before is not None:
        start = Transfer(open_session(before)).apply(points)
    with torch.no_grad():
        expected = network(habit)(torch.from_numpy(points), torch.from_numpy(start)).numpy()
    apart = float(np.abs(Transfer(open_session(path)).apply(points) - expected).max())
    if not apart <= AGREEMENT:
        raise WriteError(f"{path}: the file differs by {apart:.2g} from the network it was made of")
