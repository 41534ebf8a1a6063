"""A snapshot is in the inbox as a whole or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from inference.live import inbox
from inference.live.frames import Frame
from inference.live.inbox import (
    ENTRY,
    PICTURE,
    InboxError,
    UsedModel,
    entries,
    inbox_dir,
    picture_of,
    remove,
)
from inference.live.outcome import LiveFace, LiveResult
from inference.live.snapshot import snapshot
from inference.predictions import decode
from inference.results import Box, Face

MODELS = [UsedModel("face", "mine", "a" * 64), UsedModel("detector", "opencv")]


def result(number: int = 7) -> LiveResult:
    picture = np.random.default_rng(number).integers(0, 256, (48, 64, 3), np.uint8)
    faces = [
        Face(Box(1, 2, 3, 4), 0.5, np.full((68, 3), value, np.float32)) for value in (1.0, 2.0)
    ]
    return LiveResult(
        Frame(picture, number, 1.25, 0.0, "clip\udcff.mp4", 30),
        (LiveFace(1, faces[0], faces[1], 0.9),),
        {},
        0.0,
        0.0,
    )


def test_an_entry_tells_all_of_it() -> None:
    found = result()
    made = snapshot(found, MODELS, "the chin")
    (entry,) = entries()
    assert entry.folder == made.folder
    assert entry.folder.parent == inbox_dir()
    assert (picture_of(entry) == found.frame.picture).all()
    details = entry.details
    assert details is not None
    assert (details.origin, details.frame, details.media_time) == ("live", 30, 1.25)
    assert (details.width, details.height, details.note) == (64, 48, "the chin")
    assert details.models == MODELS
    told = {sort: decode(bytes(line)) for sort, line in details.predictions.items()}
    assert told["raw"].faces[0].landmarks_68[5, 1] == 1.0
    assert told["filtered"].faces[0].landmarks_68[5, 1] == 2.0


def test_the_newest_comes_first_and_can_be_removed(tmp_path: Path) -> None:
    made = [snapshot(result(k), MODELS, str(k), tmp_path) for k in range(5)]
    found = entries(tmp_path)
    assert [e.folder.name for e in found] == sorted((e.folder.name for e in made), reverse=True)
    remove(found[2])
    assert [e.folder for e in entries(tmp_path)] == [e.folder for e in (*found[:2], *found[3:])]
    with pytest.raises(InboxError, match="cannot be removed"):
        remove(found[2])


def test_an_inbox_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert entries(tmp_path / "none") == ()


def test_damaged_entries_are_listed_with_their_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, version, lost, huge = (snapshot(result(), MODELS, "", tmp_path).folder for _ in range(4))
    (text / ENTRY).write_bytes(b"{")
    whole = msgspec.json.decode((version / ENTRY).read_bytes())
    (version / ENTRY).write_bytes(msgspec.json.encode(whole | {"format_version": 2}))
    (lost / PICTURE).unlink()
    (huge / ENTRY).write_bytes((huge / ENTRY).read_bytes() + b" " * 2**20)
    monkeypatch.setattr(inbox, "SIZE_LIMIT", 2**19)
    (tmp_path / ".20261121-120000-abcdef.partial").mkdir()
    (tmp_path / "20261121-120000-abcdef").write_text("no folder")
    found = {entry.folder: entry for entry in entries(tmp_path)}
    assert set(found) == {text, version, lost, huge}
    for folder, said in ((text, "damaged"), (version, "damaged"), (lost, "no such"), (huge, "MB")):
        assert found[folder].details is None
        assert said in found[folder].problem
        assert "\n" not in found[folder].problem
        remove(found[folder])
    assert entries(tmp_path) == ()


def test_what_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InboxError, match="cannot be written"):
        snapshot(result(), MODELS, "", tmp_path / "file")

    def full(path: Path, _: bytes) -> int:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InboxError, match="No space left"):
        snapshot(result(), MODELS, "", tmp_path / "inbox")
    assert list((tmp_path / "inbox").iterdir()) == []


def test_a_picture_that_is_gone_is_told(tmp_path: Path) -> None:
    entry = snapshot(result(), MODELS, "", tmp_path)
    shutil.rmtree(entry.folder)
    with pytest.raises(InboxError, match="no such file"):
        picture_of(entry)
