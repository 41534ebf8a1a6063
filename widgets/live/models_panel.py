"""The panel Models: what is used for what, which models there are, and why one is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from inference.live.models import Listed, State
from inference.live.providers import Provider
from widgets.fields.form import Choice, Hint, Panel, Row, Section, Toggle, side_by_side
from widgets.fields.glyphs import icon
from widgets.live.model_card import ModelCard, facts_of
from widgets.live.model_shelf import CASCADES, PARTS, ModelShelf, Part
from widgets.theme import repolish

TITLES: Final[dict[Part, tuple[str, str]]] = {
    "face": ("Model A", "Finds the points of every face."),
    "second": ("Model B", "Looks at the same faces, to be compared with model A."),
    "depth": ("Depth", "Measures depth over the face."),
    "detector": ("Detector", "Finds new faces in the picture."),
    "hands": ("Hands", "Tells whether hands are on the steering wheel."),
    "wheel": ("Wheel", "Proposes where the steering wheel is."),
}
ONLY_WHERE_THERE: Final = frozenset({"hands", "wheel"})
"""Parts that are not spoken of while no model can do them."""
NONE: Final[dict[Part, str]] = {
    "face": "None",
    "second": "None",
    "depth": "None",
    "detector": CASCADES,
    "hands": "None",
    "wheel": "None",
}
EMPTY: Final = (
    "No face model is here yet. Drop an ONNX file on the window, with its card (.json) or manifest "
    "(.yaml) beside it, or put it into the models folder: it appears here by itself."
)
FILTER: Final = "ONNX models (*.onnx)"


class ModelsPanel(Panel):
    """Signals
    -------
    shown : Listed
        A model whose card is read.
    """

    shown = Signal(object)

    def __init__(self, shelf: ModelShelf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shelf = shelf
        self._cards: dict[Path, ModelCard] = {}
        self._read: Path | None = None
        self._fill_use()
        self._fill_list()
        self.facts = Section("Card", expanded=True)
        self._facts = Hint()
        self._facts.setProperty("role", "")
        self.facts.add(self._facts)
        self.add(self.facts)
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self.refresh)
        shelf.changed.connect(self._soon.start)
        self.refresh()

    def _fill_use(self) -> None:
        use = Section("In use")
        self.choices: dict[Part, Choice] = {}
        self.rows: dict[Part, Row] = {}
        self.problems: dict[Part, Hint] = {}
        self.depth_switch = Toggle(
            "Measure depth", "Costs the time of one more network for every face."
        )
        self.depth_switch.edited.connect(self.shelf.set_depth)
        for part in PARTS:
            title, tip = TITLES[part]
            choice = self.choices[part] = Choice(title)
            choice.setToolTip(tip)
            choice.activated.connect(self._chooser(part))
            row = self.rows[part] = Row(title, choice)
            use.add(row)
            problem = self.problems[part] = Hint()
            problem.setProperty("role", "error")
            use.add(problem)
            if part == "depth":
                use.add(Row("", self.depth_switch))
        self.provider = Choice("Runs on")
        self.provider.setToolTip("What networks are computed on.")
        self.provider.activated.connect(lambda row: self._set_provider(row))
        use.add(Row("Runs on", self.provider))
        self.fallen_back = Hint("The device failed; the processor has taken over.")
        self.fallen_back.setProperty("role", "warning")
        use.add(self.fallen_back)
        self.add(use)

    def _fill_list(self) -> None:
        listing = Section("All models")
        self.empty = Hint(EMPTY)
        listing.add(self.empty)
        self._list = QWidget()
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        listing.add(self._list)
        self.add_button = QPushButton(icon("add"), " Add…")
        self.add_button.setToolTip("Copy an ONNX file, with what lies beside it, into the folder")
        self.add_button.clicked.connect(lambda: self.ask_add())
        self.folder_button = QPushButton(icon("folder"), " Open folder")
        self.folder_button.setToolTip(str(self.shelf.folder.folder))
        self.folder_button.clicked.connect(lambda: self.open_folder())
        for button in (self.add_button, self.folder_button):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        listing.add(side_by_side(self.add_button, self.folder_button))
        self.add(listing)

    # What is done

    def ask_add(self) -> None:
        """Ask for ONNX files and add them."""
        names, _ = QFileDialog.getOpenFileNames(self, "Add models", "", FILTER)
        for name in names:
            self.shelf.list.add(Path(name))

    def open_folder(self) -> None:
        """Show the models' folder in the file manager."""
        folder = self.shelf.folder.folder
        folder.mkdir(parents=True, exist_ok=True)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def read(self, path: Path) -> None:
        """Show a model's card."""
        self._read = path
        self.refresh()
        listed = self.shelf.listed(path)
        if listed is not None:
            self.shown.emit(listed)

    def _chooser(self, part: Part) -> Callable[[int], None]:
        def choose(row: int) -> None:
            self.shelf.choose(part, self.choices[part].itemData(row))

        return choose

    def _set_provider(self, row: int) -> None:
        self.shelf.set_provider(Provider(self.provider.itemData(row)))

    # What is shown

    def refresh(self) -> None:
        """As the shelf is now."""
        for part in PARTS:
            self._refresh_choice(part)
        self.depth_switch.setChecked(self.shelf.depth)
        self.depth_switch.setEnabled(bool(self.shelf.fit_for("depth")))
        if not self.shelf.fit_for("depth"):
            self.depth_switch.setToolTip("No depth model is here yet.")
        self._refresh_provider()
        self._refresh_cards()
        self.empty.setVisible(self.shelf.list.made and not self.shelf.fit_for("face"))
        listed = self.shelf.listed(self._read)
        self.facts.setVisible(listed is not None)
        if listed is not None:
            self._facts.setText(facts_of(listed))

    def _refresh_choice(self, part: Part) -> None:
        choice, shelf = self.choices[part], self.shelf
        if part in ONLY_WHERE_THERE:
            self.rows[part].setVisible(bool(shelf.fit_for(part)))
        wanted = shelf.wanted(part)
        entries: list[tuple[str, Path | None]] = [(NONE[part], None)]
        entries += [(listed.name, listed.path) for listed in shelf.fit_for(part)]
        if wanted is not None and wanted not in [path for _, path in entries]:
            entries.append((wanted.stem, wanted))
        names = [f"{name} …" if shelf.loading(part) and path == wanted else name
                 for name, path in entries]  # fmt: skip
        shown = [(choice.itemText(i), choice.itemData(i)) for i in range(choice.count())]
        if shown != [(name, path) for name, (_, path) in zip(names, entries, strict=True)]:
            choice.clear()
            for name, (_, path) in zip(names, entries, strict=True):
                choice.addItem(name, path)
        choice.setCurrentIndex([path for _, path in entries].index(wanted))
        problem = shelf.problem(part)
        self.problems[part].setText(problem)
        self.problems[part].setVisible(bool(problem))

    def _refresh_provider(self) -> None:
        names = [str(provider) for provider in self.shelf.list.providers]
        if [self.provider.itemText(i) for i in range(self.provider.count())] != names:
            self.provider.clear()
            for provider in self.shelf.list.providers:
                self.provider.addItem(str(provider), str(provider))
        self.provider.setCurrentText(str(self.shelf.provider))
        self.provider.setEnabled(len(names) > 1)
        self.provider.setToolTip(
            "What networks are computed on."
            if len(names) > 1
            else "The installed ONNX Runtime has the processor alone."
        )
        self.fallen_back.setVisible(self.shelf.running_on != str(self.shelf.provider))

    def _refresh_cards(self) -> None:
        models = {listed.path: listed for listed in self.shelf.models}
        for path in [p for p in self._cards if p not in models]:
            card = self._cards.pop(path)
            self._column.removeWidget(card)
            card.deleteLater()
        for place, (path, listed) in enumerate(models.items()):
            card = self._cards.get(path) or self._new_card(path)
            if self._column.indexOf(card) != place:
                self._column.insertWidget(place, card)
            card.show_model(listed, self._state(listed), self._parts(path))
            repolish(card, "chosen", path == self._read)

    def _new_card(self, path: Path) -> ModelCard:
        card = self._cards[path] = ModelCard()
        card.clicked.connect(lambda: self.read(path))
        return card

    def _state(self, listed: Listed) -> str:
        if self.shelf.list.checking(listed.path):
            return "checking …"
        if listed.state is State.READY and listed.milliseconds:
            return f"{listed.milliseconds:.1f} ms"
        return {State.UNCHECKED: "not checked", State.REFUSED: "refused"}.get(listed.state, "ready")

    def _parts(self, path: Path) -> str:
        """What a model is used for, such as ``A``."""
        short = {"face": "A", "second": "B"}
        found = [short.get(part, part) for part in PARTS if self._uses(part, path)]
        return ", ".join(found)

    def _uses(self, part: Part, path: Path) -> bool:
        used = self.shelf.in_use(part)
        if used is None or used.listed is None or used.listed.path != path:
            return False
        return part != "depth" or self.shelf.depth
