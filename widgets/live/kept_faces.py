"""Faces that stay on the screen for a moment where a stage gives none, so that nothing flickers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from inference.live.outcome import LiveFace, LiveResult

SECONDS: Final = 0.3
LOOKED: Final = "face"
"""The stage that looks at faces; where it ran, what it says of them is so."""


class KeptFaces:
    """Remembers the faces of the last result whose stages worked."""

    def __init__(self) -> None:
        self._since = 0.0
        self._faces: tuple[LiveFace, ...] = ()

    def over(self, result: LiveResult) -> LiveResult:
        """The result, with the last faces fading where nobody looked for any."""
        now = result.published
        if result.faces or LOOKED in result.timings:
            self._since, self._faces = now, result.faces
            return result
        left = 1.0 - (now - self._since) / SECONDS
        if not self._faces or not 0.0 < left <= 1.0:
            return result
        faded = (replace(f, confidence=f.confidence * left, seen=False) for f in self._faces)
        return replace(result, faces=tuple(faded))
