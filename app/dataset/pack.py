"""Samples for networks made straight into shards: random people, as before real cameras."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from app.bake.person import PersonSpec
from app.bake.person_file import write_person
from app.dataset import packed
from app.dataset.frame import EffectKind, Frame, Subject
from app.dataset.heads import people
from app.dataset.packed import Encoded
from app.dataset.plan import Plan, PlanInputs
from app.dataset.releases import MADE_WITH, made_with
from app.dataset.sample import (
    SIDE,
    TOPOLOGIES,
    Sample,
    Traits,
    relative_points,
    rotation_in_camera,
)
from app.dataset.spec import DatasetSpec
from app.dataset.task_frame import FrameMaker, Made
from app.geometry.rotations import pose_para_from_matrix
from app.head.asset import HeadAsset
from app.head.skinning import head_matrix
from app.scene.annotations import seen_rotation
from app.topology.truth import OUTLINE

PEOPLE_PER_SHARD: Final = 25

FACE: Final = np.array([0.0, -0.03, -0.03])
"""Middle of a face from the head centre, in the head's axes, metres."""
EXPOSURE: Final = (0.9, 3.2)
_PURPOSE: Final = 21

OCCLUDERS: Final[tuple[EffectKind, ...]] = (
    "occluder-hair",
    "occluder-hand",
    "occluder-phone",
    "occluder-box",
)


def spec_of(count: int, per_person: int, seed: int) -> DatasetSpec:
    """What the shards hold; photometric effects are left to those who read them."""
    return DatasetSpec(
        seed=seed,
        people=count,
        per_person=per_person,
        motions=("Portrait",),
        expressions=("candid",),
        backgrounds=("texture", "environment", "plain"),
        effects=OCCLUDERS,
        effect_share=0.2,
        width=SIDE,
        height=SIDE,
        distance=(0.35, 2.5),
        texture=512,
        topologies=("ibug-68", "dense-520"),
    )


@dataclass(frozen=True)
class ShardJob:
    """Some people of a spec and where their samples go."""

    spec: DatasetSpec
    first: int
    last: int
    path: Path


def jobs(spec: DatasetSpec, folder: Path) -> Iterator[ShardJob]:
    """All shards of a spec, those that are there left out."""
    for first in range(0, spec.people, PEOPLE_PER_SHARD):
        path = folder / f"shard-{spec.seed}-{first // PEOPLE_PER_SHARD:04d}{packed.SUFFIX}"
        if not path.exists():
            yield ShardJob(spec, first, min(first + PEOPLE_PER_SHARD, spec.people), path)


def make(job: ShardJob) -> int:
    """Render a shard's samples and write it.

    Returns
    -------
    int
        Samples in it.
    """
    everybody = list(people(job.spec))
    plan = Plan(job.spec, PlanInputs(tuple(subject for subject, _ in everybody)))
    samples: list[Encoded] = []
    with (
        tempfile.TemporaryDirectory(prefix="headroom-shard-") as folder,
        closing(FrameMaker()) as maker,
    ):
        root = Path(folder)
        for number in range(job.first, job.last):
            subject, person = everybody[number]
            _write(root, subject, person)
            maker.open(plan, number, root)
            for own in range(job.spec.per_person):
                frame = plan.frame_of(number, own)
                chance = np.random.default_rng([job.spec.seed, number, own, _PURPOSE])
                try:
                    made = maker.picture(exposed(followed(frame, maker.asset), chance))
                    samples.append(packed.encode(sample_of(made, number, person)))
                except Exception as fault:
                    _lose(number, own, fault)
    if not samples:
        raise ValueError(f"no picture of people {job.first} to {job.last - 1} could be made")
    about = {"spec": msgspec.to_builtins(job.spec), MADE_WITH: made_with(TOPOLOGIES)}
    packed.write_shard(job.path, samples, about)
    return len(samples)


def followed(frame: Frame, asset: HeadAsset) -> Frame:
    """The frame with its camera moved along with the face, which the neck carries aside."""
    placed = head_matrix(asset, frame.scene.pose)
    moved = placed[:3, 3] + placed[:3, :3] @ FACE
    camera = frame.scene.camera
    offset = np.asarray(camera.offset) + moved
    x, y, z = (round(float(v), 6) for v in offset)
    return replace(frame, scene=replace(frame.scene, camera=replace(camera, offset=(x, y, z))))


def exposed(frame: Frame, chance: np.random.Generator) -> Frame:
    """The frame in stronger light, as a camera's exposure makes it."""
    low, high = EXPOSURE
    gain = float(low * (high / low) ** chance.random())
    scene = frame.scene
    lights = tuple(replace(x, energy=round(x.energy * gain, 4)) for x in scene.lights)
    around = replace(scene.environment, strength=round(scene.environment.strength * gain, 4))
    return replace(frame, scene=replace(scene, lights=lights, environment=around))


def sample_of(made: Made, number: int, person: PersonSpec) -> Sample:
    """A picture as a sample.

    Parameters
    ----------
    number : int
        Of the person.
    """
    view, seen = made.view, made.seen
    distance = float(view.to_camera(made.head[:3, 3])[2])
    found = {t.topology: t for t in made.truths}
    parts = [found["dense-520"], found[OUTLINE], found["ibug-68"]]
    taken = [slice(None), slice(None), slice(len(parts[1].pixels), None)]
    chosen = list(zip(parts, taken, strict=True))
    points = np.concatenate([t.pixels[part] for t, part in chosen])
    world = np.concatenate([t.world[part] for t, part in chosen])
    rotation = seen_rotation(made.head[:3, :3], view.matrix_world[:3, :3])
    angles = pose_para_from_matrix(rotation)
    depth = np.where(seen.segments > 0, seen.depth - np.float32(distance), np.float32(np.inf))
    return Sample(
        seen.color,
        seen.segments,
        depth.astype(np.float32),
        relative_points(points, view.to_camera(world)[:, 2], distance, view.focal_pixels),
        np.concatenate([t.visible[part] for t, part in chosen]),
        rotation_in_camera(rotation).astype(np.float32),
        np.array([angles.yaw, angles.pitch, angles.roll], np.float32),
        view.project(made.head[:3, 3]).astype(np.float32),
        distance,
        view.focal_pixels,
        number,
        traits_of(person),
        made.frame.backdrop.kind,
    )


def traits_of(person: PersonSpec) -> Traits:
    """What figures by groups go by."""
    return Traits(
        person.skin_tone,
        person.age,
        person.gender,
        person.glasses.frame != "none",
        person.beard.style != "none" or person.stubble > 0.4,
        person.hat.style != "none",
    )


def _lose(person: int, own: int, fault: Exception) -> None:
    """Go on without a picture, once it is told which and why."""
    reason = " ".join(f"{type(fault).__name__}: {fault}".split())
    print(f"picture {own} of person {person} is left out: {reason}", file=sys.stderr, flush=True)


def _write(root: Path, subject: Subject, person: PersonSpec) -> None:
    assert subject.person is not None
    path = root / subject.person
    path.parent.mkdir(exist_ok=True)
    write_person(path, person)
