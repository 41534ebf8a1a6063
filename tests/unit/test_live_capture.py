"""The newest frame in time; pause, step, seek, loop; nothing dropped where every frame counts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from inference.live.capture import Capture, Delivery
from inference.live.folder import FolderSource
from inference.live.frames import Frame, SourceState, SourceStatus
from inference.live.given import GivenSource
from inference.live.pace import Pace
from inference.live.video import VideoSource
from tests.unit.live_clips import number_of, numbered, set_durations, write_clip


def clip(folder: Path, frames: int = 40, rate: float = 40.0) -> VideoSource:
    return VideoSource(write_clip(folder / f"clip{frames}.mp4", frames, rate))


def take(capture: Capture, after: int = -1) -> Frame:
    frame = capture.latest(after, 5.0)
    assert frame is not None
    return frame


def take_all(capture: Capture) -> list[Frame]:
    frames: list[Frame] = []
    while not capture.ended:
        frame = capture.latest(frames[-1].number if frames else -1, 0.2)
        if frame is not None:
            frames.append(frame)
    return frames


def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not come to pass"
        time.sleep(0.005)


def indices(frames: list[Frame]) -> list[int | None]:
    return [frame.index for frame in frames]


def test_a_clip_plays_in_its_own_time(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", 12)
    set_durations(path, [512 if k % 2 else 2560 for k in range(12)])
    capture = Capture(VideoSource(path))
    capture.delivery = Delivery.EVERY
    with capture:
        frames = take_all(capture)
    assert [number_of(f.picture) for f in frames] == indices(frames) == list(range(12))
    assert [f.number for f in frames] == list(range(12))
    first = frames[0]
    for frame in frames:
        assert frame.media_time is not None and first.media_time is not None
        late = (frame.captured - first.captured) - (frame.media_time - first.media_time)
        assert -0.005 < late < 2.0


def test_who_is_slow_gets_the_newest_and_the_rest_is_counted(tmp_path: Path) -> None:
    with Capture(clip(tmp_path, 40, 80.0)) as capture:
        seen = [take(capture)]
        while not capture.ended:
            time.sleep(0.1)
            frame = capture.latest(seen[-1].number, 0.2)
            seen += [frame] if frame else []
        assert len(seen) < 20
        assert capture.dropped == 40 - len(seen)
        assert seen[-1].index == 39


@pytest.mark.parametrize("delivery", [Delivery.EVERY, Delivery.FASTEST])
def test_who_needs_every_frame_gets_every_frame(tmp_path: Path, delivery: Delivery) -> None:
    capture = Capture(clip(tmp_path, 30, 100.0))
    capture.delivery = delivery
    with capture:
        frames: list[Frame] = []
        while not capture.ended:
            frame = capture.latest(frames[-1].number if frames else -1, 0.2)
            if frame is not None:
                frames.append(frame)
                time.sleep(0.02)
        assert indices(frames) == list(range(30))
        assert capture.dropped == 0


def test_fastest_does_not_wait_for_time_stamps(tmp_path: Path) -> None:
    capture = Capture(clip(tmp_path, 20, 2.0))
    capture.delivery = Delivery.FASTEST
    with capture:
        begun = time.monotonic()
        assert len(take_all(capture)) == 20
        assert time.monotonic() - begun < 5.0


def test_speed_changes_how_long_it_takes(tmp_path: Path) -> None:
    capture = Capture(clip(tmp_path, 20, 5.0))
    capture.speed, capture.delivery = 8.0, Delivery.EVERY
    with capture:
        frames = take_all(capture)
    assert 19 / 40.0 - 0.005 < frames[-1].captured - frames[0].captured < 19 / 10.0


def test_pause_holds_and_play_goes_on_with_the_next(tmp_path: Path) -> None:
    with Capture(clip(tmp_path, 120, 50.0)) as capture:
        take(capture, 3)
        capture.pause()
        until(lambda: capture.status.state is SourceState.PAUSED)
        time.sleep(0.1)
        held = take(capture)
        assert capture.latest(held.number, 0.15) is None
        capture.play()
        after = take(capture, held.number)
        assert after.index == (held.index or 0) + 1
        assert capture.status.state is SourceState.RUNNING


def test_a_pause_costs_no_processor_time(tmp_path: Path) -> None:
    with Capture(clip(tmp_path, 40, 40.0)) as capture:
        take(capture)
        capture.pause()
        time.sleep(0.1)
        before = time.process_time()
        time.sleep(1.0)
        assert time.process_time() - before < 0.03


def test_steps_go_one_frame_on_and_back(tmp_path: Path) -> None:
    with Capture(clip(tmp_path, 60, 30.0)) as capture:
        take(capture, 4)
        capture.pause()
        time.sleep(0.1)
        here = take(capture)
        assert here.index is not None
        for step in (1, 1, -1, -3, 1):
            capture.step(step)
            frame = take(capture, here.number)
            assert (frame.index, number_of(frame.picture)) == (here.index + step,) * 2
            here = frame
            assert here.index is not None
        assert not capture.playing


def test_seeking_shows_the_frame_also_while_paused(tmp_path: Path) -> None:
    with Capture(clip(tmp_path, 60, 30.0)) as capture:
        last = take(capture)
        capture.pause()
        for place in (50, 3, 59, 0):
            capture.seek(place)
            until(lambda place=place: (f := capture.newest) is not None and f.index == place)
        last = take(capture)
        assert capture.latest(last.number, 0.1) is None
        capture.seek(20)
        capture.play()
        until(lambda: (f := capture.newest) is not None and (f.index or 0) > 22)


def test_of_many_places_in_a_row_the_last_one_counts(tmp_path: Path) -> None:
    with Capture(clip(tmp_path, 100, 30.0)) as capture:
        take(capture)
        capture.pause()
        for place in range(5, 95):
            capture.seek(place)
        until(lambda: (f := capture.newest) is not None and f.index == 94)
        assert (capture.newest or take(capture)).number < 60


def test_pictures_are_shown_while_the_place_is_dragged(tmp_path: Path) -> None:
    with Capture(clip(tmp_path, 100, 30.0)) as capture:
        capture.pause()
        end, place, seen = time.monotonic() + 10.0, 0, set()
        while len(seen) < 4:
            assert time.monotonic() < end, "nothing is shown"
            place = (place + 37) % 100
            capture.seek(place)
            frame = capture.latest(-1, 0.002)
            seen |= {frame.number} if frame else set()
        until(lambda: (f := capture.newest) is not None and f.index == place)


def test_a_loop_between_in_and_out(tmp_path: Path) -> None:
    capture = Capture(clip(tmp_path, 60, 50.0), loop=True)
    capture.span = (10, 14)
    capture.delivery = Delivery.EVERY
    with capture:
        frames = [take(capture)]
        while len(frames) < 13:
            frames.append(take(capture, frames[-1].number))
    assert indices(frames) == [10, 11, 12, 13, 14] * 2 + [10, 11, 12]
    assert [f.number for f in frames] == list(range(13))
    assert frames[-1].captured - frames[0].captured > 12 / 50.0 - 0.005
    with pytest.raises(ValueError, match="no part"):
        capture.span = (5, 4)


def test_without_a_loop_it_ends_at_the_out_point_and_plays_again(tmp_path: Path) -> None:
    capture = Capture(clip(tmp_path, 60, 50.0))
    capture.span = (2, 5)
    with capture:
        assert indices(take_all(capture))[-1] == 5
        assert capture.status.state is SourceState.ENDED
        last = capture.newest
        assert last is not None
        capture.play()
        assert take(capture, last.number).index in (2, 3)
        until(lambda: capture.status.state is SourceState.ENDED)


def test_a_still_picture_is_a_video_when_it_loops(tmp_path: Path) -> None:
    import cv2

    cv2.imwrite(str(tmp_path / "still.png"), numbered(7))
    with Capture(FolderSource(tmp_path / "still.png", 100.0), loop=True) as capture:
        frames = [take(capture)]
        while len(frames) < 10:
            frames.append(take(capture, frames[-1].number))
    assert {number_of(f.picture) for f in frames} == {7}
    assert {f.index for f in frames} == {0}


def test_state_changes_are_told_once_each(tmp_path: Path) -> None:
    told: list[SourceStatus] = []
    capture = Capture(clip(tmp_path, 10, 50.0))
    capture.listen(told.append)
    with capture:
        take_all(capture)
        until(lambda: told[-1].state is SourceState.ENDED)
    assert all(a != b for a, b in pairwise(told))
    assert [s.state for s in told][-1] is SourceState.ENDED
    assert SourceState.RUNNING in [s.state for s in told]


def test_what_cannot_be_opened_fails_with_its_line_and_another_source_goes_on(
    tmp_path: Path,
) -> None:
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"rubbish")
    with Capture(VideoSource(bad)) as capture:
        until(lambda: capture.status.state is SourceState.FAILED)
        assert "bad.mp4" in capture.status.message
        assert capture.ended
        capture.show(clip(tmp_path, 10, 50.0))
        assert take(capture).source == "clip10.mp4"


def test_another_source_goes_on_with_the_numbers(tmp_path: Path) -> None:
    given = GivenSource("Viewport")
    with Capture(clip(tmp_path, 60, 60.0), loop=True) as capture:
        before = take(capture, 3)
        capture.show(given)
        until(lambda: given.read is not None and capture.status.size is None)
        given.push(numbered(3))
        until(lambda: (f := capture.newest) is not None and f.source == "Viewport")
        after = take(capture, before.number)
        assert after.number > before.number
        assert number_of(after.picture) == 3


class Stuck:
    """A source whose driver does not come back until it is let go."""

    name, seekable = "Stuck", False

    def __init__(self) -> None:
        self.free = threading.Event()
        self.closed = threading.Event()
        self.status = SourceStatus(SourceState.RUNNING)

    def open(self) -> None:
        pass

    def read(self) -> Frame | None:
        self.free.wait()
        return None

    def wake(self) -> None:
        pass

    def seek(self, index: int) -> None:
        pass

    def close(self) -> None:
        self.closed.set()


def test_stop_comes_back_within_a_second_whatever_the_source_does() -> None:
    source = Stuck()
    capture = Capture(source)
    capture.start()
    time.sleep(0.05)
    begun = time.monotonic()
    assert not capture.stop()
    assert time.monotonic() - begun < 1.0
    source.free.set()
    assert source.closed.wait(2.0)
    assert capture.stop()


class Faulty(Stuck):
    def read(self) -> Frame | None:
        raise RuntimeError("the decoder\nfell over")


def test_a_source_that_raises_fails_in_one_line() -> None:
    source = Faulty()
    with Capture(source) as capture:
        until(lambda: capture.status.state is SourceState.FAILED)
        assert capture.status.message == (
            "Stuck cannot be read: RuntimeError: the decoder fell over"
        )
    assert source.closed.is_set()


def test_who_waits_for_a_silent_source_obeys_at_once() -> None:
    capture = Capture(GivenSource("Viewport"))
    capture.start()
    time.sleep(0.1)
    capture.pause()
    time.sleep(0.1)
    capture.play()
    time.sleep(0.1)
    begun = time.monotonic()
    assert capture.stop()
    assert time.monotonic() - begun < 0.25


def test_stop_wakes_who_waits(tmp_path: Path) -> None:
    capture = Capture(GivenSource("Viewport"))
    capture.start()
    got: list[Frame | None] = []
    waiter = threading.Thread(target=lambda: got.append(capture.latest(-1, None)))
    waiter.start()
    time.sleep(0.05)
    assert capture.stop()
    waiter.join(2.0)
    assert got == [None]


def test_a_hundred_starts_and_stops_leave_nothing(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", 20)
    before = threading.active_count()
    for k in range(100):
        capture = Capture(VideoSource(path))
        capture.start()
        if k % 2:
            capture.latest(-1, 0.01)
        assert capture.stop()
    assert threading.active_count() == before


def test_who_is_late_goes_on_from_there() -> None:
    pace = Pace()
    assert pace.due(7.0, 100.0) == 100.0
    assert pace.due(7.5, 100.1) == 100.5
    assert pace.due(8.0, 101.2) == 101.0
    assert pace.due(8.1, 103.0) == 103.0
    assert pace.due(8.2, 103.0) == pytest.approx(103.1)
    assert pace.due(1e6, 103.0) == 103.0
    pace.reset(105.0)
    assert pace.due(0.0, 104.0) == 105.0
    pace.speed = 2.0
    pace.reset()
    assert (pace.due(0.0, 1.0), pace.due(1.0, 1.0)) == (1.0, 1.5)
    assert np.isfinite(pace.due(-50.0, 2.0))
