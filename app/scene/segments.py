"""The classes of segmentation masks, and the colours that masks have in files."""

from __future__ import annotations

from typing import Final

SEGMENTS: Final = ("background", "skin", "eyes", "hair", "other", "occluder")
"""What the values 0 to 5 mean; an occluder is drawn over the finished picture."""

PALETTE: Final = (
    (24, 26, 30),
    (224, 150, 120),
    (90, 190, 230),
    (120, 78, 48),
    (150, 150, 160),
    (190, 90, 170),
)
"""Their colours, sRGB."""
