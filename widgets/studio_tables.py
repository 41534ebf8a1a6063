"""What the Studio offers, in words and keys: modes, viewpoints, overlays, menus."""

from __future__ import annotations

from typing import Final

from widgets.viewport.viewport import Mode

MODES: Final[dict[Mode, tuple[str, str, str, str]]] = {
    "navigate": (
        "Navigate",
        "navigate",
        "V",
        "Home frames the head · Num 0 looks through the camera",
    ),
    "pose": (
        "Pose",
        "pose",
        "P",
        "Alt+R resets the pose · Ctrl+M mirrors it · Ctrl+R is a random one",
    ),
    "landmarks": ("Landmarks", "landmarks", "L", "V goes back to Navigate · P to Pose"),
}
VIEWS: Final = {
    "front": ("Front", ["Num+1", "Alt+1"]),
    "back": ("Back", ["Ctrl+Num+1", "Alt+2"]),
    "right": ("Right", ["Num+3", "Alt+3"]),
    "left": ("Left", ["Ctrl+Num+3", "Alt+4"]),
    "top": ("Top", ["Num+7", "Alt+7"]),
    "bottom": ("Bottom", ["Ctrl+Num+7", "Alt+8"]),
}
"""Blender's numpad keys, and keys for keyboards that have no numpad."""

OVERLAYS: Final = {
    "grid": "&Ground grid",
    "gizmos": "&Camera, lights and handles",
    "axes": "&Orientation",
    "bones": "&Bones",
    "wireframe": "&Wireframe",
    "backdrop": "&Environment behind the head",
}
HEAD_MENU: Final = (
    "file.open_head",
    "head.gallery",
    "",
    "head.bones",
    "head.read_again",
    "",
    "head.reset_pose",
    "head.mirror_pose",
    "head.copy_pose",
    "head.paste_pose",
    "head.random_pose",
)
RENDER_MENU: Final = ("render.start", "render.cancel", "", "render.save", "render.blend")
