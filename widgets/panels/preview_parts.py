"""The parts of the Preview panel: the button with its progress, the picture, the past renders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.blender.protocol import Progress
from app.scene.depth_view import COLOR_MAPS, ColorMap
from app.scene.render_history import Rendering
from app.scene.scene import Pass
from widgets.fields.form import Choice, Hint, Row, Section, Segments
from widgets.fields.glyphs import GlyphButton, icon
from widgets.fields.number_field import NumberField
from widgets.panels.history_strip import THUMBNAIL, HistoryStrip, seconds_text
from widgets.panels.picture_view import PictureView, Scale
from widgets.panels.render_settings import PASSES
from widgets.theme import repolish


class StatusLine(QWidget):
    """One line below the picture: what is going on, or what lies under the cursor."""

    def __init__(self) -> None:
        super().__init__()
        self.said = ""
        self._label = QLabel()
        self._label.setProperty("role", "muted")
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._left = QLabel()
        self._left.setProperty("role", "muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 0, 2, 0)
        layout.addWidget(self._label, 1)
        layout.addWidget(self._left)
        self.setMinimumHeight(self.fontMetrics().height() + 2)

    def text(self) -> str:
        return self._label.text()

    def say(self, text: str, left: str = "") -> None:
        """What is going on, and at the right the time that is left."""
        self.said = text
        self._label.setText(text)
        self._left.setText(left)

    def read_out(self, text: str) -> None:
        """What lies under the cursor; nothing brings back what was said."""
        self._label.setText(text or self.said)


class RenderBar(QWidget):
    """The big button with its progress, and what went wrong."""

    pressed = Signal()
    again = Signal()

    def __init__(self, status: StatusLine) -> None:
        super().__init__()
        self._status = status
        self.button = QPushButton("Render")
        self.button.setObjectName("RenderButton")
        self.button.setProperty("primary", True)
        self.button.setMinimumHeight(self.fontMetrics().height() + 18)
        self.button.clicked.connect(self.pressed)
        self.line = QProgressBar()
        self.line.setRange(0, 1000)
        self.line.setTextVisible(False)
        self.line.setAccessibleName("Progress of the render")
        policy = self.line.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.line.setSizePolicy(policy)
        self.error = Hint()
        self.error.setProperty("role", "error")
        self.retry = QPushButton(icon("reset"), "Try again")
        self.retry.clicked.connect(self.again)
        fault = QHBoxLayout()
        fault.addWidget(self.error, 1)
        fault.addWidget(self.retry, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 0, 2, 0)
        layout.setSpacing(3)
        layout.addWidget(self.button)
        layout.addWidget(self.line)
        layout.addLayout(fault)
        self._done = 0.0
        self._quiet()

    def _quiet(self) -> None:
        self.error.hide()
        self.retry.hide()

    def start(self) -> None:
        self._quiet()
        self._done = 0.0
        self._be("Cancel", "Stop this render; the last picture stays. (F12)", primary=False)
        self.line.setRange(0, 0)
        self.line.show()
        self.say("Starting…")

    def stop(self, able: bool) -> None:
        self._quiet()
        self._be(
            "Render",
            "Let Blender make a picture of the camera's view. (F12)",
            primary=True,
        )
        self.button.setEnabled(able)
        self.line.hide()
        self.say("")

    def _be(self, text: str, tip: str, *, primary: bool) -> None:
        self.button.setText(text)
        self.button.setToolTip(tip)
        repolish(self.button, "primary", primary)

    def say(self, text: str) -> None:
        self._status.say(text)

    def progress(self, progress: Progress) -> None:
        """Show what is done; the bar never goes back."""
        if progress.fraction is not None:
            self._done = max(self._done, progress.fraction)
        self.line.setRange(0, 1000 if self._done else 0)
        self.line.setValue(round(self._done * 1000))
        left = progress.seconds_left
        rest = "" if left is None else f"{seconds_text(max(left, 0.0))} left"
        self._status.say(progress.text, rest)

    def fail(self, text: str, *, again: bool) -> None:
        """One clear line, and a way to try again where that may help."""
        self.say("")
        self.error.setText(text)
        self.error.show()
        self.retry.setVisible(again)


class PictureSection(QWidget):
    """The picture with its passes, zoom, wipe, read-out, and where it can go."""

    pass_chosen = Signal(object)
    map_chosen = Signal(object)
    comparison_changed = Signal()
    save_wanted = Signal()
    copy_wanted = Signal()
    blend_wanted = Signal()

    def __init__(self, status: StatusLine) -> None:
        super().__init__()
        self.view = PictureView()
        self.passes = Segments("Pass", [(name, *words) for name, words in PASSES.items()])
        self.passes.chosen.connect(self.pass_chosen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.passes)
        layout.addWidget(self.view, 1)
        layout.addWidget(status)
        layout.addWidget(self._tools())
        layout.addWidget(self._map_row())
        layout.addWidget(self._split_row())
        self.view.zoomed.connect(self._show_zoom)
        self.show_picture(None, "color", (), None)

    def _tools(self) -> QWidget:
        fit = GlyphButton("fit", "Fit the picture (0)")
        fit.clicked.connect(self.view.fit)
        actual = QToolButton()
        actual.setText("1:1")
        actual.setToolTip("One pixel of the picture on one of the screen (1)")
        actual.setAccessibleName("Actual size")
        actual.clicked.connect(self.view.actual_size)
        self._zoom = QLabel()
        self._zoom.setProperty("role", "muted")
        self.compare = GlyphButton(
            "compare",
            "Compare: lay the picture over the viewport, with a split.\n"
            "Look through the camera for the two to match.",
            checked="compare",
        )
        self.compare.toggled.connect(self._compare)
        self.copy = GlyphButton("copy", "Copy the picture")
        self.copy.clicked.connect(self.copy_wanted)
        self.save = GlyphButton("save", "Save the picture: PNG, JPEG or OpenEXR")
        self.save.clicked.connect(self.save_wanted)
        self.blend = QToolButton()
        self.blend.setText("Blender…")
        self.blend.setToolTip("Write the scene as a .blend and open it in Blender.")
        self.blend.setAccessibleName("Open in Blender")
        self.blend.clicked.connect(self.blend_wanted)
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for widget in (fit, actual, self._zoom):
            layout.addWidget(widget)
        layout.addStretch(1)
        for widget in (self.compare, self.copy, self.save, self.blend):
            layout.addWidget(widget)
        return row

    def _show_zoom(self, zoom: float) -> None:
        self._zoom.setText(f"{zoom:.0%}" if self.view.has_picture else "")

    def _map_row(self) -> Row:
        self._map = Choice("Colours of the depth")
        for name in COLOR_MAPS:
            self._map.addItem(name.capitalize(), name)
        self._map.setToolTip("Colours of the depth; near is bright. The range is that of the head.")
        self._map.activated.connect(lambda _row: self.map_chosen.emit(self.color_map))
        self._map_line = Row("Depth colours", self._map)
        return self._map_line

    def _split_row(self) -> Row:
        self._split = NumberField(
            "Split",
            default=50.0,
            hard=(0.0, 100.0),
            soft=(0.0, 100.0),
            step=1.0,
            snap=10.0,
            decimals=0,
            unit="%",
            bar=True,
            tip="Where the picture ends and the viewport begins.",
        )
        self._split.edited.connect(lambda _value, _gesture: self.comparison_changed.emit())
        self._split_line = Row("Split", self._split)
        self._split_line.hide()
        return self._split_line

    @property
    def tools_height(self) -> int:
        """What the section takes beside the picture."""
        return self.sizeHint().height() - self.view.sizeHint().height()

    @property
    def color_map(self) -> ColorMap:
        return cast(ColorMap, self._map.currentData())

    @property
    def comparing(self) -> bool:
        return self.compare.isChecked()

    @property
    def split(self) -> float:
        """0 to 1 of the viewport's width."""
        return self._split.value() / 100.0

    def set_split(self, split: float) -> None:
        """Show where the viewport's own handle was dragged to."""
        self._split.set_value(split * 100.0)

    def _compare(self, on: bool) -> None:
        self._split_line.setVisible(on)
        self.comparison_changed.emit()

    def set_able(self, head: bool, picture: bool) -> None:
        """Offer only what can be done now."""
        self.blend.setEnabled(head)
        for button in (self.copy, self.save, self.compare):
            button.setEnabled(picture)

    def show_picture(
        self, image: QImage | None, shown: Pass, passes: Sequence[Pass], scale: Scale | None
    ) -> None:
        self.view.set_picture(image, scale)
        for name in PASSES:
            self.passes.button(name).setEnabled(name in passes)
        self.passes.set_key(shown if image is not None else None)
        self._map_line.setVisible(image is not None and shown == "depth")
        if image is None:
            self._zoom.setText("")


class HistorySection(Section):
    """The renders of this session."""

    chosen = Signal(object)
    restored = Signal(object)
    removed = Signal(object)

    def __init__(self) -> None:
        super().__init__("Renders")
        self.restore_button = GlyphButton("reset", "Restore the scene of the chosen render")
        self.remove_button = GlyphButton("trash", "Delete the chosen render (Del)")
        for button, signal in (
            (self.restore_button, self.restored),
            (self.remove_button, self.removed),
        ):
            button.clicked.connect(lambda _=False, signal=signal: self._emit(signal))
            self.header.add(button)
        self.strip = HistoryStrip()
        self.strip.chosen.connect(self.chosen)
        self.strip.restored.connect(self.restored)
        self.strip.removed.connect(self.removed)
        self.strip.itemSelectionChanged.connect(self._enable)
        self.empty = Hint("Finished renders are kept here with their scenes until you close.")
        self.add(self.strip)
        self.add(self.empty)
        self.set_renderings((), None)

    def set_renderings(self, renderings: Sequence[Rendering], current: Rendering | None) -> None:
        self.strip.set_renderings(renderings, current)
        self.strip.setVisible(bool(renderings))
        self.empty.setVisible(not renderings)
        self.header.set_title(f"Renders ({len(renderings)})" if renderings else "Renders")
        self._enable()

    def deselect(self) -> None:
        self.strip.setCurrentRow(-1)

    def thumbnail(self, rendering: Rendering) -> QImage:
        """A small picture; called away from the window's thread."""
        path = rendering.files.get("color") or rendering.files.get("segmentation")
        if path is None:
            return QImage(THUMBNAIL, QImage.Format.Format_RGB32)
        reader = QImageReader(str(path))
        ratio = 2
        size = reader.size().scaled(THUMBNAIL * ratio, Qt.AspectRatioMode.KeepAspectRatio)
        reader.setScaledSize(size if size.isValid() else QSize(THUMBNAIL))
        image = reader.read()
        image.setDevicePixelRatio(ratio)
        return image

    def _enable(self) -> None:
        able = self.strip.current is not None
        self.restore_button.setEnabled(able)
        self.remove_button.setEnabled(able)

    def _emit(self, signal: object) -> None:
        if self.strip.current is not None:
            signal.emit(self.strip.current)  # type: ignore[attr-defined]
