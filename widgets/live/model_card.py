"""A model of the list as a small card, and what its own card tells, in words."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from inference.live.models import Listed, State
from widgets.theme import repolish

KINDS = {
    "face": "face",
    "landmarks": "landmarks",
    "depth": "depth",
    "detector": "detector",
    "head-pose": "head pose",
    "transfer": "label transfer",
    "hands": "hands on the wheel",
    "wheel-region": "region of the wheel",
}
UNUSED = {
    "head-pose": "Head pose alone is not shown live; use it with main.py predict.",
    "transfer": "Goes with the face model that it was fitted to.",
}


class ModelCard(QFrame):
    """Name, kind and state of a model; a click shows its card.

    Signals
    -------
    clicked
    """

    clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("modelCard")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._name = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._name.setProperty("role", "heading")
        self._name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._used = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._used.setObjectName("badge")
        self._state = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._text = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self._name, 1)
        top.addWidget(self._used)
        top.addWidget(self._state)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self._text)

    def show_model(self, listed: Listed, state: str, used_as: str) -> None:
        refused = listed.state is State.REFUSED
        kind = KINDS.get(listed.kind or "", listed.kind or "kind not known yet")
        self._name.setText(listed.name)
        self._used.setText(used_as)
        self._used.setVisible(bool(used_as))
        self._state.setText(state)
        repolish(self._state, "role", "error" if refused else "muted")
        whose = "comes with Headroom" if listed.shipped else "yours"
        text = f"{kind}, {whose}" if not refused else _short(listed)
        if listed.other_releases and not refused:
            text += f"\nMade for {listed.other_releases}"
        self._text.setText(text.replace("/", "/\u200b").replace("_", "_\u200b"))
        repolish(self._text, "role", "error" if refused else "muted")
        self.setAccessibleName(f"{listed.name}, {kind}, {state}")
        self.setToolTip(listed.problem or str(listed.path))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)


def _short(listed: Listed) -> str:
    """Why it is refused, without the folder that the list is about."""
    return listed.problem.replace(f"{listed.path.parent}/", "")


def facts_of(listed: Listed) -> str:
    """What is known of a model, as rich text."""
    lines = [f"<b>{escape(listed.name)}</b>"]
    if listed.problem:
        lines.append(escape(_short(listed)))
    if listed.summary:
        lines.append(escape(listed.summary))
    if listed.other_releases:
        lines.append(
            f"Made for {escape(listed.other_releases)}: points may lie elsewhere than they do now."
        )
    if listed.kind in UNUSED:
        lines.append(escape(UNUSED[listed.kind]))
    rows = [("File", listed.path.name)]
    if listed.sha256:
        rows.append(("SHA-256", f"{listed.sha256[:12]}…"))
    if listed.milliseconds:
        rows.append(("One run", f"{listed.milliseconds:.1f} ms on one thread"))
    card, manifest = listed.card, listed.manifest
    if card is not None:
        if card.input_size:
            rows.append(("Input", f"{card.input_size} × {card.input_size}"))
        if card.parameters:
            rows.append(("Weights", f"{card.parameters / 1e6:.2f} million"))
        rows += [("Topology", f"{name} {version}") for name, version in card.topologies.items()]
        if card.follows:
            rows.append(("Goes with", card.follows))
        if card.made:
            rows.append(("Trained", card.made[:10]))
        for group, figures in card.figures.items():
            told = [f"{name} {value:.3g}" for name, value in list(figures.items())[:6]]
            rows.append((group[:1].upper() + group[1:], ", ".join(told)))
    if manifest is not None:
        rows.append(("Input", f"{manifest.input.size} × {manifest.input.size}"))
        rows.append(("Points", f"{manifest.landmarks.count}, {manifest.landmarks.topology}"))
        rows += [(k, v) for k, v in (("From", manifest.source), ("Licence", manifest.licence)) if v]
    cells = "".join(
        f"<tr><td style='padding-right:10px'>{escape(k)}</td><td>{escape(v)}</td></tr>"
        for k, v in rows
    )
    text = "".join(f"<p style='margin:0 0 6px 0'>{line}</p>" for line in lines)
    text += f"<table cellspacing='2'>{cells}</table>"
    if card is not None and card.limits:
        limits = "".join(f"<li>{escape(limit)}</li>" for limit in card.limits)
        text += f"<p style='margin:6px 0 2px 0'>What it cannot do</p><ul>{limits}</ul>"
    return text
