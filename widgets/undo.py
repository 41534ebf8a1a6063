"""One undo and one redo for the whole window: they speak of what the workspace in front edits."""

from __future__ import annotations

from typing import Final, Protocol

from PySide6.QtCore import QObject, SignalInstance
from PySide6.QtGui import QAction, QUndoStack
from shiboken6 import isValid

UNDO: Final = "&Undo"
REDO: Final = "&Redo"


class UndoSource(Protocol):
    """Something whose edits can be taken back; ``changed`` tells that the answers are others."""

    @property
    def changed(self) -> SignalInstance: ...

    def undo_text(self) -> str | None:
        """Name of the edit that is taken back next; None where there is none."""
        ...

    def redo_text(self) -> str | None: ...

    def undo(self) -> object: ...

    def redo(self) -> object: ...


class StackUndo:
    """The edits of a `QUndoStack`; one that is going tells of a change, too, and has none left."""

    def __init__(self, stack: QUndoStack) -> None:
        self._stack = stack

    @property
    def changed(self) -> SignalInstance:
        return self._stack.indexChanged

    def undo_text(self) -> str | None:
        return self._stack.undoText() if isValid(self._stack) and self._stack.canUndo() else None

    def redo_text(self) -> str | None:
        return self._stack.redoText() if isValid(self._stack) and self._stack.canRedo() else None

    def undo(self) -> None:
        self._stack.undo()

    def redo(self) -> None:
        self._stack.redo()


class UndoActions(QObject):
    """The two actions.

    Attributes
    ----------
    undo, redo : QAction
    """

    def __init__(self, source: UndoSource, parent: QObject) -> None:
        super().__init__(parent)
        self._source = source
        self.undo, self.redo = QAction(UNDO, parent), QAction(REDO, parent)
        self.undo.setToolTip("Take the last step back")
        self.redo.setToolTip("Do the step again that was taken back")
        self.undo.triggered.connect(lambda: self._source.undo())
        self.redo.triggered.connect(lambda: self._source.redo())
        source.changed.connect(self._show)
        self._show()

    def use(self, source: UndoSource) -> None:
        """Take back the edits of another source from now on."""
        if source is not self._source:
            self._source.changed.disconnect(self._show)
            self._source = source
            source.changed.connect(self._show)
        self._show()

    def _show(self, *_: object) -> None:
        for action, word, text in (
            (self.undo, UNDO, self._source.undo_text()),
            (self.redo, REDO, self._source.redo_text()),
        ):
            action.setEnabled(text is not None)
            action.setText(f"{word} {text}".rstrip() if text else word)
