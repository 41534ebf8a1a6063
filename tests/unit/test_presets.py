"""Ready lightings, and which lamps of a scene shine."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.head.pose import HeadPose
from app.scene.environments import picture_file
from app.scene.lighting import light_color, shining
from app.scene.presets import NAMES, PRESETS, default_scene, preset, random_preset
from app.scene.scene import Camera, HeadFile, Light, Scene
from app.scene.temperature import blackbody


def checked(scene: Scene) -> Scene:
    """The scene after a round trip through the limits of its types."""
    return msgspec.convert(msgspec.to_builtins(scene), Scene)


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_changes_light_alone_and_stays_within_limits(name: str) -> None:
    before = Scene(HeadFile("a.fbx"), HeadPose(yaw=5.0), Camera(distance=0.7))
    after = preset(name, seed=3).apply(before)
    assert replace(after, lights=before.lights, environment=before.environment) == before
    assert after.lights and after.environment.picture is not None
    assert picture_file(after.environment.picture).is_file()
    assert checked(after) == after
    assert len({light.name for light in after.lights}) == len(after.lights)


def test_presets_differ() -> None:
    assert len({(p.lights, p.environment) for p in PRESETS.values()}) == len(PRESETS) == 4


def test_an_unknown_preset_is_an_error() -> None:
    with pytest.raises(KeyError):
        preset("disco")


@given(st.integers(0, 2**31 - 1))
def test_random_light_is_repeatable_valid_and_reaches_the_face(seed: int) -> None:
    drawn = random_preset(seed)
    assert drawn == random_preset(seed)
    assert checked(drawn.apply(Scene(HeadFile("a.fbx")))).lights == drawn.lights
    assert 2 <= len(drawn.lights) <= 4
    assert len({light.kind for light in drawn.lights}) == len(drawn.lights)
    first = np.array(drawn.lights[0].position)
    assert first @ [0.0, -1.0, 0.0] > 0.0


def test_seeds_give_different_light() -> None:
    assert len({random_preset(seed).lights for seed in range(50)}) == 50


def test_a_new_scene_has_the_studio_and_the_camera_of_the_source_papers() -> None:
    scene = default_scene(HeadFile("builtin:a"))
    assert scene.lights == PRESETS["studio"].lights
    assert scene.camera == Camera()
    assert (scene.camera.distance, scene.camera.field_of_view) == (0.30, 60.0)
    assert (scene.camera.width, scene.camera.height) == (640, 480)


def test_solo_silences_the_others_and_off_silences_itself() -> None:
    a, b, c = (Light(name) for name in "abc")
    assert shining((a, b, c)) == (a, b, c)
    assert shining((replace(a, on=False), b)) == (b,)
    solo = replace(b, solo=True)
    assert shining((a, solo, c)) == (solo,)
    assert shining((a, replace(solo, on=False), c)) == (a, c)
    assert shining(()) == ()


def test_temperature_goes_before_colour() -> None:
    light = Light("a", color=(1.0, 0.0, 0.5))
    assert light_color(light) == (1.0, 0.0, 0.5)
    assert light_color(replace(light, temperature=3000.0)) == blackbody(3000.0)
