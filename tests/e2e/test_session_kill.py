"""A process killed in the middle of saving leaves the old file or the new one."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from app.paths import ROOT
from app.session.session_file import read

KILLS = 50

SAVE_FOR_EVER = """
import sys
from pathlib import Path
from app.head.pose import HeadPose
from app.scene.scene import HeadFile, Light, Scene
from app.session.session_file import Session, write

path, number = Path(sys.argv[1]), int(sys.argv[2])
lights = tuple(Light(f"Light {i}") for i in range(1000))
while True:
    number += 1
    poses = HeadPose(yaw=number % 80, pitch=number % 70, shapes={"number": number % 1000000})
    write(path, Session(Scene(HeadFile("builtin:ada"), poses, lights=lights), {"number": number}))
    if number % 3 == 0:
        print(number, flush=True)
"""


def test_killed_fifty_times_in_mid_save(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    path = folder / "work.headroom"
    chance = random.Random(7)
    last, mid_save = 0, 0
    for _ in range(KILLS):
        child = subprocess.Popen(
            [sys.executable, "-c", SAVE_FOR_EVER, str(path), str(last)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        said = int(child.stdout.readline())
        time.sleep(chance.uniform(0.0, 0.03))
        child.kill()
        rest = child.communicate(timeout=30)[0].split()
        said = int(rest[-1]) if rest and rest[-1].isdigit() else said
        session = read(path)
        number = session.window["number"]
        assert number >= said - 3, "an older file than the last that was saved"
        assert session.scene.pose.shapes["number"] == number
        assert len(session.scene.lights) == 1000
        left = [file for file in folder.iterdir() if file != path]
        mid_save += bool(left)
        for file in left:
            file.unlink()
        last = number
    assert mid_save > 0, "no kill hit the middle of a save; the test proves nothing"
