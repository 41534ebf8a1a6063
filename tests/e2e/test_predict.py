"""``main.py predict`` from files to lines of JSON, with a network that sees bright spots."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from app.cli import main
from inference.predictions import read, unfinished
from tests.conftest import ROOT
from tests.unit.onnx_files import seeing_face

LEFT, RIGHT = (120.0, 100.0), (170.0, 112.0)


def two_spots(shift: float = 0.0) -> np.ndarray:
    picture = np.zeros((240, 320, 3), np.uint8)
    for x, y in (LEFT, RIGHT):
        cv2.circle(picture, (round(x + shift), round(y)), 6, (255, 255, 255), -1, cv2.LINE_AA)
    return picture


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seeing_face(tmp_path_factory.mktemp("model") / "seeing.onnx", 64, np.eye(3))


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for k in range(3):
        cv2.imwrite(str(folder / f"p{k}.png"), two_spots(k))
    (folder / "broken.jpg").write_bytes(b"nothing")
    return folder


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25, (320, 240))
    for _ in range(4):
        writer.write(two_spots())
    writer.release()
    return path


def boxes(folder: Path, **given: Any) -> Path:
    path = folder / "boxes.json"
    path.write_text(json.dumps({k.replace("_", "."): v for k, v in given.items()}))
    return path


def predict(*arguments: object) -> int:
    try:
        return main(["predict", *map(str, arguments)], lambda _: 99)
    except SystemExit as problem:
        return int(str(problem.code))


BOX = [105, 60, 90, 80]


def test_a_folder_becomes_lines_and_what_is_broken_is_told(
    pictures: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = boxes(tmp_path, p0_png=BOX, p1_png=BOX, p2_png=[BOX, BOX], gone_png=BOX)
    output = tmp_path / "out.jsonl"
    status = predict("--input", pictures, "--output", output, "--model", model, "--boxes", given)
    assert status == 2
    results = list(read(output))
    assert [r.source for r in results] == ["p0.png", "p1.png", "p2.png"]
    assert [len(r.faces) for r in results] == [1, 1, 2]
    for k, result in enumerate(results):
        seen = result.faces[0].landmarks_68[:, :2]
        assert seen[0] == pytest.approx([LEFT[0] + k, LEFT[1]], abs=0.3)
        assert seen[16] == pytest.approx([RIGHT[0] + k, RIGHT[1]], abs=0.3)
        assert list(result.faces[0].box.as_tuple()) == BOX
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 3
    assert "broken.jpg" in errors[0] and "1 of 4 files have no box" in errors[1]
    assert "gone.png" in errors[2]


def test_frames_of_a_video_are_counted(clip: Path, model: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    given = boxes(tmp_path, clip_avi=BOX)
    arguments = ("--input", clip, "--output", output, "--model", model, "--boxes", given)
    assert predict(*arguments, "--passes", 1, "--no-mirror") == 0
    results = list(read(output))
    assert [(r.source, r.frame) for r in results] == [("clip.avi", k) for k in range(4)]
    assert results[3].faces[0].landmarks_68[0, :2] == pytest.approx(LEFT, abs=0.5)


def test_lines_can_be_printed(
    pictures: Path, model: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    given = boxes(tmp_path, p0_png=BOX)
    source = pictures / "p0.png"
    arguments = ("--input", source, "--output", "-", "--model", model, "--boxes", given)
    assert predict(*arguments) == 0
    lines = capfdbinary.readouterr().out.splitlines()
    assert len(lines) == 1
    assert json.loads(lines[0])["source"] == "p0.png"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["--input", "absent.png"], "absent.png"),
        (["--output", "absent/out.jsonl"], "is missing"),
        (["--output", "."], "this is a folder"),
        (["--output", "x" * 300], "too long"),
        (["--output", "pictures/p1.png"], "one of the files to be read"),
        (["--input", ""], "empty"),
        (["--boxes", "absent.json"], "absent.json"),
        (["--model", "absent.onnx"], "no such file"),
        (["--model", "nobody"], "there is no model"),
        (["--detector", "nobody"], "there is no model"),
        (["--transfer", "nobody"], "there is no model"),
        (["--passes", "0"], "--passes"),
        (["--least-score", "2"], "--least-score"),
    ],
)
def test_wrong_arguments_are_told_in_one_line(
    pictures: Path,
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    change: Sequence[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    status = predict("--input", pictures, "--output", "o.jsonl", "--model", model, *change)
    assert status == 2
    errors = capsys.readouterr().err
    assert said in errors and errors.count("\n") == 1
    assert not Path("o.jsonl").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes in folders")
def test_a_device_is_not_replaced_by_a_file(
    pictures: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert predict("--input", pictures, "--output", pipe, "--model", model) == 2
    assert "--output - prints" in capsys.readouterr().err
    assert pipe.is_fifo()


def start(*arguments: object, **more: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(ROOT / "main.py"), "predict", *map(str, arguments)]
    return subprocess.Popen(command, **more)


@pytest.fixture
def long_clip(tmp_path: Path) -> Path:
    path = tmp_path / "long.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25, (320, 240))
    for _ in range(500):
        writer.write(two_spots())
    writer.release()
    return path


def test_what_is_done_is_kept_when_it_is_stopped(
    long_clip: Path, model: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out.jsonl"
    output.write_text("old\n")
    given = boxes(tmp_path, long_avi=BOX)
    arguments = ("--input", long_clip, "--output", output, "--model", model, "--boxes", given)
    with start(*arguments, "--passes", 5, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 60
        partial = unfinished(output)
        while time.monotonic() < deadline and not (
            partial.exists() and partial.stat().st_size > 100_000
        ):
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"stopped after" in errors and errors.count(b"\n") == 1
    assert output.read_text() == "old\n"
    kept = list(read(partial))
    assert kept and [r.frame for r in kept] == list(range(len(kept)))


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_terminal_sees_how_far_it_is(clip: Path, model: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    given = boxes(tmp_path, clip_avi=BOX)
    output = tmp_path / "out.jsonl"
    arguments = ("--input", clip, "--output", output, "--model", model, "--boxes", given)
    with start(*arguments, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 4096):
                shown += piece
        except OSError:
            pass
        process.wait(timeout=60)
    os.close(ours)
    assert process.returncode == 0
    assert b"of 4 frames" in shown and b"left" in shown
    assert shown.endswith(b"\r\x1b[K")
