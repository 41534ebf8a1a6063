"""A model's error by two definitions of the points: what a changed topology does to it.

Of renders the truth moves with the definition: any point is told by the dense ones that every
picture keeps (`app.topology.expressed`). What a model finds is measured twice: as it stands, which
is how wrong it is until it is taught anew, and carried along in the same way by its own points,
which is how well it knows the new place. On photographs people drew iBUG-68 whatever a topology
says, so there what the model finds is carried, and the truth stays. Errors are shares of √(w·h) of
the tight box about the true points, which no definition changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from app.evaluation import metrics
from app.evaluation.annotated import Annotated, Predicted
from app.evaluation.landmark_figures import interval
from app.geometry.rotations import Array
from app.head.asset import HeadAsset
from app.topology.expressed import errors_on, expressed
from app.topology.identity import IBUG, IBUG_COUNT, ids_of, subsets_of
from app.topology.topology import Topology

Kind = Literal["renders", "photographs"]

BASIS: Final = "dense-520"
"""The topology that pictures keep and that models find."""

_JAW: Final = 17


@dataclass(frozen=True)
class Error:
    """A mean error before and after; None where there is none, such as of a point that came.

    Attributes
    ----------
    old, new : float or None
        Shares of the box.
    interval : (float, float) or None
        In which 95 % of the mean differences lie of faces drawn anew with replacement.
    """

    old: float | None
    new: float | None
    interval: tuple[float, float] | None = None

    @property
    def difference(self) -> float | None:
        return None if self.old is None or self.new is None else self.new - self.old


@dataclass(frozen=True)
class Errors:
    """Errors of what a model finds.

    Attributes
    ----------
    standing : Error or None
        As it stands, against the new truth; None on photographs, whose truth stays.
    carried : Error
        Carried along to the new points.
    """

    standing: Error | None
    carried: Error


@dataclass(frozen=True)
class PointEffect:
    """One landmark that is defined otherwise.

    Attributes
    ----------
    id, name : str
    moved : float or None
        Metres on the mean head; None where it was added or removed.
    errors : Errors
    inexact : float or None
        How far off the new truth itself is, as a share of the box; None where not measured.
    """

    id: str
    name: str
    moved: float | None
    errors: Errors
    inexact: float | None = None


@dataclass(frozen=True)
class DefinitionEffect:
    """A model's error by the old and the new definition of a topology's points.

    Attributes
    ----------
    kind : "renders" or "photographs"
    faces : int
    landmarks : int
        So many of the topology have truth, by the new definition.
    whole : Errors
        Over all of these.
    changed : Errors or None
        Over those that moved; None where all were added or removed.
    points : tuple of PointEffect
        Those that changed, added and removed ones first, then farthest moved first.
    inexact : float or None
        Mean of those of the points that moved.
    untold : tuple of str
        Names of landmarks that changed and of which these data have no truth.
    """

    kind: Kind
    faces: int
    landmarks: int
    whole: Errors
    changed: Errors | None
    points: tuple[PointEffect, ...]
    inexact: float | None
    untold: tuple[str, ...]


class Definitions:
    """Faces gathered one by one, then their errors by two definitions.

    Parameters
    ----------
    before, after : Topology
    basis : Topology
        The release of `BASIS` that data and model were made with.

    Raises
    ------
    ValueError
        With one line, if the points cannot be told by those of the basis, or nothing moved.
    """

    def __init__(self, before: Topology, after: Topology, basis: Topology) -> None:
        self._topologies = before, after, basis
        self._told = expressed(before, basis), expressed(after, basis)
        old, new = ids_of(before), ids_of(after)
        self._rows = {key: k for k, key in enumerate(old)}, {key: k for k, key in enumerate(new)}
        self._drawn = _drawn(before), _drawn(after)
        self._kinds: set[Kind] = set()
        self._errors: tuple[list[Array], list[Array], list[Array]] = ([], [], [])
        self._inexact: list[Array] = []
        if not self._changed():
            raise ValueError("no point is defined otherwise: there is no effect to measure")

    def __len__(self) -> int:
        return len(self._errors[0])

    def tried_on(self, asset: HeadAsset) -> None:
        """Measure how exactly the new points are told, on a head whose mesh is known.

        Raises
        ------
        ValueError
            If the head does not share the base mesh.
        """
        _, after, basis = self._topologies
        distances, size = errors_on(self._told[1], after, basis, asset)
        self._inexact.append(distances / size)

    def add(self, truth: Annotated, told: Predicted | None) -> bool:
        """Count one face; False where it has no truth of this kind, or the model did not answer.

        Raises
        ------
        ValueError
            If the data before were of the other kind.
        """
        if told is None or told.dense is None:
            return False
        kind: Kind = "renders" if truth.dense is not None else "photographs"
        if self._kinds and kind not in self._kinds:
            raise ValueError("renders and photographs are measured apart: give one of them")
        size = float((truth.box[2] * truth.box[3]) ** 0.5)
        found = tuple(one.of(np.asarray(told.dense, np.float64)[:, :2]) for one in self._told)
        if truth.dense is not None:
            true = tuple(one.of(truth.dense) for one in self._told)
        elif truth.points is not None:
            true = tuple(_at_drawn(k, truth.points, truth.outlined) for k in self._drawn)
        else:
            return False
        self._kinds.add(kind)
        self._errors[0].append(metrics.point_errors(found[0], true[0]) / size)
        self._errors[1].append(self._stood(found[0], true[1]) / size)
        self._errors[2].append(metrics.point_errors(found[1], true[1]) / size)
        return True

    def effect(self) -> DefinitionEffect:
        """What became of the error.

        Raises
        ------
        ValueError
            With one line, if no face had truth for it.
        """
        if not len(self):
            raise ValueError("no face has truth that these points can be compared with")
        old, standing, carried = (np.array(values) for values in self._errors)
        faces = _Faces(old, standing, carried, next(iter(self._kinds)))
        points, untold, rows = [], [], []
        for key in self._changed():
            before, after = (known.get(key) for known in self._rows)
            errors = faces.at(before, after)
            if errors.carried.old is None and errors.carried.new is None:
                untold.append(self._name(key))
                continue
            if before is not None and after is not None:
                rows.append((before, after))
            inexact = self._inexactness(after)
            points.append(PointEffect(key, self._name(key), self._moved(key), errors, inexact))
        points.sort(key=lambda p: -(p.moved if p.moved is not None else np.inf))
        told = [p.inexact for p in points if p.inexact is not None and p.moved is not None]
        return DefinitionEffect(
            faces.kind,
            len(self),
            faces.known,
            faces.over(slice(None), slice(None)),
            faces.over(*(list(side) for side in zip(*rows, strict=True))) if rows else None,
            tuple(points),
            float(np.mean(told)) if told else None,
            tuple(untold),
        )

    def _stood(self, found: Array, true: Array) -> Array:
        """Distances of the points as they were found from the new truth; NaN for those added."""
        apart = np.full(len(true), np.nan)
        for key, row in self._rows[1].items():
            before = self._rows[0].get(key)
            if before is not None:
                apart[row] = float(np.linalg.norm(found[before] - true[row]))
        return apart

    def _changed(self) -> list[str]:
        """Ids of landmarks that came, went, or lie elsewhere."""
        old, new = self._rows
        return [
            key
            for key in dict.fromkeys((*old, *new))
            if key not in old
            or key not in new
            or self._topologies[0].landmarks[old[key]].mean
            != self._topologies[1].landmarks[new[key]].mean
        ]

    def _moved(self, key: str) -> float | None:
        before, after = (rows.get(key) for rows in self._rows)
        if before is None or after is None:
            return None
        one = np.array(self._topologies[0].landmarks[before].mean)
        return float(np.linalg.norm(one - np.array(self._topologies[1].landmarks[after].mean)))

    def _name(self, key: str) -> str:
        side = 1 if key in self._rows[1] else 0
        return self._topologies[side].landmarks[self._rows[side][key]].name

    def _inexactness(self, row: int | None) -> float | None:
        if row is None or not self._inexact:
            return None
        return float(np.mean([one[row] for one in self._inexact]))


@dataclass(frozen=True, eq=False)
class _Faces:
    """Errors of all faces, by the old definition (N, L) and in two ways by the new one (N, M)."""

    old: Array
    standing: Array
    carried: Array
    kind: Kind

    @property
    def known(self) -> int:
        """Landmarks of the new definition that have truth."""
        return int(np.isfinite(self.carried).any(axis=0).sum())

    def at(self, before: int | None, after: int | None) -> Errors:
        """Errors at one landmark."""
        was = None if before is None else self.old[:, before]
        return self._errors(was, *(None if after is None else side[:, after] for side in self._new))

    def over(self, before: Any, after: Any) -> Errors:
        """Errors over some landmarks."""
        was = _mean(self.old[:, before])
        return self._errors(was, *(_mean(side[:, after]) for side in self._new))

    @property
    def _new(self) -> tuple[Array, Array]:
        return self.standing, self.carried

    def _errors(self, old: Array | None, standing: Array | None, carried: Array | None) -> Errors:
        stood = _compared(old, standing) if self.kind == "renders" else None
        return Errors(stood, _compared(old, carried))


def _drawn(topology: Topology) -> NDArray[np.int64]:
    """For each landmark the point of iBUG-68 that it stands for, shape (L,); -1 for none."""
    found = np.full(len(topology), -1)
    for subset in subsets_of(topology):
        if subset.name == IBUG:
            for place, row in enumerate(subset.landmarks):
                if row is not None and place < IBUG_COUNT:
                    found[row] = place
    return found


def _at_drawn(places: NDArray[np.int64], points: Array, outlined: bool) -> Array:
    """Where people drew landmarks, shape (L, 2); NaN for those that they do not draw.

    The jaw that people draw slides along the outline, so no point of the mesh is meant by it.
    """
    known = places >= (_JAW if outlined else 0)
    found = np.full((len(places), 2), np.nan)
    found[known] = np.asarray(points, np.float64)[places[known], :2]
    return found


def _mean(errors: Array) -> Array:
    """Mean error of each face over the points with truth, shape (N,)."""
    known = np.isfinite(errors)
    total = np.where(known, errors, 0.0).sum(axis=1)
    count = known.sum(axis=1)
    return np.divide(total, count, out=np.full(len(errors), np.nan), where=count > 0)


def _compared(old: Array | None, new: Array | None) -> Error:
    """Means over faces, and the interval of their difference, from faces that have both."""
    ends = []
    for column in (old, new):
        known = column[np.isfinite(column)] if column is not None else np.zeros(0)
        ends.append(float(known.mean()) if len(known) else None)
    if old is None or new is None or None in ends:
        return Error(ends[0], ends[1])
    apart = new - old
    apart = apart[np.isfinite(apart)]
    return Error(ends[0], ends[1], interval(apart) if len(apart) else None)
