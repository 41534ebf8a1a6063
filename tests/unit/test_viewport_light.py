"""Light in Blender's units, environments as harmonics, and the screen's colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.raster import tone
from app.raster.environment_light import (
    SIDE,
    basis,
    blurred,
    directions,
    environment_light,
    harmonics,
    octahedron,
    octahedron_coordinates,
)
from app.raster.lamps import MOST, falling_on, lamp, lamps
from app.scene.scene import Environment, Light


def irradiance(light: Light, point: tuple[float, float, float]) -> float:
    _, arriving = falling_on(lamp(light), np.array([point], np.float32))
    return float(arriving[0, 0])


@pytest.mark.parametrize(
    ("light", "expected"),
    [
        (Light("p", "point", energy=10, size=0, position=(0, 0, 1)), 10 / (4 * np.pi)),
        (Light("s", "spot", energy=10, size=0, position=(0, 0, 2)), 10 / (4 * np.pi) / 4),
        (Light("a", "area", energy=10, size=0.01, position=(0, 0, 1)), 10 / np.pi),
        (Light("u", "sun", energy=3, size=0, position=(0, 0, 9)), 3.0),
    ],
)
def test_watts_arrive_as_in_blender(light: Light, expected: float) -> None:
    assert irradiance(light, (0, 0, 0)) == pytest.approx(expected, rel=1e-3)


def test_a_spot_is_dark_outside_of_its_cone_and_an_area_light_behind_itself() -> None:
    spot = Light("s", "spot", energy=10, position=(0, 0, 1), spot_angle=40)
    assert irradiance(spot, (0.30, 0, 0)) > 0
    assert irradiance(spot, (0.45, 0, 0)) == 0
    area = Light("a", "area", energy=10, position=(0, 0, 1))
    assert irradiance(area, (0, 0, 2)) == 0


def test_only_lamps_that_shine_are_drawn_and_never_too_many() -> None:
    row = [Light(str(i), on=i != 1) for i in range(12)]
    assert len(lamps(row)) == MOST
    row[3] = Light("3", solo=True, energy=7)
    assert len(lamps(row)) == 1


def test_harmonics_of_an_even_sky_light_a_white_surface_as_brightly_as_the_sky() -> None:
    even = np.full((32, 64, 3), 0.7, np.float32)
    up = basis(np.array([[0, 0, 1], [0.6, 0, -0.8]], np.float32)) @ harmonics(even)
    np.testing.assert_allclose(up, 0.7, rtol=1e-3)


def test_light_from_the_right_lights_what_faces_right() -> None:
    around = directions(64, 32)
    sky = (around[..., :1] > 0.7).astype(np.float32).repeat(3, axis=2)
    right, left = basis(np.array([[1, 0, 0], [-1, 0, 0]], np.float32)) @ harmonics(sky)
    assert right[0] > 5 * abs(left[0])
    gloss = blurred(sky, 0.4, np.array([[1, 0, 0], [-1, 0, 0]], np.float32))
    assert gloss[0, 0] > 0.8
    assert gloss[1, 0] < 0.05


def test_a_direction_is_found_where_the_octahedron_holds_it() -> None:
    at = (octahedron_coordinates(octahedron()) * SIDE - 0.5).round().astype(int)
    x, y = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    assert (at == np.stack([x, y], -1)).mean() > 0.99


def test_every_environment_of_blender_is_read() -> None:
    light, complaint = environment_light(Environment("sunset"))
    assert complaint is None
    assert light.sky.shape[1] == 2 * light.sky.shape[0] > 100
    assert np.isfinite(light.glossy).all()
    assert 0.01 < light.glossy.mean() < 100


@pytest.mark.parametrize("content", [None, b"", b"no picture at all"])
def test_an_environment_that_cannot_be_read_leaves_its_colour_and_a_line(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "broken.hdr"
    if content is not None:
        path.write_bytes(content)
    light, complaint = environment_light(Environment(str(path), color=(0.2, 0.2, 0.2)))
    assert complaint and "\n" not in complaint
    np.testing.assert_allclose(light.sky, 0.2)


def test_agx_is_blender_s_to_a_grey_level() -> None:
    """Values that Blender 5.0.1 wrote for these colours with its AgX view transform."""
    linear = np.array([[0.5323878, 0.01353965, 0.00137368], [0.05, 0.05, 0.055]], np.float32)
    written = np.array([[0.71398491, 0.15996033, 0.00350958], [58 / 255, 58 / 255, 61 / 255]])
    shown = tone.to_screen(linear)
    np.testing.assert_allclose(shown[1], written[1], atol=1.5 / 255)
    np.testing.assert_allclose(shown[0], written[0], atol=10 / 255)


def test_encoding_and_decoding_the_screen_s_curve_are_inverse() -> None:
    x = np.linspace(0, 1, 50, dtype=np.float32)
    np.testing.assert_allclose(tone.decoded(tone.encoded(x)), x, atol=1e-6)
