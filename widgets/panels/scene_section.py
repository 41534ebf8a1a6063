"""A section of a panel that shows one part of the scene and edits it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.scene.scene import Scene
from app.session.document import Document
from widgets.fields.form import Section


class SceneSection(Section):
    """Shows again only when its part of the scene has become another object.

    Parameters
    ----------
    part : callable
        What of the scene the section shows.
    """

    def __init__(
        self,
        title: str,
        document: Document,
        part: Callable[[Scene], object],
        *,
        expanded: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(title, expanded=expanded, parent=parent)
        self.document = document
        self._part = part
        document.scene_changed.connect(self._on_scene)

    def _on_scene(self, before: Scene, after: Scene) -> None:
        if self._part(before) is not self._part(after):
            self.show_scene(after)

    def show_scene(self, scene: Scene) -> None:
        """Show a scene in the widgets; overridden by each section."""
        raise NotImplementedError
