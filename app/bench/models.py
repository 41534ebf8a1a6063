"""What the shipped models are worth, each figure beside its bound.

Networks are run by another package, which hands itself in as `Tools`. A row whose model or data
are not there says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from app.bench.figures import Figure, absent
from app.evaluation.annotated import ReadingError
from app.evaluation.evaluation import Evaluation
from app.evaluation.hands import HANDS, HandsReport
from app.evaluation.landmark_figures import NormalisedError
from app.evaluation.readers.data import Choice, Data, open_data
from app.paths import ROOT

REAL: Final = ROOT.parent / "shared" / "data" / "real_val"
REAL_FACES: Final = "v0044-v0143"
SHARDS: Final = ROOT / "runs" / "shards"
DRIVERS: Final = ROOT / "runs" / "drivers-test"
"""Drivers of a seed of their own, none of whom anything was trained on."""
HELD_OUT: Final = 2000
"""Samples of the hold-out at most, spread over it."""
BOX_ERROR: Final = 0.1


class AbsentError(Exception):
    """A model or something else that a row needs is not there; one line."""


@dataclass(frozen=True)
class Detected:
    """How a detector does.

    Attributes
    ----------
    recall : float
        Share of the faces found at one false face in 100 pictures without any.
    detail : dict
    """

    recall: float
    detail: dict[str, Any]


@dataclass(frozen=True)
class Cost:
    """What a network costs: milliseconds of one thread for one picture, megabytes of its file."""

    milliseconds: float
    megabytes: float
    detail: dict[str, Any]


class Tools(Protocol):
    """Runs the shipped models. All of it raises `AbsentError` where something is not there."""

    def evaluate(
        self, kind: str, data: Data, *, live: bool = False, box_error: float = 0.0
    ) -> Evaluation:
        """A shipped model of a kind on data, as ``predict`` looks, or ``live``: with one look."""
        ...

    def detector(self, data: Data) -> Detected:
        """The default detector on annotated faces and on pictures without any."""
        ...

    def cost(self, kind: str) -> Cost:
        """What a shipped model of a kind costs."""
        ...

    def hands(self, drivers: Path) -> HandsReport:
        """The shipped model of hands on all pictures of a data set of drivers, one look each."""
        ...

    def differences(self) -> Mapping[str, float]:
        """For each shipped model, the greatest relative difference of ONNX and torch outputs."""
        ...


Rows = Callable[[], Iterator[Figure]]


def parts(tools: Tools, shards: Path = SHARDS, real: Path = REAL) -> dict[str, Rows]:
    """The suite's parts by name."""
    return {
        "real-faces": partial(real_figures, tools, real),
        "hold-out": partial(holdout_figures, tools, shards),
        "head-pose": partial(pose_figures, tools, shards),
        "depth": partial(depth_figures, tools, shards),
        "detector": partial(detector_figures, tools, real),
        "hands": partial(hands_figures, tools, DRIVERS),
        "speed": partial(speed_figures, tools),
        "export": partial(export_figures, tools),
    }


def real_figures(tools: Tools, real: Path) -> Iterator[Figure]:
    """Landmarks of real faces, boxes given; also with one look, and with boxes that are off."""
    rows = {
        "all 68": ("NME inter-ocular, 68 points, real_val v0044-v0143, boxes given", 5.0),
        "without the jaw": ("the same without the jaw (17-67)", 4.0),
    }
    try:
        found = {
            "": _normalised(tools.evaluate("face", _real(real))),
            "one look": _normalised(tools.evaluate("face", _real(real), live=True)),
            "boxes 10 % off": _normalised(tools.evaluate("face", _real(real), box_error=BOX_ERROR)),
        }
    except (AbsentError, ReadingError) as problem:
        yield from (absent(name, "%", bound, str(problem)) for name, bound in rows.values())
        return
    for subset, (name, bound) in rows.items():
        yield _percent(
            name, found[""][subset], bound, {k: v[subset] for k, v in found.items() if k}
        )


def holdout_figures(tools: Tools, shards: Path) -> Iterator[Figure]:
    """Landmarks of synthetic people that nothing was trained on."""
    name = "NME inter-ocular, 68 points, synthetic hold-out"
    try:
        found = tools.evaluate("face", _shards(shards))
    except (AbsentError, ReadingError) as problem:
        yield absent(name, "%", 2.0, str(problem))
        return
    subsets = found.landmarks.normalised if found.landmarks else {}
    others = {"by the box": subsets["box"]["all 68"]} if subsets else {}
    yield _percent(name, _normalised(found)["all 68"], 2.0, others)


def pose_figures(tools: Tools, shards: Path) -> Iterator[Figure]:
    """Head pose of the face network and of the papers' network, full range."""
    for kind, who in (("face", "face network"), ("head-pose", "head-pose network")):
        name = f"pose MAE, {who}, synthetic hold-out, full range"
        try:
            found = tools.evaluate(kind, _shards(shards)).pose
            if found is None:
                raise AbsentError("the model tells no pose")
        except (AbsentError, ReadingError) as problem:
            yield absent(name, "°", 2.5, str(problem))
            continue
        detail = {
            **{k: round(float(getattr(found, k)), 3) for k in ("yaw", "pitch", "roll", "between")},
            "by |yaw|": {k: round(v, 3) for k, v in found.by_yaw.items()},
            "faces": found.faces,
        }
        yield Figure(name, found.mean, "°", 2.5, detail=detail)


def depth_figures(tools: Tools, shards: Path) -> Iterator[Figure]:
    """Depth over the faces of people that nothing was trained on."""
    name = "depth RMSE on the face, synthetic hold-out"
    try:
        found = tools.evaluate("depth", _shards(shards)).depth
        if found is None:
            raise AbsentError("the model tells no depth")
    except (AbsentError, ReadingError) as problem:
        yield absent(name, "mm", 4.0, str(problem))
        return
    detail = {
        "AbsRel": round(found.face.abs_rel, 5),
        "delta below 1.25": round(found.face.within[0], 5),
        "worst picture, mm": round(found.worst_picture * 1000.0, 2),
        "share of the faces told": round(found.covered, 4),
        "pictures": found.pictures,
    }
    yield Figure(name, found.face.rmse * 1000.0, "mm", 4.0, detail=detail)


def detector_figures(tools: Tools, real: Path) -> Iterator[Figure]:
    """Faces found on real_val."""
    name = "detector recall, real_val, at 1 false face in 100 pictures"
    try:
        found = tools.detector(_real(real, everyone=True))
    except (AbsentError, ReadingError) as problem:
        yield absent(name, "%", 98.0, str(problem), "at least")
        return
    yield Figure(name, found.recall * 100.0, "%", 98.0, "at least", found.detail)


def hands_figures(tools: Tools, drivers: Path) -> Iterator[Figure]:
    """Hands on the wheel of drivers in cabins that nothing was trained on, and what it costs."""
    try:
        report = tools.hands(drivers)
    except (AbsentError, ReadingError) as problem:
        for hand in HANDS:
            yield absent(
                f"AUC of the {hand} hand, unseen drivers", "", 0.98, str(problem), "at least"
            )
    else:
        for hand in HANDS:
            one = report.hands[hand]
            slices = {name: round(s.accuracy, 4) for name, s in report.slices.items()}
            detail = {**_rounded(one.told()), "accuracy of test slices": slices}
            name = f"AUC of the {hand} hand, unseen drivers"
            yield Figure(name, one.auc, "", 0.98, "at least", detail)
    names = (
        ("hands network, one thread", "ms", 6.0),
        ("hands network, size of its file", "MB", 7.0),
    )
    try:
        cost = tools.cost("hands")
    except AbsentError as problem:
        yield from (absent(name, unit, bound, str(problem)) for name, unit, bound in names)
        return
    values = (cost.milliseconds, cost.megabytes)
    for (name, unit, bound), value in zip(names, values, strict=True):
        yield Figure(name, value, unit, bound, detail=cost.detail if unit == "ms" else {})


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in values.items()}


def speed_figures(tools: Tools) -> Iterator[Figure]:
    """The face network, and beside it the ones that have no bound of the issue's own."""
    names = (
        ("face network, one thread, one face", "ms", 5.0),
        ("face network, size of its file", "MB", 6.0),
    )
    try:
        cost = tools.cost("face")
    except AbsentError as problem:
        yield from (absent(name, unit, bound, str(problem)) for name, unit, bound in names)
        return
    values = (cost.milliseconds, cost.megabytes)
    for (name, unit, bound), value in zip(names, values, strict=True):
        yield Figure(name, value, unit, bound, detail=cost.detail if unit == "ms" else {})


def export_figures(tools: Tools) -> Iterator[Figure]:
    """Whether the files say what the trained networks say."""
    name = "ONNX against torch outputs, greatest relative difference of all models"
    try:
        found = tools.differences()
    except AbsentError as problem:
        yield absent(name, "", 1e-4, str(problem))
        return
    yield Figure(name, max(found.values()), "", 1e-4, detail=dict(found))


def _real(real: Path, everyone: bool = False) -> Data:
    if not real.is_dir():
        raise AbsentError(f"../shared/data/{real.name} not present")
    return open_data(real, Choice("" if everyone else REAL_FACES))


def _shards(shards: Path) -> Data:
    if not shards.is_dir():
        raise AbsentError(f"no shards in {shards} ('dataset pack' makes them, --data names others)")
    return open_data(shards, Choice(limit=HELD_OUT))


def _normalised(found: Evaluation) -> dict[str, NormalisedError]:
    if found.landmarks is None:
        raise AbsentError("no face was measured")
    return found.landmarks.normalised["inter-ocular"]


def _percent(
    name: str, error: NormalisedError, bound: float, others: Mapping[str, NormalisedError]
) -> Figure:
    low, high = error.interval
    detail = {
        "95 % of means": [round(low * 100.0, 2), round(high * 100.0, 2)],
        "area under the curve to 7 %": round(error.area, 4),
        "failures above 10 %": round(error.failures, 4),
        "by |yaw|": {k: round(v * 100.0, 2) for k, v in error.by_yaw.items()},
        "faces by |yaw|": error.faces_by_yaw,
        **{k: round(v.mean * 100.0, 3) for k, v in others.items()},
    }
    return Figure(name, error.mean * 100.0, "%", bound, detail=detail)
