"""A sequence made ready: the dressed driver in the cabin, and pictures of it at any time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from app.bake.driver import Driver, build_driver
from app.bake.driver_jewellery import jewellery
from app.bake.driver_motion import BACK_RECLINE, Moment, Performance
from app.bake.driver_pose import Torso
from app.bake.driver_props import prop_solids
from app.bake.driver_seat import fitted
from app.dataset.driver_plan import DriverPlan, Sequence
from app.dataset.driver_sight import in_sight
from app.geometry.pinhole import Pinhole
from app.scene.cabin_solids import cabin_solids
from app.scene.driver_camera import CarCamera
from app.scene.outside import Outside, draw_outside
from app.scene.scene import Light
from app.scene.solids import Solid
from app.scene.wheel_solids import wheel_solids

if TYPE_CHECKING:
    from app.raster.stage import StagePicture, StageRenderer

SEAT_BACK: Final = 0.125
"""Metres from the hips to the back of the seat at its foot."""
SEAT_RECLINE: Final = 22.0
INFRA_RED_WATTS: Final = 8.0


@dataclass(frozen=True, eq=False)
class Drive:
    """A sequence that can be shown at any time.

    Attributes
    ----------
    view : Pinhole
    still : list of Solid
        What does not move.
    wheel : list of Solid
        In the wheel's own axes.
    """

    sequence: Sequence
    driver: Driver
    performance: Performance
    view: Pinhole
    outside: Outside
    still: list[Solid] = field(default_factory=list)
    wheel: list[Solid] = field(default_factory=list)

    def solids(self, moment: Moment) -> list[Solid]:
        """Everything at one time; the order does not depend on the time."""
        out = self.driver.solids(moment.posed, moment.shapes)
        out += [one.moved(moment.wheel.matrix) for one in self.wheel]
        out += jewellery(self.sequence.outfit, moment.posed)
        script = self.sequence.script
        if script.prop:
            side = script.prop_hand
            place, hand = moment.hands[side], self.driver.hands[side]
            out += prop_solids(
                script.prop,
                place,
                place.turn[:, 2] * hand.sign,
                hand.length,
                np.random.default_rng([self.sequence.outside_seed, 31]),
            )
        return out + self.still

    def picture(self, renderer: StageRenderer, moment: Moment) -> StagePicture:
        """Light and truth at one time."""
        from app.raster.stage import Illumination

        sky, lights = self.outside.sky, self.outside.lights
        if self.sequence.film.infra_red:
            # daylight is filtered away but for what lies in the lamp's band
            sky, lights = sky * np.float32(0.25), (*_dimmed(lights), _beside_the_lens(self.view))
        return renderer.render(self.solids(moment), self.view, Illumination(sky, lights))


def prepare(plan: DriverPlan, number: int) -> Drive:
    """Make and dress the driver of a sequence and build the cabin.

    Raises
    ------
    ImportError
        Where the extra ``bake`` is absent.
    """
    sequence = plan.sequence(number)
    driver = build_driver(plan.person(sequence.person), sequence.outfit)
    cabin = fitted(sequence.cabin, driver.rig, Torso(recline=BACK_RECLINE))
    view = sequence.camera.view(cabin.right_hand_drive, plan.spec.size)
    performance = Performance(driver, cabin, sequence.script, view.position, sequence.outside_seed)
    still = _out_of_the_way(cabin_solids(cabin, SEAT_BACK, SEAT_RECLINE), sequence.camera)
    outside = draw_outside(np.random.default_rng([sequence.outside_seed, 30]), sequence.time)
    return Drive(
        sequence,
        driver,
        performance,
        view,
        outside,
        in_sight(still, view.position, performance.wheel(0.0).key_points()),
        wheel_solids(cabin.wheel),
    )


def _out_of_the_way(solids: list[Solid], camera: CarCamera) -> list[Solid]:
    """Without what a camera at the mirror or in the ceiling would be mounted in."""
    if camera.mount not in ("mirror", "ceiling"):
        return solids
    return [one for one in solids if one.name not in ("mirror", "visor")]


def _dimmed(lights: tuple[Light, ...]) -> tuple[Light, ...]:
    return tuple(replace(light, energy=0.25 * light.energy) for light in lights)


def _beside_the_lens(view: Pinhole) -> Light:
    place = view.position + 0.03 * view.matrix_world[:3, 0]
    ahead = view.position - view.matrix_world[:3, 2]
    x, y, z = (float(v) for v in place)
    a, b, c = (float(v) for v in ahead)
    return Light(
        "infra-red",
        "area",
        INFRA_RED_WATTS,
        position=(x, y, z),
        target=(a, b, c),
        size=0.7,
    )
