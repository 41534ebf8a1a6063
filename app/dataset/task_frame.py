"""One picture from its plan to its files: head, landmarks, renderer, background, effects."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from app.blender.client import Blender
from app.blender.heads import open_head
from app.dataset import effects
from app.dataset.annotation import annotation
from app.dataset.backgrounds import background, compose
from app.dataset.files import is_done, row_of, write_frame
from app.dataset.frame import Frame, Subject
from app.dataset.manifest import Row
from app.dataset.plan import Plan
from app.dataset.renderer import Renderer
from app.dataset.run_record import open_plan
from app.dataset.spec import DatasetSpec
from app.geometry.pinhole import Pinhole
from app.geometry.rotations import Array
from app.head.asset import HeadAsset
from app.head.skinning import head_matrix
from app.scene.backdrop import Backdrop
from app.scene.expressions import action_shapes
from app.scene.placement import pinhole
from app.scene.room import Room
from app.scene.scene import HeadFile
from app.topology.landmarks import HeadLandmarks, landmarks_of
from app.topology.locate import locate
from app.topology.truth import LandmarkTruth

_ROOMS_KEPT: Final = 4
_SCRATCH: Final = "headroom-person-"


@dataclass(frozen=True, eq=False)
class Made:
    """One picture with its ground truth.

    Attributes
    ----------
    frame : Frame
        With the shapes that its head has.
    view : Pinhole
    seen : Applied
        Colour, depth and segments after the effects.
    truths : tuple of LandmarkTruth
    head : ndarray, shape (4, 4), metres
        Where the neck carries the head, in the world.
    """

    frame: Frame
    view: Pinhole
    seen: effects.Applied
    truths: tuple[LandmarkTruth, ...]
    head: Array


class FrameMaker:
    """Holds the head that was opened last, its renderer and, where one is needed, Blender."""

    def __init__(self) -> None:
        self._open: tuple[Path, int] | None = None
        self._renderer: Renderer | None = None
        self._renderer_kind = ""
        self._blender: Blender | None = None
        self._scratch: Path | None = None
        self._rooms: OrderedDict[tuple[str, int], Room] = OrderedDict()
        self._spec = DatasetSpec()
        self._person: dict[str, Any] | None = None
        self._asset: HeadAsset | None = None
        self._landmarks: HeadLandmarks | None = None
        _sweep_scratch()

    def plan(self, root: str) -> Plan:
        """The plan of a data set that was begun."""
        return open_plan(root)

    def open(self, plan: Plan, subject: int, root: Path) -> None:
        """Take a head in place of the one before."""
        if self._open == (root, subject):
            return
        self._open = None
        self._spec = spec = plan.spec
        asset, base_vertices = self._read(plan.inputs.subjects[subject], root)
        self._landmarks = landmarks_of(asset, base_vertices, spec.topologies)
        self._asset = asset
        self._renderer_for(spec).open(asset)
        self._open = (root, subject)

    @property
    def asset(self) -> HeadAsset:
        """The head that is open."""
        if self._asset is None:
            raise ValueError("Open a head before making its pictures.")
        return self._asset

    def is_done(self, frame: Frame, root: Path) -> bool:
        return is_done(root, frame)

    def row(self, frame: Frame, root: Path) -> Row:
        return row_of(root, frame)

    def make(self, frame: Frame, root: Path) -> Row:
        """Render, compose, find the landmarks and write all files."""
        made = self.picture(frame)
        content = annotation(
            self.asset,
            made.frame,
            made.truths,
            made.view,
            renderer=self._spec.renderer,
            seed=self._spec.seed,
            person=self._person,
        )
        seen = made.seen
        return write_frame(root, made.frame, seen.color, seen.depth, seen.segments, content)

    def picture(self, frame: Frame) -> Made:
        """Render, compose and find the landmarks; nothing is written."""
        asset, landmarks = self.asset, self._landmarks
        assert landmarks is not None
        pose = frame.scene.pose
        scene = replace(
            frame.scene,
            pose=replace(pose, shapes=action_shapes(pose.shapes, asset.shape_names)),
        )
        frame = replace(frame, scene=scene)
        view = pinhole(scene.camera)
        layers = self._renderer_for(self._spec).render(scene, self._room(frame.backdrop))
        behind = background(frame.backdrop, view.width, view.height)
        seen = effects.apply(
            frame.effects, compose(layers, behind), layers.depth, layers.segments, view
        )
        truths = locate(landmarks, layers.vertices, view, seen.depth)
        return Made(frame, view, seen, truths, head_matrix(asset, scene.pose))

    def close(self) -> None:
        """Give back windows, processes and files."""
        if self._renderer is not None:
            self._renderer.close()
        if self._blender is not None:
            self._blender.close()
        self._renderer = self._blender = self._open = self._asset = self._landmarks = None
        self._clear_scratch()

    def _read(self, subject: Subject, root: Path) -> tuple[HeadAsset, Any]:
        """The asset, and base-mesh vertices of the mesh ``Head`` where they are known here."""
        self._clear_scratch()
        if subject.person is None:
            self._person = None
            return open_head(HeadFile(subject.head or ""), self._worker()).asset, None
        from app.bake.asset import bake_asset, bake_fbx
        from app.bake.person_file import read_person

        person = read_person(root / subject.person)
        self._person = person.as_dict()
        self._scratch = folder = Path(tempfile.mkdtemp(prefix=f"{_SCRATCH}{os.getpid()}-"))
        if self._spec.renderer == "raster":
            baked = bake_asset(person, folder, self._spec.texture)
            return baked.asset, baked.base_vertices
        file = bake_fbx(person, folder, self._spec.texture, self._worker())
        return open_head(HeadFile(str(file)), self._worker()).asset, None

    def _renderer_for(self, spec: DatasetSpec) -> Renderer:
        if self._renderer is None or self._renderer_kind != spec.renderer:
            if self._renderer is not None:
                self._renderer.close()
            self._renderer = self._new_renderer(spec)
            self._renderer_kind = spec.renderer
        return self._renderer

    def _new_renderer(self, spec: DatasetSpec) -> Renderer:
        if spec.renderer == "raster":
            from app.raster.renderer import RasterRenderer

            return RasterRenderer()
        from app.dataset.cycles import CyclesRenderer

        return CyclesRenderer(self._worker())

    def _worker(self) -> Blender:
        if self._blender is None:
            self._blender = Blender(spare=False)
        return self._blender

    def _room(self, backdrop: Backdrop) -> Room | None:
        if backdrop.kind != "room" or backdrop.room is None:
            return None
        from app.scene.interiors import build_room

        key = (backdrop.room, backdrop.seed)
        if key not in self._rooms:
            self._rooms[key] = build_room(*key)
            while len(self._rooms) > _ROOMS_KEPT:
                self._rooms.popitem(last=False)
        self._rooms.move_to_end(key)
        return self._rooms[key]

    def _clear_scratch(self) -> None:
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None


def _sweep_scratch() -> None:
    """Take away what processes left that were killed."""
    import psutil

    for folder in Path(tempfile.gettempdir()).glob(f"{_SCRATCH}*-*"):
        owner = folder.name.removeprefix(_SCRATCH).split("-")[0]
        if owner.isdecimal() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)
