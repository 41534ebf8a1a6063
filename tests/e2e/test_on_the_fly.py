"""Training on people that are rendered meanwhile: who makes them, and how that ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")
pytest.importorskip("anny", reason="needs the extra 'train'")

from app.dataset.packed import Packed
from inference.training.on_the_fly import Producer, ProducerError, Wanted

ROOT = Path(__file__).resolve().parents[2]


def test_a_network_learns_from_people_rendered_for_it(tmp_path: Path) -> None:
    words = ["train", "head-pose", "--on-the-fly", "--people", "2", "--run", str(tmp_path / "run")]
    for change in ("steps=3", "batch=4", "workers=0", "measure_samples=8"):
        words += ["--set", change]
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *words],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "finished after 3 steps" in done.stderr
    assert (tmp_path / "run" / "best.pt").is_file()
    assert set(Packed([tmp_path / "run" / "shards"]).people) == {0, 1}


def test_one_person_alone_is_too_few(tmp_path: Path) -> None:
    with (
        Producer(tmp_path, Wanted(people=1, per_person=2)) as producer,
        pytest.raises(ProducerError, match="ask for more"),
    ):
        producer.wait(lambda: False)
    assert len(Packed(producer.take())) == 2


def test_nothing_is_left_of_it_afterwards(tmp_path: Path) -> None:
    with Producer(tmp_path, Wanted(people=100, per_person=40)) as producer:
        assert not producer.wait(lambda: True)
        assert not producer.take()
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(tmp_path) in _words(p)]


def test_what_it_cannot_make_is_told_in_one_line(tmp_path: Path) -> None:
    with (
        Producer(tmp_path, Wanted(people=0)) as producer,
        pytest.raises(ProducerError, match=r"no more data: .*--people") as caught,
    ):
        producer.wait(lambda: False)
    assert "\n" not in str(caught.value)


def _words(process: psutil.Process) -> str:
    return " ".join(process.info["cmdline"] or ())
