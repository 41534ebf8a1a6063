"""The look: one dark neutral palette, one accent colour, line icons tinted to it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

from app.files import write_bytes
from app.paths import cache_dir
from widgets.resources import read

COLORS: Final[dict[str, str]] = {
    "black": "#131416",
    "window": "#1b1c1f",
    "viewport": "#26272a",
    "sunk": "#18191b",
    "panel": "#232428",
    "raised": "#2b2c31",
    "control": "#36383e",
    "hover": "#41434a",
    "line": "#36373c",
    "edge": "#45474e",
    "edge_hover": "#62656e",
    "text": "#e3e4e7",
    "muted": "#a4a7ae",
    "faint": "#74777f",
    "accent": "#5c9dff",
    "accent_fill": "#2a68d4",
    "accent_hover": "#3575e3",
    "on_accent": "#ffffff",
    "success": "#5cc088",
    "warning": "#e5b04b",
    "error": "#f0726a",
}
"""Text colours reach a contrast of 4.5 on `panel`; `faint` is for what is switched off."""

_ICON_SIZES: Final = (16, 20, 24, 32, 48)
_WIDE_FACES: Final = ("DejaVu", "Bitstream", "Verdana")


def color(name: str) -> QColor:
    return QColor(COLORS[name])


def apply(application: QApplication) -> None:
    """Dress the whole application."""
    application.setStyle("Fusion")
    font = application.font()
    font.setPixelSize(12 if font.family().startswith(_WIDE_FACES) else 13)
    application.setFont(font)
    application.setPalette(_palette())
    application.setStyleSheet(_style_sheet())


def repolish(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at, and show it where it is another."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def _palette() -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for target, name in {
        role.Window: "panel",
        role.WindowText: "text",
        role.Base: "sunk",
        role.AlternateBase: "panel",
        role.Text: "text",
        role.PlaceholderText: "faint",
        role.Button: "control",
        role.ButtonText: "text",
        role.BrightText: "on_accent",
        role.ToolTipBase: "raised",
        role.ToolTipText: "text",
        role.Highlight: "accent_fill",
        role.HighlightedText: "on_accent",
        role.Accent: "accent",
        role.Link: "accent",
        role.LinkVisited: "accent",
        role.Light: "hover",
        role.Midlight: "control",
        role.Mid: "line",
        role.Dark: "window",
        role.Shadow: "black",
    }.items():
        palette.setColor(target, color(name))
    off = QPalette.ColorGroup.Disabled
    for target in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(off, target, color("faint"))
    palette.setColor(off, role.Highlight, color("line"))
    return palette


def _style_sheet() -> str:
    """The style with its colours, and with the few icons that style sheets want as files."""
    tokens = dict(COLORS)
    folder = cache_dir() / "icons"
    folder.mkdir(exist_ok=True)
    wanted = {"check": "text", "check_on": "on_accent"}
    wanted |= {f"chevron-{way}": "muted" for way in ("up", "down", "right")}
    for key, tint in wanted.items():
        tokens[f"icon_{key}"] = _file(folder, key.removesuffix("_on"), COLORS[tint]).as_posix()
    names = sorted(tokens, key=len, reverse=True)
    pattern = re.compile("@(" + "|".join(map(re.escape, names)) + r")\b")
    return pattern.sub(lambda found: tokens[found[1]], read("assets/style/studio.qss"))


def _file(folder: Path, name: str, tint: str) -> Path:
    path = folder / f"{name}-{tint[1:]}.svg"
    data = _svg(name, tint)
    if not path.is_file() or path.read_bytes() != data:
        write_bytes(path, data)
    return path


def _svg(name: str, tint: str) -> bytes:
    return read(f"assets/icons/{name}.svg").replace("currentColor", tint).encode()


@cache
def pixmap(name: str, size: int, tint: str) -> QPixmap:
    """One of ``assets/icons`` as a picture of ``size`` device pixels."""
    picture = QPixmap(size, size)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(_svg(name, tint))).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return picture


@cache
def icon(name: str, tint: str = "text") -> QIcon:
    """One of ``assets/icons``, white where it is on, faint where it is disabled.

    Parameters
    ----------
    tint : str
        The name of one of `COLORS` for its usual state.
    """
    made = QIcon()
    for size in _ICON_SIZES:
        made.addPixmap(pixmap(name, size, COLORS[tint]))
        made.addPixmap(pixmap(name, size, COLORS["faint"]), QIcon.Mode.Disabled)
        on = pixmap(name, size, COLORS["on_accent"])
        made.addPixmap(on, QIcon.Mode.Normal, QIcon.State.On)
    return made
