"""Measured figures, each beside the bound that it is held against."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Figure:
    """One measured value.

    Attributes
    ----------
    name : str
        What was measured, in words.
    value : float
    unit : str
    bound : float
    side : "at most" or "at least"
        On which side of the bound the value is good.
    detail : dict
        What stands behind the value: repeats, the worst case, what was left out.
    absent : str
        Why there is no value, where something that it needs is not there; else empty.
    """

    name: str
    value: float
    unit: str
    bound: float
    side: Literal["at most", "at least"] = "at most"
    detail: dict[str, Any] = field(default_factory=dict)
    absent: str = ""

    @property
    def met(self) -> bool:
        """Whether the value is on the good side; never of one that is absent."""
        return not self.absent and self._good()

    def _good(self) -> bool:
        return self.value <= self.bound if self.side == "at most" else self.value >= self.bound

    def line(self) -> str:
        if self.absent:
            return f"absent  {self.name}: {self.absent} ({self.side} {self.bound:g} {self.unit})"
        mark = "ok    " if self.met else "MISSED"
        return f"{mark}  {self.name}: {self.value:.4g} {self.unit} ({self.side} {self.bound:g})"


def report(figures: Iterable[Figure]) -> dict[str, Any]:
    """Figures and the machine they were measured on, for JSON."""
    return {
        "machine": {
            "system": platform.platform(),
            "processor": _processor(),
            "cores": os.cpu_count(),
            "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
            "python": platform.python_version(),
        },
        "figures": [_plain(f) for f in figures],
    }


def absent(
    name: str,
    unit: str,
    bound: float,
    reason: str,
    side: Literal["at most", "at least"] = "at most",
) -> Figure:
    """The row of a figure that cannot be measured here."""
    return Figure(name, float("nan"), unit, bound, side, absent=reason)


def _plain(figure: Figure) -> dict[str, Any]:
    told = asdict(figure) | {"met": figure.met}
    return told | {"value": None, "met": None} if figure.absent else told


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123
            names = [line.split(":", 1)[1].strip() for line in file if "model name" in line]
        return names[0] if names else platform.processor()
    except OSError:
        return platform.processor()
