"""One store and many processes: nothing that was acknowledged is lost, whoever is killed."""

from __future__ import annotations

from pathlib import Path

from app.bench import curate


def test_every_acknowledged_action_survives_kills(tmp_path: Path) -> None:
    told = curate.kill_writers(tmp_path / "own.store", kills=5, seed=3)
    assert told.acknowledged >= 5
    assert told.killed_in_action > 0, "no kill hit an action; the test proves nothing"
    assert (told.lost, told.half_done, told.findings) == (0, 0, [])


def test_two_processes_lose_no_update_and_are_told_of_conflicts(tmp_path: Path) -> None:
    told = curate.edit_together(tmp_path / "own.store", seconds=2.0)
    assert min(told.saved) >= 5
    assert sum(told.stale) > 0, "the two never met; the test proves nothing"
    assert (told.lost, told.findings) == (0, [])
