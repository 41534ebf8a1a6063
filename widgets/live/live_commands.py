"""The commands of the live workspace: their words and keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Words:
    """A command.

    Attributes
    ----------
    text : str
        With its mnemonic.
    keys : tuple of str
    symbol : str, optional
    hint : str
    switch : bool
        It is on or off.
    """

    text: str
    keys: tuple[str, ...] = ()
    symbol: str | None = None
    hint: str = ""
    switch: bool = False


COMMANDS: Final[dict[str, Words]] = {
    "open_video": Words("Open &video…", (), "video"),
    "open_folder": Words("Open &folder of pictures…", (), "open"),
    "sample": Words("Sa&mple clip", (), "play", "Watch the clip that comes with Headroom"),
    "viewport": Words("Studio's view&port as source", (), "studio"),
    "render": Words("Studio's &render as source", (), "render"),
    "retry": Words("&Try the source again", ("Shift+F5",), "reset"),
    "stop": Words("&Stop the source", (), "stop", "Let go of the camera or the file"),
    "play": Words("&Play or pause", ("Space",), "play"),
    "step": Words("One frame &on", (".",)),
    "step_back": Words("One frame &back", (",",)),
    "mark_in": Words("Begin &in at this frame", ("I",)),
    "mark_out": Words("End &out at this frame", ("O",)),
    "unmark": Words("Play the &whole clip", ("Alt+I",)),
    "loop": Words("&Loop", ("Ctrl+Alt+L",), switch=True),
    "snapshot": Words(
        "Keep this frame in the in&box", ("F8",), "snapshot", "Keep this frame in the inbox (F8)"
    ),
    "record": Words("Re&cord", ("F9",), "record", "Record what is shown, or stop (F9)"),
    "depth": Words("Measure &depth", (), switch=True),
    "raw": Words("Ra&w values", ("R",), hint="As the network gives them", switch=True),
    "hud": Words("&Figures", ("H",), "gauge", "Show frames a second and delays (H)", True),
    "fit": Words("Fit the picture", hint="Show all of the picture (0)"),
    "puppet": Words("P&uppet", ("F7",), hint="The face drives the Studio's head (F7)", switch=True),
    "neutral": Words(
        "Take the &neutral face", ("Shift+F7",), hint="A face at rest, for a second (Shift+F7)"
    ),
    "present": Words(
        "Pr&esentation", ("F6",), "present", "Full screen, with large type and keys 1 to 6 (F6)"
    ),
}

MENU: Final = (
    ("open_video", "open_folder", "sample", "viewport", "render", "", "retry", "stop"),
    ("play", "step", "step_back", "mark_in", "mark_out", "unmark", "loop"),
    ("snapshot", "record"),
    ("depth", "raw", "hud", "fit", "present"),
    ("puppet", "neutral"),
)
"""The menu Live, in groups."""

ALWAYS: Final = frozenset({"open_video", "open_folder", "sample", "viewport", "render", "puppet"})
"""Can be called from every workspace; sources bring this one to the front."""

KEYS_OF_THE_PICTURE: Final = frozenset({"play"})
"""Keys that mean something else to buttons and fields, and so are heard by the picture alone."""
