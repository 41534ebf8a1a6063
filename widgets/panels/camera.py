"""The Camera panel: where the camera stands, what it sees, cameras by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from app.geometry.pinhole import SENSOR_WIDTH_MM
from app.head.asset import HeadAsset
from app.scene.aim import free_rotation
from app.scene.naming import free_name
from app.scene.placement import pinhole
from app.scene.scene import Camera, Scene
from app.session.document import Document
from widgets.fields.form import Choice, Hint, Panel, Toggle, side_by_side
from widgets.fields.glyphs import GlyphButton, icon
from widgets.fields.named_list import NamedList
from widgets.fields.number_field import NumberField
from widgets.panels.scene_section import SceneSection

SIZES: Final[tuple[tuple[str, int, int], ...]] = (
    ("640 × 480", 640, 480),
    ("256 × 256", 256, 256),
    ("512 × 512", 512, 512),
    ("1024 × 1024", 1024, 1024),
    ("1280 × 720", 1280, 720),
    ("1920 × 1080", 1920, 1080),
)
CUSTOM: Final = "Custom"


class CameraPanel(Panel):
    """Edits ``scene.camera`` and ``scene.cameras``.

    Signals
    -------
    set_from_view : ()
        The camera shall stand where the viewport looks from.
    look_through : (bool)
        The viewport shall show (or leave) the camera's view.
    message : (level, text)
        One line for people.
    """

    set_from_view = Signal()
    look_through = Signal(bool)
    message = Signal(str, str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.view = QPushButton(icon("camera"), "Look through")
        self.view.setCheckable(True)
        self.view.setToolTip("Show in the viewport exactly what Blender will render.")
        self.view.clicked.connect(self.look_through)
        self.from_view = QPushButton("Set from view")
        self.from_view.setToolTip("Put the camera where the viewport looks from now.")
        self.from_view.clicked.connect(lambda: self.set_from_view.emit())
        self.placement = PlacementSection(document)
        self.placement.add(side_by_side(self.view, self.from_view))
        self.lens = LensSection(document)
        self.picture = PictureSection(document)
        self.cameras = NamedCameraSection(document)
        reset = GlyphButton("reset", "Reset the camera: 0.30 m before the face, 60°, 640 × 480")
        reset.clicked.connect(lambda: self.reset_camera())
        self.placement.header.add(reset)
        for section in (self.placement, self.lens, self.picture, self.cameras):
            self.add(section)

    def set_asset(self, asset: HeadAsset | None) -> None:
        """Nothing of the camera depends on the head."""

    def set_looking_through(self, on: bool) -> None:
        """Show on the button what the viewport does."""
        self.view.setChecked(on)

    def reset_camera(self) -> None:
        scene = self.document.scene
        camera = Camera(name=scene.camera.name)
        self.document.change("Reset camera", replace(scene, camera=camera))


class _CameraSection(SceneSection):
    def __init__(self, title: str, document: Document, *, expanded: bool = True) -> None:
        super().__init__(title, document, lambda scene: scene.camera, expanded=expanded)

    def change(self, text: str, gesture: object | None = None, **values: Any) -> None:
        scene = self.document.scene
        camera = replace(scene.camera, **values)
        self.document.change(text, replace(scene, camera=camera), gesture)

    def field(self, attribute: str, label: str, text: str, **settings: Any) -> NumberField:
        """A field of one attribute of the camera."""
        field = NumberField(label, default=getattr(Camera(), attribute), **settings)
        field.edited.connect(
            lambda value, gesture: self.change(text, gesture, **{attribute: value})
        )
        return field


class PlacementSection(_CameraSection):
    """On a sphere about the head centre, moved by an offset, aimed at it or free."""

    def __init__(self, document: Document) -> None:
        super().__init__("Camera", document)
        self.distance = self.field(
            "distance",
            "Distance",
            "Camera distance",
            hard=(0.05, 100.0),
            soft=(0.05, 5.0),
            step=0.01,
            snap=0.05,
            decimals=3,
            unit="m",
            tip="From the head centre (midpoint of the eyes at zero pose), along the view axis.",
        )
        self.azimuth = self.field(
            "azimuth",
            "Orbit",
            "Camera orbit",
            hard=(-180.0, 180.0),
            step=1.0,
            decimals=2,
            unit="°",
            bar=True,
            tip="Around the head. Positive: towards the right side of a frontal picture (+X).",
        )
        self.elevation = self.field(
            "elevation",
            "Elevation",
            "Camera elevation",
            hard=(-90.0, 90.0),
            step=1.0,
            decimals=2,
            unit="°",
            bar=True,
            tip="Above or below the head. Positive: from above.",
        )
        self.offsets = [
            NumberField(
                label,
                hard=(-1000.0, 1000.0),
                soft=(-2.0, 2.0),
                step=0.01,
                decimals=3,
                unit="m",
                tip=tip,
            )
            for label, tip in (
                ("Sideways", "Added to the position along X; positive is right in the picture."),
                ("Depth", "Added to the position along Y; positive is away from the viewer."),
                ("Height", "Added to the position along Z; positive is up."),
            )
        ]
        for field in self.offsets:
            field.set_group(self.offsets)
            field.edited.connect(
                lambda _value, gesture: self.change(
                    "Camera offset", gesture, offset=tuple(f.value() for f in self.offsets)
                )
            )
        self.look_at = Toggle(
            "Look at the head",
            "On: the camera always aims at the head centre.\n"
            "Off: it keeps its direction when it moves.",
        )
        self.look_at.edited.connect(self._lock)
        self.rotation = [
            NumberField(
                label,
                hard=(-360.0, 360.0),
                soft=(-180.0, 180.0),
                step=1.0,
                decimals=2,
                unit="°",
                tip=tip,
            )
            for label, tip in (
                ("Tilt", "Up and down; 0 is level."),
                ("Pan", "Left and right about Z; 0 looks along +Y, positive to the left."),
                ("Roll", "About the view axis."),
            )
        ]
        for field in self.rotation:
            field.set_group(self.rotation)
            field.edited.connect(
                lambda _value, gesture: self.change(
                    "Camera direction", gesture, rotation=tuple(f.value() for f in self.rotation)
                )
            )
        self.add_row("Distance", self.distance)
        self.add_block(["Orbit", "Elevation"], [self.azimuth, self.elevation])
        self.add_block(["Sideways", "Depth", "Height"], self.offsets)
        self.add_row("Aim", self.look_at)
        self.add_block(["Tilt", "Pan", "Roll"], self.rotation)
        self.show_scene(document.scene)

    def _lock(self, on: bool) -> None:
        camera = self.document.scene.camera
        if on:
            self.change("Look at the head", look_at=True, rotation=(0.0, 0.0, camera.rotation[2]))
        else:
            self.change("Free the camera", look_at=False, rotation=free_rotation(camera))

    def show_scene(self, scene: Scene) -> None:
        camera = scene.camera
        self.distance.set_value(camera.distance)
        self.azimuth.set_value(camera.azimuth)
        self.elevation.set_value(camera.elevation)
        for field, value in zip(self.offsets, camera.offset, strict=True):
            field.set_value(value)
        self.look_at.setChecked(camera.look_at)
        for field, value in zip(self.rotation, camera.rotation, strict=True):
            field.set_value(value)
        for field in self.rotation[:2]:
            field.setEnabled(not camera.look_at)


class LensSection(_CameraSection):
    """Field of view or focal length, and the clip range."""

    def __init__(self, document: Document) -> None:
        super().__init__("Lens", document)
        self.field_of_view = self.field(
            "field_of_view",
            "Field of view",
            "Field of view",
            hard=(5.0, 150.0),
            soft=(10.0, 120.0),
            step=1.0,
            decimals=2,
            unit="°",
            bar=True,
            tip="Horizontal angle of the picture.",
        )
        self.focal = NumberField(
            "Focal length",
            default=focal_mm(60.0),
            hard=(focal_mm(150.0), focal_mm(5.0)),
            step=1.0,
            decimals=2,
            unit="mm",
            tip="The same as a focal length on a sensor 36 mm wide.",
        )
        self.focal.edited.connect(
            lambda value, gesture: self.change(
                "Focal length", gesture, field_of_view=field_of_view(value)
            )
        )
        self.clip = [
            self.field(
                "clip_start",
                "Clip start",
                "Clip range",
                hard=(0.0001, 10.0),
                soft=(0.001, 1.0),
                step=0.001,
                decimals=4,
                unit="m",
                tip="Nothing nearer than this is seen. Kept below the end.",
            ),
            self.field(
                "clip_end",
                "Clip end",
                "Clip range",
                hard=(0.001, 1000.0),
                soft=(0.1, 100.0),
                step=0.1,
                decimals=3,
                unit="m",
                tip="Nothing further than this is seen; depth is infinite there.",
            ),
        ]
        self.note = Hint()
        self.add_block(["Field of view", "Focal length"], [self.field_of_view, self.focal])
        self.add_block(["Clip start", "End"], self.clip)
        self.add_row("", self.note)
        self.show_scene(document.scene)

    def change(self, text: str, gesture: object | None = None, **values: Any) -> None:
        camera = self.document.scene.camera
        if "clip_start" in values:
            values["clip_start"] = min(values["clip_start"], camera.clip_end * 0.99)
        if "clip_end" in values:
            values["clip_end"] = max(values["clip_end"], camera.clip_start * 1.01)
        super().change(text, gesture, **values)
        self.show_scene(self.document.scene)

    def show_scene(self, scene: Scene) -> None:
        camera = scene.camera
        self.field_of_view.set_value(camera.field_of_view)
        self.focal.set_value(focal_mm(camera.field_of_view))
        self.clip[0].set_value(camera.clip_start)
        self.clip[1].set_value(camera.clip_end)
        view = pinhole(camera)
        self.note.setText(
            f"{view.vertical_field_of_view:.1f}° vertical, f = {view.focal_pixels:.1f} px"
        )


class PictureSection(_CameraSection):
    """Width and height of what is rendered."""

    def __init__(self, document: Document) -> None:
        super().__init__("Picture size", document)
        self.preset = Choice("Picture size")
        for title, width, height in SIZES:
            self.preset.addItem(title, (width, height))
        self.preset.addItem(CUSTOM, None)
        self.preset.activated.connect(self._choose)
        self.swap = GlyphButton("swap", "Exchange width and height")
        self.swap.clicked.connect(
            lambda: self._resize("Swap width and height", self.height_px, self.width_px)
        )
        self.square = GlyphButton("square", "Make it square")
        self.square.clicked.connect(
            lambda: self._resize("Square picture", *(min(self.width_px, self.height_px),) * 2)
        )
        self.sides = [
            NumberField(
                label,
                default=default,
                hard=(16.0, 8192.0),
                soft=(16.0, 4096.0),
                step=8.0,
                snap=64.0,
                decimals=0,
                unit="px",
                tip=f"{label} of the rendered picture in pixels.",
            )
            for label, default in (("Width", 640.0), ("Height", 480.0))
        ]
        self.sides[0].edited.connect(
            lambda value, gesture: self.change("Picture width", gesture, width=int(value))
        )
        self.sides[1].edited.connect(
            lambda value, gesture: self.change("Picture height", gesture, height=int(value))
        )
        self.add_row("Preset", self.preset, self.square, self.swap)
        self.add_block(["Width", "Height"], self.sides)
        self.show_scene(document.scene)

    @property
    def width_px(self) -> int:
        return self.document.scene.camera.width

    @property
    def height_px(self) -> int:
        return self.document.scene.camera.height

    def _choose(self, index: int) -> None:
        size = self.preset.itemData(index)
        if size is None:
            self.sides[0].start_editing()
        else:
            self._resize(f"Picture size {self.preset.itemText(index)}", *size)

    def _resize(self, text: str, width: int, height: int) -> None:
        self.change(text, width=width, height=height)

    def show_scene(self, scene: Scene) -> None:
        width, height = scene.camera.width, scene.camera.height
        self.sides[0].set_value(width)
        self.sides[1].set_value(height)
        known = [i for i, (_, w, h) in enumerate(SIZES) if (w, h) == (width, height)]
        self.preset.setCurrentIndex(known[0] if known else self.preset.count() - 1)


class NamedCameraSection(SceneSection):
    """Cameras kept under a name in the session."""

    def __init__(self, document: Document) -> None:
        super().__init__("Named cameras", document, lambda scene: scene.cameras, expanded=False)
        self.names = NamedList("Named cameras", "Keep the camera under a name with the plus above.")
        self.add_button = GlyphButton("add", "Keep the current camera under a name")
        self.add_button.clicked.connect(lambda: self.add_camera())
        for button in (*self.names.buttons, self.add_button):
            self.header.add(button)
        self.names.applied.connect(self.apply_camera)
        self.names.renamed.connect(self.rename_camera)
        self.names.removed.connect(self.remove_camera)
        self.add(self.names)
        self.show_scene(document.scene)

    def show_scene(self, scene: Scene) -> None:
        self.names.set_names([camera.name for camera in scene.cameras])

    def _change(self, text: str, cameras: Sequence[Camera]) -> None:
        self.document.change(text, replace(self.document.scene, cameras=tuple(cameras)))

    def add_camera(self) -> None:
        scene = self.document.scene
        name = free_name("Camera 1", (camera.name for camera in scene.cameras))
        self._change(f"Add {name}", [*scene.cameras, replace(scene.camera, name=name)])
        self.set_expanded(True)
        self.names.choose(len(scene.cameras))

    def apply_camera(self, row: int) -> None:
        scene = self.document.scene
        camera = scene.cameras[row]
        self.document.change(f"Apply {camera.name}", replace(scene, camera=camera))

    def rename_camera(self, row: int, name: str) -> None:
        cameras = list(self.document.scene.cameras)
        others = [camera.name for i, camera in enumerate(cameras) if i != row]
        if name:
            cameras[row] = replace(cameras[row], name=free_name(name, others))
            self._change(f"Rename camera to {cameras[row].name}", cameras)
        self.show_scene(self.document.scene)

    def remove_camera(self, row: int) -> None:
        cameras = list(self.document.scene.cameras)
        removed = cameras.pop(row)
        self._change(f"Remove {removed.name}", cameras)


def focal_mm(field_of_view_degrees: float) -> float:
    """Focal length on a sensor 36 mm wide."""
    return float(SENSOR_WIDTH_MM / 2.0 / np.tan(np.radians(field_of_view_degrees) / 2.0))


def field_of_view(focal: float) -> float:
    """Degrees, from a focal length in millimetres on a sensor 36 mm wide."""
    return float(np.degrees(2.0 * np.arctan(SENSOR_WIDTH_MM / 2.0 / focal)))
