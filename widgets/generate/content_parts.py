"""What the pictures of a data set show: motions, expressions, backgrounds, light, effects."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from widgets.fields.form import Segments
from widgets.fields.number_field import NumberField
from widgets.generate.choices import Choices, ChoicesModel
from widgets.generate.fields import Entry, Part, PathField, Switches, choose_folder
from widgets.generate.words import BACKGROUNDS, EFFECTS, EXPRESSIONS, MOTIONS


def _entries(words: Mapping[Any, tuple[str, str]]) -> list[Entry]:
    return [(value, text, tip) for value, (text, tip) in words.items()]


class MovesPart(Part):
    """Motions, the recorded sequences that are replayed, and expressions."""

    def __init__(self, model: ChoicesModel) -> None:
        super().__init__("Motion and expression", model)
        self.motions = Switches(model, "motions", _entries(MOTIONS))
        self.add_tall("Motions", self.motions)
        self.add_fault("motions")
        self.replay = PathField("Recorded sequence", "CSV, or a folder of Biwi's files", _recorded)
        self.replay.edit.setToolTip(
            "A CSV with frame, yaw, pitch, roll in degrees, or a folder of Biwi's ground-truth\n"
            f"text files. Several are separated by {os.pathsep!r}."
        )
        self.replay.edited.connect(self._set_replay)
        self._replay_row = self.add_row("Sequence", self.replay)
        self.add_fault("replay", self.replay.edit)
        self.expressions = Switches(model, "expressions", _entries(EXPRESSIONS))
        self.add_tall("Expressions", self.expressions)
        self.add_fault("expressions")
        self.show_choices(model.choices)

    def _set_replay(self, text: str) -> None:
        paths = tuple(path.strip() for path in text.split(os.pathsep) if path.strip())
        self.model.change_spec(replay=paths)

    def show_choices(self, choices: Choices) -> None:
        self.motions.show_choices(choices)
        self.expressions.show_choices(choices)
        self._replay_row.setVisible("Replay" in choices.spec.motions)
        if not self.replay.edit.hasFocus():
            self.replay.set_path(os.pathsep.join(choices.spec.replay))


class BackgroundPart(Part):
    """Backgrounds, the folder of pictures, and light."""

    def __init__(self, model: ChoicesModel) -> None:
        super().__init__("Background and light", model)
        self.backgrounds = Switches(model, "backgrounds", _entries(BACKGROUNDS))
        self.add_tall("Backgrounds", self.backgrounds)
        self.add_fault("backgrounds")
        self.pictures = PathField(
            "Picture folder", "Choose or drop a folder", choose_folder("Folder of pictures")
        )
        self.pictures.edit.setToolTip("Holds PNG, JPEG, BMP or WebP pictures.")
        self.pictures.edited.connect(lambda path: model.change_spec(pictures=path or None))
        self._pictures_row = self.add_row("Picture folder", self.pictures)
        self.add_fault("pictures", self.pictures.edit)
        self.lighting = Segments(
            "Lighting",
            [
                (
                    "random",
                    "Random",
                    "One to three lamps and an environment, anew in each picture.",
                ),
                ("studio", "Studio", "The studio's key, fill and rim light in every picture."),
            ],
        )
        self.lighting.chosen.connect(lambda kind: model.change_spec(lighting=kind))
        self.add_row("Lighting", self.lighting)
        self.show_choices(model.choices)

    def show_choices(self, choices: Choices) -> None:
        self.backgrounds.show_choices(choices)
        self._pictures_row.setVisible("pictures" in choices.spec.backgrounds)
        self.pictures.set_path(choices.spec.pictures or "")
        self.lighting.set_key(choices.spec.lighting)


class EffectsPart(Part):
    """What happens to finished pictures, and to how many of them."""

    def __init__(self, model: ChoicesModel) -> None:
        super().__init__("Effects", model, expanded=bool(model.choices.spec.effects))
        self.effects = Switches(model, "effects", _entries(EFFECTS))
        self.add_tall("Drawn from", self.effects)
        self.share = NumberField(
            "Share of the pictures",
            default=50.0,
            hard=(0.0, 100.0),
            step=5.0,
            decimals=0,
            unit="%",
            bar=True,
            tip="How many of the pictures get one or more of these; the others stay clean.",
        )
        self.share.edited.connect(lambda value, _: model.change_spec(effect_share=value / 100.0))
        self._share_row = self.add_row("Share", self.share)
        self.add_fault("effects")
        self.show_choices(model.choices)

    def show_choices(self, choices: Choices) -> None:
        self.effects.show_choices(choices)
        count = len(choices.spec.effects)
        self.header.set_title(f"Effects ({count})" if count else "Effects")
        self.share.set_value(choices.spec.effect_share * 100.0)
        self._share_row.setEnabled(bool(choices.spec.effects))


def _recorded(parent: QWidget, before: str) -> str:
    name, _ = QFileDialog.getOpenFileName(
        parent, "Recorded poses", before, "Recorded poses (*.csv *.txt);;All files (*)"
    )
    return name
