"""What is looked at before anything is rendered, so that a long run does not fail late."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from app.bake.person import MISSING_EXTRA
from app.blender.client import Blender
from app.blender.heads import HeadError, open_head
from app.dataset.heads import people, subjects_of_heads
from app.dataset.motions import Angles
from app.dataset.plan import PlanInputs
from app.dataset.spec import DatasetSpec, SpecError
from app.head.fbx import FbxError
from app.scene.scene import HeadFile
from app.scene.sequence import SequenceError, read_sequence

HEADROOM: Final = 1.05
"""Free space that is asked for, of what a data set should fill."""


def check_installed(spec: DatasetSpec) -> None:
    """Refuse what cannot be done with the packages that are installed.

    Raises
    ------
    SpecError
    """
    if spec.people and (find_spec("torch") is None or find_spec("anny") is None):
        raise SpecError(MISSING_EXTRA.replace("bake-head", "Making people"))
    if spec.renderer == "cycles" and find_spec("bpy") is None:
        raise SpecError("Blender's module bpy is not installed: pip install bpy==5.0.1")


def gather_inputs(spec: DatasetSpec) -> PlanInputs:
    """People or heads, pictures and recorded poses, as they are now.

    Raises
    ------
    SpecError
        With one line that names what cannot be used.
    """
    check_topologies(spec.topologies)
    try:
        heads = subjects_of_heads(spec)
    except FbxError as problem:
        raise SpecError(str(problem)) from None
    subjects = heads or tuple(subject for subject, _ in people(spec))
    return PlanInputs(subjects, _pictures(spec), _recorded(spec.replay))


def check_topologies(names: Iterable[str]) -> None:
    """Refuse topologies that are not shipped.

    Raises
    ------
    SpecError
    """
    from app.topology.store import shipped

    known = shipped()
    for name in names:
        if name not in known:
            raise SpecError(f"There is no topology {name!r}; there are: {', '.join(known)}.")


def is_begun(root: Path) -> bool:
    """Whether a folder holds more than what a run leaves that was killed before it had begun."""
    return root.is_dir() and any(not path.name.startswith(".") for path in root.iterdir())


def check_folder(root: Path, *, resume: bool) -> None:
    """Refuse a folder that holds something already, or that cannot be written.

    Raises
    ------
    SpecError
    """
    try:
        if root.exists() and not root.is_dir():
            raise SpecError(f"{root} is a file: name a folder.")
        if not resume and is_begun(root):
            raise SpecError(f"{root} is not empty: name a new folder, or go on with --resume.")
        root.mkdir(parents=True, exist_ok=True)
        probe = root / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise SpecError(f"{root} cannot be written: {reason}.") from None


def check_space(root: Path, size: int) -> None:
    """Refuse a data set that is larger than what is free.

    Raises
    ------
    SpecError
    """
    place = root.absolute()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < size * HEADROOM:
        raise SpecError(
            f"The data set needs about {size / 1e9:.1f} GB and {place} has {free / 1e9:.1f} GB "
            "free: make room, or ask for fewer or smaller pictures."
        )


def check_heads(spec: DatasetSpec) -> None:
    """Open every head once, so that it lies in the cache or is refused.

    Raises
    ------
    SpecError
        For a head that is missing, damaged or has no bone to turn.
    """
    if not spec.heads:
        return
    with Blender(spare=False) as blender:
        for head in dict.fromkeys(spec.heads):
            try:
                open_head(HeadFile(head), blender)
            except HeadError as problem:
                raise SpecError(f"{head}: {problem}") from None


def _pictures(spec: DatasetSpec) -> tuple[str, ...]:
    if spec.pictures is None:
        return ()
    from app.dataset.backgrounds import PictureFault, pictures_in

    folder = Path(spec.pictures)
    try:
        found = pictures_in(folder)
    except PictureFault as fault:
        raise SpecError(str(fault)) from None
    return tuple(path.relative_to(folder).as_posix() for path in found)


def _recorded(files: Iterable[str]) -> tuple[Angles, ...]:
    """All poses of all sequences, one after the other."""
    poses: list[Angles] = []
    for name in files:
        path = Path(name)
        try:
            if path.is_dir():
                from app.dataset.biwi import read_biwi

                sequence = read_biwi(path)
            else:
                sequence = read_sequence(path)
        except SequenceError as fault:
            raise SpecError(f"{path}: {fault}") from None
        poses.extend((key.yaw, key.pitch, key.roll) for key in sequence.keys)
    return tuple(poses)
