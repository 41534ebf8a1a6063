"""The panel Hands: whether each hand is on the wheel, since when, and where the wheel is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from widgets.fields.form import Hint, Panel, Section, Toggle, side_by_side
from widgets.fields.glyphs import icon
from widgets.fields.number_field import NumberField
from widgets.live.hands_marks import STATES, warning
from widgets.live.hands_strip import HandsStrip
from widgets.live.overlays import Overlays
from widgets.theme import color

if TYPE_CHECKING:
    from inference.hands_state import HandNow
    from inference.live.hands import LiveHands
    from inference.live.outcome import LiveResult
    from widgets.live.desk import LiveDesk

NO_MODEL: Final = (
    "No model of hands is here yet. Drop its ONNX file on the window with its card beside it, or "
    "train one: main.py train hands, then main.py export hands."
)
NO_SOURCE: Final = "Open a camera in a car, or a video of a driver, to watch hands on the wheel."
NO_WHEEL: Final = (
    "No steering wheel is seen. Draw a box around its rim: it is remembered for this source."
)
UNWATCHED: Final = "Hands are not watched. Switch it on below."
OPENING: Final = "The model of hands is being opened …"
DRAWN: Final = "As you drew it for this source"
PROPOSED: Final = "Found in the picture"


class HandsPanel(Panel):
    """Signals
    -------
    draw_asked
        The user wants to draw the wheel's region.
    overlays_changed : Overlays
    """

    draw_asked = Signal()
    overlays_changed = Signal(object)

    def __init__(self, desk: LiveDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk, self.hands = desk, desk.hands
        self._overlays = Overlays()
        self._last: LiveHands | None = None
        self._fill_states()
        self._fill_wheel()
        self._fill_settings()
        self.hands.changed.connect(self.refresh)
        desk.source_changed.connect(self._begin)
        self.set_overlays(self._overlays)
        self.refresh()

    def _fill_states(self) -> None:
        part = Section("Hands on the wheel")
        self.note = Hint()
        part.add(self.note)
        self.left, self.right = HandCard("Left hand"), HandCard("Right hand")
        self.cards = side_by_side(self.left, self.right)
        part.add(self.cards)
        self.alarm = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.alarm.setProperty("role", "error")
        self.alarm.setMinimumHeight(round(1.3 * QFontMetricsF(self.font()).height()))
        part.add(self.alarm)
        self.strip = HandsStrip()
        part.add(self.strip)
        self.add(part)

    def _fill_wheel(self) -> None:
        part = Section("Steering wheel")
        self.where = QLabel()
        part.add_row("Region", self.where)
        self.draw_button = QPushButton(icon("square"), " Draw…")
        self.draw_button.setToolTip("Drag a box around the rim over the live picture")
        self.draw_button.clicked.connect(lambda: self.draw_asked.emit())
        self.forget_button = QPushButton(icon("reset"), " Find it")
        self.forget_button.clicked.connect(lambda: self.hands.forget())
        for button in (self.draw_button, self.forget_button):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        part.add(side_by_side(self.draw_button, self.forget_button))
        self.add(part)

    def _fill_settings(self) -> None:
        part = Section("Watching")
        self.watch = Toggle("Watch hands", "Costs the time of one more network for every frame.")
        self.watch.edited.connect(self.hands.set_watched)
        part.add(self.watch)
        self.shown = Toggle(
            "Draw over the picture", "Region, states and warning; in recordings too"
        )
        self.shown.edited.connect(
            lambda on: self.overlays_changed.emit(self._overlays.with_shown("hands", on))
        )
        part.add(self.shown)
        self.warn_after = NumberField(
            "Seconds until the warning",
            default=5.0,
            hard=(0.5, 60.0),
            soft=(1.0, 20.0),
            step=0.5,
            decimals=1,
            unit="s",
            bar=True,
            tip="With both hands off the wheel for so long, a warning is shown.",
        )
        self.warn_after.edited.connect(lambda value, _: self.hands.set_warn_after(value))
        part.add_row("Warn after", self.warn_after)
        self.add(part)

    def set_overlays(self, overlays: Overlays) -> None:
        """Show whether hands are drawn; nobody is told."""
        self._overlays = overlays
        with QSignalBlocker(self.shown):
            self.shown.setChecked(overlays.hands.shown)

    def show_result(self, result: LiveResult) -> None:
        """Take a newer result."""
        self.strip.add(result.published, result.hands)
        before, self._last = self._last, result.hands
        if self.isVisible():
            if _situation(before) != _situation(self._last):
                self.refresh()
            self._show_states()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.refresh()

    def refresh(self) -> None:
        """As everything is now."""
        hands, last = self.hands, self._last
        has_source = self.desk.source is not None
        note = ""
        if not hands.available:
            note = NO_MODEL
        elif not has_source:
            note = NO_SOURCE
        elif not hands.watched:
            note = UNWATCHED
        elif not hands.ready:
            note = OPENING
        elif last is not None and last.region is None:
            note = NO_WHEEL
        self.note.setText(note)
        self.note.setVisible(bool(note))
        live = not note
        for widget in (self.cards, self.alarm, self.strip):
            widget.setVisible(live)
        drawn = hands.drawn is not None
        seen = last is not None and last.region is not None
        self.where.setText(DRAWN if drawn else PROPOSED if seen else "Not known")
        self.draw_button.setEnabled(has_source)
        self.draw_button.setText(" Draw again…" if drawn else " Draw…")
        self.forget_button.setEnabled(drawn)
        self.forget_button.setToolTip(
            "Forget the box, and look for the wheel"
            if hands.proposes
            else "Forget the box; no model here finds the wheel by itself"
        )
        self.forget_button.setText(" Find it" if hands.proposes else " Forget")
        with QSignalBlocker(self.watch):
            self.watch.setChecked(hands.watched)
        self.warn_after.set_value(hands.warn_after)
        self._show_states()

    def _begin(self) -> None:
        self._last = None
        self.strip.clear()
        self.refresh()

    def _show_states(self) -> None:
        last = self._last
        if last is None:
            self.left.show_hand(None, 0.0)
            self.right.show_hand(None, 0.0)
            self.alarm.clear()
            return
        self.left.show_hand(last.now.left, last.now.time)
        self.right.show_hand(last.now.right, last.now.time)
        self.alarm.setText(warning(last.now) if last.now.warning else "")


class HandCard(QWidget):
    """One hand: its state large, its probability and how long it has been off below."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title, self._state, self._below = title, "–", ""
        self._color = QColor(color("muted"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_hand(self, hand: HandNow | None, now: float) -> None:
        """Take what is known of the hand at a time."""
        state, below, shade = "–", "", STATES["unknown"]
        if hand is not None and hand.told != "unknown" and not math.isnan(hand.probability):
            state, shade = hand.told.capitalize(), STATES[hand.told]
            below = f"{100.0 * hand.probability:.0f} %"
            if hand.told == "off":
                below += f" · for {max(now - hand.since, 0.0):.1f} s"
        if (state, below) != (self._state, self._below):
            self._state, self._below, self._color = state, below, QColor(shade)
            self.setAccessibleName(f"{self._title}: {state} {below}".strip())
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, round(4.9 * QFontMetricsF(self.font()).height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(color("line"))
        painter.setBrush(color("sunk"))
        painter.drawRoundedRect(box, 5.0, 5.0)
        edge = QRectF(box.left(), box.top() + 6.0, 3.0, box.height() - 12.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._color)
        painter.drawRoundedRect(edge, 1.5, 1.5)
        inner = box.adjusted(12.0, 6.0, -8.0, -6.0)
        left = Qt.AlignmentFlag.AlignLeft
        painter.setPen(color("muted"))
        painter.drawText(inner, left | Qt.AlignmentFlag.AlignTop, self._title)
        painter.drawText(inner, left | Qt.AlignmentFlag.AlignBottom, self._below)
        large = QFont(self.font())
        large.setBold(True)
        large.setPixelSize(round(1.45 * QFontMetricsF(self.font()).height()))
        painter.setFont(large)
        painter.setPen(self._color)
        painter.drawText(inner, left | Qt.AlignmentFlag.AlignVCenter, self._state)


def _situation(hands: LiveHands | None) -> tuple[bool, bool]:
    return hands is not None, hands is not None and hands.region is not None
