"""The Lights panel."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from pytestqt.qtbot import QtBot

from app.scene.presets import PRESETS
from app.scene.scene import Environment, HeadFile, Light, Scene
from app.session.document import Document
from widgets.fields.color import linear_color, screen_color
from widgets.fields.form import PANEL_WIDTH
from widgets.panels.light_list import LIGHT_ROLE, _Delegate
from widgets.panels.lights import LightsPanel

KEY = Light("Key", energy=20.0, position=(0.6, -0.8, 0.5))
FILL = Light("Fill", "point", energy=5.0, temperature=3200.0)


@pytest.fixture
def document() -> Document:
    return Document(Scene(HeadFile("builtin:small"), lights=(KEY, FILL)))


@pytest.fixture
def panel(qtbot: QtBot, document: Document) -> LightsPanel:
    panel = LightsPanel(document)
    qtbot.addWidget(panel)
    panel.resize(PANEL_WIDTH, 900)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def names(document: Document) -> list[str]:
    return [light.name for light in document.scene.lights]


def test_the_list_shows_the_lights_and_the_first_is_chosen(panel: LightsPanel) -> None:
    listed = panel.lights.list
    assert [listed.item(i).data(LIGHT_ROLE) for i in range(listed.count())] == [KEY, FILL]
    assert panel.light.index == 0
    assert panel.light.energy.value() == 20.0


def test_choosing_goes_both_ways(qtbot: QtBot, panel: LightsPanel) -> None:
    with qtbot.waitSignal(panel.light_selected) as chosen:
        panel.lights.list.setCurrentRow(1)
    assert chosen.args == [1]
    assert panel.light.temperature.value() == 3200.0
    with qtbot.assertNotEmitted(panel.light_selected):
        panel.select_light(0)
    assert panel.light.index == 0
    panel.select_light(None)
    assert panel.light.hint.isVisible()
    assert not panel.light.energy.isVisible()


def test_add_duplicate_rename_move_and_remove(panel: LightsPanel, document: Document) -> None:
    section = panel.lights
    for kind in ("area", "sun", "point", "spot"):
        section.add_light(kind)  # type: ignore[arg-type]
    assert names(document) == ["Key", "Fill", "Area", "Sun", "Point", "Spot"]
    assert panel.light.index == 5
    assert panel.light.cone.isVisible()
    section.duplicate_light()
    assert names(document)[-1] == "Spot 2"
    section.list.item(6).setText("Key")
    assert names(document)[-1] == "Key 2", "two lights never share a name"
    section.up_button.click()
    assert names(document)[5] == "Key 2"
    assert panel.light.index == 5
    section.remove_button.click()
    assert names(document) == ["Key", "Fill", "Area", "Sun", "Point", "Spot"]
    steps = document.undo_stack.count()
    for _ in range(steps):
        document.undo_stack.undo()
    assert names(document) == ["Key", "Fill"]
    assert panel.light.index is not None and panel.light.index < 2


def test_a_row_is_dragged_to_another_place(panel: LightsPanel, document: Document) -> None:
    panel.lights.add_light("sun")
    model = panel.lights.list.model()
    assert model.moveRow(QModelIndex(), 2, QModelIndex(), 0)
    assert names(document) == ["Sun", "Key", "Fill"]
    assert panel.light.light == document.scene.lights[0]
    document.undo_stack.undo()
    listed = panel.lights.list
    assert [listed.item(i).text() for i in range(3)] == ["Key", "Fill", "Sun"]


def test_removing_all_leaves_a_friendly_line(panel: LightsPanel, document: Document) -> None:
    panel.lights.remove_button.click()
    panel.lights.remove_button.click()
    assert document.scene.lights == ()
    assert panel.lights.empty.isVisible()
    assert panel.light.index is None
    assert not panel.lights.remove_button.isEnabled()


def test_eye_and_star_are_clicked_in_the_list(
    qtbot: QtBot, panel: LightsPanel, document: Document
) -> None:
    listed = panel.lights.list
    delegate = listed.itemDelegate()
    assert isinstance(delegate, _Delegate)

    def click(row: int, name: str) -> None:
        place: QPoint = delegate.places(listed.visualItemRect(listed.item(row)))[name].center()
        qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=place)

    click(1, "eye")
    assert [light.on for light in document.scene.lights] == [True, False]
    click(0, "solo")
    assert document.scene.lights[0].solo
    assert "Solo" in panel.lights.hint.text()
    qtbot.keyClick(listed, Qt.Key.Key_H)
    assert not document.scene.lights[listed.currentRow()].on


def test_fields_of_a_light(panel: LightsPanel, document: Document) -> None:
    section = panel.light
    section.energy.edit(33.0, None)
    section.position.fields[0].edit(0.25, None)
    section.target.fields[2].edit(0.1, None)
    light = document.scene.lights[0]
    assert (light.energy, light.position, light.target) == (
        33.0,
        (0.25, -0.8, 0.5),
        (0.0, 0.0, 0.1),
    )
    assert section.distance.text() == "0.929 m"


def test_colour_or_temperature(panel: LightsPanel, document: Document) -> None:
    section = panel.light
    assert section.color.isVisible()
    section.mode.button("temperature").click()
    assert document.scene.lights[0].temperature == 5600.0
    assert section.gradient.isVisible() and not section.color.isVisible()
    section.temperature.edit(3000.0, None)
    assert section.gradient.value() == 3000.0
    section.mode.button("color").click()
    assert document.scene.lights[0].temperature is None


def test_the_temperature_bar_is_one_undo_step_a_drag(
    qtbot: QtBot, panel: LightsPanel, document: Document
) -> None:
    panel.light.mode.button("temperature").click()
    steps = document.undo_stack.count()
    bar = panel.light.gradient
    qtbot.mousePress(bar, Qt.MouseButton.LeftButton, pos=QPoint(3, 7))
    assert document.scene.lights[0].temperature == 1000.0
    for x in (40, 80, bar.width() - 3):
        bar._to(x)
    qtbot.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(bar.width() - 3, 7))
    assert document.scene.lights[0].temperature == 12000.0
    assert document.undo_stack.count() == steps + 1


def test_kinds_have_their_own_units(panel: LightsPanel, document: Document) -> None:
    section = panel.light
    assert (section.energy.unit, section.extent.unit) == ("W", "m")
    section.kind.button("sun").click()
    assert (section.energy.unit, section.extent.unit) == ("W/m²", "°")
    assert document.scene.lights[0].energy == 3.0
    assert not section.cone.isVisible()
    section.kind.button("spot").click()
    assert section.cone.isVisible() and section.blend.isVisible()


def test_environment(panel: LightsPanel, document: Document) -> None:
    section = panel.environment
    row = section.picture.findData("forest")
    section.picture.setCurrentIndex(row)
    section.picture.activated.emit(row)
    assert document.scene.environment.picture == "forest"
    section.strength.edit(1.5, None)
    section.rotation.edit(90.0, None)
    section.behind.button(True).click()
    environment = document.scene.environment
    assert (environment.strength, environment.rotation, environment.visible) == (1.5, 90.0, True)
    assert not section.background.isVisible()
    section.picture.activated.emit(section.picture.findData(""))
    assert document.scene.environment.picture is None
    assert section.color.isVisible() and not section.rotation.isVisible()


def test_an_own_environment_is_checked_and_listed(
    panel: LightsPanel, document: Document, tmp_path: Path
) -> None:
    section = panel.environment
    broken = tmp_path / "sky.exr"
    broken.write_bytes(b"not a picture")
    section.use_file(broken)
    assert document.scene.environment == Environment()
    assert section.hint.isVisible() and "sky.exr" in section.hint.text()
    good = tmp_path / "own.hdr"
    pixel = b"\x80\x80\x80\x81"
    good.write_bytes(b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 2\n" + pixel * 2)
    section.use_file(good)
    assert document.scene.environment.picture == str(good)
    assert section.picture.currentText() == "own.hdr"
    assert not section.hint.isVisible()


def test_a_preset_is_one_undo_step(panel: LightsPanel, document: Document) -> None:
    before = document.scene
    for name, ready in PRESETS.items():
        panel.presets.choice.button(name).click()
        assert panel.presets.choice.key() == name
        assert document.scene.lights == ready.lights
        assert document.scene.environment == ready.environment
    assert document.undo_stack.count() == len(PRESETS)
    for _ in PRESETS:
        document.undo_stack.undo()
    assert document.scene == before
    assert panel.presets.choice.key() is None


def test_random_lighting_shows_its_seed(panel: LightsPanel, document: Document) -> None:
    panel.presets.dice.click()
    first = document.scene.lights
    assert panel.presets.seed.value() == 1
    panel.presets.dice.click()
    assert document.scene.lights != first
    panel.presets.seed.edit(1.0, None)
    assert document.scene.lights == first


def test_thumbnails_come_from_blenders_own_pictures(qtbot: QtBot, panel: LightsPanel) -> None:
    picture = panel.environment.picture
    row = picture.findData("sunset")
    qtbot.waitUntil(lambda: not picture.itemIcon(row).isNull(), timeout=20000)


@pytest.mark.parametrize("rgb", [(0.0, 0.5, 1.0), (0.2, 0.02, 0.8)])
def test_colours_of_the_screen_are_encoded_and_decoded(rgb: tuple[float, float, float]) -> None:
    assert linear_color(screen_color(rgb)) == pytest.approx(rgb, abs=1e-4)
    assert screen_color((0.2140, 0.2140, 0.2140)).name() == "#7f7f7f"


def test_nothing_is_cut_at_the_narrowest_width(panel: LightsPanel, document: Document) -> None:
    panel.light.kind.button("spot").click()
    long_name = replace(KEY, name="A very long name of a light that nobody would ever type " * 2)
    document.change("Test", replace(document.scene, lights=(long_name, FILL)))
    room = PANEL_WIDTH - panel.verticalScrollBar().sizeHint().width()
    assert panel.content.minimumSizeHint().width() <= room
