"""The landmarks of the head on stage: found when they are wanted, away from the window."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal

from app.head.asset import HeadAsset
from app.jobs import Event, Job, JobError, JobList, Report, State
from app.session.document import Document
from widgets.viewport.landmarks import MarkPoser
from widgets.viewport.mark_layer import MarkLayer

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
        layer.wanted_changed.connect(self._need)

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
            if self._layer.corrected:
                return "Set right by hand and kept for this head."
            return "Exact: this head shares the mesh that the landmarks are defined on."
        return (
            f"Proposed: the default head was fitted to this one, {residual * 1000.0:.2f} mm off on "
            "the average. Look at them in Landmarks mode and drag what is off."
        )

    @property
    def note(self) -> str:
        """The same in a few words, for the viewport's corner."""
        if self.busy:
            return "Finding the landmarks…"
        if self.fault:
            return "No landmarks; the Landmarks panel says why"
        if self.poser is None or self.poser.landmarks.residual is None:
            return ""
        return f"Landmarks proposed, {self.poser.landmarks.residual * 1000.0:.2f} mm off"

    def close(self) -> None:
        if self._job is not None:
            self._jobs.cancel(self._job[0])
        self._stop()

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
            poser, job.result = job.result, None
            if poser.landmarks.residual is None:
                self._jobs.remove(job)
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
        self._kept[poser.asset.key] = poser
        self._kept.move_to_end(poser.asset.key)
        while len(self._kept) > _KEEP:
            self._kept.popitem(last=False)

    def _show(self, poser: MarkPoser | None) -> None:
        self._layer.set_poser(poser)
        self._refresh()

    def _refresh(self) -> None:
        self._layer.set_note(self.note)
        self.changed.emit()


def find(asset: HeadAsset, report: Report) -> MarkPoser:
    """Landmarks of a head, ready to be posed; of a foreign one they are proposed."""
    from app.topology.landmarks import TOPOLOGIES, landmarks_of
    from app.topology.store import TopologyError, shipped

    report.progress("Finding the landmarks")
    names = [name for name in TOPOLOGIES if name in shipped()]
    try:
        return MarkPoser(asset, landmarks_of(asset, topologies=names))
    except (ValueError, TopologyError) as problem:
        raise JobError(f"{asset.name} has no landmarks: {problem}") from problem
