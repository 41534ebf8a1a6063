"""Bones and facing: what was found in a file, why, and what a person sets right about it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.head.asset import HeadAsset
from app.head.correction import Correction
from widgets.theme import icon

ROLES: Final[dict[str, str]] = {
    "neck": "Neck",
    "head": "Head",
    "eye_left": "Left eye",
    "eye_right": "Right eye",
    "jaw": "Jaw",
}
PLAUSIBLE: Final = (0.18, 0.40)
"""Metres from the chin or neck to the crown, hair and all, that a grown person's head has."""

RESIDUAL_LIMIT: Final = 0.05
_NONE: Final = "None found"


class HeadDialog(QDialog):
    """Stays open while the corrected file is read again, then shows what came of it.

    Signals
    -------
    applied : Correction
    """

    applied = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Bones and facing")
        self.setMinimumWidth(560)
        self._asset: HeadAsset | None = None
        self._correction = Correction()
        self.bones = {role: self._bone_box(title) for role, title in ROLES.items()}
        self._reasons = {role: _reason() for role in ROLES}
        bones = QGridLayout(horizontalSpacing=12, verticalSpacing=4)
        bones.setColumnStretch(1, 1)
        for row, (role, title) in enumerate(ROLES.items()):
            bones.addWidget(_label(title, self.bones[role]), 2 * row, 0)
            bones.addWidget(self.bones[role], 2 * row, 1)
            bones.addWidget(self._reasons[role], 2 * row + 1, 1)
        self.turn_left = self._turn_button("turn-left", "Turn 90° to the left", 90.0)
        self.turn_right = self._turn_button("turn-right", "Turn 90° to the right", -90.0)
        self._facing = QLabel()
        facing = QHBoxLayout(spacing=8)
        facing.addWidget(self.turn_left)
        facing.addWidget(self.turn_right)
        facing.addWidget(self._facing, 1)
        self.height_ = QDoubleSpinBox(minimum=0.001, maximum=1000.0, decimals=3, singleStep=0.005)
        self.height_.setSuffix(" m")
        self.height_.setAccessibleName("Height of the head in metres")
        self.height_.valueChanged.connect(self._scaled)
        self._plausible = _reason()
        self._zero = QLabel(wordWrap=True)
        self._method = _reason()
        size = QGridLayout(horizontalSpacing=12, verticalSpacing=4)
        size.setColumnStretch(1, 1)
        size.addWidget(QLabel("Facing"), 0, 0)
        size.addLayout(facing, 0, 1)
        size.addWidget(_label("Height", self.height_), 1, 0)
        size.addWidget(self.height_, 1, 1, Qt.AlignmentFlag.AlignLeft)
        size.addWidget(self._plausible, 2, 1)
        size.addWidget(QLabel("Zero pose"), 3, 0)
        size.addWidget(self._zero, 3, 1)
        size.addWidget(self._method, 4, 1)
        self._warnings = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._warnings.setProperty("role", "warning")
        self._said = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Apply
            | QDialogButtonBox.StandardButton.Close
            | QDialogButtonBox.StandardButton.Reset
        )
        self.apply_button = buttons.button(QDialogButtonBox.StandardButton.Apply)
        self.apply_button.setProperty("primary", True)
        self.apply_button.clicked.connect(self._apply)
        self.reset_button = buttons.button(QDialogButtonBox.StandardButton.Reset)
        self.reset_button.setText("As found")
        self.reset_button.setToolTip("Forget all corrections of this file")
        self.reset_button.clicked.connect(self._reset)
        buttons.rejected.connect(self.close)
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(12)
        body.addLayout(bones)
        body.addWidget(QFrame(frameShape=QFrame.Shape.HLine))
        body.addLayout(size)
        body.addWidget(self._warnings)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self._body, 1)
        layout.addWidget(self._said)
        layout.addWidget(buttons)
        self.set_asset(None, Correction())

    @property
    def correction(self) -> Correction:
        """What the fields ask for now."""
        return self._correction

    def set_asset(self, asset: HeadAsset | None, correction: Correction) -> None:
        """Show a head as it was read with ``correction``."""
        self._asset, self._correction = asset, correction
        self._body.setEnabled(asset is not None)
        self._say("" if asset is not None else "Open a head first.")
        if asset is not None:
            for role, box in self.bones.items():
                self._fill(role, box, asset)
            with QSignalBlocker(self.height_):
                self.height_.setValue(asset.head_height)
            self._show_zero(asset)
            self._warnings.setText("\n".join(f"• {line}" for line in asset.warnings))
            self._warnings.setVisible(bool(asset.warnings))
        self._refresh()

    def say_failed(self, message: str) -> None:
        """The corrected file could not be read."""
        self._say(message, "error")
        self.apply_button.setEnabled(True)

    def _fill(self, role: str, box: QComboBox, asset: HeadAsset) -> None:
        found = getattr(asset.roles, role)
        chosen = getattr(self._correction, role)
        with QSignalBlocker(box):
            box.clear()
            kept = "As found" if chosen is not None else f"{found or _NONE} (found)"
            box.addItem(kept, None)
            for name in sorted(asset.skeleton.names, key=str.casefold):
                box.addItem(name, name)
            row = 0 if chosen is None else box.findData(chosen)
            box.setCurrentIndex(max(0, row))
        reason = asset.roles.reasons.get(role, "")
        if role == "neck" and not reason and asset.roles.neck is None:
            reason = "This head turns at its head bone alone."
        self._reasons[role].setText(reason)
        self._reasons[role].setVisible(bool(reason))

    def _show_zero(self, asset: HeadAsset) -> None:
        residual = asset.zero.residual
        good = residual <= RESIDUAL_LIMIT
        verdict = "" if good else f", over the bound of {RESIDUAL_LIMIT}°"
        self._zero.setText(f"{residual:.4f}° off{verdict}")
        self._zero.setProperty("role", None if good else "error")
        self._method.setText(asset.zero.method)

    def _choose(self, role: str, box: QComboBox) -> None:
        self._correction = replace(self._correction, **{role: box.currentData()})
        self._refresh()

    def _turn(self, degrees: float) -> None:
        turned = (self._facing_turn + degrees + 180.0) % 360.0 - 180.0
        self._correction = replace(self._correction, facing_turn=turned)
        self._refresh()

    def _scaled(self, metres: float) -> None:
        if self._asset is not None:
            factor = metres / self._asset.head_height
            self._correction = replace(self._correction, scale=self._asset.source.scale * factor)
            self._refresh()

    @property
    def _facing_turn(self) -> float:
        if self._correction.facing_turn is not None or self._asset is None:
            return self._correction.facing_turn or 0.0
        return self._asset.source.facing_turn

    def _refresh(self) -> None:
        asset = self._asset
        self._facing.setText(f"turned by {self._facing_turn:g}° about the vertical")
        low, high = PLAUSIBLE
        height = self.height_.value()
        fits = low <= height <= high
        self._plausible.setText(
            f"A grown person's is between {low:.2f} and {high:.2f} m"
            + (
                f"; {self._correction.scale or asset.source.scale:.4g} m per unit of the file."
                if asset is not None
                else "."
            )
        )
        self._plausible.setProperty("role", "muted" if fits else "warning")
        for label in (self._plausible, self._zero):
            label.style().unpolish(label)
            label.style().polish(label)
        self.apply_button.setEnabled(asset is not None)
        anything = any(getattr(self._correction, f.name) is not None for f in fields(Correction))
        self.reset_button.setEnabled(asset is not None and anything)

    def _apply(self) -> None:
        self.apply_button.setEnabled(False)
        self._say("Reading the file again…")
        self.applied.emit(self._correction)

    def _reset(self) -> None:
        self._correction = Correction()
        self._apply()

    def _say(self, text: str, role: str = "muted") -> None:
        self._said.setText(text)
        self._said.setVisible(bool(text))
        self._said.setProperty("role", role)
        self._said.style().unpolish(self._said)
        self._said.style().polish(self._said)

    def _bone_box(self, title: str) -> QComboBox:
        box = QComboBox(editable=True, insertPolicy=QComboBox.InsertPolicy.NoInsert)
        box.setAccessibleName(f"{title} bone")
        completer = box.completer()
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        role = next(key for key, text in ROLES.items() if text == title)
        box.currentIndexChanged.connect(lambda: self._choose(role, box))
        edit = box.lineEdit()
        assert edit is not None
        edit.editingFinished.connect(lambda: box.setEditText(box.itemText(box.currentIndex())))
        return box

    def _turn_button(self, symbol: str, text: str, degrees: float) -> QToolButton:
        button = QToolButton(icon=icon(symbol), toolTip=text)
        button.setAccessibleName(text)
        button.clicked.connect(lambda: self._turn(degrees))
        return button


def _label(text: str, buddy: QWidget) -> QLabel:
    label = QLabel(text)
    label.setBuddy(buddy)
    return label


def _reason() -> QLabel:
    label = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
    label.setProperty("role", "muted")
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label
