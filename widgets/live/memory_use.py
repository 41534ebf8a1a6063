"""From what is remembered to the desk and back."""

from __future__ import annotations

from pathlib import Path

from inference.live.device import CameraSettings
from inference.live.providers import Provider
from inference.live.recording import Format, Values
from widgets.live.desk import LiveDesk
from widgets.live.memory import LiveMemory
from widgets.live.model_shelf import PARTS
from widgets.live.overlays import stored
from widgets.live.recording_desk import RecordingChoice, recordings_dir
from widgets.live.source_bar import SourceBar


def recall(kept: LiveMemory, desk: LiveDesk, bar: SourceBar) -> None:
    """Set the desk as it was left; what is not known any more is passed over."""
    bar.set_camera_settings(CameraSettings(kept.size, kept.rate, kept.mirror))
    desk.configure(strength=kept.strength)
    desk.speed, desk.loop = kept.speed, kept.loop
    known = {str(kind): kind for kind in Format}
    desk.recording.choice = RecordingChoice(
        Path(kept.folder) if kept.folder else recordings_dir(),
        frozenset(known[name] for name in kept.formats if name in known),
        Values.RAW if kept.values == Values.RAW else Values.FILTERED,
        kept.whole,
    )
    if kept.provider in [str(provider) for provider in Provider]:
        desk.shelf.set_provider(Provider(kept.provider))
    desk.hands.recall(kept.wheels, kept.watch_hands, kept.warn_after)
    for part in PARTS:
        if part in kept.models:
            name = kept.models[part]
            desk.shelf.remember(part, Path(name) if name else None)


def remembered(desk: LiveDesk, bar: SourceBar, *, hud: bool, last_folder: str) -> LiveMemory:
    """What is worth knowing at the next start."""
    choice = desk.recording.choice
    shelf = desk.shelf
    models = {part: str(shelf.wanted(part) or "") for part in PARTS if shelf.was_chosen(part)}
    return LiveMemory(
        overlays=stored(desk.overlays),
        size=bar.settings.size,
        rate=bar.settings.rate,
        mirror=bar.settings.mirror,
        strength=desk.settings.strength,
        speed=desk.speed,
        loop=desk.loop,
        hud=hud,
        depth=shelf.depth,
        models={str(part): name for part, name in models.items()},
        provider=str(shelf.provider),
        folder="" if choice.folder == recordings_dir() else str(choice.folder),
        formats=tuple(sorted(str(kind) for kind in choice.formats)),
        values=str(choice.values),
        whole=choice.whole,
        wheels=desk.hands.wheels,
        watch_hands=desk.hands.watched,
        warn_after=desk.hands.warn_after,
        last_folder=last_folder,
    )
