"""Whose heads a data set shows: given ones, or random people."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.head.library import BUILTIN
from widgets.fields.form import Choice, Hint, Segments, side_by_side
from widgets.fields.number_field import NumberField
from widgets.gallery import shipped_heads
from widgets.generate.choices import Choices, ChoicesModel
from widgets.generate.fields import Part, dropped
from widgets.theme import icon

INSTALL: Final = "pip install 'headroom[bake]'"
TEXTURES: Final = (128, 256, 512, 1024, 2048, 4096)
_LIST_HEIGHT: Final = 84


def people_can_be_made() -> bool:
    """Whether the extra that makes people is installed; nothing is imported."""
    return all(find_spec(name) is not None for name in ("torch", "anny"))


class SubjectsPart(Part):
    """Edits ``subjects``, ``heads``, ``people``, and how many pictures each gets.

    Parameters
    ----------
    open_head : callable
        Path of the head that is on stage, or "".
    """

    def __init__(self, model: ChoicesModel, open_head: Callable[[], str]) -> None:
        super().__init__("Heads", model)
        self.kind = Segments(
            "Heads from",
            [
                ("heads", "Given heads", "Shipped heads and rigged FBX files of yours."),
                ("people", "Random people", "People drawn anew: age, build, face, hair, glasses."),
            ],
        )
        self.kind.chosen.connect(lambda kind: model.change(subjects=kind))
        self.add_row("From", self.kind)
        self.heads = HeadList(model, open_head)
        self._heads_row = self.add_tall("Heads", self.heads)
        self.add_fault("heads", self.heads.list)
        self.gender = Segments(
            "Folder of unknown heads",
            [
                ("female", "female", "Heads whose gender is not known go to the folder female."),
                ("male", "male", "Heads whose gender is not known go to the folder male."),
            ],
        )
        self.gender.chosen.connect(lambda gender: model.change_spec(gender=gender))
        self._gender_row = self.add_row("If unknown", self.gender)
        self.people = NumberField(
            "People",
            default=20.0,
            hard=(1.0, 9999.0),
            soft=(1.0, 500.0),
            step=1.0,
            decimals=0,
            tip="How many people are drawn. The seed decides who they are.",
        )
        self.people.edited.connect(lambda value, _: model.change(people=int(value)))
        self.people_row = self.add_row("People", self.people)
        self.texture = Choice("Texels along the edge of each person's skin")
        for texels in TEXTURES:
            self.texture.addItem(f"{texels} × {texels}", texels)
        self.texture.setToolTip(
            "Texels of each person's skin. 512 suit pictures of 640 × 480;\n"
            "more of them cost time and memory."
        )
        self.texture.activated.connect(
            lambda row: model.change_spec(texture=self.texture.itemData(row))
        )
        self.texture_row = self.add_row("Skin texture", self.texture)
        self._missing = MissingExtra()
        self.add(self._missing)
        self.add_fault("people")
        self.per_person = NumberField(
            "Pictures each",
            default=70.0,
            hard=(1.0, 1_000_000.0),
            soft=(1.0, 1000.0),
            step=1.0,
            decimals=0,
            tip="Pictures of each head, spread evenly over the motions, expressions and "
            "backgrounds.",
        )
        self.per_person.edited.connect(lambda value, _: model.change_spec(per_person=int(value)))
        self.add_row("Pictures each", self.per_person)
        self.show_choices(model.choices)

    def show_choices(self, choices: Choices) -> None:
        people = choices.subjects == "people"
        self.kind.set_key(choices.subjects)
        self._heads_row.setVisible(not people)
        given = any(not head.startswith(BUILTIN) for head in choices.heads)
        self._gender_row.setVisible(not people and given)
        self.people_row.setVisible(people)
        self.texture_row.setVisible(people)
        self.gender.set_key(choices.spec.gender)
        self._missing.setVisible(people and not people_can_be_made())
        self.heads.show_heads(choices.heads)
        self.people.set_value(choices.people)
        self.texture.setCurrentIndex(self.texture.findData(choices.spec.texture))
        self.per_person.set_value(choices.spec.per_person)


class MissingExtra(QWidget):
    """Says kindly what is to be installed before people can be made."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notice")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        text = Hint(
            "Random people are made with PyTorch and anny, which are not installed here. "
            f"In a terminal:  {INSTALL}"
        )
        copy = QPushButton(icon("copy"), " Copy the command")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(INSTALL))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addWidget(text)
        layout.addWidget(copy, 0, Qt.AlignmentFlag.AlignLeft)


class HeadList(QWidget):
    """The heads of a data set; FBX files can be dropped on it."""

    def __init__(self, model: ChoicesModel, open_head: Callable[[], str]) -> None:
        super().__init__()
        self._model, self._open_head = model, open_head
        self.list = _Files(self)
        self.add_button = QPushButton(icon("plus"), " Add")
        self.add_button.setToolTip("Shipped heads, the open head, or FBX files")
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._fill)
        self.add_button.setMenu(self.menu)
        self.remove_button = QPushButton("Remove")
        self.remove_button.setToolTip("Take the chosen heads off the list (Delete)")
        self.remove_button.clicked.connect(self.remove_chosen)
        self.list.itemSelectionChanged.connect(self._refresh)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.list)
        layout.addWidget(side_by_side(self.add_button, self.remove_button))
        self._refresh()

    def add(self, *paths: str) -> None:
        """Put heads on the list; one that is on it stays where it is."""
        before = self._model.choices.heads
        self._model.change(heads=tuple(dict.fromkeys((*before, *paths))))

    def choose_files(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(
            self, "Rigged heads", "", "Rigged heads (*.fbx *.FBX)"
        )
        self.add(*names)

    def remove_chosen(self) -> None:
        gone = {item.data(Qt.ItemDataRole.UserRole) for item in self.list.selectedItems()}
        kept = tuple(head for head in self._model.choices.heads if head not in gone)
        self._model.change(heads=kept)

    def show_heads(self, heads: tuple[str, ...]) -> None:
        shown = [self.list.item(i).data(Qt.ItemDataRole.UserRole) for i in range(self.list.count())]
        if shown != list(heads):
            self.list.clear()
            for head in heads:
                item = QListWidgetItem(icon("head", "muted"), title(head))
                item.setData(Qt.ItemDataRole.UserRole, head)
                item.setToolTip(head)
                self.list.addItem(item)
        self._refresh()

    def _refresh(self) -> None:
        self.remove_button.setEnabled(bool(self.list.selectedItems()))

    def _fill(self) -> None:
        self.menu.clear()
        here = self._open_head()
        if here:
            self.menu.addAction(f"The open head: {title(here)}").triggered.connect(
                lambda: self.add(here)
            )
            self.menu.addSeparator()
        for head in shipped_heads():
            self.menu.addAction(f"{head.title} (shipped)").triggered.connect(
                lambda _=False, path=head.path: self.add(path)
            )
        everyone = [head.path for head in shipped_heads()]
        if len(everyone) > 1:
            self.menu.addAction("All shipped heads").triggered.connect(lambda: self.add(*everyone))
        self.menu.addSeparator()
        self.menu.addAction("FBX files…").triggered.connect(lambda: self.choose_files())


class _Files(QListWidget):
    """Takes FBX files from elsewhere; Delete asks its owner to remove what is chosen."""

    def __init__(self, owner: HeadList) -> None:
        super().__init__(owner)
        self._owner = owner
        self.setAccessibleName("Heads of the data set")
        self.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.setFixedHeight(_LIST_HEIGHT)
        self.setIconSize(QSize(16, 16))
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAcceptDrops(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._owner.remove_chosen()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped(event.mimeData(), folder=False, suffixes=(".fbx",)):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        paths = dropped(event.mimeData(), folder=False, suffixes=(".fbx",))
        self._owner.add(*(str(path) for path in paths))


def title(head: str) -> str:
    """A head as the list names it."""
    if head.startswith(BUILTIN):
        return f"{head.removeprefix(BUILTIN).title()} (shipped)"
    return Path(head).name
