"""A run that is killed and gone on with leaves the same bytes as one that nobody disturbed."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.bench.generation import differences, kill_and_resume, kill_workers, measure

ASKED = (
    *("--heads", "builtin:ada", "builtin:ben", "--per-person", "20", "--workers", "2"),
    *("--size", "64x64", "--topologies", "ibug-68", "--poses", "HeadRot", "Balanced"),
    *("--expressions", "mixed", "--backgrounds", "plain", "texture", "--effects", "all"),
)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    root = tmp_path_factory.mktemp("whole") / "set"
    return root, measure(ASKED, root).seconds


def test_killed_with_all_its_processes(undisturbed: tuple[Path, float], tmp_path: Path) -> None:
    whole, seconds = undisturbed
    killed = kill_and_resume(ASKED, tmp_path / "set", [0.4 * seconds])
    assert killed == 1
    assert differences(whole, tmp_path / "set") == ()


def test_workers_killed(undisturbed: tuple[Path, float], tmp_path: Path) -> None:
    whole, seconds = undisturbed
    killed = kill_workers(ASKED, tmp_path / "set", [0.4 * seconds])
    assert killed == 1
    assert differences(whole, tmp_path / "set") == ()
