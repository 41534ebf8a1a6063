"""Annotated faces from the files of others: whole ones, odd ones, damaged ones."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import scipy.io
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.dataset.sample import held_out
from app.evaluation.annotated import ReadingError
from app.evaluation.readers.data import Choice, kind_of, open_data
from app.evaluation.readers.dlib_xml import read_dlib_xml
from app.evaluation.readers.mat import read_mat
from app.evaluation.readers.pts import parse_pts, read_pts, write_pts
from tests.unit.drawn_faces import drawn_face, drawn_shard
from tests.unit.small_dataset import write_ball

POINTS = np.random.default_rng(3).uniform(20.0, 90.0, (68, 2)).round(3)


def picture(path: Path, size: tuple[int, int] = (110, 120)) -> Path:
    pixels = np.full((*size, 3), (10, 120, 200), np.uint8)
    path.write_bytes(cv2.imencode(path.suffix, pixels)[1].tobytes())
    return path


def plain(points: np.ndarray) -> str:
    return "\n".join(f"{x} {y}" for x, y in points)


@given(arrays(np.float64, (7, 2), elements=st.floats(-1e4, 1e4)))
def test_points_survive_being_written(points: np.ndarray) -> None:
    assert parse_pts(write_pts(points)) == pytest.approx(points, abs=5.01e-4)


@pytest.mark.parametrize(
    "text",
    [
        write_pts(POINTS),
        write_pts(POINTS).replace("\n", "\r\n"),
        "version: 1\nn_points:  68 \n{\n" + plain(POINTS) + "}",
        plain(POINTS),
        plain(POINTS).replace(" ", ", "),
        "\ufeff" + plain(POINTS) + "\n\n",
        "version: 1\nn_points: 68\n" + plain(POINTS),
    ],
)
def test_points_are_read_with_a_header_and_without(text: str) -> None:
    assert parse_pts(text) == pytest.approx(POINTS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no points"),
        ("version: 1\nn_points: 68\n{\n1 2\n", "cut short"),
        ("version: 1\nn_points: 3\n{\n1 2\n3 4\n}", "2 points and says that it has 3"),
        ("1 2\n3\n", "point 2"),
        ("1 2\nx 4\n", "no number"),
        ("1 2\nnan 4\n", "not finite"),
        ("n_points: many\n1 2", "many"),
    ],
)
def test_damaged_points_say_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(ReadingError, match=said):
        parse_pts(text, "face.pts")


def test_points_that_count_from_one_are_moved(tmp_path: Path) -> None:
    (tmp_path / "a.pts").write_text(write_pts(POINTS + 1.0))
    assert read_pts(tmp_path / "a.pts", 1.0) == pytest.approx(POINTS)


def imglab(parts: str, box: str = 'top="20" left="10" width="60" height="50"') -> str:
    return (
        "<?xml version='1.0' encoding='ISO-8859-1'?><?xml-stylesheet type='text/xsl' href='x'?>"
        f"<dataset><images><image file='a.jpg'><box {box}>{parts}</box>"
        "<box top='1' left='1' width='5' height='5' ignore='1'/></image></images></dataset>"
    )


def parts(points: np.ndarray) -> str:
    return "".join(f"<part name='{i:02d}' x='{x}' y='{y}'/>" for i, (x, y) in enumerate(points))


def test_a_list_of_imglab_is_read(tmp_path: Path) -> None:
    shuffled = "".join(reversed(parts(POINTS).replace("/>", "/>\n").splitlines()))
    (tmp_path / "l.xml").write_text(imglab(shuffled))
    faces, problems = read_dlib_xml(tmp_path / "l.xml")
    assert not problems
    assert len(faces) == 1
    assert faces[0].file == "a.jpg"
    assert faces[0].box == (10.0, 20.0, 60.0, 50.0)
    assert faces[0].points == pytest.approx(POINTS)


def test_a_damaged_box_of_a_list_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    good = f"<image file='b.jpg'><box top='0' left='0' width='9' height='9'>{parts(POINTS)}</box>"
    text = imglab(parts(POINTS[:60])).replace("</images>", good + "</image></images>")
    (tmp_path / "l.xml").write_text(text)
    faces, problems = read_dlib_xml(tmp_path / "l.xml")
    assert [f.file for f in faces] == ["b.jpg"]
    assert len(problems) == 1
    assert "part 60" in problems[0]


@pytest.mark.parametrize(
    "text",
    [
        "<dataset><images>",
        "<html/>",
        "",
        "<!DOCTYPE d [<!ENTITY a 'b'>]><dataset>&a;</dataset>",
    ],
)
def test_what_is_no_list_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "l.xml").write_text(text)
    with pytest.raises(ReadingError):
        read_dlib_xml(tmp_path / "l.xml")


def mat(path: Path, **content: np.ndarray) -> Path:
    scipy.io.savemat(path, content)
    return path


def test_aflw2000_gives_points_that_count_from_one_and_degrees(tmp_path: Path) -> None:
    pose = np.radians([[-10.0, 25.0, 5.0, 0.0, 0.0, 0.0, 0.0]])
    deep = np.vstack([POINTS.T + 1.0, np.zeros(68)])
    path = mat(tmp_path / "a.mat", Pose_Para=pose, pt3d_68=deep, pt2d=np.full((2, 21), -1.0))
    face = read_mat(path)
    assert face.points == pytest.approx(POINTS)
    assert face.angles is not None
    assert (face.angles.yaw, face.angles.pitch, face.angles.roll) == pytest.approx((25, -10, 5))


def test_300w_lp_gives_its_points_and_odd_files_are_refused(tmp_path: Path) -> None:
    assert read_mat(mat(tmp_path / "lp.mat", pt2d=POINTS.T)).points == pytest.approx(POINTS - 1.0)
    for name, content in (
        ("few", {"pt2d": np.zeros((2, 21))}),
        ("text", {"Pose_Para": np.array(["a"])}),
        ("nan", {"pt2d": np.full((2, 68), np.nan)}),
    ):
        with pytest.raises(ReadingError):
            read_mat(mat(tmp_path / f"{name}.mat", **content))
    for data in (b"", b"junk", b"MATLAB 7.3 MAT-file" + bytes(200)):
        (tmp_path / "bad.mat").write_bytes(data)
        with pytest.raises(ReadingError):
            read_mat(tmp_path / "bad.mat")


@given(st.binary(max_size=300))
def test_whatever_stands_in_a_mat_file_is_read_or_refused(tmp_path_factory, data: bytes) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path_factory.getbasetemp() / "any.mat"
    path.write_bytes(b"MATLAB 5.0 MAT-file, made by chance".ljust(124) + b"\x00\x01IM" + data)
    with pytest.raises(ReadingError):
        read_mat(path)


def folder_of_pts(root: Path, names: tuple[str, ...]) -> Path:
    for name in names:
        picture(root / f"{name}.jpg")
        (root / f"{name}.pts").write_text(write_pts(POINTS))
    return root


def test_names_choose_files_by_range_and_pattern() -> None:
    names = ["v0043.jpg", "v0044.jpg", "v0143.jpg", "in/v0050.jpg", "v0144.jpg", "in-door-1.jpg"]

    def chosen(only: str) -> list[str]:
        return [n for n in names if Choice(only).wants(n)]

    assert chosen("v0044-v0143") == ["v0044.jpg", "v0143.jpg", "in/v0050.jpg"]
    assert chosen("v0044..v0143") == chosen("v0044-v0143")
    assert chosen("v00*, v0144") == ["v0043.jpg", "v0044.jpg", "in/v0050.jpg", "v0144.jpg"]
    assert chosen("in-door-1") == ["in-door-1.jpg"]
    assert chosen("") == names


def test_a_folder_of_pts_gives_faces_and_tells_what_is_damaged(tmp_path: Path) -> None:
    root = folder_of_pts(tmp_path, ("a", "b", "c"))
    (root / "b.pts").write_text("1 2")
    (root / "c.jpg").unlink()
    data = open_data(root, Choice())
    faces = list(data.faces())
    assert [f.source for f in faces] == ["a.jpg"]
    assert faces[0].points == pytest.approx(POINTS)
    assert faces[0].box == pytest.approx((*POINTS.min(0), *np.ptp(POINTS, axis=0)))
    assert faces[0].picture().shape == (110, 120, 3)
    assert sorted(p.rpartition("/")[2].partition(" ")[0] for p in data.problems) == [
        "b.pts",
        "c.pts",
    ]
    list(data.again())
    assert len(data.problems) == 2


def test_kinds_are_told_apart(tmp_path: Path) -> None:
    folders = {}
    for kind in ("pts", "mat", "synface", "shards", "empty"):
        folders[kind] = tmp_path / kind
        folders[kind].mkdir()
    folder_of_pts(folders["pts"], ("a",))
    mat(folders["mat"] / "a.mat", pt2d=POINTS.T)
    write_ball(folders["synface"], 0)
    drawn_shard(folders["shards"], 1, 1)
    for kind in ("pts", "mat", "synface", "shards"):
        assert kind_of(folders[kind]) == kind
    with pytest.raises(ReadingError, match=r"no \.pts"):
        kind_of(folders["empty"])
    with pytest.raises(ReadingError, match="does not exist"):
        open_data(tmp_path / "nowhere", Choice())


def test_a_mat_face_has_a_fixed_jaw_and_no_pose_beyond_99_degrees(tmp_path: Path) -> None:
    for name, yaw in (("a", 80.0), ("b", 120.0)):
        picture(tmp_path / f"{name}.jpg")
        pose = np.radians([[0.0, yaw, 0.0]])
        mat(tmp_path / f"{name}.mat", pt3d_68=POINTS.T, Pose_Para=pose)
    first, second = open_data(tmp_path, Choice()).faces()
    assert not first.outlined
    assert first.angles is not None
    assert second.angles is None


def test_our_own_frames_give_points_pose_and_depth(tmp_path: Path) -> None:
    for number in range(3):
        write_ball(tmp_path, number)
    data = open_data(tmp_path, Choice(limit=2))
    faces = list(data.faces())
    assert len(faces) == 2
    assert not data.problems
    face = faces[0]
    assert face.points is not None and face.points.shape == (68, 2)
    assert face.dense is not None and face.dense.shape == (520, 2)
    assert face.angles is not None
    assert face.depth is not None
    truth = face.depth()
    # The ball's nearest point is a radius in front of its centre.
    assert truth.relative[np.isfinite(truth.relative)].min() == pytest.approx(-0.09, abs=2e-3)
    assert truth.face.any()
    assert not (truth.face & ~np.isfinite(truth.relative)).any()


def test_the_papers_frames_give_a_pose_and_a_box_about_the_head(tmp_path: Path) -> None:
    folder = tmp_path / "female" / "0002"
    folder.mkdir(parents=True)
    picture(folder / "rgb_0001.jpg", (480, 640))
    (folder / "data_0001.txt").write_text(
        "Camera Location: (-0.0002, -0.3136, 1.6779)\n"
        "Head Point Location: (-0.0002, -0.0136, 1.6779)\n"
        "Camera Rotation: Yaw 0.00 Pitch 90.00 Roll -0.00\n"
        "Head Rotation: Yaw -17.90 Pitch 0.00 Roll 0.00\n"
    )
    face = next(open_data(tmp_path, Choice()).faces())
    assert face.points is None
    assert face.angles is not None
    assert face.angles.yaw == pytest.approx(17.9)
    x, y, width, height = face.box
    # The eyes are at the middle of the picture; brows lie above, the chin 0.11 m below at 0.3 m.
    assert x < 320 < x + width
    assert 150 < y < 240
    assert 150 < height < 300


def test_shards_give_people_who_were_held_out(tmp_path: Path) -> None:
    drawn_shard(tmp_path, 60, 1)
    data = open_data(tmp_path, Choice())
    everyone = open_data(tmp_path, Choice(everyone=True))
    faces = list(data.faces())
    assert 0 < len(faces) < everyone.count == 60  # type: ignore[operator]
    kept = int(held_out(np.arange(60)).sum())
    assert len(faces) == kept
    sample = drawn_face(0, 0)
    first = next(everyone.faces())
    assert first.points == pytest.approx(sample.points[520:, :2])
    assert first.angles is not None
    assert first.angles.yaw == pytest.approx(float(sample.angles[0]))
    assert set(first.groups) >= {"skin tone", "age", "gender"}
    assert first.depth is not None
    assert first.depth().face.any()


def test_a_choice_that_means_nothing_says_so(tmp_path: Path) -> None:
    folder_of_pts(tmp_path, ("a",))
    with pytest.raises(ReadingError, match="none of 1 files"):
        open_data(tmp_path, Choice("b*"))
