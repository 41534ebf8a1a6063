"""The landmarks of the head on stage: found when they are wanted, away from the window."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, QThreadPool, Signal
from PySide6.QtGui import QUndoCommand

from app.head.asset import HeadAsset
from app.jobs import Event, Job, JobError, JobList, Report, State
from app.session.document import Document
from app.topology.contour import outline_lines
from app.topology.landmarks import HeadLandmarks
from app.topology.placement import Placement
from app.topology.store import load
from widgets.generate.words import plural
from widgets.panels.background import in_background
from widgets.viewport.landmarks import MarkPoser, Place, differs, moved
from widgets.viewport.mark_layer import Mark, MarkLayer, point_name

_KEEP: Final = 4


class LandmarkKeeper(QObject):
    """Gives the viewport's layer of landmarks what it shows.

    Signals
    -------
    changed
        There are landmarks, or none, or others; see `text`.
    failed : (str, str)
        One line, and the details.
    """

    changed = Signal()
    failed = Signal(str, str)
    _told = Signal(object, object)

    def __init__(
        self, layer: MarkLayer, document: Document, jobs: JobList, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._layer, self._document, self._jobs = layer, document, jobs
        self._asset: HeadAsset | None = None
        self._kept: OrderedDict[str, MarkPoser] = OrderedDict()
        self._job: tuple[Job, HeadAsset] | None = None
        self.fault = ""
        self._stop = jobs.listen(self._told.emit)
        self._told.connect(self._job_told)
        self._first: dict[str, HeadLandmarks] = {}
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        layer.wanted_changed.connect(self._need)
        layer.moved.connect(self.move)

    @property
    def poser(self) -> MarkPoser | None:
        return self._layer.poser

    @property
    def busy(self) -> bool:
        return self._job is not None

    def set_asset(self, asset: HeadAsset | None) -> None:
        """Another head is on stage."""
        self._asset, self.fault = asset, ""
        self._show(None)
        self._need(self._layer.wanted)

    def read_again(self, asset: HeadAsset) -> None:
        """The landmarks of a head were placed anew elsewhere: find them from its file."""
        for kept in (self._kept, self._first):
            kept.pop(asset.key, None)
        if asset is self._asset:
            self.set_asset(asset)

    @property
    def text(self) -> str:
        """Where the landmarks come from, in a line or two."""
        if self._asset is None:
            return "Open a head to see its landmarks."
        if self.fault:
            return self.fault
        if self.busy:
            return "Finding the landmarks…"
        if self.poser is None:
            return "Landmarks are found when they are shown."
        residual = self.poser.landmarks.residual
        if residual is None:
            exact = "Exact: this head shares the mesh that the landmarks are defined on."
            return f"{exact}{self._by_hand}"
        return (
            "Proposed: the default head was fitted to this one; their surfaces lie "
            f"{residual * 1000.0:.2f} mm apart on average. Look at the points in Landmarks mode "
            "and drag what is off."
            f"{self._by_hand}"
        )

    @property
    def _by_hand(self) -> str:
        count = len({point_name(*mark) for mark in self._layer.corrected})
        return f"\n{plural(count, 'point')} set right by hand." if count else ""

    @property
    def note(self) -> str:
        """The same in a few words, for the viewport's corner."""
        if self.busy:
            return "Finding the landmarks…"
        if self.fault:
            return "No landmarks; the Landmarks panel says why"
        if self.poser is None or self.poser.landmarks.residual is None:
            return ""
        return f"Landmarks proposed; fit {self.poser.landmarks.residual * 1000.0:.2f} mm"

    def close(self) -> None:
        if self._job is not None:
            self._jobs.cancel(self._job[0])
        self._stop()
        self._pool.waitForDone(5000)

    # Setting them right

    def move(self, mark: Mark, place: Place) -> None:
        """Put a landmark elsewhere on the skin, as an undoable step."""
        poser = self.poser
        if poser is None:
            return
        changed = tuple(
            moved(placement, index, place) if (index := _index(mark, placement)) >= 0 else placement
            for placement in poser.landmarks.placements
        )
        self._push(f"Move landmark {mark[1]}", poser, changed)

    def reset(self, mark: Mark | None = None) -> None:
        """Put a landmark, or all of them, back to where they were found."""
        poser = self.poser
        first = self._first.get(poser.asset.key) if poser is not None else None
        if poser is None or first is None:
            return
        if mark is None:
            self._push("Reset the landmarks", poser, first.placements)
            return
        changed = []
        for now, before in zip(poser.landmarks.placements, first.placements, strict=True):
            index = _index(mark, now)
            if index >= 0:
                place = Place(
                    int(before.meshes[index]), before.corners[index], before.weights[index]
                )
                now = moved(now, index, place)
            changed.append(now)
        self._push(f"Reset landmark {mark[1]}", poser, tuple(changed))

    def _push(self, text: str, poser: MarkPoser, changed: tuple[Placement, ...]) -> None:
        before = poser.landmarks.placements
        if any(differs(a, b).any() for a, b in zip(before, changed, strict=True)):
            step = _Correct(self, text, poser.asset, before, changed)
            self._document.undo_stack.push(step)
        else:
            self._layer.hold(None, None)

    def put(self, asset: HeadAsset, placements: tuple[Placement, ...]) -> None:
        """Show and keep other placements of a head; worked out away from the window."""
        kept = self._kept.get(asset.key)
        if kept is None:
            return
        before = kept.landmarks
        first = self._first[asset.key]

        def build() -> MarkPoser:
            landmarks = replace(before, placements=placements)
            jaw = next((p for p in placements if p.topology == before.outline.topology), None)
            if jaw is not None:
                landmarks = replace(landmarks, outline=outline_lines(asset.meshes, jaw))
            made = MarkPoser(asset, landmarks)
            save(asset, landmarks, corrected(first, landmarks))
            return made

        in_background(self, build, partial(self._built, asset), self._pool)

    def _built(self, asset: HeadAsset, poser: MarkPoser | None) -> None:
        self._layer.hold(None, None)
        if poser is None:
            self.failed.emit("The landmark could not be set there, or not be kept.", "")
            return
        self._keep(poser)
        if asset is self._asset:
            self._show(poser)

    # Finding them

    def _need(self, wanted: bool) -> None:
        asset = self._asset
        if not wanted or asset is None or self.busy or self.poser is not None or self.fault:
            return
        kept = self._kept.get(asset.key)
        if kept is not None and kept.asset is asset:
            self._show(kept)
            return
        task = partial(find, asset)
        self._job = self._jobs.run(f"Landmarks of {asset.name}", task), asset
        self._refresh()

    def _job_told(self, job: Job, event: Event) -> None:
        if self._job is None or job is not self._job[0] or event is not Event.FINISHED:
            return
        asset, self._job = self._job[1], None
        if job.state is State.DONE:
            found, job.result = job.result, None
            poser = found.poser
            self._jobs.remove(job)
            self._first[asset.key] = found.first
            self._keep(poser)
        elif asset is self._asset:
            self.fault = job.reason or "Finding the landmarks was cancelled."
            if job.state is State.FAILED:
                self.failed.emit(job.reason, job.detail)
        if asset is self._asset and job.state is State.DONE:
            self._show(poser)
        else:
            self._refresh()
            self._need(self._layer.wanted)

    def _keep(self, poser: MarkPoser) -> None:
        self._first.setdefault(poser.asset.key, poser.landmarks)
        self._kept[poser.asset.key] = poser
        self._kept.move_to_end(poser.asset.key)
        while len(self._kept) > _KEEP:
            self._kept.popitem(last=False)

    def _show(self, poser: MarkPoser | None) -> None:
        first = self._first.get(poser.asset.key) if poser is not None else None
        self._layer.corrected = (
            corrected(first, poser.landmarks) if first and poser else frozenset()
        )
        self._layer.set_poser(poser)
        self._refresh()

    def _refresh(self) -> None:
        self._layer.set_note(self.note)
        self.changed.emit()


@dataclass(frozen=True, eq=False)
class Found:
    """A head's landmarks as they are, and as they were before a person set any right."""

    poser: MarkPoser
    first: HeadLandmarks


def find(asset: HeadAsset, report: Report) -> Found:
    """Landmarks of a head, ready to be posed; of a foreign one they are proposed."""
    from app.topology.landmarks import TOPOLOGIES, landmarks_of
    from app.topology.placement_file import PlacementError
    from app.topology.store import TopologyError, shipped

    report.progress("Fitting the default head to this one")
    names = [name for name in TOPOLOGIES if name in shipped()]
    try:
        landmarks = landmarks_of(asset, topologies=names)
        report.check()
        return Found(MarkPoser(asset, landmarks), proposed(asset, landmarks))
    except (ValueError, TopologyError, PlacementError, OSError) as problem:
        raise JobError(f"{asset.name} has no landmarks: {problem}") from problem


def corrected(first: HeadLandmarks, now: HeadLandmarks) -> frozenset[Mark]:
    """Landmarks that lie elsewhere than where they were found."""
    return frozenset(
        (after.topology, int(index))
        for before, after in zip(first.placements, now.placements, strict=True)
        for index in np.flatnonzero(differs(before, after))
    )


def save(asset: HeadAsset, landmarks: HeadLandmarks, by_hand: frozenset[Mark]) -> None:
    """Keep the landmarks of a foreign head, for this program and for data sets.

    Raises
    ------
    OSError
    """
    from app.topology import placement_file as file

    if landmarks.residual is None:
        return
    topologies = tuple(
        file.PlacedTopology(
            placement.topology,
            placement.version,
            landmarks.residual,
            tuple(
                file.PlacedLandmark(
                    mark.name,
                    asset.meshes[int(placement.meshes[i])].name,
                    tuple(int(v) for v in placement.corners[i]),  # type: ignore[arg-type]
                    tuple(float(v) for v in placement.weights[i]),  # type: ignore[arg-type]
                    "person" if (placement.topology, i) in by_hand else "registration",
                )
                for i, mark in enumerate(load(placement.topology).landmarks)
            ),
        )
        for placement in landmarks.placements
    )
    file.write(file.SavedPlacements(asset.name, asset.source.sha256, topologies))


def proposed(asset: HeadAsset, now: HeadLandmarks) -> HeadLandmarks:
    """The landmarks before a person set any of them right."""
    from app.topology import placement_file as file

    if now.residual is None:
        return now
    saved = file.read(asset.source.sha256)
    marks = [mark for topology in saved.topologies for mark in topology.landmarks] if saved else []
    if all(mark.by != "person" for mark in marks):
        return now
    from app.topology.default_head import default_head
    from app.topology.registration import propose_all

    topologies = [load(placement.topology) for placement in now.placements]
    placements, residual = propose_all(asset, topologies, default_head())
    return replace(now, placements=placements, residual=residual.mean)


def _index(mark: Mark, placement: Placement) -> int:
    """The same landmark in another topology, found by its name; -1 where there is none."""
    topology, index = mark
    if placement.topology == topology:
        return index
    name = point_name(topology, index)
    names = [landmark.name for landmark in load(placement.topology).landmarks]
    return names.index(name) if name in names else -1


class _Correct(QUndoCommand):
    """Landmarks of one head moved to other places."""

    def __init__(
        self,
        keeper: LandmarkKeeper,
        text: str,
        asset: HeadAsset,
        before: tuple[Placement, ...],
        after: tuple[Placement, ...],
    ) -> None:
        super().__init__(text)
        self._keeper, self._asset, self._before, self._after = keeper, asset, before, after

    def redo(self) -> None:
        self._keeper.put(self._asset, self._after)

    def undo(self) -> None:
        self._keeper.put(self._asset, self._before)
