"""The suite ``live``: rows with bounds, rows that say what is absent, and clips that are cut."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from app.bench.figures import Figure, report
from app.bench.live import NOISY, STILL, Compared, Endurance, Played, parts
from app.bench.models import AbsentError
from app.paths import ASSETS
from inference.live import bench_clips, bench_steady
from inference.live.bench_models import opened
from inference.live.chain import LiveModels
from tests.unit.disc_faces import DiscDetector, DiscLandmarker, picture
from tests.unit.live_clips import write_clip

ROWS = {
    "one-face": 2,
    "four-faces": 1,
    "landmarks": 1,
    "idle": 2,
    "jitter": 2,
    "stalls": 1,
    "mediapipe": 1,
    "memory": 2,
}


class Good:
    """A window that is within every bound."""

    def play(self, faces: int, *, depth: bool, rate: float) -> Played:
        return Played(rate + 1.0, 0.03, 0.05, {"faces": faces, "depth": depth})

    def idle(self) -> Mapping[str, float]:
        return {"paused": 0.5, "hidden": 2.9}

    def endure(self) -> Endurance:
        return Endurance(3.0, 0.2)

    def jitter(self) -> Mapping[str, Mapping[str, float]]:
        return {STILL: {"raw": 0.2, "filtered": 0.1}, NOISY: {"raw": 0.3, "filtered": 0.14}}

    def stalls(self) -> Mapping[str, float]:
        return {"starting": 12.0, "switching models": 31.04}

    def against_mediapipe(self) -> Compared:
        return Compared(5.0, 11.0, {"ours": {}})


class Nothing(Good):
    def play(self, faces: int, *, depth: bool, rate: float) -> Played:
        raise AbsentError("no model of kind face in assets/models")

    def idle(self) -> Mapping[str, float]:
        raise AbsentError("no model of kind face in assets/models")

    def endure(self) -> Endurance:
        raise AbsentError("no model of kind face in assets/models")

    def jitter(self) -> Mapping[str, Mapping[str, float]]:
        raise AbsentError("no model of kind face in assets/models")

    def stalls(self) -> Mapping[str, float]:
        raise AbsentError("no model of kind face in assets/models")

    def against_mediapipe(self) -> Compared:
        raise AbsentError("no mediapipe")


def rows(tools: Good) -> dict[str, list[Figure]]:
    return {name: list(measure()) for name, measure in parts(tools).items()}


def test_every_row_stands_beside_its_bound() -> None:
    found = rows(Good())
    assert {name: len(figures) for name, figures in found.items()} == ROWS
    assert all(figure.met for figures in found.values() for figure in figures)
    bounds = [(f.bound, f.unit) for figures in found.values() for f in figures]
    for bound in ((30.0, "frames/s"), (70.0, "ms"), (15.0, "frames/s"), (60.0, "frames/s")):
        assert bound in bounds
    for bound in ((3.0, "% of a core"), (20.0, "MB"), (0.15, "px rms"), (50.0, "ms")):
        assert bound in bounds
    assert found["stalls"][0].value == 31.04
    assert found["mediapipe"][0].bound == 11.0
    assert json.loads(json.dumps(report([f for part in found.values() for f in part])))


def test_what_is_absent_is_told_and_is_no_miss() -> None:
    found = rows(Nothing())
    assert {name: len(figures) for name, figures in found.items()} == ROWS
    for figure in (f for figures in found.values() for f in figures):
        assert figure.absent
        assert not figure.met
        assert "no m" in figure.line()


def test_a_slow_window_misses() -> None:
    class Slow(Good):
        def play(self, faces: int, *, depth: bool, rate: float) -> Played:
            return Played(rate - 0.5, 0.06, 0.0701)

    assert [f.met for f in rows(Slow())["one-face"]] == [False, False]


def test_the_longest_clip_of_a_folder_is_taken(tmp_path: Path) -> None:
    write_clip(tmp_path / "a.mp4", 20)
    long = write_clip(tmp_path / "b.mp4", 70)
    (tmp_path / "c.mp4").write_text("no video")
    assert bench_clips.real_clip(tmp_path) == long
    frames = bench_clips.frames_of(long)
    assert len(frames) == 70
    assert all(frame.shape == (480, 640, 3) for frame in frames)
    with pytest.raises(AbsentError, match="has 20 frames"):
        bench_clips.frames_of(tmp_path / "a.mp4")
    (tmp_path / "empty").mkdir()
    with pytest.raises(AbsentError, match="holds no video"):
        bench_clips.real_clip(tmp_path / "empty")


def test_the_sample_clip_is_cut_where_the_second_person_comes(tmp_path: Path) -> None:
    lines = (ASSETS / "clips" / "sample.jsonl").read_text().splitlines()
    faces = [len(json.loads(line)["faces"]) for line in lines]
    assert max(faces[: bench_clips.ALONE]) == 1
    assert len(bench_clips.frames_of(bench_clips.SAMPLE)) == bench_clips.ALONE


def test_four_faces_stand_side_by_side() -> None:
    plain = [np.full((480, 640, 3), 10 * k, np.uint8) for k in range(8)]
    four = list(bench_clips.four_of(plain))
    assert [f.shape for f in four] == [(480, 640, 3)] * 8
    corners = [four[0][y, x, 0] for y in (5, 475) for x in (5, 635)]
    assert corners == [0, 20, 40, 60]
    assert [int(f[0, 0, 0]) for f in bench_clips.there_and_back(plain[:4])] == [
        0, 10, 20, 30, 20, 10,
    ]  # fmt: skip


def test_wide_pictures_are_cut_not_squeezed() -> None:
    wide = np.zeros((200, 800, 3), np.uint8)
    wide[:, 390:410] = 255
    seen = bench_clips.fitted(wide, (640, 480))
    assert seen.shape == (480, 640, 3)
    bright = np.flatnonzero(seen[240, :, 0] > 128)
    assert abs(bright.mean() - 319.5) < 1.5
    assert abs(len(bright) - 48) <= 2


def test_noise_shows_as_jitter_and_the_filter_calms_it(tmp_path: Path) -> None:
    models = LiveModels(face=DiscLandmarker(), detector=DiscDetector())
    found = bench_steady.jitter(picture([(80.0, 60.0, 25.0)], (160, 120)), models, tmp_path)
    assert found["the same bytes"]["raw"] == pytest.approx(0.0, abs=1e-3)
    assert found[NOISY]["raw"] > 0.0
    assert found[NOISY]["filtered"] < found[NOISY]["raw"]
    assert set(found) >= {STILL, NOISY}


def test_a_picture_without_a_face_has_no_jitter(tmp_path: Path) -> None:
    models = LiveModels(face=DiscLandmarker(), detector=DiscDetector())
    with pytest.raises(AbsentError, match="not found"):
        bench_steady.jitter(np.zeros((120, 160, 3), np.uint8), models, tmp_path)


def test_networks_that_are_not_there_or_no_networks_are_told(tmp_path: Path) -> None:
    rubbish = tmp_path / "face.onnx"
    rubbish.write_bytes(b"rubbish")
    with pytest.raises(AbsentError, match=r"face\.onnx"):
        opened(rubbish)


def test_an_interpreter_without_mediapipe_is_told(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", 20)
    with pytest.raises(AbsentError, match="MediaPipe does not run"):
        bench_steady.probed(clip, Path(sys.executable))
    with pytest.raises(AbsentError, match="MediaPipe does not run"):
        bench_steady.probed(clip, tmp_path / "python")
