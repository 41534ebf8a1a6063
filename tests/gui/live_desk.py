"""A desk of the live workspace for tests, with models and clips of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from app.jobs import JobList
from inference.live.models import ModelFolder
from inference.live.outcome import LiveResult
from widgets.live.desk import LiveDesk


@contextmanager
def made_desk(
    application: QApplication, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> Iterator[LiveDesk]:
    """A desk that knows no shipped model; its models lie in ``folder``/models."""
    (folder / "shipped").mkdir(exist_ok=True)
    monkeypatch.setattr("inference.registry.FOLDER", folder / "shipped")
    models = ModelFolder(folder / "models", folder / "cache")
    models.folder.mkdir(exist_ok=True)
    jobs = JobList()
    desk = LiveDesk(jobs, folder=models)
    try:
        yield desk
    finally:
        desk.shut_down()
        jobs.stop()
        desk.deleteLater()
        application.processEvents()


def until(happened: Callable[[], object], seconds: float = 20.0) -> None:
    """Let events come in until it has happened, or fail."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        QApplication.processEvents()
        time.sleep(0.002)


def pause(seconds: float) -> None:
    """Let events come in for a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.002)


class Heard:
    """Everything that a desk tells."""

    def __init__(self, desk: LiveDesk) -> None:
        self.results: list[LiveResult] = []
        self.messages: list[tuple[str, str]] = []
        self.states: list[str] = []
        self.troubles: list[str] = []
        desk.result.connect(self.results.append)
        desk.message.connect(lambda level, text: self.messages.append((level, text)))
        desk.status.connect(lambda status: self.states.append(status.state.value))
        desk.trouble.connect(lambda trouble: self.troubles.append(trouble.message))

    def said(self, words: str) -> bool:
        return any(words in text for _, text in self.messages)


def face_model(path: Path, presence: float = 0.9) -> Path:
    """A face network that finds the middle of what is bright; a skip without the extra."""
    from tests.unit.onnx_files import seeing_face

    return seeing_face(path, 32, np.eye(3, dtype=np.float32), presence)
