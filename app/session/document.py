"""The scene that is being edited, and the one undo stack over it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.scene.scene import Scene

_GESTURE_ID = 1


class _ChangeScene(QUndoCommand):
    def __init__(
        self, document: Document, text: str, before: Scene, after: Scene, gesture: object | None
    ) -> None:
        super().__init__(text)
        self._document, self._before, self.after, self.gesture = document, before, after, gesture

    def redo(self) -> None:
        self._document._show(self.after)

    def undo(self) -> None:
        self._document._show(self._before)

    def id(self) -> int:
        return -1 if self.gesture is None else _GESTURE_ID

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _ChangeScene) or other.gesture is not self.gesture:
            return False
        self.after = other.after
        if self.after == self._before:
            self.setObsolete(True)
        return True


class Document(QObject):
    """Holds the current `Scene`; every edit of it goes through `change`.

    Signals
    -------
    scene_changed : (before, after)
        After an edit, an undo or a redo; both are `Scene`. Compare the parts by identity or
        equality to see what changed.
    """

    scene_changed = Signal(object, object)

    def __init__(self, scene: Scene, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scene = scene
        self.undo_stack = QUndoStack(self)

    @property
    def scene(self) -> Scene:
        return self._scene

    def change(self, text: str, scene: Scene, gesture: object | None = None) -> None:
        """Make ``scene`` the current one as an undoable step named ``text``.

        Steps with the same ``gesture`` (one drag of a slider or a handle, say: any fresh object
        that lives as long as the drag) become one step; without one every call is its own.
        """
        if scene != self._scene:
            self.undo_stack.push(_ChangeScene(self, text, self._scene, scene, gesture))

    def replace(self, scene: Scene) -> None:
        """Show another scene (a session was opened): the undo history starts anew."""
        self.undo_stack.clear()
        self._show(scene)

    def _show(self, scene: Scene) -> None:
        before, self._scene = self._scene, scene
        if before != scene:
            self.scene_changed.emit(before, scene)
