"""Bones and facing: what was found in a file, why, and what a person sets right about it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QShowEvent
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
    QVBoxLayout,
    QWidget,
)

from app.head.asset import HeadAsset
from app.head.correction import Correction
from widgets.small import icon_button, indent

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
        bones = QGridLayout()
        bones.setHorizontalSpacing(12)
        bones.setVerticalSpacing(4)
        bones.setColumnStretch(1, 1)
        for row, (role, title) in enumerate(ROLES.items()):
            bones.addWidget(_label(title, self.bones[role]), 2 * row, 0)
            bones.addWidget(self.bones[role], 2 * row, 1)
            bones.addWidget(self._reasons[role], 2 * row + 1, 1)
        self.turn_left = icon_button("turn-left", "Turn 90° to the left", lambda: self._turn(90.0))
        self.turn_right = icon_button(
            "turn-right", "Turn 90° to the right", lambda: self._turn(-90.0)
        )
        self._facing = QLabel()
        facing = QHBoxLayout()
        facing.setSpacing(8)
        facing.addWidget(self.turn_left)
        facing.addWidget(self.turn_right)
        facing.addWidget(self._facing, 1)
        self.height_ = QDoubleSpinBox(minimum=0.001, maximum=1000.0, decimals=3, singleStep=0.005)
        self.height_.setSuffix(" m")
        indent(self.height_)
        self.height_.setAccessibleName("Height of the head in metres")
        self.height_.valueChanged.connect(self._scaled)
        self._plausible = _reason()
        self._zero = QLabel()
        self._method = _reason()
        row = 2 * len(ROLES)
        bones.addWidget(QFrame(frameShape=QFrame.Shape.HLine), row, 0, 1, 2)
        bones.addWidget(QLabel("Facing"), row + 1, 0)
        bones.addLayout(facing, row + 1, 1)
        bones.addWidget(_label("Height", self.height_), row + 2, 0)
        bones.addWidget(self.height_, row + 2, 1, Qt.AlignmentFlag.AlignLeft)
        bones.addWidget(self._plausible, row + 3, 1)
        bones.addWidget(QLabel("Zero pose"), row + 4, 0)
        bones.addWidget(self._zero, row + 4, 1)
        bones.addWidget(self._method, row + 5, 1)
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
        body.addWidget(self._warnings)
        body.addStretch(1)
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
        self._grow()

    def say_failed(self, message: str) -> None:
        """The corrected file could not be read."""
        self._say(message, "error")
        self.apply_button.setEnabled(True)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._grow()

    def _grow(self) -> None:
        """Be as high as the lines of this head need, which depends on the width."""
        layout = self.layout()
        assert layout is not None
        layout.activate()
        width = max(self.width(), self.minimumWidth())
        self.resize(width, max(self.height(), layout.totalHeightForWidth(width)))

    def _fill(self, role: str, box: QComboBox, asset: HeadAsset) -> None:
        found = getattr(asset.roles, role)
        chosen = getattr(self._correction, role)
        with QSignalBlocker(box):
            box.clear()
            kept = "As found" if chosen is not None else f"{found} (found)" if found else _NONE
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
        assert completer is not None
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        role = next(key for key, text in ROLES.items() if text == title)
        box.currentIndexChanged.connect(lambda: self._choose(role, box))
        edit = box.lineEdit()
        assert edit is not None
        edit.editingFinished.connect(lambda: box.setEditText(box.itemText(box.currentIndex())))
        return box


def _label(text: str, buddy: QWidget) -> QLabel:
    label = QLabel(text)
    label.setBuddy(buddy)
    return label


def _reason() -> QLabel:
    label = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
    label.setProperty("role", "muted")
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label
