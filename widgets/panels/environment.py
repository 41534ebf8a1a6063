"""The light from all around: a picture of an environment, or a plain colour."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QSize, QThreadPool
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import QFileDialog

from app.scene.environments import NAMES, EnvironmentFault, picture_file
from app.scene.scene import Environment, Scene
from app.session.document import Document
from widgets.fields.color import ColorButton
from widgets.fields.form import Choice, Hint, Segments
from widgets.fields.number_field import NumberField
from widgets.panels.background import in_background
from widgets.panels.scene_section import SceneSection
from widgets.panels.thumbnails import environment_thumbnail

THUMBNAIL: Final = QSize(64, 32)
PLAIN, OWN_FILE = "", "\0own"


class EnvironmentSection(SceneSection):
    def __init__(self, document: Document) -> None:
        super().__init__("Environment", document, lambda scene: scene.environment)
        self.picture = Choice("Environment picture")
        self.picture.setIconSize(THUMBNAIL)
        self.picture.setToolTip("Picture of the surroundings that lights the head.")
        self.picture.addItem("Plain colour", PLAIN)
        for name in NAMES:
            self.picture.addItem(name.capitalize(), name)
        self.picture.addItem("Own file…", OWN_FILE)
        self.picture.activated.connect(self._choose)
        self.color = ColorButton("Environment colour", "Light of this colour from all around.")
        self.color.edited.connect(
            lambda value, gesture: self.change("Environment colour", gesture, color=value)
        )
        self.strength = NumberField(
            "Environment strength",
            default=Environment().strength,
            hard=(0.0, 100.0),
            soft=(0.0, 3.0),
            step=0.05,
            snap=0.5,
            decimals=2,
            bar=True,
            tip="Factor on the light of the surroundings; 1 is as photographed.",
        )
        self.strength.edited.connect(
            lambda value, gesture: self.change("Environment strength", gesture, strength=value)
        )
        self.rotation = NumberField(
            "Environment rotation",
            hard=(-360.0, 360.0),
            soft=(-180.0, 180.0),
            step=1.0,
            decimals=1,
            unit="°",
            bar=True,
            tip="Turns the surroundings about the vertical axis.",
        )
        self.rotation.edited.connect(
            lambda value, gesture: self.change("Environment rotation", gesture, rotation=value)
        )
        self.behind = Segments(
            "Background",
            [
                (False, "Plain", "A plain colour behind the head; the light stays."),
                (True, "Environment", "Show the surroundings behind the head."),
            ],
        )
        self.behind.chosen.connect(lambda visible: self.change("Background", visible=bool(visible)))
        self.background = ColorButton("Background colour", "Colour behind the head.")
        self.background.edited.connect(
            lambda value, gesture: self.change("Background colour", gesture, background=value)
        )
        self.hint = Hint()
        self.hint.setProperty("role", "warning")
        self.hint.hide()
        self.add_row("Picture", self.picture)
        self.add(self.hint)
        self.color_row = self.add_row("Colour", self.color)
        self.add_row("Strength", self.strength)
        self.rotation_row = self.add_row("Rotation", self.rotation)
        self.add_row("Background", self.behind)
        self.background_row = self.add_row("", self.background)
        self._thumbnails_asked = False
        self.show_scene(document.scene)

    def load_thumbnails(self) -> None:
        """Make the small pictures of the menu, away from the window's thread; once."""
        if self._thumbnails_asked:
            return
        self._thumbnails_asked = True
        for name in NAMES:
            self._load_thumbnail(name)

    def _load_thumbnail(self, name: str) -> None:
        size = (THUMBNAIL.width() * 2, THUMBNAIL.height() * 2)
        in_background(
            self,
            lambda: environment_thumbnail(name, size),
            lambda image: self._show_thumbnail(name, image),
            QThreadPool.globalInstance(),
        )

    def _show_thumbnail(self, name: str, image: QImage | None) -> None:
        row = self.picture.findData(name)
        if image is not None and row >= 0:
            self.picture.setItemIcon(row, QIcon(QPixmap.fromImage(image)))

    def change(self, text: str, gesture: object | None = None, **values: Any) -> None:
        scene = self.document.scene
        environment = replace(scene.environment, **values)
        self.document.change(text, replace(scene, environment=environment), gesture)

    def _choose(self, row: int) -> None:
        name = self.picture.itemData(row)
        if name == OWN_FILE:
            chosen, _ = QFileDialog.getOpenFileName(
                self, "Open an environment", "", "Environments (*.exr *.hdr)"
            )
            if chosen:
                self.use_file(Path(chosen))
            self.show_scene(self.document.scene)
        else:
            self.hint.hide()
            self.change("Environment picture", picture=name or None)

    def use_file(self, path: Path) -> None:
        """Light the scene by a picture of one's own; a file that cannot be used is refused."""
        try:
            picture_file(str(path))
        except EnvironmentFault:
            self.hint.setText(f"{path.name} can't light the scene: choose an .exr or .hdr picture.")
            self.hint.show()
            return
        self.hint.hide()
        self.change("Environment picture", picture=str(path))

    def show_scene(self, scene: Scene) -> None:
        environment = scene.environment
        self._show_picture(environment.picture)
        self.color.set_value(environment.color)
        self.strength.set_value(environment.strength)
        self.rotation.set_value(environment.rotation)
        self.behind.set_key(environment.visible)
        self.background.set_value(environment.background)
        self.color_row.setVisible(environment.picture is None)
        self.rotation_row.setVisible(environment.picture is not None)
        self.background_row.setVisible(not environment.visible)

    def _show_picture(self, picture: str | None) -> None:
        row = self.picture.findData(picture or PLAIN)
        if row < 0 and picture is not None:
            row = self.picture.count() - 1
            self.picture.insertItem(row, Path(picture).name, picture)
            self.picture.setItemData(row, picture, 3)
            if self._thumbnails_asked:
                self._load_thumbnail(picture)
        self.picture.setCurrentIndex(row)
