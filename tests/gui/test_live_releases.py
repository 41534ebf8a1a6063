"""A model that was made for another release of a topology says so in its entry and in the HUD."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from app.topology import store
from inference.card import Card, encode_card
from inference.live.models import Listed, ModelFolder, State, other_releases
from widgets import theme
from widgets.live.hud import RELEASE, Figures, lines
from widgets.live.model_card import ModelCard, facts_of

NOW = store.load("dense-520").version
OLD = {"dense-520": NOW - 1, "ibug-68-outline": store.load("ibug-68").version, "unknown": 9}


def test_only_other_versions_of_known_topologies_are_named() -> None:
    assert other_releases(OLD) == f"dense-520 {NOW - 1}, here {NOW}"
    assert other_releases({**OLD, "dense-520": NOW}) == ""
    assert other_releases({}) == ""


@pytest.mark.parametrize("version", [NOW - 1, NOW])
def test_the_list_reads_it_from_the_card(tmp_path: Path, version: int) -> None:
    (tmp_path / "face.onnx").write_bytes(b"looked at later")
    card = Card(name="old", kind="face", topologies={**OLD, "dense-520": version})
    (tmp_path / "face.json").write_bytes(encode_card(card))
    folder = ModelFolder(tmp_path, tmp_path / "cache")
    folder.refresh()
    (listed,) = [one for one in folder.models if not one.shipped]
    assert bool(listed.other_releases) == (version != NOW)


def test_the_entry_the_card_and_the_hud_tell_it_in_a_line(qapp: QApplication) -> None:
    theme.apply(qapp)
    told = other_releases(OLD)
    listed = Listed(Path("old.onnx"), "old", "face", state=State.READY, other_releases=told)
    shown = ModelCard()
    shown.show_model(listed, "ready", "A")
    words = [label.text().replace("\u200b", "") for label in shown.findChildren(QLabel)]
    assert any(f"Made for {told}" in text for text in words)
    assert told in facts_of(listed)
    assert (RELEASE, told) in lines(Figures(other_releases=told))
    plain = Listed(Path("new.onnx"), "new", "face", state=State.READY)
    assert "Made for" not in facts_of(plain)
    assert RELEASE not in dict(lines(Figures()))
    shown.deleteLater()
