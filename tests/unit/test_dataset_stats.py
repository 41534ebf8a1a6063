"""Distributions of a data set, beside Biwi's; and one frame as a picture."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.cli import main as run_main
from app.dataset import manifest, synface
from app.dataset.check import NoDataSetError
from app.dataset.files import sweep
from app.dataset.show import find
from app.dataset.stats import (
    ANGLES,
    BIWI_RANGES,
    EDGES,
    biwi_angles,
    collect,
    histogram,
    summary,
    within_biwi,
)
from app.dataset.stats_text import as_text
from app.geometry.rotations import Angles, matrix_from_blender_xyz
from app.scene.scene import HeadFile
from tests.unit.small_dataset import ball_frame, write_ball
from tests.unit.test_synface_biwi import in_camera, text_of

ROOT = Path(__file__).resolve().parents[2]
FRAMES = 12


@pytest.fixture(scope="module")
def balls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("stats") / "balls"
    root.mkdir()
    manifest.write(root, [write_ball(root, number) for number in range(FRAMES)])
    sweep(root)
    return root


@pytest.fixture(scope="module")
def biwi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("biwi")
    for sequence in ("01", "02"):
        (folder / sequence).mkdir()
        for frame in range(40):
            held = Angles(2.0 * frame - 40.0, 10.0, -5.0)
            text = text_of(in_camera(matrix_from_blender_xyz(held)))
            (folder / sequence / f"frame_{frame:05d}_pose.txt").write_text(text)
    return folder


def called(*args: object) -> int:
    return run_main(["dataset", *map(str, args)], lambda _: 0)


def test_texts_and_manifest_tell_the_same(balls: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "balls"
    shutil.copytree(balls, copy)
    (copy / manifest.FILE).unlink()
    one, two = collect(balls), collect(copy)
    assert one.frames == two.frames == FRAMES
    order_one = np.lexsort(np.round(one.angles, 1).T)
    order_two = np.lexsort(np.round(two.angles, 1).T)
    assert np.allclose(one.angles[order_one], two.angles[order_two], atol=0.05)
    assert one.people == two.people
    assert one.motions == two.motions and one.expressions == two.expressions
    texts = [synface.read(path) for path in copy.rglob("data_*.txt")]
    from_start = [math.dist(text.camera, text.head) for text in texts]
    assert two.distance == pytest.approx((min(from_start), max(from_start)), abs=2e-4)
    centres = [row["distance"] for row in manifest.rows(balls)]
    assert one.distance == pytest.approx((min(centres), max(centres)), abs=1e-9)
    assert sum(one.people.values()) == FRAMES
    assert one.by_gender() == {"female": 2, "male": 1}


def test_a_histogram_is_a_distribution() -> None:
    values = np.array([0.0, 0.0, -2.4, 2.4, 89.0, 170.0, -91.0, 12.0])
    share = histogram(values)
    assert len(share) == len(EDGES) - 1 == 37
    assert share.sum() == pytest.approx(1.0)
    assert share[18] == 4 / 8, "a face seen from the front lies in the middle bin"
    assert share[-1] == 2 / 8 and share[0] == 1 / 8
    assert within_biwi(values, "yaw") == 5 / 8


def test_the_published_ranges_are_those_of_the_paper() -> None:
    assert BIWI_RANGES == {"yaw": 75.0, "pitch": 60.0, "roll": 50.0}


def test_biwis_own_angles_are_read(biwi: Path) -> None:
    angles = biwi_angles(biwi)
    assert angles.shape == (80, 3)
    assert angles[:, 0].min() < -30.0 and angles[:, 0].max() > 30.0


def test_the_text_shows_every_angle_and_stays_in_its_lines(balls: Path, biwi: Path) -> None:
    stats = collect(balls)
    text = as_text(stats, biwi_angles(biwi))
    lines = text.splitlines()
    for angle in ANGLES:
        (line,) = [row for row in lines if row.startswith(angle)]
        assert f"±{BIWI_RANGES[angle]:g}°" in line and "[" in line and "]" in line
    assert len([row for row in lines if row.startswith("  Biwi")]) == 3
    plain = as_text(stats, blocks=False)
    drawn = [row[8:48] for row in plain.splitlines() if row.startswith(ANGLES)]
    assert all(row.isascii() for row in drawn)
    assert max(map(len, lines)) <= 200


def test_the_command_draws_and_prints(
    balls: Path, biwi: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.png", "b.svg"):
        assert called("stats", balls, "--biwi", biwi, "--output", tmp_path / name, "--json") == 0
        told = json.loads(capsys.readouterr().out)
        assert told == json.loads(json.dumps(summary(collect(balls), biwi_angles(biwi))))
    assert told["frames"] == FRAMES and told["biwi"]["frames"] == 80
    assert sum(told["angles"]["yaw"]["histogram"]) == pytest.approx(1.0, abs=1e-4)
    picture = cv2.imread(str(tmp_path / "a.png"))
    assert picture.shape == (990, 1540, 3)
    blue, orange = (
        (abs(picture[:, :, ::-1].astype(int) - color).max(axis=2) < 12).mean()
        for color in ((0x2A, 0x6F, 0xBB), (0xD9, 0x62, 0x2B))
    )
    assert blue > 0.005 and orange > 0.001, "both distributions are drawn"
    assert (tmp_path / "b.svg").read_text("utf-8").count("<path") > 20
    first = (tmp_path / "b.svg").read_bytes()
    called("stats", balls, "--biwi", biwi, "--output", tmp_path / "b.svg")
    assert (tmp_path / "b.svg").read_bytes() == first


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("none",), "is no folder"),
        ((".",), "holds no data set"),
        (("balls", "--biwi", "none"), "cannot be read"),
        (("balls", "--biwi", "."), "holds no ground truth of Biwi"),
        (("balls", "--output", "a.bmp"), "must end in .png"),
        (("balls", "--output", "none/a.png"), "is missing"),
    ],
)
def test_bad_input_is_refused_in_one_line(
    balls: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    args: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "balls").symlink_to(balls)
    if args == (".",):
        (tmp_path / "balls").unlink()
    assert called("stats", *args) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1 and said in err


def test_a_damaged_manifest_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "broken"
    root.mkdir()
    (root / manifest.FILE).write_bytes(b"PAR1nothingPAR1")
    assert called("stats", root) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_one_frame_is_found_by_number_and_by_place(balls: Path) -> None:
    frame = ball_frame(7)
    by_number = find(balls, "7")
    assert (by_number.folder, by_number.id) == (frame.folder, frame.id)
    assert find(balls, f"{frame.folder}/{frame.id}") == by_number
    assert find(balls, f"{frame.folder}/rgb_{frame.id}.jpg") == by_number
    for wrong in ("99", "female/0001/0001", "nothing", "/"):
        with pytest.raises(NoDataSetError):
            find(balls, wrong)


def test_one_frame_is_shown(
    balls: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "frame.png"
    assert called("show", balls, 5, "--output", target) == 0
    assert capsys.readouterr() == ("", "")
    picture = cv2.imread(str(target))[:, :, ::-1].astype(int)
    for color in ((0xE5, 0x48, 0x4D), (0x2F, 0xA8, 0x4F), (0x3B, 0x82, 0xF6), (0xFF, 0xD4, 0x3B)):
        assert (abs(picture - color).max(axis=2) < 10).sum() > 30, "axes and landmarks are drawn"
    assert called("show", balls, 99, "--output", target) == 2
    assert called("show", balls, 5, "--output", tmp_path / "none" / "a.png") == 2
    assert capsys.readouterr().err.count("\n") == 2


def test_a_frame_of_the_papers_is_shown_without_an_annotation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "papers" / "male" / "0001"
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / "rgb_0003.jpg"), np.full((48, 64, 3), 120, dtype=np.uint8))
    (folder / "data_0003.txt").write_text(
        "Camera Location: (0.0, -0.3, 0.0)\nHead Point Location: (0.0, 0.0, 0.0)\n"
        "Camera Rotation: Yaw 0.00 Pitch 90.00 Roll 0.00\n"
        "Head Rotation: Yaw 5.00 Pitch 0.00 Roll 0.00\n"
    )
    target = tmp_path / "a.png"
    assert called("show", tmp_path / "papers", 0, "--output", target) == 0
    assert cv2.imread(str(target)) is not None
    stats = collect(tmp_path / "papers")
    assert stats.angles[0] == pytest.approx([-5.0, 0.0, 0.0], abs=1e-6)
    (folder / "rgb_0003.jpg").write_bytes(b"damaged")
    assert called("show", tmp_path / "papers", 0, "--output", target) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_frame_opens_in_the_window(
    balls: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its scene becomes a session; a person has to be baked to an FBX for it."""
    from dataclasses import replace

    from app.session.session_file import read

    target = tmp_path / "frame.headroom"
    assert called("show", balls, 5, "--session", target) == 2
    assert "bake-head" in capsys.readouterr().err
    assert called("show", balls, 5, "--session", target, "--head", "builtin:ada") == 0
    scene = read(target).scene
    assert scene == replace(ball_frame(5).scene, head=HeadFile("builtin:ada"))
    assert called("show", balls, 5, "--session", target, "--head", tmp_path / "none.fbx") == 2
    assert called("show", balls, 5, "--session", tmp_path / "a.json", "--head", "builtin:ada") == 2
    assert called("show", balls, 5) == 2
    assert capsys.readouterr().err.count("\n") == 3


def test_a_full_disk_is_told(balls: Path, tmp_path: Path) -> None:
    """The limit on a file's size stands for the disk."""
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000));"
        "from app.cli import main; sys.exit(main(sys.argv[1:], None))"
    )
    target = tmp_path / "a.png"
    done = subprocess.run(
        [sys.executable, "-c", code, "dataset", "show", balls, "5", "--output", target],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "cannot be written" in done.stderr
    assert not target.exists()
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == []
