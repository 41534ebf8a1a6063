"""Learning faces: crops from shards, the loss, the figures, and what is exported."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from app.dataset.packed import Packed  # noqa: E402
from app.dataset.sample import OUTLINED, held_out  # noqa: E402
from inference.models.face import FaceOutput  # noqa: E402
from inference.training.config import ConfigError, TrainingConfig, load_config  # noqa: E402
from inference.training.face_figures import FaceFigures  # noqa: E402
from inference.training.face_samples import FaceData, far_off  # noqa: E402
from inference.training.face_task import FaceSettings, FaceTask, make, taken  # noqa: E402
from inference.training.placing import exact  # noqa: E402
from inference.training.task import Batch, Item, Samples  # noqa: E402
from tests.unit.drawn_faces import drawn_shard  # noqa: E402

SMALL = {"size": 64, "width": 0.25, "code": 32}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    return drawn_shard(tmp_path_factory.mktemp("shard"))


@pytest.fixture
def task(data: Packed) -> FaceTask:
    torch.manual_seed(0)
    return make(TrainingConfig(task=SMALL), data)


def batch_of(samples: Samples, indices: range, seed: int = 0) -> Batch:
    items: list[Item] = [samples.item(i, np.random.default_rng(seed + i)) for i in indices]
    return {k: torch.from_numpy(np.stack([i[k] for i in items])) for k in items[0]}


def test_nobody_is_in_both_parts(task: FaceTask, data: Packed) -> None:
    trained, apart = task.data("train").people, task.data("holdout").people
    assert len(trained) + len(apart) == len(data)
    assert len(apart) > 0
    assert not set(trained) & set(apart)
    assert held_out(apart).all()


def test_held_out_crops_are_the_same_whatever_the_chance(task: FaceTask) -> None:
    samples = task.data("holdout")
    for index in range(len(samples)):
        first, again = (samples.item(index, np.random.default_rng(s)) for s in (1, 2))
        for key in first:
            np.testing.assert_array_equal(first[key], again[key])


def test_training_crops_follow_their_chance(task: FaceTask) -> None:
    samples = task.data("train")
    first, same, other = (samples.item(3, np.random.default_rng(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(first["pictures"], same["pictures"])
    assert (first["pictures"] != other["pictures"]).any()
    assert first["pictures"].shape == (64, 64, 3)
    assert first["pictures"].dtype == np.uint8


def test_some_training_crops_show_no_face(data: Packed) -> None:
    samples = make(TrainingConfig(task={**SMALL, "absent": 0.5}), data).data("train")
    faces = [float(samples.item(i, np.random.default_rng(i))["face"]) for i in range(60)]
    assert 0.25 < np.mean(faces) < 0.75


def test_a_crop_of_no_face_is_far_from_the_face(data: Packed) -> None:
    points = data.sample(0).points
    right = exact(points)
    rng = np.random.default_rng(0)
    for _ in range(300):
        place = far_off(points, rng)
        apart = np.hypot(*np.subtract(place.centre, right.centre))
        much_smaller_or_larger = not 0.36 < place.side / right.side < 2.4
        assert much_smaller_or_larger or apart > 0.5 * (place.side + right.side) / 2.0


def test_crops_are_smaller_at_first(data: Packed) -> None:
    task = make(TrainingConfig(task={**SMALL, "early": {"share": 0.5, "size": 32}}), data)
    network = task.network()
    sizes: list[tuple[int, ...]] = []
    network.register_forward_pre_hook(lambda _, given: sizes.append(tuple(given[0].shape[2:])))
    batch = batch_of(task.data("train"), range(4))
    for fraction in (0.0, 0.49, 0.51):
        task.pace(fraction)
        assert bool(torch.isfinite(task.loss(network, batch)["sum"]))
    task.measure(network, [batch])
    assert sizes == [(32, 32), (32, 32), (64, 64), (64, 64)]


def test_a_few_steps_lessen_the_loss_of_all_parts(task: FaceTask) -> None:
    network = task.network()
    batch = batch_of(task.data("train"), range(16))
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3)
    history = []
    for _ in range(14):
        terms = task.loss(network, batch)
        optimiser.zero_grad()
        terms["sum"].backward()
        optimiser.step()
        history.append({name: float(term.detach()) for name, term in terms.items()})
    assert history[-1]["sum"] < history[0]["sum"]
    for name in ("distance", "likelihood", "rotation"):
        assert history[-1][name] < 0.8 * history[0][name], name


def test_crops_without_a_face_teach_presence_alone(task: FaceTask) -> None:
    network = task.network()
    batch = batch_of(task.data("train"), range(6))
    batch["face"] = torch.zeros(6)
    terms = task.loss(network, batch)
    for name in ("distance", "likelihood", "depth", "rotation"):
        assert float(terms[name].detach()) == 0.0
    terms["sum"].backward()
    assert float(network.landmarks.weight.grad.abs().max()) == 0.0
    assert float(network.presence.weight.grad.abs().max()) > 0.0


def perfect(batch: Batch, shift: float = 0.0) -> FaceOutput:
    points = batch["points"].clone()
    points[..., 0] += shift
    columns = batch["rotation"].transpose(1, 2)[:, :2].flatten(1)
    sigma = torch.full(points.shape[:2], float(np.log(max(shift, 1e-3))))
    return FaceOutput(points, sigma, columns, 8.0 * (batch["face"] - 0.5))


def test_figures_of_known_errors(data: Packed) -> None:
    samples = make(TrainingConfig(task={**SMALL, "absent": 0.3}), data).data("train")
    batch = batch_of(samples, range(40))
    batch["plain"] = (torch.arange(40) % 2).float()
    figures = FaceFigures()
    figures.add(perfect(batch), batch)
    told = figures.told()
    for name in ("nme", "nme_augmented", "depth", "pose", "faces_missed", "false_faces", "score"):
        assert told[name] == pytest.approx(0.0, abs=0.05), name
    figures = FaceFigures()
    figures.add(perfect(batch, 0.01), batch)
    told = figures.told()
    chosen = (batch["face"] * batch["plain"]).bool()
    truth = batch["points"][chosen][:, OUTLINED, :2]
    eyes = (truth[:, 45] - truth[:, 36]).norm(dim=1)
    assert told["nme"] == pytest.approx(float((100.0 * 0.01 / eyes).mean()), rel=1e-4)
    assert told["calibration"] == pytest.approx(np.sqrt(0.5), rel=1e-3)


def test_heads_that_look_aside_are_not_among_those_that_face_the_camera(data: Packed) -> None:
    samples = make(TrainingConfig(task={**SMALL, "absent": 0.0}), data).data("train")
    batch = batch_of(samples, range(8))
    batch["plain"] = torch.ones(8)
    batch["rotation"] = torch.eye(3).repeat(8, 1, 1)
    aside = torch.tensor([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
    batch["rotation"][:4] = aside
    found = perfect(batch)
    found.landmarks[:4, :, 0] += 0.1
    figures = FaceFigures()
    figures.add(found, batch)
    told = figures.told()
    assert told["nme_facing"] == pytest.approx(0.0, abs=1e-6) and told["nme"] > 1.0


def test_what_is_exported_says_the_same_in_plain_numbers(task: FaceTask) -> None:
    network = task.network().eval()
    export = task.exported(network)
    with torch.no_grad():
        made = export.module(*export.inputs.values())
        out = network(*export.inputs.values())
    landmarks, sigma, rotation, presence = made
    assert export.kind == "face"
    assert len(made) == len(export.outputs)
    assert landmarks.shape == (2, 588, 3)
    assert torch.equal(landmarks, out.landmarks)
    assert torch.allclose(sigma.log(), out.log_sigma, atol=1e-5)
    assert torch.allclose(
        rotation @ rotation.transpose(1, 2), torch.eye(3).expand(2, 3, 3), atol=1e-5
    )
    assert ((presence > 0.0) & (presence < 1.0)).all()


def test_a_new_network_gives_the_mean_face(task: FaceTask) -> None:
    samples = task.data("holdout")
    batch = batch_of(samples, range(len(samples)))
    told = task.measure(task.network().eval(), [batch])
    assert told["nme"] < 60.0
    assert task.show(task.network().eval(), batch).ndim == 3


@pytest.mark.parametrize(
    "wrong", [{"size": 100}, {"width": 0.0}, {"augment": {"nois": 1.0}}, {"outlined": 2.0}]
)
def test_settings_that_cannot_be_are_refused_in_one_line(
    data: Packed, wrong: dict[str, object]
) -> None:
    with pytest.raises(ConfigError) as caught:
        make(TrainingConfig(task=wrong), data)
    assert "\n" not in str(caught.value)


def test_shares_can_be_set_one_by_one_for_an_ablation(data: Packed) -> None:
    config = load_config("face", changes=["task.augment.noise=0", "task.absent=0.0"])
    task = make(config, data)
    assert task.settings.augment.noise == 0.0
    assert task.settings.augment.tone == FaceData().augment.tone
    assert task.settings.absent == 0.0


def test_the_shipped_settings_keep_the_network_small(data: Packed) -> None:
    from inference.models.paper_nets import multiply_adds, parameters

    config = load_config("face")
    settings = msgspec.convert(config.task, FaceSettings)
    network = make(config, data).network()
    assert 2 * parameters(network) < 6e6, "16 bits a weight"
    crop = torch.rand(1, 3, settings.size, settings.size)
    assert multiply_adds(network, crop) < 0.4e9


def test_shards_stay_out_of_what_is_pickled(task: FaceTask, tmp_path: Path) -> None:
    import pickle

    assert len(pickle.dumps(task.data("train"))) < 20_000


def test_of_heads_that_look_aside_the_part_asked_for_is_used() -> None:
    angles = np.zeros((400, 3), np.float32)
    angles[::2, 0] = 70.0
    angles[1::4, 1] = -80.0
    facing = np.arange(400) % 4 == 3
    for aside in (0.0, 0.25, 0.5, 1.0):
        used = taken(angles, aside)
        assert used[facing].all()
        assert used[~facing].mean() == pytest.approx(aside, abs=0.005)
