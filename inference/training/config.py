"""Settings of a training run: a TOML file of the project, a file of the user, keys by hand."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from msgspec import Meta

FOLDER: Final = Path(__file__).with_name("configs")

Positive = Annotated[int, Meta(ge=1)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]

T = TypeVar("T")


class ConfigError(ValueError):
    """Settings that cannot be used; the message is one line and says which."""


class TrainingConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Settings of the loop; those of the task lie in its own table.

    Attributes
    ----------
    name : str
        Of the task, set by `load_config`.
    seed : int
    batch : int
        Samples of one step.
    steps : int
        Length of the run; a limit of time ends it earlier and shortens the schedule with it.
    rate : float
        Greatest learning rate.
    schedule : {'one-cycle', 'cosine'}
        Both fall as a cosine to ``final_rate`` of ``rate``; one-cycle rises over the first
        ``warm_up`` of the run, cosine over its first hundredth.
    warm_up, final_rate : float
    optimiser : {'muon', 'adamw'}
        Muon moves kernels and inner matrices by orthogonal steps and all else as AdamW (Loshchilov
        and Hutter, ICLR 2019) does.
    weight_decay : float
        For matrices and kernels; biases and normalisations have none.
    clip : float
        Greatest norm of the gradient; 0 for no limit.
    ema : float
        Share that the mean of the weights keeps at every step; 0 for none.
    precision : {'auto', 'float32', 'bfloat16', 'float16'}
    channels_last, compiled : bool or 'auto'
    workers : int or 'auto'
        Processes that make batches; 0 makes them in the loop.
    checkpoint_seconds, measure_seconds : float
    measure_samples : int
        Of the hold-out at each look; all of them at the end.
    patience : int
        Looks at the hold-out without a better score before the run stops; 0 never stops.
    task : dict
        Decoded by the task with `task_settings`.
    """

    name: str = ""
    seed: Annotated[int, Meta(ge=0, lt=2**31)] = 1
    batch: Positive = 64
    steps: Positive = 100_000
    rate: Annotated[float, Meta(gt=0.0)] = 2e-3
    schedule: Literal["one-cycle", "cosine"] = "one-cycle"
    warm_up: Share = 0.1
    final_rate: Share = 1e-3
    optimiser: Literal["muon", "adamw"] = "muon"
    weight_decay: Annotated[float, Meta(ge=0.0)] = 1e-2
    clip: Annotated[float, Meta(ge=0.0)] = 5.0
    ema: Annotated[float, Meta(ge=0.0, lt=1.0)] = 0.999
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    channels_last: bool | Literal["auto"] = "auto"
    compiled: bool | Literal["auto"] = "auto"
    workers: Annotated[int, Meta(ge=0, le=64)] | Literal["auto"] = "auto"
    checkpoint_seconds: Annotated[float, Meta(gt=0.0)] = 60.0
    measure_seconds: Annotated[float, Meta(gt=0.0)] = 300.0
    measure_samples: Positive = 1024
    patience: Annotated[int, Meta(ge=0)] = 0
    task: dict[str, Any] = {}


def load_config(name: str, file: Path | None = None, changes: Sequence[str] = ()) -> TrainingConfig:
    """Settings of the task ``name``.

    Parameters
    ----------
    name : str
        Of a file in `FOLDER`; without one the defaults hold.
    file : Path, optional
        TOML whose keys replace those of the project's.
    changes : sequence of str
        ``key=value`` with a value of TOML (a bare word is text); ``task.key=value`` for the task's.

    Raises
    ------
    ConfigError
    """
    own = FOLDER / f"{name}.toml"
    merged: dict[str, Any] = _read(own) if own.is_file() else {}
    if file is not None:
        merged = _merge(merged, _read(file))
    for change in changes:
        merged = _merge(merged, _change(change))
    return _decode({**merged, "name": name}, TrainingConfig, "the settings")


def task_settings(config: TrainingConfig, kind: type[T]) -> T:
    """The table ``[task]`` as a task's own struct, strictly.

    Raises
    ------
    ConfigError
    """
    return _decode(config.task, kind, "[task]")


def _decode(values: Mapping[str, Any], kind: type[T], where: str) -> T:
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {error}") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: this is no TOML: {error}") from error


def _change(text: str) -> dict[str, Any]:
    key, separator, value = text.partition("=")
    keys = [part.strip() for part in key.split(".")]
    if not separator or not all(keys):
        raise ConfigError(f"--set {text!r}: write key=value")
    try:
        nested: Any = tomllib.loads(f"value = {value.strip()}")["value"]
    except tomllib.TOMLDecodeError:
        nested = value.strip()
    for part in reversed(keys):
        nested = {part: nested}
    assert isinstance(nested, dict)
    return nested


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        before = merged.get(key)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        merged[key] = _merge(before, value) if both else value  # type: ignore[arg-type]
    return merged
