"""The panel Models: files that come appear, are checked, chosen, refused with their reason."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from tests.gui.live_desk import Heard, face_model, made_desk, until
from widgets import theme
from widgets.live.desk import LiveDesk
from widgets.live.model_shelf import CASCADES
from widgets.live.models_panel import ModelsPanel


@pytest.fixture
def desk(qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[LiveDesk]:
    theme.apply(qapp)
    with made_desk(qapp, monkeypatch, tmp_path) as desk:
        yield desk


@pytest.fixture
def panel(desk: LiveDesk) -> Iterator[ModelsPanel]:
    panel = ModelsPanel(desk.shelf)
    panel.resize(352, 900)
    panel.show()
    yield panel
    panel.close()
    panel.deleteLater()


def words(panel: ModelsPanel) -> str:
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def names(panel: ModelsPanel, part: str) -> list[str]:
    choice = panel.choices[part]  # type: ignore[index]
    return [choice.itemText(i) for i in range(choice.count())]


def test_an_empty_folder_says_what_to_do_and_the_cascades_detect(
    desk: LiveDesk, panel: ModelsPanel
) -> None:
    desk.shelf.list.look()
    until(lambda: desk.shelf.in_use("detector") is not None)
    assert panel.empty.isVisible() and "Drop an ONNX file" in panel.empty.text()
    assert names(panel, "face") == ["None"]
    assert names(panel, "detector") == [CASCADES]
    assert not panel.depth_switch.isEnabled()
    assert desk.shelf.live_models.face is None
    assert desk.shelf.live_models.detector is not None
    assert [used.name for used in desk.shelf.used] == [CASCADES]


def test_a_model_that_is_added_is_checked_used_and_compared(
    desk: LiveDesk, panel: ModelsPanel, tmp_path: Path
) -> None:
    desk.shelf.list.look()
    until(lambda: desk.shelf.list.made)
    desk.shelf.list.add(face_model(tmp_path / "net.onnx"))
    until(lambda: (desk.shelf.folder.folder / "net.onnx").is_file())
    desk.shelf.list.look()
    until(lambda: desk.shelf.in_use("face") is not None)
    until(lambda: panel.choices["face"].currentText() == "net")
    assert not panel.empty.isVisible()
    assert "face, yours" in words(panel)
    until(lambda: names(panel, "second") == ["None", "net"])
    panel.choices["second"].activated.emit(1)
    until(lambda: desk.shelf.in_use("second") is not None)
    models = desk.shelf.live_models
    assert models.second is not None and models.second is not models.face
    assert [used.part for used in desk.shelf.used].count("second") == 1
    panel.choices["second"].activated.emit(0)
    until(lambda: desk.shelf.live_models.second is None)
    panel.choices["face"].activated.emit(0)
    until(lambda: desk.shelf.live_models.face is None)


def test_rubbish_is_refused_with_its_reason_and_its_card_can_be_read(
    desk: LiveDesk, panel: ModelsPanel
) -> None:
    heard = Heard(desk)
    desk.shelf.list.look()
    until(lambda: desk.shelf.list.made)
    path = desk.shelf.folder.folder / "rubbish.onnx"
    path.write_bytes(b"no model")
    desk.shelf.list.look()
    until(lambda: "refused" in words(panel))
    assert "this is no ONNX file" in words(panel).replace("\u200b", "")
    assert heard.said("this is no ONNX file")
    assert names(panel, "face") == ["None"]
    card = panel._cards[path]
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    assert panel.facts.isVisible() and "this is no ONNX file" in panel._facts.text()
    path.unlink()
    desk.shelf.list.look()
    until(lambda: not panel._cards)
    assert not panel.facts.isVisible()


def test_a_model_that_goes_away_stays_in_use_and_that_is_told(
    desk: LiveDesk, panel: ModelsPanel
) -> None:
    heard = Heard(desk)
    path = face_model(desk.shelf.folder.folder / "net.onnx")
    desk.shelf.list.look()
    until(lambda: desk.shelf.in_use("face") is not None)
    path.unlink()
    desk.shelf.list.look()
    until(lambda: heard.said("is gone"))
    assert desk.shelf.live_models.face is not None
    until(panel.problems["face"].isVisible)
    until(lambda: panel.choices["face"].currentText() == "net")
