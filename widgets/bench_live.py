"""The real window with the real canvas, as `app.bench.live` measures it."""

from __future__ import annotations

import gc
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import psutil

from app.bench.live import Compared, Endurance, Played
from app.bench.models import AbsentError
from inference import registry
from inference.live import bench_clips, bench_steady
from inference.live.bench_models import opened
from inference.results import Bytes
from widgets.bench_meter import Meter, busy
from widgets.bench_window import opened_window, until, wait
from widgets.live.bench_camera import PulledCamera
from widgets.live.overlays import LAYERS, Overlays
from widgets.measure import StallWatch

if TYPE_CHECKING:
    from inference.live.outcome import LiveResult
    from widgets.live.view import LiveView
    from widgets.main_window import MainWindow

WARM: Final = 3.0
QUICKER: Final = 2.0
"""How much quicker the source is than the rate that is asked for."""
LOOKED_FOR: Final = 30.0
"""Seconds for the faces of a clip to be found."""
PLAIN: Final = ("points_68", "contours_68", "axes", "number")
"""Landmarks and pose alone."""
SWITCHES: Final = 4
NO_PICTURE: Final = "no picture came to the screen"


@dataclass(frozen=True)
class Choice:
    """What is measured, and how long.

    Attributes
    ----------
    clips : Path, optional
        Folder of videos; the shared ones, or the sample clip, where there is none.
    face, depth : Path, optional
        Networks in place of the shipped ones.
    mediapipe : Path, optional
        Interpreter of an environment with MediaPipe.
    seconds : float
        Of each measurement.
    minutes : float
        Of the long run.
    """

    clips: Path | None = None
    face: Path | None = None
    depth: Path | None = None
    mediapipe: Path | None = None
    seconds: float = 10.0
    minutes: float = 30.0


class WindowTools:
    """See `app.bench.live.Tools`; for one run of the suite, closed at its end."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice
        self._folder = tempfile.TemporaryDirectory(prefix="headroom-bench-clips-")
        self._frames: list[Bytes] = []

    def close(self) -> None:
        self._folder.cleanup()

    def play(self, faces: int, *, depth: bool, rate: float) -> Played:
        with self._playing(faces, depth=depth) as live:
            live.speed(QUICKER * rate)
            wait(WARM)
            quick = Meter(live.content)
            wait(self._choice.seconds)
            counted = quick.stop()
            live.speed(bench_clips.RATE)
            wait(WARM)
            steady = Meter(live.content)
            wait(self._choice.seconds)
            delays = steady.stop().delays
            if not len(delays):
                raise AbsentError(NO_PICTURE)
            detail = counted.told() | {
                "source, frames/s": QUICKER * rate,
                "clip": bench_clips.real_clip(self._choice.clips).name,
                "model": live.face_name,
            }
            return Played(
                counted.rate,
                float(np.median(delays)),
                float(np.percentile(delays, 95)),
                detail,
            )

    def idle(self) -> Mapping[str, float]:
        with self._playing(1, depth=False) as live:
            wait(WARM)
            live.content.desk.pause()
            wait(WARM)
            paused = busy(self._choice.seconds)
            live.content.desk.play()
            wait(WARM)
            live.window.hide()
            wait(WARM)
            hidden = busy(self._choice.seconds)
            live.window.show()
        return {"paused": paused, "hidden": hidden}

    def endure(self) -> Endurance:
        process = psutil.Process()
        with self._playing(1, depth=registry_has("depth", self._choice.depth)) as live:
            memory: list[float] = []
            delays: list[float] = []
            count = max(round(self._choice.minutes), 4)
            for _ in range(count):
                meter = Meter(live.content)
                wait(self._choice.minutes * 60.0 / count)
                found = meter.stop().delays
                if not len(found):
                    raise AbsentError(NO_PICTURE)
                delays.append(float(np.median(found)) * 1e3)
                memory.append(process.memory_info().rss / 1e6)
        part = max(count // 6, 1)
        drift = statistics.median(delays[-part:]) - statistics.median(delays[1 : 1 + part])
        detail = {
            "minutes": self._choice.minutes,
            "megabytes": [round(m, 1) for m in memory],
            "median delay, ms": [round(d, 1) for d in delays],
        }
        return Endurance(memory[-1] - memory[1], drift, detail)

    def jitter(self) -> Mapping[str, Mapping[str, float]]:
        models = opened(self._choice.face)
        return bench_steady.jitter(self._clip_frames()[0], models, Path(self._folder.name))

    def stalls(self) -> Mapping[str, float]:
        path = self._face_path()
        clip = self._clip(1)
        longest: dict[str, float] = {}
        with opened_window() as window:
            view = live_view(window)
            studio = window.studio
            reached(
                lambda: studio.loader.asset is not None and studio.viewport.settled,
                "the Studio's head did not come up",
            )
            gc.freeze()  # as the program does once its window is there
            with StallWatch() as watch:
                view.open(str(clip))
                live = made(window, view)
                reached(lambda: live.result is not None, NO_PICTURE)
                wait(WARM)
            longest["starting"] = watch.longest
            live.choose(path, None)
            with StallWatch() as watch:
                for number in range(SWITCHES):
                    copy = Path(self._folder.name) / f"copy{number}.onnx"
                    copy.write_bytes(path.read_bytes())
                    copy.with_suffix(".json").write_bytes(path.with_suffix(".json").read_bytes())
                    live.choose(copy, None)
                    wait(0.5)
            longest["switching models"] = watch.longest
            camera = PulledCamera(self._clip_frames())
            live.content.desk.start(camera.source)
            reached(lambda: live.runs_on(camera.source.name), NO_PICTURE)
            with StallWatch() as watch:
                wait(1.0)
                camera.pull()
                wait(WARM)
                camera.plug()
                wait(WARM)
            longest["unplugging the source"] = watch.longest
            live.content.desk.stop()
            wait(1.0)
        return longest

    def against_mediapipe(self) -> Compared:
        python = self._choice.mediapipe
        if python is None:
            raise AbsentError(
                "give --mediapipe PYTHON of an environment in which mediapipe is installed"
            )
        models = opened(self._choice.face)
        return bench_steady.against_mediapipe(self._clip(1), self._clip_frames(), models, python)

    # What is shown

    @contextmanager
    def _playing(self, faces: int, *, depth: bool) -> Iterator[Live]:
        """The window while it plays a clip of so many faces at 30 frames a second."""
        path = self._face_path()
        if depth and not registry_has("depth", self._choice.depth):
            raise AbsentError("no model of kind depth in assets/models")
        clip = self._clip(faces)
        with opened_window() as window:
            view = live_view(window)
            view.open(str(clip))
            live = made(window, view)
            live.content.set_overlays(overlays(everything=depth))
            live.choose(path, self._choice.depth if depth else None)
            reached(lambda: live.result is not None, NO_PICTURE)
            live.find(faces, depth=depth)
            yield live
            live.content.desk.stop()

    def _face_path(self) -> Path:
        if self._choice.face is not None:
            return self._choice.face.absolute()
        found = registry.shipped("face")
        if not found:
            raise AbsentError("no model of kind face in assets/models")
        return next((m.path for m in found if m.path.stem == "face"), found[0].path)

    def _clip_frames(self) -> list[Bytes]:
        if not self._frames:
            self._frames = bench_clips.frames_of(bench_clips.real_clip(self._choice.clips))
        return self._frames

    def _clip(self, faces: int) -> Path:
        """A clip of one or four faces, made when it is first asked for."""
        path = Path(self._folder.name) / f"{faces}.mp4"
        if not path.exists():
            frames = list(bench_clips.there_and_back(self._clip_frames()))
            pictures = bench_clips.four_of(frames) if faces == 4 else iter(frames)
            bench_clips.write(path, pictures)
        return path


class Live:
    """The live workspace of a window."""

    def __init__(self, window: MainWindow, view: LiveView) -> None:
        assert view.content is not None
        self.window, self.content = window, view.content

    @property
    def result(self) -> LiveResult | None:
        return self.content.desk.latest

    @property
    def face_name(self) -> str:
        used = self.content.desk.shelf.in_use("face")
        return "" if used is None else used.name

    def speed(self, rate: float) -> None:
        """Play the clip at a number of frames a second."""
        self.content.desk.speed = rate / bench_clips.RATE

    def runs_on(self, source: str) -> bool:
        """Whether pictures of a source arrive."""
        return self.result is not None and self.result.frame.source == source

    def choose(self, face: Path, depth: Path | None) -> None:
        """Use networks, and wait until they are open."""
        shelf = self.content.desk.shelf
        for part, path in (("face", face), ("depth", depth)):
            if path is None:
                continue
            shelf.choose_file(part, path.absolute())  # type: ignore[arg-type]
        reached(
            lambda: self._uses(face) or bool(shelf.problem("face")),
            f"{face.name} was not opened",
        )
        if not self._uses(face):
            raise AbsentError(shelf.problem("face"))

    def _uses(self, face: Path) -> bool:
        used = self.content.desk.shelf.in_use("face")
        return used is not None and used.listed is not None and used.listed.path == face.absolute()

    def find(self, faces: int, *, depth: bool) -> None:
        """Wait until so many faces are seen, with their depth where it is measured.

        Raises
        ------
        AbsentError
            Where they are not found.
        """

        def there() -> bool:
            found = self.result.faces if self.result is not None else ()
            return sum(f.seen and (f.depth is not None or not depth) for f in found) >= faces

        what = "with their depth " if depth else ""
        reached(there, f"{faces} faces {what}are not found in the clip", LOOKED_FOR)


def overlays(*, everything: bool) -> Overlays:
    """All that is drawn over a face, or landmarks and pose."""
    shown = Overlays()
    for name in LAYERS:
        if name != "hands":
            shown = shown.with_shown(name, everything or name in PLAIN)
    return shown


def made(window: MainWindow, view: LiveView) -> Live:
    """The workspace, once it is there."""
    reached(lambda: view.content is not None, "the live workspace did not open")
    return Live(window, view)


def reached(condition: Callable[[], bool], otherwise: str, seconds: float = 120.0) -> None:
    """Let the window work until something is so.

    Raises
    ------
    AbsentError
        With what did not happen in time.
    """
    try:
        until(condition, seconds)
    except TimeoutError:
        raise AbsentError(otherwise) from None


def live_view(window: MainWindow) -> LiveView:
    """The window's workspace Live."""
    from widgets.live.view import LiveView

    return next(view for view in window.views if isinstance(view, LiveView))


def registry_has(kind: Any, other: Path | None) -> bool:
    """Whether a network of a kind ships, or another one is given."""
    return other is not None or bool(registry.shipped(kind))
