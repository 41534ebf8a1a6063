"""The number field, used as people use it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.scene.scene import Camera, HeadFile, Scene
from app.session.document import Document
from widgets.fields.form import Panel, Vector
from widgets.fields.number_field import NumberField, show_lengths_in

NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


class Edits(list[tuple[float, object]]):
    """What a field has said."""

    def __init__(self, field: NumberField) -> None:
        super().__init__()
        field.edited.connect(lambda value, gesture: self.append((value, gesture)))

    @property
    def values(self) -> list[float]:
        return [value for value, _ in self]


@pytest.fixture
def field(qtbot: QtBot) -> Iterator[NumberField]:
    field = NumberField(
        "Yaw", default=5.0, hard=(-80.0, 80.0), step=1.0, decimals=1, unit="°", bar=True
    )
    field.set_value(0.0)
    field.resize(160, 24)
    qtbot.addWidget(field)
    with qtbot.waitExposed(field):
        field.show()
    field.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    yield field


def mouse(
    field: QWidget,
    kind: QEvent.Type,
    x: float,
    buttons: Qt.MouseButton = LEFT,
    modifiers: Qt.KeyboardModifier = NONE,
) -> None:
    place = QPointF(x, 12)
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else LEFT
    event = QMouseEvent(
        kind, place, QPointF(field.mapToGlobal(QPoint(0, 0))) + place, button, buttons, modifiers
    )
    QApplication.sendEvent(field, event)


def press(field: QWidget, x: float = 50) -> None:
    mouse(field, QEvent.Type.MouseButtonPress, x)


def move(field: QWidget, x: float, modifiers: Qt.KeyboardModifier = NONE) -> None:
    mouse(field, QEvent.Type.MouseMove, x, modifiers=modifiers)


def release(field: QWidget, x: float) -> None:
    mouse(field, QEvent.Type.MouseButtonRelease, x, Qt.MouseButton.NoButton)


def wheel(field: QWidget, notches: int) -> QWheelEvent:
    event = QWheelEvent(
        QPointF(20, 10),
        QPointF(field.mapToGlobal(QPoint(20, 10))),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        NONE,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(field, event)
    return event


def editor(field: NumberField) -> QLineEdit:
    assert field.editor is not None
    return field.editor


def test_a_drag_over_the_whole_width_is_the_whole_range(field: NumberField) -> None:
    edits = Edits(field)
    press(field)
    for x in (60, 75, 90):
        move(field, x)
    release(field, 90)
    assert field.value() == pytest.approx(40.0)
    assert edits.values == pytest.approx([10.0, 25.0, 40.0])
    assert len({id(gesture) for _, gesture in edits}) == 1, "one drag is one gesture"
    assert edits[0][1] is not None


def test_two_drags_are_two_gestures(field: NumberField) -> None:
    edits = Edits(field)
    for _ in range(2):
        press(field)
        move(field, 60)
        release(field, 60)
    assert edits[0][1] is not edits[1][1]


def test_ctrl_snaps_and_shift_is_precise(field: NumberField) -> None:
    press(field)
    move(field, 63, CTRL)
    assert field.value() % 5 == 0
    release(field, 63)
    field.set_value(0.0)
    press(field)
    move(field, 70, SHIFT)
    release(field, 70)
    assert field.value() == pytest.approx(2.0)


def test_a_drag_ends_at_the_soft_limit_and_typing_goes_beyond(qtbot: QtBot) -> None:
    field = NumberField("Distance", hard=(0.0, 100.0), soft=(0.0, 2.0), step=0.1, unit="m")
    field.resize(160, 24)
    qtbot.addWidget(field)
    field.show()
    press(field)
    move(field, 1000)
    release(field, 1000)
    assert field.value() == 2.0
    field.start_editing()
    qtbot.keyClicks(editor(field), "50")
    qtbot.keyClick(editor(field), Qt.Key.Key_Return)
    assert field.value() == 50.0
    press(field)
    move(field, 60)
    release(field, 60)
    assert field.value() == 50.0, "a value beyond the soft limits is not thrown back by a drag"
    field.start_editing()
    qtbot.keyClicks(editor(field), "500")
    qtbot.keyClick(editor(field), Qt.Key.Key_Return)
    assert field.value() == 100.0


def test_escape_in_a_drag_restores_what_was_there(qtbot: QtBot, field: NumberField) -> None:
    edits = Edits(field)
    press(field)
    move(field, 90)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    move(field, 120)
    release(field, 120)
    assert field.value() == 0.0
    assert edits.values[-1] == 0.0
    assert edits[0][1] is edits[-1][1]


def test_a_click_starts_typing_and_enter_takes_an_expression(
    qtbot: QtBot, field: NumberField
) -> None:
    edits = Edits(field)
    press(field)
    release(field, 50)
    assert field.editing
    assert editor(field).selectedText() == "0.0"
    qtbot.keyClicks(editor(field), "2*15 + 0.5 rad")
    qtbot.keyClick(editor(field), Qt.Key.Key_Return)
    assert not field.editing
    assert field.value() == pytest.approx(30 + 28.6478897)
    assert edits == [(field.value(), None)]
    assert field.text() == "58.6°"


def test_typing_starts_with_the_first_digit(qtbot: QtBot, field: NumberField) -> None:
    qtbot.keyClick(field, Qt.Key.Key_7)
    qtbot.keyClicks(editor(field), "5")
    qtbot.keyClick(editor(field), Qt.Key.Key_Return)
    assert field.value() == 75.0


def test_what_is_no_number_keeps_the_editor_open_and_escape_restores(
    qtbot: QtBot, field: NumberField
) -> None:
    edits = Edits(field)
    field.start_editing()
    qtbot.keyClicks(editor(field), "3 apples")
    qtbot.keyClick(editor(field), Qt.Key.Key_Return)
    assert field.editing
    assert editor(field).property("text") == "3 apples"
    qtbot.keyClick(editor(field), Qt.Key.Key_Escape)
    assert not field.editing
    assert (field.value(), edits) == (0.0, [])


def test_leaving_takes_a_number_and_drops_nonsense(qtbot: QtBot, field: NumberField) -> None:
    field.start_editing("12")
    editor(field).clearFocus()
    assert field.value() == 12.0
    field.start_editing("nonsense")
    editor(field).clearFocus()
    assert not field.editing
    assert field.value() == 12.0


def test_keys_step_and_backspace_resets(qtbot: QtBot, field: NumberField) -> None:
    edits = Edits(field)
    qtbot.keyClick(field, Qt.Key.Key_Up)
    qtbot.keyClick(field, Qt.Key.Key_Up, SHIFT)
    assert field.value() == pytest.approx(1.1)
    qtbot.keyClick(field, Qt.Key.Key_Down, CTRL)
    assert field.value() == pytest.approx(-3.9)
    assert edits[0][1] is edits[-1][1], "steps in a burst are one gesture"
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert (field.value(), edits[-1][1]) == (5.0, None)


def test_the_wheel_works_with_focus_only(qtbot: QtBot, field: NumberField) -> None:
    wheel(field, 2)
    assert field.value() == 2.0
    field.clearFocus()
    event = wheel(field, 2)
    assert field.value() == 2.0
    assert not event.isAccepted(), "the panel shall scroll"


def test_copy_and_paste_with_units(qtbot: QtBot, field: NumberField) -> None:
    clipboard = QGuiApplication.clipboard()
    field.set_value(12.5)
    qtbot.keyClick(field, Qt.Key.Key_C, CTRL)
    assert clipboard.text() == "12.5"
    clipboard.setText("0.5 rad")
    qtbot.keyClick(field, Qt.Key.Key_V, CTRL)
    assert field.value() == pytest.approx(28.6478897)
    clipboard.setText("not a number")
    qtbot.keyClick(field, Qt.Key.Key_V, CTRL)
    assert field.value() == pytest.approx(28.6478897)


def test_a_double_right_click_resets(qtbot: QtBot, field: NumberField) -> None:
    place = QPoint(30, 10)
    qtbot.mouseDClick(field, Qt.MouseButton.RightButton, pos=place)
    assert field.value() == 5.0
    field.set_value(40.0)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, field.mapToGlobal(place), NONE)
    QApplication.sendEvent(field, event)
    menu = field.findChild(QMenu)
    assert menu is not None
    qtbot.waitUntil(menu.isVisible)
    qtbot.mousePress(menu, Qt.MouseButton.RightButton, pos=QPoint(2, 2))
    assert field.value() == 5.0, "the second right click lands on the menu"
    qtbot.waitUntil(lambda: field.findChild(QMenu) is None)


def test_the_menu_copies_pastes_and_resets_all(qtbot: QtBot) -> None:
    vector = Vector("Position", default=(1.0, 2.0, 3.0))
    host = QWidget()
    layout = QVBoxLayout(host)
    for part in vector.fields:
        layout.addWidget(part)
    qtbot.addWidget(host)
    host.show()
    edits: list[object] = []
    vector.edited.connect(lambda value, gesture: edits.append(value))
    vector.fields[0].copy_all()
    clipboard = QGuiApplication.clipboard()
    assert clipboard.text() == "[1.000, 2.000, 3.000]"
    clipboard.setText("[0.5, -0.25, 4]")
    vector.fields[1].paste()
    assert vector.value() == (0.5, -0.25, 4.0)
    assert edits[-1] == (0.5, -0.25, 4.0)


def test_tab_goes_on_typing_in_the_next_field(qtbot: QtBot) -> None:
    panel = Panel()
    fields = [NumberField(name, unit="m", decimals=3) for name in "abc"]
    fields[1].set_read_only(True)
    for part in fields:
        panel.add(part)
    qtbot.addWidget(panel)
    with qtbot.waitExposed(panel):
        panel.show()
    panel.activateWindow()
    fields[0].start_editing()
    qtbot.waitUntil(editor(fields[0]).hasFocus)
    qtbot.keyClicks(editor(fields[0]), "30 cm")
    qtbot.keyClick(editor(fields[0]), Qt.Key.Key_Tab)
    assert fields[0].value() == pytest.approx(0.3)
    assert not fields[1].editing, "what is read only is passed over"
    assert fields[2].editing
    qtbot.keyClick(editor(fields[2]), Qt.Key.Key_Backtab)
    assert fields[0].editing
    fields[0].finish_editing(accept=False)


def test_setting_a_value_says_nothing_and_leaves_typing_alone(
    qtbot: QtBot, field: NumberField
) -> None:
    edits = Edits(field)
    field.start_editing("12")
    field.set_value(33.0)
    assert editor(field).text() == "12"
    assert edits == []
    field.finish_editing(accept=False)


def test_keys_of_the_field_are_not_short_cuts_of_the_window(field: NumberField) -> None:
    for key, text in ((Qt.Key.Key_1, "1"), (Qt.Key.Key_Backspace, "\b"), (Qt.Key.Key_Up, "")):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, NONE, text)
        event.ignore()
        QApplication.sendEvent(field, event)
        assert event.isAccepted(), key
    event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_F12, NONE)
    event.ignore()
    QApplication.sendEvent(field, event)
    assert not event.isAccepted()


def test_screen_readers_hear_name_and_value(field: NumberField) -> None:
    field.set_value(-12.34)
    assert field.accessibleName() == "Yaw"
    assert field.accessibleDescription() == "−12.3°"


def test_a_drag_is_one_undo_step_and_a_drag_back_is_none(field: NumberField) -> None:
    document = Document(Scene(HeadFile("builtin:x"), camera=Camera(azimuth=0.0)))

    def turn(value: float, gesture: object) -> None:
        scene = document.scene
        document.change(
            "Orbit", replace(scene, camera=replace(scene.camera, azimuth=value)), gesture
        )

    field.edited.connect(turn)
    press(field)
    for x in range(55, 100, 5):
        move(field, x)
    release(field, 95)
    assert document.undo_stack.count() == 1
    assert document.scene.camera.azimuth == field.value()
    document.undo_stack.undo()
    assert document.scene.camera.azimuth == 0.0
    field.set_value(0.0)
    press(field)
    move(field, 80)
    QApplication.sendEvent(field, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Escape, NONE))
    release(field, 80)
    assert document.undo_stack.count() == 0


def test_lengths_are_shown_and_typed_in_the_unit_of_the_preferences(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    distance = NumberField("Distance", default=0.3, decimals=3, unit="m", parent=window)
    focal = NumberField("Focal length", default=31.2, decimals=1, unit="mm", parent=window)
    said = Edits(distance)
    try:
        show_lengths_in("cm", window)
        assert distance.text() == "30.0 cm"
        assert focal.text() == "31.2 mm"
        distance.start_editing("25")
        assert distance.finish_editing(accept=True)
        distance.start_editing("0.4 m + 1 mm")
        assert distance.finish_editing(accept=True)
        assert said.values == pytest.approx([0.25, 0.401])
        distance.copy()
        distance.edit(1.0, None)
        distance.paste()
        assert distance.value() == pytest.approx(0.401)
    finally:
        show_lengths_in("m", window)
    assert distance.text() == "0.401 m"
