"""Shards of a few drawn faces, for tests of what learns from them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from app.dataset.packed import Packed, encode, write_shard
from app.dataset.sample import SIDE, Sample, Traits, rotation_in_camera
from app.geometry.rotations import Angles, matrix_from_pose_para
from app.scene.segments import SEGMENTS
from app.topology import store


def drawn_face(person: int = 1, seed: int = 0) -> Sample:
    """The mean head's points in some pose, over a disc in the colour of skin with dark eyes."""
    rng = np.random.default_rng(seed)
    angles = rng.uniform(-1.0, 1.0, 3) * (35.0, 20.0, 15.0)
    rotation = rotation_in_camera(matrix_from_pose_para(Angles(*angles)))
    names = ("dense-520", "ibug-68")
    means = [mark.mean for name in names for mark in store.load(name).landmarks]
    x, y, z = np.array(means).T
    centre, scale = rng.uniform(110.0, 146.0, 2), rng.uniform(700.0, 1000.0)
    points = np.stack([x, -z, y], axis=1) @ rotation.T * scale + [*centre, 0.0]
    picture = np.full((SIDE, SIDE, 3), rng.uniform(20.0, 230.0, 3), np.uint8)
    segments = np.zeros((SIDE, SIDE), np.uint8)
    hull = cv2.convexHull(points[:, :2].astype(np.float32)).round().astype(np.int32)
    cv2.fillPoly(picture, [hull], tuple(rng.uniform(120.0, 220.0, 3)), cv2.LINE_AA)
    cv2.fillPoly(segments, [hull], SEGMENTS.index("skin"))
    for eye in (points[556:562], points[562:568]):
        cv2.fillPoly(picture, [eye[:, :2].round().astype(np.int32)], (20, 20, 40), cv2.LINE_AA)
    depth = np.where(segments > 0, np.float32(-0.05), np.float32(np.inf)).astype(np.float32)
    return Sample(
        picture,
        segments,
        depth,
        points.astype(np.float32),
        rng.random(len(points)) < 0.8,
        rotation.astype(np.float32),
        angles.astype(np.float32),
        centre.astype(np.float32),
        0.6,
        scale * 0.6,
        person,
        Traits(0.4, 30.0, 0.5, False, False, False),
        "plain",
    )


def drawn_shard(folder: Path, people: int = 40, each: int = 2) -> Packed:
    """A shard of that many people, enough for one or two to be held out."""
    samples = [drawn_face(k // each, k) for k in range(people * each)]
    write_shard(folder / "drawn.arrow", [encode(s) for s in samples], {"made": "for a test"})
    return Packed([folder])
