"""Bones and facing: what was found and why is shown, what is set right is asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.head.asset import BoneRoles, HeadAsset, Skeleton, Source, ZeroPose
from app.head.correction import Correction
from widgets.head_dialog import HeadDialog

BONES = ("Hips", "Spine", "Neck", "Neck_Twist", "Head", "Eye_L", "Eye_R")


def asset(
    height: float = 0.25, residual: float = 0.004, warnings: tuple[str, ...] = ()
) -> HeadAsset:
    bones = len(BONES)
    return HeadAsset(
        "me",
        "key",
        Path(),
        (),
        (),
        Skeleton(
            BONES,
            np.arange(-1, bones - 1, dtype=np.int32),
            np.tile(np.eye(4), (bones, 1, 1)),
            np.zeros((bones, 3)),
        ),
        BoneRoles(("Neck", "Head"), "Eye_L", "Eye_R", None, {"neck": "Named like a neck."}),
        ZeroPose(np.eye(3), residual, "From the line through the eyes."),
        np.zeros(3),
        0.25,
        Source("me.fbx", "", 7400, "a tool", 0.01, 0.0),
        warnings,
    )


@pytest.fixture
def dialog(qtbot: QtBot) -> HeadDialog:
    made = HeadDialog()
    qtbot.addWidget(made)
    made.set_asset(asset(), Correction())
    made.show()
    return made


def texts(dialog: HeadDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())


def test_what_was_found_is_shown_with_its_reason(dialog: HeadDialog) -> None:
    assert dialog.bones["neck"].currentText() == "Neck (found)"
    assert dialog.bones["jaw"].currentText() == "None found"
    assert "Named like a neck." in texts(dialog)
    assert "0.0040°" in texts(dialog)
    assert "From the line through the eyes." in texts(dialog)
    assert dialog.correction == Correction()


def test_every_bone_can_be_chosen(dialog: HeadDialog) -> None:
    box = dialog.bones["neck"]
    assert {box.itemData(i) for i in range(1, box.count())} == set(BONES)
    box.setCurrentIndex(box.findData("Neck_Twist"))
    assert dialog.correction == Correction(neck="Neck_Twist")
    box.setCurrentIndex(0)
    assert dialog.correction == Correction()


def test_bones_are_found_by_typing(dialog: HeadDialog, qtbot: QtBot) -> None:
    box = dialog.bones["neck"]
    edit = box.lineEdit()
    edit.selectAll()
    qtbot.keyClicks(edit, "twist")
    completer = box.completer()
    found = completer.completionModel()
    assert [found.index(i, 0).data() for i in range(found.rowCount())] == ["Neck_Twist"]
    completer.popup().hide()


def test_what_is_no_bone_is_taken_back(dialog: HeadDialog, qtbot: QtBot) -> None:
    edit = dialog.bones["head"].lineEdit()
    edit.selectAll()
    qtbot.keyClicks(edit, "qqq")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert dialog.bones["head"].currentText() == "Head (found)"
    assert dialog.correction == Correction()


def test_the_face_is_turned_by_quarters(dialog: HeadDialog) -> None:
    dialog.turn_left.click()
    assert dialog.correction.facing_turn == 90.0
    dialog.turn_left.click()
    dialog.turn_left.click()
    assert dialog.correction.facing_turn == -90.0
    dialog.turn_right.click()
    assert dialog.correction.facing_turn == -180.0


def test_the_height_asks_for_a_scale(dialog: HeadDialog) -> None:
    dialog.height_.setValue(0.5)
    assert dialog.correction.scale == pytest.approx(0.02)


def test_apply_asks_and_waits(dialog: HeadDialog, qtbot: QtBot) -> None:
    dialog.turn_left.click()
    with qtbot.waitSignal(dialog.applied) as asked:
        dialog.apply_button.click()
    assert asked.args == [Correction(facing_turn=90.0)]
    assert not dialog.apply_button.isEnabled()
    dialog.say_failed("There is no neck above 'Hips'; choose another bone.")
    assert "choose another bone" in texts(dialog)
    assert dialog.apply_button.isEnabled()


def test_all_can_be_put_back_as_found(dialog: HeadDialog, qtbot: QtBot) -> None:
    dialog.set_asset(asset(), Correction(jaw="Spine", scale=0.02))
    with qtbot.waitSignal(dialog.applied) as asked:
        dialog.reset_button.click()
    assert asked.args == [Correction()]


def test_warnings_and_a_residual_over_the_bound_are_plain_to_see(dialog: HeadDialog) -> None:
    dialog.set_asset(asset(residual=0.2, warnings=("No jaw bone was found.",)), Correction())
    assert "over the bound" in texts(dialog)
    assert "No jaw bone was found." in texts(dialog)


def test_without_a_head_there_is_nothing_to_set_right(dialog: HeadDialog) -> None:
    dialog.set_asset(None, Correction())
    assert not dialog.apply_button.isEnabled()
    assert "Open a head first." in texts(dialog)


def test_the_lines_of_the_next_head_are_not_cut(dialog: HeadDialog) -> None:
    long = "A line that is so long that it takes more than one line of this dialog, and more. "
    warnings = tuple(f"{i}: {long * 2}" for i in range(6))
    for _ in range(2):
        dialog.close()
        dialog.set_asset(asset(warnings=warnings), Correction())
        dialog.show()
        QApplication.processEvents()
    for label in dialog.findChildren(QLabel):
        if label.isVisible() and label.wordWrap():
            assert label.height() >= label.heightForWidth(label.width()), label.text()
