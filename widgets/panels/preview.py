"""The Preview panel: Blender's picture of the camera's view, as it grows and when it is done."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QGuiApplication, QImage, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from app.blender.protocol import Cancelled, Done, Event, Failed, Picture, Progress
from app.blender.render import blend_request, read_result, render_request
from app.head.asset import HeadAsset
from app.scene.render_history import RenderHistory, Rendering, discard
from app.scene.scene import Pass, Scene
from app.session.document import Document
from widgets.fields.form import Panel
from widgets.panels.background import in_background
from widgets.panels.blend_export import BlendExport
from widgets.panels.pass_pictures import PassPictures, load_passes, read_image
from widgets.panels.preview_parts import HistorySection, PictureSection, RenderBar, StatusLine
from widgets.panels.render_run import RenderRun, Submits
from widgets.panels.render_settings import RenderSettingsSection
from widgets.panels.save_picture import file_filters, raw_file, with_suffix, write_picture


class PreviewPanel(Panel):
    """Orders renders, shows them, keeps them for the session.

    Parameters
    ----------
    blender : Submits
        The client; what it answers comes on its own thread and is brought over.

    Signals
    -------
    comparison_changed : (QImage or None, float)
        What the viewport shall show left of the split (0 to 1 of its width), None for nothing.
    busy_changed : (bool)
    message : (level, text)
        One line for people.
    """

    comparison_changed = Signal(object, float)
    busy_changed = Signal(bool)
    pictured = Signal(object)
    message = Signal(str, str)

    def __init__(self, document: Document, blender: Submits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.asset: HeadAsset | None = None
        self.history = RenderHistory()
        self._run = RenderRun(blender, self)
        self._run.progressed.connect(self._on_progress)
        self._run.pictured.connect(self._on_picture)
        self._run.pictured.connect(self.pictured)
        self._run.ended.connect(self._on_ended)
        self._order: tuple[Path, Scene, str] | None = None
        self._rendering: Rendering | None = None
        self._pictures = PassPictures({})
        self._wanted_pass: Pass = "color"
        self._load = 0
        self.status = StatusLine()
        self.bar = RenderBar(self.status)
        self.picture = PictureSection(self.status)
        self.blend = BlendExport(blender)
        self.blend.message.connect(self.message)
        self.past = HistorySection()
        self.settings = RenderSettingsSection(document)
        for widget in (self.bar, self.picture, self.blend, self.past, self.settings):
            self.add(widget)
        self.column.setStretch(1, 1)
        self._connect()
        self._idle()
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.history.close)

    def _connect(self) -> None:
        self.bar.pressed.connect(self.toggle)
        self.bar.again.connect(self.render)
        self.picture.pass_chosen.connect(self._choose_pass)
        self.picture.map_chosen.connect(lambda _name: self._reload())
        self.picture.comparison_changed.connect(self._emit_comparison)
        self.picture.view.hovered.connect(self._read_out)
        self.picture.save_wanted.connect(self.save_picture)
        self.picture.copy_wanted.connect(self.copy_picture)
        self.picture.blend_wanted.connect(self.open_in_blender)
        self.past.chosen.connect(self.show_rendering)
        self.past.restored.connect(self.restore)
        self.past.removed.connect(self.remove)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_room()

    def _give_room(self) -> None:
        """The picture as large as the panel lets it be with its button and tools in sight."""
        tools = self.bar.sizeHint().height() + self.picture.tools_height
        self.picture.view.ask_height(self.viewport().height() - tools - 24)

    def set_asset(self, asset: HeadAsset | None) -> None:
        """The head that is rendered."""
        self.asset = asset
        self._idle()

    # --- rendering -----------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether a render is under way."""
        return self._run.busy

    def toggle(self) -> None:
        """Render, or cancel the render under way."""
        if self.busy:
            self.cancel()
        else:
            self.render()

    def render(self) -> None:  # type: ignore[override]
        """Order a render of the scene as it is now; nothing happens while one is under way."""
        if self.busy:
            return
        if self.asset is None:
            self.bar.fail("Open a head first, then render it.", again=False)
            return
        scene = self.document.scene
        try:
            folder = self.history.new_folder()
        except OSError as error:
            self.bar.fail(f"The cache cannot be written: {error.strerror or error}.", again=True)
            return
        self._order = (folder, scene, self.asset.name)
        self._load += 1
        self.bar.start()
        self._run.start("render", render_request(self.asset, scene, folder, previews=True))
        self.busy_changed.emit(True)

    def cancel(self) -> None:
        """Ask for the end of the render under way; the last picture stays."""
        if self.busy:
            self.bar.say("Cancelling…")
            self._run.cancel()

    def _on_progress(self, progress: Progress) -> None:
        self.bar.progress(progress)

    def _on_picture(self, picture: Picture) -> None:
        number = self._load
        in_background(
            self,
            lambda: read_image(picture.path),
            lambda image: self._show_growing(number, image),
        )

    def _show_growing(self, number: int, image: QImage | None) -> None:
        if number == self._load and self.busy and image is not None and not image.isNull():
            self._rendering, self._pictures = None, PassPictures({"color": image})
            self.past.deselect()
            self._show_passes()

    def _on_ended(self, outcome: Event) -> None:
        assert self._order is not None
        folder, scene, head = self._order
        seconds = self._run.seconds
        if isinstance(outcome, Done):
            self._idle()
            self.bar.say(f"Done in {seconds:.1f} s")
            result = read_result(outcome.result)
            for notice in result.notices:
                self.message.emit("warning", notice)
            rendering = Rendering(folder, scene, result.files, seconds, head)
            self.history.add(rendering)
            self.show_rendering(rendering)
            self._make_thumbnail(rendering)
        else:
            in_background(self, lambda: discard(folder), lambda _nothing: None)
            self._idle()
            if isinstance(outcome, Failed):
                self.bar.fail(outcome.message, again=True)
                self.message.emit("error", outcome.message)
            elif isinstance(outcome, Cancelled):
                self.bar.say("Cancelled")
        self.busy_changed.emit(False)

    def _idle(self) -> None:
        if not self.busy:
            self.bar.stop(self.asset is not None)
        self.picture.view.set_message(
            "Open a head to render it."
            if self.asset is None
            else "Press Render (F12) for Blender's picture of the camera's view."
        )
        self.picture.set_able(self.asset is not None, self.picture.view.has_picture)

    # --- showing -------------------------------------------------------------------------------

    def show_rendering(self, rendering: Rendering) -> None:
        """Show a finished render; its files are read away from the window's thread."""
        self._load += 1
        self._rendering = rendering
        self.past.set_renderings(self.history.renderings, rendering)
        self._reload()

    def _reload(self) -> None:
        rendering = self._rendering
        if rendering is None:
            return
        number, color_map = self._load, self.picture.color_map
        in_background(
            self,
            lambda: load_passes(rendering.files, color_map),
            lambda pictures: self._show_loaded(number, pictures),
        )

    def _show_loaded(self, number: int, pictures: PassPictures | None) -> None:
        if number != self._load:
            return
        if pictures is None or not pictures.images:
            self.bar.fail("The files of this render cannot be read any more.", again=False)
            return
        self._pictures = pictures
        self._show_passes()

    @property
    def shown_pass(self) -> Pass:
        """The pass that is seen: the one chosen, or the first where the render lacks it."""
        images = self._pictures.images
        return self._wanted_pass if self._wanted_pass in images else next(iter(images), "color")

    @property
    def image(self) -> QImage | None:
        """What is shown."""
        return self._pictures.images.get(self.shown_pass)

    def _show_passes(self) -> None:
        shown = self.shown_pass
        scale = self._pictures.scale if shown == "depth" else None
        self.picture.show_picture(self.image, shown, tuple(self._pictures.images), scale)
        self.picture.set_able(self.asset is not None, self.image is not None)
        self._give_room()
        self._emit_comparison()

    def _choose_pass(self, name: Pass) -> None:
        self._wanted_pass = name
        self._show_passes()

    def _emit_comparison(self) -> None:
        image = self.image if self.picture.comparing else None
        self.comparison_changed.emit(image, self.picture.split)

    def _read_out(self, pixel: tuple[int, int] | None) -> None:
        text = "" if pixel is None else self._pictures.read_out(self.shown_pass, *pixel)
        self.status.read_out(text)

    # --- history -------------------------------------------------------------------------------

    def _make_thumbnail(self, rendering: Rendering) -> None:
        in_background(
            self,
            lambda: self.past.thumbnail(rendering),
            lambda image: self.past.strip.set_thumbnail(rendering, image),
        )

    def restore(self, rendering: Rendering) -> None:
        """Bring back the scene of a render in one undo step; head and named things stay."""
        now = self.document.scene
        scene = replace(rendering.scene, poses=now.poses, cameras=now.cameras, head=now.head)
        self.document.change("Restore the scene of a render", scene)
        if rendering.scene.head != now.head:
            self.message.emit("info", f"That render shows another head: {rendering.head}.")

    def remove(self, rendering: Rendering) -> None:
        """Delete a render from the strip and from the disk."""
        self.history.remove(rendering)
        if rendering is self._rendering:
            self._load += 1
            self._rendering, self._pictures = None, PassPictures({})
            self._show_passes()
        self.past.set_renderings(self.history.renderings, self._rendering)
        self._idle()

    # --- files ---------------------------------------------------------------------------------

    @property
    def file_stem(self) -> str:
        """Proper name, without its ending, for a file of what is shown."""
        stem = "head" if self._rendering is None else self._rendering.file_stem
        return stem if self.shown_pass == "color" else f"{stem}_{self.shown_pass}"

    def save_picture(self) -> None:
        """Ask where to save what is shown, and save it."""
        if self.image is None:
            self.bar.say("There is no picture yet")
            return
        name, kind = QFileDialog.getSaveFileName(
            self, "Save picture", self.file_stem, file_filters(self.shown_pass, self._rendering)
        )
        if name:
            self.write_picture(with_suffix(name, kind))

    def write_picture(self, path: Path) -> None:
        """Write what is shown as PNG or JPEG, or its full precision as EXR, after the ending."""
        image, raw = self.image, raw_file(self.shown_pass, self._rendering)
        if image is None:
            return
        in_background(
            self,
            lambda: write_picture(path, image, raw),
            lambda complaint: self._saved(path, complaint),
        )

    def _saved(self, path: Path, complaint: str | None) -> None:
        if complaint == "":
            self.bar.say(f"Saved {path.name}")
            self.message.emit("info", f"Saved {path}")
        else:
            self.bar.fail(complaint or f"{path.name} could not be written.", again=False)
            self.message.emit("error", complaint or f"{path.name} could not be written.")

    def copy_picture(self) -> None:
        """Put what is shown on the clipboard."""
        if self.image is not None:
            QGuiApplication.clipboard().setImage(self.image)
            self.bar.say("Copied")

    def open_in_blender(self) -> None:
        """Ask where to write the scene as a .blend, write it, and offer to open it."""
        if self.asset is None:
            self.bar.fail("Open a head first.", again=False)
            return
        name, _ = QFileDialog.getSaveFileName(
            self, "Write a .blend", f"{self.file_stem}.blend", "Blender file (*.blend)"
        )
        if name:
            self.write_blend(Path(name))

    def write_blend(self, path: Path) -> None:
        if self.asset is not None:
            path = path.with_suffix(".blend")
            self.blend.write(path, blend_request(self.asset, self.document.scene, path))

    def close_history(self) -> None:
        """Remove the session's renders from the disk."""
        self.history.close()
