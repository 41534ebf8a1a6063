"""The desk of the live workspace: sources come and go, nothing is lost, no thread stays."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

import inference.live.camera as camera_module
from inference import predictions
from inference.live.frames import SourceState
from inference.live.given import GivenSource
from inference.live.providers import Provider
from inference.live.recording import Format
from inference.live.sources import FolderSource, VideoSource
from inference.results import Box
from inference.sessions import start
from tests.gui.live_desk import Heard, face_model, made_desk, pause, until
from tests.unit.live_clips import number_of, write_clip
from tests.unit.test_live_sources_camera import Desk as Cameras
from widgets.live.desk import LiveDesk

FRAMES = 60


@pytest.fixture
def desk(qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[LiveDesk]:
    with made_desk(qapp, monkeypatch, tmp_path) as desk:
        yield desk


@pytest.fixture
def heard(desk: LiveDesk) -> Heard:
    return Heard(desk)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "clip.mp4", FRAMES, 50.0)


def lines_of(folder: Path, stem: str) -> list[tuple[str, int]]:
    """Sources and frames of the only recording whose name begins so."""
    (file,) = folder.glob(f"{stem}*.jsonl")
    return [(line.source, line.frame) for line in predictions.read(file)]


def test_a_clip_plays_pauses_steps_and_goes_where_it_is_told(
    desk: LiveDesk, heard: Heard, clip: Path
) -> None:
    desk.open(str(clip))
    until(lambda: len(heard.results) > 3)
    assert threading.current_thread() is threading.main_thread()
    assert (desk.seekable, desk.length, desk.playing) == (True, FRAMES, True)
    desk.pause()
    until(lambda: heard.states[-1] == "paused")
    desk.seek(40)
    until(lambda: desk.index == 40)
    assert number_of(heard.results[-1].frame.picture) == 40
    desk.step(-1)
    until(lambda: desk.index == 39)
    desk.step(2)
    until(lambda: desk.index == 41)
    assert not desk.playing
    desk.mark_out()
    desk.seek(38)
    until(lambda: desk.index == 38)
    desk.mark_in()
    assert desk.span == (38, 41)
    heard.results.clear()
    desk.play()
    until(lambda: len(heard.results) > 8)
    assert {r.frame.index for r in heard.results} <= {38, 39, 40, 41}


def test_what_is_no_source_is_told_and_what_runs_goes_on(
    desk: LiveDesk, heard: Heard, clip: Path, tmp_path: Path
) -> None:
    desk.open(str(tmp_path / "nothing.mp4"))
    until(lambda: heard.messages)
    assert desk.source_status.state is SourceState.FAILED
    assert "nothing.mp4" in desk.source_status.message
    desk.start(VideoSource(clip))
    until(lambda: heard.results)
    (tmp_path / "text.mp4").write_text("no video")
    desk.open(str(tmp_path / "text.mp4"))
    until(lambda: len(heard.messages) == 2)
    count = len(heard.results)
    until(lambda: len(heard.results) > count)
    assert desk.source_status.state is SourceState.RUNNING


def test_of_two_sources_asked_for_in_a_row_the_last_counts(
    desk: LiveDesk, heard: Heard, clip: Path, tmp_path: Path
) -> None:
    other = write_clip(tmp_path / "other.mp4", 10)
    desk.open(str(other))
    desk.open(str(clip))
    until(lambda: heard.results)
    pause(0.2)
    assert {r.frame.source for r in heard.results} == {"clip.mp4"}


def test_hidden_it_rests_and_shown_it_goes_on_where_it_was(
    desk: LiveDesk, heard: Heard, clip: Path
) -> None:
    desk.start(VideoSource(clip))
    until(lambda: heard.results)
    desk.set_shown(False)
    assert desk.session is not None
    assert desk.session.engine.paused and not desk.session.capture.playing
    assert desk.playing, "it will go on"
    pause(0.2)
    count = len(heard.results)
    pause(0.3)
    assert len(heard.results) == count
    desk.need("puppet", True)
    until(lambda: len(heard.results) > count)
    desk.need("puppet", False)
    assert desk.session.engine.paused
    desk.pause()
    desk.set_shown(True)
    assert not desk.playing
    pause(0.2)
    assert not desk.session.capture.playing


def test_a_hundred_starts_and_stops_leave_nothing_behind(desk: LiveDesk, clip: Path) -> None:
    for number in range(100):
        desk.start(VideoSource(clip))
        if number % 10 == 0:
            until(lambda: desk.latest is not None)
        desk.stop()
        assert desk.session is None
        QApplication.processEvents()
    names = ("capture", "live engine", "detector")
    until(lambda: not [t for t in threading.enumerate() if t.name.startswith(names)])


def test_a_camera_that_is_pulled_out_and_plugged_in_again_is_told_and_goes_on(
    desk: LiveDesk, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_module, "PAUSES", (0.02, 0.05))
    monkeypatch.setattr(camera_module, "SILENCE", 0.2)
    cameras = Cameras()
    desk.start(cameras.source())
    until(lambda: heard.results)
    assert not desk.seekable
    there, cameras.there, cameras.dead = cameras.there, (), True
    until(lambda: "unplugged" in heard.states or "missing" in heard.states)
    assert desk.source_status.message
    count = len(heard.results)
    cameras.there, cameras.dead = there, False
    desk.retry()
    until(lambda: len(heard.results) > count)
    desk.stop()
    until(lambda: cameras.open_now == 0)


def test_a_folder_that_goes_away_ends_with_a_message(
    desk: LiveDesk, heard: Heard, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(6):
        cv2.imwrite(str(folder / f"{number}.png"), np.full((24, 32, 3), number, np.uint8))
    desk.loop = False
    desk.start(FolderSource(folder, 50.0))
    until(lambda: heard.results)
    for file in folder.iterdir():
        file.unlink()
    desk.seek(0)
    desk.play()
    until(lambda: heard.states[-1] in ("ended", "failed"))
    assert desk.session is not None


def test_every_frame_of_a_clip_is_recorded_once(
    desk: LiveDesk, heard: Heard, clip: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    choice = desk.recording.choice
    formats = frozenset({Format.VIDEO, Format.LINES})
    desk.recording.choice = replace(choice, folder=folder, whole=True, formats=formats)
    desk.start(VideoSource(clip))
    until(lambda: desk.index is not None and desk.index > 5)
    desk.recording.start()
    until(lambda: desk.recording.running)
    until(lambda: not desk.recording.running and not desk.recording.finishing)
    recorded = desk.recording.last
    assert recorded is not None
    frames = [frame for _, frame in lines_of(folder, "clip-")]
    assert frames[-FRAMES:] == list(range(FRAMES)), "from in to out, without a gap"
    (video,) = folder.glob("*.mp4")
    reader = cv2.VideoCapture(str(video))
    shown = []
    while (there := reader.read())[0]:
        shown.append(number_of(there[1][:, :, ::-1]))
    assert shown == frames
    assert heard.said(f"Recorded {len(frames)} frames")
    assert desk.loop and desk.session is not None and desk.session.capture.loop


def test_another_source_while_recording_loses_nothing(
    desk: LiveDesk, heard: Heard, clip: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    desk.recording.choice = replace(
        desk.recording.choice, folder=folder, formats=frozenset({Format.LINES})
    )
    desk.start(VideoSource(clip))
    desk.recording.start()
    until(lambda: desk.recording.recorder is not None and desk.recording.recorder.frames > 5)
    desk.start(VideoSource(write_clip(tmp_path / "other.mp4", 20, 50.0)))
    desk.loop = False
    until(lambda: heard.states[-1] == "ended")
    assert desk.session is not None
    until(lambda: desk.session is not None and desk.session.drained)
    desk.recording.stop()
    until(lambda: not desk.recording.finishing)
    lines = lines_of(folder, "clip-")
    first = [frame for source, frame in lines if source == "clip.mp4"]
    assert first == list(range(first[0], first[0] + len(first)))
    assert [frame for source, frame in lines if source == "other.mp4"][-20:] == list(range(20))


def test_stopping_the_source_finishes_the_recording(
    desk: LiveDesk, heard: Heard, clip: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    desk.recording.choice = replace(
        desk.recording.choice, folder=folder, formats=frozenset({Format.CSV})
    )
    desk.start(VideoSource(clip))
    desk.recording.start()
    until(lambda: desk.recording.recorder is not None and desk.recording.recorder.frames > 3)
    desk.stop()
    until(lambda: not desk.recording.finishing)
    assert [p.suffix for p in folder.iterdir()] == [".csv"]


def test_a_snapshot_lands_in_the_inbox_with_its_models(
    desk: LiveDesk, heard: Heard, clip: Path
) -> None:
    desk.snapshot()
    assert heard.messages == [("warning", "There is no picture to keep yet.")]
    face_model(desk.shelf.folder.folder / "net.onnx")
    desk.shelf.list.look()
    desk.start(VideoSource(clip))
    until(lambda: desk.shelf.in_use("face") is not None and desk.latest is not None)
    desk.snapshot("the jaw is off")
    until(lambda: desk.inbox.kept)
    details = desk.inbox.kept[0].entry.details
    assert details is not None
    assert (details.source, details.note) == ("clip.mp4", "the jaw is off")
    used = {model.part: model for model in details.models}
    assert used["face"].name == "net" and len(used["face"].sha256) == 64
    desk.inbox.remove(desk.inbox.kept[0].entry)
    until(lambda: not desk.inbox.kept)


def test_pictures_of_the_studio_are_a_source_that_cannot_be_sought(
    desk: LiveDesk, heard: Heard
) -> None:
    source = GivenSource("Studio viewport")
    desk.start(source)
    until(lambda: source.status.state is SourceState.OPENING and desk.session is not None)
    for value in (10, 20):
        picture = np.full((48, 64, 3), value, np.uint8)

        def shown(picture: np.ndarray = picture, value: int = value) -> bool:
            source.push(picture)
            return bool(heard.results) and heard.results[-1].frame.picture[0, 0, 0] == value

        until(shown)
    assert not desk.seekable and desk.length is None


def test_a_model_replaced_by_rubbish_goes_on_as_it_was_opened(
    desk: LiveDesk, heard: Heard, clip: Path
) -> None:
    path = face_model(desk.shelf.folder.folder / "net.onnx")
    desk.shelf.list.look()
    until(lambda: desk.shelf.in_use("face") is not None)
    opened = desk.shelf.in_use("face")
    desk.start(VideoSource(clip))
    path.write_bytes(b"rubbish")
    desk.shelf.list.look()
    until(lambda: desk.shelf.problem("face"))
    assert desk.shelf.in_use("face") is opened
    assert heard.said("net goes on as it was opened")
    count = len(heard.results)
    until(lambda: len(heard.results) > count)
    face_model(path)
    desk.shelf.list.look()
    until(lambda: desk.shelf.in_use("face") is not opened)
    assert desk.shelf.problem("face") == ""


class LostDevice:
    """A session on a device that is taken away after some runs."""

    def __init__(self, inner: object, runs: int) -> None:
        self._inner, self._runs = inner, runs

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def get_providers(self) -> list[str]:
        return ["CUDAExecutionProvider"]

    def run(self, *given: object) -> object:
        self._runs -= 1
        if self._runs < 0:
            raise RuntimeError("device lost")
        return self._inner.run(*given)  # type: ignore[attr-defined]


def test_a_device_that_fails_while_it_runs_gives_way_to_the_processor(
    desk: LiveDesk, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = face_model(desk.shelf.folder.folder / "net.onnx")

    def start_on(path: Path, data: bytes, threads: int = 1, provider: str = "") -> object:
        inner = start(path, data, threads)
        return LostDevice(inner, 3) if provider == "CUDAExecutionProvider" else inner

    monkeypatch.setattr("inference.live.providers.start", start_on)
    both = (Provider.CPU, Provider.CUDA)
    monkeypatch.setattr("inference.live.providers.available", lambda: both)
    desk.shelf.set_provider(Provider.CUDA)
    desk.shelf.choose_file("face", path)
    desk.shelf.list.look()
    until(lambda: desk.shelf.in_use("face") is not None)
    used = desk.shelf.in_use("face")
    assert used is not None and desk.shelf.running_on == "CUDA"
    picture = np.zeros((64, 64, 3), np.uint8)
    for _ in range(6):
        looks = used.predictor.look(picture, [used.predictor.around(Box(10, 10, 30, 30))])
        assert len(looks) == 1
    until(lambda: heard.said("goes on on the processor"))
    assert desk.shelf.running_on == "CPU"
