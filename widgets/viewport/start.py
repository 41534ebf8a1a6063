"""Chooses what draws: VTK where there is OpenGL, otherwise the processor alone."""

from __future__ import annotations

from collections.abc import Callable

from widgets.viewport.thread import Draws


def make_renderer(note: Callable[[str], None]) -> Draws:
    """Called in the render thread; ``note`` is told what the user should know."""
    from app.raster.window import NoOpenGLError
    from widgets.viewport.renderer import Renderer

    try:
        return Renderer()
    except NoOpenGLError as reason:
        from widgets.viewport.software import SoftwareRenderer

        note(f"{reason} The view is drawn without it, slowly and plainly.")
        return SoftwareRenderer()
