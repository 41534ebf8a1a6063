"""One frame as a picture: what was rendered, and all that is known about it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.dataset import manifest
from app.dataset.annotation import frame_of
from app.dataset.check import NoDataSetError, is_ours
from app.dataset.reader import ReadError, Sample, SynFace, samples
from app.files import aside
from app.scene.depth_view import depth_picture, depth_range
from app.scene.scene import HeadFile, Scene
from app.scene.segments import PALETTE, SEGMENTS
from app.topology.truth import OUTLINE

_INK: Final = "#1f2733"
_SOFT: Final = "#8590a2"
_AXES: Final = (("#e5484d", "left"), ("#2fa84f", "up"), ("#3b82f6", "out of the face"))
_SPARSE: Final = "#ffd43b"
_DENSE: Final = "#5ee6ff"
_OUTLINE: Final = "#ff6ac1"
_AXIS_LENGTH: Final = 0.08
_MANY: Final = 100
"""From so many points on a topology counts as dense and is drawn with small marks."""


def find(root: Path, asked: str) -> Sample:
    """The sample of a number, or of a place such as ``female/0001/Simple/neutral/HeadRot/0003``.

    The number is that of the manifest, or without one the sample's place in the order of folders.

    Raises
    ------
    NoDataSetError
        When there is no data set or no such sample; the message is one line.
    OSError
    """
    ours = is_ours(root)
    if asked.isascii() and asked.isdigit():
        return _of_number(root, int(asked), ours)
    folder, _, name = asked.strip("/").rpartition("/")
    id_ = name.rpartition("_")[2].partition(".")[0]
    if (root / folder).is_dir():
        for sample in samples(root, folder):
            if sample.id == id_:
                return sample
    raise NoDataSetError(f"{root} has no frame {asked}: give its number, or folder/id")


def scene_of(sample: Sample, head: str | None = None) -> Scene:
    """The scene that a frame was rendered from, to be opened in the window.

    Parameters
    ----------
    sample : Sample
    head : str, optional
        FBX in place of the frame's own head; a person of a data set has to be baked to one.

    Raises
    ------
    ReadError
        When the sample has no annotation, or shows a person and no FBX is given.
    OSError
    """
    frame = frame_of(sample.annotation())
    if head is None and frame.subject.head is None:
        raise ReadError(
            f"this frame shows a person: make an FBX with “bake-head --person "
            f"{sample.root / (frame.subject.person or '')}” and name it with --head"
        )
    path = head or frame.subject.head or ""
    return replace(frame.scene, head=HeadFile(path))


def draw(sample: Sample, path: Path) -> None:
    """Write the picture, depth, mask and landmarks of a sample as one PNG.

    Raises
    ------
    ReadError
        When the sample's picture cannot be read.
    OSError
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    picture = sample.picture()
    content = sample.annotation() if "annotation" in sample.files else None
    depth = sample.depth() if "depth" in sample.files else None
    mask = sample.mask() if "mask" in sample.files else None
    height, width = picture.shape[:2]
    wide = 6.6
    tall = wide * height / width
    style = {"font.family": "DejaVu Sans", "font.size": 10, "text.color": _INK}
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(2 * wide + 0.9, 2 * tall + 1.7), dpi=110, facecolor="white")
        FigureCanvasAgg(figure)
        share = 1.0 / (2 * tall + 1.7)
        grid = figure.add_gridspec(
            2, 2, left=0.02, right=0.98, top=1 - 0.95 * share, bottom=0.3 * share,
            hspace=0.35 / tall, wspace=0.05,
        )  # fmt: skip
        _heading(figure, sample, content, 1 - 0.35 * share, 1 - 0.6 * share)
        axes = [figure.add_subplot(grid[i // 2, i % 2]) for i in range(4)]
        for one in axes:
            one.set_axis_off()
            one.set_xlim(-0.5, width - 0.5)
            one.set_ylim(height - 0.5, -0.5)
            one.set_aspect("equal")
        _show(axes[0], picture, "Picture")
        _pose(axes[0], sample, content)
        _depth(axes[1], depth, mask)
        _landmarks(axes[2], picture, content)
        _mask(axes[3], mask, picture)
        with aside(path) as temporary:
            figure.savefig(temporary, format="png")


def _of_number(root: Path, number: int, ours: bool) -> Sample:
    if ours and (root / manifest.FILE).exists():
        for row in manifest.rows(root, ["number", "folder", "id"]):
            if row["number"] == number:
                return find(root, f"{row['folder']}/{row['id']}")
        raise NoDataSetError(f"the manifest of {root} has no frame {number}")
    for place, sample in enumerate(SynFace(root)):
        if place == number:
            return sample
    raise NoDataSetError(f"{root} has no frame {number}: they count from 0")


def _heading(
    figure: Any, sample: Sample, content: dict[str, Any] | None, top: float, below: float
) -> None:
    figure.text(0.02, top, f"{sample.folder}/{sample.id}", fontsize=14, fontweight="bold")
    told = []
    if content is not None:
        seen = content["head"]["pose"]["of_the_camera"]["pose_para"]
        told = [
            f"number {content['number']}",
            content["renderer"],
            f"seen yaw {seen['yaw']:+.1f}°, pitch {seen['pitch']:+.1f}°, roll {seen['roll']:+.1f}°",
            f"camera at {content['head']['distance']:.3f} m",
        ]
        effects = [effect["kind"] for effect in content["frame"]["effects"]]
        told += [", ".join(effects)] if effects else []
    elif "text" in sample.files:
        turned = sample.text().head_rotation
        told = [f"head yaw {turned.yaw:.2f}°, pitch {turned.pitch:.2f}°, roll {turned.roll:.2f}°"]
    figure.text(0.02, below, "   ·   ".join(told), fontsize=10, color=_SOFT)


def _show(axes: Any, picture: NDArray[Any], title: str) -> None:
    axes.imshow(picture, interpolation="nearest" if picture.shape[1] < 400 else "antialiased")
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold", color=_INK)


def _absent(axes: Any, title: str) -> None:
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold", color=_INK)
    axes.text(0.5, 0.5, "not in this data set", ha="center", color=_SOFT, transform=axes.transAxes)


def _pose(axes: Any, sample: Sample, content: dict[str, Any] | None) -> None:
    """The head's own axes: to the person's left, up, and out of the face."""
    if content is None:
        return
    matrix = np.array(content["head"]["matrix"])
    e = np.array(content["camera"]["extrinsics"])
    k = np.array(content["camera"]["intrinsics"])
    ends = matrix[:3, 3] + _AXIS_LENGTH * np.array([matrix[:3, 0], matrix[:3, 2], -matrix[:3, 1]])
    points = np.vstack([matrix[:3, 3], ends]) @ e[:, :3].T + e[:, 3]
    if (points[:, 2] < 1e-3).any():
        return
    flat = points @ k.T
    pixels = flat[:, :2] / flat[:, 2:]
    order = np.argsort(-points[1:, 2])
    for i in order:
        color, label = _AXES[i]
        axes.annotate(
            "", pixels[i + 1], pixels[0],
            arrowprops={"arrowstyle": "-|>", "color": color, "lw": 2.4, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip
        axes.plot([], [], color=color, lw=2.4, label=label)
    _legend(axes)


def _depth(axes: Any, depth: NDArray[Any] | None, mask: NDArray[Any] | None) -> None:
    if depth is None:
        _absent(axes, "Depth")
        return
    head = None if mask is None else mask > 0
    near, far = depth_range(depth, head)
    _show(axes, depth_picture(depth, near, far, "turbo"), f"Depth, {near:.3f} to {far:.3f} m")


def _landmarks(axes: Any, picture: NDArray[Any], content: dict[str, Any] | None) -> None:
    """Visible points are filled, hidden ones hollow."""
    if content is None:
        _absent(axes, "Landmarks")
        return
    grey = (picture.astype(np.float64) @ [0.299, 0.587, 0.114])[..., None] * 0.45
    _show(axes, np.repeat(grey, 3, axis=2).astype(np.uint8), "Landmarks (hollow: hidden)")
    for name, points in sorted(content["landmarks"].items(), key=lambda item: -len(item[1])):
        pixels = np.array([row or (np.nan, np.nan) for row in points["pixels"]], dtype=float)
        visible = np.array(points["visible"], dtype=bool)
        dense = len(pixels) >= _MANY
        color = _OUTLINE if name == OUTLINE else _DENSE if dense else _SPARSE
        size = 5 if dense else 26 if name == OUTLINE else 16
        marker = "D" if name == OUTLINE else "o"
        common = {"s": size, "marker": marker, "linewidths": 0.5 if dense else 1.0}
        order = 2 if dense else 3 if name == OUTLINE else 4
        axes.scatter(*pixels[visible].T, color=color, zorder=order, label=name, **common)
        axes.scatter(
            *pixels[~visible].T, facecolors="none", edgecolors=color, zorder=order, **common
        )
    _legend(axes)


def _mask(axes: Any, mask: NDArray[Any] | None, picture: NDArray[Any]) -> None:
    if mask is None:
        _absent(axes, "Mask")
        return
    colors = np.array(PALETTE, dtype=np.float64)[mask]
    grey = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2)
    _show(axes, (0.75 * colors + 0.25 * grey).astype(np.uint8), "Mask")
    for value in np.unique(mask):
        axes.scatter([], [], color=np.array(PALETTE[value]) / 255, s=60, label=SEGMENTS[value])
    _legend(axes)


def _legend(axes: Any) -> None:
    axes.legend(
        loc="lower left", fontsize=8, frameon=True, framealpha=0.75, facecolor="#101418",
        edgecolor="none", labelcolor="white", ncols=6, columnspacing=1.0, handletextpad=0.5,
    )  # fmt: skip
