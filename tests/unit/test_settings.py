"""Settings: small on disk, never in the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.session.settings import Settings, load, save


def test_defaults_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    save(path, Settings())
    assert json.loads(path.read_text()) == {}
    save(path, Settings(samples=64, shortcuts={"file.save": ["F2"]}))
    assert json.loads(path.read_text()) == {"samples": 64, "shortcuts": {"file.save": ["F2"]}}


def test_they_come_back(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    chosen = Settings(False, 4, "eevee", 8, False, 800, 600, "cm", 1.5, {"file.new": []})
    save(path, chosen)
    assert load(path) == (chosen, "")


def test_without_a_file_all_is_as_usual(tmp_path: Path) -> None:
    assert load(tmp_path / "settings.json") == (Settings(), "")


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"samples": 0}', '{"ui_scale": 50}', '{"unit": "mile"}', "\x00"]
)
def test_an_unreadable_file_is_set_aside_with_one_notice(tmp_path: Path, content: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(content)
    settings, told = load(path)
    assert settings == Settings()
    assert "settings.json.bak" in told and "\n" not in told
    assert (tmp_path / "settings.json.bak").read_text() == content
    assert load(path) == (Settings(), "")


def test_settings_of_a_later_version_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"samples": 16, "hologram": true}')
    assert load(path) == (Settings(samples=16), "")
