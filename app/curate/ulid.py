"""Ids that are the same in all stores and sort by when they were made.

Source of the form: the ULID specification (48 bits of milliseconds, 80 random bits, Crockford's
base 32).
"""

from __future__ import annotations

import secrets
import time
from typing import Final

PATTERN: Final = r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$"
_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new() -> str:
    number = int(time.time() * 1000) << 80 | secrets.randbits(80)
    return "".join(_DIGITS[number >> shift & 31] for shift in range(125, -1, -5))
