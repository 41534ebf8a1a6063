"""An exported network gives the numbers of the trained one, and its card tells where it is from."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra 'train' is not installed")
onnx = pytest.importorskip("onnx", reason="the extra 'train' is not installed")

from torch import Tensor, nn  # noqa: E402

from inference.card import encode_card, read_card  # noqa: E402
from inference.sessions import open_session  # noqa: E402
from inference.training.card import card_of  # noqa: E402
from inference.training.checkpoint import Checkpoint, Progress  # noqa: E402
from inference.training.export import OPSET, TOLERANCE, ExportError, written  # noqa: E402
from inference.training.fold import folded, rounded  # noqa: E402
from inference.training.task import Export  # noqa: E402
from tests.unit.small_task import SIDE, HalvesNet, HalvesTask  # noqa: E402


def trained_looking() -> HalvesNet:
    """A network whose normalisations are not those of the start."""
    torch.manual_seed(3)
    network = HalvesNet()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            with torch.no_grad():
                module.running_mean.normal_()
                module.running_var.uniform_(0.2, 3.0)
                module.weight.uniform_(0.5, 2.0)
                module.bias.normal_()
    return network.eval()


def outputs(path: Path, pictures: Tensor) -> np.ndarray:
    session = open_session(path)
    return session.run({"pictures": pictures.numpy()})["landmarks"]


def test_folding_changes_nothing_that_is_computed() -> None:
    network = trained_looking()
    pictures = torch.rand(5, 3, SIDE, SIDE)
    with torch.no_grad():
        before = network(pictures)
        after = folded(network)(pictures)
    assert torch.allclose(before, after, rtol=1e-5, atol=1e-5)
    assert not [m for m in network.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)]


def test_rounding_takes_large_weights_that_half_precision_holds() -> None:
    network = nn.Sequential(nn.Linear(64, 64), nn.Linear(64, 64))
    with torch.no_grad():
        network[1].weight[0, 0] = 1e6
    beyond, bias = network[1].weight.clone(), network[0].bias.clone()
    assert rounded(network) == 64 * 64
    assert torch.equal(network[0].weight.half().float(), network[0].weight)
    assert torch.equal(network[1].weight, beyond)
    assert torch.equal(network[0].bias, bias)


def test_the_file_gives_the_numbers_of_torch_for_any_batch(tmp_path: Path) -> None:
    network = folded(trained_looking())
    rounded(network)
    onnx_file = written(HalvesTask().exported(network))
    path = tmp_path / "halves.onnx"
    path.write_bytes(onnx_file.data)
    assert onnx_file.differences["landmarks"] <= TOLERANCE
    model = onnx.load(path)
    assert [o.version for o in model.opset_import] == [OPSET]
    for count in (1, 2, 7):
        pictures = torch.rand(count, 3, SIDE, SIDE)
        with torch.no_grad():
            wanted = network(pictures).numpy()
        import onnxruntime as ort

        session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
        (found,) = session.run(None, {"pictures": pictures.numpy()})
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


def test_rounded_weights_fill_half_the_room() -> None:
    single = folded(trained_looking())
    half = folded(trained_looking())
    rounded(half)
    task = HalvesTask()
    large = 16 * 16 * 32
    saved = len(written(task.exported(single)).data) - len(written(task.exported(half)).data)
    assert saved == pytest.approx(2 * large, abs=200)


def test_the_same_network_gives_the_same_file() -> None:
    files = {written(HalvesTask().exported(folded(trained_looking()))).data for _ in range(2)}
    assert len(files) == 1


def test_a_network_that_fixes_its_batch_is_refused() -> None:
    class Fixed(nn.Module):
        def forward(self, pictures: Tensor) -> Tensor:
            return pictures.reshape(int(pictures.shape[0]), -1)

    export = Export(Fixed(), {"pictures": torch.rand(2, 3, 4, 4)}, ("landmarks",), "landmarks")
    with pytest.raises(ExportError, match=r"batch of 1|shape"):
        written(export)


def test_a_network_that_tracing_does_not_follow_is_refused() -> None:
    class Branching(nn.Module):
        def forward(self, pictures: Tensor) -> Tensor:
            if float(pictures.mean()) > 0.5:
                return pictures * 2.0
            return pictures * -1.0

    dark = {"pictures": torch.full((2, 3), 0.49)}
    with pytest.raises(ExportError, match="landmarks differs"):
        written(Export(Branching(), dark, ("landmarks",), "landmarks"))


class TestCard:
    def card(self, **facts: object):
        network = folded(trained_looking())
        export = HalvesTask().exported(network)
        export = Export(
            export.module, export.inputs, export.outputs, export.kind, {}, {**export.facts, **facts}
        )
        told = {
            "data": ["shards"],
            "frames": 40,
            "people": 40,
            "command": "main.py train halves",
            "commit": "0123",
            "started": "2026-01-01T00:00:00+00:00",
        }
        checkpoint = Checkpoint(
            "halves", {"seed": 7}, told, Progress(9, 90.0), {"score": 0.5}, network.state_dict()
        )
        onnx_file = written(export)
        figures = {"score": 0.25, "missed": float("nan")}
        return card_of("halves", checkpoint, export, onnx_file, figures), onnx_file

    def test_it_tells_data_command_commit_time_size_and_figures(self, tmp_path: Path) -> None:
        card, onnx_file = self.card()
        path = tmp_path / "halves.json"
        path.write_bytes(encode_card(card))
        read = read_card(path)
        assert read == card
        assert read.data == {"shards": ["shards"], "frames": 40, "people": 40}
        assert (read.command, read.commit, read.minutes) == ("main.py train halves", "0123", 1.5)
        assert read.config == {"seed": 7}
        assert read.figures["training hold-out"] == {"score": 0.25}
        assert read.figures["export"]["landmarks against torch"] <= TOLERANCE
        assert read.sha256 == hashlib.sha256(onnx_file.data).hexdigest()
        assert read.limits == ["Sees halves alone."]
        assert (read.input_size, read.facts["unit"]) == (SIDE, "brightness")
        convolved = 3 * 9 * 16 * (SIDE // 2) ** 2
        assert read.gmac == pytest.approx((convolved + 256 * 32 + 32) / 1e9, abs=1e-4)
        assert read.parameters == 3 * 9 * 16 + 16 + 257 * 32 + 33

    def test_facts_that_fit_no_card_are_refused(self) -> None:
        with pytest.raises(ExportError, match="limits"):
            self.card(limits="none")
