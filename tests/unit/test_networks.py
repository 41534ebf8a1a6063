"""The networks: shapes, sizes beside those of the papers, and losses against their formulas."""

from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'bake')")

from inference.models import losses  # noqa: E402
from inference.models.face import SIZE, FaceNet, looked_up, orthonormal  # noqa: E402
from inference.models.mobilenet import FUSED_STAGES, FusedResidual, MobileNetV2  # noqa: E402
from inference.models.paper_nets import (  # noqa: E402
    DirectRegression,
    FaceMeshNet,
    multiply_adds,
    parameters,
)
from inference.training.precision import Computation, Computed  # noqa: E402


def test_the_backbone_halves_the_picture_five_times() -> None:
    maps = MobileNetV2(0.5)(torch.rand(1, 3, 64, 96))
    assert [tuple(m.shape[2:]) for m in maps] == [(32, 48), (16, 24), (8, 12), (4, 6), (2, 3)]


def test_a_fused_start_gives_maps_of_the_same_sizes() -> None:
    maps = MobileNetV2(0.5, FUSED_STAGES, stem=16)(torch.rand(1, 3, 64, 96))
    assert [tuple(m.shape[2:]) for m in maps] == [(32, 48), (16, 24), (8, 12), (4, 6), (2, 3)]


def test_a_block_adds_its_input_only_where_the_shape_stays() -> None:
    kept, changed = FusedResidual(8, 8, 1, 2), FusedResidual(8, 16, 2, 2)
    for block in (kept, changed):
        torch.nn.init.zeros_(block.body[-1].weight)
    x = torch.rand(2, 8, 6, 6)
    assert torch.equal(kept(x), x)
    assert torch.equal(changed(x), torch.zeros(2, 16, 3, 3))


def test_one_pass_gives_all_that_is_said_of_a_face() -> None:
    mean = torch.rand(68, 3)
    out = FaceNet(68, width=0.5, code=64, mean=mean).eval()(torch.rand(3, 3, SIZE, SIZE))
    assert out.landmarks.shape == (3, 68, 3)
    assert out.log_sigma.shape == (3, 68)
    assert out.rotation.shape == (3, 6)
    assert out.presence.shape == (3,)
    assert (out.landmarks - mean).abs().max() < 0.2


def test_crops_of_another_size_are_taken_when_asked_for() -> None:
    out = FaceNet(68, width=0.25, code=32, size=96).eval()(torch.rand(2, 3, 96, 96))
    assert out.landmarks.shape == (2, 68, 3)


def test_maps_are_looked_up_between_their_cells_and_not_beyond_the_border() -> None:
    maps, places = torch.rand(2, 5, 16, 16), torch.rand(2, 40, 2) * 1.6 - 0.8
    wanted = torch.nn.functional.grid_sample(
        maps, places[:, :, None] * 2.0, padding_mode="border", align_corners=False
    )
    assert torch.allclose(looked_up(maps, places), wanted[..., 0].transpose(1, 2), atol=1e-5)


def test_landmarks_are_corrected_by_what_is_seen_where_they_were_guessed() -> None:
    torch.manual_seed(0)
    network = FaceNet(68, width=0.25, code=32, mean=torch.zeros(68, 3)).eval()
    picture = torch.rand(1, 3, SIZE, SIZE)
    plain = network(picture).landmarks
    with torch.no_grad():
        network.corrections[1][0, 7] = 1.0
    moved = network(picture).landmarks - plain
    assert moved[0, 7, 0].abs() > 1e-4
    moved[0, 7, 0] = 0.0
    assert torch.equal(moved, torch.zeros_like(moved))


def test_any_six_numbers_make_a_rotation() -> None:
    turns = orthonormal(torch.randn(20, 6, dtype=torch.float64))
    assert torch.allclose(turns @ turns.transpose(1, 2), torch.eye(3, dtype=torch.float64))
    assert torch.allclose(torch.linalg.det(turns), torch.ones(20, dtype=torch.float64))


def test_the_papers_network_is_as_large_as_they_say() -> None:
    net = DirectRegression()
    assert parameters(net) == pytest.approx(4.18e6, rel=0.02)
    assert multiply_adds(net, torch.rand(1, 3, 256, 256)) == pytest.approx(0.39e9, rel=0.02)


def test_the_mesh_like_networks_are_about_as_large_as_reported() -> None:
    full, trimmed = FaceMeshNet(), FaceMeshNet(trimmed=True)
    assert parameters(full) == pytest.approx(264_317, rel=0.07)
    assert parameters(trimmed) == pytest.approx(201_853, rel=0.07)
    points, confidence = full(torch.rand(2, 3, 192, 192))
    assert points.shape == (2, 68, 3)
    assert confidence.shape == (2,)


def test_landmarks_of_the_mesh_like_network_are_finer_than_pixels_in_reduced_precision() -> None:
    torch.manual_seed(0)
    net = FaceMeshNet(trimmed=True).eval()
    with torch.no_grad():
        net.coordinates.bias.copy_(torch.linspace(100.0, 180.0, 204))
        exact = net(pictures := torch.rand(1, 3, 192, 192))[0]
        way = Computation(torch.device("cpu"), torch.bfloat16, True, False, 0)
        found = Computed(net, way)(pictures)[0]
    assert (found - exact).abs().max() < 0.1


def test_wing_is_continuous_and_has_its_two_branches() -> None:
    zero = torch.zeros(1)
    assert losses.wing(zero, zero) == 0.0
    assert losses.wing(torch.tensor([5.0]), zero) == pytest.approx(15 * math.log(1 + 5 / 3))
    below, above = (
        losses.wing(torch.tensor([14.9999]), zero),
        losses.wing(torch.tensor([15.0]), zero),
    )
    assert above - below == pytest.approx(0.0, abs=1e-3)
    assert losses.wing(torch.tensor([25.0]), zero) - above == pytest.approx(10.0, abs=1e-4)


def test_the_best_sigma_is_that_of_the_errors() -> None:
    torch.manual_seed(0)
    truth = torch.zeros(1, 20_000, 2)
    predicted = torch.randn(1, 20_000, 2) * 0.3
    weight = torch.ones(1, 20_000)
    values = {
        s: float(
            losses.gaussian_nll(predicted, torch.full((1, 20_000), math.log(s)), truth, weight)
        )
        for s in (0.2, 0.27, 0.3, 0.33, 0.45)
    }
    assert min(values, key=lambda s: values[s]) == 0.3


def test_the_robust_distance_pulls_alike_from_far_and_near() -> None:
    truth = torch.zeros(1, 2, 2)
    found = torch.tensor([[[3.0, 4.0], [30.0, 40.0]]], requires_grad=True)
    value = losses.charbonnier(found, truth, torch.ones(1, 2), 0.25)
    assert float(value.detach()) == pytest.approx((5.0 + 50.0) / 2.0 - 0.25, abs=0.01)
    value.backward()
    pulls = found.grad[0].norm(dim=1)
    assert pulls.tolist() == pytest.approx([0.5, 0.5], rel=2e-3)
    assert float(losses.charbonnier(truth, truth, torch.ones(1, 2), 0.25)) == 0.0


def test_the_angle_between_rotations_and_its_gradient_where_they_agree() -> None:
    columns = torch.tensor([[1.0, 0, 0, 0, 1, 0]], requires_grad=True)
    loss = losses.geodesic(orthonormal(columns), torch.eye(3)[None])
    loss.backward()
    assert float(loss.detach()) == pytest.approx(0.0, abs=1e-6)
    assert torch.isfinite(columns.grad).all()
    c, s = math.cos(0.4), math.sin(0.4)
    turned = torch.tensor([[[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]])
    assert float(losses.geodesic(turned, torch.eye(3)[None])) == pytest.approx(0.4, abs=1e-6)


def test_equal_depths_cost_nothing_and_what_lies_outside_the_face_counts_nothing() -> None:
    torch.manual_seed(1)
    truth = torch.rand(2, 1, 32, 32) * 0.1
    mask = torch.zeros(2, 1, 32, 32)
    mask[..., 8:24, 8:24] = 1.0
    elsewhere = truth + (1.0 - mask)
    for predicted in (truth, elsewhere):
        terms = losses.depth_loss(predicted, truth, mask, span=0.2, scale=50.0)
        assert float(terms["sum"]) == pytest.approx(0.0, abs=1e-5)
    wrong = losses.depth_loss(truth + 0.01, truth, mask, span=0.2, scale=50.0)
    assert float(wrong["l1"]) == pytest.approx(0.01, rel=1e-4)
    assert float(wrong["gradient"]) == pytest.approx(0.0, abs=1e-6)
    assert float(wrong["ssim"]) > 0.0
