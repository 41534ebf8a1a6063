"""The commands of the workspace Curate: their words and keys."""

from __future__ import annotations

from typing import Final

from widgets.curate import review_commands
from widgets.curate.tool_words import TOOLS
from widgets.live.live_commands import Words

_EDITING: Final[dict[str, Words]] = {
    "choose": Words("&Choose a topology", (), hint="Edit another topology or release"),
    "save": Words("&Save draft…", ("Ctrl+Alt+S",), "save", "Keep the edits in the store"),
    "propose": Words(
        "&Propose…", ("Ctrl+Alt+Return",), "check", "Hand the edits over to the curators"
    ),
    "select_all": Words("Select &all", ("Ctrl+A",)),
    "select_none": Words("Select &none", ("Ctrl+Shift+A",)),
    "invert": Words("&Invert the selection", ("Ctrl+I",)),
    "select_mirror": Words("Select the &other side", ("Ctrl+Alt+M",)),
    "select_part": Words("Select the whole &part", ("Ctrl+Alt+P",)),
    "find": Words("&Find a landmark…", ("Ctrl+F",), "search", "By name or number"),
    "delete": Words("&Delete", ("Del", "X"), "trash"),
    "rename": Words("&Rename…", ("F2",)),
    "merge": Words("&Merge into one", ("M",)),
    "split": Words("&Split", ("S",), hint="Two of one point, or a point half-way along an edge"),
    "join": Words("&Join by edges", ("J",), hint="Each chosen point with the next in order"),
    "symmetrise": Words("Mirror to the other side", ("Y",)),
    "put_back": Words("Put back as released", ("Alt+G",)),
    "snap_vertex": Words("Snap to &vertex"),
    "snap_edge": Words("Snap to &edge"),
    "snap_mirror": Words("Snap to the &mirror image"),
    "snap_curve": Words("Snap to the nearest &line"),
    "lock": Words("&Lock", ("Ctrl+Alt+K",), hint="No edit changes these"),
    "unlock": Words("&Unlock", ("Ctrl+Alt+Shift+K",)),
    "hide": Words("&Hide", ("Ctrl+Alt+H",), "eye"),
    "solo": Words("Show these alone", ("/",)),
    "show_all": Words("Show all", ("Ctrl+Alt+Shift+H",)),
    "alone": Words("&Not mirrored", ("Ctrl+Alt+N",), hint="Edits of these are not mirrored"),
    "mirrored": Words(
        "&Mirror edits", ("Ctrl+Shift+M",), "mirror", "The other side of the face follows", True
    ),
    "check": Words("Next &finding", ("F4",), hint="Go to the next thing that is wrong"),
    "frame": Words("&Frame the landmarks", ("Ctrl+Home",)),
    "go_to": Words("Go to the chosen", ("Z",), hint="Turn the view to what is chosen"),
    "color_state": Words("Colour by &state", ("T",), hint="Else by part", switch=True),
    "edges": Words("&Edges", ("Alt+E",), switch=True),
    "contours": Words("&Contours", ("Alt+C",), switch=True),
    "numbers": Words("&Numbers", ("N",), switch=True),
    "hidden": Words("Points &behind the head", ("Alt+X",), switch=True),
    "changes": Words("C&hanges since the release", ("Alt+D",), switch=True),
    "wireframe": Words("&Mesh", ("Alt+M",), switch=True),
    "auto_place": Words(
        "&Auto-place on the Studio's head",
        hint="Find the landmarks of the head that is open in the Studio",
    ),
}
_TOOLS: Final = {
    f"tool_{name}": Words(f"{words.text} tool", (words.key,), words.symbol, words.hint, True)
    for name, words in TOOLS.items()
}

_REVIEW: Final = {f"review_{name}": words for name, words in review_commands.COMMANDS.items()}

COMMANDS: Final[dict[str, Words]] = _EDITING | _TOOLS | _REVIEW
"""Named ``curate.…`` in the window."""

MENU: Final = (
    ("choose", "save", "propose"),
    (*(f"tool_{name}" for name in TOOLS), "mirrored"),
    ("select_all", "select_none", "invert", "select_mirror", "select_part", "find"),
    ("delete", "rename", "merge", "split", "join", "symmetrise", "put_back"),
    ("lock", "unlock", "hide", "solo", "show_all", "alone"),
    ("check", "go_to", "frame", "auto_place"),
    *(tuple(f"review_{name}" for name in group) for group in review_commands.MENU),
)
"""The menu Curate, in groups."""

CONTEXT: Final = (
    ("rename", "delete", "merge", "split", "join"),
    ("symmetrise", "put_back", "snap_vertex", "snap_edge", "snap_mirror", "snap_curve"),
    ("lock", "unlock", "hide", "solo", "show_all", "alone"),
    ("select_mirror", "select_part", "go_to"),
)
"""The menu of the right button."""

LAYERS: Final = (
    "color_state", "", "edges", "contours", "numbers", "hidden", "changes", "", "wireframe",
)  # fmt: skip
"""What is drawn."""

ON_AT_FIRST: Final = frozenset({"mirrored", "edges", "contours", "hidden", "changes"})

ALWAYS: Final = frozenset({"choose", "auto_place"})
"""Can be called from every workspace; they bring this one to the front."""

OF_THE_HEAD: Final = frozenset({"select_all", "delete"})
"""Keys that mean something else to fields and lists, and so are heard by the head alone."""
