"""Opening a head: from the cache without Blender, or read by Blender into it."""

from __future__ import annotations

import os
import queue
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from app.blender.errors import disk_fault
from app.blender.protocol import Cancelled, Done, ErrorKind, Event, Failed, Progress
from app.blender.ticket import Ticket
from app.head import library, store
from app.head.asset import HeadAsset
from app.head.correction import Correction
from app.head.fbx import FbxError
from app.jobs import JobCancelledError, JobError
from app.scene.scene import HeadFile

_LISTEN_SECONDS: Final = 0.05


class Runner(Protocol):
    """What hands jobs to Blender."""

    def submit(
        self, op: str, args: dict[str, Any], on_event: Callable[[Event], None] | None = None
    ) -> Ticket: ...


class Watcher(Protocol):
    """Who hears how far it has come and may ask for its end; `app.jobs.Report` is one."""

    @property
    def asked_to_stop(self) -> bool: ...

    def progress(
        self, text: str = "", fraction: float | None = None, seconds_left: float | None = None
    ) -> None: ...


class Unwatched:
    """A `Watcher` that looks away."""

    asked_to_stop = False

    def progress(
        self, text: str = "", fraction: float | None = None, seconds_left: float | None = None
    ) -> None:
        pass


class HeadError(JobError):
    """A head that cannot be opened; the message is one line that says what to do."""

    def __init__(self, kind: ErrorKind, message: str, detail: str = "") -> None:
        super().__init__(message, detail)
        self.kind: ErrorKind = kind


@dataclass(frozen=True, eq=False)
class Opened:
    """``head`` has the file's hash and the correction that was used."""

    head: HeadFile
    asset: HeadAsset


@dataclass(frozen=True)
class Opening:
    """What is to be opened.

    Attributes
    ----------
    recall : bool
        Use what was remembered for this file in place of the head's own correction.
    remember : bool
        Keep the head's correction for this file from now on.
    fresh : bool
        Read the file even if it is in the cache.
    """

    head: HeadFile
    recall: bool = False
    remember: bool = False
    fresh: bool = False

    def __call__(self, blender: Runner, watcher: Watcher) -> Opened:
        """Take the head from the cache, or have Blender read it.

        Raises
        ------
        HeadError
        JobCancelledError
        """
        try:
            return self._open(blender, watcher)
        except FbxError as problem:
            raise HeadError(problem.kind, str(problem)) from None
        except OSError as problem:
            fault = disk_fault(problem)
            raise HeadError(fault.kind, fault.message, fault.detail) from problem

    def _open(self, blender: Runner, watcher: Watcher) -> Opened:
        path = library.resolve(self.head.path)
        sha256 = library.file_hash(path)
        if watcher.asked_to_stop:
            raise JobCancelledError
        correction = library.remembered(sha256) if self.recall else self.head.correction
        head = replace(self.head, sha256=sha256, correction=correction)
        folder = library.cache_folder(library.content_key(path, sha256, correction))
        asset = None if self.fresh else _cached(folder)
        if asset is None:
            request = {
                "path": str(path),
                "folder": str(folder),
                "key": folder.name,
                "sha256": sha256,
                "correction": msgspec.to_builtins(correction),
            }
            _read(blender, request, watcher)
            try:
                asset = store.load(folder)
            except store.DamagedAssetError as problem:
                shutil.rmtree(folder, ignore_errors=True)
                text = f"{path.name} was read but could not be kept in the cache: try again."
                raise HeadError("internal", text, str(problem)) from problem
            library.trim_cache()
        if self.remember:
            library.remember(sha256, correction)
        return Opened(head, replace(asset, source=replace(asset.source, path=str(path))))


def open_head(head: HeadFile, blender: Runner, watcher: Watcher | None = None) -> Opened:
    """Open a head as a command does: with its own correction, or else the remembered one.

    Raises
    ------
    HeadError
    """
    recall = head.correction == Correction()
    return Opening(head, recall=recall)(blender, watcher or Unwatched())


def _cached(folder: Path) -> HeadAsset | None:
    try:
        asset = store.load(folder)
    except store.DamagedAssetError:
        return None
    with suppress(OSError):
        os.utime(folder)
    return asset


def _read(blender: Runner, request: dict[str, Any], watcher: Watcher) -> None:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    ticket = blender.submit("read_head", request, events.put)
    while True:
        if watcher.asked_to_stop:
            ticket.cancel()
        try:
            event = events.get(timeout=_LISTEN_SECONDS)
        except queue.Empty:
            continue
        match event:
            case Progress(text, fraction, seconds_left):
                watcher.progress(text, fraction, seconds_left)
            case Failed(kind, message, detail):
                raise HeadError(kind, message, detail)
            case Cancelled():
                raise JobCancelledError
            case Done():
                return
