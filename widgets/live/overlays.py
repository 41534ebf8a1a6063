"""What is drawn over a live picture: one switch and one opacity for each layer.

Plain data: nothing here knows Qt, so that a recorder, a session file and the painter share it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

ColorMap = Literal["viridis", "plasma", "turbo"]
SigmaForm = Literal["off", "colour", "ellipse"]
Sides = Literal["a", "b", "both"]
Opacity = Annotated[float, Meta(ge=0.0, le=1.0)]
Millimetres = Annotated[float, Meta(ge=-1000.0, le=1000.0)]

COLOR_MAPS: Final[tuple[ColorMap, ...]] = ("viridis", "plasma", "turbo")
SIGMA_FORMS: Final[tuple[SigmaForm, ...]] = ("off", "colour", "ellipse")


@dataclass(frozen=True)
class Layer:
    """One thing that is drawn."""

    shown: bool = False
    opacity: Opacity = 1.0


@dataclass(frozen=True)
class SigmaLayer:
    """How sure the model is of each point: by the colour of points, or as ellipses of 2 σ."""

    form: SigmaForm = "off"
    opacity: Opacity = 0.8

    @property
    def shown(self) -> bool:
        return self.form != "off"


@dataclass(frozen=True)
class DepthLayer(Layer):
    """Depth over the face in colours, near ones bright.

    Attributes
    ----------
    colormap : str
    near, far : float
        Millimetres from the head centre, away from the camera positive, at the ends of the colours.
    """

    opacity: Opacity = 0.6
    colormap: ColorMap = "viridis"
    near: Millimetres = -110.0
    far: Millimetres = 50.0


@dataclass(frozen=True)
class Overlays:
    """All layers of the live picture.

    Attributes
    ----------
    points_68, contours_68, indices_68 : Layer
        The 68 points of iBUG, the lines through them, their numbers from 0.
    points_520, mesh_520 : Layer
        The dense points and the edges between them.
    sigma : SigmaLayer
    axes, cube : Layer
        Of the head's pose.
    box, number : Layer
        Box of the face, and the number by which it is followed.
    depth : DepthLayer
    hands : Layer
        Hands on the wheel: the wheel's region, the state of each hand, the warning.
    raw : bool
        Draw what the network gives instead of what the filter makes of it.
    side_by_side : str
        Of two models: the first, the second, or both.
    """

    points_68: Layer = field(default_factory=lambda: Layer(True))
    contours_68: Layer = field(default_factory=lambda: Layer(True, 0.7))
    indices_68: Layer = field(default_factory=lambda: Layer(False, 0.9))
    points_520: Layer = field(default_factory=lambda: Layer(False, 0.8))
    mesh_520: Layer = field(default_factory=lambda: Layer(False, 0.35))
    sigma: SigmaLayer = field(default_factory=SigmaLayer)
    axes: Layer = field(default_factory=lambda: Layer(True))
    cube: Layer = field(default_factory=lambda: Layer(False, 0.8))
    box: Layer = field(default_factory=lambda: Layer(False, 0.8))
    number: Layer = field(default_factory=lambda: Layer(True, 0.9))
    depth: DepthLayer = field(default_factory=DepthLayer)
    hands: Layer = field(default_factory=lambda: Layer(True))
    raw: bool = False
    side_by_side: Sides = "both"

    def shows(self, name: str) -> bool:
        """Whether one of `LAYERS` is drawn."""
        return bool(getattr(self, name).shown)

    def opacity(self, name: str) -> float:
        """Of one of `LAYERS`."""
        return float(getattr(self, name).opacity)

    def with_shown(self, name: str, shown: bool) -> Overlays:
        """The same with one layer switched; σ is shown by colour when it was off."""
        layer = getattr(self, name)
        if isinstance(layer, SigmaLayer):
            form: SigmaForm = layer.form if shown and layer.shown else "colour" if shown else "off"
            return replace(self, sigma=replace(layer, form=form))
        return self._with(name, replace(layer, shown=shown))

    def with_opacity(self, name: str, opacity: float) -> Overlays:
        """The same with another opacity of one layer."""
        limited = min(max(float(opacity), 0.0), 1.0)
        return self._with(name, replace(getattr(self, name), opacity=limited))

    def _with(self, name: str, layer: Layer | SigmaLayer) -> Overlays:
        changed: dict[str, Any] = {name: layer}
        return replace(self, **changed)


LAYERS: Final[tuple[str, ...]] = tuple(
    f.name for f in fields(Overlays) if f.name not in ("raw", "side_by_side")
)
"""Names of everything that has a switch and an opacity, in the order of the panel."""


def stored(overlays: Overlays) -> dict[str, Any]:
    """As plain values for a session or settings file."""
    values = msgspec.to_builtins(overlays)
    assert isinstance(values, dict)
    return values


def from_stored(values: object) -> Overlays:
    """Overlays from what `stored` gave; the defaults where that cannot be understood."""
    try:
        return msgspec.convert(values, Overlays)
    except (msgspec.ValidationError, RecursionError):
        return Overlays()
