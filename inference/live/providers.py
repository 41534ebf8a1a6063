"""What networks run on: the processor, or a device where ONNX Runtime can reach one.

A device that cannot be started, or fails while it runs, costs one message and one frame's time: the
network goes on on the processor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from inference.onnx_check import Contents
from inference.sessions import (
    CPU,
    DIRECTML,
    Floats,
    ModelError,
    RunError,
    Session,
    contents_of,
    start,
)

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Tell = Callable[[str], None]
"""Takes one line for people."""


class Provider(StrEnum):
    """What a network runs on, as people call it."""

    CPU = "CPU"
    CUDA = "CUDA"
    DIRECTML = "DirectML"
    COREML = "CoreML"

    @property
    def runtime_name(self) -> str:
        """As ONNX Runtime calls it."""
        return _NAMES[self]


_NAMES: Final[dict[Provider, str]] = {
    Provider.CPU: CPU,
    Provider.CUDA: "CUDAExecutionProvider",
    Provider.DIRECTML: DIRECTML,
    Provider.COREML: "CoreMLExecutionProvider",
}


def available() -> tuple[Provider, ...]:
    """Those that the installed ONNX Runtime was built with, the processor first."""
    import onnxruntime as ort

    built = set(ort.get_available_providers())
    return tuple(p for p in Provider if p.runtime_name in built)


def open_on(
    provider: Provider, path: Path, data: bytes, threads: int = 1, tell: Tell = lambda _: None
) -> Session:
    """A network on a provider, or on the processor where that cannot be started.

    Parameters
    ----------
    provider : Provider
    path : Path
        Named in messages; it is not read.
    data : bytes
        The ONNX file, which has been checked.
    threads : int
    tell : callable
        Is told in one line when the processor takes over, now or later, on the thread that runs
        the network.

    Raises
    ------
    ModelError
        When the processor cannot run it either.
    """
    contents = contents_of(path, data)
    if provider is Provider.CPU:
        return Session(path, start(path, data, threads), contents)
    try:
        wanted = provider if provider in available() else Provider.CPU
        inner = start(path, data, threads, wanted.runtime_name)
    except ModelError:
        inner = start(path, data, threads)
    if inner.get_providers()[0] != provider.runtime_name:
        tell(f"{provider} cannot be started; {path.stem} runs on the processor")
        return Session(path, inner, contents)
    return FallbackSession(path, inner, contents, data, threads, tell)


class FallbackSession(Session):
    """A network on a device that goes on on the processor once the device fails.

    Parameters
    ----------
    path, inner, contents
        See `inference.sessions.Session`.
    data : bytes
        The ONNX file, kept to be opened again.
    threads : int
        For the processor.
    tell : callable
    """

    def __init__(
        self,
        path: Path,
        inner: InferenceSession,
        contents: Contents,
        data: bytes,
        threads: int,
        tell: Tell,
    ) -> None:
        super().__init__(path, inner, contents)
        self._data = data
        self._threads = threads
        self._tell = tell

    def run(self, inputs: Mapping[str, Floats]) -> dict[str, Floats]:
        """Outputs by name; see `inference.sessions.Session.run`.

        Raises
        ------
        ModelError
            When the processor fails as well.
        """
        try:
            return super().run(inputs)
        except RunError as problem:
            if self.provider == CPU:
                raise
            failed, reason = self.provider, str(problem)
        inner = start(self.path, self._data, self._threads)
        self._inner, self._data, self.provider = inner, b"", CPU
        name = next((p for p in Provider if p.runtime_name == failed), failed)
        self._tell(
            f"{name} failed; {self.path.stem} goes on on the processor "
            f"({reason.removeprefix(f'{self.path}: ')})"
        )
        return super().run(inputs)
