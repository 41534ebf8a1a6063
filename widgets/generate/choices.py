"""What the window asks `generate` for, and how it is remembered."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from PySide6.QtCore import QObject, Signal

from app.dataset.spec import DatasetSpec
from app.files import read_bytes, write_bytes
from app.paths import config_dir

_LIMIT = 256 * 1024
_Text = Annotated[str, Meta(max_length=4096)]


@dataclass(frozen=True)
class Choices:
    """All fields of the window.

    Attributes
    ----------
    subjects : str
        Whether ``heads`` or ``people`` count; both are kept.
    spec : DatasetSpec
        Its own ``people`` and ``heads`` are not used, see `asked`.
    workers : int
        0 leaves the number to the program.
    scheduler : str
        Address of a running Dask scheduler; empty for this machine alone.
    """

    output: _Text = ""
    subjects: Literal["heads", "people"] = "heads"
    heads: tuple[_Text, ...] = ()
    people: Annotated[int, Meta(ge=1, le=9999)] = 20
    spec: DatasetSpec = field(default_factory=DatasetSpec)
    workers: Annotated[int, Meta(ge=0, le=1024)] = 0
    scheduler: _Text = ""

    @property
    def asked(self) -> DatasetSpec:
        """The data set that is asked for, without the choices that nothing else makes count."""
        spec = self.spec
        if "Replay" not in spec.motions:
            spec = replace(spec, replay=())
        if "pictures" not in spec.backgrounds:
            spec = replace(spec, pictures=None)
        if self.subjects == "people":
            return replace(spec, people=self.people, heads=())
        return replace(spec, people=0, heads=self.heads)

    @staticmethod
    def of(spec: DatasetSpec, output: str, before: Choices) -> Choices:
        """The fields that ask for a data set which is there already."""
        return replace(
            before,
            output=output,
            subjects="people" if spec.people else "heads",
            heads=spec.heads or before.heads,
            people=spec.people or before.people,
            spec=replace(
                spec,
                replay=spec.replay or before.spec.replay,
                pictures=spec.pictures or before.spec.pictures,
            ),
        )


class ChoicesModel(QObject):
    """The choices as they stand; every field changes them here and shows what it hears.

    Signals
    -------
    changed : Choices
    """

    changed = Signal(object)

    def __init__(self, choices: Choices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.choices = choices

    def set(self, choices: Choices) -> None:
        if choices != self.choices:
            self.choices = choices
            self.changed.emit(choices)

    def change(self, **values: Any) -> None:
        self.set(replace(self.choices, **values))

    def change_spec(self, **values: Any) -> None:
        self.change(spec=replace(self.choices.spec, **values))

    def switch(self, name: str, value: str, on: bool, order: tuple[str, ...]) -> None:
        """Put a value in one of the spec's tuples, or take it out; they keep their order."""
        chosen = {*getattr(self.choices.spec, name)} - {value} | ({value} if on else set())
        self.change_spec(**{name: tuple(v for v in order if v in chosen)})


def remembered(path: Path | None = None) -> Choices:
    """The choices of the last time; the defaults where there are none or they can't be read."""
    with contextlib.suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        data = read_bytes(path or _file(), _LIMIT)
        if len(data) <= _LIMIT:
            return msgspec.json.decode(data, type=Choices)
    return Choices()


def remember(choices: Choices, path: Path | None = None) -> None:
    """Keep them for the next time; what can't be written is not worth a word to people."""
    with contextlib.suppress(OSError, UnicodeEncodeError):
        write_bytes(path or _file(), msgspec.json.encode(choices))


def _file() -> Path:
    return config_dir() / "generate-window.json"
