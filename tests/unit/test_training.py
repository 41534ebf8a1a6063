"""Training goes on where it was left, as if it had never stopped."""

from __future__ import annotations

import json
import math
import os
import pickle
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="the extra 'train' is not installed")

from inference.training.checkpoint import (  # noqa: E402
    BEST,
    LAST,
    CheckpointError,
    read_checkpoint,
)
from inference.training.config import TrainingConfig  # noqa: E402
from inference.training.loading import Order, holdout_batches, training_batches  # noqa: E402
from inference.training.mean import WeightMean  # noqa: E402
from inference.training.measuring import TrainingError  # noqa: E402
from inference.training.precision import Computation, Computed, computation  # noqa: E402
from inference.training.schedule import rate_at  # noqa: E402
from inference.training.trainer import Run, Trainer  # noqa: E402
from tests.unit.small_task import HalvesTask  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def settings_of(**changes: object) -> TrainingConfig:
    plain = {"name": "halves", "batch": 8, "steps": 30, "precision": "float32", "workers": 0}
    return TrainingConfig(**{**plain, **changes})


def trainer(folder: Path, task: HalvesTask | None = None, **changes: object) -> Trainer:
    config = settings_of(**changes)
    way = computation(config, "cpu")
    facts = {"samples": 52, "torch": torch.__version__}
    run = Run(task or HalvesTask(), config, folder, way, None, facts)
    return Trainer(run, lambda _: None, lambda _: None)


def after(steps: int):
    """Asked before every step: has it been so many?"""
    left = iter(range(steps))
    return lambda: next(left, None) is None


class TestGoingOn:
    def test_weights_are_those_of_a_run_that_was_never_stopped(self, tmp_path: Path) -> None:
        trainer(tmp_path / "whole").train(lambda: False)
        first, second = HalvesTask(), HalvesTask()
        stopped = trainer(tmp_path / "parts", first).train(after(11))
        assert (stopped.step, stopped.finished) == (11, "")
        assert trainer(tmp_path / "parts", second).train(lambda: False).finished
        whole = read_checkpoint(tmp_path / "whole" / LAST)
        parts = read_checkpoint(tmp_path / "parts" / LAST)
        assert len(first.steps) + len(second.steps) == 30
        for name, value in whole.state["network"].items():
            assert torch.equal(value, parts.state["network"][name]), name
        for name, value in whole.mean.items():
            assert torch.equal(value, parts.mean[name]), name

    def test_a_finished_run_is_left_as_it_is(self, tmp_path: Path) -> None:
        trainer(tmp_path).train(lambda: False)
        before = (tmp_path / LAST).read_bytes()
        task = HalvesTask()
        assert trainer(tmp_path, task).train(lambda: False).finished == "all steps"
        assert not task.steps
        assert (tmp_path / LAST).read_bytes() == before

    def test_a_finished_run_goes_on_with_a_longer_limit(self, tmp_path: Path) -> None:
        trainer(tmp_path).train(lambda: False)
        task = HalvesTask()
        progress = trainer(tmp_path, task, steps=40).train(lambda: False)
        assert (progress.step, progress.finished) == (40, "all steps")
        assert len(task.steps) == 10

    def test_other_settings_are_refused_by_name(self, tmp_path: Path) -> None:
        trainer(tmp_path).train(after(3))
        with pytest.raises(CheckpointError, match=r"other settings \(rate\)"):
            trainer(tmp_path, rate=1e-4)
        trainer(tmp_path, checkpoint_seconds=1.0)

    def test_a_kill_at_any_moment_leaves_a_run_that_goes_on(self, tmp_path: Path) -> None:
        code = (
            "import sys; sys.path[:0] = [sys.argv[1]]\n"
            "import pathlib, tests.unit.test_training as t; t.torch.set_num_threads(1)\n"
            "print('ready', flush=True)\n"
            "t.trainer(pathlib.Path(sys.argv[2]), steps=10**6, checkpoint_seconds=1e-3,"
            " measure_seconds=1e-2).train(lambda: False)\n"
        )
        words = [sys.executable, "-c", code, str(ROOT), str(tmp_path)]
        child = subprocess.Popen(words, stdout=subprocess.PIPE, cwd=ROOT)
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == b"ready\n"
            limit = time.monotonic() + 60
            while not (tmp_path / LAST).exists() and time.monotonic() < limit:
                time.sleep(0.02)
            time.sleep(0.3)
        finally:
            child.kill()
            child.communicate()
        killed = read_checkpoint(tmp_path / LAST).progress.step
        task = HalvesTask()
        progress = trainer(tmp_path, task, steps=10**6).train(after(3))
        assert killed > 0
        assert progress.step == killed + 3
        lines = [json.loads(x) for x in (tmp_path / "log.jsonl").read_text().splitlines()]
        assert [x["step"] for x in lines] == sorted(x["step"] for x in lines)


class TestTheLoop:
    def test_it_learns_and_keeps_the_best(self, tmp_path: Path) -> None:
        made = trainer(tmp_path, steps=150, rate=1e-2, ema=0.9)
        untrained = made._measure(None)["score"]
        progress = made.train(lambda: False)
        best = read_checkpoint(tmp_path / BEST)
        assert best.figures["score"] == pytest.approx(progress.score)
        assert progress.score < 0.3 * untrained
        assert not best.state

    def test_it_ends_early_when_nothing_gets_better(self, tmp_path: Path) -> None:
        class Stuck(HalvesTask):
            def measure(self, network, batches):
                return {"score": 1.0 + 0.0 * super().measure(network, batches)["score"]}

        made = trainer(tmp_path, Stuck(), steps=10**6, measure_seconds=1e-9, patience=3)
        assert made.train(lambda: False).finished == "no better score in 3 looks"
        assert made.progress.step == 4

    def test_it_keeps_to_a_limit_of_time(self, tmp_path: Path) -> None:
        task = HalvesTask()
        made = trainer(tmp_path, task, steps=10**6)
        made.run = Run(task, made.run.config, tmp_path, made.run.way, 0.5 / 60, {})
        begun = time.monotonic()
        assert made.train(lambda: False).finished == "the limit of time"
        assert time.monotonic() - begun < 5.0
        assert task.fractions == sorted(task.fractions)
        assert task.fractions[-1] > 0.5

    def test_a_loss_that_is_no_number_is_passed_over(self, tmp_path: Path) -> None:
        made = trainer(tmp_path, HalvesTask(spoiled=range(5, 9)))
        assert made.train(lambda: False).finished == "all steps"
        values = read_checkpoint(tmp_path / LAST).state["network"].values()
        assert all(bool(torch.isfinite(v).all()) for v in values)

    def test_a_loss_that_stays_no_number_ends_the_run(self, tmp_path: Path) -> None:
        made = trainer(tmp_path, HalvesTask(spoiled=range(5, 10**6)), steps=10**6)
        with pytest.raises(TrainingError, match="lower the rate"):
            made.train(lambda: False)

    @pytest.mark.parametrize("part", ["train", "holdout"])
    def test_data_without_people_to_learn_or_to_measure_are_refused(
        self, tmp_path: Path, part: str
    ) -> None:
        with pytest.raises(TrainingError, match=r"people|person"):
            trainer(tmp_path, HalvesTask(**{part: 0})).train(lambda: False)


class TestBatches:
    @given(
        count=st.integers(1, 30),
        batch=st.integers(1, 9),
        seed=st.integers(0, 99),
        first=st.integers(0, 12),
    )
    def test_order_does_not_depend_on_where_it_begins(
        self, count: int, batch: int, seed: int, first: int
    ) -> None:
        def some(order: Order, steps: int) -> list[list[tuple[int, int]]]:
            batches = iter(order)
            return [next(batches) for _ in range(steps)]

        whole = some(Order(count, batch, seed, 0), first + 4)
        assert some(Order(count, batch, seed, first), 4) == whole[first:]
        places = [place for places in whole for place in places]
        assert [position for position, _ in places] == list(range(len(places)))
        for start in range(0, len(places) - count + 1, count):
            assert sorted(i for _, i in places[start : start + count]) == list(range(count))

    def test_processes_make_the_same_batches(self) -> None:
        samples = HalvesTask().data("train")
        alone = training_batches(samples, 8, 1, 2, 0, False)
        helped = training_batches(samples, 8, 1, 2, 2, False)
        for _ in range(7):
            a, b = next(alone), next(helped)
            assert all(torch.equal(a[key], b[key]) for key in a)

    def test_people_held_out_are_all_seen_once_and_in_order(self) -> None:
        samples = HalvesTask(holdout=11).data("holdout")
        batches = list(holdout_batches(samples, np.arange(11), 4, 0, False))
        assert [i for b in batches for i in b["index"].tolist()] == list(range(11))


class TestSchedule:
    @given(
        fraction=st.floats(0.0, 1.0),
        warm_up=st.floats(0.0, 1.0),
        schedule=st.sampled_from(["one-cycle", "cosine"]),
    )
    def test_the_rate_stays_between_its_ends(
        self, fraction: float, warm_up: float, schedule: str
    ) -> None:
        config = TrainingConfig(schedule=schedule, warm_up=warm_up, rate=2.0, final_rate=0.001)
        assert 0.002 * (1 - 1e-9) <= rate_at(fraction, config) <= 2.0 * (1 + 1e-9)

    def test_it_rises_and_falls(self) -> None:
        config = TrainingConfig(warm_up=0.25, rate=1.0)
        rates = [rate_at(f, config) for f in np.linspace(0, 1, 41)]
        assert np.argmax(rates) == 10
        assert rates[:11] == sorted(rates[:11])
        assert rates[10:] == sorted(rates[10:], reverse=True)
        assert rates[-1] == pytest.approx(config.final_rate)


class TestMean:
    @settings(max_examples=20)
    @given(keep=st.floats(0.0, 0.99), steps=st.integers(1, 12))
    def test_it_is_the_exponential_mean(self, keep: float, steps: int) -> None:
        layer = torch.nn.Linear(1, 1, bias=False)
        mean = WeightMean(layer, keep)
        expected = float(layer.weight.detach())
        for step in range(steps):
            with torch.no_grad():
                layer.weight.fill_(float(step * step))
            mean.follow(step)
            share = min(keep, (1 + step) / (10 + step))
            expected = share * expected + (1 - share) * step * step
        assert float(mean.values["weight"]) == pytest.approx(expected, rel=1e-4, abs=1e-4)
        with mean.applied():
            assert float(layer.weight.detach()) == pytest.approx(expected, rel=1e-4, abs=1e-4)
        assert float(layer.weight.detach()) == (steps - 1) ** 2


class TestPrecision:
    WAY = Computation(CPU, torch.bfloat16, True, False, 0)

    def test_outputs_are_single_and_linear_layers_do_not_round(self) -> None:
        torch.manual_seed(0)
        layer = torch.nn.Linear(64, 64)
        x = torch.rand(4, 64)
        truth = layer(x)
        found = Computed(layer, self.WAY)(x)
        assert found.dtype is torch.float32
        assert torch.allclose(found, truth, rtol=1e-6, atol=1e-6)

    def test_a_module_that_asks_for_it_does_not_round(self) -> None:
        torch.manual_seed(0)
        plain = torch.nn.Conv2d(8, 8, 3)
        exact = torch.nn.Conv2d(8, 8, 3)
        exact.load_state_dict(plain.state_dict())
        exact.exact = True
        x = torch.rand(2, 8, 9, 9)
        truth = plain(x)
        assert torch.allclose(Computed(exact, self.WAY)(x), truth, rtol=1e-5, atol=1e-6)
        assert not torch.allclose(Computed(plain, self.WAY)(x), truth, rtol=1e-5, atol=1e-6)

    def test_a_compiler_that_fails_is_done_without(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def compiler(_: object) -> object:
            def run(*_: object) -> object:
                raise RuntimeError("no compiler here")

            return run

        monkeypatch.setattr(torch, "compile", compiler)
        layer = torch.nn.Linear(3, 3)
        x = torch.rand(2, 3)
        with pytest.warns(UserWarning, match="not compiled: no compiler here"):
            found = Computed(layer, Computation(CPU, torch.float32, False, True, 0))(x)
        assert torch.equal(found, layer(x))

    def test_a_device_that_is_not_there_is_named(self) -> None:
        with pytest.raises(ValueError, match="--device teapot"):
            computation(settings_of(), "teapot")


class TestCheckpoints:
    @pytest.mark.parametrize("part", [0.0, 0.3, 0.99])
    def test_a_file_cut_short_is_refused_in_one_line(self, tmp_path: Path, part: float) -> None:
        trainer(tmp_path).train(after(1))
        path = tmp_path / LAST
        data = path.read_bytes()
        path.write_bytes(data[: math.floor(len(data) * part)])
        with pytest.raises(CheckpointError, match="no checkpoint that can be read"):
            read_checkpoint(path)

    def test_nothing_in_a_file_is_executed(self, tmp_path: Path) -> None:
        class Harm:
            def __reduce__(self):
                return os.system, (f"touch {tmp_path / 'harm'}",)

        path = tmp_path / LAST
        path.write_bytes(pickle.dumps({"format": 1, "task": Harm()}, protocol=2))
        with pytest.raises(CheckpointError):
            read_checkpoint(path)
        torch.save({"format": 1, "task": Harm()}, path)
        with pytest.raises(CheckpointError):
            read_checkpoint(path)
        assert not (tmp_path / "harm").exists()

    def test_another_network_is_refused(self, tmp_path: Path) -> None:
        trainer(tmp_path).train(after(1))

        class Wider(HalvesTask):
            def network(self):
                return torch.nn.Linear(3, 3)

        with pytest.raises(CheckpointError, match="another network"):
            trainer(tmp_path, Wider())
