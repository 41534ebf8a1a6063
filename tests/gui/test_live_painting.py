"""What is painted over a live picture."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from pytestqt.qtbot import QtBot

from app.geometry.rotations import Angles
from inference.depth import DepthMap
from inference.live.outcome import LiveResult
from tests.gui.live_faces import GREY, depth_over, face_at, live, mean_points, moved, result_of
from widgets.live.dense_mesh import dense_mesh
from widgets.live.depth_colors import color_table, depth_pixels
from widgets.live.overlays import (
    COLOR_MAPS,
    LAYERS,
    DepthLayer,
    Layer,
    Overlays,
    SigmaLayer,
    from_stored,
    stored,
)
from widgets.live.painting import image_with, paint

NOTHING = Overlays(
    **{name: Layer() for name in LAYERS if name not in ("sigma", "depth")},
    sigma=SigmaLayer("off"),
    depth=DepthLayer(False),
)
EVERYTHING = Overlays(
    **{name: Layer(True, 1.0) for name in LAYERS if name not in ("sigma", "depth")},
    sigma=SigmaLayer("colour", 1.0),
    depth=DepthLayer(True, 1.0),
)
DRAWN = [name for name in LAYERS if name != "hands"]


@pytest.fixture(autouse=True)
def application(qapp: QGuiApplication) -> QGuiApplication:
    """Words are drawn with its fonts."""
    return qapp


def full_face() -> LiveResult:
    face = face_at(angles=Angles(20.0, 5.0, -4.0))
    return result_of(live(face, depth=depth_over(face)))


def changed(result: LiveResult, overlays: Overlays) -> NDArray[np.bool_]:
    """Which pixels of the picture are painted over, shape (H, W)."""
    return np.asarray((image_with(result, overlays) != result.frame.picture).any(axis=2))


def only(name: str, opacity: float = 1.0) -> Overlays:
    return NOTHING.with_shown(name, True).with_opacity(name, opacity)


def strength(result: LiveResult, overlays: Overlays) -> float:
    """How much the picture is changed altogether."""
    painted = image_with(result, overlays).astype(int)
    return float(np.abs(painted - result.frame.picture).sum())


def test_without_layers_the_picture_stays_as_it_came() -> None:
    result = full_face()
    np.testing.assert_array_equal(image_with(result, NOTHING), result.frame.picture)
    assert (result.frame.picture == GREY).all()


@pytest.mark.parametrize("name", DRAWN)
def test_each_layer_draws_about_the_face_and_its_opacity_weakens_it(name: str) -> None:
    result = full_face()
    there = changed(result, only(name))
    assert there.any(), "the layer is drawn"
    ys, xs = np.nonzero(there)
    assert 160 < xs.mean() < 460, "about the face"
    assert 100 < ys.mean() < 400
    whole, half, none = (strength(result, only(name, part)) for part in (1.0, 0.5, 0.0))
    assert 0.3 * whole < half < 0.7 * whole
    assert none == 0.0
    assert (result.frame.picture == GREY).all(), "the frame itself is never drawn on"


def test_nothing_is_drawn_of_hands_that_nobody_looks_at() -> None:
    result = full_face()
    np.testing.assert_array_equal(image_with(result, only("hands")), result.frame.picture)


@pytest.mark.parametrize("scale", [1.0, 2.0, 6.5])
@pytest.mark.parametrize("shift", [0.0, 0.25, 0.4, 0.9])
def test_points_lie_where_they_are_found_to_a_part_of_a_pixel(scale: float, shift: float) -> None:
    """Pixel (0, 0) is the centre of the top left one, so 20.0 lies 20.5 pixels from the edge."""
    face = face_at()
    points = np.full((68, 3), [20.0 + shift, 16.0 - shift / 2, 0.0], np.float32)
    result = result_of(live(replace(face, landmarks_68=points)), size=(48, 32))
    image = QImage(round(48 * scale), round(32 * scale), QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.scale(scale, scale)
    paint(painter, result, only("points_68"), scale)
    painter.end()
    seen = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    light = seen[: image.height(), : image.width(), 1].astype(float)
    ys, xs = np.mgrid[: light.shape[0], : light.shape[1]] + 0.5
    x, y = (light * xs).sum() / light.sum(), (light * ys).sum() / light.sum()
    assert x == pytest.approx((20.5 + shift) * scale, abs=0.2)
    assert y == pytest.approx((16.5 - shift / 2) * scale, abs=0.2)


def test_a_face_of_low_confidence_fades() -> None:
    face = face_at()
    drawn = [
        strength(result_of(live(face, confidence=c)), EVERYTHING) for c in (1.0, 0.5, 0.3, 0.15)
    ]
    assert drawn == sorted(drawn, reverse=True)
    assert drawn[-1] < 0.2 * drawn[0]
    assert strength(result_of(live(face, confidence=0.02)), EVERYTHING) == 0.0


def test_raw_and_filtered_values_are_told_apart() -> None:
    calm = face_at()
    result = result_of(live(calm, raw=moved(calm, 60.0, 0.0)))
    columns = [
        np.nonzero(changed(result, replace(only("points_68"), raw=raw)))[1].mean()
        for raw in (False, True)
    ]
    assert columns[1] - columns[0] == pytest.approx(60.0, abs=1.0)


def test_two_models_are_drawn_in_two_colours_or_one_of_them_alone() -> None:
    face = face_at()
    other = moved(face, 0.0, 80.0)
    result = result_of(live(face, second_raw=other, second_filtered=other))
    rows = {
        sides: np.nonzero(changed(result, replace(only("points_68"), side_by_side=sides)))[0]
        for sides in ("a", "b", "both")
    }
    assert rows["b"].mean() - rows["a"].mean() == pytest.approx(80.0, abs=1.0)
    assert len(rows["both"]) > 1.5 * len(rows["a"])
    shown = image_with(result, replace(only("points_68"), side_by_side="both")).astype(int)
    red, green = shown[..., 0], shown[..., 1]
    assert ((green - red) > 60).any(), "the first is green"
    assert ((red - green) > 60).any(), "the second is orange"


def test_a_single_model_is_drawn_whichever_of_two_was_chosen() -> None:
    result = full_face()
    alone = image_with(result, replace(EVERYTHING, side_by_side="b"))
    np.testing.assert_array_equal(alone, image_with(result, EVERYTHING))


def test_uncertain_points_are_red_and_sure_ones_green() -> None:
    face = face_at()
    points = np.zeros((68, 3), np.float32)
    points[:34, :2], points[34:, :2] = (100.0, 100.0), (200.0, 100.0)
    sigma = np.concatenate([np.full(34, 0.1), np.full(34, 60.0)]).astype(np.float32)
    odd = replace(face, landmarks_68=points, sigma_68=sigma, landmarks_520=None)
    shown = image_with(result_of(live(odd)), NOTHING.with_shown("sigma", True)).astype(int)
    sure, unsure = shown[100, 100], shown[100, 200]
    assert sure[1] - sure[0] > 100
    assert unsure[0] - unsure[1] > 100


def test_discs_of_deviations_grow_with_them() -> None:
    face = replace(face_at(), landmarks_520=None)
    sizes = []
    for pixels in (2.0, 4.0):
        one = replace(face, sigma_68=np.full(68, pixels, np.float32))
        one = replace(one, landmarks_68=np.full((68, 3), 200.0, np.float32))
        overlays = replace(NOTHING, sigma=SigmaLayer("ellipse", 1.0))
        sizes.append(np.ptp(np.nonzero(changed(result_of(live(one)), overlays))[1]) + 1)
    assert sizes[0] == pytest.approx(8.0, abs=2.0), "two deviations on each side"
    assert sizes[1] == pytest.approx(16.0, abs=2.5)


@pytest.mark.parametrize("name", COLOR_MAPS)
def test_depth_has_the_colours_of_its_scale(name: str) -> None:
    layer = DepthLayer(True, 1.0, name, -100.0, 100.0)
    near, middle, far, beyond = -0.1, 0.0, 0.1, 0.4
    depth = np.array([[near, middle], [far, beyond]], np.float32)
    found = DepthMap(depth, np.ones((2, 2), np.float32), depth_over(face_at()).crop)
    argb = depth_pixels(found, layer)
    seen = np.stack([argb >> 16 & 255, argb >> 8 & 255, argb & 255], axis=-1)
    table = color_table(name)
    np.testing.assert_array_equal(seen[0, 0], table[0])
    assert np.abs(seen[0, 1].astype(int) - table[127]).max() <= 4
    np.testing.assert_array_equal(seen[1, 0], table[255])
    np.testing.assert_array_equal(seen[1, 1], table[255])
    assert (argb >> 24 == 255).all()
    if name != "turbo":
        assert table[0].sum() > table[255].sum(), "near is bright"


def test_depth_lies_in_its_crop_and_only_where_the_mask_is() -> None:
    face = face_at()
    flat = depth_over(face)
    mask = np.zeros_like(flat.mask)
    mask[24:72, 24:72] = 1.0
    found = replace(flat, mask=mask, crop=replace(flat.crop, angle=30.0))
    there = changed(result_of(live(face, depth=found)), only("depth"))
    ys, xs = np.nonzero(there)
    assert xs.mean() == pytest.approx(found.crop.centre[0], abs=0.6)
    assert ys.mean() == pytest.approx(found.crop.centre[1], abs=0.6)
    assert there.sum() == pytest.approx((found.crop.side / 2) ** 2, rel=0.06)


def test_depth_that_is_no_number_does_no_harm() -> None:
    face = face_at()
    found = depth_over(face)
    found.depth[:10], found.mask[:, :10] = np.nan, np.nan
    assert changed(result_of(live(face, depth=found)), only("depth")).any()


@pytest.mark.parametrize(
    "odd",
    [
        {"landmarks_520": None, "sigma_520": None, "sigma_68": None},
        {"head_pose": None, "rotation": None},
        {"rotation": None},
        {"landmarks_68": np.full((68, 3), np.nan, np.float32)},
        {"landmarks_520": np.full((520, 3), np.nan, np.float32)},
        {"landmarks_68": np.full((68, 3), 1e9, np.float32)},
        {"landmarks_68": np.full((68, 3), -50.0, np.float32)},
    ],
)
def test_whatever_a_model_leaves_out_or_gets_wrong_is_drawn_as_far_as_it_goes(
    odd: dict[str, Any],
) -> None:
    face = replace(face_at(), **odd)
    painted = image_with(result_of(live(face), live(face_at(100.0), number=2)), EVERYTHING)
    assert (painted[:, :200] != GREY).any(), "the other face is drawn all the same"


def test_no_faces_no_marks() -> None:
    assert not changed(result_of(), EVERYTHING).any()


def test_a_recorder_paints_the_same_on_its_own_thread(qtbot: QtBot) -> None:
    result = full_face()
    here = image_with(result, EVERYTHING)
    there: list[Any] = []
    threads = [
        threading.Thread(target=lambda: there.append(image_with(result, EVERYTHING)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(there) == 3
    for painted in there:
        np.testing.assert_array_equal(painted, here)
    assert here.shape == result.frame.picture.shape
    assert here.dtype == np.uint8
    assert here.flags.c_contiguous


def test_marks_stay_readable_in_a_large_recording() -> None:
    small = result_of(live(face_at()))
    large = result_of(live(face_at(1920.0, 1440.0, 7200.0)), size=(3840, 2880))
    for overlays in (only("contours_68"), only("number")):
        shares = [changed(result, overlays).mean() for result in (small, large)]
        assert shares[1] > 0.15 * shares[0], "not lines of a pixel in a picture of 4K"


def test_everything_is_painted_in_little_time() -> None:
    result = full_face()
    took = []
    for _ in range(12):
        begun = time.thread_time()
        image_with(result, EVERYTHING)
        took.append(time.thread_time() - begun)
    assert min(took) < 0.008


def test_the_mesh_shows_what_is_turned_to_the_camera() -> None:
    points = mean_points("dense-520")
    mesh = dense_mesh()
    assert len(mesh.triangles) > 900
    assert mesh.facing(points).points.mean() > 0.98
    about = points * [-1.0, 1.0, -1.0]
    assert mesh.facing(about).points.mean() < 0.05, "seen from behind"
    turn = np.radians(70.0)
    side = points @ np.array(
        [[np.cos(turn), 0, -np.sin(turn)], [0, 1, 0], [np.sin(turn), 0, np.cos(turn)]]
    )
    assert 0.4 < mesh.facing(side).edges.mean() < 0.8


layers = st.builds(Layer, st.booleans(), st.floats(0.0, 1.0))


@given(layers, st.sampled_from(["off", "colour", "ellipse"]), st.booleans())
@settings(deadline=None)
def test_overlays_come_back_as_they_were_kept(layer: Layer, form: Any, raw: bool) -> None:
    overlays = replace(Overlays(), mesh_520=layer, sigma=SigmaLayer(form, 0.3), raw=raw)
    assert from_stored(stored(overlays)) == overlays


junk = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from([*LAYERS, "raw", "colour"]), inner)
    ),
    max_leaves=8,
)


@given(junk)
@settings(max_examples=60, deadline=None)
def test_what_cannot_be_understood_gives_the_defaults(values: Any) -> None:
    assert isinstance(from_stored(values), Overlays)
    assert from_stored({"box": {"opacity": 7.0}}) == Overlays()


def test_switching_the_uncertainty_keeps_how_it_was_shown() -> None:
    discs = replace(Overlays(), sigma=SigmaLayer("ellipse"))
    assert discs.with_shown("sigma", True).sigma.form == "ellipse"
    assert not discs.with_shown("sigma", False).shows("sigma")
    assert Overlays().with_shown("sigma", True).sigma.form == "colour"
    assert Overlays().with_opacity("box", 3.0).box.opacity == 1.0
