"""The Pose panel: how the head is held, its face, poses by name and poses over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QToolTip, QWidget

from app.head.asset import HeadAsset
from app.head.pose import HeadPose
from app.scene.clipboard import PoseTextError, pose_from_text, pose_to_text
from app.scene.mirror import mirrored
from app.scene.naming import free_name
from app.scene.random_pose import random_pose
from app.scene.scene import NamedPose, Scene
from app.session.document import Document
from widgets.fields.form import Panel, Section, Toggle
from widgets.fields.glyphs import GlyphButton, icon
from widgets.fields.named_list import NamedList
from widgets.fields.number_field import NumberField
from widgets.panels.expressions import ExpressionSection, expression_weights
from widgets.panels.head_pose import HeadPoseSection
from widgets.panels.scene_section import SceneSection
from widgets.panels.sequence_player import SequenceSection
from widgets.panels.shape_list import ShapeSection


class PosePanel(Panel):
    """Edits ``scene.pose`` and ``scene.poses``.

    Signals
    -------
    message : (level, text)
        One line for people (``info``, ``warning`` or ``error``).
    """

    message = Signal(str, str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.asset: HeadAsset | None = None
        self.head = HeadPoseSection(document)
        self.expressions = ExpressionSection(document)
        self.shapes = ShapeSection(document)
        self.poses = NamedPoseSection(document)
        self.random = RandomSection(self.random_pose)
        self.sequence = SequenceSection(document)
        self.sequence.message.connect(self.message)
        self._head_buttons()
        for section in (
            self.head,
            self.expressions,
            self.shapes,
            self.poses,
            self.random,
            self.sequence,
        ):
            self.add(section)
        self.set_asset(None)

    def _head_buttons(self) -> None:
        actions: list[tuple[str, str, Callable[[], None]]] = [
            ("mirror", "Mirror the pose: left and right exchanged", self.mirror_pose),
            ("copy", "Copy the pose as text", self.copy_pose),
            ("paste", "Paste a pose from the clipboard", self.paste_pose),
            ("dice", "Random pose (settings below)", self.random_pose),
            ("reset", "Reset the pose: zero angles, no shapes", self.reset_pose),
        ]
        for name, tip, call in actions:
            button = GlyphButton(name, tip)
            button.clicked.connect(lambda _=False, call=call: call())
            self.head.header.add(button)

    def set_asset(self, asset: HeadAsset | None) -> None:
        """The head that is on stage: its shapes and bones are what the panel offers."""
        self.asset = asset
        for section in (self.head, self.expressions, self.shapes):
            section.set_asset(asset)

    @property
    def pose(self) -> HeadPose:
        return self.document.scene.pose

    def _change(self, text: str, pose: HeadPose) -> None:
        self.document.change(text, replace(self.document.scene, pose=pose))

    def reset_pose(self) -> None:
        self._change("Reset pose", HeadPose(head_share=self.pose.head_share))

    def mirror_pose(self) -> None:
        names = None if self.asset is None else self.asset.shape_names
        self._change("Mirror pose", mirrored(self.pose, names))

    def copy_pose(self) -> None:
        QGuiApplication.clipboard().setText(pose_to_text(self.pose))
        self.message.emit("info", "The pose is on the clipboard as text.")

    def paste_pose(self) -> None:
        try:
            pose = pose_from_text(QGuiApplication.clipboard().text())
        except PoseTextError as error:
            where = self.head.mapToGlobal(QPoint(0, self.head.header.height()))
            QToolTip.showText(where, str(error), self.head)
            self.message.emit("warning", str(error))
            return
        self._change("Paste pose", pose)

    def random_pose(self) -> None:
        """A pose from the seed of the section below, which then goes on to the next."""
        settings = self.random
        weights = expression_weights(self.asset) if settings.expression.isChecked() else {}
        faces = [w for w in weights.values() if w]
        pose = random_pose(
            int(settings.seed.value()), settings.reach.value() / 100, faces, self.pose.head_share
        )
        if not settings.expression.isChecked():
            pose = replace(pose, shapes=self.pose.shapes)
        self._change(f"Random pose {settings.seed.value():.0f}", pose)
        settings.seed.set_value(settings.seed.value() + 1)


class RandomSection(Section):
    """Settings of the random pose; they belong to the panel, not to the scene."""

    def __init__(self, make: Callable[[], None]) -> None:
        super().__init__("Random pose", expanded=False)
        self.seed = NumberField(
            "Seed",
            default=1.0,
            hard=(0.0, 2.0**31 - 1),
            step=1.0,
            decimals=0,
            tip="The same seed gives the same pose.",
        )
        self.reach = NumberField(
            "Reach",
            default=100.0,
            hard=(0.0, 100.0),
            step=1.0,
            snap=10.0,
            decimals=0,
            unit="%",
            bar=True,
            tip="How much of ±80° yaw, ±70° pitch and ±55° roll is used.",
        )
        self.expression = Toggle("With an expression", "Also draw an expression and its strength.")
        button = QPushButton(icon("dice"), "Make one")
        button.setToolTip("Draw the pose of this seed, then go on to the next seed.")
        button.clicked.connect(lambda: make())
        self.add_row("Seed", self.seed)
        self.add_row("Reach", self.reach)
        self.add_row("", self.expression)
        self.add_row("", button)


class NamedPoseSection(SceneSection):
    """Poses kept under a name in the session."""

    def __init__(self, document: Document) -> None:
        super().__init__("Named poses", document, lambda scene: scene.poses, expanded=False)
        self.names = NamedList("Named poses", "Keep the pose under a name with the plus above.")
        self.add_button = GlyphButton("add", "Keep the current pose under a name")
        self.add_button.clicked.connect(lambda: self.add_pose())
        for button in (*self.names.buttons, self.add_button):
            self.header.add(button)
        self.names.applied.connect(self.apply_pose)
        self.names.renamed.connect(self.rename_pose)
        self.names.removed.connect(self.remove_pose)
        self.add(self.names)
        self.show_scene(document.scene)

    def show_scene(self, scene: Scene) -> None:
        self.names.set_names([named.name for named in scene.poses])

    def _change(self, text: str, poses: Sequence[NamedPose]) -> None:
        self.document.change(text, replace(self.document.scene, poses=tuple(poses)))

    def add_pose(self) -> None:
        scene = self.document.scene
        name = free_name("Pose 1", (named.name for named in scene.poses))
        self._change(f"Add {name}", [*scene.poses, NamedPose(name, scene.pose)])
        self.set_expanded(True)
        self.names.choose(len(scene.poses))

    def apply_pose(self, row: int) -> None:
        scene = self.document.scene
        named = scene.poses[row]
        self.document.change(f"Apply {named.name}", replace(scene, pose=named.pose))

    def rename_pose(self, row: int, name: str) -> None:
        poses = list(self.document.scene.poses)
        others = [named.name for i, named in enumerate(poses) if i != row]
        if name:
            poses[row] = replace(poses[row], name=free_name(name, others))
            self._change(f"Rename pose to {poses[row].name}", poses)
        self.show_scene(self.document.scene)

    def remove_pose(self, row: int) -> None:
        poses = list(self.document.scene.poses)
        removed = poses.pop(row)
        self._change(f"Remove {removed.name}", poses)
