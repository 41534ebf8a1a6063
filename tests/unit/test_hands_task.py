"""Hands on the wheel and the wheel's region: samples, mirroring, learning, export."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cli import main
from app.dataset.driver_data import Drivers
from app.dataset.driver_packed import pack_drivers
from app.dataset.driver_sample import UNCERTAIN
from app.scene.solids import SEGMENTS
from inference.card import read_card
from tests.unit.drawn_drivers import write_drivers

torch = pytest.importorskip("torch", reason="the extra 'train' is not installed")

from inference.models.hands import ExportedHands, HandsNet  # noqa: E402
from inference.models.wheel_region import ExportedRegion, RegionNet  # noqa: E402
from inference.training import region_task  # noqa: E402
from inference.training.config import ConfigError, TrainingConfig, load_config  # noqa: E402
from inference.training.driver_looks import (  # noqa: E402
    CABIN,
    CAMERA,
    HANDS,
    MOST_COVERED,
    DriverLooks,
    Scene,
    looked_at,
)
from inference.training.hands_samples import cut, jittered, region_crop, region_of  # noqa: E402
from inference.training.hands_task import HandsTask, look_loss, make, state_loss  # noqa: E402
from inference.training.loading import holdout_batches  # noqa: E402
from inference.training.region_samples import ABSENT, PRESENT, boxed, whole  # noqa: E402
from inference.training.task import Batch  # noqa: E402

CALM = dict.fromkeys((*CABIN, *CAMERA), 0.0) | {"calm": 1.0}


@pytest.fixture(scope="module")
def drivers(tmp_path_factory: pytest.TempPathFactory) -> Drivers:
    root = tmp_path_factory.mktemp("drivers") / "set"
    write_drivers(root, people=5, sequences=10, each=4)
    return Drivers([root])


def task_of(drivers: Drivers, **task: object) -> HandsTask:
    return make(TrainingConfig(name="hands", task={"size": 64, "width": 0.25, **task}), drivers)


def batch_of(task: HandsTask, part: str = "holdout", count: int = 4) -> Batch:
    samples = task.data("train" if part == "train" else "holdout")
    return next(holdout_batches(samples, np.arange(count), count, 0, False))


def test_nobody_is_trained_on_who_is_held_out(drivers: Drivers) -> None:
    task = task_of(drivers)
    train, held = task.data("train"), task.data("holdout")
    assert not set(train.people.tolist()) & set(held.people.tolist())
    assert (len(train), len(held)) == (32, 8)


def test_a_crop_about_the_wheel_shows_the_hands_where_it_says(drivers: Drivers) -> None:
    for index in range(0, len(drivers), 7):
        made = cut(drivers.sample(index), region_crop(drivers.sample(index), 128))
        assert made.seen.all()
        for k, kind in enumerate(HANDS):
            rows, columns = np.nonzero(made.scene.segments == kind)
            middle = (np.array([columns.mean(), rows.mean()]) + 0.5) / 128 - 0.5
            assert np.abs(middle - made.where[k]).max() < 0.03


def test_held_out_samples_are_the_same_at_every_call(drivers: Drivers) -> None:
    held = task_of(drivers).data("holdout")
    a, b = (held.item(3, np.random.default_rng(seed)) for seed in (1, 2))
    assert all(np.array_equal(a[name], b[name]) for name in a)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_mirroring_exchanges_the_hands(drivers: Drivers, seed: int) -> None:
    rng = np.random.default_rng(seed)
    sample = drivers.sample(seed % len(drivers))
    made = cut(sample, jittered(region_crop(sample, 96), task_of(drivers).settings, rng))
    mirrored = made.mirrored()
    assert np.array_equal(mirrored.states, made.states[::-1])
    assert np.array_equal(mirrored.distances, made.distances[::-1])
    assert np.allclose(mirrored.where[0], made.where[1] * [-1.0, 1.0])
    assert np.array_equal(mirrored.scene.picture[:, ::-1], made.scene.picture)
    again = mirrored.mirrored()
    assert np.array_equal(again.where, made.where) and np.array_equal(again.states, made.states)


def test_a_wheel_out_of_sight_leaves_the_whole_picture(drivers: Drivers) -> None:
    sample = drivers.sample(0)
    away = replace(sample, wheel=np.array([500.0, 500.0, 40.0, 40.0], np.float32))
    assert region_of(away) == (-0.5, -0.5, 96.0, 96.0)


@settings(max_examples=25, deadline=None)
@given(name=st.sampled_from([*CABIN, *CAMERA]), seed=st.integers(0, 500))
def test_changes_keep_the_picture_s_form_and_most_of_the_hands(
    drivers: Drivers, name: str, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    made = cut(drivers.sample(seed % len(drivers)), region_crop(drivers.sample(0), 96))
    before = made.scene.picture.copy()
    found = looked_at(made.scene, DriverLooks(**{**CALM, "calm": 0.0, name: 1.0}), rng)
    assert found.shape == (96, 96, 3) and found.dtype == np.uint8
    assert np.array_equal(made.scene.picture, before)
    if name == "cover":
        changed = (found != before).any(axis=2)
        for kind in HANDS:
            hand = made.scene.segments == kind
            assert changed[hand].sum() <= (MOST_COVERED + 0.15) * hand.sum() + 4


def test_calm_pictures_are_as_they_were(drivers: Drivers) -> None:
    scene = cut(drivers.sample(1), region_crop(drivers.sample(1), 64)).scene
    found = looked_at(scene, DriverLooks(**CALM), np.random.default_rng(0))
    assert np.array_equal(found, scene.picture)


def test_other_colours_of_clothes_leave_hands_and_wheel_alone() -> None:
    rng = np.random.default_rng(3)
    segments = np.repeat(np.arange(len(SEGMENTS), dtype=np.uint8), 12)[None].repeat(84, axis=0)
    picture = np.full((84, 84, 3), 120, np.uint8)
    found = CABIN["clothes"](Scene(picture, segments[:, :84]), rng)
    changed = np.abs(found.astype(int) - 120).max(axis=2)[0]
    inner = {name: changed[k * 12 + 4 : k * 12 + 8].max() for k, name in enumerate(SEGMENTS)}
    assert inner["person"] > 0
    assert all(inner[name] <= 1 for name in ("wheel", "left_hand", "right_hand", "outside"))


def test_uncertain_hands_weigh_nothing() -> None:
    logits = torch.tensor([[2.0, -1.0], [0.5, 3.0]])
    states = torch.tensor([[1, 0], [1, 1]])
    changed = logits.clone()
    changed[1, 1] = -50.0
    unsure = states.clone()
    unsure[1, 1] = UNCERTAIN
    assert float(state_loss(logits, unsure)) == pytest.approx(float(state_loss(changed, unsure)))
    assert float(state_loss(logits, states)) != pytest.approx(float(state_loss(changed, states)))
    assert float(state_loss(logits, torch.full((2, 2), UNCERTAIN))) == 0.0


def test_a_head_that_looks_at_its_hand_has_the_least_loss() -> None:
    where = torch.tensor([[[-0.3125, 0.1875], [0.4375, -0.4375]]])
    seen = torch.tensor([[True, True]])
    looks = torch.zeros(1, 2, 8, 8)
    even = float(look_loss(looks, where, seen))
    assert even == pytest.approx(np.log(64.0), rel=1e-4)
    looks[0, 0, 5, 1] = looks[0, 1, 0, 7] = 20.0
    assert float(look_loss(looks, where, seen)) < 1e-3
    assert float(look_loss(looks.flip(3), where, seen)) > 10.0
    assert float(look_loss(looks.flip(3), where, torch.tensor([[False, False]]))) == 0.0


def test_the_network_learns_drawn_hands(drivers: Drivers) -> None:
    torch.manual_seed(1)
    task = task_of(drivers, looks=CALM, stretch=0.05, shift=0.02, turn=0.0)
    network = task.network()
    samples = task.data("train")
    optimiser = torch.optim.AdamW(network.parameters(), 3e-3)
    indices = np.arange(0, len(samples), 2)
    batch = next(holdout_batches(samples, indices, len(indices), 0, False))
    first = last = 0.0
    for k in range(35):
        terms = task.loss(network, batch)
        optimiser.zero_grad()
        terms["sum"].backward()
        optimiser.step()
        last = float(terms["sum"].detach())
        first = first or last
        assert np.isfinite(last), k
    assert last < 0.45 * first


def test_figures_are_told_of_hands_and_slices(drivers: Drivers) -> None:
    task = task_of(drivers)
    network = task.network().eval()
    with torch.no_grad():
        told = task.measure(network, [batch_of(task, count=8)])
    assert {"score", "left_auc", "right_accuracy", "left_f1"} <= set(told)
    assert 0.0 < told["score"] < 2.0 and told["left_count"] == 8


@pytest.mark.parametrize("module", ["hands", "wheel-region"])
def test_exports_say_what_torch_says_and_are_small(drivers: Drivers, module: str) -> None:
    pytest.importorskip("onnx", reason="the extra 'train' is not installed")
    from inference.training.export import written
    from inference.training.tasks import TASKS, task

    assert module in TASKS
    config = load_config(module, None, ["task.size=64"])
    made = task(module, config, drivers.folders)
    export = made.exported(made.network().eval())
    done = written(export)
    assert max(done.differences.values()) < 1e-4
    assert len(done.data) < {"hands": 7e6, "wheel-region": 1.3e6}[module]
    assert export.kind == module


@pytest.mark.parametrize("name", ["hands", "wheel-region"])
def test_from_shards_to_an_onnx_file_by_the_commands(
    drivers: Drivers, tmp_path: Path, name: str
) -> None:
    pytest.importorskip("onnx", reason="the extra 'train' is not installed")
    shards, run, model = tmp_path / "shards", tmp_path / "run", tmp_path / "m" / f"{name}.onnx"
    pack_drivers(drivers.folders[0], shards, lambda done, total: None)
    changes = ("task.size=64", "task.width=0.25", "batch=8", "steps=2", "workers=0")
    words = ["train", name, "--data", str(shards), "--run", str(run), "--device", "cpu"]
    words += [word for change in changes for word in ("--set", change)]
    assert main(words, lambda _: 0) == 0
    assert main(["export", name, "--run", str(run), "--output", str(model)], lambda _: 0) == 0
    card = read_card(model.with_suffix(".json"))
    assert card.kind == name and card.data["held_out_people"] == 1
    data = str(drivers.folders[0])
    assert main(["evaluate", "--model", str(model), "--data", data, "--json"], lambda _: 0) == 0


def test_drivers_are_not_rendered_while_training_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "hands", "--on-the-fly", "--run", str(tmp_path / "run")]
    assert main(words, lambda _: 0) == 2
    assert "generate-driver" in capsys.readouterr().err


def test_the_picture_of_the_hold_out_shows_all_samples(drivers: Drivers) -> None:
    task = task_of(drivers)
    sheet = task.show(task.network().eval(), batch_of(task, count=5))
    assert sheet.shape == (512, 1024, 3) and sheet.dtype == np.uint8


@pytest.mark.parametrize(
    ("network", "exported"), [(HandsNet, ExportedHands), (RegionNet, ExportedRegion)]
)
def test_outputs_have_the_shapes_of_their_contract(network: type, exported: type) -> None:
    torch.manual_seed(0)
    with torch.no_grad():
        outputs = exported(network(0.25).eval())(torch.rand(3, 3, 64, 64))
    shapes = [tuple(o.shape) for o in outputs]
    assert shapes == ([(3, 2)] if exported is ExportedHands else [(3, 4), (3,)])
    assert float(outputs[-1].min()) >= 0.0 and float(outputs[-1].max()) <= 1.0


def test_settings_that_do_not_fit_are_refused(drivers: Drivers) -> None:
    for wrong in ({"size": 100}, {"wdith": 1.0}, {"looks": {"calm": 2.0}}):
        with pytest.raises(ConfigError, match=r"\[task\]"):
            make(TrainingConfig(name="hands", task=wrong), drivers)


# The wheel's region


def test_a_window_has_the_box_of_what_is_in_it(drivers: Drivers) -> None:
    sample = drivers.sample(2)
    box, state = boxed(sample, whole(sample, 128))
    assert state == PRESENT
    x, y, w, h = sample.wheel
    wanted = (np.array([x, y, x + w, y + h]) + 0.5) / 96.0 - 0.5
    assert np.abs(box - wanted).max() < 0.01


def test_windows_without_a_wheel_say_so(drivers: Drivers) -> None:
    config = TrainingConfig(name="wheel-region", task={"size": 64, "absent": 1.0})
    samples = region_task.make(config, drivers).data("train")
    states = [int(samples.item(k, np.random.default_rng(k))["state"]) for k in range(8)]
    assert states == [ABSENT] * 8


def test_mirrored_windows_have_mirrored_boxes(drivers: Drivers) -> None:
    def item(mirror: float) -> dict[str, np.ndarray]:
        task = {"size": 64, "absent": 0.0, "mirror": mirror, "looks": CALM}
        made = region_task.make(TrainingConfig(name="wheel-region", task=task), drivers)
        return made.data("train").item(1, np.random.default_rng(5))

    plain, mirrored = item(0.0), item(1.0)
    assert np.array_equal(plain["pictures"][:, ::-1], mirrored["pictures"])
    assert np.allclose(plain["box"][[2, 1, 0, 3]] * [-1, 1, -1, 1], mirrored["box"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-0.5, 0.5), min_size=8, max_size=8))
def test_overlaps_are_those_of_areas(values: list[float]) -> None:
    a, b = (sorted_box(values[k : k + 4]) for k in (0, 4))
    share = float(region_task.overlap(a, b)[0])
    whole_ = float(region_task.generalised_overlap(a, b)[0])
    assert -1e-6 <= share <= 1.0 + 1e-6 and whole_ <= share + 1e-6 and whole_ >= -1.0 - 1e-6
    assert float(region_task.overlap(a, a)[0]) == pytest.approx(1.0, abs=1e-3)


def sorted_box(values: list[float]) -> torch.Tensor:
    x, y = sorted(values[:2]), sorted(values[2:])
    return torch.tensor([[x[0], y[0], x[1] + 0.01, y[1] + 0.01]])
