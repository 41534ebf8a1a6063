"""The window: menus, workspaces, status, and what holds them together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeySequence,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QWidget,
)

from app.blender.client import Blender
from app.blender.listed import ListedBlender
from app.head.asset import HeadAsset
from app.jobs import Event, Job, JobList
from app.notify import Notice, Notifications
from app.scene.presets import default_scene
from app.scene.scene import HeadFile, RenderSettings, Scene
from app.session import settings as settings_file
from app.session.autosave import Autosave, recovery_dir
from app.session.document import Document
from app.session.recent import RecentFiles
from app.session.session_file import SUFFIX
from widgets.about import about
from widgets.commands import Commands
from widgets.drop import DropHint, dropped_file, is_frame
from widgets.fields.number_field import show_lengths_in
from widgets.gallery import shipped_heads
from widgets.generate.desk import DatasetDesk
from widgets.job_popup import JobBridge, JobPopup
from widgets.live.drops import kind_of
from widgets.menus import put
from widgets.palette import Palette
from widgets.preferences import PreferencesDialog
from widgets.session_files import HEAD_FILTER, SessionFiles
from widgets.shortcuts import ShortcutDialog
from widgets.status import StatusLine
from widgets.toasts import NoticeBridge, NoticeList, Toasts
from widgets.top_bar import TopBar
from widgets.undo import StackUndo, UndoActions
from widgets.window_memory import WindowMemory
from widgets.worker_state import WorkerWatch
from widgets.workspace import WORKSPACES, WorkspaceView

if TYPE_CHECKING:
    from widgets.live.view import LiveView
    from widgets.studio import Studio

MENUS: Final = ("File", "Edit", "View", "Head", "Render", "Live", "Curate", "Help")


class MainWindow(QMainWindow):
    """Everything that is seen.

    Parameters
    ----------
    blender : Blender
        Ended when the window closes.
    """

    def __init__(
        self,
        settings: settings_file.Settings,
        notifications: Notifications,
        jobs: JobList,
        blender: Blender,
    ) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 600)
        self.settings, self.notifications, self.jobs = settings, notifications, jobs
        self.blender = ListedBlender(blender, jobs)
        self.recent = RecentFiles()
        self.document = Document(self._new_scene(), self)
        self.commands = Commands(self)
        self.files = SessionFiles(
            self.document,
            notifications,
            self.recent,
            self,
            new_scene=self._new_scene,
            window_state=self._window_state,
        )
        self.autosave = Autosave(
            self.document, self.files.session, lambda: self.files.path, recovery_dir(), self
        )
        self.autosave.enabled = settings.autosave
        self.status = StatusLine(self)
        self.setStatusBar(self.status)
        self.toasts = Toasts(self, self._middle)
        self.drop_hint = DropHint(self)
        self._closed = False
        self._laid_out = False
        self._notice_bridge = NoticeBridge(notifications, self)
        self.job_bridge = JobBridge(jobs, self)
        self.datasets = DatasetDesk(self)
        self.worker = WorkerWatch(self.blender, self)
        self._add_commands()
        self.top_bar = TopBar(self.commands["edit.palette"], self)
        self.menus = {name: self.top_bar.menu_bar.addMenu(f"&{name}") for name in MENUS}
        self.workspaces = QStackedWidget()
        self._fill_menus()
        self._add_workspaces()
        self.setMenuWidget(self.top_bar)
        self.setCentralWidget(self.workspaces)
        self._connect()
        self.commands.set_keys(settings.shortcuts)
        self._memory = WindowMemory(self, dict(zip(self._names(), self.views, strict=True)))
        self._memory.restore_geometry()
        self._show_title()

    @property
    def workspace(self) -> WorkspaceView:
        return self.views[self.workspaces.currentIndex()]

    @property
    def studio(self) -> Studio:
        """The workspace in which heads are opened."""
        from widgets.studio import Studio

        return next(view for view in self.views if isinstance(view, Studio))

    @property
    def live(self) -> LiveView:
        """The workspace in which models look at cameras and clips."""
        from widgets.live.view import LiveView

        return next(view for view in self.views if isinstance(view, LiveView))

    # Files

    def open_path(self, path: Path) -> None:
        """Open a head, a session, a picture of a data set, a video or a model, by its name."""
        if path.suffix.lower() == SUFFIX:
            self.files.open(path)
        elif path.suffix.lower() == ".fbx":
            self.open_head(str(path.absolute()))
        elif is_frame(path):
            self.datasets.open_frame(path.absolute())
        elif kind_of(path) in ("video", "model"):
            self.live.take(path.absolute())
        else:
            self.notifications.error(
                f"{path.name} is neither a rigged FBX, a Headroom session, a picture of a data "
                "set, a video nor an ONNX model."
            )

    def open_head(self, path: str) -> None:
        self.studio.open_head(path)

    def ask_open_head(self) -> None:
        head = Path(self.document.scene.head.path)
        folder = str(head.parent) if head.is_absolute() and head.parent.is_dir() else ""
        name, _ = QFileDialog.getOpenFileName(self, "Open a rigged head", folder, HEAD_FILTER)
        if name:
            self.open_path(Path(name))

    def show_head(self, asset: HeadAsset | None) -> None:
        """Tell the status bar what is on stage, and remember files of one's own."""
        self.status.show_head(asset)
        path = Path(self.document.scene.head.path)
        if asset is not None and path.is_absolute():
            self.recent.add(path)

    def show_hint(self, text: str) -> None:
        self.status.show_hint(text)

    def _new_scene(self) -> Scene:
        heads = shipped_heads()
        scene = default_scene(HeadFile(heads[0].path if heads else ""))
        chosen = self.settings
        return replace(
            scene,
            camera=replace(scene.camera, width=chosen.width, height=chosen.height),
            render=RenderSettings(chosen.engine, chosen.samples, chosen.denoise),
        )

    def _window_state(self) -> dict[str, Any]:
        name = WORKSPACES[self.workspaces.currentIndex()].name
        return {"workspace": name} | self.workspace.window_state()

    @staticmethod
    def _names() -> list[str]:
        return [workspace.name for workspace in WORKSPACES]

    def _take_window_state(self, state: dict[str, Any]) -> None:
        names = self._names()
        if state.get("workspace") in names:
            self.show_workspace(names.index(state["workspace"]))
        self.workspace.take_window_state(state)

    # Commands

    def _add_commands(self) -> None:
        add, files, keys = self.commands.add, self.files, QKeySequence.StandardKey
        add("file.new", "&New session", files.new, keys.New, symbol="new")
        add("file.open", "&Open session…", files.ask_open, keys.Open, symbol="open")
        add("file.open_head", "Open &head (FBX)…", self.ask_open_head, "Ctrl+Shift+O")
        add("file.open_frame", "Open data set &picture…", self.datasets.ask_open)
        add("file.generate", "&Generate data set…", self.datasets.show, "Ctrl+G", symbol="generate")
        add("file.save", "&Save", files.save, keys.Save, symbol="save")
        add("file.save_as", "Save &as…", files.save_as, "Ctrl+Shift+S")
        add("file.clear_recent", "&Clear recent files", self.recent.clear)
        add("file.quit", "&Quit", self.close, "Ctrl+Q")
        self.scene_undo = StackUndo(self.document.undo_stack)
        self.undo_actions = UndoActions(self.scene_undo, self)
        self.commands.adopt("edit.undo", self.undo_actions.undo, "Ctrl+Z")
        self.commands.adopt("edit.redo", self.undo_actions.redo, ["Ctrl+Shift+Z", "Ctrl+Y"])
        add("edit.palette", "&Command palette…", self._open_palette, ["Ctrl+Shift+P", "F3"])
        add("edit.preferences", "&Preferences…", self.show_preferences, "Ctrl+,", symbol="settings")
        add("edit.shortcuts", "&Keyboard shortcuts…", self.show_shortcuts, "Ctrl+K, Ctrl+S")
        add("view.jobs", "&Jobs", self.show_jobs, "Ctrl+J")
        add("view.notices", "&Notifications", self.show_notices, "Ctrl+Shift+N")
        add("view.reset_layout", "&Reset layout", self.reset_layout, symbol="reset")
        self.commands.add_switch("view.full_screen", "F&ull screen", self._full_screen, "F11")
        add("help.about", "&About Headroom", lambda: about(self))

    def _fill_menus(self) -> None:
        self.recent_menu = QMenu("Open &recent", self)
        self.recent_menu.aboutToShow.connect(self._fill_recent)
        put(self.menus["File"], self.commands, ("file.new", "file.open", "file.open_head"))
        put(self.menus["File"], self.commands, ("file.open_frame",))
        self.menus["File"].addMenu(self.recent_menu)
        self.menus["File"].addSeparator()
        put(
            self.menus["File"],
            self.commands,
            ("file.save", "file.save_as", "", "file.generate", "", "file.quit"),
        )
        put(
            self.menus["Edit"],
            self.commands,
            ("edit.undo", "edit.redo", "", "edit.palette", "edit.shortcuts", "edit.preferences"),
        )
        put(self.menus["Help"], self.commands, ("edit.shortcuts", "edit.palette", "", "help.about"))

    def _fill_recent(self) -> None:
        self.recent_menu.clear()
        for path in self.recent.paths:
            action = self.recent_menu.addAction(path.name.replace("&", "&&"))
            action.setToolTip(str(path))
            action.setEnabled(path.is_file())
            if not path.is_file():
                action.setText(f"{action.text()} (missing)")
            action.triggered.connect(lambda _=False, p=path: self.open_path(p))
        self.recent_menu.setToolTipsVisible(True)
        self.recent_menu.addSeparator()
        self.recent_menu.addAction(self.commands["file.clear_recent"])
        self.commands["file.clear_recent"].setEnabled(bool(self.recent.paths))

    def _open_palette(self) -> None:
        self.command_palette.open()

    def show_preferences(self) -> None:
        dialog = PreferencesDialog(self.settings, self)
        dialog.shortcuts_asked.connect(self.show_shortcuts)
        dialog.people_asked.connect(self.show_people)
        if dialog.exec():
            keys = self.settings.shortcuts
            self._use_settings(msgspec.structs.replace(dialog.chosen, shortcuts=keys))

    def show_people(self, person: str) -> None:
        """Who may propose and approve topologies in the store."""
        from app.curate.store import default_path
        from widgets.curate.people_dialog import PeopleDialog
        from widgets.curate.session_state import account_name
        from widgets.curate.store_thread import StoreThread

        PeopleDialog(StoreThread(default_path()), person or account_name(), self).exec()

    def show_shortcuts(self) -> None:
        dialog = ShortcutDialog(self.commands, self)
        if dialog.exec():
            self._use_settings(msgspec.structs.replace(self.settings, shortcuts=dialog.chosen))

    def _use_settings(self, settings: settings_file.Settings) -> None:
        self.settings = settings
        self.commands.set_keys(settings.shortcuts)
        self.autosave.enabled = settings.autosave
        self.autosave.schedule()
        self._show_lengths()
        for view in self.views:
            view.settings_changed()
        try:
            settings_file.save(settings_file.settings_path(), settings)
        except OSError as error:
            self.notifications.error(f"The settings could not be saved ({error.strerror}).")

    def _show_lengths(self) -> None:
        self.status.set_unit(self.settings.unit)
        show_lengths_in(self.settings.unit, self)

    def _middle(self) -> QRect:
        """What lies between the panels."""
        middle = self.workspace.stage_area
        assert middle is not None
        return QRect(middle.mapTo(self, QPoint(0, 0)), middle.size())

    def show_jobs(self) -> None:
        self._pop_up(self.job_popup, self.status.jobs)

    def show_notices(self) -> None:
        self.notice_list.refresh()
        self._unseen = 0
        self.status.show_notices(0)
        self.toasts.clear()
        self._pop_up(self.notice_list, self.status.notices)

    def _pop_up(self, popup: QFrame, button: QWidget) -> None:
        corner = button.mapToGlobal(button.rect().topRight())
        popup.move(corner.x() - popup.width() + 4, corner.y() - popup.height() - 8)
        popup.show()

    def _full_screen(self, on: bool) -> None:
        full = Qt.WindowState.WindowFullScreen
        self.setWindowState(self.windowState() | full if on else self.windowState() & ~full)

    def reset_layout(self) -> None:
        self.workspace.reset_layout()

    # Workspaces

    def _add_workspaces(self) -> None:
        self.views: list[WorkspaceView] = []
        for workspace in WORKSPACES:
            view = workspace.build(self)
            self.views.append(view)
            self.workspaces.addWidget(view)
            self.top_bar.add_workspace(workspace.name, workspace.symbol)
            view.fill_menus(self.menus)
        self.menus["View"].addSeparator()
        put(
            self.menus["View"],
            self.commands,
            ("view.jobs", "view.notices", "", "view.full_screen", "view.reset_layout"),
        )
        self.top_bar.tabs.currentChanged.connect(self.show_workspace)

    def show_workspace(self, index: int) -> None:
        self.workspaces.setCurrentIndex(index)
        self.top_bar.tabs.setCurrentIndex(index)
        self.undo_actions.use(self.workspace.undo_source or self.scene_undo)
        self.show_hint(self.workspace.hint)

    # What is heard

    def _connect(self) -> None:
        self.command_palette = Palette(self.commands, self)
        loader = self.studio.loader
        self.job_popup = JobPopup(self.jobs, self.job_bridge, loader.can_repeat, self)
        self.notice_list = NoticeList(self.notifications, self)
        self._unseen = 0
        self._notice_bridge.noticed.connect(self._notice)
        self.job_bridge.told.connect(self._job_told)
        self.status.jobs.clicked.connect(self.show_jobs)
        self.status.notices.clicked.connect(self.show_notices)
        self._show_lengths()
        self.worker.changed.connect(self.status.show_worker)
        self.files.changed.connect(self._show_title)
        self.files.opened.connect(self._take_window_state)
        self.autosave.failed.connect(self.notifications.warning)
        self.show_hint(self.workspace.hint)

    def _notice(self, notice: Notice) -> None:
        self.toasts.show(notice)
        if notice.level != "info":
            self._unseen += 1
            self.status.show_notices(self._unseen)

    def _job_told(self, job: Job, event: Event) -> None:
        self.status.show_jobs(len(self.jobs.running))
        self.worker.job_told(job, event)

    def _show_title(self) -> None:
        self.setWindowTitle(f"{self.files.name}[*] — Headroom")
        self.setWindowModified(self.files.unsaved)
        self.top_bar.show_file(self.files.name, self.files.unsaved)

    # Events

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        path = dropped_file(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.drop_hint.show_for(path)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.drop_hint.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.drop_hint.hide()
        path = dropped_file(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            QTimer.singleShot(0, self, lambda: self.open_path(path))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous() and not self._laid_out:
            self._laid_out = True
            QTimer.singleShot(0, self, self._memory.restore_layouts)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.drop_hint.setGeometry(self.rect())

    def closeEvent(self, event: QCloseEvent) -> None:
        leave = (self.datasets.may_leave, self.files.may_leave, *(v.may_leave for v in self.views))
        if self._closed or all(may() for may in leave):
            self.shut_down()
            event.accept()
        else:
            event.ignore()

    def shut_down(self, *, keep_recovery: bool = False) -> None:
        """Let go of everything: threads, timers, processes, the renderer.

        With ``keep_recovery`` the next start offers the unsaved work.
        """
        if self._closed:
            return
        self._closed = True
        self._memory.save()
        self.datasets.shut_down()
        for view in self.views:
            view.shut_down()
        self.worker.close()
        self.blender.close()
        self.jobs.stop()
        self.autosave.close(keep=keep_recovery)
        self.job_bridge.close()
        self._notice_bridge.close()
