"""Where the data set goes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from widgets.fields.form import Hint
from widgets.generate.choices import Choices, ChoicesModel
from widgets.generate.fields import Part, PathField, choose_folder
from widgets.generate.words import size_text


class OutputPart(Part):
    """Folder, free space, and the unfinished data set that may lie there.

    Signals
    -------
    resume_asked
        Go on with what lies in the folder, with its own settings.
    """

    resume_asked = Signal()

    def __init__(self, model: ChoicesModel) -> None:
        super().__init__("Output", model)
        self.folder = PathField(
            "Output folder", "Choose or drop a folder", choose_folder("Folder of the data set")
        )
        self.folder.edit.setToolTip("A new or empty folder, or one with an unfinished data set.")
        self.folder.edited.connect(lambda path: model.change(output=path))
        self.free = Hint()
        self.add_row("Folder", self.folder)
        self.add_fault("output", self.folder.edit)
        self._free_row = self.add_row("", self.free)
        self.unfinished = QWidget()
        self.unfinished.setObjectName("notice")
        self.unfinished.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._what = Hint()
        self._what.setProperty("role", None)
        self.resume = QPushButton("Load its settings")
        self.resume.setToolTip("Show how it was made, ready to go on where it stopped.")
        self.resume.clicked.connect(self.resume_asked)
        row = QHBoxLayout(self.unfinished)
        row.setContentsMargins(10, 6, 6, 6)
        row.addWidget(self._what, 1)
        row.addWidget(self.resume)
        self.add(self.unfinished)
        self.show_space(None)
        self.show_unfinished("", False)
        self.show_choices(model.choices)

    def show_choices(self, choices: Choices) -> None:
        self.folder.set_path(choices.output)

    def show_space(self, free: int | None) -> None:
        """Bytes that are free where the folder lies or will lie."""
        self._free_row.setVisible(free is not None)
        if free is not None:
            self.free.setText(f"{size_text(free)} free there")

    def show_unfinished(self, text: str, loadable: bool) -> None:
        """Say what lies in the folder already; nothing for an empty text."""
        self.unfinished.setVisible(bool(text))
        self._what.setText(text)
        self.resume.setVisible(loadable)
