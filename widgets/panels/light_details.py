"""Everything of the one light that is chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from PySide6.QtWidgets import QWidget

from app.scene.lamps import distance, of_kind
from app.scene.scene import Light, LightKind, Scene
from app.session.document import Document
from widgets.fields.color import ColorButton, TemperatureBar
from widgets.fields.form import Hint, Row, Segments, Vector
from widgets.fields.number_field import NumberField
from widgets.panels.scene_section import SceneSection

KINDS: Final[tuple[tuple[LightKind, str, str], ...]] = (
    ("area", "Area", "A square that shines: soft shadows, softer the larger it is."),
    ("sun", "Sun", "Parallel light from afar: only its direction counts."),
    ("point", "Point", "Shines to all sides."),
    ("spot", "Spot", "A cone of light."),
)
DEFAULT_TEMPERATURE: Final = 5600.0


class LightSection(SceneSection):
    """Fields of one light; what its kind does not have is not shown."""

    def __init__(self, document: Document) -> None:
        super().__init__("Light", document, lambda scene: scene.lights)
        self.index: int | None = None
        self.kind = Segments("Kind", [(kind, text, tip) for kind, text, tip in KINDS])
        self.kind.chosen.connect(lambda kind: self._edit("Kind of light", None, of_kind, kind))
        self.energy = self._number(
            "energy",
            "Energy",
            hard=(0.0, 100000.0),
            soft=(0.0, 1000.0),
            step=1.0,
            decimals=2,
            unit="W",
        )
        self.mode = Segments(
            "Colour from",
            [
                ("color", "RGB", "A colour of your choice."),
                ("temperature", "Temperature", "The colour of a black body, as lamps are sold."),
            ],
        )
        self.mode.chosen.connect(self._set_mode)
        self.color = ColorButton("Light colour", "Colour of the light.")
        self.color.edited.connect(
            lambda value, gesture: self.change("Light colour", gesture, color=value)
        )
        self.temperature = self._number(
            "temperature",
            "Temperature",
            hard=(800.0, 20000.0),
            soft=(1000.0, 12000.0),
            step=50.0,
            snap=500.0,
            decimals=0,
            unit="K",
            default=DEFAULT_TEMPERATURE,
            tip="Black body radiation: candle 1900 K, lamp 2700 K, noon 5500 K, shade 8000 K.",
        )
        self.gradient = TemperatureBar()
        self.gradient.edited.connect(
            lambda value, gesture: self.change("Light temperature", gesture, temperature=value)
        )
        self.extent = self._number("size", "Size", hard=(0.0, 180.0), soft=(0.0, 5.0), unit="m")
        self.cone = self._number(
            "spot_angle",
            "Cone",
            hard=(1.0, 180.0),
            step=1.0,
            decimals=1,
            unit="°",
            bar=True,
            tip="Full angle of the cone.",
        )
        self.blend = self._number(
            "spot_blend",
            "Edge",
            hard=(0.0, 1.0),
            step=0.01,
            snap=0.1,
            bar=True,
            tip="Softness of the cone's edge: 0 is sharp, 1 fades from the middle.",
        )
        self.position = self._vector("position", "Position", (0.0, -1.0, 0.5))
        self.target = self._vector("target", "Target", (0.0, 0.0, 0.0))
        self.distance = NumberField("Distance from the target", decimals=3, unit="m")
        self.distance.set_read_only(True)
        self.hint = Hint("Choose a light in the list above, or add one.")
        self._rows: dict[str, QWidget] = {
            "kind": self.kind,
            "energy": self._row("Energy", self.energy),
            "mode": self._row("Colour", self.mode),
            "color": self._row("", self.color),
            "temperature": self._row("", self.temperature),
            "gradient": self._row("", self.gradient),
            "size": self._row("Size", self.extent),
            "cone": self._row("Cone", self.cone),
            "blend": self._row("Edge", self.blend),
        }
        self.rows.insertWidget(0, self.kind)
        self._rows["position"] = self.add_block("Position", self.position.fields)
        self._rows["target"] = self.add_block("Target", self.target.fields)
        self._rows["distance"] = self._row("Distance", self.distance)
        self.add(self.hint)
        self.show_scene(document.scene)

    def _row(self, label: str, widget: QWidget) -> Row:
        return self.add_row(label, widget)

    def _number(self, attribute: str, label: str, **settings: Any) -> NumberField:
        settings.setdefault("default", getattr(Light("x"), attribute))
        settings.setdefault("step", 0.01)
        settings.setdefault("decimals", 3 if settings.get("unit") == "m" else 2)
        field = NumberField(label, **settings)
        text = f"Light {label.lower()}"
        field.edited.connect(
            lambda value, gesture: self.change(text, gesture, **{attribute: value})
        )
        return field

    def _vector(self, attribute: str, label: str, default: tuple[float, float, float]) -> Vector:
        tips = ("Right in a frontal picture", "Away from the viewer; the face looks to −Y", "Up")
        vector = Vector(
            label,
            default=default,
            tips=[f"{tip}, metres from the head centre." for tip in tips],
            parent=self,
        )
        for field in vector.fields:
            field.set_soft((-10.0, 10.0))
        text = f"Light {label.lower()}"
        vector.edited.connect(
            lambda value, gesture: self.change(text, gesture, **{attribute: value})
        )
        return vector

    @property
    def light(self) -> Light | None:
        lights = self.document.scene.lights
        valid = self.index is not None and 0 <= self.index < len(lights)
        return lights[self.index] if valid and self.index is not None else None

    def set_index(self, index: int | None) -> None:
        self.index = index
        self.show_scene(self.document.scene)

    def change(self, text: str, gesture: object | None = None, **values: Any) -> None:
        self._edit(text, gesture, lambda light, _: replace(light, **values), None)

    def _edit(
        self, text: str, gesture: object | None, how: Callable[..., Light], argument: object
    ) -> None:
        light, scene = self.light, self.document.scene
        if light is None or self.index is None:
            return
        lights = list(scene.lights)
        lights[self.index] = how(light, argument)
        self.document.change(text, replace(scene, lights=tuple(lights)), gesture)

    def _set_mode(self, mode: object) -> None:
        kelvin = self.temperature.value() or DEFAULT_TEMPERATURE
        value = kelvin if mode == "temperature" else None
        self.change("Light colour", temperature=value)

    def show_scene(self, scene: Scene) -> None:
        light = self.light
        for row in self._rows.values():
            row.setVisible(light is not None)
        self.hint.setVisible(light is None)
        self.header.set_title("Light" if light is None else light.name)
        if light is None:
            return
        self.kind.set_key(light.kind)
        self._show_energy(light)
        warm = light.temperature is not None
        self.mode.set_key("temperature" if warm else "color")
        self.color.set_value(light.color)
        if light.temperature is not None:
            self.temperature.set_value(light.temperature)
            self.gradient.set_value(light.temperature)
        self._rows["color"].setVisible(not warm)
        self._rows["temperature"].setVisible(warm)
        self._rows["gradient"].setVisible(warm)
        self._show_size(light)
        self.cone.set_value(light.spot_angle)
        self.blend.set_value(light.spot_blend)
        self._rows["cone"].setVisible(light.kind == "spot")
        self._rows["blend"].setVisible(light.kind == "spot")
        self.position.set_value(light.position)
        self.target.set_value(light.target)
        self.distance.set_value(distance(light))

    def _show_energy(self, light: Light) -> None:
        sun = light.kind == "sun"
        self.energy.set_unit("W/m²" if sun else "W")
        self.energy.set_soft((0.0, 20.0) if sun else (0.0, 1000.0))
        self.energy.step, self.energy.snap = (0.1, 0.5) if sun else (1.0, 5.0)
        self.energy.setToolTip(
            "Light that falls on a surface facing the sun. A clear noon is 1000 W/m² of\n"
            "radiation; 1 to 10 suits Blender's exposure."
            if sun
            else "Radiant power of the whole lamp, in all directions. Electric lamps are named by\n"
            "what they draw, which is far more."
        )
        self.energy.set_value(light.energy)

    def _show_size(self, light: Light) -> None:
        sun = light.kind == "sun"
        self.extent.set_unit("°" if sun else "m")
        self.extent.set_soft((0.0, 20.0) if sun else (0.0, 5.0))
        self.extent.step, self.extent.snap = (0.1, 0.5) if sun else (0.01, 0.05)
        self.extent.decimals = 2 if sun else 3
        words = {
            "area": "Side of the shining square.",
            "sun": "Angle of the sun's disc as seen from here; the real one is 0.53°.",
            "point": "Radius of the shining ball.",
            "spot": "Radius of the shining ball.",
        }
        self.extent.setToolTip(f"{words[light.kind]}\nLarger gives softer shadows.")
        self.extent.set_value(light.size)
