"""The Lights panel: presets, the list of lights, the chosen one, and the environment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from app.head.asset import HeadAsset
from app.raster.lamps import MOST
from app.scene.lamps import new_light
from app.scene.naming import free_name
from app.scene.scene import Light, LightKind, Scene
from app.session.document import Document
from widgets.fields.form import Hint, Panel
from widgets.fields.glyphs import GlyphButton, icon
from widgets.panels.environment import EnvironmentSection
from widgets.panels.light_details import KINDS, LightSection
from widgets.panels.light_list import LightList
from widgets.panels.light_presets import PresetSection
from widgets.panels.scene_section import SceneSection


class LightsPanel(Panel):
    """Edits ``scene.lights`` and ``scene.environment``.

    Signals
    -------
    light_selected : (int or None)
        The person chose a light in the list.
    message : (level, text)
        One line for people.
    """

    light_selected = Signal(object)
    message = Signal(str, str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.presets = PresetSection(document)
        self.lights = LightListSection(document)
        self.light = LightSection(document)
        self.environment = EnvironmentSection(document)
        self.lights.selected.connect(self._select)
        for section in (self.presets, self.lights, self.light, self.environment):
            self.add(section)
        self.light.set_index(self.lights.row)

    def set_asset(self, asset: HeadAsset | None) -> None:
        """Nothing of the lights depends on the head."""

    def select_light(self, index: int | None) -> None:
        """Show a light that was chosen elsewhere."""
        self.lights.list.choose(index)
        self.light.set_index(self.lights.row)

    def _select(self, row: int | None) -> None:
        self.light.set_index(row)
        self.light_selected.emit(row)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.environment.load_thumbnails()


class LightListSection(SceneSection):
    selected = Signal(object)

    def __init__(self, document: Document) -> None:
        super().__init__("Lights", document, lambda scene: scene.lights)
        self.list = LightList()
        self.add_button = QToolButton()
        self.add_button.setObjectName("GlyphButton")
        self.add_button.setIcon(icon("add"))
        self.add_button.setToolTip("Add a light")
        self.add_button.setAccessibleName("Add a light")
        self.add_button.setAutoRaise(True)
        self.add_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add_button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        menu = QMenu(self.add_button)
        for kind, text, tip in KINDS:
            action = menu.addAction(icon(kind), text)
            action.setToolTip(tip)
            action.triggered.connect(lambda _=False, kind=kind: self.add_light(kind))
        self.add_button.setMenu(menu)
        self.copy_button = GlyphButton("duplicate", "Duplicate the chosen light")
        self.remove_button = GlyphButton("trash", "Remove the chosen light (Del)")
        self.up_button = GlyphButton("up", "Move up (Alt+Up)")
        self.down_button = GlyphButton("down", "Move down (Alt+Down)")
        self.copy_button.clicked.connect(lambda: self.duplicate_light())
        self.remove_button.clicked.connect(lambda: self.remove_light(self.row))
        self.up_button.clicked.connect(lambda: self._shift(-1))
        self.down_button.clicked.connect(lambda: self._shift(1))
        for button in (
            self.up_button,
            self.down_button,
            self.copy_button,
            self.remove_button,
            self.add_button,
        ):
            self.header.add(button)
        self.empty = Hint("No lights: only the environment shines. Add one with the plus above.")
        self.hint = Hint()
        self.add(self.list)
        self.add(self.empty)
        self.add(self.hint)
        self.list.selected.connect(self._on_selected)
        self.list.switched.connect(lambda row: self._toggle(row, "on"))
        self.list.soloed.connect(lambda row: self._toggle(row, "solo"))
        self.list.renamed.connect(self.rename_light)
        self.list.removed.connect(self.remove_light)
        self.list.moved.connect(self.move_light)
        self.show_scene(document.scene)

    @property
    def row(self) -> int | None:
        row = self.list.currentRow()
        return row if row >= 0 else None

    def show_scene(self, scene: Scene) -> None:
        before = self.row
        self.list.set_lights(scene.lights)
        self.list.setVisible(bool(scene.lights))
        self.empty.setVisible(not scene.lights)
        shining = sum(1 for light in scene.lights if light.on)
        solo = any(light.solo and light.on for light in scene.lights)
        if solo:
            self.hint.setText("Solo is on: only the starred lights shine.")
        else:
            self.hint.setText(
                f"The viewport shows the first {MOST} lights that shine; Blender renders all."
            )
        self.hint.setVisible(solo or shining > MOST)
        self._enable()
        if self.row != before:
            self.selected.emit(self.row)

    def _on_selected(self, row: int | None) -> None:
        self._enable()
        self.selected.emit(row)

    def _enable(self) -> None:
        row, count = self.list.currentRow(), self.list.count()
        self.copy_button.setEnabled(row >= 0)
        self.remove_button.setEnabled(row >= 0)
        self.up_button.setEnabled(row > 0)
        self.down_button.setEnabled(0 <= row < count - 1)

    def _change(self, text: str, lights: Sequence[Light], row: int | None = None) -> None:
        self.document.change(text, replace(self.document.scene, lights=tuple(lights)))
        if row is not None:
            self.list.choose(row)
            self._on_selected(row)

    def add_light(self, kind: LightKind) -> None:
        lights = self.document.scene.lights
        light = new_light(kind, lights)
        self._change(f"Add {light.name}", [*lights, light], len(lights))

    def duplicate_light(self) -> None:
        lights, row = list(self.document.scene.lights), self.row
        if row is not None:
            name = free_name(lights[row].name, (light.name for light in lights))
            lights.insert(row + 1, replace(lights[row], name=name))
            self._change(f"Duplicate {lights[row].name}", lights, row + 1)

    def remove_light(self, row: int | None) -> None:
        if row is not None:
            lights = list(self.document.scene.lights)
            removed = lights.pop(row)
            self._change(f"Remove {removed.name}", lights)

    def rename_light(self, row: int, name: str) -> None:
        lights = list(self.document.scene.lights)
        others = [light.name for i, light in enumerate(lights) if i != row]
        if name and name != lights[row].name:
            lights[row] = replace(lights[row], name=free_name(name, others))
            self._change(f"Rename light to {lights[row].name}", lights)
        self.list.set_lights(self.document.scene.lights)

    def move_light(self, row: int, to: int) -> None:
        lights = list(self.document.scene.lights)
        moved = lights.pop(row)
        lights.insert(to, moved)
        self._change(f"Move {moved.name}", lights, to)

    def _shift(self, step: int) -> None:
        if self.row is not None:
            self.move_light(self.row, self.row + step)

    def _toggle(self, row: int, what: str) -> None:
        lights = list(self.document.scene.lights)
        light = lights[row]
        if what == "on":
            lights[row] = replace(light, on=not light.on)
            self._change(f"Switch {light.name} {'off' if light.on else 'on'}", lights)
        else:
            lights[row] = replace(light, solo=not light.solo)
            self._change(f"{'Unsolo' if light.solo else 'Solo'} {light.name}", lights)
