"""The window that makes data sets: choices, faults, the estimate, and a real run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import psutil
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.dataset.launcher import GENERATE
from app.dataset.spec import DatasetSpec
from app.head.library import shipped
from app.jobs import JobList, State
from app.paths import ROOT
from widgets import theme
from widgets.fields.number_field import NumberField
from widgets.fields.number_paint import INVALID
from widgets.generate.choices import Choices, remember, remembered
from widgets.generate.frame_opening import FrameFault, open_frame
from widgets.generate.survey import survey
from widgets.generate.trial import shrunk
from widgets.generate.window import GenerateWindow

pytestmark = pytest.mark.skipif(not shipped(), reason="no head is shipped yet")
RUN_MS = 120_000
HEAD = "builtin:ada"


@pytest.fixture
def make(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[[], GenerateWindow]]:
    theme.apply(qapp)
    made: list[GenerateWindow] = []

    def build() -> GenerateWindow:
        window = GenerateWindow(JobList(), lambda: HEAD)
        made.append(window)
        window.show()
        qtbot.waitUntil(lambda: window.survey is not None)
        return window

    yield build
    for window in made:
        window.shut_down()
        window.close()
        window.deleteLater()
    qapp.processEvents()


@pytest.fixture
def window(make: Callable[[], GenerateWindow]) -> GenerateWindow:
    return make()


def settled(qtbot: QtBot, window: GenerateWindow) -> None:
    qtbot.waitUntil(lambda: window.survey is not None)


def tiny(window: GenerateWindow, output: Path, per_person: int = 3) -> None:
    """A data set that takes seconds."""
    window.choose_output(output)
    window.model.change(workers=1)
    window.model.change_spec(
        width=64,
        height=64,
        per_person=per_person,
        expressions=("neutral",),
        topologies=("ibug-68",),
    )


def framed_as_wrong(field: NumberField) -> bool:
    """Whether the middle of a field's left border is red, whatever smoothing took from it."""
    seen = field.grab().toImage().pixelColor(0, field.height() // 2)
    return all(
        abs(a - b) < 40
        for a, b in zip(seen.getRgb()[:3], INVALID.getRgb()[:3], strict=True)  # type: ignore[index]
    )


def press(window: GenerateWindow, name: str) -> None:
    window.bar.buttons[name].click()  # type: ignore[index]


def test_the_open_head_is_on_the_list_and_a_folder_is_asked_for(window: GenerateWindow) -> None:
    assert window.model.choices.heads == (HEAD,)
    assert not window.bar.buttons["start"].isEnabled()
    assert "folder" in window.bar.words.text()
    assert window.setup_view.figures.text("pictures") == "70"
    assert window.setup_view.figures.text("time") != "–"


def test_what_is_wrong_is_said_at_its_field(
    window: GenerateWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    window.choose_output(tmp_path)
    window.model.change_spec(backgrounds=("pictures",), distance=(0.9, 0.3), motions=())
    settled(qtbot, window)
    form = window.form
    assert "other files" in form.output._faults["output"][0].text()
    assert form.output.folder.edit.property("wrong") is True
    assert "folder of background" in form.backgrounds._faults["pictures"][0].text()
    assert "farthest" in form.picture._faults["distance"][0].text()
    assert framed_as_wrong(form.picture.nearest) and framed_as_wrong(form.picture.farthest)
    assert "motion" in form.moves._faults["motions"][0].text()
    assert not window.bar.buttons["start"].isEnabled()
    assert window.bar.words.text() == window.bar.buttons["start"].toolTip() != ""
    window.choose_output(tmp_path / "new")
    window.model.change_spec(backgrounds=("plain",), distance=(0.3, 0.9), motions=("Sweep",))
    settled(qtbot, window)
    assert window.bar.buttons["start"].isEnabled()
    assert not form.output.folder.edit.property("wrong")
    assert not framed_as_wrong(form.picture.nearest)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"output": "relative"}, "output"),
        ({"output": "/proc/nowhere/x"}, "output"),
        ({"heads": ()}, "heads"),
        ({"heads": ("/gone/away.fbx",)}, "heads"),
        ({"heads": ("builtin:nobody",)}, "heads"),
        ({"scheduler": "host"}, "scheduler"),
        ({"spec": DatasetSpec(motions=("Replay",))}, "replay"),
        ({"spec": DatasetSpec(motions=("Replay",), replay=("/gone.csv",))}, "replay"),
        ({"spec": DatasetSpec(backgrounds=("pictures",), pictures="/gone")}, "pictures"),
        ({"spec": DatasetSpec(per_person=1_000_000, width=4096, height=4096)}, "output"),
    ],
)
def test_bad_choices_are_found(changes: dict[str, object], field: str, tmp_path: Path) -> None:
    choices = replace(Choices(output=str(tmp_path / "new"), heads=(HEAD,)), **changes)  # type: ignore[arg-type]
    found = survey(choices)
    assert field in found.faults and found.reason


def test_people_are_offered_kindly_where_they_can_not_be_made(
    window: GenerateWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("survey", "subjects_part"):
        monkeypatch.setattr(f"widgets.generate.{module}.people_can_be_made", lambda: False)
    window.choose_output(tmp_path / "new")
    window.form.subjects.kind.button("people").click()
    settled(qtbot, window)
    assert window.form.subjects._missing.isVisibleTo(window)
    assert not window.bar.buttons["start"].isEnabled()
    window.form.subjects._missing.findChildren(QAbstractButton)[0].click()
    assert "headroom[bake]" in QGuiApplication.clipboard().text()


def test_folders_and_heads_can_be_dropped(
    window: GenerateWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    def drop(target: object, *paths: Path) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        event = QDropEvent(
            QPointF(4, 4),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        target.dropEvent(event)  # type: ignore[attr-defined]

    drop(window.form.output.folder, tmp_path)
    assert window.model.choices.output == str(tmp_path)
    (tmp_path / "a.fbx").touch()
    (tmp_path / "b.txt").touch()
    drop(window.form.subjects.heads.list, tmp_path / "a.fbx", tmp_path / "b.txt")
    assert window.model.choices.heads == (HEAD, str(tmp_path / "a.fbx"))
    window.form.subjects.heads.list.selectAll()
    qtbot.keyClick(window.form.subjects.heads.list, Qt.Key.Key_Delete)
    assert window.model.choices.heads == ()


def test_choices_are_remembered_and_a_damaged_file_is_no_trouble(tmp_path: Path) -> None:
    choices = Choices("/out", "people", (HEAD,), 7, DatasetSpec(width=256), 2)
    remember(choices)
    assert remembered() == choices
    path = tmp_path / "bad.json"
    for text in ("", "{", '{"people": 0}', "[]"):
        path.write_text(text)
        assert remembered(path) == Choices()


def test_the_command_can_be_copied(window: GenerateWindow, tmp_path: Path) -> None:
    window.choose_output(tmp_path / "my data")
    window.model.change_spec(width=256, height=256, seed=5)
    press(window, "copy")
    text = QGuiApplication.clipboard().text()
    assert text.startswith("python main.py generate --output '") and "my data" in text
    assert "--size 256x256" in text and "--seed 5" in text and HEAD in text


def test_a_trial_is_small_and_like_the_whole() -> None:
    spec = DatasetSpec(heads=tuple(f"/{i}.fbx" for i in range(9)), width=4096, height=2048)
    small = shrunk(spec)
    assert (small.width, small.height) == (320, 160)
    assert len(small.heads) * small.per_person == 8
    assert small.motions == spec.motions
    assert shrunk(DatasetSpec(people=50)).people == 2


def test_a_real_run_can_be_paused_stopped_and_resumed(
    make: Callable[[], GenerateWindow],
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = make()
    root = tmp_path / "set"
    tiny(window, root, per_person=8)
    settled(qtbot, window)
    asked: list[str] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda self: asked.append(self.text()))
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda self: self.defaultButton())
    press(window, "start")
    assert window.running and not window.form.output.folder.isEnabled()
    run = window.run
    assert run is not None and run.job is not None and run.job.title == "Generate set"
    qtbot.waitUntil(lambda: run.progress.done >= 1, timeout=RUN_MS)
    press(window, "pause")
    qtbot.waitUntil(lambda: run.progress.state in ("paused", "done"), timeout=RUN_MS)
    qtbot.waitUntil(lambda: window.bar.buttons["pause"].text() == "Resume")
    press(window, "cancel")
    assert asked == ["Stop making pictures?"]
    qtbot.waitUntil(lambda: not window.running, timeout=RUN_MS)
    qtbot.waitUntil(lambda: run.job.state is State.CANCELLED)
    assert run.progress.state == "cancelled"
    qtbot.waitUntil(lambda: window.run_view.title.text() == "Stopped")
    assert window.run_view.grid.frames.rowCount() >= 1
    made = len(list(root.rglob("ann_*.json")))
    assert 1 <= made < 8

    other = make()
    other.model.change_spec(seed=99)
    other.choose_output(root)
    settled(qtbot, other)
    assert not other.bar.buttons["start"].isEnabled()
    assert other.form.output.unfinished.isVisibleTo(other)
    other.form.output.resume.click()
    settled(qtbot, other)
    assert other.model.choices.spec.seed == 0 and other.model.choices.spec.width == 64
    assert other.bar.buttons["start"].text() == "Resume"
    press(other, "start")
    qtbot.waitUntil(lambda: other.run is not None and other.run.progress.ended, timeout=RUN_MS)
    qtbot.waitUntil(lambda: other.bar.buttons["check"].isVisibleTo(other))
    now = other.run.progress  # type: ignore[union-attr]
    assert (now.state, now.done, now.kept, now.failed) == ("done", 8, made, 0)
    opened = open_frame(next(root.rglob("rgb_*.jpg")))
    assert opened.scene.head.path == HEAD and opened.person is None
    assert opened.scene.camera.width == 64


def test_a_run_ends_with_a_window_that_is_killed(tmp_path: Path) -> None:
    command = [*GENERATE, "--output", str(tmp_path / "set"), "--heads", HEAD, "--per-person"]
    command += ["500", "--size", "64x64", "--workers", "1", "--events"]
    driver = "import sys, time; from app.dataset.launcher import Launcher\n"
    driver += "run = Launcher(sys.argv[1:])\n"
    driver += "run.listen(lambda e: e['event'] == 'frame' and print(run.pid, flush=True))\n"
    driver += "run.start(); time.sleep(120)"
    parent = subprocess.Popen(
        [sys.executable, "-c", driver, *command], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    run = psutil.Process(int(parent.stdout.readline()))
    family = [run, *run.children(recursive=True)]
    parent.kill()
    parent.communicate()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]
    assert len(list((tmp_path / "set").rglob("ann_*.json"))) < 500


def test_a_run_that_is_refused_says_why(
    window: GenerateWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    root = tmp_path / "set"
    tiny(window, root)
    settled(qtbot, window)
    root.mkdir()
    (root / "meanwhile").touch()
    press(window, "start")
    qtbot.waitUntil(lambda: not window.running, timeout=RUN_MS)
    qtbot.waitUntil(lambda: "not empty" in window.run_view.said.text())
    assert window.run_view.title.text() == "The run broke off"
    press(window, "again")
    assert window.form.output.folder.isEnabled() and window.bar.buttons["start"].isVisibleTo(window)


def test_closing_everything_leaves_no_process(
    window: GenerateWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    tiny(window, tmp_path / "set", per_person=200)
    settled(qtbot, window)
    press(window, "start")
    qtbot.waitUntil(lambda: window.run.progress.state != "starting", timeout=RUN_MS)  # type: ignore[union-attr]
    window.close()
    assert window.running
    window.shut_down()
    assert not window.running


def frame_file(folder: Path, **subject: object) -> Path:
    """An annotation that tells of a frame and nothing else."""
    from app.dataset.annotation import SCHEMA, VERSION
    from app.dataset.frame import Frame, Subject
    from app.scene.backdrop import Backdrop
    from app.scene.scene import HeadFile, Scene

    who = Subject("female/0001", **subject)  # type: ignore[arg-type]
    place = "female/0001/Simple/neutral/HeadRot"
    frame = Frame(0, who, place, "0000", Scene(HeadFile("")), Backdrop())
    path = folder / place / "ann_0000.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"schema": SCHEMA, "version": VERSION, "frame": msgspec.to_builtins(frame)}
    path.write_bytes(msgspec.json.encode(content))
    return path


def test_frames_that_can_not_be_opened_say_why(tmp_path: Path) -> None:
    with pytest.raises(FrameFault, match="not in"):
        open_frame(frame_file(tmp_path, head="/gone/away.fbx"))
    with pytest.raises(FrameFault, match="not in the data set"):
        open_frame(frame_file(tmp_path, person="people/female_0001.json"))
    (tmp_path / "people").mkdir()
    (tmp_path / "people/female_0001.json").touch()
    opened = open_frame(frame_file(tmp_path, person="people/female_0001.json"))
    assert opened.person == tmp_path / "people/female_0001.json"
    bad = tmp_path / "ann_1.json"
    for text in ("", "{}", '{"schema": "other"}', "[" * 2000):
        bad.write_text(text)
        with pytest.raises(FrameFault):
            open_frame(bad)
    with pytest.raises(FrameFault, match="beside"):
        open_frame(tmp_path / "rgb_0000.jpg")


def test_the_program_that_makes_data_sets_is_there() -> None:
    assert Path(GENERATE[1]).is_file() and shutil.which(GENERATE[0])
