"""Heads on their way to the stage: read by Blender on a thread of their own, or from the cache."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.head.correction import Correction
from app.scene.scene import Scene


def shipped_heads():
    return []


def scene_for(head):
    return Scene(head)


class HeadLoader(QObject):
    started = Signal(str)
    progressed = Signal(str, object)
    ended = Signal()
    loaded = Signal(object)
    failed = Signal(str, str)

    def __init__(self, document, blender, jobs, parent):
        super().__init__(parent)
        self.asset = None
        self.correction = Correction()

    def follow(self):
        self.loaded.emit(None)

    def open(self, path, correction=None):
        pass

    def cancel(self):
        pass
