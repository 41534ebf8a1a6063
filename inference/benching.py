"""The shipped models as `app.bench.models` measures them."""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.bench.models import AbsentError, Cost, Detected
from app.dataset.driver_data import Drivers
from app.dataset.packed import ShardError
from app.evaluation.evaluation import Evaluation
from app.evaluation.hands import HandsReport
from app.evaluation.readers.data import Data
from app.paths import ROOT
from inference.answers import of_model
from inference.detector import LEAST_SCORE
from inference.face import LIVE, Effort
from inference.hands import HandsPredictor
from inference.measuring import Examinee, measure
from inference.measuring_hands import Asked, measure_hands
from inference.pipeline import VERIFIED, load_detector
from inference.registry import Model, shipped
from inference.results import Bytes
from inference.sessions import ModelError

Floats = NDArray[np.float64]

PREDICTED: Final = Effort(2, True)
"""As ``main.py predict`` looks."""
SCENERY: Final = ROOT / "runs" / "scenery"
EMPTY: Final = 300
"""Pictures without faces."""
RUNS: Final = 200
_LEAST: Final = 0.02


class ShippedModels:
    """Runs what lies in assets/models; the first of a kind by name, `face` before `face-…`."""

    def evaluate(
        self, kind: str, data: Data, *, live: bool = False, box_error: float = 0.0
    ) -> Evaluation:
        """See `app.bench.models.Tools`."""
        model = _first(kind)
        try:
            answerer, card = of_model(model.path, LIVE if live else PREDICTED)
            gathered, _ = measure(Examinee(card.name, answerer, None, box_error), data)
        except ModelError as problem:
            raise AbsentError(str(problem)) from None
        return gathered.evaluation()

    def detector(self, data: Data) -> Detected:
        """See `app.bench.models.Tools`."""
        from inference.training.detector_compare import Annotated, outcome

        if not SCENERY.is_dir():
            raise AbsentError("no pictures without faces in runs/scenery")
        detector = load_detector(VERIFIED)

        def find(picture: Bytes) -> tuple[Floats, Floats]:
            found = detector.detect(picture, _LEAST)
            boxes = np.array([d.box.as_tuple() for d in found]).reshape(-1, 4)
            return boxes, np.array([d.score for d in found])

        faces = [Annotated(f.source, f.picture(), f.box) for f in data.faces()]
        told = outcome(find, faces, SCENERY, EMPTY)
        return Detected(
            told.recall,
            {
                "detector": type(detector).__name__,
                "score there": round(told.threshold, 4),
                "score in use": LEAST_SCORE,
                "recall in scenes, by the box's pixels": told.scenes,
                "boxes beside the annotated face, in a picture": round(told.wrong, 3),
                "processor time of 640x480, ms": round(told.milliseconds, 2),
                "missed": list(told.missed),
            },
        )

    def hands(self, drivers: Path) -> HandsReport:
        """See `app.bench.models.Tools`."""
        model = _first("hands")
        if not drivers.is_dir():
            raise AbsentError(
                f"no drivers in {drivers} ('generate-driver --output {drivers} --seed 2')"
            )
        try:
            predictor = HandsPredictor(*model.open(1))
            asked = Asked(everyone=True, mirror=False)
            return measure_hands(predictor, Drivers([drivers]), asked)[0]
        except (ModelError, ShardError) as problem:
            raise AbsentError(str(problem)) from None

    def cost(self, kind: str) -> Cost:
        """See `app.bench.models.Tools`; processor time, which other programs do not add to."""
        model = _first(kind)
        try:
            session, _ = model.open(1)
        except ModelError as problem:
            raise AbsentError(str(problem)) from None
        port = session.inputs["pictures"]
        chance = np.random.default_rng(0)
        given = chance.random((1, *port.shape[1:])).astype(np.float32)
        for _ in range(20):
            session.run({"pictures": given})
        own, wall = [], []
        for _ in range(RUNS):
            start, begun = time.thread_time(), time.perf_counter()
            session.run({"pictures": given})
            own.append((time.thread_time() - start) * 1e3)
            wall.append((time.perf_counter() - begun) * 1e3)
        detail = {
            "model": model.name,
            "runs": RUNS,
            "wall, median": round(statistics.median(wall), 3),
            "processor, 95th percentile": round(float(np.percentile(own, 95)), 3),
        }
        return Cost(statistics.median(own), model.path.stat().st_size / 1e6, detail)

    def differences(self) -> Mapping[str, float]:
        """See `app.bench.models.Tools`; measured when a file was exported, and told by its card.

        A file that is not the one of its card counts as infinitely different.
        """
        found: dict[str, float] = {}
        for model in shipped():
            told = model.card.figures.get("export", {}) if model.card else {}
            values = [v for name, v in told.items() if name.endswith("against torch")]
            if model.card is None or not values:
                continue
            same = hashlib.sha256(model.path.read_bytes()).hexdigest() == model.card.sha256
            found[model.name] = max(values) if same else float("inf")
        if not found:
            raise AbsentError("no model in assets/models was exported here (make models)")
        return found


def _first(kind: str) -> Model:
    own = (m for m in shipped() if m.card and m.card.kind == kind)
    found = sorted(own, key=lambda m: (len(m.name), m.name))
    if not found:
        raise AbsentError(f"no model of kind {kind} in assets/models (make models)")
    return found[0]
