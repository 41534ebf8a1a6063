"""One picture of a data set before it is made: everything that decides what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from app.scene.backdrop import Backdrop
from app.scene.scene import Scene

EffectKind = Literal[
    "blur",
    "noise",
    "jpeg",
    "exposure",
    "occluder-hand",
    "occluder-phone",
    "occluder-hair",
    "occluder-box",
    "low-resolution",
    "grey",
    "infra-red",
]


@dataclass(frozen=True)
class Effect:
    """A change of the finished picture.

    ``amount`` runs from 0, nothing, to 1, the strongest that makes sense; ``seed`` draws what is
    random in it.
    """

    kind: EffectKind
    amount: Annotated[float, Meta(ge=0.0, le=1.0)]
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0


@dataclass(frozen=True)
class Subject:
    """Whose head a picture shows.

    Attributes
    ----------
    folder : str
        ``female/0001`` and the like, relative to the data set.
    person : str or None
        File of the parameters of a baked person, relative to the data set.
    head : str or None
        An FBX or ``builtin:NAME``; exactly one of ``person`` and ``head`` is given.
    gender : str
        ``unknown`` where nothing tells it; the folder is then a choice of the data set's maker.
    """

    folder: str
    person: str | None = None
    head: str | None = None
    gender: Literal["female", "male", "unknown"] = "unknown"


@dataclass(frozen=True)
class Frame:
    """What one picture shows and where its files lie.

    Attributes
    ----------
    number : int
        Counts through the whole data set.
    subject : Subject
    folder : str
        Of the files, relative to the data set, with ``/``.
    id : str
        Four digits or more, unique in the folder.
    scene : Scene
        With the shapes of the expression in its pose.
    backdrop : Backdrop
    effects : tuple of Effect
    motion, expression : str
    """

    number: int
    subject: Subject
    folder: str
    id: str
    scene: Scene
    backdrop: Backdrop
    effects: tuple[Effect, ...] = ()
    motion: str = ""
    expression: str = "neutral"

    @property
    def locality(self) -> tuple[str, str, int, str, int]:
        """Order in which pictures that need the same room or environment follow each other."""
        behind = self.backdrop
        seed = behind.seed if behind.kind == "room" else 0
        picture = self.scene.environment.picture or ""
        return behind.kind, behind.room or "", seed, picture, self.number

    def file(self, kind: str, suffix: str) -> str:
        """Path of one of the picture's files, relative to the data set."""
        return f"{self.folder}/{kind}_{self.id}.{suffix}"
