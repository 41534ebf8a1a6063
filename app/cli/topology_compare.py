"""``main.py topology compare``: what points mean, against faces that people drew points on."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

from app.cli.base_skin import whole_skin
from app.geometry.rotations import Array
from app.head.asset import Mesh
from app.topology import compare, store
from app.topology.contour import OutlineLines, outline_lines
from app.topology.faces import FaceError, read_faces
from app.topology.fit import FaceModel, Fitter
from app.topology.placement import Placement
from app.topology.topology import Topology

ACTIONS = (
    "jawOpen",
    "jawLeft",
    "jawRight",
    "mouthClose",
    "mouthFunnel",
    "mouthPucker",
    "mouthLeft",
    "mouthRight",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "eyeBlinkLeft",
    "eyeBlinkRight",
    "eyeSquintLeft",
    "eyeSquintRight",
    "eyeWideLeft",
    "eyeWideRight",
    "noseSneerLeft",
    "noseSneerRight",
)
MODES = 40


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "compare", help="fit the body model to annotated faces and print what is left over"
    )
    parser.add_argument(
        "--faces", type=Path, required=True, metavar="DIR", help="pictures with .pts files beside"
    )
    parser.add_argument(
        "--from", dest="first", default="", metavar="NAME", help="leave out the files before this"
    )
    parser.add_argument(
        "--topology", type=Path, metavar="FILE", help="in place of the shipped ibug-68"
    )
    parser.add_argument(
        "--one-based", action="store_true", help="the top-left pixel of the .pts files is (1, 1)"
    )
    parser.add_argument(
        "--people", type=int, default=300, metavar="N", help="random people that shapes come from"
    )
    parser.add_argument(
        "--turned", type=float, default=30.0, metavar="DEGREES", help="of faces that count"
    )
    parser.add_argument("--picture", type=Path, metavar="FILE", help="PNG of some fitted faces")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    try:
        faces, problems = read_faces(args.faces, 1.0 if args.one_based else 0.0)
        topology = store.read(args.topology) if args.topology else store.load("ibug-68")
        if len(topology) != 68:
            raise FaceError(f"{topology.name} has {len(topology)} points; 68 are compared")
        faces = [f for f in faces if f.name >= args.first]
        if not faces:
            raise FaceError(f"{args.faces}: there is no face from {args.first!r} on")
        if args.people <= MODES:
            raise FaceError(f"--people must be more than {MODES}")
        for problem in problems:
            print(f"main.py topology compare: {problem}", file=sys.stderr)
        model = face_model(args.people)
        fitter = Fitter(model, *_points(topology, model))
        fits = compare.fit_all(fitter, faces)
        found = compare.compare(faces, fits, topology.mirror, args.turned)
    except (FaceError, store.TopologyError, ImportError, ValueError) as problem:
        print(f"main.py topology compare: {problem}", file=sys.stderr)
        return 2
    print(compare.as_text(found, [m.name for m in topology.landmarks]))
    if args.picture:
        some = slice(0, None, max(1, len(faces) // 12))
        try:
            compare.draw(faces[some][:12], fits[some][:12], args.picture)
        except OSError as problem:
            print(f"main.py topology compare: {args.picture}: {problem}", file=sys.stderr)
            return 1
    return 0


def face_model(people: int) -> FaceModel:
    """Mean, principal shapes and facial actions of random people.

    Raises
    ------
    ImportError
        Where the extra ``bake`` is absent.
    """
    from app.bake.body import build_body
    from app.bake.person import random_person

    shapes: list[Array] = []
    actions: Array = np.zeros(0)
    for seed in range(people):
        body = build_body(random_person(seed))
        shapes.append((body.vertices - body.head_centre).astype(np.float32))
        if not seed:
            actions = np.stack([body.actions[name] for name in ACTIONS])
    mean = np.mean(shapes, axis=0, dtype=np.float64)
    apart = np.stack(shapes) - mean.astype(np.float32)
    # Shapes are told apart by the face, not by the rest of the body.
    near = np.exp(-np.square(np.linalg.norm(mean - [0.0, -0.02, -0.03], axis=1) / 0.12))
    flat = (apart * np.sqrt(near)[:, None].astype(np.float32)).reshape(people, -1)
    _, vectors = np.linalg.eigh(flat @ flat.T)
    chosen = vectors[:, ::-1][:, :MODES].T
    modes = np.tensordot(chosen, apart, axes=1) / np.sqrt(people)
    return FaceModel(mean, modes.astype(np.float64), actions, ACTIONS)


def _points(topology: Topology, model: FaceModel) -> tuple[Placement, OutlineLines]:
    placement = Placement(
        topology.name,
        topology.version,
        np.zeros(68, np.int32),
        np.array([m.corners for m in topology.landmarks], np.int32),
        np.array([m.weights for m in topology.landmarks]),
    )
    return placement, outline_lines([_skin(model.mean)], placement)


def _skin(vertices: Array) -> Mesh:
    triangles = whole_skin().triangles.astype(np.int32)
    count = len(triangles)
    return Mesh(
        "Head",
        vertices.astype(np.float32),
        triangles,
        np.zeros((count, 3, 2), np.float32),
        np.zeros((count, 3, 3), np.float32),
        np.zeros(count, np.int32),
        np.zeros((len(vertices), 1), np.int32),
        np.ones((len(vertices), 1), np.float32),
    )
