"""Yaw, pitch and roll of the head, and what they mean for the bones and for papers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.geometry.rotations import Angles, blender_xyz_from_matrix, pose_para_from_matrix
from app.head.asset import HeadAsset
from app.head.pose import PITCH_LIMIT, ROLL_LIMIT, YAW_LIMIT
from app.head.skinning import chain_motions, pose_rotation
from app.scene.scene import Scene
from app.session.document import Document
from widgets.fields.form import Hint, RowLabel
from widgets.fields.number_field import NumberField
from widgets.panels.scene_section import SceneSection

_ANGLES: Final = (
    (
        "yaw",
        YAW_LIMIT,
        "Turn about the vertical axis (Z).\n"
        "Positive: the face looks to the right side of the picture.",
    ),
    ("pitch", PITCH_LIMIT, "Nod about the ear-to-ear axis (X).\nPositive: the face looks down."),
    (
        "roll",
        ROLL_LIMIT,
        "Lean about the viewing axis (Y).\nPositive: the head leans clockwise in the picture.",
    ),
)
NO_HEAD: Final = "Open a head to see its bones."


class HeadPoseSection(SceneSection):
    """The three angles by slider and field; below them, read-only, what follows from them."""

    def __init__(self, document: Document) -> None:
        super().__init__("Head", document, lambda scene: scene.pose)
        self._asset: HeadAsset | None = None
        self.angles = {
            name: NumberField(
                name.capitalize(),
                hard=(-limit, limit),
                soft=(-limit, limit),
                step=1.0,
                decimals=2,
                unit="°",
                bar=True,
                tip=f"{tip}\nDegrees, convention blender_xyz, ±{limit:g}°.",
            )
            for name, limit, tip in _ANGLES
        }
        for name, field in self.angles.items():
            field.set_group(tuple(self.angles.values()))
            field.edited.connect(lambda value, gesture, name=name: self._turn(name, value, gesture))
        self.add_block(["Yaw", "Pitch", "Roll"], tuple(self.angles.values()))
        self.share = NumberField(
            "Head share",
            hard=(0.0, 100.0),
            soft=(0.0, 100.0),
            step=1.0,
            snap=10.0,
            decimals=0,
            unit="%",
            bar=True,
            tip="How much of the turn the head bone takes.\n"
            "0 %: the neck turns and carries the head. 100 %: the head turns on a still neck.",
        )
        self.share.edited.connect(self._set_share)
        self.add_row("Head share", self.share)
        self.readout = _Readout()
        self.add(self.readout)
        self.note = Hint()
        self.add(self.note)
        self.set_asset(None)

    def set_asset(self, asset: HeadAsset | None) -> None:
        self._asset = asset
        if asset is None:
            self.note.setText(NO_HEAD)
            self.note.setToolTip("")
        else:
            self.note.setText(f"Zero pose is {asset.zero.residual:.3f}° off in Blender.")
            self.note.setToolTip(asset.zero.method)
        alone = asset is not None and len(asset.roles.chain) == 1
        self.share.setEnabled(asset is not None and not alone)
        if alone:
            self.note.setText(self.note.text() + " One bone turns this head, nothing is shared.")
        self.show_scene(self.document.scene)

    def _turn(self, name: str, value: float, gesture: object) -> None:
        scene = self.document.scene
        angles: dict[str, Any] = {name: value}
        pose = replace(scene.pose, **angles)
        self.document.change(f"Head {name}", replace(scene, pose=pose), gesture)

    def _set_share(self, value: float, gesture: object) -> None:
        scene = self.document.scene
        pose = replace(scene.pose, head_share=value / 100.0)
        self.document.change("Share between neck and head", replace(scene, pose=pose), gesture)

    def show_scene(self, scene: Scene) -> None:
        pose = scene.pose
        for name, field in self.angles.items():
            field.set_value(getattr(pose, name))
        self.share.set_value(pose.head_share * 100.0)
        rotation = pose_rotation(pose)
        neck = None
        if self._asset is not None:
            neck = blender_xyz_from_matrix(chain_motions(self._asset, pose)[0, :3, :3])
        self.readout.show_angles(neck, pose_para_from_matrix(rotation))


class _Readout(QWidget):
    """A small table of angles that can be selected and copied."""

    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(2)
        for column, title in enumerate(("Yaw", "Pitch", "Roll"), 1):
            label = QLabel(title)
            label.setProperty("role", "muted")
            label.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(label, 0, column)
            grid.setColumnStretch(column, 1)
        self.neck = self._row(
            grid,
            1,
            "Neck bone",
            "Turn of the lowest neck bone from its rest in the file, in the same angles\n"
            "(blender_xyz). It holds the zero pose too, so it is not zero when the head is.",
        )
        self.para = self._row(
            grid,
            2,
            "pose_para",
            "The head's pose in the convention of 300W-LP and AFLW2000-3D:\n"
            "yaw > 0 looks to the left side of the picture, pitch > 0 looks up,\n"
            "roll > 0 leans clockwise.",
        )

    def _row(self, grid: QGridLayout, row: int, title: str, tip: str) -> tuple[QLabel, ...]:
        name = RowLabel(title)
        grid.addWidget(name, row, 0)
        labels = []
        for column in range(1, 4):
            label = QLabel("–")
            label.setAlignment(Qt.AlignmentFlag.AlignRight)
            label.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            label.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
            label.setToolTip(tip)
            label.setAccessibleName(f"{title} {('yaw', 'pitch', 'roll')[column - 1]}")
            grid.addWidget(label, row, column)
            labels.append(label)
        name.setToolTip(tip)
        return tuple(labels)

    def show_angles(self, neck: Angles | None, para: Angles) -> None:
        for labels, angles in ((self.neck, neck), (self.para, para)):
            values = (None,) * 3 if angles is None else (angles.yaw, angles.pitch, angles.roll)
            for label, value in zip(labels, values, strict=True):
                label.setText("–" if value is None else degrees_text(value))


def degrees_text(value: float) -> str:
    text = f"{value:.2f}"
    return ("0.00" if float(text) == 0 else text.replace("-", "−")) + "°"
