"""``main.py generate-driver``: a small data set from end to end, gone on with, and refusals."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.cli import main
from app.dataset import manifest
from app.dataset.driver_truth import BODY_POINTS, HAND_POINTS
from app.dataset.events import read_event
from app.scene.hands_on_wheel import state_of
from app.scene.solids import SEGMENTS

ROOT = Path(__file__).resolve().parents[2]
baking = pytest.mark.skipif(
    find_spec("anny") is None or find_spec("torch") is None, reason="the extra bake is absent"
)


def no_window(_: argparse.Namespace) -> int:
    raise AssertionError("the window was opened")


def generate(*arguments: object) -> tuple[int, list[dict[str, Any]], str]:
    """Run it in a process of its own; exit status, events and what it says to people."""
    done = subprocess.run(
        [sys.executable, "main.py", "generate-driver", "--events", *map(str, arguments)],
        cwd=ROOT,
        input="",
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    events = [event for line in done.stdout.splitlines() if (event := read_event(line))]
    return done.returncode, events, done.stderr


@baking
@pytest.mark.timeout(1200)
def test_a_data_set_is_made_and_gone_on_with_to_the_same_bytes(tmp_path: Path) -> None:
    root = tmp_path / "drivers"
    asked = ("--output", root, "--sequences", 2, "--per-sequence", 2, "--size", 64, "--people", 1,
             "--behaviours", "two-hands", "--seed", 3)  # fmt: skip
    status, events, said = generate(*asked, "--workers", 2)
    assert status == 0 and not said, said
    assert events[-1]["outcome"] == "done" and events[-1]["done"] == 4

    files = {p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file()}
    assert sum(path.suffix == ".jpg" for path in files) == 4
    rows = list(manifest.rows(root))
    assert [row["number"] for row in rows] == [0, 1, 2, 3]
    for row in rows:
        check_picture(root, row)

    (root / "driver_0001/00002/ann_0001.json").unlink()
    (root / manifest.FILE).unlink()
    status, events, said = generate("--output", root, "--workers", 1, "--resume")
    assert status == 0 and not said, said
    assert {p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file()} == files

    assert main(["dataset", "stats", str(root)], no_window) == 0


def check_picture(root: Path, row: dict[str, Any]) -> None:
    from PIL import Image

    from app.dataset.depth_exr import read_depth

    folder = root / row["folder"]
    content = json.loads((folder / f"ann_{row['id']}.json").read_text())
    assert content["behaviour"] == "two-hands" == content["recipe"]["script"]["behaviour"]
    for name in ("left", "right"):
        hand = content["hands"][name]
        assert hand["state"] == row[name] == state_of(hand["distance"])
        assert hand["points"]["names"] == list(HAND_POINTS) and len(HAND_POINTS) == 21
        assert len(hand["points"]["pixels"]) == 21
    assert set(BODY_POINTS) <= set(content["body"]["names"])
    assert content["wheel"]["points"]["names"][0] == "centre"
    left, right = (np.array(content["hands"][n]["points"]["camera"])[0] for n in ("left", "right"))
    assert np.linalg.norm(left - right) > 0.05
    mask = np.asarray(Image.open(folder / f"mask_{row['id']}.png"))
    depth = read_depth(folder / f"depthExr_{row['id']}.exr")
    assert mask.shape == depth.shape == (64, 64)
    assert np.isinf(depth[mask == SEGMENTS.index("outside")]).all()
    assert np.isfinite(depth[mask != SEGMENTS.index("outside")]).all()
    assert (mask == SEGMENTS.index("person")).sum() > 30
    assert row["left_pixels"] == (mask == SEGMENTS.index("left_hand")).sum()


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--sequences", "0"), "--sequences"),
        (("--behaviours", "knitting"), "knitting"),
        (("--workers", "0"), "--workers"),
    ],
)
def test_what_cannot_be_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], named: str
) -> None:
    root = tmp_path / "drivers"
    assert main(["generate-driver", "--output", str(root), *words], no_window) == 2
    text = capsys.readouterr().err.strip()
    assert named in text and "\n" not in text and not root.exists()


@baking
def test_a_folder_that_is_something_else_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    assert main(["generate-driver", "--output", str(tmp_path)], no_window) == 2
    assert "not empty" in capsys.readouterr().err
    assert main(["generate-driver", "--output", str(tmp_path), "--resume"], no_window) == 2
    assert "nothing to resume" in capsys.readouterr().err


def test_an_estimate_tells_pictures_and_space(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "drivers"
    words = ["generate-driver", "--output", str(root), "--estimate", "--sequences", "10"]
    status = main(words, no_window)
    text = capsys.readouterr()
    if find_spec("anny") is None:
        assert status == 2 and "bake" in text.err
    else:
        assert status == 0 and "750 pictures in 10 sequences" in text.out
    assert not root.exists()
