"""The head pose network, its angles, and the features that deceive a classifier."""

from __future__ import annotations

import copy
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dataset.sample import rotation_as_seen, rotation_in_camera
from app.geometry.rotations import (
    Angles,
    blender_xyz_from_matrix,
    matrix_from_blender_xyz,
    matrix_from_pose_para,
    pose_para_from_matrix,
)

torch = pytest.importorskip("torch", reason="the extra `train` is not installed: no torch")

from inference.models.adversarial import (  # noqa: E402
    AdversarialPose,
    DomainClassifier,
    domain_loss,
    reversal_strength,
    reversed_gradient,
)
from inference.models.fsanet import (  # noqa: E402
    SIZE,
    ExportedPose,
    FineGrainedMapping,
    FsaNet,
    SoftStages,
    squash,
)
from inference.models.pose_angles import (  # noqa: E402
    angles_from_rotations,
    blender_angles_from_rotations,
    rotations_from_angles,
)

yaws = st.floats(-89.0, 89.0)
turns = st.floats(-179.0, 179.0)


@given(yaws, turns, turns)
def test_angles_are_those_of_pose_para(yaw: float, pitch: float, roll: float) -> None:
    seen = matrix_from_pose_para(Angles(yaw, pitch, roll))
    rotation = torch.from_numpy(rotation_in_camera(seen))
    told = rotations_from_angles(torch.tensor([yaw, pitch, roll], dtype=torch.float64))
    assert torch.allclose(told, rotation, atol=1e-9)
    truth = pose_para_from_matrix(seen)
    found = angles_from_rotations(rotation).numpy()
    assert found == pytest.approx([truth.yaw, truth.pitch, truth.roll], abs=1e-6)


@given(turns, turns, yaws)
def test_angles_of_posing_are_those_of_blender_xyz(yaw: float, pitch: float, roll: float) -> None:
    seen = matrix_from_blender_xyz(Angles(yaw, pitch, roll))
    truth = blender_xyz_from_matrix(seen)
    found = blender_angles_from_rotations(torch.from_numpy(rotation_in_camera(seen))).numpy()
    assert found == pytest.approx([truth.yaw, truth.pitch, truth.roll], abs=1e-6)


@pytest.mark.parametrize("form", ["angles", "columns"])
def test_what_is_said_is_one_head_pose(form: str) -> None:
    torch.manual_seed(1)
    network = FsaNet(form).eval()
    with torch.no_grad():
        found = network(torch.rand(5, 3, SIZE, SIZE))
    assert found.angles.shape == (5, 3)
    assert torch.allclose(found.rotation @ found.rotation.mT, torch.eye(3), atol=1e-5)
    assert torch.allclose(torch.linalg.det(found.rotation), torch.ones(5), atol=1e-5)
    for angles, rotation in zip(found.angles.numpy(), found.rotation.numpy(), strict=True):
        seen = matrix_from_pose_para(Angles(*(float(a) for a in angles)))
        assert rotation_in_camera(seen) == pytest.approx(rotation, abs=1e-4)
        assert rotation_as_seen(rotation) == pytest.approx(seen, abs=1e-4)


@pytest.mark.parametrize("form", ["angles", "columns"])
def test_a_few_pictures_can_be_learnt_by_heart(form: str) -> None:
    torch.manual_seed(0)
    network = FsaNet(form).train()
    pictures = torch.nn.functional.interpolate(torch.rand(4, 3, 6, 6), size=SIZE, mode="bilinear")
    truth = rotations_from_angles((torch.rand(4, 3) - 0.5) * torch.tensor([140.0, 120.0, 100.0]))
    descent = torch.optim.Adam(network.parameters(), lr=6e-3)

    def apart() -> torch.Tensor:
        return torch.linalg.matrix_norm(network(pictures).rotation - truth).mean()

    before = float(apart().detach())
    for _ in range(25):
        descent.zero_grad()
        distance = apart()
        distance.backward()
        descent.step()
    assert float(apart().detach()) < 0.5 * before


def test_representatives_are_weighted_means_of_cells_of_all_stages() -> None:
    torch.manual_seed(0)
    mapping = FineGrainedMapping()
    stages = [torch.rand(2, 6, 8, 8) for _ in range(3)]
    found = mapping(stages)
    cells = torch.cat([stage.flatten(2) for stage in stages], dim=2)
    assert found.shape == (2, 21, 6)
    assert (found <= cells.amax(2)[:, None] + 1e-5).all()
    assert (found >= cells.amin(2)[:, None] - 1e-5).all()
    assert found.std(1).min() > 1e-4, "all representatives look at the same places"


def test_what_each_stage_may_add_is_finer_than_the_stage_before() -> None:
    torch.manual_seed(0)
    stages = SoftStages(length=16, count=3, span=99.0)
    capsules = torch.rand(64, 3, 16)
    reach = []
    for k in range(3):
        other = capsules.clone()
        other[:, k] = torch.rand(64, 16) * 4.0
        reach.append(float((stages(other) - stages(capsules)).detach().abs().mean()))
    assert reach[1] > reach[2]
    assert reach[0] > reach[2]


@given(st.floats(0.0, 50.0))
def test_squashing_keeps_the_direction_and_stays_below_one(length: float) -> None:
    direction = torch.tensor([0.6, 0.0, 0.8])
    found = squash(direction * length)
    assert float(found.norm()) == pytest.approx(length**2 / (1.0 + length**2), abs=2e-4)
    assert float(found @ direction) == pytest.approx(float(found.norm()), abs=1e-5)


def test_the_gradient_is_reversed_and_the_value_is_not() -> None:
    x = torch.tensor([1.0, -2.0], requires_grad=True)
    y = reversed_gradient(x, 0.25)
    assert torch.equal(y, x)
    (3.0 * y).sum().backward()
    assert x.grad is not None
    assert torch.equal(x.grad, torch.tensor([-0.75, -0.75]))


def test_features_climb_what_the_classifier_descends() -> None:
    torch.manual_seed(0)
    classifier = DomainClassifier(8)
    source = (torch.randn(64, 8) + 1.0).requires_grad_()
    target = (torch.randn(64, 8) - 1.0).requires_grad_()
    loss = domain_loss(classifier, source, target, strength=1.0)
    loss.backward()
    assert source.grad is not None
    assert target.grad is not None
    with torch.no_grad():
        moved = domain_loss(classifier, source - 20 * source.grad, target - 20 * target.grad, 1.0)
        assert moved > loss
        better = copy.deepcopy(classifier)
        for p, own in zip(better.parameters(), classifier.parameters(), strict=True):
            assert own.grad is not None
            p -= 0.05 * own.grad
        assert domain_loss(better, source, target, 1.0) < loss


def test_without_strength_the_adversary_leaves_the_features_alone() -> None:
    source = torch.randn(8, 4, requires_grad=True)
    domain_loss(DomainClassifier(4), source, torch.randn(8, 4), strength=0.0).backward()
    assert source.grad is not None
    assert not source.grad.any()


def test_the_strength_rises_from_nothing_to_its_greatest() -> None:
    values = [reversal_strength(f, 0.1) for f in np.linspace(0.0, 1.0, 11)]
    assert values[0] == 0.0
    assert values == sorted(values)
    assert values[-1] == pytest.approx(0.1, rel=1e-3)


def test_the_network_that_is_adapted_says_what_it_said() -> None:
    torch.manual_seed(0)
    pose = FsaNet().eval()
    pictures = torch.rand(2, 3, SIZE, SIZE)
    with torch.no_grad():
        assert torch.equal(AdversarialPose(pose).eval()(pictures).angles, pose(pictures).angles)


def test_onnx_says_what_torch_says_for_any_batch() -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx", reason="the extra `train` is not installed: no onnx")
    torch.manual_seed(0)
    network = FsaNet().eval()
    file = io.BytesIO()
    torch.onnx.export(
        ExportedPose(network).eval(),
        (torch.rand(2, 3, SIZE, SIZE),),
        file,
        opset_version=17,
        input_names=["pictures"],
        output_names=["angles"],
        dynamic_axes={"pictures": {0: "N"}, "angles": {0: "N"}},
        dynamo=False,
    )
    session = onnxruntime.InferenceSession(file.getvalue(), providers=["CPUExecutionProvider"])
    for count in (1, 5):
        pictures = torch.rand(count, 3, SIZE, SIZE)
        (found,) = session.run(None, {"pictures": pictures.numpy()})
        with torch.no_grad():
            assert found == pytest.approx(network(pictures).angles.numpy(), rel=1e-4, abs=1e-3)
