"""The inbox as a list: kept with a reason, shown with a picture, removed for good."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from inference.live.inbox import inbox_dir
from inference.live.snapshot import snapshot
from tests.gui.live_desk import Heard, made_desk, until
from tests.unit.test_live_trace import face, result
from widgets import theme
from widgets.live.desk import LiveDesk
from widgets.live.inbox_panel import EMPTY, SHOWN, InboxSection


@pytest.fixture
def desk(qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[LiveDesk]:
    theme.apply(qapp)
    with made_desk(qapp, monkeypatch, tmp_path) as desk:
        yield desk


@pytest.fixture
def section(desk: LiveDesk) -> Iterator[InboxSection]:
    section = InboxSection(desk)
    section.resize(340, 700)
    section.show()
    yield section
    section.close()
    section.deleteLater()


def test_an_empty_inbox_says_how_it_is_filled(desk: LiveDesk, section: InboxSection) -> None:
    desk.inbox.look()
    until(lambda: desk.inbox.read)
    assert section.empty.isVisible() and section.empty.text() == EMPTY
    assert not section.folder_button.isVisible()
    assert not section.keep_button.isEnabled()


def test_a_frame_is_kept_with_its_reason_shown_and_removed(
    desk: LiveDesk, section: InboxSection
) -> None:
    heard = Heard(desk)
    desk.latest = result(12, face(), source="a.mp4")
    section.note.setText("  the jaw is off ")
    section.keep()
    until(lambda: section.entries)
    assert section.note.text() == ""
    row = section.entries[0]
    assert (row.title.text(), row.text.text()) == ("a.mp4", "the jaw is off")
    assert not row.kept.thumbnail.isNull()
    assert (row.kept.thumbnail.width(), row.kept.thumbnail.height()) == (192, 144)
    assert heard.said("The frame is in the inbox.")
    folder = row.kept.entry.folder
    row.remove_button.click()
    until(lambda: not section.entries)
    assert not folder.exists()
    assert section.empty.isVisible()


def test_a_damaged_entry_is_listed_with_what_is_wrong(
    desk: LiveDesk, section: InboxSection
) -> None:
    whole = snapshot(result(1, face()), ())
    damaged = snapshot(result(2, face()), ())
    (damaged.folder / "entry.json").write_text("{")
    desk.inbox.look()
    until(lambda: len(section.entries) == 2)
    texts = {row.kept.entry.folder: row.text.text() for row in section.entries}
    assert "is damaged" in texts[damaged.folder]
    assert "frame 1" in texts[whole.folder]
    for row in section.entries:
        row.remove_button.click()
    until(lambda: not section.entries)


def test_of_many_entries_the_newest_are_listed(desk: LiveDesk, section: InboxSection) -> None:
    home = inbox_dir()
    first = snapshot(result(0), ())
    data = (first.folder / "entry.json").read_bytes()
    small = np.full((2, 2, 3), 9, np.uint8)
    import cv2

    for number in range(SHOWN + 4):
        folder = home / f"20990101-0000{number:02d}-abcdef"
        folder.mkdir()
        (folder / "entry.json").write_bytes(data)
        cv2.imwrite(str(folder / "picture.png"), small)
    desk.inbox.look()
    until(lambda: section.entries)
    assert len(section.entries) == SHOWN
    assert section.rest.text() == "And 5 older ones in the folder."
    newest = section.entries[0].kept.entry.folder.name
    assert newest.startswith(f"20990101-0000{SHOWN + 3}")
