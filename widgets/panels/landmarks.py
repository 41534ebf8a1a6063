"""Landmarks: which are shown, where they come from, and the one that is chosen."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton

from widgets.fields.form import Hint, Panel, Section, Toggle, side_by_side
from widgets.landmark_keeper import LandmarkKeeper
from widgets.viewport.mark_layer import EXTRAS, SETS, MarkLayer, point_name

TIPS: Final = {
    "ibug-68": "The points of the iBUG and 300-W sets, in their order.",
    "dense-520": "520 points over the whole face, made by triangulation from the outline.",
    "ibug-68-outline": "Points 0 to 16 where the visible edge of the face runs in this view.",
    "hidden": "Points behind the head, hair or cloth, as hollow rings.",
    "lines": "Along jaw, brows, nose, eyes and lips.",
}


class LandmarksPanel(Panel):
    """Shows the state of a `MarkLayer` and of its `LandmarkKeeper`.

    Parameters
    ----------
    show : QAction
        The switch that shows landmarks in every mode.
    """

    message = Signal(str, str)

    def __init__(self, layer: MarkLayer, keeper: LandmarkKeeper, show: QAction) -> None:
        super().__init__()
        self._layer, self._keeper = layer, keeper
        shown = Section("Shown")
        self.on = Toggle("Show landmarks", show.statusTip())
        self.on.setChecked(show.isChecked())
        self.on.edited.connect(show.setChecked)
        show.toggled.connect(self.on.setChecked)
        shown.add(self.on)
        self.switches: dict[str, Toggle] = {}
        for name, text in (SETS | EXTRAS).items():
            switch = self.switches[name] = Toggle(text, TIPS[name])
            switch.setChecked(layer.shows(name))
            switch.edited.connect(lambda on, name=name: layer.show(name, on))
        rows = list(self.switches.values())
        for left in range(0, len(rows), 2):
            shown.add(side_by_side(*rows[left : left + 2]))
        layer.shown_changed.connect(self._show_switches)
        self.add(shown)
        origin = Section("Placement")
        self.origin = Hint()
        origin.add(self.origin)
        self.add(origin)
        self.point_section = Section("Point")
        self.point = Hint("Choose a point in Landmarks mode (L).")
        self.point_section.add(self.point)
        self.reset_point = QPushButton("Reset point")
        self.reset_point.setToolTip("Put the chosen point back to where it was found")
        self.reset_point.clicked.connect(lambda: keeper.reset(layer.selected))
        self.reset_all = QPushButton("Reset all")
        self.reset_all.setToolTip("Put all points back to where they were found")
        self.reset_all.clicked.connect(lambda: keeper.reset())
        self.point_section.add(side_by_side(self.reset_point, self.reset_all))
        self.add(self.point_section)
        keeper.changed.connect(self.refresh)
        layer.selected_changed.connect(lambda _: self.refresh())
        self.refresh()

    def refresh(self) -> None:
        self.origin.setText(self._keeper.text)
        self.show_point()
        self.reset_point.setEnabled(self._layer.selected in self._layer.corrected)
        self.reset_all.setEnabled(bool(self._layer.corrected))

    def show_point(self) -> None:
        """The chosen point as it is in the picture on screen."""
        words = self._words()
        if words != self.point.text():
            self.point.setText(words)

    def _words(self) -> str:
        mark = self._layer.selected
        if mark is None:
            return "Choose a point in Landmarks mode (L)."
        name, index = mark
        place = self._layer.world(mark)
        lines = [f"{SETS.get(name, name)}, number {index}"]
        if own := point_name(name, index):
            lines.insert(0, own.capitalize())
        if place is not None:
            x, y, z = (1000.0 * float(v) for v in place)
            lines.append(f"{x:+.1f}, {y:+.1f}, {z:+.1f} mm in the world")
        return "\n".join(lines)

    def _show_switches(self) -> None:
        for name, switch in self.switches.items():
            switch.setChecked(self._layer.shows(name))
