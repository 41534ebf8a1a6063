"""The shapes of a head in the order in which people look for them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.scene.mirror import split_side

_PARTS: Final[tuple[tuple[str, str], ...]] = (
    ("Tongue", r"tongue"),
    ("Brows", r"brow"),
    ("Cheeks", r"cheek"),
    ("Eyes", r"eye|blink|lid|squint|pupil|lash|gaze"),
    ("Jaw", r"jaw|chin|neck|throat"),
    ("Cheeks", r"nose|nostril|sneer|nasolabial"),
    (
        "Mouth",
        r"mouth|lip|smile|frown|dimple|teeth|pucker|funnel|kiss|viseme|phoneme|dental|explosive"
        r"|affricate|^v_|^(aa|ah|ae|ao|ay|ch|dd|eh|ee|ff|ih|kk|nn|oh|oo|ou|pp|rr|sil|ss|th|ww)$",
    ),
)
ORDER: Final = ("Eyes", "Brows", "Jaw", "Mouth", "Cheeks", "Tongue", "Other")


@dataclass(frozen=True)
class ShapeRow:
    """One line of the list: a shape alone, or the two of a pair."""

    title: str
    names: tuple[str, ...]
    """One name, or left then right."""
    symmetric: bool = True
    """False for a part that moves to its left or right as a whole, as in jawLeft."""


@dataclass(frozen=True)
class ShapeGroup:
    title: str
    rows: tuple[ShapeRow, ...]


def group_shapes(names: Iterable[str]) -> tuple[ShapeGroup, ...]:
    """Groups by part of the face, pairs joined, in the order of the names; no group is empty."""
    rows: dict[str, list[ShapeRow]] = {title: [] for title in ORDER}
    sides: dict[str, dict[str, str]] = {}
    names = tuple(names)
    for name in names:
        base, side = split_side(name)
        if side is not None:
            sides.setdefault(base, {})[side] = name
    paired = {base: pair for base, pair in sides.items() if len(pair) == 2}
    done: set[str] = set()
    for name in names:
        base, side = split_side(name)
        part = part_of(name)
        if side is not None and base in paired:
            if base not in done:
                done.add(base)
                pair = paired[base]
                title = readable(base, part)
                whole = title.lower() in ("", part.lower(), part.lower().removesuffix("s"))
                both = (pair["left"], pair["right"])
                rows[part].append(ShapeRow("To the side" if whole else title, both, not whole))
        else:
            rows[part].append(ShapeRow(readable(name, part), (name,)))
    return tuple(ShapeGroup(title, tuple(found)) for title, found in rows.items() if found)


def part_of(name: str) -> str:
    """Which part of the face a shape's name speaks of."""
    return next((title for title, words in _PARTS if re.search(words, name, re.I)), "Other")


def readable(name: str, part: str = "") -> str:
    """A shape's name in words, without the part that its group says already.

    ``eyeBlink`` among the eyes is "Blink", ``A37_Mouth_Dimple`` is "Dimple" in the mouth.
    """
    text = re.sub(r"^[A-Z]{1,2}\d+[_\- ]", "", name)
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_.\- ]+", " ", text).strip()
    loud = text.isupper()
    words = [w if w.isupper() and len(w) > 1 and not loud else w.lower() for w in text.split()]
    own = {part.lower(), part.lower().removesuffix("s")}
    if len(words) > 1 and words[0] in own:
        words = words[1:]
    text = " ".join(words) or name
    return text[:1].upper() + text[1:]
