"""A picture of a topology's landmarks on a head, from three sides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.files import aside
from app.geometry.rotations import Array
from app.head.asset import HeadAsset
from app.scene.placement import pinhole
from app.scene.presets import default_scene
from app.scene.scene import Camera, HeadFile, Scene
from app.topology.locate import around, seen
from app.topology.placement import Placement
from app.topology.topology import Topology

VIEWS: Final = (("front", 0.0), ("left three-quarter", 42.0), ("left profile", 88.0))
COLORS: Final = {
    "outline": "#1b6fd6",
    "round 1": "#f08c00",
    "round 2": "#12a150",
    "round 3": "#d6336c",
    "fill": "#5f6b7a",
}
OTHER: Final = "#111418"
_SIZE: Final = 1000
_PAPER: Final = np.array([0.965, 0.967, 0.972])
_VEIL: Final = 0.22
_LIFT: Final = 0.62
_NUMBERED: Final = 100
_MARGIN: Final = 0.022
_TURNED: Final = 0.03
_DISTANCE: Final = 0.9


@dataclass(frozen=True, eq=False)
class _View:
    title: str
    picture: NDArray[Any]
    pixels: Array
    visible: NDArray[Any]
    turned: NDArray[Any]
    """Hidden, but close behind what is seen: at the side of the face that turns away."""


def write_picture(path: Path, asset: HeadAsset, topology: Topology, placement: Placement) -> None:
    """Draw the landmarks: with their numbers where they are few, coloured by origin else.

    Raises
    ------
    OSError
        If the file cannot be written.
    NoOpenGLError
        Where there is no OpenGL to be had.
    """
    views = _views(asset, placement)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    widths = [view.picture.shape[1] for view in views]
    height = views[0].picture.shape[0]
    inch = 100.0
    band = 0.9 * inch
    figure = Figure((sum(widths) / inch, (height + band) / inch), dpi=150, facecolor=_PAPER)
    FigureCanvasAgg(figure)
    left = 0.0
    for view, width in zip(views, widths, strict=True):
        axes = figure.add_axes(
            (left / sum(widths), 0.0, width / sum(widths), height / (height + band))
        )
        _draw(axes, topology, view)
        left += width
    title = (
        f"{topology.name}, version {topology.version}: {len(topology)} landmarks on {asset.name}"
    )
    line = 1.0 - 0.5 * band / (height + band)
    figure.text(0.012, line, title, fontsize=15, color=OTHER, va="center")
    origins = list(dict.fromkeys(mark.origin for mark in topology.landmarks))
    if len(origins) > 1:
        handles = [
            Line2D([], [], marker="o", linestyle="", color=COLORS.get(o, OTHER), label=o)
            for o in origins
        ]
        figure.legend(
            handles=handles,
            loc="center right",
            bbox_to_anchor=(0.99, line),
            ncols=len(handles),
            frameon=False,
            fontsize=12,
            handletextpad=0.1,
            columnspacing=1.3,
        )
    with aside(path) as temporary:
        figure.savefig(temporary, format="png", facecolor=_PAPER)


def _views(asset: HeadAsset, placement: Placement) -> list[_View]:
    from app.raster.renderer import RasterRenderer

    renderer = RasterRenderer()
    try:
        renderer.open(asset)
        found = []
        for title, azimuth in VIEWS:
            scene = _scene(azimuth)
            layers = renderer.render(scene, None)
            view = pinhole(scene.camera)
            world = placement.positions(layers.vertices)
            pixels = view.project(world)
            distance = view.to_camera(world)[:, 2]
            visible = seen(pixels, distance, layers.depth, view.focal_pixels)
            behind = distance - around(pixels, layers.depth)[1]
            turned = ~visible & np.isfinite(behind) & (behind < _TURNED)
            found.append(_View(title, _paper(layers.color, layers.alpha), pixels, visible, turned))
    finally:
        renderer.close()
    margin = _MARGIN * pinhole(_scene(0.0).camera).focal_pixels / _DISTANCE
    top = min(float(view.pixels[:, 1].min()) for view in found) - margin
    bottom = max(float(view.pixels[:, 1].max()) for view in found) + margin
    rows = slice(max(int(top), 0), min(int(bottom), _SIZE))
    return [_cropped(view, rows, 1.5 * margin) for view in found]


def _cropped(view: _View, rows: slice, margin: float) -> _View:
    left = max(int(view.pixels[:, 0].min() - margin), 0)
    right = min(int(view.pixels[:, 0].max() + margin), _SIZE)
    return replace(
        view, picture=view.picture[rows, left:right], pixels=view.pixels - [left, rows.start]
    )


def _scene(azimuth: float) -> Scene:
    camera = Camera(
        distance=_DISTANCE, azimuth=azimuth, field_of_view=20.0, width=_SIZE, height=_SIZE
    )
    return replace(default_scene(HeadFile("")), camera=camera)


def _paper(color: NDArray[Any], alpha: NDArray[Any]) -> Array:
    """The head pale on paper, so that points and lines stand out."""
    own = (color.astype(np.float64) / 255.0) ** _LIFT
    grey = own @ [0.30, 0.59, 0.11]
    head = 0.6 * own + 0.4 * grey[..., None]
    head = (1.0 - _VEIL) * head + _VEIL
    share = alpha[..., None]
    return np.asarray(share * head + (1.0 - share) * _PAPER)


def _draw(axes: Any, topology: Topology, view: _View) -> None:
    from matplotlib.collections import LineCollection
    from matplotlib.patheffects import withStroke

    height, width = view.picture.shape[:2]
    axes.imshow(view.picture, interpolation="lanczos")
    axes.set_xlim(-0.5, width - 0.5)
    axes.set_ylim(height - 0.5, -0.5)
    axes.axis("off")
    few = len(topology) <= _NUMBERED
    drawn = view.visible | view.turned if few else view.visible
    shown = [(a, b) for a, b in topology.edges if drawn[a] and drawn[b]]
    lines = [view.pixels[[a, b]] for a, b in shown]
    axes.add_collection(
        LineCollection(lines, colors="#ffffff", linewidths=1.4 if few else 0.5, alpha=0.85)
    )
    size = 15.0 if few else max(5200.0 / len(topology), 7.5)
    colors = np.array([COLORS.get(mark.origin, OTHER) for mark in topology.landmarks])
    if few:
        axes.scatter(*view.pixels[view.turned].T, s=size, c="white", edgecolors="#d6336c", zorder=3)
    at = view.pixels[view.visible]
    axes.scatter(
        at[:, 0],
        at[:, 1],
        s=size,
        c=colors[view.visible] if not few else "#d6336c",
        edgecolors="white",
        linewidths=0.5,
        zorder=3,
    )
    axes.text(
        0.5, 0.015, view.title, transform=axes.transAxes, ha="center", fontsize=12, color="#5f6b7a"
    )
    if few:
        outline = [withStroke(linewidth=1.6, foreground="white")]
        for i in np.flatnonzero(drawn):
            x, y = view.pixels[i]
            axes.annotate(
                str(i),
                (x, y),
                (2.6, 2.6),
                textcoords="offset points",
                fontsize=6.2,
                color=OTHER,
                path_effects=outline,
                zorder=4,
            )
