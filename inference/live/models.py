"""The folder whose ONNX files become models of the live window: listed, checked, opened.

A file has a card (``NAME.json``), a manifest (``NAME.yaml``), or follows this project's own
contracts and is known by its outputs. What did not come with the program is looked through and run
once in a process of its own before it is used; what came of that is kept by the files' hash.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from app.files import read_bytes, write_bytes
from app.paths import cache_dir, data_dir
from app.topology import store
from app.topology.release import releases_of
from inference import registry
from inference.card import Card, Kind
from inference.live.manifest import Manifest
from inference.live.model_files import Predictor, beside, described, files, predictor, stamps
from inference.live.providers import Provider, Tell, open_on
from inference.sessions import (
    ModelError,
    TrialError,
    contents_of,
    read_model,
    try_apart,
)
from inference.transfer import Transfer

CHECKS: Final = 1
"""Counted up when files are checked in another way, so that all are checked again."""

CACHE_LIMIT: Final = 64 * 2**10
TEXT_LIMIT: Final = 4 * 2**20

_AT_WORK: Final = threading.Lock()
"""One network at a time is looked through or opened, so that the window keeps a core."""


class State(StrEnum):
    UNCHECKED = "unchecked"
    READY = "ready"
    REFUSED = "refused"


@dataclass(frozen=True)
class Listed:
    """A model of the list.

    Attributes
    ----------
    path : Path
    name : str
    kind : str
        Empty while it is not known.
    summary : str
        One line for people.
    state : State
    problem : str
        Why it is refused, in one line.
    shipped : bool
        It came with the program.
    card : Card, optional
    manifest : Manifest, optional
    sha256 : str
        Of the ONNX file; empty while unchecked.
    milliseconds : float
        Of one run on the processor with one thread; 0 where it was not taken.
    other_releases : str
        Releases of topologies that it was made for and that are others than those in use, such as
        ``"dense-520 3, here 4"``; empty where there are none.
    stamps : tuple of (int, int)
        Size and time of the ONNX file and of what lies beside it, when they were listed.
    """

    path: Path
    name: str
    kind: Kind | None = None
    summary: str = ""
    state: State = State.UNCHECKED
    problem: str = ""
    shipped: bool = False
    card: Card | None = None
    manifest: Manifest | None = None
    sha256: str = ""
    milliseconds: float = 0.0
    other_releases: str = ""
    stamps: tuple[tuple[int, int], ...] = ()


class _Checked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a check found out, as it is kept."""

    kind: Kind | None
    problem: Annotated[str, Meta(max_length=2000)]
    milliseconds: float


class ModelFolder:
    """The models that come with the program and those in a folder.

    Safe to use from any thread. `refresh` is quick and looks at names, sizes and times alone;
    `check` takes up to a minute and belongs in a job.

    Parameters
    ----------
    folder : Path, optional
        ``models`` among the user's data; it is made when it is not there.
    cache : Path, optional
    """

    def __init__(self, folder: Path | None = None, cache: Path | None = None) -> None:
        self.folder = folder if folder is not None else data_dir() / "models"
        self._cache = cache if cache is not None else cache_dir() / "models"
        self._lock = threading.Lock()
        self._listed: dict[Path, Listed] = {}
        self._more: tuple[Path, ...] = ()

    def include(self, path: Path) -> None:
        """List a file that lies elsewhere too, from the next `refresh` on."""
        with self._lock:
            if path not in self._more:
                self._more = (*self._more, path)

    @property
    def models(self) -> tuple[Listed, ...]:
        """As last seen: shipped ones first, then by name."""
        with self._lock:
            return tuple(sorted(self._listed.values(), key=lambda m: (not m.shipped, m.name)))

    def refresh(self) -> bool:
        """Look again what there is; True where something came, changed or went."""
        found: dict[Path, Listed] = {}
        with self._lock:
            known, more = dict(self._listed), self._more
        for path in dict.fromkeys((*files(registry.FOLDER, self.folder), *more)):
            now = stamps(path)
            old = known.get(path)
            if now:
                same = old is not None and old.stamps == now
                found[path] = old if old is not None and same else _listed(path, now)
        with self._lock:
            self._listed = found
        return found != known

    def check(self, path: Path) -> Listed:
        """Look through a listed file, run it once, and say what came of it.

        Raises
        ------
        KeyError
            When no file of this name is listed.
        """
        with self._lock:
            listed = self._listed[path]
        if listed.state is not State.UNCHECKED:
            return listed
        done = self._checked(listed)
        with self._lock:
            if self._listed.get(path) == listed:
                self._listed[path] = done
        return done

    def open(
        self,
        listed: Listed,
        provider: Provider = Provider.CPU,
        threads: int = 1,
        tell: Tell = lambda _: None,
    ) -> Predictor:
        """A model, ready to use; a face network that came with the program with its transfer.

        Parameters
        ----------
        listed : Listed
            As `check` gave it back.
        provider : Provider
        threads : int
        tell : callable
            Is told in one line when the processor takes over from the provider.

        Raises
        ------
        ModelError
            When it was refused, is not the file that was checked, or cannot be opened.
        """
        if listed.state is State.REFUSED:
            raise ModelError(listed.problem)
        if listed.state is State.UNCHECKED:
            raise ModelError(f"{listed.path}: has not been checked yet")
        data = read_model(listed.path)
        if not listed.shipped and hashlib.sha256(data).hexdigest() != listed.sha256:
            raise ModelError(f"{listed.path}: is not the file that was checked; check it again")
        with _AT_WORK:
            session = open_on(provider, listed.path, data, threads, tell)
            fitted = registry.follower(listed.name) if listed.shipped else None
            transfer = Transfer(fitted.open(1)[0]) if fitted else None
            return predictor(session, listed.card, listed.manifest, transfer)

    def _checked(self, listed: Listed) -> Listed:
        try:
            data = read_model(listed.path)
            text_file = beside(listed.path)
            text = read_bytes(text_file, TEXT_LIMIT) if text_file else b""
        except ModelError as problem:
            return replace(listed, state=State.REFUSED, problem=str(problem))
        except OSError as problem:
            line = f"{listed.path}: cannot be read: {problem.strerror}"
            return replace(listed, state=State.REFUSED, problem=line)
        sha = hashlib.sha256(data).hexdigest()
        listed = replace(listed, sha256=sha)
        told, by = (
            (listed.manifest.sha256, "manifest")
            if listed.manifest
            else (listed.card.sha256 if listed.card else "", "card")
        )
        if told not in ("", sha):
            line = f"{listed.path}: is not the file that the {by} was written for"
            return replace(listed, state=State.REFUSED, problem=line)
        key = hashlib.sha256(f"{CHECKS} {_runtime()} {sha} ".encode() + text).hexdigest()
        result = self._remembered(key)
        if result is None:
            tried = _tried(listed.path, data)
            if isinstance(tried, ModelError):
                return replace(listed, state=State.REFUSED, problem=str(tried))
            result = tried
            self._remember(key, result)
        if result.problem:
            line = f"{listed.path}: {result.problem}"
            return replace(listed, state=State.REFUSED, problem=line)
        return replace(
            listed, state=State.READY, kind=result.kind, milliseconds=result.milliseconds
        )

    def _remembered(self, key: str) -> _Checked | None:
        try:
            data = read_bytes(self._cache / f"{key}.json", CACHE_LIMIT)
            return msgspec.json.decode(data, type=_Checked)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None

    def _remember(self, key: str, result: _Checked) -> None:
        try:
            self._cache.mkdir(parents=True, exist_ok=True)
            write_bytes(self._cache / f"{key}.json", msgspec.json.encode(result))
        except OSError:
            return


def _tried(path: Path, data: bytes) -> _Checked | ModelError:
    """What a check finds out; the error where it may have been this moment's fault alone."""
    try:
        with _AT_WORK:
            contents_of(path, data)
        result = try_apart(path, "inference.live.model_files:trial", str(path.absolute()))
        return msgspec.convert(result | {"problem": ""}, _Checked)
    except TrialError as problem:
        return problem
    except ModelError as problem:
        return _Checked(None, str(problem).removeprefix(f"{path}: ")[:2000], 0.0)


def _listed(path: Path, now: tuple[tuple[int, int], ...]) -> Listed:
    is_shipped = path.parent == registry.FOLDER
    plain = Listed(path, path.stem, shipped=is_shipped, stamps=now)
    try:
        card, manifest = described(path)
    except ModelError as problem:
        return replace(plain, state=State.REFUSED, problem=str(problem))
    told = manifest or card
    kind: Kind | None = "landmarks" if manifest else card.kind if card else None
    return replace(
        plain,
        name=(told.name if told else "") or path.stem,
        kind=kind,
        summary=told.summary if told else "",
        state=State.READY if is_shipped else State.UNCHECKED,
        card=card,
        manifest=manifest,
        sha256=card.sha256 if card else "",
        other_releases=other_releases(card.topologies) if card else "",
    )


def other_releases(versions: Mapping[str, int]) -> str:
    """What a card names beside the versions in use, in short; see `Listed.other_releases`."""
    known = store.shipped()
    try:
        told = [
            f"{one}, here {store.load(one.topology).version}"
            for one in releases_of(versions)
            if one.topology in known and one.version != store.load(one.topology).version
        ]
    except store.TopologyError:
        return ""
    return "; ".join(told)


def _runtime() -> str:
    return version("onnxruntime")
