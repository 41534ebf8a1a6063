"""The training loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import msgspec
import torch
from torch import Tensor, nn

from inference.training.checkpoint import (
    BEST,
    LAST,
    Checkpoint,
    CheckpointError,
    Progress,
    read_checkpoint,
    write_checkpoint,
)
from inference.training.config import TrainingConfig
from inference.training.loading import training_batches
from inference.training.log import Log
from inference.training.mean import WeightMean
from inference.training.measuring import TrainingError, drawn, measured, moved
from inference.training.optimiser import optimiser
from inference.training.precision import Computation, Computed
from inference.training.schedule import rate_at
from inference.training.task import Batch, Paced, Task
from inference.training.telling import Told, Window

_BAD_STEPS: Final = 50
_TELL_SECONDS: Final = 2.0
_LOG_STEPS: Final = 50
ALL_TIME: Final = "the limit of time"
ALL_STEPS: Final = "all steps"
_FREE: Final = {
    "steps",
    "workers",
    "checkpoint_seconds",
    "measure_seconds",
    "measure_samples",
    "patience",
    "compiled",
    "channels_last",
    "precision",
}
"""Settings that may differ when a run goes on."""


@dataclass(frozen=True)
class Run:
    """What is trained, where and how long.

    Attributes
    ----------
    task : Task
    config : TrainingConfig
    folder : Path
        Of the run.
    way : Computation
    minutes : float, optional
        Limit of time.
    facts : dict
        For the card.
    """

    task: Task
    config: TrainingConfig
    folder: Path
    way: Computation
    minutes: float | None
    facts: dict[str, Any]


class Trainer:
    """Trains from the start, or from where the run in the folder was left.

    Raises
    ------
    CheckpointError
        The folder holds a run that cannot go on like this.
    """

    def __init__(self, run: Run, tell: Callable[[Told], None], say: Callable[[str], None]) -> None:
        self.run, self._tell, self._say = run, tell, say
        config, way = run.config, run.way
        torch.manual_seed(config.seed)
        layout = torch.channels_last if way.channels_last else torch.contiguous_format
        self._plain = run.task.network().to(way.device, memory_format=layout)
        self._network = Computed(self._plain, way)
        self._mean = WeightMean(self._plain, config.ema)
        self._optimiser = optimiser(self._plain, config)
        self._scaler = torch.amp.GradScaler(
            way.device.type, enabled=way.kind is torch.float16, init_scale=2.0**12
        )
        self.progress = Progress()
        self.figures: dict[str, float] = {}
        run.folder.mkdir(parents=True, exist_ok=True)
        if (run.folder / LAST).is_file():
            self._restore(read_checkpoint(run.folder / LAST))

    def train(self, stopped: Callable[[], bool]) -> Progress:
        """Train to the end, or until ``stopped``; the state is saved either way.

        A run that ended at its limit goes on where it has more time or steps now; the rate of
        learning rises again to where the longer run would be.

        Raises
        ------
        TrainingError
        """
        if self.progress.finished:
            if self.progress.finished not in (ALL_TIME, ALL_STEPS) or self._fraction() >= 1.0:
                return self.progress
            self.progress = replace(self.progress, finished="")
        log = Log(self.run.folder, self.progress.step)
        if not log.has_board:
            self._say("TensorBoard is not installed: the figures go to log.jsonl alone")
        self._plain.train()
        try:
            finished = self._loop(log, stopped)
            if finished:
                self._end(log, finished)
            self._save()
        finally:
            log.close()
        return self.progress

    def renew(self, task: Task, facts: dict[str, Any]) -> None:
        """Go on with the same network and other data, the next time that it trains."""
        self.run = replace(self.run, task=task, facts=facts)

    def _loop(self, log: Log, stopped: Callable[[], bool]) -> str:
        config, way = self.run.config, self.run.way
        samples = self.run.task.data("train")
        if not len(samples):
            raise TrainingError("there are no samples of people to train on")
        first = self.progress.step
        pinned = way.device.type == "cuda"
        batches = training_batches(samples, config.batch, config.seed, first, way.workers, pinned)
        window = Window(config.batch)
        begun = time.monotonic() - self.progress.seconds
        saved = looked = time.monotonic()
        bad = 0
        while not stopped():
            step = self.progress.step
            fraction = self._fraction()
            if fraction >= 1.0:
                return ALL_TIME if step < config.steps else ALL_STEPS
            terms = self._step(moved(next(batches), self.run.way), fraction)
            bad = 0 if terms else bad + 1
            if bad >= _BAD_STEPS:
                raise TrainingError(
                    f"the loss has not been finite for {bad} steps: lower the rate "
                    f"(--set rate={config.rate / 3:.1g}); the last good state is kept"
                )
            self._mean.follow(step)
            now = time.monotonic()
            self.progress = replace(self.progress, step=step + 1, seconds=now - begun)
            window.add(terms)
            if window.count >= _LOG_STEPS:
                rate = rate_at(fraction, config)
                log.scalars("train", step + 1, {**window.means(), "rate": rate})
                window.clear()
            if now - window.told > _TELL_SECONDS:
                window.told = now
                self._tell(self._state(window))
            if now - looked > config.measure_seconds:
                self._look(log)
                looked = time.monotonic()
                if config.patience and self.progress.waited >= config.patience:
                    return f"no better score in {self.progress.waited} looks"
            if now - saved > config.checkpoint_seconds and not bad:
                self._save()
                saved = time.monotonic()
        return ""

    def _step(self, batch: Batch, fraction: float) -> dict[str, float]:
        """One step of descent; no terms where the loss or its gradient is not finite."""
        config, task = self.run.config, self.run.task
        if isinstance(task, Paced):
            task.pace(fraction)
        for group in self._optimiser.param_groups:
            group["lr"] = rate_at(fraction, config)
        self._optimiser.zero_grad(set_to_none=True)
        terms = task.loss(self._network, batch)
        if not torch.isfinite(terms["sum"]):
            return {}
        self._scaler.scale(terms["sum"]).backward()
        self._scaler.unscale_(self._optimiser)
        most = config.clip or float("inf")
        norm = nn.utils.clip_grad_norm_(self._plain.parameters(), most)
        sound = bool(torch.isfinite(norm))
        if sound or self._scaler.is_enabled():
            self._scaler.step(self._optimiser)
            self._scaler.update()
        if not sound:
            return {}
        return {**{k: float(v.detach()) for k, v in terms.items()}, "gradient": float(norm)}

    def _look(self, log: Log) -> None:
        """Measure the mean weights on the hold-out; keep them where they are the best so far."""
        with self._mean.applied():
            figures = self._measure(self.run.config.measure_samples)
            run = self.run
            pixels = drawn(run.task, self._plain, run.config.batch, run.way)
        if pixels is not None:
            log.picture("holdout", self.progress.step, pixels)
        score = figures["score"]
        better = score < self.progress.score
        waited = 0 if better else self.progress.waited + 1
        self.progress = replace(self.progress, score=min(score, self.progress.score), waited=waited)
        self.figures = figures
        log.scalars("holdout", self.progress.step, figures)
        if better:
            write_checkpoint(self.run.folder / BEST, self._checkpoint(self._mean.values, {}))

    def _end(self, log: Log, why: str) -> None:
        """A last look, then the figures of the best weights over the whole hold-out."""
        self._look(log)
        self.progress = replace(self.progress, finished=why)
        if not (self.run.folder / BEST).is_file():
            return
        best = read_checkpoint(self.run.folder / BEST)
        self._mean.load(best.mean)
        with self._mean.applied():
            self.figures = self._measure(None)
        log.scalars("end", self.progress.step, self.figures)
        write_checkpoint(self.run.folder / BEST, self._checkpoint(best.mean, {}))

    def _measure(self, most: int | None) -> dict[str, float]:
        run = self.run
        return measured(run.task, self._plain, run.config, run.way, most)

    def _fraction(self) -> float:
        done = self.progress.step / self.run.config.steps
        if self.run.minutes is not None:
            done = max(done, self.progress.seconds / (60.0 * self.run.minutes))
        return min(1.0, done)

    def _state(self, window: Window) -> Told:
        progress, fraction = self.progress, self._fraction()
        left = progress.seconds * (1.0 - fraction) / max(fraction, 1e-9)
        per_second = progress.step * self.run.config.batch / max(progress.seconds, 1e-9)
        return Told(progress.step, fraction, left, per_second, window.loss(), progress.score)

    def _save(self) -> None:
        state: dict[str, Any] = {
            "network": self._plain.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "scaler": self._scaler.state_dict(),
            "chance": torch.get_rng_state(),
        }
        if self.run.way.device.type == "cuda":
            state["chance_gpu"] = torch.cuda.get_rng_state(self.run.way.device)
        write_checkpoint(self.run.folder / LAST, self._checkpoint(self._mean.values, state))

    def _checkpoint(self, mean: dict[str, Tensor], state: dict[str, Any]) -> Checkpoint:
        config = msgspec.to_builtins(self.run.config)
        name = self.run.config.name
        return Checkpoint(name, config, self.run.facts, self.progress, self.figures, mean, state)

    def _restore(self, checkpoint: Checkpoint) -> None:
        folder = self.run.folder
        if checkpoint.task != self.run.config.name:
            raise CheckpointError(
                f"{folder} holds a run of {checkpoint.task}: name another --run, or start --fresh"
            )
        config = msgspec.to_builtins(self.run.config)
        other = [k for k, v in config.items() if k not in _FREE and checkpoint.config.get(k) != v]
        if other:
            raise CheckpointError(
                f"{folder} holds a run with other settings ({', '.join(other)}): take them up "
                "again, name another --run, or start --fresh"
            )
        before, now = checkpoint.facts, self.run.facts
        kept = ("command", "commit", "started")
        begun: dict[str, Any] = {key: before[key] for key in kept if key in before}
        self.run = replace(self.run, facts={**now, **begun})
        if before.get("samples") != now.get("samples"):
            self._say("the data are not those that the run began with: its batches differ")
        try:
            self._plain.load_state_dict(checkpoint.state["network"])
            self._mean.load(checkpoint.mean)
            self._optimiser.load_state_dict(checkpoint.state["optimiser"])
            if checkpoint.state["scaler"] and self._scaler.is_enabled():
                self._scaler.load_state_dict(checkpoint.state["scaler"])
        except (RuntimeError, KeyError, ValueError) as error:
            raise CheckpointError(
                f"{folder / LAST}: of another network; name another --run or start --fresh"
            ) from error
        torch.set_rng_state(checkpoint.state["chance"])
        if self.run.way.device.type == "cuda" and "chance_gpu" in checkpoint.state:
            torch.cuda.set_rng_state(checkpoint.state["chance_gpu"], self.run.way.device)
        self.progress, self.figures = checkpoint.progress, checkpoint.figures
