"""The five expressions with their strength."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from app.head.asset import HeadAsset
from app.scene.expressions import EXPRESSIONS, expression_shapes
from app.scene.scene import Scene
from app.session.document import Document
from widgets.fields.form import Hint, Segments
from widgets.fields.number_field import NumberField
from widgets.panels.scene_section import SceneSection

NEUTRAL: Final = "neutral"
_EXACT: Final = 1e-3


def expression_weights(asset: HeadAsset | None) -> dict[str, dict[str, float]]:
    """The expressions that a head can make, at full strength; neutral is among them."""
    if asset is None:
        return {}
    found = {name: expression_shapes(name, asset.shape_names) for name in EXPRESSIONS}
    return {name: weights for name, weights in found.items() if weights or name == NEUTRAL}


def recognise(
    shapes: dict[str, float], expressions: dict[str, dict[str, float]]
) -> tuple[str, float] | None:
    """Which expression the weights are, and how strong; None where they are something else."""
    on = {name: weight for name, weight in shapes.items() if weight}
    if not on:
        return NEUTRAL, 0.0
    for name, weights in expressions.items():
        if on.keys() == weights.keys():
            strength = sum(on.values()) / sum(weights.values())
            if all(abs(on[n] - w * strength) < _EXACT for n, w in weights.items()):
                return name, strength
    return None


class ExpressionSection(SceneSection):
    """Choosing one sets all shapes; which one is on is read from the shapes themselves."""

    def __init__(self, document: Document) -> None:
        super().__init__("Expression", document, lambda scene: scene.pose.shapes)
        self._weights: dict[str, dict[str, float]] = {}
        self.choice = Segments(
            "Expression",
            [(name, name.capitalize(), f"All shapes as for {name}.") for name in EXPRESSIONS],
        )
        self.choice.chosen.connect(self._choose)
        self.strength = NumberField(
            "Strength",
            default=100.0,
            hard=(0.0, 100.0),
            soft=(0.0, 100.0),
            step=1.0,
            snap=10.0,
            decimals=0,
            unit="%",
            bar=True,
            tip="How strong the expression is. 100 % is a clear, not an extreme one.",
        )
        self.strength.set_value(100.0)
        self.strength.edited.connect(self._set_strength)
        self.hint = Hint()
        self.add(self.choice)
        self.row = self.add_row("Strength", self.strength)
        self.add(self.hint)

    def set_asset(self, asset: HeadAsset | None) -> None:
        self._weights = expression_weights(asset)
        able = len(self._weights) > 1
        self.choice.setVisible(able)
        self.row.setVisible(able)
        self.hint.setVisible(not able)
        self.hint.setText(
            "Open a head to give it an expression."
            if asset is None
            else "The shapes of this head make none of the five expressions."
        )
        for name in EXPRESSIONS:
            self.choice.button(name).setEnabled(name in self._weights)
        self.show_scene(self.document.scene)

    def show_scene(self, scene: Scene) -> None:
        found = recognise(scene.pose.shapes, self._weights)
        self.choice.set_key(None if found is None else found[0])
        if found is not None and found[0] != NEUTRAL:
            self.strength.set_value(found[1] * 100.0)

    def _choose(self, name: object) -> None:
        strength = self.strength.value() / 100.0 or 1.0
        self._set(str(name), strength, f"Expression {name}", None)

    def _set_strength(self, value: float, gesture: object) -> None:
        found = recognise(self.document.scene.pose.shapes, self._weights)
        if found is not None and found[0] != NEUTRAL:
            # Of an expression at strength 0 nothing is left to be recognised.
            self._set(found[0], max(value / 100.0, 0.005), "Expression strength", gesture)

    def _set(self, name: str, strength: float, text: str, gesture: object | None) -> None:
        scene = self.document.scene
        shapes = {n: round(w * strength, 5) for n, w in self._weights[name].items()}
        pose = replace(scene.pose, shapes=shapes)
        self.document.change(text, replace(scene, pose=pose), gesture)
