"""A picture of a data set's distributions beside those of Biwi."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Final

import numpy as np

from app.dataset.stats import (
    ANGLES,
    BIN,
    BIWI_RANGES,
    EDGES,
    Floats,
    Stats,
    histogram,
    within_biwi,
)
from app.files import aside

SUFFIXES: Final = (".png", ".svg", ".pdf")

_INK: Final = "#1f2733"
_SOFT: Final = "#8590a2"
_GRID: Final = "#e4e8ee"
_OURS: Final = "#2a6fbb"
_FILL: Final = "#a9cbee"
_BIWI: Final = "#d9622b"
_RANGE: Final = "#fbefe6"
_BARS: Final = ("#2a6fbb", "#4b9b8e", "#8f77b5", "#c98a2b")
_MOST: Final = 8


def draw(stats: Stats, path: Path, biwi: Floats | None = None) -> None:
    """Write a picture, in the format that the ending of its name asks for.

    Parameters
    ----------
    stats : Stats
    path : Path
        Ends in one of `SUFFIXES`.
    biwi : ndarray, shape (N, 3), optional
        From `app.dataset.stats.biwi_angles`.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    style = {
        "font.family": "DejaVu Sans",
        "font.size": 10,
        "text.color": _INK,
        "axes.labelcolor": _INK,
        "axes.edgecolor": _SOFT,
        "xtick.color": _SOFT,
        "ytick.color": _SOFT,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "svg.hashsalt": "headroom",
    }
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(14, 9), dpi=110, facecolor="white")
        FigureCanvasAgg(figure)
        grid = figure.add_gridspec(
            2, 12, left=0.05, right=0.975, top=0.83, bottom=0.07, hspace=0.38, wspace=1.1
        )
        _title(figure, stats, biwi)
        shares = [histogram(stats.angles[:, i]) for i in range(3)]
        if biwi is not None and len(biwi):
            shares += [histogram(biwi[:, i]) for i in range(3)]
        top = max(float(share.max()) for share in shares) * 115.0
        for i, angle in enumerate(ANGLES):
            axes = figure.add_subplot(grid[0, 4 * i : 4 * i + 4])
            _angle(axes, stats.angles[:, i], angle, None if biwi is None else biwi[:, i])
            axes.set_ylim(0.0, top)
            if i == 0:
                axes.set_ylabel("share of the frames, %")
        for place, other in ((slice(0, 3), 1), (slice(3, 6), 2)):
            _joint(figure.add_subplot(grid[1, place]), stats.angles, other)
        _bars(figure.add_subplot(grid[1, 7:12]), stats)
        metadata = {"Date": None} if path.suffix.lower() in (".svg", ".pdf") else None
        if path.suffix.lower() == ".pdf":
            metadata = {"CreationDate": None}
        with aside(path) as temporary:
            figure.savefig(temporary, format=path.suffix[1:].lower(), metadata=metadata)


def _title(figure: Any, stats: Stats, biwi: Floats | None) -> None:
    genders = ", ".join(f"{n} {gender}" for gender, n in sorted(stats.by_gender().items()))
    people = f"{len(stats.people)} people ({genders})" if stats.people else "people unknown"
    figure.text(0.05, 0.95, stats.name, fontsize=20, fontweight="bold", color=_INK)
    facts = [f"{stats.frames:,} frames", people]
    if stats.people:
        least, most = min(stats.people.values()), max(stats.people.values())
        facts.append(f"{least}–{most} frames each" if least < most else f"{least} frames each")
    if stats.distance:
        near, far = stats.distance
        facts.append(f"camera at {near:.2f}–{far:.2f} m")
    figure.text(0.05, 0.915, "   ·   ".join(facts), fontsize=11, color=_SOFT)
    handles = [
        (_OURS, "this data set"),
        (_BIWI, "Biwi's published range, ±75° / ±60° / ±50°"),
    ]
    if biwi is not None:
        handles.append((_BIWI, f"Biwi, {len(biwi):,} frames"))
    import matplotlib.lines
    import matplotlib.patches

    drawn: list[Any] = [
        matplotlib.patches.Patch(facecolor=_FILL, edgecolor=_OURS, label=handles[0][1]),
        matplotlib.patches.Patch(facecolor=_RANGE, edgecolor=_BIWI, label=handles[1][1], ls=":"),
    ]
    if biwi is not None:
        drawn.append(matplotlib.lines.Line2D([], [], color=_BIWI, lw=2, label=handles[2][1]))
    figure.legend(
        handles=drawn, loc="upper right", bbox_to_anchor=(0.98, 0.985), frameon=False, fontsize=10
    )


def _angle(axes: Any, values: Floats, angle: str, biwi: Floats | None) -> None:
    limit = BIWI_RANGES[angle]
    axes.axvspan(-limit, limit, color=_RANGE, lw=0, zorder=0)
    for edge in (-limit, limit):
        axes.axvline(edge, color=_BIWI, lw=1, ls=":", zorder=1)
    share = histogram(values) * 100.0
    axes.bar(EDGES[:-1], share, BIN, align="edge", color=_FILL, lw=0, zorder=2)
    axes.stairs(share, EDGES, color=_OURS, lw=1.6, zorder=3)
    if biwi is not None and len(biwi):
        axes.stairs(histogram(biwi) * 100.0, EDGES, color=_BIWI, lw=2.0, zorder=4)
    _degrees(axes.xaxis)
    axes.set_xlim(EDGES[0], EDGES[-1])
    axes.grid(axis="y", color=_GRID, lw=0.8, zorder=0)
    axes.set_axisbelow(True)
    axes.set_title(angle, loc="left", fontsize=13, fontweight="bold", pad=20)
    told = f"mean {values.mean():+.1f}°   sd {values.std():.1f}°"
    told += f"   {within_biwi(values, angle):.1%} in Biwi's range"
    axes.text(0.0, 1.025, told, transform=axes.transAxes, fontsize=9, color=_SOFT)


def _joint(axes: Any, angles: Floats, other: int) -> None:
    """Yaw against pitch or roll, with Biwi's rectangle."""
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.patches import Rectangle

    shades = LinearSegmentedColormap.from_list("ours", ["#ffffff", _FILL, _OURS, "#123a66"])
    clipped = np.clip(angles, EDGES[0], EDGES[-1] - 1e-9)
    counts = np.histogramdd(clipped[:, (0, other)], bins=[EDGES, EDGES])[0]
    axes.pcolormesh(EDGES, EDGES, np.sqrt(counts.T), cmap=shades, rasterized=True)
    yaw, name = BIWI_RANGES["yaw"], ANGLES[other]
    limit = BIWI_RANGES[name]
    axes.add_patch(
        Rectangle((-yaw, -limit), 2 * yaw, 2 * limit, fill=False, ec=_BIWI, lw=1.2, ls=":")
    )
    for axis in (axes.xaxis, axes.yaxis):
        _degrees(axis)
    axes.set_aspect("equal")
    axes.set_xlabel("yaw")
    axes.set_title(f"{name} against yaw", loc="left", fontsize=11, fontweight="bold")


def _degrees(axis: Any) -> None:
    axis.set_ticks([-90, -60, -30, 0, 30, 60, 90])
    axis.set_major_formatter(lambda value, _: f"{value:g}°")


def _bars(axes: Any, stats: Stats) -> None:
    """Motions, expressions, backgrounds and effects as shares, one bar each."""
    rows: list[tuple[str, float, str, str]] = []
    for color, (title, counts) in zip(
        _BARS,
        (
            ("motion", stats.motions),
            ("expression", stats.expressions),
            ("background", stats.backgrounds),
            ("effect", stats.effects),
        ),
        strict=True,
    ):
        rows += [(name, share, color, title) for name, share in _top(counts, stats.frames)]
    axes.set_title(
        "Motions, expressions, backgrounds" + (", effects" if stats.effects else ""),
        loc="left",
        fontsize=11,
        fontweight="bold",
    )
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.set_xticks([])
    if not rows:
        axes.set_yticks([])
        axes.text(0.0, 0.9, "not told by the folders", transform=axes.transAxes, color=_SOFT)
        return
    places: list[float] = []
    at, before = 0.0, rows[0][3]
    for _, _, _, title in rows:
        at -= 0.5 if title != before else 0.0
        places.append(at)
        at, before = at - 1.0, title
    widest = max(share for _, share, _, _ in rows)
    axes.barh(places, [r[1] for r in rows], 0.74, color=[r[2] for r in rows])
    axes.set_yticks(places, [r[0] for r in rows], color=_INK, fontsize=9 if len(rows) < 22 else 7)
    axes.tick_params(axis="y", length=0)
    for place, (_, share, _, _) in zip(places, rows, strict=True):
        axes.text(share + widest * 0.015, place, f"{share:.1%}", va="center", fontsize=8.5)
    axes.set_xlim(0.0, widest * 1.12)
    axes.set_ylim(min(places) - 0.6, 0.6)


def _top(counts: Counter[str], frames: int) -> list[tuple[str, float]]:
    listed = counts.most_common(_MOST)
    rest = sum(counts.values()) - sum(n for _, n in listed)
    named = [(name, count / frames) for name, count in listed]
    return named + ([(f"{len(counts) - _MOST} more", rest / frames)] if rest else [])
