"""Two trainings in one folder would write over each other's state."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.run_lock import LockedError, alone


def test_a_folder_has_one_run_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    with (
        alone(folder),
        pytest.raises(LockedError, match="another run is at work"),
        alone(folder),
    ):
        raise AssertionError("two runs at once")
    with alone(folder):
        pass
    assert not list(folder.iterdir())


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="cannot be written"), alone(tmp_path / "missing"):
        pass
