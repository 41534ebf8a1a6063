"""An evaluation as JSON for programs and as text for people; figures beside them in one form."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from app.evaluation.evaluation import Evaluation, FaceFigures, GroupFigures, worst
from app.evaluation.landmark_figures import LandmarkFigures
from app.evaluation.metrics import YAW_BINS, Calibration, DepthError
from app.evaluation.other_figures import SigmaFigures

SCHEMA: Final = "headroom-evaluation"
VERSION: Final = 1
UNITS: Final = {
    "errors of landmarks": "share of the normalising length, 0.05 is 5 %",
    "pixels": "of the pictures as given",
    "pose": "degree, pose_para as the camera sees the head",
    "depth": "metre",
}
_BINS: Final = [f"{low:g}-{high:g}" for low, high in YAW_BINS]


@dataclass(frozen=True)
class Setting:
    """What was measured on what, and how.

    Attributes
    ----------
    model : str
        Name of the model or of the file of predictions.
    data : str
    kind : str
        Of the data.
    boxes : str
        Where the boxes come from, in words.
    how : str
        Of the predictions: passes, mirrored or not, in words.
    made : str
        Time, ISO 8601.
    notes, problems : tuple of str
    seconds : float
        That the model took for all faces.
    """

    model: str
    data: str
    kind: str
    boxes: str
    how: str = ""
    made: str = ""
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    seconds: float = 0.0
    facts: Mapping[str, Any] = field(default_factory=dict)


def as_json(found: Evaluation, setting: Setting) -> dict[str, Any]:
    """Everything, as plain values; numbers that are not finite are None."""
    content = {
        "schema": SCHEMA,
        "version": VERSION,
        "units": UNITS,
        **asdict(setting),
        "faces_measured": len(found.faces) - found.missed,
        "missed": found.missed,
        "landmarks": None if found.landmarks is None else asdict(found.landmarks),
        "dense": None if found.dense is None else asdict(found.dense),
        "pose": None if found.pose is None else asdict(found.pose),
        "depth": None if found.depth is None else asdict(found.depth),
        "sigma": None if found.sigma is None else asdict(found.sigma),
        "groups": {
            kind: {name: asdict(group) for name, group in groups.items()}
            for kind, groups in found.groups.items()
        },
        "faces": [asdict(face) for face in found.faces],
    }
    return {str(k): plain(v) for k, v in content.items()}


def as_text(found: Evaluation, setting: Setting, listed: int = 10) -> str:
    """The same for people; ``listed`` worst files."""
    lines = [
        f"{setting.model} on {setting.data}: {len(found.faces)} faces, {found.missed} missed",
        f"boxes: {setting.boxes}" + (f"; {setting.how}" if setting.how else ""),
        *setting.notes,
    ]
    if found.landmarks is not None:
        lines += ["", *_landmarks(found.landmarks)]
    if found.dense is not None:
        d = found.dense
        lines += [
            "",
            f"520 points, by the box, % ({d.faces} faces): all {_percent(d.all)}, visible "
            f"{_percent(d.visible)}, hidden {_percent(d.hidden)}",
        ]
    if found.pose is not None:
        p = found.pose
        by = ", ".join(f"{b} {_number(p.by_yaw[b])}" for b in _BINS)
        lines += [
            "",
            f"head pose, mean absolute error in degrees ({p.faces} faces): yaw {p.yaw:.2f}, pitch "
            f"{p.pitch:.2f}, roll {p.roll:.2f}, mean {p.mean:.2f}",
            f"  angle between the rotations {p.between:.2f}; mean by |yaw|: {by}",
        ]
    if found.depth is not None:
        f = found.depth
        lines += ["", *_depth_lines("face", f.face)]
        lines += _depth_lines("head and neck", f.head) if f.head else []
        lines.append(
            f"  {f.pictures} pictures, {f.covered:.1%} of the faces' pixels told, worst picture "
            f"{f.worst_picture * 1000:.2f} mm"
        )
    if found.sigma is not None:
        lines += ["", *_sigma_lines(found.sigma)]
    for kind, groups in found.groups.items():
        lines += ["", *_group_lines(kind, groups)]
    lines += ["", *_worst_lines(worst(found.faces, listed))]
    if setting.problems:
        lines += ["", f"{len(setting.problems)} could not be read:"]
        lines += [f"  {p}" for p in setting.problems[:listed]]
        more = len(setting.problems) - listed
        lines += [f"  and {more} more"] if more > 0 else []
    return "\n".join(lines) + "\n"


def card_figures(found: Evaluation) -> dict[str, float]:
    """The figures that a model's card tells of one set, by name; per cent, degrees, mm."""
    figures: dict[str, float] = {"faces": float(len(found.faces)), "missed": float(found.missed)}
    if found.landmarks is not None:
        for size, subsets in found.landmarks.normalised.items():
            for subset, error in subsets.items():
                figures[f"NME {size}, {subset}, %"] = round(error.mean * 100.0, 3)
        ocular = found.landmarks.normalised["inter-ocular"]["all 68"]
        figures["area under the curve to 7 %, %"] = round(ocular.area * 100.0, 2)
        figures["failures above 10 %, %"] = round(ocular.failures * 100.0, 2)
    if found.pose is not None:
        for name in ("yaw", "pitch", "roll", "mean"):
            figures[f"pose MAE, {name}, degrees"] = round(float(getattr(found.pose, name)), 3)
    if found.depth is not None:
        figures["depth RMSE on the face, mm"] = round(found.depth.face.rmse * 1000.0, 3)
        figures["depth AbsRel on the face"] = round(found.depth.face.abs_rel, 5)
    if found.sigma is not None:
        figures["error over stated deviation"] = round(found.sigma.all.ratio, 3)
    return {k: v for k, v in figures.items() if math.isfinite(v)}


def card_groups(found: Evaluation) -> dict[str, dict[str, dict[str, float]]]:
    """Figures by trait and group of people, by name; per cent, degrees, mm."""

    def told(group: GroupFigures) -> dict[str, float]:
        known = {
            "NME inter-ocular, all 68, %": (group.error, 100.0),
            "NME inter-ocular, without the jaw, %": (group.error_without_jaw, 100.0),
            "NME box, all 68, %": (group.error_by_box, 100.0),
            "pose MAE, mean, degrees": (group.pose, 1.0),
            "depth RMSE on the face, mm": (group.depth, 1000.0),
        }
        figures = {k: round(v * unit, 3) for k, (v, unit) in known.items() if v is not None}
        return {"faces": float(group.faces), **figures}

    return {
        kind: {name: told(group) for name, group in groups.items()}
        for kind, groups in found.groups.items()
    }


def _landmarks(found: LandmarkFigures) -> Iterator[str]:
    yield f"68 points, normalised mean error in % ({found.faces} faces)"
    yield (
        f"{'by':<14}{'points':<17}{'mean':>7} {'95 % of means':>16}{'median':>8}{'AUC@7':>8}"
        f"{'FR@10':>8}" + "".join(f"{b:>9}" for b in _BINS)
    )
    for size, subsets in found.normalised.items():
        for subset, error in subsets.items():
            low, high = error.interval
            yield (
                f"{size:<14}{subset:<17}{_percent(error.mean):>7} "
                f"{f'{_percent(low)} to {_percent(high)}':>16}{_percent(error.median):>8}"
                f"{_percent(error.area, 1):>8}{_percent(error.failures, 1):>8}"
                + "".join(f"{_percent(error.by_yaw[b]):>9}" for b in _BINS)
            )
            if error.left_out:
                yield f"{'':<14}{error.left_out} faces have no such size and are left out"
    counts = next(iter(found.normalised.values()))["all 68"].faces_by_yaw
    source = {
        "truth": "the true |yaw| in degrees",
        "prediction": "the predicted |yaw| in degrees, as the data tell none",
        "mixed": "the true |yaw| in degrees where it is told, else the predicted one",
    }.get(found.yaw_from)
    told = ", ".join(f"{b}: {counts[b]}" for b in _BINS)
    yield (
        f"last columns by {source}; faces {told}"
        if source
        else "last columns empty: neither data nor model tell the yaw"
    )
    p = found.pixels
    yield f"pixels: {p.mean:.2f} ± {p.deviation:.2f}, SR@{p.threshold:g} {p.success:.3f}"
    yield "parts, % inter-ocular: " + ", ".join(
        f"{name} {_percent(value)}" for name, value in found.parts.items()
    )
    yield ""
    yield "points, % inter-ocular: error, and median offset along the eyes' line and square to it"
    columns = [
        f"{i:>2} {_percent(p.error):>6} {p.right * 100:>+6.2f} {p.down * 100:>+6.2f}"
        for i, p in enumerate(found.points)
    ]
    rows = -(-len(columns) // 4)
    for row in range(rows):
        yield "   ".join(columns[row::rows])


def _depth_lines(name: str, e: DepthError) -> list[str]:
    return [
        f"depth on the {name}: RMSE {e.rmse * 1000:.2f} mm, AbsRel {e.abs_rel:.4f}, SqRel "
        f"{e.sq_rel * 1000:.3f} mm, RMSE(log) {e.rmse_log:.4f}, δ {e.within[0]:.4f} "
        f"{e.within[1]:.4f} {e.within[2]:.4f}"
    ]


def _sigma_lines(found: SigmaFigures) -> Iterator[str]:
    expected = found.all.expected
    yield (
        f"stated deviations ({found.points} points): error over deviation {found.all.ratio:.2f} "
        f"(1 is calibrated, more is too sure), rank correlation with the error "
        f"{found.correlation:.2f}"
    )
    yield "  within " + "".join(f"{k:g}σ".rjust(8) for k in expected)
    yield f"  {'Gaussian':<10}" + _shares(expected)
    for name, one in (("all", found.all), ("visible", found.visible), ("hidden", found.hidden)):
        if one is not None:
            stated = found.stated[name]
            yield f"  {name:<10}" + _shares(one.within) + _told(one, stated)


def _shares(values: Mapping[float, float]) -> str:
    return "".join(f"{v:>8.3f}" for v in values.values())


def _told(one: Calibration, stated: float) -> str:
    return f"   ratio {one.ratio:.2f}, mean deviation {_percent(stated)} % of the box"


def _group_lines(kind: str, groups: Mapping[str, GroupFigures]) -> Iterator[str]:
    yield (f"{kind:<22}{'faces':>7}{'NME %':>9}{'no jaw %':>10}{'pose °':>9}{'depth mm':>10}")
    for name, g in groups.items():
        error, without = (_percent(v) for v in (g.error, g.error_without_jaw))
        depth = None if g.depth is None else g.depth * 1000.0
        rest = f"{_number(g.pose):>9}{_number(depth):>10}"
        yield f"  {name:<20}{g.faces:>7}{error:>9}{without:>10}{rest}"


def _worst_lines(faces: list[FaceFigures]) -> Iterator[str]:
    yield "worst:"
    for face in faces:
        parts = []
        if face.missed:
            parts.append("missed")
        if face.error is not None:
            parts.append(f"{_percent(face.error)} %, without the jaw ")
            parts[-1] += f"{_percent(face.error_without_jaw)} %"
        if face.pose is not None:
            parts.append(f"pose {face.pose:.1f}°")
        if face.depth is not None:
            parts.append(f"depth {face.depth * 1000:.2f} mm")
        yield f"  {face.source}: {'; '.join(parts) or 'nothing to measure'}"


def _percent(share: float | None, digits: int = 2) -> str:
    return _number(None if share is None else share * 100.0, digits)


def _number(value: float | None, digits: int = 2) -> str:
    return "–" if value is None or not math.isfinite(value) else f"{value:.{digits}f}"


def plain(value: Any) -> Any:
    """The value as JSON knows it; numbers that are not finite become None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {f"{k:g}" if isinstance(k, float) else str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value
