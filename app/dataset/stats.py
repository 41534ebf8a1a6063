"""What a data set holds: distributions of yaw, pitch and roll, people, expressions, backgrounds.

Angles are those of the head as the camera sees it in ``pose_para``, which is what evaluations on
Biwi compare with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.dataset import manifest
from app.dataset.biwi import seen_angles
from app.dataset.check import NoDataSetError, is_ours
from app.dataset.manifest import ManifestError
from app.dataset.reader import ReadError, Sample, SynFace
from app.geometry.rotations import matrix_from_blender_xyz, pose_para_from_matrix
from app.scene.annotations import seen_rotation

ANGLES: Final = ("yaw", "pitch", "roll")
BIWI_RANGES: Final = {"yaw": 75.0, "pitch": 60.0, "roll": 50.0}
"""Published ranges of Biwi, ± degrees (Fanelli et al., 2013)."""
BIN: Final = 5.0
EDGES: Final = np.arange(-90.0 - BIN / 2, 90.0 + BIN, BIN)
"""Bins about multiples of 5°, so that a face seen from the front lies in the middle of one."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Stats:
    """Counts and angles of all frames.

    Attributes
    ----------
    angles : ndarray, shape (N, 3), degrees
        Yaw, pitch and roll seen by the camera, ``pose_para``.
    people, expressions, backgrounds, motions, effects : Counter of str
        Frames by value; people by ``female/0001``. A frame counts for each of its effects.
    distance : tuple of float or None
        Least and greatest distance of the camera from the head centre, metres; from the place
        where the head starts, in a data set of which there are only the texts.
    unread : int
        Frames whose text could not be read.
    """

    name: str
    angles: Floats
    people: Counter[str] = field(default_factory=Counter)
    expressions: Counter[str] = field(default_factory=Counter)
    backgrounds: Counter[str] = field(default_factory=Counter)
    motions: Counter[str] = field(default_factory=Counter)
    effects: Counter[str] = field(default_factory=Counter)
    distance: tuple[float, float] | None = None
    bytes: int = 0
    unread: int = 0

    @property
    def frames(self) -> int:
        return len(self.angles)

    def by_gender(self) -> Counter[str]:
        """People, not frames, by gender."""
        return Counter(name.split("/", 1)[0] for name in self.people)


def collect(root: Path) -> Stats:
    """Read the manifest where there is one, else the texts of all frames.

    Raises
    ------
    NoDataSetError
        When the folder holds no data set, or none of its frames can be read.
    OSError
    """
    ours = is_ours(root)
    name = root.resolve().name
    if ours and (root / manifest.FILE).exists():
        try:
            found = _of_manifest(root, name)
        except ManifestError as fault:
            raise NoDataSetError(f"{fault}; “dataset check” tells more") from None
    else:
        found = _of_texts(root, name)
    if not found.frames:
        raise NoDataSetError(f"{root} holds no frame that can be read")
    return found


def biwi_angles(folder: Path) -> Floats:
    """Yaw, pitch and roll, shape (N, 3), ``pose_para``, of Biwi's ground truth.

    Raises
    ------
    SequenceError
        When the folder holds none.
    """
    return np.array(list(seen_angles(folder)), dtype=np.float64).reshape(-1, 3)


def histogram(values: Floats) -> Floats:
    """Share of the frames in each bin of `EDGES`; what lies beyond falls into the last bins."""
    counts, _ = np.histogram(np.clip(values, EDGES[0], EDGES[-1] - 1e-9), EDGES)
    return np.asarray(counts / max(1, len(values)))


def within_biwi(values: Floats, angle: str) -> float:
    """Share of angles within Biwi's published range."""
    return float((np.abs(values) <= BIWI_RANGES[angle]).mean()) if len(values) else 0.0


def summary(stats: Stats, biwi: Floats | None = None) -> dict[str, Any]:
    """The same as plain values for JSON."""
    told: dict[str, Any] = {
        "name": stats.name,
        "frames": stats.frames,
        "bytes": stats.bytes,
        "unread": stats.unread,
        "people": {"count": len(stats.people), **dict(sorted(stats.by_gender().items()))},
        "frames_per_person": _spread(stats.people.values()),
        "expressions": dict(stats.expressions.most_common()),
        "backgrounds": dict(stats.backgrounds.most_common()),
        "motions": dict(stats.motions.most_common()),
        "effects": dict(stats.effects.most_common()),
        "distance_m": list(stats.distance) if stats.distance else None,
        "convention": "pose_para, as the camera sees the head, degrees",
        "bins": EDGES.tolist(),
        "angles": {angle: _angle(stats.angles[:, i], angle) for i, angle in enumerate(ANGLES)},
    }
    if biwi is not None:
        told["biwi"] = {
            "frames": len(biwi),
            "angles": {angle: _angle(biwi[:, i], angle) for i, angle in enumerate(ANGLES)},
        }
    return told


def _angle(values: Floats, angle: str) -> dict[str, Any]:
    low, first, median, third, high = np.percentile(values, [0, 25, 50, 75, 100])
    return {
        "mean": round(float(values.mean()), 3),
        "sd": round(float(values.std()), 3),
        "min": round(float(low), 3),
        "quartiles": [round(float(v), 3) for v in (first, median, third)],
        "max": round(float(high), 3),
        "within_biwi": round(within_biwi(values, angle), 5),
        "histogram": [round(float(v), 6) for v in histogram(values)],
    }


def _spread(counts: Iterable[int]) -> list[int]:
    found = sorted(counts)
    return [found[0], found[-1]] if found else [0, 0]


def _of_manifest(root: Path, name: str) -> Stats:
    columns = [f"camera_pose_para_{angle}" for angle in ANGLES]
    words = ["subject", "expression", "background", "motion", "effects", "distance"]
    sizes = [f"{kind}_bytes" for kind in manifest.FILE_KINDS]
    table = manifest.table(root, [*columns, *words, *sizes])
    distance = table["distance"].to_numpy()
    return Stats(
        name,
        np.stack([table[column].to_numpy() for column in columns], axis=1).astype(np.float64),
        people=_counts(table["subject"]),
        expressions=_counts(table["expression"]),
        backgrounds=_counts(table["background"]),
        motions=_counts(table["motion"]),
        effects=_counts(table["effects"].combine_chunks().flatten()),
        distance=(float(distance.min()), float(distance.max())) if len(distance) else None,
        bytes=sum(int(table[size].to_numpy().sum()) for size in sizes),
    )


def _counts(column: Any) -> Counter[str]:
    import pyarrow.compute

    found = pyarrow.compute.value_counts(column).to_pylist()
    return Counter({str(item["values"]): int(item["counts"]) for item in found})


def _of_texts(root: Path, name: str) -> Stats:
    angles: list[tuple[float, float, float]] = []
    distances: list[float] = []
    counters: dict[str, Counter[str]] = {
        key: Counter() for key in ("subject", "expression", "background", "motion")
    }
    size = unread = 0
    for sample in SynFace(root):
        size += sum(_size(sample, file) for file in sample.files.values())
        try:
            note = sample.text()
        except (ReadError, OSError):
            unread += 1
            continue
        head, camera = (
            matrix_from_blender_xyz(turned) for turned in (note.head_rotation, note.camera_rotation)
        )
        seen = pose_para_from_matrix(seen_rotation(head, camera))
        angles.append((seen.yaw, seen.pitch, seen.roll))
        distances.append(float(np.linalg.norm(np.subtract(note.camera, note.head))))
        for key, counter in counters.items():
            if value := getattr(sample, key):
                counter[value] += 1
    return Stats(
        name,
        np.array(angles, dtype=np.float64).reshape(-1, 3),
        people=counters["subject"],
        expressions=counters["expression"],
        backgrounds=counters["background"],
        motions=counters["motion"],
        distance=(min(distances), max(distances)) if distances else None,
        bytes=size,
        unread=unread,
    )


def _size(sample: Sample, name: str) -> int:
    try:
        return (sample.root / sample.folder / name).stat().st_size
    except OSError:
        return 0
