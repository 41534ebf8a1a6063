"""Opening a head: from the cache without Blender, or read by Blender into it."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol

import msgspec

from app.blender.client import Ticket
from app.blender.protocol import Cancelled, Event, Failed, Progress
from app.head.asset import HeadAsset
from app.head.correction import Correction
from app.head.fbx import FbxError
from app.head.library import (
    cache_folder,
    content_key,
    file_hash,
    remember,
    remembered,
    resolve,
    trim_cache,
)
from app.head.store import DamagedAssetError, load
from app.scene.scene import HeadFile


class Runner(Protocol):
    """What hands jobs to Blender: the client, or the client behind a job list."""

    def submit(
        self, op: str, args: dict[str, Any], on_event: Callable[[Event], None] | None = None
    ) -> Ticket: ...


@dataclass(frozen=True, eq=False)
class Opened:
    """A head that is there.

    ``head_file`` has the hash of the file and the correction that was used; ``fresh`` says that
    Blender read it, rather than that it lay in the cache.
    """

    asset: HeadAsset
    head_file: HeadFile
    fresh: bool


OpeningEvent = Progress | Opened | Failed | Cancelled


class Opening:
    """A head on its way, on a thread of its own.

    ``on_event`` hears of any number of `Progress`, then of one `Opened`, `Failed` or `Cancelled`.
    """

    def __init__(
        self,
        head_file: HeadFile,
        blender: Runner,
        on_event: Callable[[OpeningEvent], None] | None,
        correction: Correction | None,
    ) -> None:
        self._head_file, self._blender, self._correction = head_file, blender, correction
        self._on_event = on_event
        self._cancelled = threading.Event()
        self._ticket: Ticket | None = None
        self._outcome: Opened | Failed | Cancelled = Cancelled()
        self._thread = threading.Thread(target=self._run, name="head-opening", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """Ask for its end; returns at once."""
        self._cancelled.set()
        if self._ticket is not None:
            self._ticket.cancel()

    def result(self, timeout: float | None = None) -> Opened | Failed | Cancelled:
        """Wait for the outcome; not to be called from ``on_event``.

        Raises
        ------
        TimeoutError
            When it has not ended after ``timeout`` seconds.
        """
        self._thread.join(timeout)
        if self._thread.is_alive():
            raise TimeoutError(f"the head is not open after {timeout} s")
        return self._outcome

    def _run(self) -> None:
        try:
            self._outcome = self._open()
        except FbxError as problem:
            self._outcome = Failed(problem.kind, str(problem))
        except OSError as problem:
            full = problem.errno == errno.ENOSPC
            text = "The disk is full: free some space and try again." if full else str(problem)
            self._outcome = Failed("no_space" if full else "internal", text, repr(problem))
        if self._cancelled.is_set() and not isinstance(self._outcome, Cancelled):
            self._outcome = Cancelled()
        if self._on_event is not None:
            self._on_event(self._outcome)

    def _open(self) -> Opened | Failed | Cancelled:
        path = resolve(self._head_file.path)
        sha256 = file_hash(path)
        correction = self._choose_correction(sha256)
        head_file = replace(self._head_file, sha256=sha256, correction=correction)
        folder = cache_folder(content_key(path, sha256, correction))
        with suppress(DamagedAssetError):
            asset = load(folder)
            os.utime(folder)
            return Opened(self._with_path(asset, path), head_file, fresh=False)
        if self._cancelled.is_set():
            return Cancelled()
        args = {
            "path": str(path),
            "folder": str(folder),
            "key": folder.name,
            "sha256": sha256,
            "correction": msgspec.to_builtins(correction),
        }
        self._ticket = self._blender.submit("read_head", args, self._pass_on)
        if self._cancelled.is_set():
            self._ticket.cancel()
        outcome = self._ticket.result()
        if isinstance(outcome, Failed | Cancelled):
            return outcome
        try:
            asset = load(folder)
        except DamagedAssetError as problem:
            shutil.rmtree(folder, ignore_errors=True)
            return Failed("internal", "The head could not be kept in the cache.", str(problem))
        trim_cache()
        return Opened(asset, head_file, fresh=True)

    def _choose_correction(self, sha256: str) -> Correction:
        """The one given now, which is remembered; else the scene's; else the remembered one."""
        if self._correction is not None:
            remember(sha256, self._correction)
            return self._correction
        if self._head_file.correction != Correction():
            return self._head_file.correction
        return remembered(sha256)

    @staticmethod
    def _with_path(asset: HeadAsset, path: Any) -> HeadAsset:
        """The same bytes may have been read from another place."""
        return replace(asset, source=replace(asset.source, path=str(path)))

    def _pass_on(self, event: Event) -> None:
        if isinstance(event, Progress) and self._on_event is not None:
            self._on_event(event)


def open_head(
    head_file: HeadFile,
    blender: Runner,
    on_event: Callable[[OpeningEvent], None] | None = None,
    correction: Correction | None = None,
) -> Opening:
    """Begin to open a head.

    Parameters
    ----------
    head_file : HeadFile
        A file or a shipped head.
    blender : Runner
        Asked only when the head is not in the cache.
    on_event : callable, optional
        Called on the opening's thread.
    correction : Correction, optional
        What a person has just set right; it is remembered for the file.
    """
    return Opening(head_file, blender, on_event, correction)
