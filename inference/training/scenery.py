"""Pictures without a face: surroundings and furnished rooms, made once into a folder.

They stand behind faces, and alone they teach what no face is. Surroundings are the pictures of
light that Blender brings, tone-mapped, all around (``around-*.jpg``); rooms are drawn
(``room-*.jpg``). What `held_out` names is kept for measuring.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from app.dataset.textures import texture
from app.files import write_bytes
from app.scene.backdrop import RoomName
from app.scene.environments import NAMES
from app.scene.scene import Camera, Environment, HeadFile, Scene

Bytes = NDArray[np.uint8]

ROOMS: Final = 60
"""Rooms of each kind."""
VIEWS: Final = 2
"""Pictures of each room."""

_KEPT_BACK: Final = ("courtyard", "interior")
_WIDTH, _HEIGHT = 480, 360
_QUALITY: Final = 92
_STOPS: Final = (-1.2, 1.2)


def held_out(name: str) -> bool:
    """Whether the picture of this file's name is kept for measuring."""
    kind, _, rest = name.partition("-")
    if kind == "around":
        return rest.split(".")[0] in _KEPT_BACK
    return int(rest.split("-")[1]) % 5 == 0


def make_scenery(folder: Path, rooms: int = ROOMS) -> int:
    """Write the pictures that are not there yet.

    Parameters
    ----------
    folder : Path
    rooms : int
        Of each kind.

    Returns
    -------
    int
        How many pictures the folder holds.

    Raises
    ------
    OSError
        When the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        file = folder / f"around-{name}.jpg"
        if not file.is_file() and (sky := _around(name)) is not None:
            _write(file, sky)
    missing = [
        (kind, seed, folder / f"room-{kind}-{seed:03d}")
        for kind in get_args(RoomName)
        for seed in range(rooms)
        if not Path(f"{folder / f'room-{kind}-{seed:03d}'}-{VIEWS - 1}.jpg").is_file()
    ]
    if missing:
        _make_rooms(missing)
    return len(list(folder.glob("*.jpg")))


def _write(file: Path, picture: Bytes) -> None:
    done, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    assert done
    write_bytes(file, data.tobytes())


def _around(name: str) -> Bytes | None:
    """Equirectangular, its middle grey where the median of the light is."""
    from app.raster.environment_light import environment_light
    from app.raster.tone import to_bytes

    light, complaint = environment_light(Environment(name))
    if complaint is not None:
        return None
    gain = 0.18 / max(float(np.median(light.sky.mean(axis=2))), 1e-4)
    sky = light.sky * np.float32(gain)
    return to_bytes(sky.reshape(-1, 3)).reshape(sky.shape)


def _make_rooms(missing: list[tuple[RoomName, int, Path]]) -> None:
    """Rooms seen by a camera that stands before the head and looks away from it."""
    from app.blender.client import Blender
    from app.blender.heads import open_head
    from app.raster.renderer import RasterRenderer
    from app.scene.interiors import build_room

    blender = Blender(spare=False)
    try:
        asset = open_head(HeadFile("builtin:ada"), blender).asset
    finally:
        blender.close()
    renderer = RasterRenderer()
    try:
        renderer.open(asset)
        for kind, seed, file in missing:
            room = build_room(kind, seed)
            for view, camera in enumerate(_cameras(np.random.default_rng((0x5CE0, seed)))):
                light = Environment(
                    NAMES[seed % len(NAMES)], strength=0.4 + 0.1 * (seed % 5), visible=False
                )
                scene = Scene(HeadFile("builtin:ada"), camera=camera, environment=light)
                _write(Path(f"{file}-{view}.jpg"), renderer.render(scene, room).color)
    finally:
        renderer.close()


def _cameras(rng: np.random.Generator) -> Iterator[Camera]:
    for k in range(VIEWS):
        around = float(rng.uniform(0.0, 360.0 / VIEWS)) + 360.0 / VIEWS * k
        yield Camera(
            distance=0.45,
            azimuth=((around + 180.0) % 360.0) - 180.0,
            elevation=float(rng.uniform(-10.0, 20.0)),
            look_at=False,
            rotation=(
                float(rng.uniform(-22.0, 12.0)),
                ((around + 360.0) % 360.0) - 180.0 + float(rng.uniform(-40.0, 40.0)),
                float(rng.normal()) * 4.0,
            ),
            field_of_view=float(rng.uniform(45.0, 80.0)),
            width=_WIDTH,
            height=_HEIGHT,
        )


@dataclass(frozen=True, eq=False)
class Scenery:
    """Pictures of one part of a folder, decoded, and patterns without end.

    Attributes
    ----------
    around : tuple of ndarray, shape (h, 2 h, 3), uint8
    rooms : tuple of ndarray, shape (h, w, 3), uint8
    plain : float
        Share of patterns among the backgrounds where there are other pictures.
    """

    around: tuple[Bytes, ...] = ()
    rooms: tuple[Bytes, ...] = ()
    plain: float = 0.4

    @classmethod
    def read(cls, folder: Path, kept_back: bool) -> Scenery:
        """The pictures of a folder that are kept for measuring, or the others; none is no fault."""
        files = [p for p in sorted(folder.glob("*.jpg")) if held_out(p.name) == kept_back]
        named = [(p.name, cv2.imread(str(p))) for p in files]
        found = [(n, np.ascontiguousarray(p[..., ::-1])) for n, p in named if p is not None]
        return cls(
            tuple(p for n, p in found if n.startswith("around-")),
            tuple(p for n, p in found if n.startswith("room-")),
        )

    def picture(self, rng: np.random.Generator, size: int) -> Bytes:
        """A square background without a face, shape (size, size, 3)."""
        if rng.random() < 0.2:
            half = size // 2
            parts = [self._one(rng, half + size % 2) for _ in range(4)]
            rows = [np.concatenate(parts[k : k + 2], axis=1) for k in (0, 2)]
            return np.ascontiguousarray(np.concatenate(rows, axis=0)[:size, :size])
        return self._one(rng, size)

    def _one(self, rng: np.random.Generator, size: int) -> Bytes:
        kinds = [k for k in (self.around, self.rooms) if k]
        if not kinds or rng.random() < self.plain:
            side = size if rng.random() < 0.5 else max(32, size // 2)
            drawn = texture(int(rng.integers(2**31)), side, side)
            return np.asarray(cv2.resize(drawn, (size, size)), np.uint8)
        pictures = kinds[int(rng.integers(len(kinds)))]
        picture = pictures[int(rng.integers(len(pictures)))]
        if pictures is self.around:
            return view(rng, picture, size)
        side = int(min(picture.shape[:2]) * float(rng.uniform(0.35, 1.0)))
        y = int(rng.integers(picture.shape[0] - side + 1))
        x = int(rng.integers(picture.shape[1] - side + 1))
        part = picture[y : y + side, x : x + side]
        if rng.random() < 0.5:
            part = part[:, ::-1]
        way = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(np.ascontiguousarray(part), (size, size), interpolation=way))


def view(rng: np.random.Generator, around: Bytes, size: int) -> Bytes:
    """A square picture by a camera that turns at random in an equirectangular picture."""
    rows, columns = around.shape[:2]
    half = float(np.tan(np.radians(rng.uniform(30.0, 100.0) / 2.0)))
    coarse = 33
    at = np.linspace(-half, half, coarse, dtype=np.float32)
    x, y = np.meshgrid(at, at)
    lift = np.radians(rng.uniform(-35.0, 25.0))
    c, s = np.float32(np.cos(lift)), np.float32(np.sin(lift))
    ahead, down = c + s * y, c * y - s
    turn = np.arctan2(x, ahead) / (2.0 * np.pi)
    tilt = np.arctan2(down, np.hypot(x, ahead)) / np.pi
    places = np.stack([turn * columns, (tilt + 0.5) * rows - 0.5], axis=2).astype(np.float32)
    if ahead.min() <= 0.05:
        places[..., 0] = np.float32(columns) * x / (2.0 * np.pi)
    places = cv2.resize(places, (size, size), interpolation=cv2.INTER_LINEAR)
    start = float(rng.uniform(0, columns))
    mirrored = 1.0 if rng.random() < 0.5 else -1.0
    u = np.mod(places[..., 0] * mirrored + start, columns - 1).astype(np.float32)
    drawn = cv2.remap(around, u, places[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    stops = 2.0 ** float(rng.uniform(*_STOPS))
    if stops != 1.0:
        table = np.clip(np.arange(256) * stops**0.6, 0, 255).astype(np.uint8)
        drawn = cv2.LUT(drawn, table)
    return np.asarray(drawn, np.uint8)


def patterns() -> Scenery:
    """Patterns alone, where no pictures are to be had."""
    return replace(Scenery(), plain=1.0)
