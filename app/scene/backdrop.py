"""What stands behind the head in a picture of a data set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from app.scene.scene import Fraction

BackdropKind = Literal["plain", "texture", "picture", "environment", "room"]
RoomName = Literal["classroom", "shop"]


@dataclass(frozen=True)
class Backdrop:
    """Background of one picture.

    Attributes
    ----------
    kind : str
        ``plain`` shows ``color`` (sRGB), ``texture`` a procedural pattern of ``seed``,
        ``picture`` the file ``picture`` cut by ``seed``, ``environment`` the picture that also
        lights the scene, ``room`` the interior ``room`` furnished by ``seed``.
    """

    kind: BackdropKind = "plain"
    color: tuple[Fraction, Fraction, Fraction] = (0.5, 0.5, 0.5)
    picture: str | None = None
    room: RoomName | None = None
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0
