"""The manifest: one row a frame, the same bytes in whatever order the frames were made."""

from __future__ import annotations

import math
import random
import re
import tracemalloc
from pathlib import Path

import pytest

from app.dataset import manifest
from app.dataset.files import path_of, row_of, sweep
from app.dataset.manifest import FILE, ManifestError
from app.scene.placement import camera_position
from tests.unit.small_dataset import ball_frame, write_ball


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[manifest.Row]:
    root = tmp_path_factory.mktemp("balls")
    return [write_ball(root, number) for number in range(12)]


def parts_of(rows: list[manifest.Row], size: int) -> list[list[manifest.Row]]:
    return [rows[i : i + size] for i in range(0, len(rows), size)]


def test_a_row_says_what_the_frame_shows(tmp_path: Path) -> None:
    row = write_ball(tmp_path, 5)
    frame = ball_frame(5)
    assert (row["number"], row["folder"], row["id"]) == (5, frame.folder, frame.id)
    assert (row["subject"], row["motion"]) == ("male/0001", frame.motion)
    assert (row["background"], row["effects"]) == ("plain", ["noise"])
    pose = frame.scene.pose
    turned = [row[f"world_blender_xyz_{angle}"] for angle in ("yaw", "pitch", "roll")]
    assert turned == pytest.approx([pose.yaw, pose.pitch, pose.roll], abs=1e-6)
    at = [row[f"camera_{axis}"] for axis in "xyz"]
    assert at == pytest.approx(list(camera_position(frame.scene.camera)), abs=1e-8)
    assert 0.2 < row["distance"] < 0.5
    assert 0 < row["visible_ibug_68"] < 68 and 0 < row["visible_dense_520"] < 520
    for kind in manifest.FILE_KINDS:
        assert row[f"{kind}_bytes"] == path_of(tmp_path, frame, kind).stat().st_size
    assert row == row_of(tmp_path, frame)


@pytest.mark.parametrize("size", [1, 4, 5])
def test_the_order_of_the_work_changes_no_byte(
    rows: list[manifest.Row], tmp_path: Path, size: int
) -> None:
    straight, mixed = tmp_path / "straight", tmp_path / "mixed"
    for part in parts_of(rows, 4):
        manifest.write_part(straight, part)
    shuffled = parts_of(rows, size)
    random.Random(size).shuffle(shuffled)
    for part in shuffled:
        manifest.write_part(mixed, part)
        manifest.write_part(mixed, part)
    assert manifest.join(straight) == manifest.join(mixed) == len(rows)
    assert (straight / FILE).read_bytes() == (mixed / FILE).read_bytes()
    assert list(manifest.rows(mixed)) == rows
    manifest.remove_parts(mixed)
    assert [p.name for p in mixed.iterdir()] == [FILE]


def test_nothing_in_it_tells_the_time_or_the_machine(
    rows: list[manifest.Row], tmp_path: Path
) -> None:
    manifest.write(tmp_path, rows)
    data = (tmp_path / FILE).read_bytes()
    assert str(tmp_path).encode() not in data
    assert not re.search(rb"20[2-9]\d-\d\d-\d\d", data)
    words = manifest.table(tmp_path).schema.metadata
    assert not words


def test_parts_that_are_kept_are_known(rows: list[manifest.Row], tmp_path: Path) -> None:
    assert not manifest.has_part(tmp_path, 4)
    manifest.write_part(tmp_path, rows[4:8])
    assert manifest.has_part(tmp_path, 4)
    assert not manifest.has_part(tmp_path, 5)
    manifest.remove_part(tmp_path, 4)
    manifest.remove_part(tmp_path, 4)
    assert not manifest.has_part(tmp_path, 4)


def test_a_frame_in_two_parts_is_named(rows: list[manifest.Row], tmp_path: Path) -> None:
    manifest.write_part(tmp_path, rows[0:4])
    manifest.write_part(tmp_path, rows[3:5])
    with pytest.raises(ManifestError, match="frame 3 is there twice"):
        manifest.join(tmp_path)
    assert not (tmp_path / FILE).exists()


def test_a_damaged_part_is_named(rows: list[manifest.Row], tmp_path: Path) -> None:
    manifest.write_part(tmp_path, rows[0:4])
    part = next((tmp_path / manifest.PARTS).iterdir())
    part.write_bytes(part.read_bytes()[:-7])
    with pytest.raises(ManifestError, match=part.name):
        manifest.join(tmp_path)


def test_what_a_killed_join_leaves_is_no_part(rows: list[manifest.Row], tmp_path: Path) -> None:
    manifest.write_part(tmp_path, rows[0:4])
    (tmp_path / manifest.PARTS / ".000000000000.rows.0123456789ab.rows").write_bytes(b"half")
    (tmp_path / f".{FILE}.0123456789ab.parquet").write_bytes(b"half")
    assert manifest.join(tmp_path) == 4
    assert sweep(tmp_path) == 2
    manifest.remove_parts(tmp_path)
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == [FILE]


def test_an_empty_data_set_has_an_empty_manifest(tmp_path: Path) -> None:
    assert manifest.join(tmp_path) == 0
    assert manifest.count(tmp_path) == 0
    assert list(manifest.rows(tmp_path)) == []


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"no table at all" * 9])
def test_a_damaged_manifest_is_told_in_one_line(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / FILE).write_bytes(damage)
    assert manifest.count(tmp_path) is None
    with pytest.raises(ManifestError) as caught:
        list(manifest.rows(tmp_path))
    assert "\n" not in str(caught.value)


def test_a_missing_manifest_is_told(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="missing"):
        manifest.table(tmp_path)
    (tmp_path / FILE).mkdir()
    with pytest.raises(OSError):
        manifest.table(tmp_path)


def test_memory_does_not_grow_with_the_frames(
    rows: list[manifest.Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are written group by group, so ten times the rows need the same memory."""
    monkeypatch.setattr(manifest, "ROWS_IN_A_GROUP", 100)

    def peak(count: int) -> int:
        tracemalloc.start()
        manifest.write(tmp_path, ({**rows[i % 12], "number": i} for i in range(count)))
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(100)
    assert peak(3000) < 2 * peak(300)
    assert manifest.count(tmp_path) == 300 or manifest.count(tmp_path) == 3000


def test_numbers_are_whole_after_the_table(rows: list[manifest.Row], tmp_path: Path) -> None:
    manifest.write(tmp_path, rows)
    again = manifest.table(tmp_path, ["number", "camera_pose_para_yaw"]).to_pylist()
    assert [line["number"] for line in again] == list(range(12))
    assert all(math.isfinite(line["camera_pose_para_yaw"]) for line in again)
