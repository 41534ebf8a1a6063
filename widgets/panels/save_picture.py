"""Writing what is shown, or a pass in full precision, to a file."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from PySide6.QtGui import QImage

from app.files import aside
from app.scene.render_history import Rendering
from app.scene.scene import Pass
from widgets.panels.pass_pictures import RAW_FILES

JPEG_QUALITY: Final = 95
PNG: Final = "PNG picture (*.png)"
JPEG: Final = "JPEG picture (*.jpg *.jpeg)"
EXR: Final = "OpenEXR, full precision (*.exr)"


def file_filters(shown: Pass, rendering: Rendering | None) -> str:
    """The kinds of file that what is shown can be saved as, for a file dialog."""
    kinds = [PNG, JPEG]
    if raw_file(shown, rendering) is not None:
        kinds.append(EXR)
    return ";;".join(kinds)


def raw_file(shown: Pass, rendering: Rendering | None) -> Path | None:
    """The EXR of a pass, where the render has one."""
    name = RAW_FILES.get(shown)
    return None if rendering is None or name is None else rendering.files.get(name)


def write_picture(path: Path, image: QImage, raw: Path | None) -> str:
    """Write in the kind that the file's name asks for; called away from the window's thread.

    Returns
    -------
    str
        Empty, or one line that says why nothing was written.
    """
    suffix = path.suffix.lower()
    try:
        if suffix == ".exr":
            if raw is None:
                return "What is shown has no OpenEXR: save it as PNG."
            with aside(path) as temporary:
                shutil.copyfile(raw, temporary)
        elif suffix in (".png", ".jpg", ".jpeg"):
            quality = -1 if suffix == ".png" else JPEG_QUALITY
            with aside(path) as temporary:
                if not image.save(str(temporary), quality=quality):
                    return f"{path.name} could not be written."
        else:
            return f"{path.name}: end the name with .png, .jpg or .exr."
    except OSError as error:
        return f"{path.name} could not be written: {error.strerror or error}."
    return ""


def with_suffix(name: str, kind: str) -> Path:
    """The chosen name, ended as the chosen kind of file asks where it has no ending."""
    path = Path(name)
    if path.suffix.lower() in (".png", ".jpg", ".jpeg", ".exr"):
        return path
    ending = {PNG: ".png", JPEG: ".jpg", EXR: ".exr"}.get(kind, ".png")
    return path.with_name(path.name + ending)
