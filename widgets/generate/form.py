"""All choices of a data set, one below the other."""

from __future__ import annotations

from collections.abc import Callable

from widgets.fields.form import Panel
from widgets.generate.choices import ChoicesModel
from widgets.generate.content_parts import BackgroundPart, EffectsPart, MovesPart
from widgets.generate.fields import Part
from widgets.generate.output_part import OutputPart
from widgets.generate.picture_parts import PicturePart, RunPart
from widgets.generate.subjects_part import SubjectsPart
from widgets.generate.survey import Survey

WIDTH = 400


class GenerateForm(Panel):
    """Sections in the order in which people think of them; faults stand at their fields."""

    def __init__(self, model: ChoicesModel, open_head: Callable[[], str]) -> None:
        super().__init__()
        self.setFixedWidth(WIDTH)
        self.setAccessibleName("Choices of the data set")
        self.output = OutputPart(model)
        self.subjects = SubjectsPart(model, open_head)
        self.moves = MovesPart(model)
        self.backgrounds = BackgroundPart(model)
        self.effects = EffectsPart(model)
        self.picture = PicturePart(model)
        self.run = RunPart(model)
        self.parts: tuple[Part, ...] = (
            self.output,
            self.subjects,
            self.moves,
            self.backgrounds,
            self.effects,
            self.picture,
            self.run,
        )
        for part in self.parts:
            self.add(part)

    def show_survey(self, found: Survey) -> None:
        """Mark what is wrong; a folder that was never touched is no mistake yet."""
        faults = dict(found.faults)
        if not found.choices.output and not self.output.folder.edit.isModified():
            faults.pop("output", None)
        for part in self.parts:
            part.show_faults(faults)
        self.output.show_space(found.free)
        there = found.unfinished
        self.output.show_unfinished(there.text if there else "", bool(there and there.loadable))
