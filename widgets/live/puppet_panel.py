"""The panel Puppet: the live face drives the head of the Studio."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from app.head.asset import HeadAsset
from app.session.document import Document
from inference.live.face_measures import in_space, usable
from inference.live.outcome import LiveResult
from inference.live.puppet import PuppetState
from widgets import theme
from widgets.fields.form import Hint, Panel, Section, Segments, Toggle, side_by_side
from widgets.fields.number_field import NumberField
from widgets.live.desk import LiveDesk
from widgets.live.puppet import LivePuppet
from widgets.live.puppet_bars import ActionBars

if TYPE_CHECKING:
    from widgets.studio import Studio
    from widgets.viewport.viewport import Viewport

BESIDE: Final = (0.23, 0.0, 0.0)
"""Metres from the head centre to where the landmarks float."""
STAGE_HEIGHT: Final = 190
NO_HEAD: Final = "No head is on stage: open one in the Studio."
NO_SHAPES: Final = "This head has no shapes that a face could move: only its pose is driven."
POSE_ONLY: Final = (
    "The pose drives the head. For jaw, lids, brows and mouth, look at the camera with a face at "
    "rest and press the button; it takes a second."
)
TAKEN: Final = "Jaw, lids, brows and mouth follow. The neutral face is kept until Headroom closes."


class PuppetPanel(Panel):
    """Switch, stage, neutral face and settings of a `LivePuppet`."""

    def __init__(self, desk: LiveDesk, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.puppet = LivePuppet(desk, document, self)
        self._viewport: Viewport | None = None
        self._asset: HeadAsset | None = None
        self._fill_stage()
        self._fill_neutral()
        self._fill_settings()
        self.puppet.on_changed.connect(self._show_on)
        self.puppet.moved.connect(self._show_state)
        self.puppet.calibrating.connect(self._show_progress)
        self.puppet.neutral_changed.connect(self.refresh)
        self.puppet.message.connect(desk.message)
        desk.source_changed.connect(self.refresh)
        desk.result.connect(self._float)
        self.refresh()

    def attach(self, studio: Studio) -> None:
        """The Studio whose head is driven, and whose picture is shown here."""
        self._viewport = studio.viewport
        self.stage.set_viewport(studio.viewport)
        studio.loader.loaded.connect(self.set_asset)
        self.set_asset(studio.loader.asset)

    def set_asset(self, asset: HeadAsset | None) -> None:
        self._asset = asset
        self.puppet.set_asset(asset)
        self.refresh()

    def shut_down(self) -> None:
        """The window closes."""
        self.floating.setChecked(False)
        self._float_none()
        self.stage.set_running(False)
        self.puppet.shut_down()

    def _fill_stage(self) -> None:
        part = Section("Puppet")
        self.button = QPushButton("Drive the head")
        self.button.setCheckable(True)
        self.button.setMinimumHeight(32)
        self.button.clicked.connect(self.puppet.set_on)
        part.add(self.button)
        self.stage = Stage()
        part.add(self.stage)
        self.told = QLabel()
        self.told.setProperty("role", "muted")
        part.add(self.told)
        self.bars = ActionBars()
        part.add(self.bars)
        self.head_note = Hint()
        part.add(self.head_note)
        self.add(part)

    def _fill_neutral(self) -> None:
        part = Section("Neutral face")
        self.neutral_button = QPushButton("Take neutral face")
        self.neutral_button.clicked.connect(lambda: self._calibrate())
        self.forget_button = QPushButton("Forget")
        self.forget_button.clicked.connect(lambda: self.puppet.forget())
        part.add(side_by_side(self.neutral_button, self.forget_button))
        self.neutral_note = Hint()
        part.add(self.neutral_note)
        self.add(part)

    def _fill_settings(self) -> None:
        part = Section("How it follows")
        settings = self.puppet.settings
        self.turns = Toggle("Turn the head", "The pose of the face turns the neck.")
        self.moves = Toggle("Move the face", "Landmarks drive the shapes, from the neutral face.")
        self.mirror = Toggle("As in a mirror", "Left and right exchanged.")
        self.floating = Toggle(
            "Floating landmarks", "The landmarks in space, beside the head in the viewport."
        )
        self.turns.setChecked(settings.turns)
        self.moves.setChecked(settings.moves)
        self.turns.edited.connect(lambda on: self._configure(turns=on))
        self.moves.edited.connect(lambda on: self._configure(moves=on))
        self.mirror.edited.connect(lambda on: self._configure(mirror=on))
        self.floating.toggled.connect(self._show_floating)
        part.add_row("Follow", self.turns)
        part.add_row("", self.moves)
        part.add_row("", self.mirror)
        part.add_row("Show", self.floating)
        self.gain = _factor("Turn", "Degrees of the head for each degree of the face.")
        self.strength = _factor(
            "Expression", "Of expressions: 1 is as they are, 2 twice as lively."
        )
        self.gain.edited.connect(lambda value, _: self._configure(gain=value))
        self.strength.edited.connect(lambda value, _: self._configure(strength=value))
        part.add_block(["Turn", "Expression"], (self.gain, self.strength))
        self.end = Segments(
            "When it ends",
            (
                (False, "Restore", "The head goes back to the pose that it had"),
                (True, "Keep", "The last pose stays, as one step that can be undone"),
            ),
        )
        self.end.set_key(self.puppet.keep)
        self.end.chosen.connect(self._set_keep)
        part.add_row("At the end", self.end)
        self.add(part)

    def _configure(self, **changes: object) -> None:
        self.puppet.configure(replace(self.puppet.settings, **changes))  # type: ignore[arg-type]

    def _set_keep(self, keep: object) -> None:
        self.puppet.keep = bool(keep)

    def _calibrate(self) -> None:
        if self.puppet.is_calibrating:
            self.puppet.stop_calibrating()
        else:
            self.puppet.calibrate()

    # What is shown

    def refresh(self) -> None:
        on, there = self.puppet.on, self._asset is not None
        self.button.setEnabled(there or on)
        self.button.setChecked(on)
        self.button.setText("Let go of the head" if on else "Drive the head")
        self.button.setToolTip("The face in the live picture turns the Studio's head.")
        self.head_note.setText(self._head_words())
        taken = self.puppet.neutral is not None
        self.forget_button.setEnabled(taken)
        self.neutral_button.setEnabled(self.desk.session is not None)
        if not self.puppet.is_calibrating:
            self.neutral_button.setText("Take it again" if taken else "Take neutral face")
            self.neutral_note.setText(TAKEN if taken else POSE_ONLY)
        self.stage.set_running(on and self.isVisible())
        self.stage.setVisible(on)
        self.bars.setVisible(on and taken and bool(self.puppet.shapes))
        self.told.setVisible(on)

    def _head_words(self) -> str:
        if self._asset is None:
            return NO_HEAD
        if not self.puppet.shapes:
            return NO_SHAPES
        driven, all_ = len(self.puppet.shapes), self.puppet.shape_count
        return f"{self._asset.name}: {driven} of its {all_} shapes can follow the face."

    def _show_on(self, on: bool) -> None:
        self.told.setText("Waiting for a face …" if on else "")
        self.refresh()

    def _show_state(self, state: PuppetState) -> None:
        if not self.isVisible():
            return
        angles = "  ".join(
            f"{name} {round(getattr(state, name)):+d}°".replace("-", "−")
            for name in ("yaw", "pitch", "roll")
        )
        who = "no face" if state.face is None else f"face {state.face}"
        self.told.setText(f"{angles}  ·  {who}")
        self.bars.show_actions(state.actions)

    def _show_progress(self, progress: float) -> None:
        if progress < 0.0:
            self.refresh()
            return
        self.neutral_button.setText(f"Hold still … {progress * 100.0:.0f} %")
        if progress == 0.0:
            self.neutral_note.setText("Looking for a face at rest. Press again to stop.")

    # Landmarks in space

    def _show_floating(self, on: bool) -> None:
        self.desk.need("floating", on)
        if not on:
            self._float_none()

    def _float(self, result: LiveResult) -> None:
        if self._viewport is None or not self.floating.isChecked():
            return
        seen = [face for face in result.faces if face.seen and usable(face.filtered)]
        state = self.puppet.state
        chosen = [face for face in seen if state is not None and face.number == state.face]
        face = (chosen or seen or [None])[0]  # type: ignore[list-item]
        if face is None:
            self._viewport.floating.show(None)
            return
        points = in_space(face.filtered)
        self._viewport.floating.show(points + BESIDE, np.arange(len(points)) < 68)

    def _float_none(self) -> None:
        if self._viewport is not None:
            self._viewport.floating.show(None)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.stage.set_running(False)


class Stage(QWidget):
    """The picture of the Studio's viewport, small; drawn on while the Studio is hidden."""

    def __init__(self) -> None:
        super().__init__()
        self._viewport: Viewport | None = None
        self._running = False
        self.setFixedHeight(STAGE_HEIGHT)
        self.setAccessibleName("The head of the Studio")

    def set_viewport(self, viewport: Viewport) -> None:
        self._viewport = viewport
        viewport.frame_shown.connect(self.update)

    def set_running(self, running: bool) -> None:
        if running != self._running and self._viewport is not None:
            self._running = running
            height = 2.0 * STAGE_HEIGHT * self.devicePixelRatioF()
            self._viewport.draw_hidden(running, "puppet", height)

    def sizeHint(self) -> QSize:
        return QSize(300, STAGE_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = None if self._viewport is None else self._viewport.shown
        painter.fillRect(self.rect(), theme.color("sunk"))
        if shown is None or shown.image.isNull():
            painter.setPen(theme.color("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "The head comes up …")
            return
        image, ratio = shown.image, self.devicePixelRatioF()
        wide, tall = round(self.width() * ratio), round(self.height() * ratio)
        scale = max(wide / image.width(), tall / image.height())
        part = QRect(0, 0, round(wide / scale), round(tall / scale))
        part.moveCenter(image.rect().center())
        smooth = Qt.TransformationMode.SmoothTransformation
        small = image.copy(part).scaled(wide, tall, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
        painter.drawImage(self.rect(), small)


def _factor(label: str, tip: str) -> NumberField:
    return NumberField(
        label,
        default=1.0,
        hard=(0.0, 3.0),
        soft=(0.0, 2.0),
        step=0.1,
        decimals=2,
        unit="×",
        bar=True,
        tip=tip,
    )
