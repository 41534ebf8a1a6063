"""The command palette finds commands by a few letters and runs them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from widgets.commands import Commands
from widgets.palette import Palette, match


class Desk:
    """A window with a few commands and a palette over them."""

    def __init__(self, qtbot: QtBot) -> None:
        self.window = QMainWindow()
        qtbot.addWidget(self.window)
        self.window.resize(800, 600)
        self.commands = Commands(self.window)
        self.ran: list[str] = []
        for name, text in (
            ("file.save", "&Save"),
            ("file.save_as", "Save &as…"),
            ("head.reset_pose", "R&eset pose"),
            ("render.start", "&Render"),
            ("view.reset_layout", "&Reset layout"),
        ):
            self.commands.add(name, text, lambda name=name: self.ran.append(name))
        self.palette = Palette(self.commands, self.window)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.palette.open()


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot)


def test_all_commands_are_listed_without_dots_and_mnemonics(desk: Desk) -> None:
    assert desk.palette.titles() == ["Save", "Save as", "Reset pose", "Render", "Reset layout"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("rp", "Reset pose"),
        ("rend", "Render"),
        ("sa", "Save"),
        ("savea", "Save as"),
        ("LAY", "Reset layout"),
    ],
)
def test_a_few_letters_are_enough(desk: Desk, qtbot: QtBot, typed: str, first: str) -> None:
    qtbot.keyClicks(desk.palette.search, typed)
    assert desk.palette.titles()[0] == first


def test_a_command_is_found_by_its_menu_too(desk: Desk, qtbot: QtBot) -> None:
    qtbot.keyClicks(desk.palette.search, "view lay")
    assert desk.palette.titles() == ["Reset layout"]


def test_enter_runs_the_first_and_closes(desk: Desk, qtbot: QtBot) -> None:
    qtbot.keyClicks(desk.palette.search, "reset l")
    qtbot.keyClick(desk.palette.search, Qt.Key.Key_Return)
    assert desk.ran == ["view.reset_layout"]
    assert not desk.palette.isVisible()


def test_arrows_choose_another(desk: Desk, qtbot: QtBot) -> None:
    qtbot.keyClicks(desk.palette.search, "save")
    qtbot.keyClick(desk.palette.search, Qt.Key.Key_Down)
    qtbot.keyClick(desk.palette.search, Qt.Key.Key_Return)
    assert desk.ran == ["file.save_as"]


def test_what_is_switched_off_is_listed_last_and_does_not_run(desk: Desk, qtbot: QtBot) -> None:
    desk.commands["file.save"].setEnabled(False)
    desk.palette.open()
    assert desk.palette.titles()[-1] == "Save"
    for _ in range(8):
        qtbot.keyClick(desk.palette.search, Qt.Key.Key_Down)
    qtbot.keyClick(desk.palette.search, Qt.Key.Key_Return)
    assert "file.save" not in desk.ran


def test_what_ran_last_is_on_top_next_time(desk: Desk, qtbot: QtBot) -> None:
    qtbot.keyClicks(desk.palette.search, "render")
    qtbot.keyClick(desk.palette.search, Qt.Key.Key_Return)
    desk.palette.open()
    assert desk.palette.titles()[0] == "Render"


def test_letters_that_fit_nothing_say_so(desk: Desk, qtbot: QtBot) -> None:
    qtbot.keyClicks(desk.palette.search, "zzz")
    assert desk.palette.titles() == []
    qtbot.keyClick(desk.palette.search, Qt.Key.Key_Return)
    assert desk.ran == []


def test_escape_closes(desk: Desk, qtbot: QtBot) -> None:
    qtbot.keyClick(desk.palette.search, Qt.Key.Key_Escape)
    assert not desk.palette.isVisible()


def test_matching_prefers_the_beginnings_of_words() -> None:
    start, middle = match("rv", "Render view"), match("rv", "Recover")
    assert start is not None and middle is not None
    assert start[0] > middle[0]
    assert start[1] == [0, 7]
    assert match("vr", "Render view") is None
    assert match("", "Anything") == (0.0, [])


def test_it_is_as_high_as_what_it_lists(desk: Desk, qtbot: QtBot) -> None:
    all_listed = desk.palette.height()
    qtbot.keyClicks(desk.palette.search, "rend")
    assert desk.palette.height() < all_listed
    assert desk.palette.list.visualRect(desk.palette.list.currentIndex()).isValid()
