"""The work on a head's shadows, cut into pieces between which the render thread looks up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.geometry.rotations import Array
from app.raster.lamps import Lamp
from widgets.viewport.navigation import View
from widgets.viewport.visibility import bounced, lamp_views, seen, sky_directions, sky_view

Floats = NDArray[np.float32]
Posed = list[tuple[Floats, Floats]]

_PICTURES_A_PIECE: Final = 4


class Shadows:
    """Shadows of one pose under some lamps.

    Parameters
    ----------
    posed : list of (points, normals)
        Of every surface.
    centre : ndarray, shape (3,)
        About which shadows are looked for.
    depths_from : function of a view
        Its depth buffer.
    show_lamp : function of a lamp's index and what every surface sees of it
    show_sky : function of what every surface sees of the sky
    """

    def __init__(
        self,
        posed: Posed,
        lamps: list[Lamp],
        centre: Array,
        depths_from: Callable[[View], Floats],
        show_lamp: Callable[[int, list[Floats]], None],
        show_sky: Callable[[list[Floats]], None],
    ) -> None:
        self._posed, self._depths_from = posed, depths_from
        self._counts = np.cumsum([len(p) for p, _ in posed])[:-1]
        self._points = np.concatenate([p for p, _ in posed])
        self._normals = np.concatenate([n for _, n in posed])
        self._work = self._steps(lamps, centre, show_lamp, show_sky)

    def step(self) -> bool:
        """Do one piece; False when all is done."""
        return next(self._work, None) is not None

    def _steps(
        self,
        lamps: list[Lamp],
        centre: Array,
        show_lamp: Callable[[int, list[Floats]], None],
        show_sky: Callable[[list[Floats]], None],
    ) -> Iterator[bool]:
        drawn = 0
        for i, lamp in enumerate(lamps):
            views = lamp_views(lamp, centre)
            total = np.zeros(len(self._points), np.float32)
            for view in views:
                total += self._seen(view)
                drawn += 1
                if drawn % _PICTURES_A_PIECE == 0:
                    yield True
            show_lamp(i, np.split(total / len(views), self._counts))
        open_to = np.zeros(len(self._points), np.float32)
        most = np.full(len(self._points), 1e-6, np.float32)
        for direction in sky_directions():
            share = np.maximum(self._normals @ direction.astype(np.float32), 0.0)
            open_to += share * self._seen(sky_view(direction, centre))
            most += share
            drawn += 1
            if drawn % _PICTURES_A_PIECE == 0:
                yield True
        show_sky(np.split(bounced(open_to / most), self._counts))
        yield True

    def _seen(self, view: View) -> Floats:
        return seen(view, self._depths_from(view), self._points, self._normals)
