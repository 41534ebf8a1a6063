"""What is recorded is whole, timed as it was seen, and survives the program's death."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.paths import ROOT
from inference.live import recording
from inference.live.frames import Frame
from inference.live.outcome import LiveFace, LiveResult
from inference.live.recording import Format, Recorder, RecordingError, Values, rescue
from inference.live.timeline import Timeline
from inference.predictions import read
from inference.results import Box, Face, HeadAngles

ALL = frozenset(Format)


def face(value: float) -> Face:
    points = np.full((588, 3), value, np.float32)
    return Face(
        Box(value, 2, 30, 40),
        0.75,
        points[520:],
        points[:520],
        np.ones(520, np.float32),
        np.ones(68, np.float32),
        HeadAngles(10, 20, 30),
        np.eye(3, dtype=np.float32),
        0.5,
    )


def result(
    number: int, media_time: float | None = None, size: tuple[int, int] = (96, 64), faces: int = 1
) -> LiveResult:
    """A frame whose grey and whose faces tell its number."""
    picture = np.full((size[1], size[0], 3), 4 * number % 256, np.uint8)
    captured = 100.0 + number / 20 if media_time is None else 0.0
    index = None if media_time is None else number
    return LiveResult(
        Frame(picture, number, media_time, captured, "clip.mp4", index),
        tuple(LiveFace(k + 1, face(number + k), face(number + k + 0.25), 0.9) for k in range(faces))
        + (LiveFace(9, face(0), face(0), 0.1, seen=False),),
        {},
        0.0,
        0.0,
    )


def frames(path: Path) -> tuple[list[int], list[float]]:
    """Mean grey and time in seconds of each frame of a video."""
    video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    greys, times = [], []
    while True:
        there, picture = video.read()
        if not there:
            break
        greys.append(round(float(picture.mean())))
        times.append(video.get(cv2.CAP_PROP_POS_MSEC) / 1e3)
    video.release()
    return greys, times


def near(greys: list[int], expected: list[int]) -> bool:
    return (
        len(greys) == len(expected)
        and max(abs(a - b) for a, b in zip(greys, expected, strict=True)) <= 6
    )


def test_a_file_is_recorded_frame_by_frame(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "new", "run", ALL, Values.RAW, tell=pytest.fail)
    for k in range(50):
        assert recorder.add(result(k, k * 0.04, faces=k % 3))
        assert not recorder.add(result(k, k * 0.04))
    done = recorder.stop()
    assert (done.frames, done.lost) == (50, 0)
    assert done.seconds == pytest.approx(49 * 0.04)
    assert [p.name for p in done.files] == ["run.mp4", "run.jsonl", "run.csv", "run.parquet"]
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == sorted(
        p.name for p in done.files
    )
    greys, times = frames(done.files[0])
    assert near(greys, [4 * k for k in range(50)])
    assert times == pytest.approx([k * 0.04 for k in range(50)], abs=1e-3)

    lines = list(read(done.files[1]))
    assert [line.frame for line in lines] == list(range(50))
    assert [len(line.faces) for line in lines] == [k % 3 for k in range(50)]
    told = json.loads(done.files[1].read_bytes().splitlines()[2])
    assert told["time"] == told["media_time"] == 0.08
    assert [f["track"] for f in told["faces"]] == [1, 2]
    assert told["values"] == "raw"

    rows = list(csv.DictReader(done.files[2].open(encoding="utf-8")))
    table = pq.read_table(done.files[3]).to_pylist()
    assert len(rows) == len(table) == sum(max(k % 3, 1) for k in range(50))
    for row, other in zip(rows, table, strict=True):
        assert int(row["frame"]) == other["frame"]
        assert row["track"] == ("" if other["track"] is None else str(other["track"]))
        if other["track"] is None:
            assert other["landmarks_68"] is None
            continue
        assert float(row["yaw"]) == other["yaw"] == 10.0
        assert len(other["landmarks_520"]) == 1560
        assert float(row["z_67"]) == other["landmarks_68"][-1] == other["box_x"]


def test_filtered_faces_are_told_as_such(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, "run", frozenset({Format.LINES}))
    recorder.add(result(3))
    (path,) = recorder.stop().files
    assert json.loads(path.read_bytes())["values"] == "filtered"
    (line,) = read(path)
    assert line.faces[0].landmarks_68[0, 0] == 3.25


def test_uneven_times_are_kept(tmp_path: Path) -> None:
    times = np.cumsum([0.0, 0.02, 0.11, 0.04, 0.3, 0.033, 0.033, 0.05])
    recorder = Recorder(tmp_path, "run", frozenset({Format.VIDEO}))
    for k, at in enumerate(times):
        recorder.add(result(k, float(at)))
    (path,) = recorder.stop().files
    assert frames(path)[1] == pytest.approx(times.tolist(), abs=2e-3)


def test_another_source_while_it_records(tmp_path: Path) -> None:
    """The video keeps its size; other pictures are fitted into it."""
    recorder = Recorder(tmp_path, "run", ALL, tell=pytest.fail)
    for k, size in enumerate([(96, 64), (300, 100), (31, 33), (97, 65), (96, 64)]):
        recorder.add(result(k + 20, None if k == 2 else 0.5, size))
    done = recorder.stop()
    video = cv2.VideoCapture(str(done.files[0]), cv2.CAP_FFMPEG)
    shown = [video.read()[1] for _ in range(5)]
    assert not video.read()[0]
    video.release()
    assert all(picture.shape == (64, 96, 3) for picture in shown)
    assert shown[1][:12].max() < 20
    assert abs(int(shown[1][32, 48, 0]) - 84) <= 6
    assert shown[2][:, :12].max() < 20
    assert abs(int(shown[4][32, 48, 0]) - 96) <= 6


def test_a_file_waits_and_a_camera_does_not(tmp_path: Path) -> None:
    gate = threading.Event()

    def slow(found: LiveResult) -> Any:
        assert gate.wait(10.0)
        return found.frame.picture

    recorder = Recorder(tmp_path, "camera", frozenset({Format.VIDEO}), painter=slow)
    taken = [recorder.add(result(k)) for k in range(20)]
    assert recorder.lost == taken.count(False) > 0
    gate.set()
    done = recorder.stop()
    assert done.frames == taken.count(True) == 20 - done.lost

    gate.clear()
    recorder = Recorder(tmp_path, "file", frozenset({Format.VIDEO}), painter=slow)
    feeding = threading.Thread(
        target=lambda: [recorder.add(result(k, k * 0.04)) for k in range(20)]
    )
    feeding.start()
    feeding.join(0.2)
    assert feeding.is_alive()
    gate.set()
    feeding.join(10.0)
    done = recorder.stop()
    assert (done.frames, done.lost) == (20, 0)
    assert near(frames(done.files[0])[0], [4 * k for k in range(20)])


def test_stopping_frees_whoever_waits(tmp_path: Path) -> None:
    gate = threading.Event()

    def stuck(found: LiveResult) -> Any:
        gate.wait(10.0)
        return found.frame.picture

    recorder = Recorder(tmp_path, "run", frozenset({Format.VIDEO}), painter=stuck)
    feeding = threading.Thread(
        target=lambda: [recorder.add(result(k, k * 0.04)) for k in range(20)]
    )
    feeding.start()
    time.sleep(0.1)
    stopping = threading.Thread(target=recorder.stop)
    stopping.start()
    feeding.join(5.0)
    assert not feeding.is_alive()
    gate.set()
    stopping.join(10.0)
    assert not stopping.is_alive()


def test_a_painter_that_fails_ends_the_video_alone(tmp_path: Path) -> None:
    told: list[str] = []

    def failing(found: LiveResult) -> Any:
        if found.frame.number == 3:
            raise ValueError("no paint")
        return found.frame.picture

    formats = frozenset({Format.VIDEO, Format.LINES})
    recorder = Recorder(tmp_path, "run", formats, painter=failing, tell=told.append)
    for k in range(6):
        recorder.add(result(k, k * 0.04))
    done = recorder.stop()
    assert told == ["The video of run ends here: no paint"]
    assert near(frames(tmp_path / "run.mp4")[0], [0, 4, 8])
    assert len(list(read(tmp_path / "run.jsonl"))) == 6
    assert len(done.files) == 2


def test_a_full_disk_ends_it_and_keeps_what_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    recorder = Recorder(tmp_path, "run", ALL, tell=told.append)
    for k in range(5):
        recorder.add(result(k, k * 0.04))
    deadline = time.monotonic() + 10.0
    while recorder.frames < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    monkeypatch.setattr(recording, "LEAST_FREE", 2**62)
    time.sleep(1.1)
    recorder.add(result(5, 0.2))
    while recorder.writing and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not recorder.add(result(6, 0.24))
    done = recorder.stop()
    assert len(told) == 1
    assert "is full" in told[0]
    assert len(done.files) == 4
    assert len(frames(tmp_path / "run.mp4")[0]) == done.frames


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "run.csv").write_text("mine")
    for k in range(2):
        recorder = Recorder(tmp_path, "run", frozenset({Format.LINES}))
        recorder.add(result(k))
        assert recorder.stop().files == (tmp_path / f"run-{k + 2}.jsonl",)
    assert (tmp_path / "run.csv").read_text() == "mine"


def test_a_recording_without_a_frame_leaves_nothing_but_a_table_s_head(tmp_path: Path) -> None:
    done = Recorder(tmp_path, "run", ALL).stop()
    assert done.files == (tmp_path / "run.csv",)
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith((".", "run"))] == ["run.csv"]


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".."])
def test_names_stay_in_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(RecordingError, match="no name"):
        Recorder(tmp_path, name, ALL)


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordingError, match="cannot be written"):
        Recorder(tmp_path / "file", "run", ALL)
    with pytest.raises(RecordingError, match="choose"):
        Recorder(tmp_path, "run", frozenset())


KILLED = """
import sys, time
from pathlib import Path
from inference.live.recording import Format, Recorder
from tests.unit.test_live_recording import result
recorder = Recorder(Path(sys.argv[1]), "run", frozenset(Format))
noise = __import__("numpy").random.default_rng(0)
for k in range(160):
    found = result(k, k * 0.04, (320, 240))
    picture = noise.integers(0, 256, (240, 320, 3), "uint8")
    object.__setattr__(found.frame, "picture", picture)
    recorder.add(found)
while recorder.frames < 160:
    time.sleep(0.01)
print("written", flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_killed_recording_is_rescued_and_a_running_one_left_alone(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == "written\n"
        running = Recorder(tmp_path, "mine", frozenset({Format.LINES}))
        running.add(result(0))
        assert rescue(tmp_path) == ()
        child.send_signal(signal.SIGKILL)
        child.wait(10.0)
    told: list[str] = []
    made = rescue(tmp_path, told.append)
    assert told == []
    assert [p.name for p in made] == ["run.mp4", "run.jsonl", "run.csv", "run.parquet"]
    assert len(frames(made[0])[0]) >= 120
    assert len(list(read(made[1]))) == 160
    assert len(made[2].read_bytes().splitlines()) == 161
    assert pq.read_table(made[3]).num_rows >= 160 - 64
    assert rescue(tmp_path) == ()
    assert running.stop().files == (tmp_path / "mine.jsonl",)
    assert not [p for p in tmp_path.iterdir() if "partial" in p.name or ".recording" in p.name]


def test_a_line_that_was_cut_is_left_out(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, "run", frozenset({Format.LINES}))
    recorder.add(result(1))
    (path,) = recorder.stop().files
    whole = path.read_bytes()
    path.unlink()
    (tmp_path / ".run.recording").touch()
    (tmp_path / "run.jsonl.partial").write_bytes(whole + whole[:1000])
    assert rescue(tmp_path) == (path,)
    assert path.read_bytes() == whole


steps = st.floats(-3.0, 3.0, allow_nan=False)


@given(st.lists(st.tuples(steps, st.booleans()), max_size=30))
def test_the_clock_of_a_recording_only_goes_forward(given_steps: list[tuple[float, bool]]) -> None:
    timeline = Timeline()
    media, last = 0.0, -1.0
    for number, (step, camera) in enumerate(given_steps):
        media += step
        moment = timeline.moment(result(number, None if camera else media), Values.RAW)
        assert last < moment.time <= last + 2.0 + 1e-9 or number == 0
        last = moment.time


def test_a_hundred_recordings_leave_nothing_running(tmp_path: Path) -> None:
    before = threading.active_count()
    for k in range(100):
        recorder = Recorder(tmp_path, f"r{k}", frozenset({Format.LINES}))
        recorder.add(result(k))
        recorder.stop()
    assert threading.active_count() == before
    assert len(list(tmp_path.glob("*.jsonl"))) == 100
