"""The live engine: newest frame or every frame, pauses, exchanges, failures, no thread left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest

from inference.crop import Crop
from inference.depth import DepthMap
from inference.detector import LEAST_SCORE
from inference.face import Look
from inference.live.capture import Capture, Delivery
from inference.live.chain import Chain, LiveModels, LiveSettings
from inference.live.engine import Engine
from inference.live.frames import Frame
from inference.live.given import GivenSource
from inference.live.lookout import Beside, Schedule
from inference.live.outcome import LiveResult, Statistics, Trouble
from inference.live.tracks import Rules
from inference.live.video import VideoSource
from inference.results import Box, Bytes, Detection
from inference.sessions import ModelError
from tests.unit.disc_faces import DiscDetector, DiscLandmarker, picture

FRAMES = 24


class DiscDepth:
    """Depth of a disc as if it were a ball; counts its runs."""

    def __init__(self) -> None:
        self.boxes: list[Box] = []

    def predict(self, picture: Bytes, box: Box) -> DepthMap:
        self.boxes.append(box)
        crop = Crop.around(box.as_tuple(), 32)
        bright = crop.cut(picture)[..., 0].astype(np.float32) / 255
        return DepthMap(-0.05 * bright, bright, crop)


class Broken:
    """Fails until it is mended."""

    def __init__(self, mended: bool = False) -> None:
        self.mended = mended
        self.tries = 0
        self._own = DiscLandmarker()

    def around(self, box: Box) -> Crop:
        return self._own.around(box)

    def closer(self, look: Look) -> Crop:
        return self._own.closer(look)

    def look(self, picture: Bytes, crops: Sequence[Crop]) -> list[Look]:
        self.tries += 1
        if not self.mended:
            raise ModelError("face.onnx: cannot be run: the device\nis gone")
        return self._own.look(picture, crops)

    def predict(self, picture: Bytes, box: Box) -> DepthMap:
        self.tries += 1
        raise ModelError("depth.onnx: cannot be run")

    def detect(self, picture: Bytes, least_score: float = LEAST_SCORE) -> tuple[Detection, ...]:
        self.tries += 1
        raise ModelError("detector.onnx: cannot be run")


def frame(number: int, *discs: tuple[float, float, float], source: str = "film") -> Frame:
    return Frame(picture(discs), number, number / 30, time.monotonic(), source, number)


def chain(troubles: list[Trouble] | None = None, **models: object) -> Chain:
    """In its turn, with discs for faces."""
    given = {"face": DiscLandmarker(), "detector": DiscDetector(), **models}
    tell = [] if troubles is None else troubles
    return Chain(LiveModels(**given), LiveSettings(in_turn=True), tell.append)  # type: ignore[arg-type]


@contextmanager
def pushed(
    models: LiveModels | None = None, settings: LiveSettings | None = None
) -> Iterator[tuple[GivenSource, Engine]]:
    """A running engine on pictures that the test pushes."""
    source = GivenSource("viewport")
    capture = Capture(source)
    engine = Engine(
        capture, models or LiveModels(DiscLandmarker(), DiscDetector()), settings or LiveSettings()
    )
    capture.start()
    engine.start()
    try:
        yield source, engine
    finally:
        assert engine.stop()
        assert capture.stop()


def until(happened: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait for it, or fail."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def push_until(
    source: GivenSource, engine: Engine, shown: Callable[[LiveResult], object], *discs: object
) -> LiveResult:
    """Push the same picture until a result is as it should be."""
    drawn = picture(discs or [(100, 100, 30)])  # type: ignore[arg-type]
    deadline = time.monotonic() + 10.0
    after = -1
    while time.monotonic() < deadline:
        source.push(drawn)
        result = engine.latest(after, 0.1)
        if result is not None:
            after = result.frame.number
            if shown(result):
                return result
        time.sleep(0.01)
    raise AssertionError("no such result in time")


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A clip of a disc that moves to the right, 30 frames a second."""
    path = tmp_path / "disc.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 30.0, (320, 240))
    assert writer.isOpened()
    for k in range(FRAMES):
        writer.write(picture([(60 + 4 * k, 100, 30)]))
    writer.release()
    return path


def test_every_frame_of_a_file_is_worked_on_and_gives_the_same_again(film: Path) -> None:
    def played() -> list[LiveResult]:
        capture = Capture(VideoSource(film))
        capture.delivery = Delivery.FASTEST
        engine = Engine(
            capture, LiveModels(DiscLandmarker(), DiscDetector()), LiveSettings(in_turn=True)
        )
        results: list[LiveResult] = []
        engine.listen(results.append)
        engine.start()
        capture.start()
        until(lambda: len(results) == FRAMES and capture.ended)
        assert engine.stop() and capture.stop()
        assert engine.statistics().frames == FRAMES
        assert engine.statistics().dropped == 0
        return results

    first, second = played(), played()
    assert [r.frame.index for r in first] == list(range(FRAMES))
    for k, (a, b) in enumerate(zip(first, second, strict=True)):
        (one,), (other,) = a.faces, b.faces
        assert one.number == other.number == 1 and one.seen
        np.testing.assert_array_equal(one.filtered.landmarks_68, other.filtered.landmarks_68)
        middle = one.raw.box.x + one.raw.box.width / 2
        assert middle == pytest.approx(60 + 4 * k, abs=2.5)
    line = first[5].filtered
    assert line.source == "disc.avi" and line.frame == 5 and len(line.faces) == 1
    assert line.faces[0] is first[5].faces[0].filtered
    assert first[5].raw.faces[0] is first[5].faces[0].raw


def test_faces_are_found_beside_and_followed() -> None:
    with pushed() as (source, engine):
        result = push_until(source, engine, lambda r: r.faces)
        (face,) = result.faces
        assert face.number == 1 and face.confidence > 0.5
        assert result.delay > 0.0
        assert {"face", "filter", "total"} <= set(result.timings)
        assert result.timings["total"] >= result.timings["face"]


def test_the_newest_frame_is_worked_on_when_a_model_is_slow() -> None:
    class Slow(DiscLandmarker):
        def look(self, picture: Bytes, crops: Sequence[Crop]) -> list[Look]:
            time.sleep(0.08)
            return super().look(picture, crops)

    with pushed(LiveModels(Slow(), DiscDetector())) as (source, engine):
        push_until(source, engine, lambda r: r.faces)
        results: list[LiveResult] = []
        engine.listen(results.append)
        for k in range(60):
            source.push(picture([(100 + k, 100, 30)]))
            time.sleep(0.01)
        until(lambda: results and results[-1].faces[0].raw.box.x > 155 - 30)
        assert len(results) < 40
        numbers = [r.frame.number for r in results]
        assert numbers == sorted(set(numbers))
        assert engine.statistics().dropped > 0


def test_a_slow_detector_holds_nothing_up() -> None:
    class Slow(DiscDetector):
        def detect(self, picture: Bytes, least_score: float = LEAST_SCORE) -> tuple[Detection, ...]:
            time.sleep(1.0)
            return super().detect(picture, least_score)

    with pushed(LiveModels(DiscLandmarker(), Slow())) as (source, engine):
        begun = time.monotonic()
        push_until(source, engine, lambda r: not r.faces)
        assert time.monotonic() - begun < 0.8
        result = push_until(source, engine, lambda r: r.faces)
        assert result.timings["detector"] >= 1.0
        assert result.timings["total"] < 0.8


def test_a_paused_engine_lets_frames_pass_and_costs_nothing() -> None:
    with pushed() as (source, engine):
        push_until(source, engine, lambda r: r.faces)
        engine.pause()
        assert engine.paused
        time.sleep(0.05)
        results: list[LiveResult] = []
        engine.listen(results.append)
        source.push(picture([(200, 100, 30)]))
        time.sleep(0.1)
        assert results == []
        before = psutil.Process().cpu_times()
        time.sleep(0.8)
        after = psutil.Process().cpu_times()
        used = after.user + after.system - before.user - before.system
        assert used / 0.8 < 0.03
        engine.resume()
        until(lambda: results)
        assert results[0].frame.picture[100, 200, 0] == 255


def test_a_source_at_rest_costs_nothing() -> None:
    with pushed() as (source, engine):
        push_until(source, engine, lambda r: r.faces)
        time.sleep(0.3)
        before = psutil.Process().cpu_times()
        time.sleep(0.8)
        after = psutil.Process().cpu_times()
        assert (after.user + after.system - before.user - before.system) / 0.8 < 0.03


def test_models_are_exchanged_while_it_runs_and_a_picture_at_rest_is_looked_at_again() -> None:
    with pushed() as (source, engine):
        push_until(source, engine, lambda r: r.faces)
        time.sleep(0.3)
        last = engine.latest()
        assert last is not None
        results: list[LiveResult] = []
        engine.listen(results.append)
        other = DiscLandmarker(size=96, shift=4.0)
        engine.exchange(LiveModels(other, DiscDetector(), DiscDepth()))
        until(lambda: results)
        (face,) = results[-1].faces
        assert results[-1].frame is last.frame
        assert face.number == last.faces[0].number
        assert face.filtered.box.x == pytest.approx(last.faces[0].filtered.box.x + 4.0, abs=1.5)
        assert face.depth is not None
        frames = engine.statistics().frames
        engine.exchange(LiveModels())
        until(lambda: results[-1].faces == ())
        assert engine.statistics().frames == frames, "the same frame is not counted again"


def test_the_filter_may_be_changed_while_it_runs() -> None:
    with pushed() as (source, engine):
        push_until(source, engine, lambda r: r.faces)
        engine.configure(LiveSettings(strength=0.0))
        result = push_until(
            source, engine, lambda r: r.faces and r.faces[0].filtered is r.faces[0].raw
        )
        assert result.faces[0].number == 1
        assert engine.settings.strength == 0.0


def test_a_model_that_fails_is_told_once_and_the_rest_goes_on() -> None:
    troubles: list[Trouble] = []
    depth = Broken()
    own = chain(troubles, depth=depth)
    for k in range(6):
        faces, _ = own.work(frame(k, (100, 100, 30)))
        assert len(faces) == 1 and faces[0].depth is None
    assert troubles == [Trouble("depth", "depth.onnx: cannot be run")]
    assert depth.tries == 1, "it rests before it is tried again"
    own.use(LiveModels(DiscLandmarker(), DiscDetector(), DiscDepth()))
    faces, _ = own.work(frame(7, (100, 100, 30)))
    assert faces[0].depth is not None


def test_a_face_network_that_fails_leaves_the_picture_and_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("inference.live.stages.FIRST_REST", 0.05)
    troubles: list[Trouble] = []
    broken = Broken()
    with pushed(LiveModels(broken, DiscDetector())) as (source, engine):
        engine.listen_to_trouble(troubles.append)
        push_until(source, engine, lambda r: broken.tries >= 2 and not r.faces)
        assert troubles == [Trouble("face", "face.onnx: cannot be run: the device is gone")]
        broken.mended = True
        push_until(source, engine, lambda r: r.faces)
        assert len(troubles) == 1


def test_a_detector_that_fails_leaves_the_faces_that_are_followed() -> None:
    troubles: list[Trouble] = []
    own = chain(troubles)
    own.work(frame(0, (100, 100, 30)))
    own.use(LiveModels(DiscLandmarker(), Broken()))
    for k in range(1, 60):
        faces, _ = own.work(frame(k, (100, 100, 30)))
        assert len(faces) == 1
    assert troubles == [Trouble("detector", "detector.onnx: cannot be run")]


def test_a_second_model_looks_at_the_same_faces() -> None:
    own = chain(second=DiscLandmarker(size=48, shift=3.0))
    for k in range(4):
        faces, timings = own.work(frame(k, (80 + 2 * k, 70, 25), (240, 160, 30)))
    assert len(faces) == 2 and "second" in timings
    for face in faces:
        assert face.second_raw is not None and face.second_filtered is not None
        assert face.second_raw.box.x == pytest.approx(face.raw.box.x + 3.0, abs=1.5)


def test_a_second_model_that_fails_leaves_the_first() -> None:
    troubles: list[Trouble] = []
    own = chain(troubles, second=Broken())
    for k in range(3):
        faces, _ = own.work(frame(k, (100, 100, 30)))
        assert len(faces) == 1 and faces[0].second_raw is None
    assert [t.stage for t in troubles] == ["second"]


def test_depth_of_some_faces_in_turn_goes_with_its_face() -> None:
    depth = DiscDepth()
    own = Chain(
        LiveModels(DiscLandmarker(), DiscDetector(), depth),
        LiveSettings(in_turn=True, depth_faces=1, strength=0.0),
        print,
    )
    for k in range(7):
        faces, _ = own.work(frame(k, (80 + 3 * k, 70, 25), (240 - 3 * k, 160, 30)))
        assert len(depth.boxes) == k + 1
    for face in faces:
        assert face.depth is not None
        x, y = face.depth.crop.centre
        assert x == pytest.approx(face.filtered.box.x + face.filtered.box.width / 2, abs=1e-3)
        assert y == pytest.approx(face.filtered.box.y + face.filtered.box.height / 2, abs=1e-3)


def test_a_face_that_is_gone_keeps_its_picture_while_it_fades() -> None:
    own = chain(depth=DiscDepth())
    for k in range(10):
        shown, _ = own.work(frame(k, (100, 100, 30)))
    faded, _ = own.work(frame(10))
    assert not faded[0].seen and faded[0].confidence < shown[0].confidence
    np.testing.assert_array_equal(faded[0].filtered.landmarks_68, shown[0].filtered.landmarks_68)
    assert faded[0].depth is not None
    result = LiveResult(frame(10), faded, {}, 0.0, 0.0)
    assert result.raw.faces == (), "a face that is not seen is no prediction"


def test_another_source_and_another_size_begin_anew() -> None:
    own = chain()
    own.work(frame(0, (100, 100, 30)))
    small = Frame(picture([(60, 60, 20)], (160, 120)), 1, 1.0, 0.0, "film", 1)
    faces, _ = own.work(small)
    assert [f.number for f in faces] == [1]
    assert faces[0].filtered is not None and faces[0].raw.box.x == pytest.approx(40, abs=2)
    faces, _ = own.work(frame(2, (250, 100, 30), source="other"))
    assert [f.number for f in faces] == [1]
    assert faces[0].filtered.box.x == pytest.approx(220, abs=2)


def test_a_camera_without_a_clock_after_a_file_with_one() -> None:
    own = chain()
    own.work(Frame(picture([(100, 100, 30)]), 0, 1e6, 5.0, "same name", 0))
    for k in range(3):
        given = Frame(picture([(200, 100, 30)]), 1 + k, None, 5.0 + k / 30, "same name")
        faces, _ = own.work(given)
    assert len(faces) == 1 and faces[0].seen


def test_when_the_detector_looks() -> None:
    when = Schedule(empty=0.1, steady=1.0, full=3.0)
    assert when.due(-1.0, 1, False, 8)
    assert when.due(0.1, 0, False, 8) and not when.due(0.05, 0, False, 8)
    assert when.due(0.2, 1, True, 8) and not when.due(0.2, 1, False, 8)
    assert when.due(1.0, 1, False, 8) and not when.due(1.0, 8, False, 8)
    assert when.due(3.0, 8, False, 8)


def test_the_detector_looks_as_often_as_the_schedule_says() -> None:
    detector = DiscDetector()
    own = chain(detector=detector)
    for k in range(91):
        own.work(frame(k, (100, 100, 30)))
    assert detector.calls == 4
    for k in range(91, 122):
        own.work(frame(k))
    assert 6 <= detector.calls - 4 <= 8


def test_what_was_asked_of_another_source_is_forgotten() -> None:
    gate = threading.Event()

    class Waiting(DiscDetector):
        def detect(self, picture: Bytes, least_score: float = LEAST_SCORE) -> tuple[Detection, ...]:
            gate.wait(5.0)
            return super().detect(picture, least_score)

    lookout = Beside()
    try:
        assert lookout.ask(Waiting(), picture([(100, 100, 30)]), {})
        assert not lookout.ask(Waiting(), picture([(100, 100, 30)]), {})
        until(lambda: lookout._looking)
        lookout.forget()
        gate.set()
        until(lambda: not lookout._looking)
        assert lookout.answer() is None
        until(lambda: lookout.ask(DiscDetector(), picture([(100, 100, 30)]), {}))
        until(lambda: (found := lookout.answer()) and found.sighting)
    finally:
        gate.set()
        lookout.close()
    assert not lookout.ask(DiscDetector(), picture([]), {})


def test_a_listener_that_fails_is_told_of_and_the_others_hear_on() -> None:
    troubles: list[Trouble] = []

    def failing(result: LiveResult) -> None:
        raise RuntimeError("disk full")

    with pushed() as (source, engine):
        engine.listen_to_trouble(troubles.append)
        stop = engine.listen(failing)
        push_until(source, engine, lambda r: r.frame.number > 3)
        stop()
        push_until(source, engine, lambda r: r.faces)
    assert troubles == [Trouble("listener", "RuntimeError: disk full")]


def test_statistics_tell_rate_and_delay() -> None:
    with pushed() as (source, engine):
        assert engine.statistics() == Statistics()
        for _ in range(30):
            source.push(picture([(100, 100, 30)]))
            time.sleep(0.02)
        told = engine.statistics()
        assert 2.0 < told.rate <= 55.0
        assert 0.0 < told.delay <= told.delay_p95
        assert told.frames >= 5
        assert 0.0 < told.stages["face"] <= told.stages["total"]
        time.sleep(0.4)
        assert engine.statistics().rate < told.rate


class Reel:
    """Frames without a thread of their own."""

    dropped = 0

    def __init__(self) -> None:
        self._number = 0
        self._number_lock = threading.Lock()

    def latest(self, after: int = -1, timeout: float | None = 0.0) -> Frame:
        time.sleep(0.001)
        with self._number_lock:
            self._number += 1
            return frame(self._number, (100, 100, 30))


def test_a_hundred_starts_and_stops_leave_nothing_behind() -> None:
    before = set(threading.enumerate())
    reel = Reel()
    for k in range(100):
        engine = Engine(reel, LiveModels(DiscLandmarker(), DiscDetector()))
        engine.start()
        if k % 5 == 0:
            assert engine.latest(timeout=5.0) is not None
        assert engine.stop()
    assert set(threading.enumerate()) <= before


def test_an_engine_stops_while_paused_and_starts_only_once() -> None:
    with pushed() as (_, engine):
        engine.pause()
        with pytest.raises(RuntimeError, match="once"):
            engine.start()
    assert engine.latest(timeout=None) is None
    never = Engine(Capture(GivenSource("none")), LiveModels())
    assert never.stop()


def test_a_stopped_capture_does_not_make_the_engine_spin() -> None:
    source = GivenSource("viewport")
    capture = Capture(source)
    engine = Engine(capture, LiveModels())
    capture.start()
    engine.start()
    capture.stop()
    before = psutil.Process().cpu_times()
    time.sleep(0.5)
    after = psutil.Process().cpu_times()
    assert (after.user + after.system - before.user - before.system) / 0.5 < 0.05
    assert engine.stop()


def test_memory_does_not_grow_with_the_frames() -> None:
    own = chain(depth=DiscDepth(), second=DiscLandmarker())
    rng = np.random.default_rng(0)
    kept = 0
    discs = [(40.0 + 60 * (n % 5), 60.0 + 120 * (n // 5), 18.0) for n in range(10)]
    for k in range(40):
        shown = [d for d in discs if rng.random() < 0.7]
        faces, _ = own.work(frame(10 * k, *shown))
        kept = max(kept, len(faces), len(own._filters), len(own._maps), len(own._tracker._tracks))
    assert kept <= Rules().most
