"""How far landmarks of a still picture tremble, and what a frame costs beside MediaPipe."""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from app.bench.live import NOISY, STILL, Compared
from app.bench.models import AbsentError
from app.paths import ROOT
from inference.live.bench_clips import RATE, write
from inference.live.chain import DETECTOR, TOTAL, Chain, LiveModels, LiveSettings
from inference.live.frames import Frame
from inference.live.outcome import LiveFace
from inference.live.video import VideoSource
from inference.results import Bytes

STILL_FRAMES: Final = 150
SETTLED: Final = 30
"""Frames that a filter is given before anything is counted: a second."""
SENSOR: Final = 3.0
"""Standard deviation of a webcam's noise in steps of 8 bits."""
PROBE: Final = ROOT / "inference" / "live" / "mediapipe_probe.py"
PROBE_SECONDS: Final = 600.0
COMPARED: Final = 300
"""Frames of the comparison."""


def jitter(picture: Bytes, models: LiveModels, folder: Path) -> dict[str, dict[str, float]]:
    """Root mean square of what coordinates of the 68 points do about their mean, pixels.

    Parameters
    ----------
    picture : ndarray, shape (H, W, 3)
        With one face.
    models : LiveModels
        Detector and face network.
    folder : Path
        For clips that are made meanwhile.

    Raises
    ------
    AbsentError
        Where no face is found in the picture.
    """
    chance = np.random.default_rng(0)

    def same() -> Iterator[Bytes]:
        return (picture for _ in range(STILL_FRAMES))

    def noisy() -> Iterator[Bytes]:
        for _ in range(STILL_FRAMES):
            noise = chance.normal(0.0, SENSOR, picture.shape)
            yield np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)

    kinds: dict[str, Callable[[], Iterator[Bytes]]] = {
        STILL: lambda: _encoded(folder / "still.mp4", same()),
        NOISY: noisy,
        "noise, as MPEG-4": lambda: _encoded(folder / "noise.mp4", noisy()),
        "the same bytes": same,
    }
    return {name: trembling(frames(), models) for name, frames in kinds.items()}


def trembling(pictures: Iterator[Bytes], models: LiveModels) -> dict[str, float]:
    """Jitter of raw and filtered points over pictures that come 30 a second."""
    seen: list[LiveFace] = []
    for faces, _ in chained(pictures, models):
        seen += [face for face in faces[:1] if face.seen]
    if len(seen) < STILL_FRAMES * 0.9:
        raise AbsentError("the face of the first frame is not found all the time")
    told: dict[str, float] = {}
    for name in ("raw", "filtered"):
        points = np.array([getattr(face, name).landmarks_68[:, :2] for face in seen[SETTLED:]])
        away = points - points.mean(axis=0)
        told[name] = float(np.sqrt(np.mean(away**2)))
    return told


def chained(
    pictures: Iterator[Bytes], models: LiveModels
) -> Iterator[tuple[tuple[LiveFace, ...], dict[str, float]]]:
    """Faces and stage times of pictures, in one thread, the detector in its turn."""
    troubles: list[str] = []
    chain = Chain(models, LiveSettings(in_turn=True), lambda t: troubles.append(t.message))
    try:
        for number, picture in enumerate(pictures):
            yield chain.work(Frame(picture, number, number / RATE, time.monotonic(), "bench"))
            if troubles:
                raise AbsentError(troubles[0])
    finally:
        chain.close()


@dataclass(frozen=True)
class Spent:
    """Milliseconds of each frame: on the clock, and of the processor."""

    wall: Sequence[float]
    processor: Sequence[float]


def against_mediapipe(
    clip: Path, frames: Sequence[Bytes], models: LiveModels, python: Path
) -> Compared:
    """Time of one frame of a clip by this program and by MediaPipe's FaceMesh, which follows too.

    Parameters
    ----------
    clip : Path
        What MediaPipe is given.
    frames : sequence of ndarray
        The same frames.
    models : LiveModels
    python : Path
        Of an environment in which ``mediapipe`` is installed.

    Raises
    ------
    AbsentError
        Where it does not run there.
    """
    theirs = probed(clip, python)
    wall, processor, detector, found = [], [], 0, 0
    own = time.process_time()
    for faces, timings in chained(iter(frames[:COMPARED]), models):
        mine = time.process_time()
        wall.append(timings[TOTAL] * 1e3)
        processor.append((mine - own) * 1e3)
        detector += DETECTOR in timings
        found += any(face.seen for face in faces)
        own = mine
    detail = {
        "ours": _told(Spent(wall, processor), found) | {"looks of the detector": detector},
        "mediapipe": _told(Spent(theirs["wall_ms"], theirs["processor_ms"]), int(theirs["found"]))
        | {"version": theirs["version"], "points": theirs["points"], "what": theirs["what"]},
    }
    return Compared(statistics.median(wall), statistics.median(theirs["wall_ms"]), detail)


def probed(clip: Path, python: Path) -> dict[str, Any]:
    """What `mediapipe_probe` tells, run by another interpreter."""
    command = [str(python), str(PROBE), str(clip), str(COMPARED)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise AbsentError(f"MediaPipe does not run: {problem}") from None
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise AbsentError(f"MediaPipe does not run: {last[:200]}")
    told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


def _told(spent: Spent, found: int) -> dict[str, float]:
    return {
        "wall, median": round(statistics.median(spent.wall), 2),
        "wall, 95th percentile": round(float(np.percentile(spent.wall, 95)), 2),
        "processor, median": round(statistics.median(spent.processor), 2),
        "processor, mean": round(statistics.fmean(spent.processor), 2),
        "frames": len(spent.wall),
        "frames with a face": found,
    }


def _encoded(path: Path, frames: Iterator[Bytes]) -> Iterator[Bytes]:
    source = VideoSource(write(path, frames))
    try:
        source.open()
        for _ in range(STILL_FRAMES):
            frame = source.read()
            if frame is None:
                return
            yield frame.picture
    finally:
        source.close()
