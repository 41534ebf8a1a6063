"""A picture of a data set, opened in the Studio: head, pose, expression, camera and lights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from app.dataset.annotation import AnnotationError, decode, frame_of
from app.dataset.files import ANNOTATION_LIMIT
from app.dataset.releases import beside_those_in_use, of_annotation
from app.files import read_bytes
from app.head.library import BUILTIN
from app.scene.scene import HeadFile, Scene
from widgets.generate.pictures import sibling


class FrameFault(ValueError):  # noqa: N818
    """A frame that can't be opened; the message is one line that says what to do."""


@dataclass(frozen=True)
class OpenedFrame:
    """A frame as its annotation tells it.

    Attributes
    ----------
    scene : Scene
        With the head's file, which for a baked person is its FBX.
    person : Path or None
        Parameters of a person who has not been baked to an FBX yet.
    name : str
        ``female/0001/…/0003``.
    releases : tuple of str
        A line for each topology of which this program has another release.
    """

    scene: Scene
    name: str
    person: Path | None = None
    releases: tuple[str, ...] = ()


def open_frame(path: Path) -> OpenedFrame:
    """Read an annotation, or that of a picture.

    Raises
    ------
    FrameFault
    """
    if path.suffix.lower() != ".json":
        path = sibling(path, "annotation")
    try:
        content = decode(read_bytes(path, ANNOTATION_LIMIT), path.name)
        frame = frame_of(content)
    except FileNotFoundError:
        raise FrameFault(f"{path.name} is not beside the picture.") from None
    except OSError as problem:
        raise FrameFault(f"{path.name} can't be read ({problem.strerror}).") from None
    except AnnotationError as problem:
        raise FrameFault(str(problem)) from None
    name = f"{frame.folder}/{frame.id}"
    told = beside_those_in_use(of_annotation(content), "the data set")
    subject = frame.subject
    if subject.head is not None:
        there = subject.head.startswith(BUILTIN) or Path(subject.head).is_file()
        if not there:
            gone = Path(subject.head)
            raise FrameFault(f"{gone.name}, which {name} shows, is not in {gone.parent} any more.")
        scene = replace(frame.scene, head=HeadFile(subject.head))
        return OpenedFrame(scene, name, releases=told)
    if subject.person is None:
        raise FrameFault(f"{path.name} does not say whose head it shows.")
    root = path.parents[len(PurePosixPath(frame.folder).parts)]
    person = root / subject.person
    fbx = baked_file(person)
    scene = replace(frame.scene, head=HeadFile(str(fbx)))
    if fbx.is_file():
        return OpenedFrame(scene, name, releases=told)
    if not person.is_file():
        raise FrameFault(f"{subject.person}, the person that {name} shows, is not in the data set.")
    return OpenedFrame(scene, name, person, told)


def baked_file(person: Path) -> Path:
    """The FBX that a person of a data set is baked to."""
    return person.with_suffix("") / f"{person.stem}.fbx"
