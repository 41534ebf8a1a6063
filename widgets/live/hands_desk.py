"""Hands on the wheel in the live workspace, without its widgets: what is asked and remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from inference.hands_state import HandsSettings
from inference.live.hands import HandsAsked, Part

if TYPE_CHECKING:
    from widgets.live.desk import LiveDesk

WARN_AFTER: Final = 5.0
MOST_KEPT: Final = 200
"""Sources whose wheel is remembered; the oldest goes first."""


class HandsDesk(QObject):
    """Whether hands are watched, where the wheel of each source is, and when to warn.

    Signals
    -------
    changed
    """

    changed = Signal()

    def __init__(self, desk: LiveDesk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._wheels: dict[str, Part] = {}
        self._watched = True
        self._warn_after = WARN_AFTER
        desk.source_changed.connect(self._apply)
        desk.models_changed.connect(self.changed)

    @property
    def available(self) -> bool:
        """Whether there is a model of hands."""
        return bool(self._desk.shelf.fit_for("hands"))

    @property
    def ready(self) -> bool:
        """Whether one is open."""
        return self._desk.shelf.in_use("hands") is not None

    @property
    def proposes(self) -> bool:
        """Whether the wheel's region is looked for."""
        return self._desk.shelf.in_use("wheel") is not None

    @property
    def wheels(self) -> dict[str, Part]:
        """Regions as they were drawn, by source."""
        return dict(self._wheels)

    @property
    def watched(self) -> bool:
        return self._watched

    @property
    def warn_after(self) -> float:
        """Seconds."""
        return self._warn_after

    @property
    def drawn(self) -> Part | None:
        """The region that was drawn for the source that is shown."""
        return self._wheels.get(self._key())

    def recall(self, wheels: Mapping[str, Part], watched: bool, warn_after: float) -> None:
        """As it was left."""
        self._wheels = dict(wheels)
        self._watched, self._warn_after = watched, warn_after
        self._apply()

    def draw(self, part: Part) -> None:
        """Take a region for the source that is shown, now and whenever it is shown again."""
        key = self._key()
        if key:
            self._wheels.pop(key, None)
            self._wheels[key] = part
            while len(self._wheels) > MOST_KEPT:
                self._wheels.pop(next(iter(self._wheels)))
            self._apply()

    def forget(self) -> None:
        """Look for the wheel of this source again."""
        if self._wheels.pop(self._key(), None) is not None:
            self._apply()

    def set_watched(self, watched: bool) -> None:
        if watched != self._watched:
            self._watched = watched
            self._apply()

    def set_warn_after(self, seconds: float) -> None:
        if seconds != self._warn_after:
            self._warn_after = seconds
            self._apply()

    def _apply(self) -> None:
        settings = getattr(self._desk.source, "settings", None)
        asked = HandsAsked(
            self._watched,
            self.drawn,
            bool(getattr(settings, "mirror", False)),
            replace(HandsSettings(), warn_after=self._warn_after),
        )
        if asked != self._desk.settings.hands:
            self._desk.configure(hands=asked)
        self.changed.emit()

    def _key(self) -> str:
        """By which a source is known again."""
        source = self._desk.source
        if source is None:
            return ""
        path = getattr(source, "path", None)
        return str(path) if isinstance(path, Path) else source.name
