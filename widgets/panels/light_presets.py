"""Ready lightings: each replaces lights and environment in one undo step."""

from __future__ import annotations

from app.scene.presets import PRESETS, RANDOM, Preset, preset
from app.scene.scene import Scene
from app.session.document import Document
from widgets.fields.form import Section, Segments
from widgets.fields.glyphs import GlyphButton
from widgets.fields.number_field import NumberField


class PresetSection(Section):
    """A button for each, and chance with its seed; the one that is unchanged is lit."""

    def __init__(self, document: Document) -> None:
        super().__init__("Presets")
        self.document = document
        self.choice = Segments(
            "Lighting", [(name, name.capitalize(), _tip(ready)) for name, ready in PRESETS.items()]
        )
        self.choice.chosen.connect(lambda name: self._apply(PRESETS[str(name)]))
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
        self.add(self.choice)
        self.add_row("Random seed", self.seed, self.dice)
        document.scene_changed.connect(self._on_scene)
        self.show_scene(document.scene)

    def _on_scene(self, before: Scene, after: Scene) -> None:
        if before.lights is not after.lights or before.environment is not after.environment:
            self.show_scene(after)

    def show_scene(self, scene: Scene) -> None:
        lit = (scene.lights, scene.environment)
        same = (name for name, p in PRESETS.items() if (p.lights, p.environment) == lit)
        self.choice.set_key(next(same, None))

    def _apply(self, ready: Preset, gesture: object | None = None) -> None:
        text = f"Lights: {ready.title}"
        self.document.change(text, ready.apply(self.document.scene), gesture)

    def _set_seed(self, seed: float, gesture: object) -> None:
        self._apply(preset(RANDOM, int(seed)), gesture)

    def roll(self) -> None:
        """Light the head by chance, with the next seed."""
        self.seed.set_value(self.seed.value() + 1)
        self._set_seed(self.seed.value(), None)


def _tip(ready: Preset) -> str:
    lamps = ", ".join(light.name.lower() for light in ready.lights)
    return f"{ready.title}: {lamps}; {ready.environment.picture} around."
