"""New, open, save: the document as a file, and the questions that come with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from app.notify import Notifications
from app.scene.scene import Scene
from app.session.autosave import Recovered
from app.session.document import Document
from app.session.recent import RecentFiles
from app.session.session_file import (
    SUFFIX,
    Session,
    SessionError,
    head_is_missing,
    read,
    write,
)

SESSION_FILTER = f"Headroom sessions (*{SUFFIX})"
HEAD_FILTER = "Rigged heads (*.fbx *.FBX)"


class SessionFiles(QObject):
    """The session file of one window.

    Signals
    -------
    changed
        Another file, or saved, or with unsaved work now.
    opened : dict
        A session was opened; what it holds of the window.
    """

    changed = Signal()
    opened = Signal(dict)

    def __init__(
        self,
        document: Document,
        notifications: Notifications,
        recent: RecentFiles,
        window: QWidget,
        *,
        new_scene: Callable[[], Scene],
        window_state: Callable[[], dict[str, Any]],
    ) -> None:
        super().__init__(window)
        self.path: Path | None = None
        self._document, self._notifications, self._recent = document, notifications, recent
        self._window, self._new_scene, self._window_state = window, new_scene, window_state
        document.undo_stack.cleanChanged.connect(self.changed)

    @property
    def unsaved(self) -> bool:
        return not self._document.undo_stack.isClean()

    @property
    def name(self) -> str:
        return self.path.stem if self.path else "Untitled"

    def session(self) -> Session:
        """What would be saved now."""
        return Session(self._document.scene, self._window_state())

    def new(self) -> bool:
        if not self.may_leave():
            return False
        self._take(Session(self._new_scene()), None)
        return True

    def ask_open(self) -> bool:
        name, _ = QFileDialog.getOpenFileName(
            self._window, "Open session", self._folder(), SESSION_FILTER
        )
        return bool(name) and self.open(Path(name))

    def open(self, path: Path) -> bool:
        """Open a session; what can't be read is said, and all stays as it was."""
        if not self.may_leave():
            return False
        try:
            session = read(path)
        except SessionError as error:
            self._notifications.error(str(error))
            return False
        moved = False
        if head_is_missing(session.scene.head):
            located = self._locate(session)
            if located is None:
                return False
            moved = located != session
            session = located
        self._take(session, path)
        if moved:
            self._document.undo_stack.resetClean()
        self._recent.add(path)
        return True

    def restore(self, recovered: Recovered) -> None:
        """Go on with what a crash left; it counts as unsaved."""
        self._take(recovered.session, recovered.path)
        self._document.undo_stack.resetClean()

    def save(self) -> bool:
        return self.save_as() if self.path is None else self._write(self.path)

    def save_as(self) -> bool:
        start = self.path or Path(self._folder()) / f"Untitled{SUFFIX}"
        name, _ = QFileDialog.getSaveFileName(
            self._window, "Save session as", str(start), SESSION_FILTER
        )
        if not name:
            return False
        path = Path(name)
        return self._write(path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX))

    def may_leave(self) -> bool:
        """Ask what to do with unsaved work; False when the person wants to stay."""
        if not self.unsaved:
            return True
        button = QMessageBox.StandardButton
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Unsaved work")
        box.setText(f"Save the changes to “{self.name}”?")
        box.setInformativeText("They are lost if you don't save them.")
        box.setStandardButtons(button.Save | button.Discard | button.Cancel)
        box.setDefaultButton(button.Save)
        answer = box.exec()
        if answer == button.Save:
            return self.save()
        return answer == button.Discard

    def _write(self, path: Path) -> bool:
        try:
            write(path, self.session())
        except OSError as error:
            self._notifications.error(
                f"{path.name} could not be saved ({error.strerror or error}); the file that was "
                "there is unchanged. Save it elsewhere with Save As."
            )
            return False
        self.path = path
        self._document.undo_stack.setClean()
        self._recent.add(path)
        self.changed.emit()
        return True

    def _take(self, session: Session, path: Path | None) -> None:
        self.path = path
        self._document.replace(session.scene)
        self.opened.emit(session.window)
        self.changed.emit()

    def _locate(self, session: Session) -> Session | None:
        """Ask where a session's head went. The same session: go on without it; None: stay."""
        head = session.scene.head
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("Head not found")
        box.setText(f"The head “{Path(head.path).name}” is not where the session says.")
        box.setInformativeText(
            f"{Path(head.path).parent}\n\nLocate it, or open the session without it: nothing in "
            "the session is lost."
        )
        locate = box.addButton("Locate…", QMessageBox.ButtonRole.AcceptRole)
        without = box.addButton("Open without it", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(locate)
        box.exec()
        if box.clickedButton() is without:
            return session
        if box.clickedButton() is not locate:
            return None
        name, _ = QFileDialog.getOpenFileName(
            self._window, f"Locate {Path(head.path).name}", self._folder(), HEAD_FILTER
        )
        if not name:
            return None
        return replace(session, scene=replace(session.scene, head=replace(head, path=name)))

    def _folder(self) -> str:
        if self.path is not None:
            return str(self.path.parent)
        return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
