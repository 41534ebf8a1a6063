"""The list of recent files."""

from __future__ import annotations

from pathlib import Path

from app.session.recent import LIMIT, RecentFiles


def test_newest_first_and_each_once(tmp_path: Path) -> None:
    recent = RecentFiles(tmp_path / "recent.json")
    for name in ("a.fbx", "b.fbx", "a.fbx"):
        recent.add(tmp_path / name)
    assert [path.name for path in recent.paths] == ["a.fbx", "b.fbx"]


def test_it_stays_short(tmp_path: Path) -> None:
    recent = RecentFiles(tmp_path / "recent.json")
    for number in range(LIMIT + 5):
        recent.add(tmp_path / f"{number}.fbx")
    assert len(recent.paths) == LIMIT


def test_two_windows_share_it(tmp_path: Path) -> None:
    one, other = RecentFiles(tmp_path / "recent.json"), RecentFiles(tmp_path / "recent.json")
    one.add(tmp_path / "a.fbx")
    other.add(tmp_path / "b.fbx")
    assert [path.name for path in one.paths] == ["b.fbx", "a.fbx"]


def test_files_that_are_gone_stay_listed_until_removed(tmp_path: Path) -> None:
    recent = RecentFiles(tmp_path / "recent.json")
    recent.add(tmp_path / "gone.fbx")
    assert not recent.paths[0].exists()
    recent.remove(tmp_path / "gone.fbx")
    assert recent.paths == ()


def test_a_damaged_list_is_empty_and_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "recent.json"
    path.write_bytes(b'["a.fbx", 3')
    recent = RecentFiles(path)
    assert recent.paths == ()
    recent.add(tmp_path / "a.fbx")
    assert [p.name for p in recent.paths] == ["a.fbx"]


def test_a_name_that_is_no_text_is_not_kept(tmp_path: Path) -> None:
    recent = RecentFiles(tmp_path / "recent.json")
    recent.add(tmp_path / "a.fbx")
    recent.add(tmp_path / "caf\udce9.fbx")
    assert [path.name for path in recent.paths] == ["a.fbx"]
