"""The detector's network: what its maps mean, what it learns from, what becomes of it in ONNX."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from inference.models.detector import (  # noqa: E402
    REFERENCE,
    SIZES,
    STRIDES,
    Detector,
    DetectorNet,
    Maps,
    boxes,
)
from inference.models.detector_loss import (  # noqa: E402
    FACE,
    NOTHING,
    UNSURE,
    centres,
    detector_loss,
    overlap,
)
from inference.models.paper_nets import multiply_adds, parameters  # noqa: E402

SIDE = 320
SMALL = ((8, 8, 16, 16, 16), (1, 1, 1, 1), 16)


def blank(stride: int, batch: int = 1) -> Maps:
    cells = SIDE // stride
    heat = torch.full((batch, cells, cells), -12.0)
    return Maps(heat, torch.zeros(batch, 4, cells, cells), stride)


def told(truth: tuple[float, ...], state: int = FACE) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.tensor([[truth]]), torch.tensor([[state]])


def knowing(truth: tuple[float, ...]) -> list[Maps]:
    """Maps that say all of one face, and nothing else."""
    x, y, width, height = truth
    maps = [blank(s) for s in STRIDES]
    size = max(width, height)
    for m, (low, high) in zip(maps, SIZES, strict=True):
        cells = m.heat.shape[1]
        at = torch.arange(cells) + 0.5
        m.box[0, 0] = ((x + width / 2 + 0.5) / m.stride - at)[None, :]
        m.box[0, 1] = ((y + height / 2 + 0.5) / m.stride - at)[:, None]
        m.box[0, 2] = float(np.log(width / REFERENCE / m.stride))
        m.box[0, 3] = float(np.log(height / REFERENCE / m.stride))
        if low <= size < high:
            row = min(int((y + height / 2 + 0.5) / m.stride), cells - 1)
            column = min(int((x + width / 2 + 0.5) / m.stride), cells - 1)
            m.heat[0, row, column] = 12.0
    return maps


PLACES = st.tuples(st.floats(20, 200), st.floats(20, 200), st.floats(20, 110), st.floats(20, 110))


@settings(max_examples=40, deadline=None)
@given(PLACES)
def test_who_knows_the_face_has_no_loss_and_reads_its_box(truth: tuple[float, ...]) -> None:
    maps = knowing(truth)
    losses = detector_loss(maps, *told(truth))
    assert float(losses["sum"]) < 1e-2
    heat = torch.cat([m.heat.flatten(1) for m in maps], dim=1)
    places = torch.cat([boxes(m) for m in maps], dim=1)
    assert places[0, heat[0].argmax()].tolist() == pytest.approx(truth, abs=1e-3)


@settings(max_examples=40, deadline=None)
@given(PLACES)
def test_each_face_has_its_middle_in_one_map_alone(truth: tuple[float, ...]) -> None:
    tops = [int((centres(*told(truth), blank(s))[0] >= 1.0).sum()) for s in STRIDES]
    assert sum(tops) == 1
    low, high = SIZES[tops.index(1)]
    assert low <= max(truth[2:]) < high


def test_to_say_nothing_or_too_much_costs() -> None:
    truth = 100.0, 100.0, 60.0, 70.0
    best = float(detector_loss(knowing(truth), *told(truth))["centre"])
    silent = [blank(s) for s in STRIDES]
    assert float(detector_loss(silent, *told(truth))["centre"]) > best + 1.0
    wrong = knowing(truth)
    wrong[0].heat[0, 2, 2] = 6.0
    assert float(detector_loss(wrong, *told(truth))["centre"]) > best + 1.0


def test_where_nobody_can_tell_nothing_is_learnt() -> None:
    truth = 100.0, 100.0, 40.0, 44.0
    loud = [blank(s) for s in STRIDES]
    loud[0].heat[0, 15, 15] = 9.0
    assert float(detector_loss(loud, *told(truth, UNSURE))["sum"]) < 1e-2
    assert float(detector_loss(loud, *told(truth, NOTHING))["sum"]) > 1.0


def test_beside_the_sizes_of_a_map_a_face_is_neither_right_nor_wrong_there() -> None:
    truth = 100.0, 100.0, 52.0, 52.0
    maps = knowing(truth)
    column = int(126.5 / 16)
    maps[1].heat[0, column, column] = 9.0
    assert float(detector_loss(maps, *told(truth))["sum"]) < 1e-2


def test_generalised_overlap_has_its_known_values() -> None:
    square = torch.tensor([0.0, 0.0, 10.0, 10.0])
    assert float(overlap(square, square)) == pytest.approx(1.0)
    aside = torch.tensor([10.0, 0.0, 10.0, 10.0])
    assert float(overlap(square, aside)) == pytest.approx(0.0)
    far = torch.tensor([30.0, 0.0, 10.0, 10.0])
    assert float(overlap(square, far)) == pytest.approx(-0.5)


class Said(torch.nn.Module):
    """Says the same of every picture."""

    def __init__(self, maps: list[Maps]) -> None:
        super().__init__()
        self.maps = maps

    def forward(self, pictures: torch.Tensor) -> list[Maps]:
        return self.maps


def test_only_peaks_keep_their_score() -> None:
    heat = torch.full((1, 4, 5), -6.0)
    heat[0, 1, 1], heat[0, 1, 2], heat[0, 3, 4] = 2.0, 1.0, 0.5
    places, scores = Detector(Said([Maps(heat, torch.zeros(1, 4, 4, 5), 8)]))(torch.zeros(0))
    fine = scores.view(4, 5)
    assert places.shape == (1, 20, 4)
    assert float(fine[1, 1]) == pytest.approx(1 / (1 + np.exp(-2.0)))
    assert float(fine[3, 4]) == pytest.approx(1 / (1 + np.exp(-0.5)))
    assert float(fine[1, 2]) == 0.0
    assert float(fine.sum() - fine[1, 1] - fine[3, 4]) < 0.1


@pytest.mark.parametrize("sure", [0.1, 0.5, 0.8])
def test_the_score_that_decides_becomes_a_half(sure: float) -> None:
    heat = torch.full((1, 4, 4), -9.0)
    heat[0, 2, 2] = float(np.log(sure / (1.0 - sure)))
    maps = Maps(heat, torch.zeros(1, 4, 4, 4), 8)
    _, scores = Detector(Said([maps]), sure)(torch.zeros(0))
    assert float(scores.max()) == pytest.approx(0.5)


def test_there_is_a_box_for_every_cell() -> None:
    with torch.no_grad():
        places, scores = Detector(DetectorNet(*SMALL).eval())(torch.rand(2, 3, 64, 96))
    assert places.shape == (2, 8 * 12 + 4 * 6 + 2 * 3, 4)
    assert scores.shape == places.shape[:2]
    assert float(scores.mean()) < 0.1


def test_it_is_small_enough_to_run_live() -> None:
    network = DetectorNet()
    assert parameters(network) < 200_000
    assert multiply_adds(network, torch.rand(1, 3, 480, 640)) < 0.3e9


def test_it_learns_where_a_bright_square_is() -> None:
    torch.manual_seed(0)
    network = DetectorNet(*SMALL)
    steps = torch.optim.AdamW(network.parameters(), 1e-2)
    chance = np.random.default_rng(0)

    def scene() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        pictures = torch.rand(4, 3, 64, 64) * 0.3
        truth = torch.zeros(4, 1, 4)
        for k in range(4):
            x, y, side = (int(v) for v in chance.integers((4, 4, 24), (24, 24, 34)))
            pictures[k, :, y : y + side, x : x + side] = 1.0
            truth[k, 0] = torch.tensor([x - 0.5, y - 0.5, side, side])
        return pictures, truth, torch.full((4, 1), FACE)

    for _ in range(70):
        pictures, truth, state = scene()
        losses = detector_loss(network(pictures), truth, state)
        steps.zero_grad()
        losses["sum"].backward()
        steps.step()
    pictures, truth, _ = scene()
    with torch.no_grad():
        places, scores = Detector(network)(pictures)
    best = places[torch.arange(4), scores.argmax(1)]
    assert float(overlap(best, truth[:, 0]).mean()) > 0.5


def test_onnx_gives_what_torch_gives_at_any_size(tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    pytest.importorskip("onnx", reason="onnx is not installed (extra 'train')")
    torch.manual_seed(2)
    module = Detector(DetectorNet(*SMALL)).eval()
    axes = {
        "pictures": {0: "n", 2: "height", 3: "width"},
        "boxes": {0: "n", 1: "cells"},
        "scores": {0: "n", 1: "cells"},
    }
    file = tmp_path / "detector.onnx"
    torch.onnx.export(
        module,
        (torch.rand(2, 3, 64, 64),),
        str(file),
        input_names=["pictures"],
        output_names=["boxes", "scores"],
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )
    session = onnxruntime.InferenceSession(str(file))
    for shape in ((1, 3, 96, 160), (3, 3, 64, 32)):
        given = torch.rand(shape)
        with torch.no_grad():
            expected = module(given)
        found = session.run(None, {"pictures": given.numpy()})
        for ours, theirs in zip(found, expected, strict=True):
            np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-4, atol=1e-4)
