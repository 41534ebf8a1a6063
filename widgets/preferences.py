"""The preferences: few, and each of them does something."""

from __future__ import annotations

import os

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.session.settings import Settings
from widgets.small import indent

_SCALES = (0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
_UNITS = {"m": "Metres", "cm": "Centimetres", "mm": "Millimetres"}
_ENGINES = {"cycles": "Cycles", "eevee": "EEVEE"}


class PreferencesDialog(QDialog):
    """Edits a copy of the settings, read back with `chosen`.

    Signals
    -------
    shortcuts_asked
        The button for the short-cut editor was pressed.
    people_asked : str
        People and roles of the store are to be seen, by somebody of this name.
    """

    shortcuts_asked = Signal()
    people_asked = Signal(str)

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Preferences")
        self._settings = settings
        self.autosave = QCheckBox("Keep unsaved work safe against a crash")
        self.autosave.setChecked(settings.autosave)
        self.scale = QComboBox()
        for scale in sorted({*_SCALES, settings.ui_scale}):
            self.scale.addItem(f"{scale * 100:.0f} %", scale)
        self.scale.setCurrentIndex(self.scale.findData(settings.ui_scale))
        self.unit = _choice(_UNITS, settings.unit)
        self.threads = QSpinBox(minimum=0, maximum=256, value=settings.worker_threads)
        self.threads.setSpecialValueText(f"Automatic ({os.cpu_count() or 1} cores)")
        self.engine = _choice(_ENGINES, settings.engine)
        self.samples = QSpinBox(minimum=1, maximum=4096, value=settings.samples)
        self.denoise = QCheckBox("Denoise")
        self.denoise.setChecked(settings.denoise)
        self.width_ = QSpinBox(minimum=16, maximum=8192, value=settings.width, suffix=" px")
        self.height_ = QSpinBox(minimum=16, maximum=8192, value=settings.height, suffix=" px")
        self.width_.setAccessibleName("Picture width")
        self.height_.setAccessibleName("Picture height")
        for number in (self.threads, self.samples, self.width_, self.height_):
            indent(number)
        self.person = QLineEdit(settings.person, maxLength=80)
        self.person.setPlaceholderText("Name of the account")
        self.person.setAccessibleName("Your name")
        self.person.setToolTip("Who proposes and approves topologies here")
        people = QPushButton("People and roles…", autoDefault=False)
        people.clicked.connect(lambda: self.people_asked.emit(self.name))
        keys = QPushButton("Keyboard shortcuts…", autoDefault=False)
        keys.clicked.connect(self.shortcuts_asked)
        size = QHBoxLayout()
        size.addWidget(self.width_)
        size.addWidget(QLabel("×"))
        size.addWidget(self.height_)
        size.addStretch(1)
        size.setSpacing(8)
        form = QFormLayout(horizontalSpacing=16, verticalSpacing=8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        fixed = (self.scale, self.unit, self.threads, self.engine, self.samples, keys)
        for field in (*fixed, self.person, people):
            field.setFixedWidth(200)
        form.addRow(_heading("Work"))
        form.addRow("Autosave", self.autosave)
        form.addRow("Keys", keys)
        form.addRow(_heading("Display"))
        form.addRow("Scale", self.scale)
        form.addRow("", _note("Takes effect at the next start."))
        form.addRow("Lengths in", self.unit)
        self.unit.setToolTip("Fields take every unit that is typed, such as 30 cm or 12 in")
        form.addRow(_heading("Rendering"))
        form.addRow("Threads", self.threads)
        form.addRow("", _note("Takes effect at the next start."))
        form.addRow(_heading("New sessions"))
        form.addRow("Engine", self.engine)
        form.addRow("Samples", self.samples)
        form.addRow("", self.denoise)
        form.addRow("Picture", size)
        form.addRow(_heading("Topologies"))
        form.addRow("Your name", self.person)
        form.addRow("", people)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok
            | QDialogButtonBox.StandardButton.Cancel
            | QDialogButtonBox.StandardButton.RestoreDefaults
        )
        buttons.button(QDialogButtonBox.StandardButton.Ok).setProperty("primary", True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        restore = buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults)
        restore.setText("Reset all")
        restore.clicked.connect(self._reset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(16)
        layout.addLayout(form)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self.setMinimumWidth(440)

    @property
    def chosen(self) -> Settings:
        return msgspec.structs.replace(
            self._settings,
            autosave=self.autosave.isChecked(),
            ui_scale=self.scale.currentData(),
            unit=self.unit.currentData(),
            worker_threads=self.threads.value(),
            engine=self.engine.currentData(),
            samples=self.samples.value(),
            denoise=self.denoise.isChecked(),
            width=self.width_.value(),
            height=self.height_.value(),
            person=self.name,
        )

    @property
    def name(self) -> str:
        """Who proposes and approves, in one line; empty for the account's name."""
        return " ".join(self.person.text().split())

    def _reset(self) -> None:
        own = Settings()
        self.autosave.setChecked(own.autosave)
        self.scale.setCurrentIndex(self.scale.findData(own.ui_scale))
        self.unit.setCurrentIndex(self.unit.findData(own.unit))
        self.threads.setValue(own.worker_threads)
        self.engine.setCurrentIndex(self.engine.findData(own.engine))
        self.samples.setValue(own.samples)
        self.denoise.setChecked(own.denoise)
        self.width_.setValue(own.width)
        self.height_.setValue(own.height)
        self.person.setText(own.person)


def _choice(options: dict[str, str], current: str) -> QComboBox:
    box = QComboBox()
    for value, text in options.items():
        box.addItem(text, value)
    box.setCurrentIndex(box.findData(current))
    return box


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "heading")
    label.setContentsMargins(0, 8, 0, 0)
    return label


def _note(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "muted")
    return label
