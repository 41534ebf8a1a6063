"""What is looked at before anything is rendered, so that a long run does not fail late."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
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
from app.scene.sequence import PoseSequence, SequenceError, read_sequence

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
            f"The data set needs about {in_words(size)} and {place} has {in_words(free)} "
            "free: make room, or ask for fewer or smaller pictures."
        )


def in_words(size: float) -> str:
    """Bytes as ``1.5 GB``, or ``12.0 MB`` where that is less."""
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


@contextmanager
def nothing_left(root: Path) -> Iterator[None]:
    """Take away the folders that were made for a data set where it is refused before its start."""
    missing = [folder for folder in (root, *root.parents) if not folder.exists()]
    try:
        yield
    except SpecError:
        with suppress(OSError):
            for folder in missing:
                folder.rmdir()
        raise


def complaints(spec: DatasetSpec) -> tuple[str, ...]:
    """One line for each recorded sequence of which lines were left out."""
    sequences = ((name, _sequence(Path(name))) for name in spec.replay)
    return tuple(f"{name}: {s.complaint}" for name, s in sequences if s.complaint)


def check_heads(spec: DatasetSpec) -> tuple[str, ...]:
    """Open every head once and place its landmarks, so that both are kept, or refuse it.

    Returns
    -------
    tuple of str
        One line for each head whose landmarks are proposed and not known from its mesh.

    Raises
    ------
    SpecError
        For a head that is missing, damaged, has no bone to turn or no face.
    """
    if not spec.heads:
        return ()
    from app.topology.landmarks import landmarks_of

    notices = []
    with Blender(spare=False) as blender:
        for head in dict.fromkeys(spec.heads):
            try:
                asset = open_head(HeadFile(head), blender).asset
                residual = landmarks_of(asset, topologies=spec.topologies).residual
            except (HeadError, ValueError) as problem:
                raise SpecError(_about(head, str(problem))) from None
            if residual is not None:
                notices.append(
                    f"{head}: its landmarks are proposed; the face they come from lies "
                    f"{residual * 1000.0:.1f} mm off on average. Look at them in the window."
                )
    return tuple(notices)


def _about(file: str, problem: str) -> str:
    """A message with the whole path of the file in it, once."""
    if file in problem:
        return problem
    name = Path(file).name
    return file + problem.removeprefix(name) if problem.startswith(name) else f"{file}: {problem}"


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
        poses.extend((key.yaw, key.pitch, key.roll) for key in _sequence(Path(name)).keys)
    return tuple(poses)


def _sequence(path: Path) -> PoseSequence:
    try:
        if path.is_dir():
            from app.dataset.biwi import read_biwi

            return read_biwi(path)
        return read_sequence(path)
    except SequenceError as fault:
        raise SpecError(_about(str(path), str(fault))) from None
