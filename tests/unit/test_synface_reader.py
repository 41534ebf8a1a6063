"""Reading data sets: ours and the papers' own folders."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.dataset.reader import ReadError, SynFace, kind_of
from tests.unit.small_dataset import ball_frame, ball_layers, write_ball

TEXT = """\
Camera Location: (-0.0002, -0.3136, 1.6779)
Head Point Location: (-0.0002, -0.0136, 1.6779)
Camera Rotation: Yaw 0.00 Pitch 90.00 Roll -0.00
Head Rotation: Yaw -17.90 Pitch 19.43 Roll 2.90
"""


def blender_exr(depth: np.ndarray, names: str = "RGB") -> bytes:
    """As the compositor of Blender 2.8 saved a pass: in all channels, 1e10 where nothing is."""
    import OpenEXR

    target = io.BytesIO()
    channels = {name: np.where(np.isfinite(depth), depth, 1e10).astype("f") for name in names}
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    with OpenEXR.File(header, channels) as file:
        file.write(target)
    return target.getvalue()


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """A depth set and a pose set as the papers' folders have them."""
    picture = cv2.imencode(".jpg", np.full((6, 8, 3), (10, 60, 200), dtype=np.uint8))[1].tobytes()
    depth = np.full((6, 8), 0.3, dtype=np.float32)
    depth[0, 0] = np.inf
    root = tmp_path / "papers"
    for scene, expression, motion in (
        ("Barbershop", "angry", "CameraTran"),
        ("Classroom", "happy", "HeadRot"),
    ):
        folder = root / "female" / "0002" / "Complex" / scene / expression / motion
        folder.mkdir(parents=True)
        for id_ in ("0000", "0001"):
            (folder / f"rgb_{id_}.jpg").write_bytes(picture)
            (folder / f"data_{id_}.txt").write_text(TEXT)
            (folder / f"depthExr_{id_}.exr").write_bytes(blender_exr(depth))
    poses = root / "male" / "0045"
    poses.mkdir(parents=True)
    for id_ in ("0009", "0010", "0002"):
        (poses / f"rgb_{id_}.jpg").write_bytes(picture)
        (poses / f"data_{id_}.txt").write_text(TEXT.replace("\n", "\r\n"))
    (poses / "Thumbs.db").write_bytes(b"")
    return root


def test_the_papers_folders_are_read(papers: Path) -> None:
    found = list(SynFace(papers))
    assert [(s.folder, s.id) for s in found] == [
        ("female/0002/Complex/Barbershop/angry/CameraTran", "0000"),
        ("female/0002/Complex/Barbershop/angry/CameraTran", "0001"),
        ("female/0002/Complex/Classroom/happy/HeadRot", "0000"),
        ("female/0002/Complex/Classroom/happy/HeadRot", "0001"),
        ("male/0045", "0002"),
        ("male/0045", "0009"),
        ("male/0045", "0010"),
    ]
    sample = found[0]
    assert (sample.gender, sample.subject) == ("female", "female/0002")
    assert (sample.background, sample.expression, sample.motion) == (
        "Complex/Barbershop",
        "angry",
        "CameraTran",
    )
    assert sample.text().head_rotation.yaw == -17.90
    depth = sample.depth()
    assert depth.dtype == np.float32 and np.isinf(depth[0, 0])
    assert np.allclose(depth[1:], 0.3)
    assert sample.picture()[3, 3] == pytest.approx((200, 60, 10), abs=4)
    assert "annotation" not in sample.files


def test_a_pose_set_has_no_depth(papers: Path) -> None:
    sample = SynFace(papers, gender="male").first()
    assert sample is not None
    assert (sample.background, sample.expression, sample.motion) == ("", "", "")
    assert sample.text().camera_rotation.pitch == 90.0
    for ask in (sample.depth, sample.mask, sample.annotation, sample.landmarks):
        with pytest.raises(ReadError, match="male/0045/0002 has no"):
            ask()


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"gender": "female"}, 4),
        ({"motion": "HeadRot"}, 2),
        ({"expression": "angry"}, 2),
        ({"background": "Classroom"}, 2),
        ({"background": "Complex/Classroom"}, 2),
        ({"background": "room"}, 0),
        ({"expression": "angry", "motion": "HeadRot"}, 0),
    ],
)
def test_samples_are_chosen(papers: Path, wanted: dict[str, str], count: int) -> None:
    assert len(list(SynFace(papers, **wanted))) == count


def test_a_part_of_a_data_set_is_one(papers: Path) -> None:
    part = papers / "female" / "0002" / "Complex"
    assert {s.gender for s in SynFace(part)} == {"female"}
    assert {s.motion for s in SynFace(part)} == {"CameraTran", "HeadRot"}
    leaf = SynFace(part / "Classroom" / "happy" / "HeadRot").first()
    assert leaf is not None
    assert (leaf.subject, leaf.background) == ("female/0002", "Complex/Classroom")
    assert leaf.picture().shape == (6, 8, 3)


def test_our_own_data_sets_are_read(tmp_path: Path) -> None:
    root = tmp_path / "ours"
    for number in range(8):
        write_ball(root, number)
    (root / ".partial").mkdir(exist_ok=True)
    (root / ".partial" / "rgb_9999.jpg").write_bytes(b"")
    found = list(SynFace(root))
    assert len(found) == 8
    by_place = {(s.folder, s.id): s for s in found}
    for number in range(8):
        frame = ball_frame(number)
        sample = by_place[frame.folder, frame.id]
        _, depth, segments, _ = ball_layers(frame)
        assert np.array_equal(sample.depth(), depth)
        assert np.array_equal(sample.mask(), segments)
        content = sample.annotation()
        assert content["number"] == number
        pixels, visible = sample.landmarks("dense-520")
        assert pixels.shape == (520, 2) and visible.shape == (520,)
        assert np.isfinite(depth[tuple(np.rint(pixels[visible]).astype(int).T[::-1])]).all()
        assert (sample.motion, sample.expression) == (frame.motion, frame.expression)
    with pytest.raises(ReadError, match=r"has no wflw-98 \(it has ibug-68, "):
        found[0].landmarks("wflw-98")


def test_nothing_is_read_before_it_is_asked_for(papers: Path) -> None:
    for path in papers.rglob("*.*"):
        if path.is_file():
            path.write_bytes(b"damaged")
    found = list(SynFace(papers))
    assert len(found) == 7
    for ask in (found[0].picture, found[0].depth, found[0].text):
        with pytest.raises(ReadError) as caught:
            ask()
        assert "\n" not in str(caught.value)
        assert "0000" in str(caught.value)


def test_ids_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    root = tmp_path / "long"
    root.mkdir()
    for id_ in ("9999", "10000", "0001"):
        (root / f"data_{id_}.txt").write_text(TEXT)
    assert [s.id for s in SynFace(root)] == ["0001", "9999", "10000"]
    ids = [int(s.id) for s in SynFace(root)]
    assert all(a < b for a, b in pairwise(ids))


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("rgb_0001.jpg", ("color", "0001")),
        ("rgb0001.JPG", ("color", "0001")),
        ("depthExr_0046.exr", ("depth", "0046")),
        ("depthExr0046.exr", ("depth", "0046")),
        ("data_12345.txt", ("text", "12345")),
        ("mask_0001.png", ("mask", "0001")),
        ("ann_0001.json", ("annotation", "0001")),
        ("ann_0001.txt", None),
        ("rgb_.jpg", None),
        (".rgb_0001.jpg.0123456789ab.jpg", None),
        ("depth_0001.png", None),
    ],
)
def test_names_of_files(name: str, known: tuple[str, str] | None) -> None:
    assert kind_of(name) == known


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        SynFace(tmp_path / "none")
    (tmp_path / "file").write_text("x")
    with pytest.raises(NotADirectoryError):
        SynFace(tmp_path / "file")
