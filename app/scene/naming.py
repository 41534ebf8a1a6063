"""Names that are not taken yet."""

from __future__ import annotations

import re
from collections.abc import Iterable


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """``wanted``, or it with the first number (``Pose 2``) that no one has."""
    names = set(taken)
    if wanted not in names:
        return wanted
    base = re.sub(r" \d+$", "", wanted)
    number = 2
    while f"{base} {number}" in names:
        number += 1
    return f"{base} {number}"
