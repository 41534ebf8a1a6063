"""Heads on their way to the stage: out of the cache, or read by Blender, never in the way."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal

from app.blender.heads import Opened, Opening
from app.blender.listed import ListedBlender
from app.head.asset import HeadAsset
from app.head.correction import Correction
from app.head.library import BUILTIN
from app.jobs import Begin, Event, Job, JobList, State, in_thread
from app.scene.scene import HeadFile, Scene
from app.session.document import Document

_KEEP: Final = 4
_FORGOTTEN: Final = 20


class HeadLoader(QObject):
    """Keeps the asset on stage in step with ``scene.head``.

    `open` is for people: the file is read first and becomes an undoable step once it is there, so
    a bad file changes nothing. Undo, redo and opened sessions change the scene first; the loader
    then follows.

    Signals
    -------
    started : str
        The name of what is being read.
    progressed : (str, float or None)
    ended
        Nothing is being read any more, whatever the outcome.
    loaded : HeadAsset or None
        What is on stage now.
    failed : (str, str)
        One line that says what to do, and the details.
    changed_since : str
        The file of this name is not the one that the session was made with.
    noted : (str, tuple of str)
        A file that a person opened was read, with what is worth knowing about it.
    """

    started = Signal(str)
    progressed = Signal(str, object)
    ended = Signal()
    loaded = Signal(object)
    failed = Signal(str, str)
    changed_since = Signal(str)
    noted = Signal(str, tuple)
    _told = Signal(object, object)

    def __init__(
        self,
        document: Document,
        blender: ListedBlender,
        jobs: JobList,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.asset: HeadAsset | None = None
        self._document, self._blender, self._jobs = document, blender, jobs
        self._kept: OrderedDict[tuple[str, Correction], HeadAsset] = OrderedDict()
        self._asked: OrderedDict[Begin, tuple[Opening, bool]] = OrderedDict()
        self._job: Job | None = None
        self._stop = jobs.listen(self._told.emit)
        self._told.connect(self._job_told)
        document.scene_changed.connect(self._scene_changed)

    @property
    def busy(self) -> bool:
        return self._job is not None

    def open(self, path: str, correction: Correction | None = None) -> None:
        """Put a head on stage as an undoable step.

        Parameters
        ----------
        path : str
            A file, or ``builtin:NAME``.
        correction : Correction, optional
            What is set right about it, remembered for this file from now on; left out, what was
            remembered before.
        """
        head = HeadFile(path, "", correction or Correction())
        given = correction is not None
        self._read(Opening(head, recall=not given, remember=given), as_step=True)

    def follow(self) -> None:
        """Put the scene's head on stage."""
        head = self._document.scene.head
        kept = self._kept.get((head.path, head.correction))
        if kept is not None or not head.path:
            self.cancel()
            self._show(kept)
        else:
            self._read(Opening(head), as_step=False)

    def read_again(self) -> None:
        """Read the scene's head past the cache; the file may have changed."""
        head = self._document.scene.head
        if head.path:
            self._read(Opening(replace(head, sha256=""), fresh=True), as_step=False)

    def cancel(self) -> None:
        """Stop reading; what is on stage stays."""
        if self._job is not None:
            job, self._job = self._job, None
            self._jobs.cancel(job)
            self.ended.emit()

    def can_repeat(self, job: Job) -> bool:
        """Whether the job, run again, would still put its head on stage."""
        return job.begin in self._asked

    def close(self) -> None:
        self.cancel()
        self._stop()

    def _read(self, opening: Opening, *, as_step: bool) -> None:
        self.cancel()
        begin = in_thread(partial(opening, self._blender.client))
        self._asked[begin] = opening, as_step
        while len(self._asked) > _FORGOTTEN:
            self._asked.popitem(last=False)
        self._jobs.start(f"Read {_name(opening.head.path)}", begin)

    def _job_told(self, job: Job, event: Event) -> None:
        if job.begin not in self._asked:
            return
        if event is Event.STARTED and job is not self._job and not job.asked_to_stop:
            self.cancel()
            self._job = job
            self.started.emit(_name(self._asked[job.begin][0].head.path))
        elif job is not self._job:
            return
        elif event is Event.PROGRESSED:
            self.progressed.emit(job.text, job.fraction)
        elif event is Event.FINISHED:
            self._job = None
            self.ended.emit()
            self._finished(job, *self._asked[job.begin])

    def _finished(self, job: Job, opening: Opening, as_step: bool) -> None:
        if job.state is State.DONE:
            opened, job.result = job.result, None
            self._jobs.remove(job)
            self._take(opened, opening, as_step)
        elif job.state is State.FAILED:
            if not as_step:
                self._show(None)
            self.failed.emit(job.reason, job.detail)
        elif not as_step and self.asset is None:
            self._show(None)

    def _take(self, opened: Opened, opening: Opening, as_step: bool) -> None:
        head = opened.head
        key = head.path, head.correction
        self._kept[key] = opened.asset
        self._kept.move_to_end(key)
        while len(self._kept) > _KEEP:
            self._kept.popitem(last=False)
        known = opening.head.sha256
        if known and known != head.sha256:
            self.changed_since.emit(_name(head.path))
        scene = self._document.scene
        if as_step and (scene.head.path, scene.head.correction) != key:
            same = scene.head.path == head.path
            text = f"Correct {_name(head.path)}" if same else f"Open {_name(head.path)}"
            self._document.change(text, replace(scene, head=head))
            if opened.asset.warnings:
                self.noted.emit(_name(head.path), opened.asset.warnings)
        else:
            self._show(opened.asset)

    def _show(self, asset: HeadAsset | None) -> None:
        self.asset = asset
        self.loaded.emit(asset)

    def _scene_changed(self, before: Scene, after: Scene) -> None:
        old, new = before.head, after.head
        if (old.path, old.correction) != (new.path, new.correction):
            self.follow()


def _name(path: str) -> str:
    return path.removeprefix(BUILTIN) if path.startswith(BUILTIN) else Path(path).name
