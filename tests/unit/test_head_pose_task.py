"""Learning the head pose: crops and their rotations, figures, and unlabelled pictures beside."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.dataset.packed import Packed, encode, write_shard
from app.dataset.sample import Sample, held_out, rotation_in_camera
from app.geometry.rotations import Angles, matrix_from_blender_xyz, matrix_from_pose_para
from tests.unit.drawn_faces import drawn_face, drawn_shard

torch = pytest.importorskip("torch", reason="the extra 'train' is not installed")

from inference.models.adversarial import AdversarialPose  # noqa: E402
from inference.models.fsanet import SIZE, FsaNet  # noqa: E402
from inference.models.pose_angles import angles_from_rotations  # noqa: E402
from inference.training.augment import NONE, Shares, only  # noqa: E402
from inference.training.checkpoint import Checkpoint, Progress, write_checkpoint  # noqa: E402
from inference.training.config import ConfigError, TrainingConfig, load_config  # noqa: E402
from inference.training.head_pose_figures import geodesics, pose_figures  # noqa: E402
from inference.training.head_pose_samples import HeadPoseSamples, halved, nearest  # noqa: E402
from inference.training.head_pose_task import (  # noqa: E402
    HeadPoseTask,
    angle_loss,
    make,
    tempered_angle_loss,
)
from inference.training.task import Batch, Paced, Samples  # noqa: E402

MARKS = ((0.0, -12.0, -35.0), (0.0, 25.0, -60.0), (0.0, 72.0, -20.0))
"""Brow, nose and chin in the plane of symmetry, head axes as the camera's at zero pose."""

COLOURS = ((230, 0, 0), (0, 230, 0), (0, 0, 230))


def marked_face(person: int, seed: int) -> Sample:
    """A drawn face with three dots of known places, each in a pure colour on black."""
    face = drawn_face(person, seed)
    picture = np.zeros_like(face.picture)
    for mark, colour in zip(np.array(MARKS) @ face.rotation.T, COLOURS, strict=True):
        x, y = (face.centre + mark[:2]).round(2) * 16
        cv2.circle(picture, (int(x), int(y)), 9 * 16, colour, cv2.FILLED, cv2.LINE_AA, 4)
    return replace(face, picture=picture)


def marked_shard(folder: Path) -> Packed:
    samples = [encode(marked_face(k // 2, k)) for k in range(40)]
    write_shard(folder / "marks.arrow", samples, {"made": "for a test"})
    return Packed([folder])


def dots(picture: np.ndarray) -> np.ndarray:
    """Places (3, 2) of the dots in a crop, pixels."""
    found = []
    for channel in range(3):
        rest = np.delete(picture, channel, axis=2).max(2).astype(np.float64)
        weight = np.clip(picture[..., channel] - rest - 40.0, 0.0, None)
        rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]]
        found.append([(columns * weight).sum(), (rows * weight).sum()] / weight.sum())
    return np.array(found)


def off_by(item: dict[str, np.ndarray]) -> float:
    """How far the dots lie from where the item's rotation puts them, in shares of their extent."""
    seen = dots(item["pictures"])
    told = (np.array(MARKS) @ item["rotation"].T)[:, :2]
    seen, told = seen - seen.mean(0), told - told.mean(0)
    scale = (seen * told).sum() / (told**2).sum()
    return float(np.abs(seen - scale * told).max() / np.abs(seen).max())


@pytest.mark.parametrize(
    "shares",
    [
        NONE,
        only("jitter", "far_jitter"),
        only("rotation"),
        only("mirror"),
        only("rotation", "mirror"),
    ],
)
def test_the_rotation_is_that_of_the_head_in_the_crop(tmp_path: Path, shares: Shares) -> None:
    samples = HeadPoseSamples(marked_shard(tmp_path), "train", shares)
    rng = np.random.default_rng(0)
    apart = [off_by(samples.item(k, rng)) for k in range(0, len(samples), 3)]
    assert np.median(apart) < 0.06
    assert max(apart) < 0.15


def test_crops_held_out_are_plain_and_the_same_at_every_call(tmp_path: Path) -> None:
    data = drawn_shard(tmp_path)
    samples = HeadPoseSamples(data, "holdout", Shares())
    first, again = (samples.item(0, np.random.default_rng(seed)) for seed in (1, 2))
    assert (first["pictures"] == again["pictures"]).all()
    assert first["rotation"] == pytest.approx(data.sample(int(samples.numbers[0])).rotation)
    assert held_out(samples.people).all()
    assert first["pictures"].shape == (SIZE, SIZE, 3)


def test_nobody_is_in_two_parts(tmp_path: Path) -> None:
    data = drawn_shard(tmp_path)
    parts = [
        set(HeadPoseSamples(data, "train", NONE, "first").people),
        set(HeadPoseSamples(data, "train", NONE, "second").people),
        set(HeadPoseSamples(data, "holdout", NONE).people),
    ]
    assert all(parts)
    assert sum(map(len, parts)) == len(set().union(*parts)) == len(set(data.people))
    people = np.arange(10_000)
    assert halved(people, "first").mean() == pytest.approx(0.5, abs=0.02)
    assert (halved(people, "first") ^ halved(people, "second")).all()


def rotations(*angles: tuple[float, float, float]) -> torch.Tensor:
    return torch.from_numpy(
        np.stack([rotation_in_camera(matrix_from_pose_para(Angles(*a))) for a in angles])
    )


def test_figures_of_known_errors() -> None:
    truth = rotations((0.0, 0.0, 0.0), (-50.0, 10.0, 5.0))
    found = rotations((3.0, 0.0, 0.0), (-50.0, 10.0, 11.0))
    figures = pose_figures(found, truth)
    assert figures["mae_yaw"] == pytest.approx(1.5, abs=1e-5)
    assert figures["mae_pitch"] == pytest.approx(0.0, abs=1e-5)
    assert figures["mae_roll"] == pytest.approx(3.0, abs=1e-5)
    assert figures["mae"] == pytest.approx(1.5, abs=1e-5)
    assert figures["geodesic"] == pytest.approx(4.5, abs=1e-5)
    assert figures["mae_yaw_0_30"] == pytest.approx(1.0, abs=1e-5)
    assert figures["geodesic_yaw_30_60"] == pytest.approx(6.0, abs=1e-5)
    assert "mae_yaw_60_90" not in figures


def test_near_the_pole_the_angles_differ_and_the_rotations_hardly() -> None:
    truth, found = rotations((89.0, 0.0, 0.0)), rotations((89.0, 40.0, 40.0))
    figures = pose_figures(found, truth)
    assert figures["mae"] > 20.0
    assert figures["geodesic"] < 2.0
    assert figures["mae_blender_xyz"] < 2.0


def test_turns_of_a_full_circle_are_none() -> None:
    truth, found = rotations((0.0, 179.0, 0.0)), rotations((0.0, -179.0, 0.0))
    assert pose_figures(found, truth)["mae_pitch"] == pytest.approx(2.0, abs=1e-4)
    apart = angle_loss(torch.tensor([[0.0, -179.0, 0.0]]), torch.tensor([[0.0, 179.0, 0.0]]))
    assert float(torch.rad2deg(apart)) == pytest.approx(2.0 / 3.0, abs=1e-4)


def test_a_head_near_the_pole_does_not_decide_the_step() -> None:
    def gradient(yaw: float) -> float:
        rotation = rotations((yaw, 0.0, 0.0)).requires_grad_()
        truth = torch.tensor([[yaw, 2.0, 2.0]], dtype=torch.float64)
        tempered_angle_loss(angles_from_rotations(rotation), truth).backward()
        assert rotation.grad is not None
        return float(rotation.grad.norm())

    assert gradient(89.5) < 1.5 * gradient(75.0)
    same = torch.tensor([[40.0, 3.0, -2.0]])
    assert tempered_angle_loss(same + 1.0, same) == pytest.approx(
        float(angle_loss(same + 1.0, same))
    )


@pytest.mark.parametrize("degrees", [0.0, 1e-3, 1.0, 90.0, 179.9])
def test_geodesics_are_angles_between_rotations(degrees: float) -> None:
    base = rotation_in_camera(matrix_from_blender_xyz(Angles(20.0, -40.0, 10.0)))
    turned = base @ rotation_in_camera(matrix_from_blender_xyz(Angles(degrees, 0.0, 0.0)))
    found = geodesics(torch.from_numpy(base)[None], torch.from_numpy(turned)[None])
    assert float(found) == pytest.approx(degrees, abs=1e-5)


def config(**task: object) -> TrainingConfig:
    return TrainingConfig(name="head-pose", task=task)


def batch_of(samples: Samples, count: int) -> Batch:
    items = [samples.item(k, np.random.default_rng(k)) for k in range(count)]
    return {key: torch.from_numpy(np.stack([i[key] for i in items])) for key in items[0]}


@pytest.mark.parametrize("form", ["angles", "columns"])
def test_a_step_lowers_the_loss_and_the_score_is_the_mean_error(tmp_path: Path, form: str) -> None:
    torch.manual_seed(0)
    task = make(config(form=form, width=0.5), drawn_shard(tmp_path))
    network = task.network().train()
    batch = batch_of(task.data("train"), 8)
    descent = torch.optim.Adam(network.parameters(), lr=2e-3)
    losses = []
    for _ in range(6):
        terms = task.loss(network, batch)
        descent.zero_grad()
        terms["sum"].backward()
        descent.step()
        losses.append(float(terms["sum"].detach()))
    assert losses[-1] < losses[0]
    with torch.no_grad():
        figures = task.measure(network.eval(), [batch_of(task.data("holdout"), 2)])
    assert figures["score"] == figures["mae"]
    assert 0.0 < figures["mae"] < 180.0


def test_what_is_exported_gives_the_same_angles(tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx", reason="the extra 'train' is not installed")
    from inference.training.export import written

    torch.manual_seed(0)
    task = make(config(width=0.5), drawn_shard(tmp_path))
    network = task.network().eval()
    export = task.exported(network)
    assert export.kind == "head-pose"
    file = written(export)
    session = onnxruntime.InferenceSession(file.data, providers=["CPUExecutionProvider"])
    pictures = torch.rand(3, 3, SIZE, SIZE)
    (angles,) = session.run(["angles"], {"pictures": pictures.numpy()})
    with torch.no_grad():
        assert angles == pytest.approx(network(pictures).angles.numpy(), abs=1e-2)
    assert file.differences["angles"] < 1e-4


def test_the_shipped_settings_are_sound(tmp_path: Path) -> None:
    made = make(load_config("head-pose"), drawn_shard(tmp_path))
    assert isinstance(made.network(), FsaNet)


def test_an_unknown_setting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="wdith"):
        make(config(wdith=1.0), drawn_shard(tmp_path))


def test_the_nearest_head_poses_are_found_across_the_jump_of_angles() -> None:
    truth = rotations((0.0, 179.0, 0.0), (0.0, 120.0, 0.0), (0.0, 0.0, 0.0), (60.0, 0.0, 0.0))
    found = nearest(rotations((0.0, -178.0, 0.0), (40.0, 0.0, 0.0)).numpy(), truth.numpy(), 2)
    assert found.tolist() == [[0, 1], [3, 2]]
    assert nearest(truth.numpy(), truth.numpy(), 9).shape == (4, 4)


def photographs(folder: Path, count: int = 12) -> dict[str, list[float]]:
    """Drawn faces as somebody's pictures, and their boxes by name."""
    boxes = {}
    folder.mkdir()
    for k in range(count):
        face = drawn_face(seed=500 + k)
        cv2.imwrite(str(folder / f"{k}.png"), face.picture[:, :, ::-1])
        low, high = face.points[520:, :2].min(0), face.points[520:, :2].max(0)
        boxes[f"{k}.png"] = [float(v) for v in (*low, *(high - low))]
    (folder.parent / "boxes.json").write_text(json.dumps(boxes))
    return boxes


def trained_run(folder: Path, width: float = 0.5) -> Path:
    torch.manual_seed(3)
    folder.mkdir()
    weights = FsaNet("columns", width).state_dict()
    write_checkpoint(
        folder / "best.pt", Checkpoint("head-pose", {}, {}, Progress(finished="yes"), {}, weights)
    )
    return folder


def adapting(tmp_path: Path, **more: object) -> HeadPoseTask:
    photographs(tmp_path / "photos")
    shards = tmp_path / "shards"
    shards.mkdir()
    names = {
        "unlabelled": str(tmp_path / "photos"),
        "boxes": str(tmp_path / "boxes.json"),
        "start": str(trained_run(tmp_path / "run")),
    }
    wanted = {"width": 0.5, "neighbours": 3, "half": "second", **names, **more}
    return make(config(**wanted), drawn_shard(shards))


def test_every_unlabelled_picture_meets_samples_of_the_head_pose_it_seems_to_have(
    tmp_path: Path,
) -> None:
    task = adapting(tmp_path, augment=dict.fromkeys(Shares.__struct_fields__, 0.0))
    samples = task.data("train")
    assert len(samples) == 12 * 3
    network = task.network().eval()
    batch = batch_of(samples, 36)
    with torch.no_grad():
        said = network(batch["unlabelled"].permute(0, 3, 1, 2) / 255.0).rotation
    apart = geodesics(said, batch["rotation"]).reshape(12, 3)
    source = HeadPoseSamples(task.packed, "train", NONE, "second")
    everything = torch.from_numpy(
        np.stack([source.item(k, np.random.default_rng(0))["rotation"] for k in range(len(source))])
    )
    least = torch.stack([geodesics(r.expand_as(everything), everything).min() for r in said[::3]])
    assert torch.allclose(apart[:, 0], least, atol=1e-3)
    assert (apart.diff(dim=1) > -1e-3).all()
    assert set(samples.people) <= set(source.people)


def test_adapting_starts_from_the_trained_network_and_trains_both_sides(tmp_path: Path) -> None:
    task = adapting(tmp_path)
    network = task.network().train()
    assert isinstance(network, AdversarialPose)
    started = torch.load(tmp_path / "run" / "best.pt", weights_only=True)["mean"]
    assert all(torch.equal(v, started[k]) for k, v in network.pose.state_dict().items())
    assert isinstance(task, Paced)
    batch = batch_of(task.data("train"), 6)
    gradients = []
    for fraction in (0.0, 1.0):
        task.pace(fraction)
        network.zero_grad()
        terms = task.loss(network, batch)
        terms["domain"].backward()
        kernel = next(iter(network.pose.parameters())).grad
        assert kernel is not None
        gradients.append(float(kernel.abs().sum()))
        assert any(p.grad is not None and p.grad.any() for p in network.domain.parameters())
    assert gradients[0] == 0.0
    assert gradients[1] > 0.0
    assert task.exported(network.eval()).kind == "head-pose"


def test_pictures_without_a_face_are_left_out_and_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    task = adapting(tmp_path)
    (tmp_path / "photos" / "damaged.jpg").write_bytes(b"none")
    cv2.imwrite(str(tmp_path / "photos" / "unknown.png"), np.zeros((40, 40, 3), np.uint8))
    assert len(task.data("train")) == len(task.data("train")) == 12 * 3
    (told,) = (record.getMessage() for record in caplog.records)
    assert told.startswith("2 unlabelled pictures are left out, 12 are used")


def test_an_adapted_network_is_exported_without_the_pictures(tmp_path: Path) -> None:
    task = adapting(tmp_path)
    shutil.rmtree(tmp_path / "photos")
    assert task.exported(task.network().eval()).kind == "head-pose"
    assert len(task.data("holdout"))


def test_what_an_adaptation_lacks_is_told_in_one_line(tmp_path: Path) -> None:
    photographs(tmp_path / "photos")
    shards = tmp_path / "shards"
    shards.mkdir()
    data, run = drawn_shard(shards), trained_run(tmp_path / "run")
    photos, boxes = str(tmp_path / "photos"), str(tmp_path / "boxes.json")
    (tmp_path / "empty").mkdir()
    (tmp_path / "few.json").write_text('{"0.png": [10, 10, 90, 90], "1.png": [5, 5, 80, 90]}')
    (tmp_path / "bad.json").write_text("[")
    wide = str(trained_run(tmp_path / "wide", 1.0))
    for said, settings in {
        "start=RUN": {"unlabelled": photos},
        "train head-pose first": {"unlabelled": photos, "start": str(tmp_path / "no")},
        "width 0.5": {"unlabelled": photos, "start": wide},
        "is no folder": {"unlabelled": str(tmp_path / "no"), "start": str(run)},
        "has 0 pictures": {
            "unlabelled": str(tmp_path / "empty"),
            "start": str(run),
            "boxes": boxes,
        },
        "has 2 pictures": {
            "unlabelled": photos,
            "start": str(run),
            "boxes": str(tmp_path / "few.json"),
        },
        "JSON": {"unlabelled": photos, "start": str(run), "boxes": str(tmp_path / "bad.json")},
    }.items():
        with pytest.raises(ConfigError, match=said) as refused:
            make(config(width=0.5, **settings), data).data("train")
        assert "\n" not in str(refused.value)
