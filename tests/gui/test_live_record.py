"""The panel Record: formats, values, folder, what is said meanwhile and afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog

from inference.live.given import GivenSource
from inference.live.recording import Format, Recorder, Values
from inference.live.sources import VideoSource
from tests.gui.live_desk import Heard, made_desk, until
from tests.unit.live_clips import write_clip
from tests.unit.test_live_trace import face, result
from widgets import theme
from widgets.live.desk import LiveDesk
from widgets.live.record_panel import RecordPanel


@pytest.fixture
def desk(qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[LiveDesk]:
    theme.apply(qapp)
    with made_desk(qapp, monkeypatch, tmp_path) as desk:
        desk.recording.choice = replace(desk.recording.choice, folder=tmp_path / "kept")
        yield desk


@pytest.fixture
def panel(desk: LiveDesk) -> Iterator[RecordPanel]:
    panel = RecordPanel(desk)
    panel.resize(352, 800)
    panel.show()
    yield panel
    panel.close()
    panel.deleteLater()


def test_nothing_can_be_recorded_without_a_source_or_a_kind_of_file(
    desk: LiveDesk, panel: RecordPanel
) -> None:
    heard = Heard(desk)
    assert not panel.button.isEnabled()
    assert panel.progress.text() == "Choose a source first."
    desk.recording.start()
    assert heard.said("Choose a source first")
    desk.start(GivenSource("Studio viewport"))
    assert panel.button.isEnabled()
    for kind in (Format.VIDEO, Format.LINES):
        panel.formats[kind].click()
    assert not panel.button.isEnabled()
    assert panel.progress.text() == "Choose at least one kind of file."


def test_it_says_how_far_it_is_and_what_came_of_it(
    desk: LiveDesk, panel: RecordPanel, tmp_path: Path
) -> None:
    heard = Heard(desk)
    desk.start(VideoSource(write_clip(tmp_path / "a clip.mp4", 40, 50.0)))
    panel.formats[Format.CSV].click()
    panel.values.chosen.emit(Values.RAW)
    assert desk.recording.choice.values is Values.RAW
    panel.button.click()
    until(lambda: desk.recording.recorder is not None and desk.recording.recorder.frames > 5)
    until(lambda: "frames" in panel.progress.text())
    assert panel.button.text() == " Stop recording"
    assert not panel.formats[Format.CSV].isEnabled() and not panel.choose_button.isEnabled()
    panel.button.click()
    until(lambda: panel.progress.text().startswith("Last: a-clip-"))
    assert heard.said("Recorded ")
    made = {p.suffix for p in (tmp_path / "kept").iterdir()}
    assert made == {".mp4", ".jsonl", ".csv"}
    (lines,) = (tmp_path / "kept").glob("*.jsonl")
    assert b'"values":"raw"' in lines.read_bytes()


def test_another_folder_is_chosen_by_name(
    desk: LiveDesk, panel: RecordPanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", staticmethod(lambda *_: str(other)))
    panel.choose_button.click()
    assert desk.recording.choice.folder == other
    assert str(other) in panel.choose_button.toolTip()


def test_a_folder_that_cannot_be_written_is_told(
    desk: LiveDesk, panel: RecordPanel, tmp_path: Path
) -> None:
    heard = Heard(desk)
    (tmp_path / "file").write_text("no folder")
    desk.recording.choice = replace(desk.recording.choice, folder=tmp_path / "file" / "kept")
    desk.start(GivenSource("Studio viewport"))
    desk.recording.start()
    until(lambda: heard.messages)
    assert heard.said("cannot be written")
    assert not desk.recording.running and panel.button.isEnabled()


def test_a_recording_that_was_broken_off_is_finished_at_the_next_start(
    desk: LiveDesk, tmp_path: Path
) -> None:
    heard = Heard(desk)
    folder = desk.recording.choice.folder
    recorder = Recorder(folder, "broken", frozenset({Format.LINES}))
    recorder.add(result(0, face()))
    until(lambda: recorder.frames == 1)
    partial = [p for p in folder.iterdir() if p.name.endswith(".partial")]
    data = partial[0].read_bytes()
    recorder.stop()
    (folder / "broken.jsonl").unlink()
    partial[0].write_bytes(data + b'{"half a li')
    (folder / ".broken.recording").touch()
    desk.recording.rescue()
    until(lambda: heard.said("has been finished: broken.jsonl"))
    assert (folder / "broken.jsonl").read_bytes() == data


def test_closing_finishes_what_is_recorded(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    with made_desk(qapp, monkeypatch, tmp_path) as desk:
        formats = frozenset({Format.LINES, Format.VIDEO})
        desk.recording.choice = replace(desk.recording.choice, folder=folder, formats=formats)
        desk.start(VideoSource(write_clip(tmp_path / "clip.mp4", 40, 50.0)))
        desk.recording.start()
        until(lambda: desk.recording.recorder is not None and desk.recording.recorder.frames > 3)
    assert sorted(p.suffix for p in folder.iterdir()) == [".jsonl", ".mp4"]
