"""Ready lightings: each replaces lights and environment in one undo step."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton

from app.scene.presets import PRESETS, RANDOM, Preset, preset
from app.session.document import Document
from widgets.fields.form import Section, side_by_side
from widgets.fields.glyphs import GlyphButton
from widgets.fields.number_field import NumberField


class PresetSection(Section):
    """A button for each, and chance with its seed."""

    def __init__(self, document: Document) -> None:
        super().__init__("Presets")
        self.document = document
        self.buttons: dict[str, QPushButton] = {}
        for name, ready in PRESETS.items():
            button = self.buttons[name] = QPushButton(name.capitalize())
            button.setObjectName("PresetButton")
            lamps = ", ".join(light.name.lower() for light in ready.lights)
            button.setToolTip(f"{ready.title}: {lamps}; {ready.environment.picture} around.")
            button.clicked.connect(lambda _=False, ready=ready: self._apply(ready))
        self.seed = NumberField(
            "Seed of the random lighting",
            hard=(0.0, 2.0**31 - 1),
            step=1.0,
            decimals=0,
            tip="The same seed gives the same lighting. A new number applies it.",
        )
        self.seed.edited.connect(self._set_seed)
        self.dice = GlyphButton("dice", "Random lighting of the next seed")
        self.dice.clicked.connect(lambda: self.roll())
        self.add(side_by_side(*self.buttons.values()))
        self.add_row("Random, seed", self.seed, self.dice)

    def _apply(self, ready: Preset, gesture: object | None = None) -> None:
        text = f"Lights: {ready.title}"
        self.document.change(text, ready.apply(self.document.scene), gesture)

    def _set_seed(self, seed: float, gesture: object) -> None:
        self._apply(preset(RANDOM, int(seed)), gesture)

    def roll(self) -> None:
        """Light the head by chance, with the next seed."""
        self.seed.set_value(self.seed.value() + 1)
        self._set_seed(self.seed.value(), None)
