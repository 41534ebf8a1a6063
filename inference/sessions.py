"""Networks from ONNX files, opened so that a bad file is an error and not the end.

A file is bounded in size, looked through by `inference.onnx_check`, and, where it did not come
with the program, first opened and run once in a process of its own.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from app.files import read_bytes
from app.paths import ROOT
from inference.onnx_check import Contents, OnnxError, inspect

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

SIZE_LIMIT: Final = 256 * 2**20
TRIAL_SECONDS: Final = 60.0
TRIAL_MEMORY: Final = 8 * 2**30
"""Address space of the process in which a file is tried, bytes."""

FREE_SIDE: Final = 64
"""Sides that a file leaves free are tried with this many pixels."""

Floats = NDArray[np.float32]


CPU: Final = "CPUExecutionProvider"
DIRECTML: Final = "DmlExecutionProvider"


class ModelError(Exception):
    """Why a model cannot be used, in one line."""


class TrialError(ModelError):
    """Why the process in which a file was tried came to no result, in one line."""


class RunError(ModelError):
    """Why a run that was rightly asked for failed, in one line."""


@dataclass(frozen=True)
class Port:
    """An input or an output; free axes are 0."""

    name: str
    shape: tuple[int, ...]
    kind: str

    def takes(self, shape: Sequence[int]) -> bool:
        """Whether an array of this shape fits."""
        return len(shape) == len(self.shape) and all(
            own in (0, given) for own, given in zip(self.shape, shape, strict=True)
        )


class Session:
    """A network that is ready to run.

    Attributes
    ----------
    path : Path
    inputs, outputs : dict of str to Port
    opset : int
    provider : str
        Name by which ONNX Runtime calls what it runs on.
    """

    def __init__(self, path: Path, inner: InferenceSession, contents: Contents) -> None:
        self._inner = inner
        self.path = path
        self.opset = contents.opset
        self.provider = str(inner.get_providers()[0])
        self.inputs = {p.name: p for p in map(_port, inner.get_inputs())}
        self.outputs = {p.name: p for p in map(_port, inner.get_outputs())}

    def run(self, inputs: Mapping[str, Floats]) -> dict[str, Floats]:
        """Outputs by name.

        Raises
        ------
        ModelError
            When an array does not fit.
        RunError
            When the run fails, or what comes out holds no numbers.
        """
        for name, array in inputs.items():
            port = self.inputs.get(name)
            if port is None or not port.takes(array.shape):
                raise ModelError(f"{self.path}: takes {self._told()}, not {name} {array.shape}")
        names = list(self.outputs)
        try:
            values = self._inner.run(names, dict(inputs))
        except Exception as problem:
            raise RunError(f"{self.path}: cannot be run: {_said(problem)}") from None
        for name, value in zip(names, values, strict=True):
            if value.dtype != np.float32 or not np.isfinite(value).all():
                raise RunError(f"{self.path}: its output {name} is not made of finite numbers")
        return dict(zip(names, values, strict=True))

    def _told(self) -> str:
        return ", ".join(f"{p.name} {p.shape}" for p in self.inputs.values())


def open_session(path: Path, threads: int = 1, trusted: bool = False) -> Session:
    """A network from a file.

    Parameters
    ----------
    threads : int
        Within one operator; none of them spins while it waits.
    trusted : bool
        The file came with the program and is not tried in a process of its own first.

    Raises
    ------
    ModelError
        With one line that names the file and what is wrong with it.
    """
    data = read_model(path)
    contents = contents_of(path, data)
    if not trusted:
        try_apart(path, "inference.sessions:try_once", str(path.absolute()))
    return Session(path, start(path, data, threads), contents)


def try_once(file: str) -> None:
    """Open a file and run it with zeros; what `open_session` does in a process of its own.

    Raises
    ------
    ModelError
        With one line that names the file and what is wrong with it.
    """
    path = Path(file)
    data = read_model(path)
    session = Session(path, start(path, data, 1), contents_of(path, data))
    zeros = {
        port.name: np.zeros(
            [n or (1 if k == 0 else FREE_SIDE) for k, n in enumerate(port.shape)], np.float32
        )
        for port in session.inputs.values()
    }
    if sum(z.size for z in zeros.values()) > 2**26:
        raise ModelError(f"{path}: takes more numbers than a picture has")
    session.run(zeros)


def square_side(session: Session, limits: tuple[int, int]) -> int:
    """Side in pixels of the square pictures (N, 3, S, S) that a network takes.

    Raises
    ------
    ModelError
        When it takes something else, or its side is beyond the limits.
    """
    port = session.inputs.get("pictures")
    shape = port.shape if port else ()
    least, most = limits
    if len(shape) != 4 or shape[1] != 3 or shape[2] != shape[3] or not least <= shape[3] <= most:
        raise ModelError(
            f"{session.path}: takes no square pictures (N, 3, S, S) of {least} to {most} pixels"
        )
    return shape[3]


def check_outputs(
    session: Session, outputs: Mapping[str, Floats], expected: Mapping[str, tuple[int, ...]]
) -> None:
    """Compare what came out with the shapes that were agreed; absent outputs are passed over.

    Raises
    ------
    ModelError
    """
    for name, shape in expected.items():
        found = outputs[name].shape if name in outputs else shape
        if found != shape:
            raise ModelError(
                f"{session.path}: its output {name} has the shape {found}, not {shape}"
            )


def read_model(path: Path) -> bytes:
    """The bytes of a file, which is not looked into.

    Raises
    ------
    ModelError
        When it cannot be read or is too large.
    """
    try:
        data = read_bytes(path, SIZE_LIMIT)
    except FileNotFoundError:
        raise ModelError(f"{path}: there is no such file") from None
    except OSError as problem:
        raise ModelError(f"{path}: cannot be read: {problem.strerror}") from None
    if len(data) > SIZE_LIMIT:
        raise ModelError(f"{path}: larger than {SIZE_LIMIT // 2**20} MB")
    return data


def contents_of(path: Path, data: bytes) -> Contents:
    """What a file holds, by `inference.onnx_check`.

    Raises
    ------
    ModelError
    """
    try:
        return inspect(data)
    except OnnxError as problem:
        raise ModelError(f"{path}: {problem}") from None


def start(path: Path, data: bytes, threads: int, provider: str = CPU) -> InferenceSession:
    """ONNX Runtime with a network of 32-bit numbers, ready to run.

    Where the provider cannot be started, ONNX Runtime may take the processor instead; the session
    that comes back tells what it runs on.

    Parameters
    ----------
    path : Path
        Named in errors; it is not read.
    data : bytes
    threads : int
    provider : str
        As ONNX Runtime calls it.

    Raises
    ------
    ModelError
    """
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    if provider == DIRECTML:
        options.enable_mem_pattern = False
    try:
        session = ort.InferenceSession(
            data, options, providers=list(dict.fromkeys([provider, CPU]))
        )
    except Exception as problem:
        raise ModelError(f"{path}: ONNX Runtime refuses it: {_said(problem)}") from None
    session.disable_fallback()
    for port in (*session.get_inputs(), *session.get_outputs()):
        if port.type != "tensor(float)":
            raise ModelError(f"{path}: {port.name} is a {port.type}, not made of 32-bit numbers")
    return session


def try_apart(path: Path, call: str, *given: str) -> Any:
    """What a function gives back in a process of its own: a file that ends it ends only that.

    Parameters
    ----------
    path : Path
        The file, named in errors.
    call : str
        ``module:function``; it takes ``given``, gives back what JSON can hold and raises
        `ModelError`.

    Raises
    ------
    ModelError
        What the function raised.
    TrialError
        When the process took too long, or ended otherwise.
    """
    code = "import sys; from inference.sessions import _trial; sys.exit(_trial(*sys.argv[1:]))"
    command = [sys.executable, "-c", code, call, *given]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=TRIAL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise TrialError(
            f"{path}: has no result after {TRIAL_SECONDS:.0f} s and is not used"
        ) from None
    try:
        told = json.loads(done.stdout.splitlines()[-1])
        if done.returncode == 0:
            return told["result"]
        message = str(told["problem"])
    except (ValueError, IndexError, KeyError, TypeError):
        line = f"{path}: ends the process that opens it and is not used"
        raise TrialError(line) from None
    raise ModelError(message.replace(str(path.absolute()), str(path)))


def _trial(call: str, *given: str) -> int:
    """Tell on standard output what came of a trial."""
    _bound_memory()
    module, function = call.split(":")
    try:
        result = getattr(importlib.import_module(module), function)(*given)
    except ModelError as problem:
        print(json.dumps({"problem": str(problem)}))
        return 1
    print(json.dumps({"result": result}))
    return 0


def _bound_memory() -> None:
    """A model that asks for endless memory is refused, where the system can bound it."""
    if sys.platform == "win32":
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_AS)
    allowed = TRIAL_MEMORY if most == resource.RLIM_INFINITY else min(TRIAL_MEMORY, most)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (allowed, most))


def _port(value: Any) -> Port:
    shape = tuple(n if isinstance(n, int) and n > 0 else 0 for n in value.shape)
    return Port(value.name, shape, value.type)


def _said(problem: Exception) -> str:
    text = " ".join(str(problem).split())
    return text.removeprefix("[ONNXRuntimeError] : ")[:300]
