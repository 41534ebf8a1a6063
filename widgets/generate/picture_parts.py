"""How the pictures of a data set are made: renderer, size, lens, and on how many workers."""

from __future__ import annotations

import os
import random

from PySide6.QtWidgets import QLineEdit

from widgets.fields.form import Choice, Segments
from widgets.fields.glyphs import GlyphButton
from widgets.fields.number_field import NumberField
from widgets.generate.choices import Choices, ChoicesModel
from widgets.generate.fields import Part
from widgets.generate.words import SIZES

_OWN = "Own size"


class PicturePart(Part):
    """Renderer, samples, size, field of view and distance."""

    def __init__(self, model: ChoicesModel) -> None:
        super().__init__("Picture", model)
        spec = model.change_spec
        self.renderer = Segments(
            "Renderer",
            [
                ("raster", "Raster", "OpenGL: many pictures a second, for volume."),
                ("cycles", "Cycles", "Blender's path tracing: seconds a picture, for realism."),
            ],
        )
        self.renderer.chosen.connect(lambda kind: spec(renderer=kind))
        self.add_row("Renderer", self.renderer)
        self.samples = NumberField(
            "Samples",
            default=32.0,
            hard=(1.0, 4096.0),
            soft=(1.0, 512.0),
            step=1.0,
            snap=16.0,
            decimals=0,
            tip="Light paths per pixel, denoised: 32 are enough for most.",
        )
        self.samples.edited.connect(lambda value, _: spec(samples=int(value)))
        self._samples_row = self.add_row("Samples", self.samples)
        self.preset = Choice("Size of the pictures")
        for width, height in SIZES:
            self.preset.addItem(f"{width} × {height}", (width, height))
        self.preset.addItem(_OWN, None)
        self.preset.activated.connect(self._take_preset)
        self.add_row("Size", self.preset)
        self.width_ = _pixels("Width")
        self.height_ = _pixels("Height")
        self.width_.edited.connect(lambda value, _: spec(width=int(value)))
        self.height_.edited.connect(lambda value, _: spec(height=int(value)))
        self.add_block(["Width", "Height"], [self.width_, self.height_])
        self.add_fault("size", self.width_, self.height_)
        self.field_of_view = NumberField(
            "Field of view",
            default=60.0,
            hard=(5.0, 120.0),
            step=1.0,
            decimals=1,
            unit="°",
            tip="Of the lens, across the width of the picture.",
        )
        self.field_of_view.edited.connect(lambda value, _: spec(field_of_view=value))
        self.nearest, self.farthest = (
            NumberField(
                f"{name} distance",
                default=0.30,
                hard=(0.10, 10.0),
                soft=(0.15, 2.0),
                step=0.01,
                decimals=2,
                unit="m",
                tip="From the camera to the centre of the head, drawn anew in each picture\n"
                "between nearest and farthest, for the motions that leave it free.",
            )
            for name in ("Nearest", "Farthest")
        )
        self.nearest.edited.connect(lambda value, _: self._set_distance(0, value))
        self.farthest.edited.connect(lambda value, _: self._set_distance(1, value))
        self.add_block(
            ["Field of view", "Nearest", "Farthest"],
            [self.field_of_view, self.nearest, self.farthest],
        )
        self.add_fault("distance", self.nearest, self.farthest)
        self.show_choices(model.choices)

    def _take_preset(self, row: int) -> None:
        size = self.preset.itemData(row)
        if size is None:
            self.width_.setFocus()
        else:
            self.model.change_spec(width=size[0], height=size[1])

    def _set_distance(self, end: int, metres: float) -> None:
        distance = list(self.model.choices.spec.distance)
        distance[end] = metres
        self.model.change_spec(distance=tuple(distance))

    def show_choices(self, choices: Choices) -> None:
        spec = choices.spec
        self.renderer.set_key(spec.renderer)
        self._samples_row.setVisible(spec.renderer == "cycles")
        self.samples.set_value(spec.samples)
        self.width_.set_value(spec.width)
        self.height_.set_value(spec.height)
        row = SIZES.index((spec.width, spec.height)) if (spec.width, spec.height) in SIZES else -1
        self.preset.setCurrentIndex(row if row >= 0 else self.preset.count() - 1)
        self.field_of_view.set_value(spec.field_of_view)
        self.nearest.set_value(spec.distance[0])
        self.farthest.set_value(spec.distance[1])


class RunPart(Part):
    """Seed and workers: what the pictures do not depend on but how soon they are there."""

    def __init__(self, model: ChoicesModel) -> None:
        super().__init__("Run", model)
        self.seed = NumberField(
            "Seed",
            hard=(0.0, 2.0**31 - 1),
            step=1.0,
            decimals=0,
            tip="The same seed and settings give the same data set, whatever the workers.",
        )
        self.seed.edited.connect(lambda value, _: model.change_spec(seed=int(value)))
        self.dice = GlyphButton("dice", "Another seed")
        self.dice.clicked.connect(lambda: model.change_spec(seed=random.randrange(2**31)))
        self.add_row("Seed", self.seed, self.dice)
        self.workers = Choice("Workers")
        cores = os.cpu_count() or 1
        self.workers.addItem(f"Automatic ({cores} cores)", 0)
        for count in sorted({1, 2, 3, 4, 6, 8, 12, 16, 24, 32, cores}):
            if count <= max(cores, 1):
                self.workers.addItem(f"{count}", count)
        self.workers.setToolTip("Processes that make pictures at the same time, one thread each.")
        self.workers.activated.connect(
            lambda row: model.change(workers=int(self.workers.itemData(row)))
        )
        self._workers_row = self.add_row("Workers", self.workers)
        self.scheduler = QLineEdit(placeholderText="This machine")
        self.scheduler.setAccessibleName("Address of a Dask scheduler")
        self.scheduler.setToolTip(
            "Empty for this machine; tcp://host:8786 for the workers of a Dask scheduler,\n"
            "which must see the output folder and the heads under the same paths."
        )
        self.scheduler.textEdited.connect(lambda text: model.change(scheduler=text.strip()))
        self.add_row("Scheduler", self.scheduler)
        self.add_fault("scheduler", self.scheduler)
        self.show_choices(model.choices)

    def show_choices(self, choices: Choices) -> None:
        self.seed.set_value(choices.spec.seed)
        row = self.workers.findData(choices.workers)
        self.workers.setCurrentIndex(max(0, row))
        self._workers_row.setEnabled(not choices.scheduler)
        if self.scheduler.text().strip() != choices.scheduler:
            self.scheduler.setText(choices.scheduler)


def _pixels(label: str) -> NumberField:
    return NumberField(
        label,
        default=640.0 if label == "Width" else 480.0,
        hard=(64.0, 4096.0),
        soft=(64.0, 2048.0),
        step=1.0,
        snap=16.0,
        decimals=0,
        unit="px",
        tip="64 to 4096 pixels.",
    )
