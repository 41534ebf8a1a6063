"""How the picture is made: engine, samples, denoising, passes, seed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, get_args

from app.scene.scene import Pass, RenderSettings, Scene
from app.session.document import Document
from widgets.fields.form import Hint, Segments, Toggle, side_by_side
from widgets.fields.number_field import NumberField
from widgets.panels.scene_section import SceneSection

PASSES: Final[dict[Pass, tuple[str, str]]] = {
    "color": ("Colour", "The picture as Blender shows it (AgX), and its linear light as EXR."),
    "depth": ("Depth", "Metres along the view axis, float32 EXR."),
    "normals": ("Normals", "Directions of the surface in camera axes, float32 EXR."),
    "segmentation": ("Segments", "Skin, eyes, hair, other, background: one label a pixel."),
}


class RenderSettingsSection(SceneSection):
    """Edits ``scene.render``."""

    def __init__(self, document: Document) -> None:
        super().__init__("Render settings", document, lambda scene: scene.render)
        self.engine = Segments(
            "Engine",
            [
                ("cycles", "Cycles", "Path tracing: right light and skin; the default."),
                ("eevee", "EEVEE", "Rasterised: quick where there is a GPU, slow where not."),
            ],
        )
        self.engine.chosen.connect(lambda engine: self.change("Engine", engine=engine))
        self.samples = NumberField(
            "Samples",
            default=float(RenderSettings().samples),
            hard=(1.0, 4096.0),
            soft=(1.0, 512.0),
            step=1.0,
            snap=16.0,
            decimals=0,
            tip="Light paths per pixel: four times as many halve the noise, in four times the\n"
            "time. With denoising 32 are enough for a look.",
        )
        self.samples.edited.connect(
            lambda value, gesture: self.change("Samples", gesture, samples=int(value))
        )
        self.denoise = Toggle("Denoise", "Remove the noise that is left (OpenImageDenoise).")
        self.denoise.edited.connect(lambda on: self.change("Denoise", denoise=on))
        self.seed = NumberField(
            "Noise seed",
            hard=(0.0, 2.0**31 - 1),
            step=1.0,
            decimals=0,
            tip="The same seed gives the same noise.",
        )
        self.seed.edited.connect(
            lambda value, gesture: self.change("Noise seed", gesture, seed=int(value))
        )
        self.passes: dict[Pass, Toggle] = {}
        for name, (text, tip) in PASSES.items():
            toggle = self.passes[name] = Toggle(text, tip)
            toggle.edited.connect(lambda on, name=name: self._switch(name, on))
        toggles = list(self.passes.values())
        self.note = Hint()
        self.add_row("Engine", self.engine)
        self.add_block(["Samples", "Noise seed"], [self.samples, self.seed])
        self.add_row("", self.denoise)
        self.add_row("Passes", side_by_side(*toggles[:2]))
        self.add_row("", side_by_side(*toggles[2:]))
        self.add_row("", self.note)
        self.show_scene(document.scene)

    def _on_scene(self, before: Scene, after: Scene) -> None:
        if before.render is not after.render or before.camera is not after.camera:
            self.show_scene(after)

    def change(self, text: str, gesture: object | None = None, **values: Any) -> None:
        scene = self.document.scene
        self.document.change(text, replace(scene, render=replace(scene.render, **values)), gesture)

    def _switch(self, name: Pass, on: bool) -> None:
        chosen = {*self.document.scene.render.passes, name}
        if not on:
            chosen.discard(name)
        if chosen:
            ordered = tuple(p for p in get_args(Pass) if p in chosen)
            self.change(f"Pass {PASSES[name][0].lower()}", passes=ordered)
        self.show_scene(self.document.scene)

    def show_scene(self, scene: Scene) -> None:
        render = scene.render
        self.engine.set_key(render.engine)
        self.samples.set_value(render.samples)
        self.denoise.setChecked(render.denoise)
        self.seed.set_value(render.seed)
        for name, toggle in self.passes.items():
            toggle.setChecked(name in render.passes)
        self.note.setText(f"{scene.camera.width} × {scene.camera.height} px, from the camera")
