"""``main.py generate``: small data sets from end to end, and what is refused."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.dataset import manifest
from app.dataset.events import read_event
from app.dataset.run_checks import check_space, complaints
from app.dataset.run_record import read_record
from app.dataset.spec import DatasetSpec, SpecError
from app.dataset.synface import read

ROOT = Path(__file__).resolve().parents[2]
SMALL = ("--size", "64x64", "--topologies", "ibug-68")


def no_window(_: argparse.Namespace) -> int:
    raise AssertionError("the window was opened")


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line with which ``generate`` refuses."""
    try:
        status = main(["generate", *map(str, arguments)], no_window)
    except SystemExit as left:
        status = int(left.code or 0)
    text = capsys.readouterr().err.strip()
    assert status == 2, text
    assert text and "\n" not in text
    return text


def generate(*arguments: object, words: str = "") -> tuple[int, list[dict[str, Any]]]:
    """Run it in a process of its own; exit status and events."""
    done = subprocess.run(
        [sys.executable, "main.py", "generate", "--events", *map(str, arguments)],
        cwd=ROOT,
        input=words,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    events = [event for line in done.stdout.splitlines() if (event := read_event(line))]
    assert not done.stderr, done.stderr
    return done.returncode, events


def test_a_small_data_set_has_all_its_files(tmp_path: Path) -> None:
    root = tmp_path / "set"
    status, events = generate(
        *("--output", root, "--heads", "builtin:ada", "builtin:ben", "--per-person", 4),
        *("--poses", "headrot,balanced", "--backgrounds", "plain", "texture"),
        *("--expressions", "happy", "--effects", "all", "--workers", 1, *SMALL),
    )
    assert status == 0
    kinds = [event["event"] for event in events]
    assert kinds[0] == "plan" and kinds[-1] == "end" and "frame" in kinds
    assert events[-1]["done"] == events[0]["frames"] == 8
    plan = read_record(root).plan
    for number in range(8):
        frame = plan.frame(number)
        names = [("rgb", "jpg"), ("depthExr", "exr"), ("data", "txt"), ("ann", "json")]
        assert all((root / frame.file(*name)).stat().st_size for name in names)
        text = read(root / frame.file("data", "txt"))
        assert abs(text.head_rotation.yaw) <= 80.0
        content = json.loads((root / frame.file("ann", "json")).read_bytes())
        assert len(content["landmarks"]["ibug-68"]["pixels"]) == 68
        assert any(w for w in content["head"]["shapes"].values())
    assert {p.name for p in root.iterdir()} == {
        *("dataset.json", "manifest.parquet", "female", "male")
    }
    assert [row["number"] for row in manifest.rows(root)] == list(range(8))
    again, events = generate("--output", root, "--resume")
    assert again == 0 and "frames were there" in events[-1]["text"]


def test_a_run_that_is_cancelled_goes_on_to_the_same_end(tmp_path: Path) -> None:
    asked = ("--heads", "builtin:ada", "--per-person", 8, "--workers", 1, *SMALL)
    status, events = generate("--output", tmp_path / "a", *asked, words="cancel\n")
    assert status == 1 and events[-1]["outcome"] == "cancelled"
    assert events[-1]["done"] < 8
    status, events = generate("--output", tmp_path / "a", "--resume", words="pause\nresume\n")
    assert status == 0 and events[-1]["done"] == 8


def test_cycles_makes_the_same_files(tmp_path: Path) -> None:
    root = tmp_path / "set"
    status, events = generate(
        *("--output", root, "--heads", "builtin:ada", "--per-person", 2, "--poses", "HeadRot"),
        *("--renderer", "cycles", "--samples", 2, "--workers", 1, *SMALL),
    )
    assert status == 0, events
    frame = read_record(root).plan.frame(1)
    assert (root / frame.file("depthExr", "exr")).exists()
    assert {row["renderer"] for row in manifest.rows(root)} == {"cycles"}


def test_what_fails_is_listed_and_the_rest_is_done(tmp_path: Path) -> None:
    """A picture that is none spoils its own frame."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "none.jpg").write_bytes(b"this is no picture")
    status, events = generate(
        *("--output", tmp_path / "set", "--heads", "builtin:ada", "--per-person", 4),
        *("--backgrounds", "plain", "pictures", "--pictures", pictures, "--poses", "HeadRot"),
        *("--expressions", "neutral", "--workers", 1, *SMALL),
    )
    assert status == 1
    assert events[-1]["done"] == 2 and events[-1]["failed"] == 2
    listed = (tmp_path / "set" / "failed.jsonl").read_text().splitlines()
    assert [json.loads(line)["number"] for line in listed] == [1, 3]
    assert "none.jpg" in json.loads(listed[0])["reason"]
    assert len(list(manifest.rows(tmp_path / "set"))) == 2


def test_a_picture_that_kills_its_worker_is_given_up(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path;"
        "from app.dataset.estimate import Pace; from app.dataset.run import Controls, Run;"
        "from app.dataset.run_record import new_record, write_record;"
        "from app.dataset.plan import Plan; from app.dataset.run_checks import gather_inputs;"
        "from app.dataset.spec import DatasetSpec;"
        "spec = DatasetSpec(heads=('builtin:ada',), per_person=4, width=64, height=64);"
        "plan = Plan(spec, gather_inputs(spec)); root = Path(sys.argv[1]); root.mkdir();"
        "write_record(root, new_record(plan));"
        "outcome = Run(plan, root, workers=1, tell=lambda e: None, controls=Controls(),"
        "    pace=Pace(), maker='tests.e2e.deadly:DeadlyMaker')();"
        "print(outcome.done, outcome.failed)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "set")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.stdout.split() == ["3", "1"], done.stderr
    listed = json.loads((tmp_path / "set" / "failed.jsonl").read_text())
    assert listed["number"] == 2 and "died 3 times" in listed["reason"]


def test_an_estimate_touches_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("--people", "30", "--per-person", "100", "--estimate", "--workers", "2")
    if not all(map(find_spec, ("torch", "anny"))):
        pytest.skip("the extra 'bake' is not installed")
    assert main(["generate", "--output", str(tmp_path / "x"), *asked], no_window) == 0
    text = capsys.readouterr().out
    assert "3000 frames of 30 heads" in text and "GB" in text
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--heads", "builtin:nobody"), "nobody"),
        (("--heads", "/nowhere/head.fbx"), "nowhere"),
        (("--heads", "builtin:ada", "--people", 3), "Give people"),
        ((), "Give people"),
        (("--heads", "builtin:ada", "--poses", "Dance"), "'dance'"),
        (("--heads", "builtin:ada", "--size", "12"), "640x480"),
        (("--heads", "builtin:ada", "--size", "12x12"), "width"),
        (("--heads", "builtin:ada", "--per-person", 0), "--per-person"),
        (("--heads", "builtin:ada", "--workers", 0), "--workers"),
        (("--heads", "builtin:ada", "--effect-share", 2), "--effect-share"),
        (("--heads", "builtin:ada", "--topologies", "none-3"), "none-3"),
        (("--heads", "builtin:ada", "--poses", "Replay"), "--replay"),
        (("--heads", "builtin:ada", "--poses", "Replay", "--replay", "/no.csv"), "no.csv"),
        (("--heads", "builtin:ada", "--scheduler", "a", "--workers", 1), "not allowed"),
        (("--heads", "builtin:ada", "--scheduler", "tcp://127.0.0.1:1"), "No scheduler"),
        (("--heads", "builtin:ada", "--scheduler", "here"), "No scheduler"),
        (("--resume", "--output", "/proc/nothing", "--heads", "builtin:ada"), "/proc"),
    ],
)
def test_bad_input_is_refused_in_one_line(
    arguments: tuple[object, ...],
    word: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = () if "--output" in arguments else ("--output", tmp_path / "set")
    assert word in refused(capsys, *output, *arguments)


def test_folders_are_refused_that_hold_something(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other.txt").write_text("mine")
    ada = ("--heads", "builtin:ada")
    assert "not empty" in refused(capsys, "--output", tmp_path, *ada)
    assert "nothing to resume" in refused(capsys, "--output", tmp_path, "--resume", *ada)
    assert "is a file" in refused(capsys, "--output", tmp_path / "other.txt", *ada)
    (tmp_path / "pictures").mkdir()
    asked = ("--backgrounds", "pictures", "--pictures", tmp_path / "pictures")
    assert "no pictures" in refused(capsys, "--output", tmp_path / "set", *ada, *asked)
    assert not (tmp_path / "set").exists()


def test_a_disk_that_is_too_small_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="GB free"):
        check_space(tmp_path / "not" / "there", 10**18)


def test_another_spec_does_not_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generate("--output", tmp_path / "a", "--heads", "builtin:ada", "--per-person", 1, *SMALL)
    text = refused(capsys, "--output", tmp_path / "a", "--resume", "--size", "128x64")
    assert "width was 64, now 128" in text


@pytest.mark.parametrize(
    "name", ["malformed/truncated", "rigged/blender_293_barbarian_7400_binary"]
)
def test_a_head_that_cannot_be_used_is_refused_and_leaves_no_folder(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = ROOT.parent / "shared" / "data" / "fbx" / f"{name}.fbx"
    if not file.is_file():
        pytest.skip(f"{file.name} is not there")
    said = refused(capsys, "--output", tmp_path / "new" / "set", "--heads", file, "--workers", 1)
    assert said.count(file.name) == 1
    assert not (tmp_path / "new").exists()


def test_lines_of_a_recorded_sequence_that_were_left_out_are_told(tmp_path: Path) -> None:
    (tmp_path / "poses.csv").write_text("frame,yaw,pitch,roll\n0,1,2,3\n1,4,x,6\n")
    spec = DatasetSpec(heads=("builtin:ada",), replay=(str(tmp_path / "poses.csv"),))
    (said,) = complaints(spec)
    assert "poses.csv: 1 line was left out: line 3" in said
