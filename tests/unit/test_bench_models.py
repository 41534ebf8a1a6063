"""The suite ``models``: rows with bounds, and rows that say what is absent."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app.bench.figures import Figure, absent, report
from app.bench.models import AbsentError, Cost, Detected, parts
from app.evaluation.annotated import Predicted
from app.evaluation.evaluation import Evaluation, Gathered
from app.evaluation.hands import GROUPS, HandsGathered, HandsReport
from app.evaluation.readers.data import Data
from tests.unit.drawn_faces import drawn_shard


class Exact:
    """Answers with the truth, a pixel to the right."""

    def evaluate(
        self, kind: str, data: Data, *, live: bool = False, box_error: float = 0.0
    ) -> Evaluation:
        gathered = Gathered()
        for face in data.faces():
            assert face.points is not None and face.depth is not None
            depth = np.where(np.isfinite(face.depth().relative), face.depth().relative, 0.0)
            told = Predicted(face.points + [1.0, 0.0], angles=face.angles, depth=depth + 0.002)
            gathered.add(face, told)
        return gathered.evaluation()

    def detector(self, data: Data) -> Detected:
        return Detected(0.985, {})

    def hands(self, drivers: Path) -> HandsReport:
        gathered = HandsGathered()
        groups = dict.fromkeys(GROUPS, "two-hands")
        for left, right in ((1, 0), (0, 1), (1, 1)):
            states = np.array([left, right], np.int8)
            gathered.add(states.astype(float), states, groups)
        return gathered.report()

    def cost(self, kind: str) -> Cost:
        return Cost(4.0, 7.0, {})

    def differences(self) -> dict[str, float]:
        return {"face": 1e-6, "depth": 2e-5}


class Nothing(Exact):
    def hands(self, drivers: Path) -> HandsReport:
        raise AbsentError("no model of kind hands")

    def evaluate(self, *_: object, **__: object) -> Evaluation:
        raise AbsentError("no model of kind face")

    def cost(self, kind: str) -> Cost:
        raise AbsentError("no model of kind face")

    def detector(self, data: Data) -> Detected:
        raise AbsentError("no pictures without faces")

    def differences(self) -> dict[str, float]:
        raise AbsentError("nothing was exported")


def rows(tools: Exact, shards: Path, real: Path) -> list[Figure]:
    return [f for part in parts(tools, shards, real).values() for f in part()]


def test_rows_are_measured_where_their_data_are_and_absent_else(tmp_path: Path) -> None:
    shards = tmp_path / "shards"
    shards.mkdir()
    drawn_shard(shards, 60, 1)
    found = {f.name: f for f in rows(Exact(), shards, tmp_path / "real_val")}
    holdout = found["NME inter-ocular, 68 points, synthetic hold-out"]
    assert 0.0 < holdout.value < 5.0
    pose = found["pose MAE, face network, synthetic hold-out, full range"]
    assert pose.value == 0.0
    assert pose.met
    depth = found["depth RMSE on the face, synthetic hold-out"]
    assert depth.value == pytest.approx(2.0, abs=0.01)
    assert found["face network, one thread, one face"].met
    assert found["AUC of the right hand, unseen drivers"].met
    assert found["hands network, one thread"].met
    assert not found["face network, size of its file"].met
    assert found["ONNX against torch outputs, greatest relative difference of all models"].met
    real = [f for f in found.values() if "real_val" in f.name or "jaw" in f.name]
    assert len(real) == 3
    assert all("real_val not present" in f.absent and not f.met for f in real)


def test_every_row_says_what_is_absent(tmp_path: Path) -> None:
    found = rows(Nothing(), tmp_path / "none", tmp_path / "none")
    assert len(found) == 14
    assert all(f.absent and f.line().startswith("absent") for f in found)
    told = json.loads(json.dumps(report(found)["figures"], allow_nan=False))
    assert all(f["value"] is None and f["met"] is None for f in told)


def test_an_absent_figure_is_neither_met_nor_a_number() -> None:
    figure = absent("recall", "%", 98.0, "no pictures", "at least")
    assert not figure.met
    assert "no pictures" in figure.line()
    assert "at least 98 %" in figure.line()
