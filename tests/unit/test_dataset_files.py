"""Files of a frame: what they hold, and that a frame is done or not begun."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from app.dataset import synface
from app.dataset.annotation import AnnotationError, decode, encode, frame_of
from app.dataset.depth_exr import WORDS, DepthError, decode_depth, encode_depth, read_depth
from app.dataset.files import NAMES, is_done, path_of, row_of, sweep, write_frame
from app.dataset.mask_png import MaskError, decode_mask, encode_mask, read_mask
from app.geometry.rotations import Angles
from app.scene.placement import camera_position
from app.scene.segments import SEGMENTS
from tests.unit.small_dataset import RADIUS, ball_frame, ball_layers, write_ball

ROOT = Path(__file__).resolve().parents[2]


def test_the_files_hold_what_was_given(tmp_path: Path) -> None:
    frame = ball_frame(1)
    color, depth, segments, words = ball_layers(frame)
    write_frame(tmp_path, frame, color, depth, segments, words)
    folder = tmp_path / frame.folder
    assert sorted(p.name for p in folder.iterdir()) == [
        "ann_0001.json",
        "data_0001.txt",
        "depthExr_0001.exr",
        "mask_0001.png",
        "rgb_0001.jpg",
    ]
    assert np.array_equal(read_depth(folder / "depthExr_0001.exr"), depth)
    assert np.array_equal(read_mask(folder / "mask_0001.png"), segments)
    picture = cv2.imread(str(folder / "rgb_0001.jpg"))[:, :, ::-1].astype(int)
    assert abs(picture - color).mean() < 3.0
    corner = picture[:10, :10].reshape(-1, 3).mean(axis=0)
    assert np.allclose(corner, (51, 77, 102), atol=3), "red and blue are not exchanged"
    note = synface.read(folder / "data_0001.txt")
    assert note.camera == pytest.approx(camera_position(frame.scene.camera), abs=1e-4)
    pose = frame.scene.pose
    angles = note.head_rotation
    assert (angles.yaw, angles.pitch, angles.roll) == pytest.approx(
        (pose.yaw, pose.pitch, pose.roll), abs=0.006
    )


def test_other_readers_see_the_same_depth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = ball_frame(0)
    color, depth, segments, words = ball_layers(frame)
    write_frame(tmp_path, frame, color, depth, segments, words)
    path = path_of(tmp_path, frame, "depth")
    code = (
        "import os, sys; os.environ['OPENCV_IO_ENABLE_OPENEXR'] = '1'; import cv2, numpy;"
        "numpy.save(sys.argv[2], cv2.imread(sys.argv[1], cv2.IMREAD_UNCHANGED))"
    )
    subprocess.run([sys.executable, "-c", code, path, tmp_path / "seen.npy"], check=True)
    seen = np.load(tmp_path / "seen.npy")
    assert seen.dtype == np.float32
    assert np.array_equal(seen, depth)
    import OpenEXR

    with OpenEXR.File(str(path)) as file:
        header = dict(file.header())
    assert {key: header[key] for key in WORDS} == WORDS


def test_the_annotation_agrees_with_the_picture(tmp_path: Path) -> None:
    frame = ball_frame(2)
    color, depth, segments, words = ball_layers(frame)
    write_frame(tmp_path, frame, color, depth, segments, words)
    content = decode(path_of(tmp_path, frame, "annotation").read_bytes())
    k = np.array(content["camera"]["intrinsics"])
    matrix = np.array(content["head"]["matrix"])
    to_camera = np.array(content["camera"]["extrinsics"])
    assert list(content["landmarks"]) == ["ibug-68", "ibug-68-outline", "dense-520"]
    for name, count in (("ibug-68", 68), ("ibug-68-outline", 17), ("dense-520", 520)):
        points = content["landmarks"][name]
        camera, head = np.array(points["camera"]), np.array(points["head"])
        pixels, visible = np.array(points["pixels"]), np.array(points["visible"])
        assert camera.shape == head.shape == (count, 3)
        assert np.allclose(np.linalg.norm(head, axis=1), RADIUS, atol=2e-6)
        world = head @ matrix[:3, :3].T + matrix[:3, 3]
        assert np.allclose(world @ to_camera[:, :3].T + to_camera[:, 3], camera, atol=3e-6)
        projected = camera @ k.T
        assert np.allclose(projected[:, :2] / projected[:, 2:], pixels, atol=2e-3)
        at = np.rint(pixels[visible]).astype(int)
        seen = depth[at[:, 1], at[:, 0]]
        flat = np.isfinite(seen)
        assert flat.mean() > 0.95
        assert np.median(abs(seen[flat] - camera[visible][flat, 2])) < 2e-3
    assert (
        content["landmarks"]["ibug-68-outline"]["meaning"]
        != content["landmarks"]["ibug-68"]["meaning"]
    )
    assert content["head"]["shapes"] == {"jawOpen": 0.25}, "a shape that the head lacks is left out"
    assert content["head"]["distance"] == pytest.approx(
        np.linalg.norm(np.array(content["head"]["centre"]["camera"])), abs=1e-8
    )
    assert list(content["mask"]["values"].values()) == list(SEGMENTS)
    assert content["person"] == {"name": "Ball", "age": 30.0}
    for kind in ("color", "depth", "text", "mask"):
        path = tmp_path / frame.folder / content["files"][kind]["name"]
        assert path.stat().st_size == content["files"][kind]["bytes"]


def test_the_annotation_gives_back_the_very_frame(tmp_path: Path) -> None:
    frame = ball_frame(3)
    write_ball(tmp_path, 3)
    content = decode(path_of(tmp_path, frame, "annotation").read_bytes())
    assert frame_of(content) == frame
    broken = {**content, "frame": {**content["frame"], "id": 7}}
    with pytest.raises(AnnotationError, match="id"):
        frame_of(broken)


def test_a_point_behind_the_lens_has_no_pixel() -> None:
    from dataclasses import replace

    from app.dataset.annotation import annotation
    from app.scene.placement import pinhole
    from app.topology.truth import LandmarkTruth
    from tests.unit.small_dataset import ball_asset

    frame = ball_frame(0)
    view = pinhole(replace(frame.scene.camera, azimuth=0.0, elevation=0.0))
    world = np.array([[0.0, 0.0, 0.0], [0.0, -5.0, 0.0]])
    truth = LandmarkTruth("two", 3, world, view.project(world), np.array([True, False]))
    content = annotation(ball_asset(), frame, [truth], view, renderer="raster", seed=0)
    again = decode(encode(content))["landmarks"]["two"]
    assert again["version"] == 3
    assert again["pixels"][0] is not None and again["pixels"][1] is None
    assert again["visible"] == [True, False]
    assert again["camera"][1][2] < 0.0


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "damaged"),
        (b"{", "damaged"),
        (b"\xff\xfe", "damaged"),
        (b"[]", "no annotation"),
        (b'{"schema": "headroom-annotations", "version": 1}', "no annotation"),
        (b'{"schema": "headroom-frame", "version": 99}', "version 99"),
        (b"[" * 100_000, "damaged"),
    ],
)
def test_a_damaged_annotation_is_told_in_one_line(data: bytes, said: str) -> None:
    with pytest.raises(AnnotationError, match=said) as caught:
        decode(data, "ann_0001.json")
    assert "\n" not in str(caught.value)


depths = arrays.arrays(
    np.float32,
    arrays.array_shapes(min_dims=2, max_dims=2, max_side=40),
    elements=st.one_of(st.floats(0.0, 1e8, width=32), st.just(float("inf"))),
)


@given(depths)
@settings(max_examples=30, deadline=None)
def test_depth_comes_back_to_the_last_bit(depth: np.ndarray) -> None:
    data = encode_depth(depth)
    assert data == encode_depth(depth.copy())
    assert np.array_equal(decode_depth(data), depth)


@given(
    arrays.arrays(
        np.uint8,
        arrays.array_shapes(min_dims=2, max_dims=2, max_side=40),
        elements=st.integers(0, len(SEGMENTS) - 1),
    )
)
@settings(max_examples=30, deadline=None)
def test_masks_come_back(segments: np.ndarray) -> None:
    assert np.array_equal(decode_mask(encode_mask(segments)), segments)


def exr(channels: dict[str, np.ndarray]) -> bytes:
    import io

    import OpenEXR

    target = io.BytesIO()
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    with OpenEXR.File(header, channels) as file:
        file.write(target)
    return target.getvalue()


@pytest.mark.parametrize("names", ["Y", "Z", "V", "R", "RGB", "RGBA", ("ViewLayer.Depth.Z",)])
@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_depth_of_other_programs_is_read(names: str | tuple[str, ...], kind: type) -> None:
    depth = np.linspace(0.25, 1.25, 96, dtype=kind).reshape(8, 12)
    nothing = kind(1e10) if kind is np.float32 else kind(65504)
    depth[0, :3] = nothing
    expected = np.where(depth >= nothing, np.inf, depth.astype(np.float32)).astype(np.float32)
    ones = np.ones_like(depth)
    found = decode_depth(exr({name: ones if name == "A" else depth for name in names}))
    assert found.dtype == np.float32
    assert np.array_equal(found, expected)


def test_depth_of_unknown_channels_is_refused() -> None:
    one = np.ones((4, 4), dtype=np.float32)
    with pytest.raises(DepthError, match="no channel of depth"):
        decode_depth(exr({"U": one, "W": one}))


def test_damaged_pictures_are_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    frame = ball_frame(0)
    _, depth, segments, _ = ball_layers(frame)
    whole, mask = encode_depth(depth), encode_mask(segments)
    for data in (b"", b"no picture", whole[:100], whole[: len(whole) // 2], whole[:-3]):
        with pytest.raises(DepthError):
            decode_depth(data)
    for data in (b"", b"no picture", mask[:20], mask[: len(mask) // 2], mask[:-3]):
        with pytest.raises(MaskError):
            decode_mask(data)
    grey = cv2.imencode(".png", np.full((4, 4), 77, dtype=np.uint8))[1].tobytes()
    with pytest.raises(MaskError, match="no segment"):
        decode_mask(grey)


def test_the_same_frame_is_the_same_bytes(tmp_path: Path) -> None:
    rows = [write_ball(tmp_path / name, 1) for name in ("a", "b")]
    assert rows[0] == rows[1] == row_of(tmp_path / "b", ball_frame(1))
    for kind in NAMES:
        one, two = (path_of(tmp_path / n, ball_frame(1), kind) for n in ("a", "b"))
        assert one.read_bytes() == two.read_bytes()


def test_a_frame_is_done_when_its_annotation_is_there(tmp_path: Path) -> None:
    frame = ball_frame(0)
    assert not is_done(tmp_path, frame)
    write_ball(tmp_path, 0)
    assert is_done(tmp_path, frame)
    path_of(tmp_path, frame, "annotation").write_bytes(b"")
    assert not is_done(tmp_path, frame), "a power cut leaves empty files"


def test_pictures_of_another_size_are_refused(tmp_path: Path) -> None:
    frame = ball_frame(0)
    color, depth, segments, words = ball_layers(frame)
    with pytest.raises(ValueError, match="for a camera of"):
        write_frame(tmp_path, frame, color[:-1], depth, segments, words)
    assert list(tmp_path.iterdir()) == [] or not is_done(tmp_path, frame)


def test_a_full_disk_leaves_no_part_of_a_frame(tmp_path: Path) -> None:
    """The limit on a file's size stands for the disk: a write fails in the middle of the EXR."""
    frame = ball_frame(0, (256, 256))
    layers = ball_layers(frame)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6000, hard))
    try:
        with pytest.raises(OSError) as caught:
            write_frame(tmp_path, frame, *layers)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert caught.value.errno == errno.EFBIG
    assert str(caught.value.filename).endswith("depthExr_0000.exr")
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]
    write_frame(tmp_path, frame, *layers)
    assert is_done(tmp_path, frame)


def test_a_file_where_a_folder_should_be_is_named(tmp_path: Path) -> None:
    frame = ball_frame(0)
    (tmp_path / "female").write_text("no folder")
    with pytest.raises(OSError) as caught:
        write_ball(tmp_path, 0)
    assert "female/0001" in str(caught.value.filename)
    assert not is_done(tmp_path, frame)
    assert sweep(tmp_path) == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(PermissionError) as caught:
            write_ball(tmp_path, 0)
    finally:
        tmp_path.chmod(0o700)
    assert str(tmp_path) in str(caught.value.filename)


KILLED = """
import sys
from pathlib import Path
from tests.unit.small_dataset import write_ball
print("ready", flush=True)
while True:
    for number in range(6):
        write_ball(Path(sys.argv[1]), number, size=(256, 192))
"""


def test_what_a_kill_leaves_is_swept_and_made_again(tmp_path: Path) -> None:
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, killed], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    child.stdout.readline()
    deadline = time.monotonic() + 30.0
    while time.monotonic() < deadline and not is_done(killed, ball_frame(2, (256, 192))):
        time.sleep(0.005)
    child.kill()
    child.wait()
    child.stdout.close()
    (killed / ".partial").mkdir(exist_ok=True)
    (killed / ".partial" / "left.0").write_bytes(b"half")
    assert sweep(killed) >= 1
    assert not (killed / ".partial").exists()
    for number in range(6):
        frame = ball_frame(number, (256, 192))
        write_ball(whole, number, size=(256, 192))
        if not is_done(killed, frame):
            write_ball(killed, number, size=(256, 192))
    sweep(killed)
    sweep(whole)
    files = {p.relative_to(whole): p.read_bytes() for p in whole.rglob("*") if p.is_file()}
    assert files == {
        p.relative_to(killed): p.read_bytes() for p in killed.rglob("*") if p.is_file()
    }


def test_a_frame_is_quick_to_describe_and_to_write(tmp_path: Path) -> None:
    """Three times the bounds of 4 and 12 ms of CPU, for machines that are slower or busy."""
    from app.dataset.annotation import annotation
    from app.geometry.pinhole import Pinhole
    from app.head.skinning import head_matrix
    from app.scene.placement import pinhole
    from tests.unit.small_dataset import ball_asset, ball_truth

    frame = ball_frame(1, (256, 256))
    asset, view = ball_asset(), pinhole(frame.scene.camera)
    assert isinstance(view, Pinhole)
    placed = head_matrix(asset, frame.scene.pose)
    layers = ball_layers(frame)
    counts = (("a", 68), ("b", 17), ("c", 520))
    truths = [ball_truth(name, count, view, placed, layers[1]) for name, count in counts]

    def least(work: object) -> float:
        times = []
        for _ in range(5):
            start = time.process_time()
            work()  # type: ignore[operator]
            times.append(time.process_time() - start)
        return min(times)

    assert (
        least(lambda: encode(annotation(asset, frame, truths, view, renderer="raster", seed=0)))
        < 0.012
    )
    assert least(lambda: write_frame(tmp_path, frame, *layers)) < 0.036


def test_angles_of_the_annotation_are_those_of_the_text(tmp_path: Path) -> None:
    frame = ball_frame(1)
    write_ball(tmp_path, 1)
    content = decode(path_of(tmp_path, frame, "annotation").read_bytes())
    note = synface.read(path_of(tmp_path, frame, "text"))
    world = content["head"]["pose"]["of_the_world"]["blender_xyz"]
    told = msgspec.convert(world, Angles)
    assert synface.to_text(note).endswith(
        f"Head Rotation: Yaw {told.yaw:.2f} Pitch {told.pitch:.2f} Roll {told.roll:.2f}\n"
    )
