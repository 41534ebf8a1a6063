"""How a network is computed: kind of numbers, layout in memory, compiled or not."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from typing import Any, Final

import torch
from torch import Tensor, nn

from inference.training.config import TrainingConfig

_KINDS: Final = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}


@dataclasses.dataclass(frozen=True)
class Computation:
    """What was chosen for a device.

    Attributes
    ----------
    device : device
    kind : dtype
        Of autocast; float32 for none.
    channels_last, compiled : bool
    workers : int
    """

    device: torch.device
    kind: torch.dtype
    channels_last: bool
    compiled: bool
    workers: int

    def __str__(self) -> str:
        parts = [str(self.device), str(self.kind).removeprefix("torch.")]
        parts += ["channels last"] if self.channels_last else []
        parts += ["compiled"] if self.compiled else []
        return ", ".join([*parts, f"{self.workers} loading"])


def computation(config: TrainingConfig, device: str = "auto") -> Computation:
    """The quickest sound way, where the settings leave it open.

    bfloat16 pays on a processor only where it has instructions for it; compiling does not
    (docs/decisions/0021-training.md has the figures).

    Raises
    ------
    ValueError
        There is no such device.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        chosen = torch.device(device)
        torch.empty(1, device=chosen)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(
            f"--device {device}: this machine has no such device; auto takes what there is"
        ) from error
    on_gpu = chosen.type == "cuda"
    kind = _KINDS.get(config.precision) or _best_kind(chosen)
    if kind is torch.float16 and not on_gpu:
        kind = torch.float32
    return Computation(
        chosen,
        kind,
        True if config.channels_last == "auto" else config.channels_last,
        False if config.compiled == "auto" else config.compiled,
        _workers(on_gpu) if isinstance(config.workers, str) else config.workers,
    )


def _workers(on_gpu: bool) -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(16, (cores or 1) - 1)) if on_gpu else max(1, (cores or 1) // 8)


def _best_kind(device: torch.device) -> torch.dtype:
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    supported: Callable[[], bool] | None = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    if device.type == "cpu" and supported is not None and supported():
        return torch.bfloat16
    return torch.float32


class Computed(nn.Module):
    """A network under autocast whose outputs are float32.

    Linear layers and modules with a true attribute ``exact`` stay in float32; `Task` says why.
    Other attributes are those of the network.
    """

    def __init__(self, network: nn.Module, way: Computation) -> None:
        super().__init__()
        self.network = network
        self._way = way
        reduced = way.kind is not torch.float32
        if reduced:
            for module in network.modules():
                if isinstance(module, nn.Linear) or getattr(module, "exact", False):
                    module.forward = _Exact(module.forward, way.device.type)
        self._run: Any = _Compiled(network) if way.compiled else network

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("network"), name)

    def forward(self, *inputs: Tensor) -> Any:
        if self._way.channels_last:
            inputs = tuple(_channels_last(x) for x in inputs)
        if self._way.kind is torch.float32:
            return self._run(*inputs)
        with torch.autocast(self._way.device.type, self._way.kind):
            return as_float32(self._run(*inputs))


class _Exact:
    """A layer's ``forward`` outside of autocast."""

    def __init__(self, forward: Callable[..., Any], device: str) -> None:
        self.forward, self.device = forward, device

    def __call__(self, *inputs: Tensor) -> Any:
        with torch.autocast(self.device, enabled=False):
            return self.forward(*(as_float32(x) for x in inputs))


class _Compiled:
    """A compiled network; one that cannot be compiled runs as it is, and says so once."""

    def __init__(self, network: nn.Module) -> None:
        self._plain = network
        self._run: Any = torch.compile(network)

    def __call__(self, *inputs: Tensor) -> Any:
        if self._run is self._plain:
            return self._plain(*inputs)
        try:
            return self._run(*inputs)
        except Exception as problem:
            import warnings

            reason = (str(problem).strip().splitlines() or [type(problem).__name__])[0]
            warnings.warn(f"not compiled: {reason[:200]}", stacklevel=2)
            self._run = self._plain
            return self._plain(*inputs)


def as_float32(value: Any) -> Any:
    """All tensors of reduced precision in lists, mappings and dataclasses as float32."""
    if isinstance(value, Tensor):
        reduced = value.dtype in (torch.bfloat16, torch.float16)
        return value.float() if reduced else value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {f.name: as_float32(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return dataclasses.replace(value, **parts)
    if isinstance(value, dict):
        return {key: as_float32(part) for key, part in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(as_float32(part) for part in value))
    if isinstance(value, tuple | list):
        return type(value)(as_float32(part) for part in value)
    return value


def _channels_last(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last) if x.dim() == 4 else x
