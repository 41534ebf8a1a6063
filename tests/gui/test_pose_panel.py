"""The Pose panel."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.head.pose import HeadPose
from app.scene.scene import HeadFile, Scene
from app.session.document import Document
from tests.gui.small_head import small_head
from widgets.fields.form import PANEL_WIDTH
from widgets.panels.pose import PosePanel
from widgets.panels.shape_list import ShapeLine


@pytest.fixture
def document() -> Document:
    return Document(Scene(HeadFile("builtin:small")))


@pytest.fixture
def panel(qtbot: QtBot, document: Document) -> PosePanel:
    panel = PosePanel(document)
    panel.set_asset(small_head())
    qtbot.addWidget(panel)
    panel.resize(PANEL_WIDTH, 700)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def texts(labels: tuple[QLabel, ...]) -> list[str]:
    return [label.text() for label in labels]


def set_pose(document: Document, **values: object) -> None:
    pose = replace(document.scene.pose, **values)  # type: ignore[arg-type]
    document.change("Test", replace(document.scene, pose=pose))


def line(panel: PosePanel, title: str) -> ShapeLine:
    return next(
        row for group in panel.shapes.groups for row in group.lines if row.row.title == title
    )


def test_fields_follow_the_scene_and_change_it(panel: PosePanel, document: Document) -> None:
    set_pose(document, yaw=20.0, roll=-5.0)
    yaw = panel.head.angles["yaw"]
    assert yaw.value() == 20.0
    assert panel.head.angles["roll"].value() == -5.0
    gesture = object()
    for value in (25.0, 30.0):
        yaw.edit(value, gesture)
    assert document.scene.pose == HeadPose(30.0, 0.0, -5.0)
    document.undo_stack.undo()
    assert yaw.value() == 20.0, "a drag is one step, and an undo is shown"


def test_neck_and_pose_para_stand_beside_the_angles(panel: PosePanel, document: Document) -> None:
    set_pose(document, yaw=20.0, pitch=5.0)
    para = texts(panel.head.readout.para)
    assert para[0].startswith("−"), "pose_para turns the other way"
    assert para[1].startswith("−")
    set_pose(document, yaw=0.0, pitch=0.0)
    assert texts(panel.head.readout.neck) == ["0.00°", "3.20°", "0.00°"], "the zero pose's own turn"
    assert texts(panel.head.readout.para) == ["0.00°"] * 3
    set_pose(document, yaw=40.0, head_share=0.5)
    assert texts(panel.head.readout.neck)[0].startswith("20.")
    assert "0.012°" in panel.head.note.text()
    flags = panel.head.readout.neck[0].textInteractionFlags()
    assert flags & Qt.TextInteractionFlag.TextSelectableByMouse


def test_a_chain_of_one_bone_shares_nothing(panel: PosePanel) -> None:
    panel.set_asset(small_head(chain=("head",)))
    assert not panel.head.share.isEnabled()
    assert "One bone" in panel.head.note.text()


def test_without_a_head_and_without_shapes_the_panel_says_so(panel: PosePanel) -> None:
    panel.set_asset(None)
    assert "Open a head" in panel.shapes.hint.text()
    assert not panel.shapes.search.isVisible()
    panel.set_asset(small_head(shapes=()))
    assert panel.shapes.hint.text().startswith("This head has no shapes")
    assert panel.shapes.hint.isVisible()
    assert not panel.expressions.choice.isVisible()


def test_only_the_shapes_of_the_head_are_offered(panel: PosePanel) -> None:
    panel.set_asset(small_head(shapes=("jawOpen", "eyeBlinkLeft", "eyeBlinkRight")))
    offered = {n for g in panel.shapes.groups for row in g.group.rows for n in row.names}
    assert offered == {"jawOpen", "eyeBlinkLeft", "eyeBlinkRight"}


def test_one_side_moves_the_other_unless_the_symmetry_is_off(
    panel: PosePanel, document: Document
) -> None:
    panel.shapes.search.setText("blink")
    left = line(panel, "Blink").fields[0]
    left.edit(0.6, object())
    assert document.scene.pose.shapes == {"eyeBlinkLeft": 0.6, "eyeBlinkRight": 0.6}
    panel.shapes.symmetric.setChecked(False)
    left.edit(0.2, object())
    assert document.scene.pose.shapes == {"eyeBlinkLeft": 0.2, "eyeBlinkRight": 0.6}
    panel.shapes.symmetric.setChecked(True)
    panel.shapes.search.setText("jaw side")
    line(panel, "To the side").fields[0].edit(0.5, object())
    assert "jawRight" not in document.scene.pose.shapes


def test_search_and_only_active_unfold_what_they_find(panel: PosePanel, document: Document) -> None:
    assert not any(group.expanded for group in panel.shapes.groups)
    panel.shapes.search.setText("smile")
    shown = [g.group.title for g in panel.shapes.groups if g.isVisible()]
    assert shown == ["Mouth"]
    visible = [row.row.title for g in panel.shapes.groups for row in g.lines if row.isVisible()]
    assert visible == ["Smile"]
    panel.shapes.search.setText("no such shape")
    assert panel.shapes.hint.text() == "No shape is named so."
    panel.shapes.search.clear()
    assert not any(group.expanded for group in panel.shapes.groups), "folded again as before"
    panel.shapes.only_active.setChecked(True)
    assert panel.shapes.hint.text() == "No shape is on."
    set_pose(document, shapes={"jawOpen": 0.4})
    assert [g.group.title for g in panel.shapes.groups if g.isVisible()] == ["Jaw"]
    assert line(panel, "Open").fields[0].value() == 0.4


def test_shapes_are_reset_one_by_one_by_group_and_all(panel: PosePanel, document: Document) -> None:
    set_pose(document, shapes={"jawOpen": 0.4, "jawForward": 0.1, "browInnerUp": 0.5, "a": 1.0})
    panel.shapes.search.setText("jaw")
    line(panel, "Open").reset.click()
    assert "jawOpen" not in document.scene.pose.shapes
    next(g for g in panel.shapes.groups if g.group.title == "Jaw").reset.click()
    assert set(document.scene.pose.shapes) == {"browInnerUp", "a"}
    panel.shapes.reset_all.click()
    assert document.scene.pose.shapes == {}


def test_expressions_set_shapes_and_are_recognised(panel: PosePanel, document: Document) -> None:
    section = panel.expressions
    assert section.choice.key() == "neutral"
    section.choice.button("happy").click()
    full = document.scene.pose.shapes["mouthSmileLeft"]
    section.strength.edit(50.0, object())
    assert document.scene.pose.shapes["mouthSmileLeft"] == pytest.approx(full / 2, abs=1e-4)
    assert section.choice.key() == "happy"
    document.undo_stack.undo()
    assert section.strength.value() == pytest.approx(100.0, abs=0.01)
    shapes = document.scene.pose.shapes
    set_pose(document, shapes={**shapes, "tongueOut": 0.3})
    assert section.choice.key() is None, "no expression any more"
    section.choice.button("neutral").click()
    assert document.scene.pose.shapes == {}


def test_reset_mirror_copy_and_paste(qtbot: QtBot, panel: PosePanel, document: Document) -> None:
    set_pose(document, yaw=20.0, roll=4.0, shapes={"eyeBlinkLeft": 0.5})
    panel.copy_pose()
    copied = json.loads(QGuiApplication.clipboard().text())
    assert (copied["yaw"], copied["shapes"]) == (20.0, {"eyeBlinkLeft": 0.5})
    panel.mirror_pose()
    assert document.scene.pose == HeadPose(-20.0, 0.0, -4.0, 0.0, {"eyeBlinkRight": 0.5})
    panel.reset_pose()
    assert document.scene.pose == HeadPose()
    panel.paste_pose()
    assert document.scene.pose == HeadPose(20.0, 0.0, 4.0, 0.0, {"eyeBlinkLeft": 0.5})
    QGuiApplication.clipboard().setText("something else")
    count = document.undo_stack.count()
    with qtbot.waitSignal(panel.message) as said:
        panel.paste_pose()
    assert said.args == ["warning", "The clipboard holds no pose. Copy one first."]
    assert document.undo_stack.count() == count


def test_random_poses_go_on_with_the_seed_and_can_be_repeated(
    panel: PosePanel, document: Document
) -> None:
    panel.random.seed.set_value(7)
    panel.random_pose()
    first = document.scene.pose
    assert panel.random.seed.value() == 8
    panel.random_pose()
    assert document.scene.pose != first
    panel.random.seed.set_value(7)
    panel.random_pose()
    assert document.scene.pose == first
    panel.random.reach.set_value(0)
    panel.random.expression.setChecked(True)
    panel.random_pose()
    assert document.scene.pose.yaw == 0.0
    assert document.scene.pose.shapes


def test_named_poses(qtbot: QtBot, panel: PosePanel, document: Document) -> None:
    section = panel.poses
    set_pose(document, yaw=30.0)
    section.add_button.click()
    set_pose(document, yaw=-10.0)
    section.add_button.click()
    assert [named.name for named in document.scene.poses] == ["Pose 1", "Pose 2"]
    section.names.choose(0)
    qtbot.keyClick(section.names.list, Qt.Key.Key_Return)
    assert document.scene.pose.yaw == 30.0
    section.names.list.item(0).setText("To the left")
    assert document.scene.poses[0].name == "To the left"
    section.names.list.item(0).setText("Pose 2")
    assert document.scene.poses[0].name == "Pose 3", "two poses never share a name"
    section.names.list.item(0).setText("  ")
    assert section.names.list.item(0).text() == "Pose 3"
    qtbot.keyClick(section.names.list, Qt.Key.Key_Delete)
    assert [named.name for named in document.scene.poses] == ["Pose 2"]
    document.undo_stack.undo()
    assert section.names.list.count() == 2


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "turn.csv"
    rows = "".join(f"{i},{i * 2},0,0\n" for i in range(10))
    path.write_text(f"frame,yaw,pitch,roll\n{rows}oops,1,2,3\n")
    return path


def test_a_sequence_is_played_in_one_undo_step(
    qtbot: QtBot, panel: PosePanel, document: Document, table: Path
) -> None:
    player = panel.sequence
    player.open(table)
    assert "line 12: frame “oops” is no number" in player.hint.text()
    assert document.undo_stack.count() == 0, "opening changes nothing"
    player.fps.set_value(100.0)
    set_pose(document, shapes={"jawOpen": 0.3})
    player.play_button.click()
    assert player.playing
    qtbot.waitUntil(lambda: not player.playing, timeout=5000)
    assert document.scene.pose == HeadPose(18.0, shapes={"jawOpen": 0.3})
    assert document.undo_stack.count() == 2
    document.undo_stack.undo()
    assert document.scene.pose.yaw == 0.0


def test_stepping_scrubbing_and_looping(
    qtbot: QtBot, panel: PosePanel, document: Document, table: Path
) -> None:
    player = panel.sequence
    player.open(table)
    player.next.click()
    assert document.scene.pose.yaw == 2.0
    player.previous.click()
    assert document.scene.pose.yaw == 0.0
    player.frame.edit(5.0, object())
    assert document.scene.pose.yaw == 10.0
    player.loop.setChecked(True)
    player.fps.set_value(240.0)
    frames: list[float] = []
    document.scene_changed.connect(lambda before, after: frames.append(after.pose.yaw))
    player.play_button.click()
    qtbot.waitUntil(lambda: any(b < a for a, b in pairwise(frames)), timeout=5000)
    player.play_button.click()
    assert not player.playing


def test_a_file_that_is_no_sequence_is_refused_in_one_line(
    qtbot: QtBot, panel: PosePanel, tmp_path: Path
) -> None:
    path = tmp_path / "poem.csv"
    path.write_text("roses are red\n")
    with qtbot.waitSignal(panel.message) as said:
        panel.sequence.open(path)
    assert said.args[0] == "warning"
    assert "no line with frame, yaw, pitch and roll" in said.args[1]
    assert not panel.sequence.frame.isVisible()


def test_nothing_is_cut_at_the_narrowest_width(panel: PosePanel) -> None:
    for section in (panel.poses, panel.random, panel.sequence):
        section.set_expanded(True)
    for group in panel.shapes.groups:
        group.set_expanded(True)
    room = PANEL_WIDTH - panel.verticalScrollBar().sizeHint().width()
    assert panel.content.minimumSizeHint().width() <= room


def test_tab_goes_from_top_to_bottom(qtbot: QtBot, panel: PosePanel) -> None:
    next(g for g in panel.shapes.groups if g.group.title == "Jaw").set_expanded(True)
    panel.activateWindow()
    angles = list(panel.head.angles.values())
    angles[0].setFocus()
    qtbot.waitUntil(angles[0].hasFocus)
    for field in (*angles[1:], panel.head.share):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is field
    open_jaw = line(panel, "Open").fields[0]
    line(panel, "To the side").fields[1].start_editing()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert open_jaw.editing, "fields made later have their place too"
    open_jaw.finish_editing(accept=False)


def test_a_change_elsewhere_costs_the_panel_nothing(
    panel: PosePanel, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    for name in ("head", "expressions", "shapes", "poses"):
        section = getattr(panel, name)
        monkeypatch.setattr(section, "show_scene", lambda scene, name=name: shown.append(name))
    camera = replace(document.scene.camera, distance=1.0)
    document.change("Camera", replace(document.scene, camera=camera))
    assert shown == []
    set_pose(document, yaw=1.0)
    assert shown == ["head"], "the shapes are still the same object"
