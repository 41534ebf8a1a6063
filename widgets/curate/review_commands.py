"""The commands of reviewing: their words and keys."""

from __future__ import annotations

from typing import Final

from widgets.live.live_commands import Words

COMMANDS: Final[dict[str, Words]] = {
    "next": Words("&Next unreviewed change", ("]",), "chevron-right", "Next unreviewed change (])"),
    "previous": Words(
        "&Previous unreviewed change", ("[",), "chevron-left", "Previous unreviewed change ([)"
    ),
    "next_proposal": Words("Next unreviewed p&roposal", ("Ctrl+]",)),
    "approve": Words("&Approve the chosen changes", ("Ctrl+Return",), "check"),
    "reject": Words("R&eject the chosen changes…", ("Ctrl+Backspace",), "close"),
    "take_back": Words("&Take the verdict back", ("Ctrl+Shift+Backspace",), "undo"),
    "flip": Words("Show be&fore or after", ("B",), None, "Before and after at once (B)"),
    "blink": Words("&Blink", ("Shift+B",), None, "Before and after by turns (Shift+B)"),
    "swipe": Words("&Swipe", ("Alt+B",), None, "Before left of a line, after right of it (Alt+B)"),
    "release": Words("&Release…", ("Ctrl+Alt+R",), None, "Approve the rest and release"),
    "leave": Words("&Close the review", ("Shift+Esc",)),
}
"""Named ``curate.review_…`` in the window."""

MENU: Final = (
    ("next", "previous", "next_proposal"),
    ("approve", "reject", "take_back"),
    ("flip", "blink", "swipe"),
    ("release", "leave"),
)
"""In groups."""
