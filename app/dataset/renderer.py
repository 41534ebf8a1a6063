"""What makes the pictures of a data set."""

from __future__ import annotations

from typing import Protocol

from app.head.asset import HeadAsset
from app.scene.layers import Layers
from app.scene.room import Room
from app.scene.scene import Scene


class Renderer(Protocol):
    """Renders one head after another; used by one thread.

    A picture depends on what is asked for alone, never on the pictures before it.
    """

    def open(self, asset: HeadAsset) -> None:
        """Take a head in place of the one before."""

    def render(self, scene: Scene, room: Room | None) -> Layers:
        """Picture and ground truth of the open head.

        Where ``room`` is None and ``scene.environment.visible`` is false, what is behind the head
        stays empty and shows in ``Layers.alpha``.
        """

    def close(self) -> None:
        """Give back windows, memory and processes."""
