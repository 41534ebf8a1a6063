"""Everything that the live workspace shows, and how its parts hear of each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QVBoxLayout, QWidget

from inference.live.camera import CameraSource
from inference.live.cameras import Camera
from inference.live.device import CameraSettings
from inference.live.outcome import LiveResult, Statistics, Trouble
from inference.live.truth import Truths, truths_of
from widgets.live import memory
from widgets.live.canvas import LiveCanvas
from widgets.live.desk import LiveDesk
from widgets.live.docks import LiveDocks
from widgets.live.memory_use import recall, remembered
from widgets.live.overlays import Overlays, from_stored, stored
from widgets.live.source_bar import SAMPLE, SourceBar
from widgets.live.studio_feed import render_feed, viewport_feed
from widgets.live.timeline import clock
from widgets.live.transport import Transport
from widgets.panels.background import in_background

if TYPE_CHECKING:
    from widgets.live.presentation import Presentation
    from widgets.live.region_sheet import RegionSheet
    from widgets.live.view import LiveView

STAGES = {
    "face": "Model A",
    "second": "Model B",
    "detector": "The detector",
    "depth": "The depth model",
    "filter": "The filter",
    "hands": "The model of hands",
}
PRESENTED = ("play", "step", "step_back", "snapshot", "record", "raw")
"""Commands whose keys hold while a whole screen is filled, too."""


class LiveContent(QObject):
    """Canvas, bars and docks of a `LiveView`, with the desk behind them."""

    def __init__(self, view: LiveView) -> None:
        super().__init__(view)
        self.view = view
        window = view.window_
        self.commands = window.commands
        self.desk = LiveDesk(window.jobs, self)
        self.last_folder = ""
        self._presenting: Presentation | None = None
        self._hud = True
        self._camera: Camera | None = None
        self._drawing: RegionSheet | None = None
        self.docks = LiveDocks(view, self.desk)

    def build(self) -> Iterator[None]:
        """Make everything, a piece at a time; the window goes on in between."""
        view = self.view
        self.bar = SourceBar(self.desk)
        self.bar.add_actions(
            *(self.commands[f"live.{name}"] for name in ("snapshot", "record", "hud", "present"))
        )
        yield
        self.canvas = LiveCanvas()
        self.canvas.set_offers(
            [self.commands[f"live.{name}"] for name in ("open_video", "open_folder", "sample")]
        )
        yield
        self.transport = Transport(self.desk)
        for widget in (self.canvas, self.transport):
            widget.addAction(self.commands["live.play"])
        yield
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.transport)
        view.show_middle(middle)
        yield
        yield from self.docks.build()
        yield
        self._connect()
        self._recall()
        self.desk.recording.rescue()
        self.desk.inbox.look()
        self._show_recording()
        self._show_playback()

    # Set going from outside

    def open_path(self, path: Path) -> None:
        """Start a video, a picture or a folder."""
        if path != SAMPLE:
            self.last_folder = str(path.parent)
        self.desk.open(str(path.absolute()))

    def add_model(self, path: Path) -> None:
        self.desk.shelf.list.add(path)
        self.docks.bring("Models")

    def use_studio(self, what: str) -> None:
        """Look at the Studio's viewport or at its render."""
        make = viewport_feed if what == "viewport" else render_feed
        feed = make(self.view.window_.studio, self.desk)
        self.desk.start(feed.source, feed)

    def use_camera(self, camera: Camera) -> None:
        self._camera = camera
        self.desk.start(CameraSource(camera, self.bar.settings))

    def set_shown(self, shown: bool) -> None:
        """Rest while the workspace cannot be seen."""
        self.desk.set_shown(shown)
        self.canvas.rest(self.desk.resting)

    def reset_layout(self) -> None:
        self.docks.reset()

    def window_state(self) -> dict[str, Any]:
        return {"overlays": stored(self.desk.overlays)}

    def take_window_state(self, state: dict[str, Any]) -> None:
        if "overlays" in state:
            self.set_overlays(from_stored(state["overlays"]))

    def shut_down(self) -> None:
        self._save()
        self.leave_presentation()
        self.docks.close()
        self.bar.close_pool()
        self.desk.shut_down()

    # Commands

    def call(self, name: str) -> None:
        """Do what a command of `live_commands` says."""
        desk = self.desk
        calls: dict[str, Callable[[], object]] = {
            "retry": desk.retry,
            "stop": desk.stop,
            "play": desk.toggle,
            "step": lambda: desk.step(1),
            "step_back": lambda: desk.step(-1),
            "mark_in": desk.mark_in,
            "mark_out": desk.mark_out,
            "unmark": self._unmark,
            "snapshot": self.docks.record.inbox.keep,
            "record": desk.recording.toggle,
            "fit": self.canvas.fit,
            "present": self.present,
            "neutral": self.docks.puppet.puppet.calibrate,
        }
        calls[name]()

    def switch(self, name: str, on: bool) -> None:
        """Turn something on or off."""
        if name == "loop":
            self.desk.loop = on
        elif name == "depth":
            self.set_overlays(self.desk.overlays.with_shown("depth", on))
        elif name == "raw":
            self.set_overlays(replace(self.desk.overlays, raw=on))
        elif name == "hud":
            self._hud = on
            self.canvas.set_hud(on)
        elif name == "puppet":
            self.docks.puppet.puppet.set_on(on)

    def set_overlays(self, overlays: Overlays) -> None:
        """Draw other layers, on the screen and into recordings; depth is measured if it is seen."""
        self.desk.overlays = overlays
        self.canvas.overlays = overlays
        self.docks.overlays.set_overlays(overlays)
        self.docks.hands.set_overlays(overlays)
        self.desk.shelf.set_depth(overlays.depth.shown)
        for name, on in (("raw", overlays.raw), ("depth", overlays.depth.shown)):
            self.commands[f"live.{name}"].setChecked(on)

    def present(self) -> None:
        """Fill a screen with the picture, until Esc."""
        from widgets.live.presentation import Presentation

        if self._presenting is None:
            self._presenting = Presentation(self.canvas, self.view)
            self._presenting.closed.connect(self._presentation_closed)
            self._presenting.overlays_changed.connect(self.set_overlays)
            self._presenting.addActions([self.commands[f"live.{name}"] for name in PRESENTED])
            self.desk.need("presentation", True)
            self._presenting.start()

    def leave_presentation(self) -> None:
        if self._presenting is not None:
            self._presenting.close()

    def _presentation_closed(self) -> None:
        shown, self._presenting = self._presenting, None
        if shown is not None:
            shown.deleteLater()
        self.desk.need("presentation", False)
        self.canvas.setFocus()

    def _unmark(self) -> None:
        self.desk.span = (0, None)

    # What is heard

    def _connect(self) -> None:
        desk, bar = self.desk, self.bar
        desk.result.connect(self._show_result)
        desk.status.connect(self.canvas.show_status)
        desk.statistics.connect(self._show_statistics)
        desk.trouble.connect(self._say_trouble)
        desk.message.connect(self._say)
        desk.source_changed.connect(self._source_changed)
        desk.playback_changed.connect(self._show_playback)
        desk.recording_changed.connect(self._show_recording)
        desk.models_changed.connect(self._show_models)
        desk.hands.changed.connect(self._show_hands)
        self.docks.hands.draw_asked.connect(self.draw_wheel)
        self.docks.hands.overlays_changed.connect(self.set_overlays)
        self.canvas.retry_wanted.connect(desk.retry)
        bar.camera_chosen.connect(self.use_camera)
        bar.camera_settings_changed.connect(self._ask_camera)
        bar.file_asked.connect(self.view.ask_video)
        bar.folder_asked.connect(self.view.ask_folder)
        bar.viewport_asked.connect(partial(self.use_studio, "viewport"))
        bar.render_asked.connect(partial(self.use_studio, "render"))
        bar.stop_asked.connect(desk.stop)
        bar.path_chosen.connect(self.open_path)
        self.docks.overlays.overlays_changed.connect(self.set_overlays)
        self.docks.overlays.strength_changed.connect(
            lambda strength: desk.configure(strength=strength)
        )
        self.docks.puppet.puppet.on_changed.connect(self.commands["live.puppet"].setChecked)

    def _show_result(self, result: LiveResult) -> None:
        self.canvas.show_result(result)
        self.docks.overlays.show_result(result)
        self.docks.hands.show_result(result)

    def _show_statistics(self, statistics: Statistics) -> None:
        shelf = self.desk.shelf
        self.canvas.provider = shelf.running_on
        used = shelf.in_use("face")
        listed = used.listed if used is not None else None
        self.canvas.other_releases = listed.other_releases if listed is not None else ""
        self.canvas.show_statistics(statistics)

    def _say(self, level: Any, text: str) -> None:
        self.view.window_.notifications.post(level, text)

    def _say_trouble(self, trouble: Trouble) -> None:
        stage = STAGES.get(trouble.stage, "The live view")
        text = f"{stage} fails: {trouble.message}. It is tried again from time to time."
        self.view.window_.notifications.post("error", text)

    def _source_changed(self) -> None:
        self.canvas.clear()
        self.canvas.show_status(self.desk.source_status)
        self.canvas.fit()
        self._find_truth()

    def _find_truth(self) -> None:
        source = self.desk.source
        path = getattr(source, "path", None)
        if not isinstance(path, Path):
            return

        def found(truths: Truths | None) -> None:
            if truths and self.desk.source is source:
                self.transport.set_truths(truths)

        in_background(self, lambda: truths_of(path), found)

    def _show_playback(self) -> None:
        self.commands["live.loop"].setChecked(self.desk.loop)

    def _show_recording(self) -> None:
        recording = self.desk.recording
        now = recording.recorder
        self.canvas.show_recording(None if now is None else clock(now.seconds))
        action = self.commands["live.record"]
        action.setText("Stop re&cording" if recording.running else "Re&cord")

    def _show_models(self) -> None:
        shelf = self.desk.shelf
        first, second = shelf.in_use("face"), shelf.in_use("second")
        self.canvas.show_models(first.name if first else "", second.name if second else "")

    def _show_hands(self) -> None:
        self.docks.offer_hands(self.desk.hands.available)

    def draw_wheel(self) -> None:
        """Let the user draw the steering wheel's region over the picture."""
        from widgets.live.region_sheet import RegionSheet

        if self._drawing is None and self.canvas.result is not None:
            self._drawing = RegionSheet(self.canvas)
            self._drawing.drawn.connect(self.desk.hands.draw)
            self._drawing.destroyed.connect(self._drawn)

    def _drawn(self) -> None:
        self._drawing = None

    def _ask_camera(self, settings: CameraSettings) -> None:
        if self._camera is not None and isinstance(self.desk.source, CameraSource):
            self.desk.start(CameraSource(self._camera, settings))

    # What is remembered

    def _recall(self) -> None:
        kept = memory.load(memory.memory_path())
        self.last_folder = kept.last_folder
        self._hud = kept.hud
        recall(kept, self.desk, self.bar)
        self.canvas.set_hud(kept.hud)
        self.commands["live.hud"].setChecked(kept.hud)
        self.docks.overlays.set_strength(kept.strength)
        self.set_overlays(from_stored(kept.overlays))
        state: dict[str, Any] = self.view.window_state() if not self.view.made else {}
        self.take_window_state(state)

    def _save(self) -> None:
        kept = remembered(self.desk, self.bar, hud=self._hud, last_folder=self.last_folder)
        with suppress(OSError):
            memory.save(memory.memory_path(), kept)
