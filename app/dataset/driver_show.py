"""One picture of a driver with all that is known about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.dataset.check import NoDataSetError
from app.dataset.depth_exr import read_depth
from app.dataset.driver_files import NAMES, PALETTE, read_driver_annotation
from app.dataset.driver_maker import read_driver_record
from app.dataset.driver_plan import DriverFrame, DriverPlan
from app.dataset.driver_sample import clipped, decode_picture, decode_segments, wheel_box
from app.dataset.driver_truth import SIDES
from app.dataset.spec import SpecError
from app.files import aside, read_bytes
from app.scene.depth_view import depth_picture, depth_range
from app.scene.solids import SEGMENTS

_INK: Final = "#1f2733"
_SOFT: Final = "#6b7688"
_RIM: Final = "#ffd43b"
_BODY: Final = "#5ee6ff"
_HANDS: Final = {"left": "#ff8a3d", "right": "#58b7ff"}
_STATES: Final = {"on": "#1f9d4d", "off": "#d6383f", "uncertain": "#a07800"}
_FINGER: Final = 4
_LIMIT: Final = 64 * 2**20


def find_driver(root: Path, asked: str) -> DriverFrame:
    """The picture of a number, or of a place such as ``driver_0001/00001/0003``.

    Raises
    ------
    NoDataSetError
        When there is none; the message is one line.
    """
    try:
        plan = DriverPlan(read_driver_record(root).spec)
    except SpecError as problem:
        raise NoDataSetError(str(problem)) from None
    word = asked.strip("/")
    if word.isascii() and word.isdigit() and int(word) < len(plan):
        return plan.frame(int(word))
    folder, _, name = word.rpartition("/")
    own = name.rpartition("_")[2].partition(".")[0]
    sequence = folder.rpartition("/")[2]
    if own.isdigit() and sequence.isdigit() and 1 <= int(sequence) <= plan.spec.sequences:
        frame = plan.frame_of(int(sequence) - 1, min(int(own), plan.spec.per_sequence - 1))
        if (frame.folder, frame.id) == (folder, own):
            return frame
    raise NoDataSetError(
        f"{root} has no picture {asked}: give its number, below {len(plan)}, or folder/id"
    )


def draw_driver(root: Path, frame: DriverFrame, path: Path) -> None:
    """Write picture, key points, mask and depth of a picture as one PNG.

    Raises
    ------
    DriverSampleError, DriverAnnotationError, DepthError
        When a file of it is damaged.
    OSError
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    content, _ = read_driver_annotation(root / frame.file(*NAMES["annotation"]))
    picture = decode_picture(read_bytes(root / frame.file(*NAMES["color"]), _LIMIT))
    mask = decode_segments(read_bytes(root / frame.file(*NAMES["mask"]), _LIMIT))
    depth = read_depth(root / frame.file(*NAMES["depth"]))
    style = {"font.family": "DejaVu Sans", "font.size": 10, "text.color": _INK}
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(11.0, 12.0), dpi=110, facecolor="white")
        FigureCanvasAgg(figure)
        _heading(figure, content)
        grid = figure.add_gridspec(
            2, 2, left=0.03, right=0.97, top=0.89, bottom=0.05, hspace=0.12, wspace=0.06
        )
        plain, points, kinds, deep = (figure.add_subplot(grid[k // 2, k % 2]) for k in range(4))
        plain.imshow(picture)
        plain.set_title("picture", color=_SOFT, loc="left", fontsize=9)
        points.imshow(picture, alpha=0.75)
        points.set_title("wheel, hands, body", color=_SOFT, loc="left", fontsize=9)
        _points(points, content, picture.shape[1], picture.shape[0])
        kinds.imshow(np.asarray(PALETTE, np.uint8)[mask])
        present = " · ".join(SEGMENTS[k].replace("_", " ") for k in np.unique(mask))
        kinds.set_title(f"mask: {present}", color=_SOFT, loc="left", fontsize=9)
        span = depth_range(depth)
        deep.imshow(depth_picture(depth, *span, "turbo"))
        deep.set_title(
            f"depth, {span[0]:.2f} to {span[1]:.2f} m", color=_SOFT, loc="left", fontsize=9
        )
        for axes in (plain, points, kinds, deep):
            axes.set_axis_off()
            axes.set_xlim(-0.5, picture.shape[1] - 0.5)
            axes.set_ylim(picture.shape[0] - 0.5, -0.5)
        with aside(path) as temporary, temporary.open("wb") as file:
            figure.savefig(file, format="png")


def _heading(figure: Any, content: dict[str, Any]) -> None:
    text = f"{content['driver']} · {content['behaviour']} · {content['time']:.2f} s"
    figure.text(0.03, 0.965, text, fontsize=15, weight="bold")
    drive = "right-hand drive" if content["right_hand_drive"] else "left-hand drive"
    infra_red = ", infra-red" if content["infra_red"] else ""
    words = (
        f"sequence {content['sequence']}, picture {content['number']} · {content['car']}, {drive}"
        f" · {content['light']}{infra_red} · camera: {content['camera']['mount']}"
    )
    figure.text(0.03, 0.943, words, color=_SOFT)
    for k, name in enumerate(SIDES):
        hand = content["hands"][name]
        far = 1000.0 * hand["distance"]
        where = f"{far:.1f} mm from the rim" if far >= 0.0 else f"{-far:.1f} mm into the rim"
        said = f"{name} hand {hand['state']}, {where}"
        figure.text(0.03 + 0.47 * k, 0.919, said, color=_STATES[hand["state"]], weight="bold")


def _points(axes: Any, content: dict[str, Any], width: int, height: int) -> None:
    from matplotlib.patches import Rectangle

    rim = _pixels(content["wheel"]["points"])[1:]
    closed = np.concatenate([rim, rim[:1]])
    axes.plot(closed[:, 0], closed[:, 1], "-o", color=_RIM, lw=1.2, ms=3.5)
    box = wheel_box(content["wheel"], np.asarray(content["camera"]["intrinsics"], float))
    x, y, w, h = (float(v) for v in clipped(box, width, height))
    axes.add_patch(Rectangle((x, y), w, h, fill=False, ec=_RIM, lw=1.0, ls="--"))
    if "body" in content:
        body = _pixels(content["body"])
        axes.plot(body[:, 0], body[:, 1], "o", color=_BODY, ms=4, mec="black", mew=0.4)
    for name, color in _HANDS.items():
        hand = _pixels(content["hands"][name]["points"])
        for first in range(1, len(hand), _FINGER):
            finger = np.concatenate([hand[:1], hand[first : first + _FINGER]])
            axes.plot(finger[:, 0], finger[:, 1], "-", color=color, lw=1.4)
        axes.plot(hand[:, 0], hand[:, 1], "o", color=color, ms=2.6)


def _pixels(points: dict[str, Any]) -> NDArray[np.float64]:
    rows = [[np.nan, np.nan] if pixel is None else pixel for pixel in points["pixels"]]
    return np.array(rows, float)
