"""Where a camera looks at a driver from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from app.geometry.pinhole import Pinhole, look_at
from app.scene.cabin import Cabin

Mount = Literal["far-pillar", "near-pillar", "dash", "mirror", "ceiling"]
MOUNTS: Final[tuple[Mount, ...]] = get_args(Mount)
SIZE: Final = 256
NEAR, FAR = 0.05, 6.0


@dataclass(frozen=True)
class CarCamera:
    """A camera in the cabin, as in a left-hand drive.

    Attributes
    ----------
    position, target : tuple of float
        Metres.
    field_of_view, roll : float
        Degrees.
    """

    mount: Mount
    position: tuple[float, float, float]
    target: tuple[float, float, float]
    field_of_view: float
    roll: float = 0.0

    def view(self, mirrored: bool, size: int = SIZE) -> Pinhole:
        """The camera placed; in a right-hand drive on the other side."""
        flip = np.array([-1.0 if mirrored else 1.0, 1.0, 1.0])
        matrix = look_at(np.array(self.position) * flip, np.array(self.target) * flip, self.roll)
        return Pinhole(matrix, self.field_of_view, size, size, NEAR, FAR)


def draw_camera(rng: np.random.Generator, cabin: Cabin, mount: Mount | None = None) -> CarCamera:
    """A camera that has the wheel and the driver's upper body in view.

    The body camera of the source stands on the pillar across from the driver or on the dashboard;
    those by the mirror and in the ceiling see more of the wheel's face.
    """
    m = cabin.measures
    if mount is None:
        mount = MOUNTS[int(rng.choice(5, p=[0.34, 0.12, 0.22, 0.22, 0.10]))]
    jitter = rng.uniform(-1.0, 1.0, 6)
    middle = -m.centre
    places = {
        "far-pillar": ((2.0 * middle - 0.12, -m.header - 0.32, m.roof - 0.18), (0.10, 0.16, 0.12)),
        "near-pillar": ((m.door - 0.17, -m.face + 0.06, m.roof - 0.20), (0.03, 0.05, 0.06)),
        "dash": ((middle + 0.05, -m.face + 0.075, m.dash + 0.19), (0.16, 0.02, 0.06)),
        "mirror": ((middle + 0.06, -m.header - 0.17, m.roof - 0.19), (0.12, 0.06, 0.03)),
        "ceiling": ((middle + 0.10, -m.header - 0.04, m.roof - 0.09), (0.16, 0.06, 0.02)),
    }
    (x, y, z), wide = places[mount]
    position = np.array([x, y, z]) + jitter[:3] * np.array(wide)
    target = np.array([0.0, -0.22, 0.36]) + jitter[3:] * np.array([0.07, 0.08, 0.07])
    if mount in ("mirror", "ceiling"):
        target = target + np.array([0.0, -0.10, -0.06])
    away = float(np.linalg.norm(position - target))
    span = float(rng.uniform(0.78, 1.25))
    angle = 2.0 * np.degrees(np.arctan(0.5 * span / away))
    return CarCamera(
        mount,
        _triple(position),
        _triple(target),
        float(np.clip(angle, 34.0, 98.0)),
        float(rng.normal(0.0, 3.0)),
    )


def _triple(values: Iterable[float]) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in values)
    return x, y, z
