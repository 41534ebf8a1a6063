"""Label transfer looks at heads in their own frame and starts as no change at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

torch = pytest.importorskip("torch", reason="the extra train is not installed")
pytest.importorskip("onnx", reason="the extra train is not installed")

from inference.models.transfer import OUTLINE, POINTS, Alignment, TransferNet, mean_head  # noqa: E402
from inference.sessions import open_session  # noqa: E402
from inference.training.adapt_write import to_onnx  # noqa: E402
from inference.training.habit import PROBED, Form, Habit  # noqa: E402
from inference.transfer import Transfer  # noqa: E402
from tests.unit.habitual_annotators import habit  # noqa: E402


def heads(count: int, seed: int = 0) -> torch.Tensor:
    rng = np.random.default_rng(seed)
    turns = Rotation.random(count, random_state=seed).as_matrix()
    points = (mean_head().numpy() + rng.normal(0, 0.003, (count, POINTS, 3))) @ turns
    return torch.from_numpy((3.0 * points + rng.normal(0, 0.1, (count, 1, 3))).astype(np.float32))


def learnt(network: TransferNet) -> TransferNet:
    torch.manual_seed(3)
    torch.nn.init.normal_(network.offsets.weight, std=0.2)
    return network.eval()


def test_it_starts_as_no_change() -> None:
    points = heads(4)
    assert torch.equal(TransferNet()(points), points[:, OUTLINE])


@settings(max_examples=25, deadline=None)
@given(st.floats(-180, 180), st.floats(0.3, 5.0), st.floats(-0.5, 0.5), st.integers(0, 1000))
def test_what_it_does_moves_leans_and_grows_with_the_face(
    lean: float, size: float, shift: float, seed: int
) -> None:
    network, points = learnt(TransferNet()), heads(2, seed)
    turn = torch.from_numpy(
        Rotation.from_euler("z", lean, degrees=True).as_matrix().astype(np.float32)
    )
    there = torch.tensor([shift, -shift, shift])
    with torch.no_grad():
        first = size * network(points) @ turn.T + there
        last = network(size * points @ turn.T + there)
    torch.testing.assert_close(first, last, atol=2e-4 * size, rtol=0)


@given(st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_the_mean_head_is_found_however_it_is_turned(seed: int) -> None:
    turn = Rotation.random(random_state=seed).as_matrix().astype(np.float32)
    seen = Alignment()(0.2 + 2.5 * mean_head()[None] @ torch.from_numpy(turn.T.copy()))
    np.testing.assert_allclose(seen.rotation[0], turn, atol=1e-5)
    assert float(seen.scale) == pytest.approx(2.5, abs=1e-4)
    assert float(seen.shape.abs().max()) < 1e-5


def test_points_that_coincide_give_numbers_all_the_same() -> None:
    found = learnt(TransferNet())(torch.zeros(2, POINTS, 3))
    assert torch.isfinite(found).all()


def a_habit() -> Habit:
    rng = np.random.default_rng(1)
    offsets = rng.normal(0, 0.002, (1 + 3 + 4, 68, 3))
    basis = rng.normal(0, 3.0, (3 * len(PROBED), 4))
    return Habit(Form(True, 4, False, 1.0), rng.normal(0, 1e-3, 3 * len(PROBED)), basis, offsets)


@pytest.mark.parametrize("outlined", [True, False])
def test_a_habit_as_a_file_starts_from_the_points_that_it_was_learnt_on(
    tmp_path: Path, outlined: bool
) -> None:
    flat = Habit(Form(), np.zeros(3 * len(PROBED)), np.zeros((3 * len(PROBED), 0)), habit(0)[None])
    file = tmp_path / "same.onnx"
    file.write_bytes(to_onnx(flat, outlined, None))
    points = heads(3).numpy()
    first = 520 if outlined else 0
    found = Transfer(open_session(file)).apply(points)
    np.testing.assert_allclose(found, points[:, first : first + 68], atol=1e-6)


def test_a_habit_after_another_label_transfer_is_one_file(tmp_path: Path) -> None:
    before, after, alone = (tmp_path / f"{n}.onnx" for n in ("before", "after", "alone"))
    torch.onnx.export(
        learnt(TransferNet()),
        (heads(2),),
        before,
        input_names=["landmarks"],
        output_names=["landmarks_68"],
        dynamic_axes={"landmarks": {0: "N"}, "landmarks_68": {0: "N"}},
        opset_version=17,
        dynamo=False,
    )
    alone.write_bytes(to_onnx(a_habit(), True, None))
    after.write_bytes(to_onnx(a_habit(), True, before))
    points = heads(5, seed=2).numpy()
    first, own, both = (Transfer(open_session(f)).apply(points) for f in (before, alone, after))
    moved = own - points[:, OUTLINE]
    assert np.abs(moved).max() > 1e-3 and np.abs(first - points[:, OUTLINE]).max() > 1e-3
    np.testing.assert_allclose(both, first + moved, atol=1e-5)
