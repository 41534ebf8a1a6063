"""Drives the Studio's head by the live face: a preview that ends as one undo step, or none."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.head.asset import HeadAsset
from app.head.pose import HeadPose
from app.scene.expressions import action_of, action_shapes
from app.scene.scene import Scene
from app.session.document import Document
from inference.live.face_measures import Neutral, NeutralError
from inference.live.frames import SourceState
from inference.live.outcome import LiveResult
from inference.live.puppet import Calibration, Puppet, PuppetSettings, PuppetState
from inference.live.puppet_actions import DRIVES, driven_shapes
from widgets.live.desk import LiveDesk

STEP: Final = "Puppet"
TICK_MS: Final = 33
SILENT: Final = 0.2
"""Seconds without a result after which the face counts as lost."""
_ACTIONS: Final = {drive.action.lower(): drive.action for drive in DRIVES}


class LivePuppet(QObject):
    """Follows the desk's results into the document's pose while it is on.

    All of it is one gesture of the document: it adds one step to the undo history while it runs,
    and takes that back where the pose is to be restored. A pose that somebody else sets (a drag,
    an undo) ends it.

    Signals
    -------
    on_changed : bool
    moved : PuppetState
        What the head does now.
    neutral_changed
        A neutral face was taken or forgotten.
    calibrating : (float)
        0 to 1; below 0 when it is over.
    message : (str, str)
        Level and a line for people.
    """

    on_changed = Signal(bool)
    moved = Signal(object)
    neutral_changed = Signal()
    calibrating = Signal(float)
    message = Signal(str, str)

    def __init__(self, desk: LiveDesk, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = PuppetSettings()
        self.keep = False
        self.neutral: Neutral | None = None
        self._desk, self._document = desk, document
        self._shapes: tuple[str, ...] = ()
        self._all_shapes: tuple[str, ...] = ()
        self._has_head = False
        self._driver: Puppet | None = None
        self._before = HeadPose()
        self._gesture = object()
        self._showing = False
        self._calibration: Calibration | None = None
        self._heard = 0.0
        self._ease = QTimer(self, interval=TICK_MS)
        self._ease.timeout.connect(self._ease_back)
        desk.result.connect(self._take)
        document.scene_changed.connect(self._scene_changed)

    # What it is about

    @property
    def on(self) -> bool:
        return self._driver is not None

    @property
    def state(self) -> PuppetState | None:
        """What the head does now; None while it is off."""
        return None if self._driver is None else self._driver.state

    @property
    def shapes(self) -> tuple[str, ...]:
        """Shapes of the head that landmarks drive."""
        return self._shapes

    @property
    def shape_count(self) -> int:
        """All shapes of the head."""
        return len(self._all_shapes)

    def set_asset(self, asset: HeadAsset | None) -> None:
        """Another head is on stage, or none."""
        self._has_head = asset is not None
        names = () if asset is None else tuple(asset.shape_names)
        self._all_shapes, self._shapes = names, driven_shapes(names)

    def configure(self, settings: PuppetSettings) -> None:
        self.settings = settings
        if self._driver is not None:
            self._driver.settings = settings

    # On and off

    def set_on(self, on: bool) -> None:
        """Begin, or end and keep or restore the pose as `keep` says."""
        if on and not self.on and not self._has_head:
            self.message.emit("warning", "No head is on stage: open one in the Studio first.")
            self.on_changed.emit(False)
        elif on and not self.on:
            self._begin()
        elif not on:
            self.end(self.keep)

    def end(self, keep: bool) -> None:
        """Let go of the head; its pose is kept as one step, or is what it was before."""
        if self._driver is None:
            return
        if not keep:
            self._show(self._before)
        self._driver = None
        self._ease.stop()
        self._desk.need("puppet", self._calibration is not None)
        self.on_changed.emit(False)

    def _begin(self) -> None:
        pose = self._document.scene.pose
        self._before, self._gesture = pose, object()
        weights = {
            _ACTIONS[action]: weight
            for shape in self._shapes
            if (weight := pose.shapes.get(shape, 0.0)) and (action := action_of(shape)) in _ACTIONS
        }
        rest = PuppetState(pose.yaw, pose.pitch, pose.roll, weights)
        self._driver = Puppet(self.settings, rest)
        self._driver.neutral = self.neutral
        self._heard = time.monotonic()
        self._ease.start()
        self._desk.need("puppet", True)
        self.on_changed.emit(True)
        if self._desk.session is None:
            self.message.emit("info", "Choose a camera or a clip: its face will drive the head.")

    # The neutral face

    @property
    def is_calibrating(self) -> bool:
        return self._calibration is not None

    def calibrate(self) -> None:
        """Take the face of the next second for the neutral one."""
        if self._desk.session is None:
            self.message.emit("warning", "Choose a camera or a clip first.")
            return
        self._calibration = Calibration()
        self._desk.need("puppet", True)
        self.calibrating.emit(0.0)

    def stop_calibrating(self) -> None:
        if self._calibration is not None:
            self._calibration = None
            self._desk.need("puppet", self.on)
            self.calibrating.emit(-1.0)

    def forget(self) -> None:
        """Drive by the pose alone again."""
        self._set_neutral(None)

    def _set_neutral(self, neutral: Neutral | None) -> None:
        self.neutral = neutral
        if self._driver is not None:
            self._driver.neutral = neutral
        self.neutral_changed.emit()

    # What is heard

    def _take(self, result: LiveResult) -> None:
        now = time.monotonic()
        self._heard = now
        if self._calibration is not None:
            self._calibrate(self._calibration, result, now)
        if self._driver is not None:
            self._move(self._driver.follow(result.faces, now))

    def _calibrate(self, calibration: Calibration, result: LiveResult, now: float) -> None:
        try:
            neutral = calibration.add(result.faces, now)
        except NeutralError as problem:
            self.stop_calibrating()
            self.message.emit("warning", str(problem))
            return
        if neutral is None:
            self.calibrating.emit(calibration.progress)
            return
        self.stop_calibrating()
        self._set_neutral(neutral)

    def _ease_back(self) -> None:
        """Where nothing is heard any more, the head goes back; a paused picture holds it."""
        driver, now = self._driver, time.monotonic()
        if driver is None or now - self._heard < SILENT:
            return
        paused = self._desk.session is not None and not self._desk.playing
        if paused and self._desk.source_status.state is SourceState.PAUSED:
            return
        if not driver.rests:
            self._move(driver.follow((), now))

    def _move(self, state: PuppetState) -> None:
        pose = self._document.scene.pose
        shapes = pose.shapes
        if self.neutral is not None and self._shapes:
            weights = action_shapes(
                dict.fromkeys(_ACTIONS.values(), 0.0) | dict(state.actions), self._shapes
            )
            shapes = {name: w for name, w in (shapes | weights).items() if w}
        self._show(replace(pose, yaw=state.yaw, pitch=state.pitch, roll=state.roll, shapes=shapes))
        self.moved.emit(state)

    def _show(self, pose: HeadPose) -> None:
        self._showing = True
        try:
            scene = replace(self._document.scene, pose=pose)
            self._document.change(STEP, scene, self._gesture)
        finally:
            self._showing = False

    def _scene_changed(self, before: Scene, after: Scene) -> None:
        if self.on and not self._showing and before.pose != after.pose:
            self.end(keep=True)

    def shut_down(self) -> None:
        """The window closes: the pose is left as it was."""
        self.stop_calibrating()
        self.end(keep=False)
