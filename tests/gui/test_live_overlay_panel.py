"""The panel Overlays."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.gui.live_faces import depth_over, face_at, live, result_of
from widgets.fields.form import PANEL_WIDTH
from widgets.live.overlay_panel import LAYERS, LOOK_AGAIN, OverlayPanel
from widgets.live.overlays import LAYERS as ALL
from widgets.live.overlays import DepthLayer, Layer, Overlays, SigmaLayer


@pytest.fixture
def panel(qtbot: QtBot) -> OverlayPanel:
    panel = OverlayPanel()
    qtbot.addWidget(panel)
    panel.resize(PANEL_WIDTH, 900)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


@pytest.fixture
def told(panel: OverlayPanel) -> list[Overlays]:
    told: list[Overlays] = []
    panel.overlays_changed.connect(told.append)
    return told


def test_every_layer_that_is_drawn_has_a_switch_and_an_opacity(panel: OverlayPanel) -> None:
    assert {*panel.toggles, "sigma", "hands"} == set(ALL)
    assert set(panel.opacities) == set(ALL) - {"hands"}


@pytest.mark.parametrize("name", LAYERS)
def test_a_switch_changes_its_layer_alone(
    panel: OverlayPanel, told: list[Overlays], name: str
) -> None:
    before = panel.overlays
    panel.toggles[name].click()
    assert told == [before.with_shown(name, not before.shows(name))]
    panel.toggles[name].click()
    assert told[1] == before


def test_an_opacity_is_told_as_a_part_of_one(panel: OverlayPanel, told: list[Overlays]) -> None:
    panel.opacities["axes"].edit(40.0, None)
    assert told[-1] == Overlays().with_opacity("axes", 0.4)
    assert not panel.opacities["box"].isEnabled(), "the box is not shown"


def test_what_is_given_is_shown_and_told_to_nobody(
    panel: OverlayPanel, told: list[Overlays]
) -> None:
    given = replace(
        Overlays(),
        box=Layer(True, 0.25),
        sigma=SigmaLayer("ellipse", 0.5),
        depth=DepthLayer(True, 0.7, "plasma", -80.0, 40.0),
        raw=True,
        side_by_side="b",
    )
    panel.set_overlays(given)
    panel.set_strength(0.8)
    assert told == []
    assert panel.toggles["box"].isChecked()
    assert panel.opacities["box"].value() == 25.0
    assert panel.sigma.key() == "ellipse"
    assert panel.colormap.currentData() == "plasma"
    assert (panel.near.value(), panel.far.value()) == (80.0, -40.0)
    assert panel.values.key() is True
    assert panel.compared.key() == "b"
    assert panel.strength.value() == 0.8
    assert not panel.strength.isEnabled(), "raw values are not filtered"
    panel.toggles["cube"].click()
    assert told == [given.with_shown("cube", True)], "the rest stays as it was given"


def test_values_uncertainty_and_strength_are_chosen_by_the_user(
    panel: OverlayPanel, told: list[Overlays], qtbot: QtBot
) -> None:
    panel.values.button(True).click()
    assert told[-1].raw
    panel.sigma.button("colour").click()
    assert told[-1].sigma.form == "colour"
    assert told[-1].raw, "what was chosen before stays"
    with qtbot.waitSignal(panel.strength_changed) as heard:
        panel.strength.edit(0.75, None)
    assert heard.args == [0.75]


def test_the_scale_of_depth_follows_its_ends_and_they_never_cross(
    panel: OverlayPanel, told: list[Overlays]
) -> None:
    panel.toggles["depth"].click()
    panel.near.edit(60.0, None)
    assert told[-1].depth.near == -60.0
    words = [text for _, text in panel.depth_legend.marks]
    assert "0" in words
    assert "+100" not in words, "the legend ends where the colours do"
    panel.near.edit(-200.0, None)
    assert told[-1].depth.near < told[-1].depth.far
    panel.far.edit(500.0, None)
    assert told[-1].depth.near < told[-1].depth.far
    assert panel.far.value() < panel.near.value()
    panel.colormap.setCurrentIndex(2)
    panel.colormap.activated.emit(2)
    assert told[-1].depth.colormap == "turbo"


def look(panel: OverlayPanel, monkeypatch: pytest.MonkeyPatch, **fields: object) -> None:
    """Show a result long after the last one."""
    panel._looked -= 2.0 * LOOK_AGAIN
    panel.show_result(result_of(live(**fields)))


def test_it_says_what_is_asked_for_and_not_there(
    panel: OverlayPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    face = face_at()
    bare = replace(face, landmarks_520=None, sigma_520=None, sigma_68=None)
    asked = replace(
        Overlays(), mesh_520=Layer(True), sigma=SigmaLayer("colour"), depth=DepthLayer(True)
    )
    hints = panel.no_dense, panel.no_sigma, panel.no_depth
    look(panel, monkeypatch, face=bare)
    assert not any(hint.isVisible() for hint in hints), "nobody asked for it"
    panel.set_overlays(asked)
    look(panel, monkeypatch, face=bare)
    assert all(hint.isVisible() for hint in hints)
    look(panel, monkeypatch, face=face, depth=depth_over(face))
    assert not any(hint.isVisible() for hint in hints)
    assert not panel.compared.isEnabled()
    look(panel, monkeypatch, face=face, second_raw=face, second_filtered=face)
    assert panel.compared.isEnabled()
    assert panel.no_depth.isVisible()
    panel.toggles["depth"].click()
    assert not panel.no_depth.isVisible()


def test_the_panel_is_used_with_the_keyboard_alone(
    panel: OverlayPanel, told: list[Overlays]
) -> None:
    panel.toggles["points_68"].setFocus()
    QTest.keyClick(panel.toggles["points_68"], Qt.Key.Key_Space)
    assert not told[-1].shows("points_68")
    field = panel.opacities["contours_68"]
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert told[-1].opacity("contours_68") == pytest.approx(0.75)


def test_no_words_are_wider_than_the_panel(panel: OverlayPanel) -> None:
    assert panel.content.minimumSizeHint().width() <= PANEL_WIDTH
