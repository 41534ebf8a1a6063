"""Which models the live window uses: chosen from the list, opened in jobs, exchanged as it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from PySide6.QtCore import QObject, Signal

from app.jobs import JobError, JobList, Report
from app.priority import give_way
from inference.detector import CascadeDetector
from inference.live.chain import LiveModels
from inference.live.inbox import UsedModel
from inference.live.models import Listed, ModelFolder, State
from inference.live.providers import Provider
from inference.sessions import ModelError
from widgets.live.model_list import ModelList

if TYPE_CHECKING:
    from inference.live.model_files import Predictor

Part = Literal["face", "second", "depth", "detector", "hands", "wheel"]
PARTS: Final[tuple[Part, ...]] = ("face", "second", "depth", "detector", "hands", "wheel")
KINDS: Final[dict[Part, frozenset[str]]] = {
    "face": frozenset({"face", "landmarks"}),
    "second": frozenset({"face", "landmarks"}),
    "depth": frozenset({"depth"}),
    "detector": frozenset({"detector"}),
    "hands": frozenset({"hands"}),
    "wheel": frozenset({"wheel-region"}),
}
"""Kinds of models that can do a part."""

CASCADES: Final = "OpenCV's cascades"


@dataclass(frozen=True, eq=False)
class InUse:
    """A model that is open.

    Attributes
    ----------
    listed : Listed or None
        None for OpenCV's cascades.
    predictor : object
    """

    listed: Listed | None
    predictor: Any

    @property
    def name(self) -> str:
        return CASCADES if self.listed is None else self.listed.name


class ModelShelf(QObject):
    """Keeps the list fresh, and opens what is chosen.

    What is open stays in use until something else is: a file that is replaced by rubbish or
    removed stops nobody.

    Parameters
    ----------
    jobs : JobList
    folder : ModelFolder

    Signals
    -------
    changed
        The list, what is chosen, or how it is doing.
    used_changed
        Other models are open.
    message : (str, str)
    """

    changed = Signal()
    used_changed = Signal()
    message = Signal(str, str)
    _done = Signal(str, object, object)

    def __init__(self, jobs: JobList, folder: ModelFolder, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.list = ModelList(jobs, folder, self)
        self.list.renewed.connect(self._renewed)
        self.list.checked.connect(self._checked)
        self.list.message.connect(self.message)
        self._jobs = jobs
        self._wanted: dict[Part, Path | None] = dict.fromkeys(PARTS)
        self._loading: dict[Part, Path] = {}
        self._used: dict[Part, InUse] = {}
        self._problems: dict[Part, str] = {}
        self._depth = False
        self._chosen: set[Part] = set()
        self._provider = Provider.CPU
        self._fallen_back = False
        self._closed = False
        self._done.connect(self._opened)

    # What there is

    @property
    def folder(self) -> ModelFolder:
        return self.list.folder

    @property
    def models(self) -> tuple[Listed, ...]:
        return self.folder.models

    def listed(self, path: Path | None) -> Listed | None:
        return next((m for m in self.models if m.path == path), None)

    def fit_for(self, part: Part) -> tuple[Listed, ...]:
        """Models that can do a part."""
        kinds = KINDS[part]
        return tuple(m for m in self.models if m.kind in kinds and m.state is State.READY)

    # What is used

    @property
    def provider(self) -> Provider:
        return self._provider

    @property
    def running_on(self) -> str:
        """What networks run on now; the processor where a device failed."""
        return str(Provider.CPU if self._fallen_back else self._provider)

    @property
    def depth(self) -> bool:
        """Whether depth is measured."""
        return self._depth

    def wanted(self, part: Part) -> Path | None:
        """The file chosen for a part."""
        return self._wanted[part]

    def in_use(self, part: Part) -> InUse | None:
        return self._used.get(part)

    def loading(self, part: Part) -> bool:
        return part in self._loading

    def problem(self, part: Part) -> str:
        """Why the file that was chosen last is not used."""
        return self._problems.get(part, "")

    @property
    def live_models(self) -> LiveModels:
        """For the engine."""
        found = {part: used.predictor for part, used in self._used.items()}
        if not self._depth:
            found.pop("depth", None)
        return LiveModels(**found)

    @property
    def used(self) -> tuple[UsedModel, ...]:
        """For snapshots: name and hash of every model that looks at the frames."""
        told = []
        for part, used in self._used.items():
            if part == "depth" and not self._depth:
                continue
            told.append(UsedModel(part, used.name, used.listed.sha256 if used.listed else ""))
        return tuple(told)

    def was_chosen(self, part: Part) -> bool:
        """Whether the user has chosen something for a part; else the usual model is taken."""
        return part in self._chosen

    def remember(self, part: Part, path: Path | None) -> None:
        """What was chosen in an earlier run, where that is still there once the list is made."""
        if path is None or path.is_file():
            self._chosen.add(part)
            self._wanted[part] = path

    def choose(self, part: Part, path: Path | None) -> None:
        """Use a model of the list for a part; None for none, and for OpenCV's cascades."""
        self._chosen.add(part)
        self._want(part, path)

    def choose_file(self, part: Part, path: Path) -> None:
        """Use a file for a part, wherever it lies; it is listed until the program ends."""
        self.folder.include(path)
        self._chosen.add(part)
        self._wanted[part] = path
        self.list.make_anew()

    def set_depth(self, on: bool) -> None:
        """Measure depth, with the model chosen for it."""
        if on != self._depth:
            self._depth = on
            self._open_missing()
            self.used_changed.emit()
            self.changed.emit()

    def set_provider(self, provider: Provider) -> None:
        """Run networks on something else; those in use are opened again."""
        if provider is not self._provider:
            self._provider, self._fallen_back = provider, False
            for part in PARTS:
                if self._wanted[part] is not None and (part != "depth" or self._depth):
                    self._open(part)
            self.changed.emit()

    def close(self) -> None:
        self._closed = True
        self.list.close()

    # The list

    def _renewed(self, first: bool) -> None:
        for part, used in self._used.items():
            if used.listed is not None and self._wanted[part] == used.listed.path:
                self._follow(part, used.listed)
        self._choose_defaults()
        self.changed.emit()
        if first:
            self._open_remembered()

    def _checked(self, _: Path) -> None:
        self._choose_defaults()
        self.changed.emit()

    def _follow(self, part: Part, before: Listed) -> None:
        """A file in use may have changed or gone."""
        now = self.listed(before.path)
        if now is None:
            text = f"{before.path.name} is gone; {before.name} goes on as it was opened."
            self._problems[part] = text
            self.message.emit("warning", text)
        elif now.stamps != before.stamps and part not in self._loading:
            self._open(part)

    def _choose_defaults(self) -> None:
        """The first model that can do a part, where nobody has chosen one."""
        for part in PARTS:
            if part == "second" or part in self._chosen or self._wanted[part] is not None:
                continue
            fit = self.fit_for(part)
            usual = next((m for m in fit if m.path.stem == part), fit[0] if fit else None)
            if usual is not None:
                self._want(part, usual.path)

    def _open_remembered(self) -> None:
        """What is wanted and not open yet; OpenCV's cascades where no detector is wanted."""
        for part in PARTS:
            path = self._wanted[part]
            if path is not None and self.listed(path) is None:
                self._chosen.discard(part)
                self._wanted[part] = None
                self._choose_defaults()
            elif (
                path is not None and part not in self._loading and (part != "depth" or self._depth)
            ):
                self._open(part)
        if self._wanted["detector"] is None:
            self._want("detector", None)

    # Opening

    def _want(self, part: Part, path: Path | None) -> None:
        self._wanted[part] = path
        self._problems.pop(part, None)
        self._loading.pop(part, None)
        if path is None and part == "detector":
            self._in_background(part, None, lambda: InUse(None, CascadeDetector()))
        elif path is None:
            if self._used.pop(part, None) is not None:
                self.used_changed.emit()
        elif part != "depth" or self._depth:
            self._open(part)
        self.changed.emit()

    def _open_missing(self) -> None:
        used, wanted = self._used.get("depth"), self._wanted["depth"]
        open_already = used is not None and used.listed is not None and used.listed.path == wanted
        if self._depth and wanted is not None and not open_already:
            self._open("depth")

    def _open(self, part: Part) -> None:
        path = self._wanted[part]
        assert path is not None
        self._loading[part] = path
        provider = self._provider

        def tell(line: str) -> None:
            self._fallen_back = True
            self.message.emit("warning", f"{line}.")

        def make() -> InUse:
            listed = self.folder.check(path)
            if listed.kind is not None and listed.kind not in KINDS[part]:
                raise ModelError(f"{path.name}: a model of kind {listed.kind} cannot do this")
            predictor: Predictor = self.folder.open(listed, provider, tell=tell)
            return InUse(listed, predictor)

        self._in_background(part, path, make)
        self.changed.emit()

    def _in_background(self, part: Part, path: Path | None, make: Callable[[], InUse]) -> None:
        """Open a model in a job; what came of it is told by `_done`."""

        def work(_: Report) -> None:
            give_way()
            try:
                self._done.emit(part, path, make())
            except (ModelError, OSError) as problem:
                self._done.emit(part, path, _line(str(problem)))
                raise JobError(_line(str(problem))) from None
            except KeyError:
                text = f"{path}: there is no such model any more"
                self._done.emit(part, path, text)
                raise JobError(text) from None

        self._jobs.run(f"Open {path.name if path else CASCADES}", work)

    def _opened(self, part: Part, path: Path | None, outcome: InUse | str) -> None:
        if self._closed or self._wanted[part] != path:
            return
        self._loading.pop(part, None)
        if isinstance(outcome, InUse):
            self._problems.pop(part, None)
            self._used[part] = outcome
            self.used_changed.emit()
        else:
            going_on = self._used.get(part)
            rest = f" {going_on.name} goes on as it was opened." if going_on else ""
            self._problems[part] = outcome
            self.message.emit("error", f"{outcome.rstrip('.')}.{rest}")
        self.changed.emit()


def _line(text: str) -> str:
    return " ".join(text.split())


__all__ = ["CASCADES", "PARTS", "InUse", "ModelShelf", "Part"]
