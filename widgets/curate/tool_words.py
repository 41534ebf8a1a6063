"""The tools as they are named; nothing that the window's start would pay for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

ToolName = Literal["look", "box", "lasso", "move", "add", "draw", "cut", "line"]
Snap = Literal["none", "vertex", "edge", "mirror", "curve"]

SNAPS: Final[dict[Snap, str]] = {
    "none": "Nothing",
    "vertex": "Vertex",
    "edge": "Edge",
    "mirror": "Mirror image",
    "curve": "Nearest line",
}


@dataclass(frozen=True)
class ToolWords:
    """A tool as it is named, with its key and what the pointer does."""

    text: str
    key: str
    symbol: str
    hint: str


TOOLS: Final[dict[ToolName, ToolWords]] = {
    "look": ToolWords("Look", "Q", "navigate", "Drag to orbit  ·  Click a point to choose it"),
    "box": ToolWords(
        "Box", "W", "box", "Drag a box over points  ·  Shift adds  ·  Ctrl takes away"
    ),
    "lasso": ToolWords(
        "Lasso", "Shift+W", "lasso", "Draw round points  ·  Shift adds  ·  Ctrl takes away"
    ),
    "move": ToolWords(
        "Move", "G", "move", "Drag a point along the skin  ·  Shift is precise  ·  Ctrl snaps"
    ),
    "add": ToolWords("Add", "A", "plus", "Click the skin to add a point"),
    "draw": ToolWords("Join", "E", "join", "Click one point after the other  ·  Esc ends the line"),
    "cut": ToolWords("Cut", "K", "cut", "Click an edge, or drag across some"),
    "line": ToolWords("Line", "D", "line", "Click places on the skin  ·  Enter draws  ·  Esc ends"),
}
