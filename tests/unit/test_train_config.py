"""Settings of training come from files and the command line, and mistakes are named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.training.config import FOLDER, ConfigError, TrainingConfig, load_config
from inference.training.tasks import TASKS

ROOT = Path(__file__).resolve().parents[2]


def main(*words: str, blocked: str = "") -> tuple[int, str]:
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({blocked.split()!r}))\n"
        "from app.cli import main; sys.exit(main(sys.argv[1:], lambda _: 0))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda p: p.stem)
def test_every_file_of_settings_belongs_to_a_task_and_can_be_used(path: Path) -> None:
    assert path.stem in TASKS
    assert load_config(path.stem).name == path.stem


def test_the_command_line_comes_after_the_file_and_the_file_after_the_task(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("batch = 3\nrate = 0.5\n[task]\nwidth = 0.5\ninner = { a = 1, b = 2 }\n")
    config = load_config("face", file, ["rate=0.25", "task.inner.b=3", "schedule=cosine"])
    assert (config.batch, config.rate, config.schedule) == (3, 0.25, "cosine")
    assert config.task["width"] == 0.5
    assert config.task["inner"] == {"a": 1, "b": 3}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("batch", "key=value"),
        ("=3", "key=value"),
        ("batch=0", "batch"),
        ("batch=three", "batch"),
        ("bacth=3", "bacth"),
        ("schedule=sawtooth", "sawtooth"),
        ("precision.kind=1", "precision"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(change: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        load_config("face", None, [change])
    assert "\n" not in str(caught.value)


@given(seed=st.integers(0, 2**31 - 1), rate=st.floats(1e-8, 10.0))
def test_numbers_arrive_as_they_are_written(seed: int, rate: float) -> None:
    config = load_config("no-file", None, [f"seed={seed}", f"rate={rate!r}"])
    assert (config.seed, config.rate) == (seed, rate)
    assert config.steps == TrainingConfig().steps


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_bytes(b"batch = = 3\xff")
    with pytest.raises(ConfigError, match=r"bad\.toml"):
        load_config("face", file)
    with pytest.raises(ConfigError, match=r"gone\.toml"):
        load_config("face", tmp_path / "gone.toml")


def test_the_command_says_what_is_wrong_in_one_line(tmp_path: Path) -> None:
    status, said = main("train", "nose", "--data", str(tmp_path))
    assert status == 2
    assert "nose" in said
    assert said.count("\n") == 1
    pytest.importorskip("torch", reason="the extra 'train' is not installed")
    status, said = main("train", "face", "--data", str(tmp_path), "--run", str(tmp_path / "run"))
    assert (status, said.count("\n")) == (2, 1)
    assert "shards" in said
    status, said = main("export", "face", "--run", str(tmp_path / "run"))
    assert (status, said.count("\n")) == (2, 1)
    assert "main.py train face" in said
    assert not (tmp_path / "run").exists()


def test_without_torch_the_command_says_what_to_install(tmp_path: Path) -> None:
    status, said = main("train", "face", "--data", str(tmp_path), blocked="torch")
    assert (status, said.count("\n")) == (1, 1)
    assert "headroom[train]" in said
