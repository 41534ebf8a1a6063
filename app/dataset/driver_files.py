"""Files of a driver's picture, and its row of the manifest.

Written as those of heads are: whole, aside, renamed, the annotation last.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.dataset.depth_exr import encode_depth
from app.dataset.driver_plan import DriverFrame
from app.dataset.driver_truth import SCHEMA, SIDES, VERSION
from app.dataset.files import ANNOTATION_LIMIT, encode_color, place
from app.dataset.manifest import Row
from app.files import read_bytes
from app.scene.solids import SEGMENTS

NAMES: Final = {
    "color": ("rgb", "jpg"),
    "depth": ("depthExr", "exr"),
    "mask": ("mask", "png"),
    "annotation": ("ann", "json"),
}
"""Prefix and suffix of each kind's file name, in the order of their writing."""

PALETTE: Final = (
    (0, 0, 0), (70, 70, 80), (220, 60, 40), (90, 160, 90), (250, 190, 60), (70, 150, 240),
    (190, 90, 220),
)  # fmt: skip
"""Colour of each place in `SEGMENTS`."""


class DriverAnnotationError(ValueError):
    """An annotation that cannot be read; the message is one line."""


def write_driver_frame(
    root: Path,
    frame: DriverFrame,
    color: NDArray[np.uint8],
    depth: NDArray[np.float32],
    segments: NDArray[np.uint8],
    content: Mapping[str, Any],
) -> Row:
    """Write the files of a picture in place of any that are there.

    Returns
    -------
    Row
        Of the manifest.

    Raises
    ------
    OSError
        When they cannot be written, which names the file; the picture is then not marked done.
    """
    data = {
        "color": encode_color(color),
        "depth": encode_depth(depth),
        "mask": encode_segments(segments),
    }
    files = {
        kind: {"name": Path(frame.file(*NAMES[kind])).name, "bytes": len(b), "crc32": zlib.crc32(b)}
        for kind, b in data.items()
    }
    content = {**content, "files": files}
    data["annotation"] = msgspec.json.encode(content) + b"\n"
    place(root, {root / frame.file(*NAMES[kind]): body for kind, body in data.items()})
    return driver_row(content, frame, data["annotation"])


def encode_segments(segments: NDArray[np.uint8]) -> bytes:
    """An 8-bit PNG with a palette, whose values are places in `SEGMENTS`."""
    import io

    from PIL import Image

    picture = Image.fromarray(segments, mode="P")
    picture.putpalette([c for color in PALETTE for c in color])
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=False, compress_level=6)
    return buffer.getvalue()


def is_driver_frame_done(root: Path, frame: DriverFrame) -> bool:
    """Whether a picture's annotation is there, which is written last."""
    try:
        return (root / frame.file(*NAMES["annotation"])).stat().st_size > 0
    except OSError:
        return False


def read_driver_annotation(path: Path) -> tuple[dict[str, Any], bytes]:
    """An annotation and its bytes.

    Raises
    ------
    DriverAnnotationError
        When it is damaged or of another kind.
    OSError
    """
    data = read_bytes(path, ANNOTATION_LIMIT)
    try:
        content = msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        said = " ".join(str(problem).split())[:120]
        raise DriverAnnotationError(f"{path.name} is damaged: {said}") from None
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise DriverAnnotationError(f"{path.name} is no annotation of a driver ({SCHEMA})")
    if content.get("version") != VERSION:
        raise DriverAnnotationError(f"{path.name} has another version than {VERSION}")
    return content, data


def driver_row(content: Mapping[str, Any], frame: DriverFrame, data: bytes) -> Row:
    """The row of a picture: its annotation with ``files``, and the bytes of that."""
    files = {**content["files"], "annotation": {"bytes": len(data), "crc32": zlib.crc32(data)}}
    hands = content["hands"]
    return {
        "number": frame.number,
        "folder": frame.folder,
        "id": frame.id,
        "sequence": content["sequence"],
        "driver": content["driver"],
        "behaviour": content["behaviour"],
        "light": content["light"],
        "infra_red": content["infra_red"],
        "car": content["car"],
        "right_hand_drive": content["right_hand_drive"],
        "mount": content["camera"]["mount"],
        "time": content["time"],
        "width": content["camera"]["width"],
        "height": content["camera"]["height"],
        **{name: hands[name]["state"] for name in SIDES},
        **{f"{name}_distance": hands[name]["distance"] for name in SIDES},
        **{f"{name}_pixels": hands[name]["pixels"] for name in SIDES},
        "wheel_angle": content["wheel"]["angle"],
        **{f"{kind}_bytes": files[kind]["bytes"] for kind in NAMES},
        **{f"{kind}_crc32": files[kind]["crc32"] for kind in NAMES},
    }


def driver_schema(group: Sequence[Row]) -> Any:
    """Types of the manifest's columns."""
    import pyarrow as pa

    word, real, whole, flag = pa.string(), pa.float64(), pa.int32(), pa.bool_()
    fields = [("number", pa.int64()), ("folder", word), ("id", word), ("sequence", whole)]
    fields += [(name, word) for name in ("driver", "behaviour", "light")]
    fields += [("infra_red", flag), ("car", word), ("right_hand_drive", flag), ("mount", word)]
    fields += [("time", real), ("width", whole), ("height", whole)]
    fields += [(name, word) for name in SIDES]
    fields += [(f"{name}_distance", real) for name in SIDES]
    fields += [(f"{name}_pixels", whole) for name in SIDES]
    fields += [("wheel_angle", real)]
    fields += [(f"{kind}_bytes", pa.int64()) for kind in NAMES]
    fields += [(f"{kind}_crc32", pa.uint32()) for kind in NAMES]
    return pa.schema(fields)


assert len(PALETTE) == len(SEGMENTS)
