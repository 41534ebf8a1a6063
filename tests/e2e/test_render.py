"""``main.py render`` with a shipped head and the real Blender."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from app.blender.render import load_color, load_depth, load_linear, load_normals, load_segmentation
from app.cli import main
from app.geometry.rotations import Angles, angle_between, matrix_from_blender_xyz
from app.head.library import shipped

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent

pytestmark = pytest.mark.skipif(not shipped(), reason="no head is shipped")

POSE = {"yaw": 24.0, "pitch": -11.0, "roll": 7.0}
SIZE = (160, 120)
IN_BLENDER = (
    "import bpy, runpy, sys; runpy.run_path(sys.argv[1], {'bpy': bpy}, run_name='__main__')"
)


def render(arguments: Sequence[str]) -> int:
    return main(["render", *arguments], lambda _: 9)


def in_blender(script: str, *arguments: str) -> dict[str, Any]:
    """What a script that is given bpy reports, from a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", IN_BLENDER, str(HERE / script), *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=150,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("REPORT ")]
    assert lines, done.stderr[-2000:]
    report: dict[str, Any] = json.loads(lines[-1].removeprefix("REPORT "))
    return report


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One render with everything that can be asked for."""
    folder = tmp_path_factory.mktemp("render")
    names = {
        "output": "a.png",
        "depth": "a.exr",
        "normals": "n.exr",
        "segmentation": "s.png",
        "annotations": "a.json",
        "blend": "a.blend",
    }
    files = {option: folder / name for option, name in names.items()}
    angles = [text for name, value in POSE.items() for text in (f"--{name}", f"{value}")]
    options = [text for option, path in files.items() for text in (f"--{option}", str(path))]
    camera = "distance=0.5,azimuth=10,elevation=5,fov=40,x=0.01"
    picture = ["--size", "x".join(map(str, SIZE)), "--samples", "4", "--lights", "daylight"]
    shape = ["--expression", "happy", "--shape", "jawOpen=0.4"]
    assert render([*angles, "--camera", camera, *picture, *shape, *options]) == 0
    assert sorted(p.name for p in folder.iterdir()) == sorted(names.values())
    return files


def test_all_files_are_of_one_size_and_show_one_head(made: dict[str, Path]) -> None:
    shape = (SIZE[1], SIZE[0])
    depth, segments = load_depth(made["depth"]), load_segmentation(made["segmentation"])
    normals = load_normals(made["normals"])
    assert load_color(made["output"]).shape == (*shape, 3)
    assert depth.shape == segments.shape == normals.shape[:2] == shape
    head = np.isfinite(depth)
    assert 0.15 < head.mean() < 0.9
    assert np.array_equal(segments > 0, head)
    assert np.allclose(np.linalg.norm(normals[head], axis=-1), 1.0, atol=1e-3)
    assert np.all(normals[~head] == 0.0)
    assert 0.3 < depth[head].min() < 0.5
    assert {1, 2, 3} <= set(np.unique(segments))


def test_the_face_is_lit_but_not_burnt(made: dict[str, Path]) -> None:
    skin = load_segmentation(made["segmentation"]) == 1
    color = load_color(made["output"])[skin].astype(float)
    assert 70 < color.mean() < 215
    assert (color.min(axis=-1) > 250).mean() < 0.01


def test_annotations_agree_with_blenders_own_projection(made: dict[str, Path]) -> None:
    truth = json.loads(made["annotations"].read_text("utf-8"))
    seen = in_blender("blend_projection.py", str(made["blend"]))
    assert seen["size"] == list(SIZE) == [truth["camera"]["width"], truth["camera"]["height"]]
    assert set(seen["bones"]) == set(truth["bones"])
    compared = 0
    for name, ends in seen["bones"].items():
        for end, (x, y, depth) in zip(("joint", "tail"), ends, strict=True):
            if depth > 0.05:
                assert truth["bones"][name][end]["pixel"] == pytest.approx([x, y], abs=0.02)
                compared += 1
    assert compared >= 8
    assert seen["packed"]
    assert (seen["engine"], seen["samples"]) == ("CYCLES", 4)
    assert seen["lights"] == ["Sky", "Sun"]


def test_the_reported_rotation_is_the_one_asked_for(made: dict[str, Path]) -> None:
    truth = json.loads(made["annotations"].read_text("utf-8"))
    asked = matrix_from_blender_xyz(Angles(**POSE))
    reported = np.array(truth["head"]["pose"]["rotation_world"])
    assert angle_between(asked, reported) < 0.05
    centre = np.array(in_blender("blend_projection.py", str(made["blend"]))["centre"])
    assert angle_between(asked, centre[:3, :3]) < 0.05
    assert truth["head"]["centre"]["world"] == pytest.approx(centre[:3, 3], abs=1e-6)


def test_depth_of_known_shapes_is_exact(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    found = in_blender("known_shapes.py", str(folder))
    assert min(found["sphere"], found["plane"], found["nothing"]) > 2000
    assert found["other_surface"] <= 40
    assert found["depth_median_mm"] < 0.02
    assert found["depth_p999_mm"] < 1.0
    assert found["normal_p99_degrees"] < 1.0
    assert found["background"] == []
    assert found["left_behind"] == ["depth.exr", "normals.exr", "segmentation.png"]


def test_other_formats_and_a_random_light(tmp_path: Path) -> None:
    options = ["--size", "48x32", "--samples", "1", "--lights", "random", "--seed", "5"]
    jpeg, linear = tmp_path / "a.jpg", tmp_path / "a.exr"
    assert render([*options, "--output", str(jpeg), "--normals", str(tmp_path / "n.png")]) == 0
    assert render([*options, "--output", str(linear), "--no-denoise"]) == 0
    assert load_color(jpeg).shape == load_color(tmp_path / "n.png").shape == (32, 48, 3)
    light = load_linear(linear)
    assert light.shape == (32, 48, 3)
    assert np.isfinite(light).all() and light.max() > 0.05


FAULTS = {
    "--yaw 95": "--yaw 95: give a number from -80 to 80",
    "--pitch x": "--pitch x: give a number from -70 to 70",
    "--roll nan": "--roll nan: give a number from -55 to 55",
    "--head-share 2": "from 0 to 1",
    "--size 640": "give WIDTHxHEIGHT, each 16 to 8192",
    "--size 9x9": "give WIDTHxHEIGHT, each 16 to 8192",
    "--samples 1.5": "give a whole number from 1 to 4096",
    "--samples 0": "give a whole number from 1 to 4096",
    "--engine vray": "there are cycles, eevee",
    "--lights disco": "there are studio, daylight, evening, night, random",
    "--expression bored": "there are neutral, happy, sad, angry, scared",
    "--environment moon": "one of studio, city",
    "--environment ~nobody-of-that-name/a.exr": "No environment",
    "--camera zoom=2": "--camera has no 'zoom'",
    "--camera distance=0": "--camera distance 0: give a number from 0.05 to 100",
    "--camera near=5,far=2": "near must be less than far",
    "--shape jawOpn=0.5": "the nearest are jawOpen",
    "--shape jawOpen": "give a number from 0 to 1",
    "--shape jawOpen=7": "give a number from 0 to 1",
    "--head nobody.fbx": "nobody.fbx",
    "--session gone.headroom": "gone.headroom is not there",
}


@pytest.mark.parametrize("arguments", FAULTS)
def test_faulty_arguments_get_one_clear_line(
    arguments: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "a.png"
    assert render([*arguments.split(" "), "--output", str(output)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert FAULTS[arguments] in said.err
    assert not output.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "say what to write"),
        (["--output", "a.tiff"], "must end in .png, .jpg, .jpeg or .exr"),
        (["--output", "missing/a.png"], "missing is missing"),
        (["--output", "a.exr", "--depth", "a.exr"], "the same name"),
        (["--output", "x" * 300 + ".png"], "too long"),
        (["--output", "caf\udce9.png"], "not UTF-8"),
        (["--output", "folder.png"], "no file that can be replaced"),
    ],
)
def test_files_that_cannot_be_are_refused_before_anything_starts(
    options: list[str],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.png").mkdir()
    assert render(options) == 2
    assert said in capsys.readouterr().err


def _heed_interrupts() -> None:
    """Shells start what runs in the background with SIGINT ignored, and that is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("number", "status", "last_words"),
    [(signal.SIGINT, 130, ["main.py render: stopped."]), (signal.SIGTERM, 143, [])],
)
def test_a_render_that_is_stopped_leaves_no_file_and_no_process(
    number: int, status: int, last_words: list[str], tmp_path: Path
) -> None:
    output, temporary = tmp_path / "out", tmp_path / "tmp"
    output.mkdir()
    temporary.mkdir()
    command = [sys.executable, str(ROOT / "main.py"), "render", "--size", "1600x1200"]
    command += ["--samples", "512", "--output", str(output / "a.png")]
    process = subprocess.Popen(
        command,
        env=os.environ | {"TMPDIR": str(temporary)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_heed_interrupts,
    )
    deadline = time.monotonic() + 60.0
    while not any(temporary.glob("headroom-*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)
    workers = psutil.Process(process.pid).children(recursive=True)
    assert workers
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == status
    assert said.strip().splitlines() == last_words
    assert list(output.iterdir()) == []
    assert list(temporary.glob("headroom-*")) == []
    assert psutil.wait_procs(workers, timeout=5)[1] == []
