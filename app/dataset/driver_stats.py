"""How many pictures of drivers have which label, as the source's table has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from app.dataset import manifest
from app.scene.hands_on_wheel import BAND, THRESHOLD, HandState

Pair = tuple[HandState, HandState]

SCORED: Final[tuple[Pair, ...]] = (("on", "on"), ("on", "off"), ("off", "on"), ("off", "off"))
COLUMNS: Final = ("left", "right", "behaviour", "driver", "light", "car", "mount")


@dataclass(frozen=True)
class DriverStats:
    """Counts of pictures.

    Attributes
    ----------
    pairs : Counter of (left, right)
    by_behaviour : dict of str to Counter of (left, right)
    drivers, lights, cars, mounts : Counter of str
    """

    pairs: Counter[Pair] = field(default_factory=Counter)
    by_behaviour: dict[str, Counter[Pair]] = field(default_factory=dict)
    drivers: Counter[str] = field(default_factory=Counter)
    lights: Counter[str] = field(default_factory=Counter)
    cars: Counter[str] = field(default_factory=Counter)
    mounts: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return sum(self.pairs.values())


def driver_stats(root: Path) -> DriverStats:
    """Counts of a data set of drivers.

    Raises
    ------
    ManifestError
        When its manifest is missing or damaged.
    OSError
    """
    return counted(manifest.rows(root, COLUMNS))


def counted(rows: Iterable[manifest.Row]) -> DriverStats:
    """Counts of a manifest's rows."""
    out = DriverStats()
    for row in rows:
        pair: Pair = (row["left"], row["right"])
        out.pairs[pair] += 1
        out.by_behaviour.setdefault(row["behaviour"], Counter())[pair] += 1
        out.drivers[row["driver"]] += 1
        out.lights[row["light"]] += 1
        out.cars[row["car"]] += 1
        out.mounts[row["mount"]] += 1
    return out


def table(stats: DriverStats) -> str:
    """The counts as text."""
    total = max(stats.total, 1)
    scored = sum(stats.pairs[pair] for pair in SCORED)
    lines = [
        f"{stats.total} pictures of {len(stats.drivers)} drivers; a hand is on within "
        f"{1000 * (THRESHOLD - BAND):.0f} mm of the rim, off beyond "
        f"{1000 * (THRESHOLD + BAND):.0f} mm, else uncertain",
        "",
        f"{'left':<6}{'right':<7}{'pictures':>9}{'share':>8}",
    ]
    for left, right in SCORED:
        count = stats.pairs[left, right]
        lines.append(f"{left:<6}{right:<7}{count:>9}{count / total:>8.1%}")
    lines.append(
        f"{'uncertain':<13}{stats.total - scored:>9}{(stats.total - scored) / total:>8.1%}"
    )
    lines += ["", f"{'behaviour':<22}" + "".join(f"{a}/{b:<5}".rjust(9) for a, b in SCORED)]
    for name in sorted(stats.by_behaviour):
        counts = stats.by_behaviour[name]
        lines.append(f"{name:<22}" + "".join(f"{counts[pair]:>9}" for pair in SCORED))
    for title, counter in (("light", stats.lights), ("car", stats.cars), ("camera", stats.mounts)):
        words = ", ".join(f"{name} {count}" for name, count in counter.most_common())
        lines.append(f"{title}: {words}")
    return "\n".join(lines)


def as_values(stats: DriverStats) -> dict[str, Any]:
    """The counts as plain values for JSON."""
    return {
        "pictures": stats.total,
        "pairs": {f"{left}/{right}": n for (left, right), n in sorted(stats.pairs.items())},
        "behaviours": {
            name: {f"{left}/{right}": n for (left, right), n in sorted(counts.items())}
            for name, counts in sorted(stats.by_behaviour.items())
        },
        "drivers": dict(sorted(stats.drivers.items())),
        "lights": dict(sorted(stats.lights.items())),
        "cars": dict(sorted(stats.cars.items())),
        "cameras": dict(sorted(stats.mounts.items())),
    }
