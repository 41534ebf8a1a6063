"""`dataset check` finds what is missing, damaged or inconsistent, and nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.dataset import manifest
from app.dataset.check import Finding, NoDataSetError, Summary, check, is_ours
from app.dataset.check_jobs import IN_PROCESS
from app.dataset.files import is_done, path_of, sweep, write_frame
from app.dataset.synface import from_text, to_text
from tests.unit.small_dataset import ball_frame, ball_layers, write_ball

ROOT = Path(__file__).resolve().parents[2]
FRAMES = 8
FRAME = ball_frame(1)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("whole") / "balls"
    manifest.write(root_of(root), [write_ball(root, number) for number in range(FRAMES)])
    sweep(root)
    return root


def root_of(root: Path) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    return root


@pytest.fixture
def root(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "balls")
    return tmp_path / "balls"


def findings(root: Path, **options: bool) -> list[str]:
    found: list[Finding] = []
    summary = check(root, found.append, **options)  # type: ignore[arg-type]
    assert summary.findings == len(found)
    assert all("\n" not in str(finding) for finding in found)
    return [str(finding) for finding in found]


def test_a_whole_data_set_has_no_findings(whole: Path) -> None:
    assert findings(whole) == []
    assert findings(whole, quick=True) == []
    assert check(whole, print) == Summary(FRAMES, 0, True)


def cut(share: float) -> Callable[[bytes], bytes]:
    return lambda data: data[: int(len(data) * share)]


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0x55]) + data[middle + 1 :]


KINDS = {
    "color": "rgb_0001.jpg",
    "depth": "depthExr_0001.exr",
    "text": "data_0001.txt",
    "mask": "mask_0001.png",
    "annotation": "ann_0001.json",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "damage", [lambda _: b"", cut(0.1), cut(0.6), lambda data: data[:-1], flipped]
)
def test_every_damaged_file_is_found(
    root: Path, kind: str, damage: Callable[[bytes], bytes], capfd: pytest.CaptureFixture[str]
) -> None:
    path = path_of(root, FRAME, kind)
    path.write_bytes(damage(path.read_bytes()))
    found = findings(root)
    assert found
    assert all(line.startswith(f"{FRAME.folder}/{KINDS[kind]}: ") for line in found), found
    assert capfd.readouterr() == ("", ""), "libraries complain in their own words"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("quick", [False, True])
def test_every_missing_file_is_found(root: Path, kind: str, quick: bool) -> None:
    path_of(root, FRAME, kind).unlink()
    (line,) = findings(root, quick=quick)
    assert line.startswith(f"{FRAME.folder}/{KINDS[kind]}: is missing")


def test_quick_finds_another_size(root: Path) -> None:
    path = path_of(root, FRAME, "mask")
    path.write_bytes(path.read_bytes()[:-4])
    (line,) = findings(root, quick=True)
    assert "cut short" in line


def rewritten(root: Path, change: Callable[[dict], None]) -> None:  # type: ignore[type-arg]
    """The frame with a changed annotation, sizes and sums in order, and the manifest with it."""
    color, depth, segments, words = ball_layers(FRAME)
    words = json.loads(json.dumps(words))
    change(words)
    row = write_frame(root, FRAME, color, depth, segments, words)
    rows = [row if r["number"] == 1 else r for r in manifest.rows(root)]
    manifest.write(root, rows)
    sweep(root)


def test_a_landmark_off_the_surface_is_found(root: Path) -> None:
    def change(words: dict) -> None:  # type: ignore[type-arg]
        points = words["landmarks"]["ibug-68"]
        first = points["visible"].index(True)
        k = np.array(words["camera"]["intrinsics"])
        point = np.array(points["camera"][first]) * 1.05
        flat = k @ point
        points["camera"][first] = point.tolist()
        points["pixels"][first] = (flat[:2] / flat[2]).round(3).tolist()

    rewritten(root, change)
    (line,) = findings(root)
    assert "ibug-68: 1 of" in line and "not on the surface" in line


def test_a_pixel_that_is_no_projection_is_found(root: Path) -> None:
    def change(words: dict) -> None:  # type: ignore[type-arg]
        words["landmarks"]["dense-520"]["pixels"][0][0] += 0.5

    rewritten(root, change)
    assert any("dense-520: pixels are not where" in line for line in findings(root))


def test_lists_of_different_length_are_found(root: Path) -> None:
    rewritten(root, lambda words: words["landmarks"]["dense-520"]["visible"].pop())
    assert any("differ in length" in line for line in findings(root))


def test_an_annotation_without_a_block_is_found(root: Path) -> None:
    path = path_of(root, FRAME, "annotation")
    content = json.loads(path.read_bytes())
    for key in ("camera", "head", "landmarks", "files", "frame"):
        broken = {k: v for k, v in content.items() if k != key}
        path.write_text(json.dumps(broken))
        (line,) = findings(root)
        assert KINDS["annotation"] in line, key


def test_a_text_that_differs_from_the_annotation_is_found(root: Path) -> None:
    import zlib
    from dataclasses import replace

    from app.geometry.rotations import Angles

    path = path_of(root, FRAME, "text")
    note = from_text(path.read_text())
    turned = note.head_rotation
    wrong = replace(note, head_rotation=Angles(turned.yaw, turned.pitch + 0.5, turned.roll))
    path.write_text(to_text(wrong))
    annotation = path_of(root, FRAME, "annotation")
    content = json.loads(annotation.read_bytes())
    data = path.read_bytes()
    content["files"]["text"].update(bytes=len(data), crc32=zlib.crc32(data))
    annotation.write_text(json.dumps(content))
    (root / manifest.FILE).unlink()
    found = findings(root)
    assert any("data_0001.txt: the head rotation differs" in line for line in found)
    assert any(line.startswith("manifest.parquet: is missing") for line in found)


def test_a_mask_where_the_depth_shows_nothing_is_found(root: Path) -> None:
    color, depth, segments, words = ball_layers(FRAME)
    segments[:8] = 1
    row = write_frame(root, FRAME, color, depth, segments, words)
    manifest.write(root, [row if r["number"] == 1 else r for r in manifest.rows(root)])
    sweep(root)
    (line,) = findings(root)
    assert "mask_0001.png" in line and "masked where the depth shows nothing" in line


def test_pictures_of_another_size_are_found(root: Path) -> None:
    import zlib

    path = path_of(root, FRAME, "color")
    data = cv2.imencode(".jpg", np.zeros((10, 20, 3), dtype=np.uint8))[1].tobytes()
    path.write_bytes(data)
    annotation = path_of(root, FRAME, "annotation")
    content = json.loads(annotation.read_bytes())
    content["files"]["color"].update(bytes=len(data), crc32=zlib.crc32(data))
    annotation.write_text(json.dumps(content))
    found = findings(root)
    assert any("rgb_0001.jpg: is 20 × 10, the camera 96 × 64" in line for line in found)
    assert any("differs from the manifest" in line for line in found)


def test_frames_that_the_manifest_lacks_or_lists_in_vain(root: Path) -> None:
    shutil.rmtree(root / ball_frame(5).folder)
    rows = [row for row in manifest.rows(root) if row["number"] != 2]
    manifest.write(root, rows)
    lost, kept = ball_frame(5), ball_frame(2)
    for quick in (False, True):
        assert sorted(findings(root, quick=quick)) == sorted(
            [
                f"{kept.folder}/{kept.id}: is not listed in the manifest",
                f"{lost.folder}/{lost.id}: is listed in the manifest and missing",
            ]
        )


def test_a_subject_that_is_gone_is_one_finding(root: Path) -> None:
    shutil.rmtree(root / "male")
    (line,) = findings(root)
    assert line == "male/0001: is missing: 4 frames that it lists are not there"


def test_a_frame_copied_elsewhere_is_found(root: Path) -> None:
    other = root / ball_frame(2).folder
    for kind in KINDS:
        path = path_of(root, FRAME, kind)
        shutil.copy(path, other / path.name)
    found = findings(root)
    assert any(f"belongs to {FRAME.folder}/{FRAME.id}" in line for line in found)
    assert any("shares the number 1 with another" in line for line in found)
    assert any("0001: is not listed in the manifest" in line for line in found)


def test_strays_are_found(root: Path) -> None:
    folder = root / FRAME.folder
    (folder / ".rgb_0001.jpg.0123456789ab.jpg").write_bytes(b"")
    (folder / "mask_0077.png").write_bytes(b"")
    (folder / "rgb_0001.jpeg").write_bytes(b"")
    (root / ".partial").mkdir()
    (root / "README.md").write_text("people write such")
    (root / "female" / "0001" / "person.json").write_text("{}")
    found = findings(root)
    assert len(found) == 5
    assert any("rgb_0001.jpeg: is empty" in line for line in found)
    assert any("is no file of a frame" in line for line in found)
    assert any("mask_0077.png: belongs to no frame" in line for line in found)
    assert any("rgb_0001.jpg: is the same frame's as rgb_0001.jpeg" in line for line in found)
    assert any(line.startswith(".partial: a run was broken off") for line in found)


def test_a_damaged_manifest_is_found_and_the_frames_are_checked(root: Path) -> None:
    (root / manifest.FILE).write_bytes(b"PAR1 nothing PAR1")
    path_of(root, FRAME, "mask").write_bytes(b"")
    found = findings(root)
    assert [line.split(":")[0] for line in found] == [
        "manifest.parquet",
        f"{FRAME.folder}/mask_0001.png",
    ]


def test_folders_without_a_data_set_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "notes.txt").write_text("nothing")
    for path in (empty, tmp_path / "none", empty / "notes.txt"):
        with pytest.raises(NoDataSetError):
            is_ours(path)


PAPERS = """\
Camera Location: (-0.0002, -0.3136, 1.6779)
Head Point Location: (-0.0002, -0.0136, 1.6779)
Camera Rotation: Yaw 0.00 Pitch 90.00 Roll -0.00
Head Rotation: Yaw -17.90 Pitch 19.43 Roll 2.90
"""


def test_the_papers_own_folders_are_checked(tmp_path: Path) -> None:
    from app.dataset.depth_exr import encode_depth

    folder = tmp_path / "papers" / "male" / "0001" / "Complex" / "Classroom" / "sad" / "HeadRot"
    folder.mkdir(parents=True)
    picture = cv2.imencode(".jpg", np.full((6, 8, 3), 99, dtype=np.uint8))[1].tobytes()
    depth = encode_depth(np.full((6, 8), 0.3, dtype=np.float32))
    for number in range(5):
        (folder / f"rgb_{number:04d}.jpg").write_bytes(picture)
        (folder / f"data_{number:04d}.txt").write_text(PAPERS)
        (folder / f"depthExr_{number:04d}.exr").write_bytes(depth)
    root = tmp_path / "papers"
    assert findings(root) == []
    assert check(root, print).ours is False
    (folder / "depthExr_0000.exr").unlink()
    (folder / "depthExr_0001.exr").write_bytes(depth[:-20])
    (folder / "rgb_0002.jpg").write_bytes(picture[: len(picture) // 2])
    (folder / "data_0003.txt").write_text(PAPERS[:60])
    (folder / "depthExr_0004.exr").write_bytes(encode_depth(np.ones((3, 4), dtype=np.float32)))
    found = findings(root)
    told = [line.split("HeadRot/")[1] for line in found]
    assert told == [
        "depthExr_0000.exr: is missing",
        "depthExr_0001.exr: is damaged or cut short",
        "rgb_0002.jpg: is cut short",
        "data_0003.txt: line 2: “Head Point Locat” is not known",
        "rgb_0004.jpg: pictures differ in size: depth 4 × 3, color 8 × 6",
    ]


def main(*args: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "main.py", "dataset", *map(str, args)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_tells_findings_and_a_summary(root: Path) -> None:
    path_of(root, FRAME, "mask").unlink()
    done = main("check", root)
    assert done.returncode == 1
    assert done.stderr == ""
    first, last = done.stdout.splitlines()
    assert first == f"{FRAME.folder}/mask_0001.png: is missing"
    assert last == f"{root}: {FRAMES} frames checked, 1 finding."


def test_damaged_frames_can_be_made_again(root: Path) -> None:
    path_of(root, FRAME, "mask").unlink()
    path_of(root, ball_frame(3), "color").write_bytes(b"")
    done = main("check", root, "--redo")
    assert done.returncode == 1
    assert "2 to be made again" in done.stdout
    for number in range(FRAMES):
        assert is_done(root, ball_frame(number)) == (number not in (1, 3))
        if not is_done(root, ball_frame(number)):
            write_ball(root, number)
    sweep(root)
    assert findings(root) == []


def test_the_command_refuses_what_is_no_data_set(tmp_path: Path) -> None:
    done = main("check", tmp_path / "none")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


def test_processes_share_the_work(tmp_path: Path) -> None:
    """The same findings in the same order, whatever the number of processes."""
    root = tmp_path / "many"
    count = IN_PROCESS + 4
    size = (64, 48)
    rows = [write_ball(root, number, size=size, per_subject=30) for number in range(count)]
    manifest.write(root, rows)
    sweep(root)
    for number in (3, 70, count - 1):
        path_of(root, ball_frame(number, size, 30), "mask").write_bytes(b"")
    alone = findings(root)
    assert len(alone) == 3
    shared = main("check", root, "--workers", 2)
    assert (shared.returncode, shared.stderr) == (1, "")
    assert shared.stdout.splitlines()[:-1] == alone
