"""The short-cut editor: all commands, changed keys, conflicts, reset."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialogButtonBox, QMainWindow
from pytestqt.qtbot import QtBot

from widgets.commands import Commands
from widgets.shortcuts import ShortcutDialog


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    made = QMainWindow()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def commands(window: QMainWindow) -> Commands:
    made = Commands(window)
    made.add("file.save", "&Save", lambda: None, "Ctrl+S")
    made.add("file.open", "&Open…", lambda: None, "Ctrl+O")
    made.add("edit.redo", "&Redo", lambda: None, ["Ctrl+Shift+Z", "Ctrl+Y"])
    made.add("view.grid", "&Grid", lambda: None)
    return made


@pytest.fixture
def dialog(commands: Commands, qtbot: QtBot) -> ShortcutDialog:
    made = ShortcutDialog(commands)
    qtbot.addWidget(made)
    made.show()
    return made


def ok(dialog: ShortcutDialog) -> bool:
    box = dialog.findChild(QDialogButtonBox)
    return box.button(QDialogButtonBox.StandardButton.Ok).isEnabled()


def row(dialog: ShortcutDialog, title: str):  # type: ignore[no-untyped-def]
    flags = Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive
    return dialog.tree.findItems(title, flags)[0]


def test_every_command_is_listed_with_its_keys(dialog: ShortcutDialog) -> None:
    assert row(dialog, "Save").text(1) == "Ctrl+S"
    assert row(dialog, "Redo").text(1) == "Ctrl+Shift+Z or Ctrl+Y"
    assert row(dialog, "Grid").text(1) == ""


def test_keys_are_typed(dialog: ShortcutDialog, qtbot: QtBot) -> None:
    dialog.tree.setCurrentItem(row(dialog, "Grid"))
    qtbot.keyClick(dialog.field, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: row(dialog, "Grid").text(1) == "Ctrl+G", timeout=3000)
    assert dialog.chosen == {"view.grid": ["Ctrl+G"]}


def test_a_conflict_is_named_and_must_be_mended(dialog: ShortcutDialog) -> None:
    dialog.set_keys("view.grid", ["Ctrl+S"])
    assert dialog.conflicts == {"Ctrl+S": ["file.save", "view.grid"]}
    assert "“Save” and “Grid”" in dialog.conflict.text()
    assert not ok(dialog)
    dialog.set_keys("file.save", [])
    assert dialog.conflicts == {}
    assert ok(dialog)


def test_all_can_be_reset(dialog: ShortcutDialog) -> None:
    dialog.set_keys("file.save", ["F2"])
    dialog.set_keys("edit.redo", [])
    dialog.reset_all()
    assert dialog.chosen == {}
    assert row(dialog, "Redo").text(1) == "Ctrl+Shift+Z or Ctrl+Y"


def test_commands_are_found_by_name_and_by_key(dialog: ShortcutDialog) -> None:
    dialog.search.setText("ctrl+o")
    assert not row(dialog, "Open").isHidden()
    assert row(dialog, "Save").isHidden()
    dialog.search.setText("gri")
    assert not row(dialog, "Grid").isHidden()


def test_chosen_keys_work_and_others_keep_theirs(commands: Commands) -> None:
    commands.set_keys({"file.save": ["F2"], "file.open": []})
    assert commands["file.save"].shortcut() == QKeySequence("F2")
    assert commands["file.open"].shortcuts() == []
    assert len(commands["edit.redo"].shortcuts()) == 2
    commands.set_keys({})
    assert commands["file.save"].shortcut() == QKeySequence("Ctrl+S")
