"""The panel Overlays: what is drawn over the live picture, how strongly, and of which values."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from widgets.fields.form import Choice, Hint, Panel, Section, Segments, Toggle
from widgets.fields.number_field import NumberField
from widgets.live.face_marks import SURE, UNSURE, grades
from widgets.live.legends import Legend
from widgets.live.overlays import COLOR_MAPS, Overlays
from widgets.live.signs import scale_marks

if TYPE_CHECKING:
    from inference.live.outcome import LiveResult

LAYERS: Final = {
    "points_68": ("68 points", "The points of iBUG with the visible outline"),
    "contours_68": ("Contours", "Lines through the 68 points"),
    "indices_68": ("Numbers", "Numbers of the 68 points, from 0"),
    "points_520": ("520 points", "The dense points, where the model gives them"),
    "mesh_520": ("Mesh", "Edges between the dense points"),
    "axes": ("Axes", "Pitch turns about red, yaw about blue, roll about green"),
    "cube": ("Cube", "A cube about the head; its front is filled"),
    "box": ("Box", "Corners of the box about the face"),
    "number": ("Number", "By which the face is followed"),
    "depth": ("Over the face", "Depth in colours over the face, where a depth network is at work"),
}
SECTIONS: Final = {
    "Landmarks": ("points_68", "contours_68", "indices_68", "points_520", "mesh_520"),
    "Pose": ("axes", "cube"),
    "Face": ("box", "number"),
}
OPACITY_WIDTH: Final = 92
LOOK_AGAIN: Final = 0.5
"""Seconds after which a result is looked at for what it lacks."""

NO_SIGMA: Final = "This model does not tell how sure it is."
NO_DEPTH: Final = "No depth network is at work: choose one in Models."
NO_DENSE: Final = "This model gives the 68 points alone."


class OverlayPanel(Panel):
    """Shows and changes `Overlays`.

    Signals
    -------
    overlays_changed : Overlays
        By the user.
    strength_changed : float
        Of the filter, 0 to 1, by the user.
    """

    overlays_changed = Signal(object)
    strength_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._overlays = Overlays()
        self._looked = 0.0
        self.toggles: dict[str, Toggle] = {}
        self.opacities: dict[str, NumberField] = {}
        self._add_values()
        for title, names in SECTIONS.items():
            part = Section(title)
            for name in names:
                part.add(self._layer(name))
            if title == "Landmarks":
                self.no_dense = self._hint(part, NO_DENSE)
            self.add(part)
        self._add_sigma()
        self._add_depth()
        self._show()

    @property
    def overlays(self) -> Overlays:
        return self._overlays

    def set_overlays(self, overlays: Overlays) -> None:
        """Show others; nobody is told."""
        if overlays != self._overlays:
            self._overlays = overlays
            self._show()

    def set_strength(self, strength: float) -> None:
        """Show another strength of the filter; nobody is told."""
        self.strength.set_value(strength)

    def show_result(self, result: LiveResult) -> None:
        """Say what is asked for and not there in what the models give."""
        now = time.monotonic()
        if now - self._looked < LOOK_AGAIN or not self.isVisible():
            return
        self._looked = now
        faces = [face for face in result.faces if face.seen]
        self.compared.setEnabled(any(face.second_raw is not None for face in faces))
        if not faces:
            return
        given, shown = [face.raw for face in faces], self._overlays
        dense = shown.points_520.shown or shown.mesh_520.shown
        self.no_dense.setVisible(dense and all(f.landmarks_520 is None for f in given))
        self.no_sigma.setVisible(
            shown.sigma.shown and all(f.sigma_520 is None and f.sigma_68 is None for f in given)
        )
        self.no_depth.setVisible(shown.depth.shown and all(f.depth is None for f in faces))

    # Parts

    def _add_values(self) -> None:
        part = Section("Values")
        self.values = Segments(
            "Values",
            (
                (False, "Filtered", "Made steady"),
                (True, "Raw", "As the network gives them"),
            ),
        )
        self.values.chosen.connect(lambda raw: self._change(raw=raw))
        part.add_row("Values", self.values)
        self.strength = NumberField(
            "Strength of the filter",
            default=0.5,
            hard=(0.0, 1.0),
            step=0.05,
            decimals=2,
            bar=True,
            tip="More is steadier and follows a little later.",
        )
        self.strength.edited.connect(lambda value, _: self.strength_changed.emit(value))
        part.add_row("Steadiness", self.strength)
        self.compared = Segments(
            "Models",
            (
                ("a", "A", "The first model"),
                ("b", "B", "The second model"),
                ("both", "Both", "One over the other, the second in orange"),
            ),
        )
        self.compared.chosen.connect(lambda sides: self._change(side_by_side=sides))
        self.compared.setEnabled(False)
        part.add_row("Models", self.compared)
        self.add(part)

    def _add_sigma(self) -> None:
        part = Section("Uncertainty")
        self.sigma = Segments(
            "Uncertainty",
            (
                ("off", "Off", "Draw nothing of it"),
                ("colour", "Colour", "By the colour of the points"),
                ("ellipse", "Size", "Discs of two deviations about the points"),
            ),
        )
        self.sigma.chosen.connect(
            lambda form: self._change(sigma=replace(self._overlays.sigma, form=form))
        )
        part.add_row("Show as", self.sigma)
        part.add_row("Opacity", self._opacity("sigma", "Opacity of the uncertainty"))
        self.sigma_legend = Legend("Deviation of a point")
        middle = (SURE * UNSURE) ** 0.5
        self.sigma_legend.show_scale(
            grades(),
            [
                (0.0, f"{100 * SURE:g} % of the face"),
                (0.5, f"{100 * middle:.1f} %"),
                (1.0, f"{100 * UNSURE:g} %"),
            ],
        )
        part.add_row("σ", self.sigma_legend)
        self.no_sigma = self._hint(part, NO_SIGMA)
        self.add(part)

    def _add_depth(self) -> None:
        part = Section("Depth")
        part.add(self._layer("depth"))
        self.colormap = Choice("Colours of depth")
        for name in COLOR_MAPS:
            self.colormap.addItem(name.capitalize(), name)
        self.colormap.activated.connect(
            lambda _: self._change_depth(colormap=self.colormap.currentData())
        )
        part.add_row("Colours", self.colormap)
        self.near = self._reach("Nearest", -self._overlays.depth.near)
        self.far = self._reach("Furthest", -self._overlays.depth.far)
        self.near.edited.connect(
            lambda value, _: self._change_depth(near=-max(value, -self._overlays.depth.far + 1.0))
        )
        self.far.edited.connect(
            lambda value, _: self._change_depth(far=-min(value, -self._overlays.depth.near - 1.0))
        )
        part.add_block(("Nearest", "Furthest"), (self.near, self.far))
        self.depth_legend = Legend("Millimetres before the head centre")
        part.add_row("mm", self.depth_legend)
        self.no_depth = self._hint(part, NO_DEPTH)
        self.add(part)

    def _layer(self, name: str) -> QWidget:
        """A switch with its opacity beside it."""
        words, tip = LAYERS[name]
        toggle = self.toggles[name] = Toggle(words, tip)
        toggle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        toggle.edited.connect(lambda on: self._tell(self._overlays.with_shown(name, on)))
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(8, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(toggle, 1)
        field = self._opacity(name, f"Opacity: {words.lower()}")
        field.setFixedWidth(OPACITY_WIDTH)
        layout.addWidget(field)
        return row

    def _opacity(self, name: str, label: str) -> NumberField:
        field = self.opacities[name] = NumberField(
            label, default=100.0, hard=(0.0, 100.0), step=5.0, decimals=0, unit="%", bar=True
        )
        field.setToolTip("Opacity")
        field.edited.connect(
            lambda value, _: self._tell(self._overlays.with_opacity(name, value / 100.0))
        )
        return field

    def _reach(self, label: str, value: float) -> NumberField:
        return NumberField(
            f"{label} depth",
            default=value,
            hard=(-1000.0, 1000.0),
            soft=(-200.0, 200.0),
            step=5.0,
            decimals=0,
            unit="mm",
            tip="Before the head centre; behind it negative.",
        )

    def _hint(self, part: Section, text: str) -> Hint:
        hint = Hint(text)
        hint.hide()
        part.add(hint)
        return hint

    # Changes

    def _change(self, **changes: Any) -> None:
        self._tell(replace(self._overlays, **changes))

    def _change_depth(self, **changes: Any) -> None:
        self._change(depth=replace(self._overlays.depth, **changes))

    def _tell(self, overlays: Overlays) -> None:
        changed = overlays != self._overlays
        self._overlays = overlays
        self._show()
        if changed:
            self.overlays_changed.emit(overlays)

    def _show(self) -> None:
        overlays = self._overlays
        for name, toggle in self.toggles.items():
            with QSignalBlocker(toggle):
                toggle.setChecked(overlays.shows(name))
        for name, field in self.opacities.items():
            field.set_value(round(100.0 * overlays.opacity(name)))
            field.setEnabled(overlays.shows(name))
        self.values.set_key(overlays.raw)
        self.strength.setEnabled(not overlays.raw)
        self.compared.set_key(overlays.side_by_side)
        self.sigma.set_key(overlays.sigma.form)
        self.sigma_legend.setEnabled(overlays.sigma.shown)
        depth = overlays.depth
        self.colormap.setCurrentIndex(COLOR_MAPS.index(depth.colormap))
        self.near.set_value(-depth.near)
        self.far.set_value(-depth.far)
        for widget in (self.colormap, self.near, self.far, self.depth_legend):
            widget.setEnabled(depth.shown)
        self.depth_legend.show_scale(_colors(depth.colormap), scale_marks(depth))
        if not overlays.sigma.shown:
            self.no_sigma.hide()
        if not depth.shown:
            self.no_depth.hide()
        if not (overlays.points_520.shown or overlays.mesh_520.shown):
            self.no_dense.hide()


def _colors(name: Any) -> list[QColor]:
    from widgets.live.depth_colors import color_table

    return [QColor(*rgb) for rgb in color_table(name)[::8].tolist()]
