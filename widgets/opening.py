"""The work of opening a head, done on a thread of its own."""

from __future__ import annotations

import os
import queue
from dataclasses import dataclass, replace

import msgspec

from app.blender.client import Blender
from app.blender.protocol import Cancelled, Done, Event, Failed, Progress
from app.head import library, store
from app.head.asset import HeadAsset
from app.head.fbx import FbxError
from app.jobs import JobCancelledError, JobError, Report
from app.scene.scene import HeadFile

_LISTEN_SECONDS = 0.05


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

    def __call__(self, client: Blender, report: Report) -> Opened:
        """Take the head from the cache, or have Blender read it.

        Raises
        ------
        JobError
            When it can't be opened; the message says what to do.
        JobCancelledError
        """
        try:
            path = library.resolve(self.head.path)
            sha256 = library.file_hash(path)
        except FbxError as problem:
            raise JobError(str(problem)) from None
        report.check()
        correction = library.remembered(sha256) if self.recall else self.head.correction
        head = replace(self.head, sha256=sha256, correction=correction)
        key = library.content_key(path, sha256, correction)
        folder = library.cache_folder(key)
        if not self.fresh:
            try:
                asset = store.load(folder)
                os.utime(folder)
                return Opened(head, asset)
            except (store.DamagedAssetError, OSError):
                pass
        request = {
            "path": str(path),
            "folder": str(folder),
            "key": key,
            "sha256": sha256,
            "correction": msgspec.to_builtins(correction),
        }
        _ask(client, request, report)
        try:
            asset = store.load(folder)
            if self.remember:
                library.remember(sha256, correction)
            library.trim_cache()
        except (store.DamagedAssetError, OSError) as problem:
            raise JobError(f"{path.name} was read but can't be kept: {problem}") from None
        return Opened(head, asset)


def _ask(client: Blender, request: dict[str, object], report: Report) -> None:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    ticket = client.submit("read_head", request, events.put)
    while True:
        try:
            event = events.get(timeout=_LISTEN_SECONDS)
        except queue.Empty:
            if report.asked_to_stop:
                ticket.cancel()
            continue
        match event:
            case Progress(text, fraction, seconds_left):
                report.progress(text, fraction, seconds_left)
            case Failed(_, message, detail):
                raise JobError(message, detail)
            case Cancelled():
                raise JobCancelledError
            case Done():
                return
