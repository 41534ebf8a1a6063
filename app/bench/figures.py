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
    """

    name: str
    value: float
    unit: str
    bound: float
    side: Literal["at most", "at least"] = "at most"
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        return self.value <= self.bound if self.side == "at most" else self.value >= self.bound

    def line(self) -> str:
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
        "figures": [asdict(f) | {"met": f.met} for f in figures],
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123
            names = [line.split(":", 1)[1].strip() for line in file if "model name" in line]
        return names[0] if names else platform.processor()
    except OSError:
        return platform.processor()
