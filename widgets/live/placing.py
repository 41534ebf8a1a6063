"""Where a picture lies in a widget: fitted, zoomed about a point, moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

LARGEST_ZOOM: Final = 64.0
"""Pixels of the screen for one of the picture."""


@dataclass(frozen=True)
class Placing:
    """A picture of some size in a room of another.

    Attributes
    ----------
    picture, room : (float, float)
        Width and height.
    zoom : float
        Pixels of the room for one of the picture.
    x, y : float
        Where the picture's corner lies in the room.
    fitted : bool
        As large as it goes; it stays so when either size changes.
    """

    picture: tuple[float, float] = (0.0, 0.0)
    room: tuple[float, float] = (0.0, 0.0)
    zoom: float = 1.0
    x: float = 0.0
    y: float = 0.0
    fitted: bool = True

    @property
    def empty(self) -> bool:
        return min(*self.picture, *self.room) <= 0.0

    def fit(self) -> Placing:
        """All of the picture, as large as it goes."""
        if self.empty:
            return replace(self, fitted=True)
        (width, height), (across, down) = self.picture, self.room
        zoom = min(across / width, down / height)
        x, y = (across - width * zoom) / 2.0, (down - height * zoom) / 2.0
        return replace(self, zoom=zoom, x=x, y=y, fitted=True)

    def resized(self, picture: tuple[float, float], room: tuple[float, float]) -> Placing:
        """For another picture or room: fitted as before, or about the same middle."""
        if (picture, room) == (self.picture, self.room):
            return self
        new = replace(self, picture=picture, room=room)
        if self.fitted or self.empty or new.empty:
            return new.fit()
        zoom = self.zoom * self.picture[0] / picture[0]
        middle = (self.room[0] / 2.0 - self.x) / self.zoom / self.picture[0]
        height = (self.room[1] / 2.0 - self.y) / self.zoom / self.picture[1]
        x = room[0] / 2.0 - middle * picture[0] * zoom
        y = room[1] / 2.0 - height * picture[1] * zoom
        return replace(new, zoom=zoom, x=x, y=y)._held()

    def zoomed(self, at: tuple[float, float], factor: float) -> Placing:
        """Larger by a factor; what lies under a point of the room stays there."""
        if self.empty:
            return self
        least = self.fit().zoom * 0.5
        zoom = min(max(self.zoom * factor, min(least, 1.0)), LARGEST_ZOOM)
        part = zoom / self.zoom
        x, y = at[0] - (at[0] - self.x) * part, at[1] - (at[1] - self.y) * part
        return replace(self, zoom=zoom, x=x, y=y, fitted=False)._held()

    def moved(self, x: float, y: float) -> Placing:
        """Shifted by pixels of the room."""
        return replace(self, x=self.x + x, y=self.y + y, fitted=False)._held()

    def to_picture(self, x: float, y: float) -> tuple[float, float]:
        """The point of the picture that lies at one of the room."""
        return (x - self.x) / self.zoom, (y - self.y) / self.zoom

    def _held(self) -> Placing:
        """Some of the picture stays in the middle of the room."""
        (width, height), (across, down) = self.picture, self.room
        x = min(max(self.x, across / 2.0 - width * self.zoom), across / 2.0)
        y = min(max(self.y, down / 2.0 - height * self.zoom), down / 2.0)
        return replace(self, x=x, y=y)
