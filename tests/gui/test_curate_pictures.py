"""The panel Pictures: the same points in several pictures, chosen and dragged in each."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.curate.mean_head import mean_head
from app.curate.side_views import Side, SideView, places, surface_of
from app.head.pose import HeadPose
from app.head.skinning import pose_vertices
from app.scene.placement import pinhole
from app.scene.scene import Camera
from app.topology.default_head import default_head
from tests.gui.small_store import made_session, until
from tests.unit.small_curation import CURATOR, NAME, mark
from widgets import theme
from widgets.curate.pictures import PicturesPanel
from widgets.curate.session import CurateSession
from widgets.curate.shown import Comparison

SIZE = 400


@cache
def views() -> tuple[SideView, ...]:
    """A front and a profile of the default head without what a renderer would draw."""
    asset, found = default_head(), []
    rest = surface_of(asset, mean_head())
    index = next(i for i, mesh in enumerate(asset.meshes) if mesh.name == "Head")
    skin = pose_vertices(asset, HeadPose())[index].astype(np.float64)
    for side in (Side("Front"), Side("Profile", 90.0)):
        camera = Camera(
            name=side.name, distance=0.9, azimuth=side.azimuth, elevation=0.0,
            field_of_view=18.0, width=SIZE, height=SIZE,
        )  # fmt: skip
        blank = np.full((SIZE, SIZE, 3), 90, dtype=np.uint8)
        found.append(SideView(side.name, blank, pinhole(camera), rest.posed(skin)))
    return tuple(found)


@pytest.fixture
def session(qapp: QApplication, tmp_path: Path) -> Iterator[CurateSession]:
    theme.apply(qapp)
    with made_session(qapp, tmp_path / "own.store", person=CURATOR) as session:
        session.open_release(NAME)
        until(lambda: session.document is not None)
        yield session


@pytest.fixture
def panel(session: CurateSession) -> Iterator[PicturesPanel]:
    panel = PicturesPanel(session)
    panel.resize(860, 460)
    panel.show()
    panel.show_views(list(views()))
    until(lambda: panel.tiles[1].width() > 200)
    yield panel
    panel.close()
    panel.deleteLater()


def at(panel: PicturesPanel, tile: int, row: int) -> QPoint:
    x, y = panel.tiles[tile].to_widget(panel.tiles[tile]._pixels[row])
    return QPointF(x, y).toPoint()


def test_points_lie_where_the_camera_sees_them(session: CurateSession) -> None:
    assert session.topology is not None
    marks = session.topology.landmarks
    own = places(marks, mean_head(), views()[0].head)
    front, toward = views()[0].points(own)
    assert toward[30] and (front[36, 0] < front[27, 0] < front[45, 0])
    assert front[27, 1] < front[30, 1] < front[8, 1]
    profile, seen = views()[1].points(own)
    assert seen[14] and not seen[2]
    for row in (30, 45, 48):
        spot = views()[0].spot((front[row, 0], front[row, 1]))
        assert spot is not None
        there = mean_head().surface.at(spot)[0]
        assert np.linalg.norm(there - marks[row].mean) < 5e-4
    assert views()[0].spot((2.0, 2.0)) is None
    assert np.isfinite(profile).all()


def test_a_click_chooses_and_others_are_added(panel: PicturesPanel, session: CurateSession) -> None:
    QTest.mouseClick(panel.tiles[0], Qt.MouseButton.LeftButton, pos=at(panel, 0, 30))
    assert session.selection == {mark(30)} and session.current == mark(30)
    shift = Qt.KeyboardModifier.ShiftModifier
    QTest.mouseClick(panel.tiles[0], Qt.MouseButton.LeftButton, shift, at(panel, 0, 27))
    assert session.selection == {mark(30), mark(27)}
    assert panel.tiles[1]._marked == {30, 27}
    QTest.mouseClick(panel.tiles[0], Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert not session.selection


def drag(panel: PicturesPanel, tile: int, start: QPoint, end: QPoint) -> None:
    shown = panel.tiles[tile]
    QTest.mousePress(shown, Qt.MouseButton.LeftButton, pos=start)
    for share in (0.3, 0.7, 1.0):
        QTest.mouseMove(shown, start + (end - start) * share)
    QTest.mouseRelease(shown, Qt.MouseButton.LeftButton, pos=end)


def test_a_drag_in_one_picture_moves_the_point_on_the_head_and_in_all(
    panel: PicturesPanel, session: CurateSession
) -> None:
    assert session.document is not None and session.topology is not None
    before, pixels = session.topology, [tile._pixels.copy() for tile in panel.tiles]
    drag(panel, 0, at(panel, 0, 45), at(panel, 0, 45) + QPoint(9, 6))
    after = session.topology
    assert after is not None and after.landmarks[45] != before.landmarks[45]
    assert after.landmarks[36] != before.landmarks[36]
    for tile, old in zip(panel.tiles, pixels, strict=True):
        assert np.abs(tile._pixels[45] - old[45]).max() > 0.5
        assert np.allclose(tile._pixels[30], old[30])
    moved = panel.tiles[0].to_widget(panel.tiles[0]._pixels[45])
    wanted = panel.tiles[0].to_widget(pixels[0][45]) + [9, 6]
    assert np.abs(moved - wanted).max() < 1.6
    assert len(session.document.history[0]) == 1
    session.undo()
    assert session.topology == before
    assert np.allclose(panel.tiles[1]._pixels, pixels[1], equal_nan=True)


def test_a_drag_beside_the_head_leaves_the_point_on_it(
    panel: PicturesPanel, session: CurateSession
) -> None:
    before = session.topology
    drag(panel, 0, at(panel, 0, 30), QPoint(3, 3))
    assert session.topology is not None and before is not None
    spot = mean_head().spots(session.topology.landmarks)
    assert (spot.triangles >= 0).all()


def test_what_is_compared_is_shown_and_not_moved(
    panel: PicturesPanel, session: CurateSession
) -> None:
    base = session.topology
    assert base is not None
    session.show(Comparison(base, base, "Two"))
    drag(panel, 0, at(panel, 0, 30), at(panel, 0, 30) + QPoint(8, 0))
    assert session.topology == base
    session.show(None)
    assert panel.tiles[0].movable


def test_hidden_points_are_hidden_and_hovered_ones_named(
    panel: PicturesPanel, session: CurateSession
) -> None:
    from app.curate import view

    assert session.document is not None
    session.look(view.hide(session.document.view, [mark(30)]))
    assert not np.isfinite(panel.tiles[0]._pixels[30]).any()
    session.look(view.show_all(session.document.view))
    QTest.mouseMove(panel.tiles[0], at(panel, 0, 30))
    until(lambda: session.hovered == mark(30))
    assert panel.tiles[1]._hot == 30


def test_a_zoomed_picture_keeps_its_points_in_place(panel: PicturesPanel) -> None:
    tile = panel.tiles[0]
    tile.zoom = 3.0
    x, y = tile.to_widget(tile._pixels[30])
    assert np.allclose(tile.to_picture(QPointF(x, y)), tile._pixels[30])
    assert tile.under(QPointF(x + 2, y)) == 30
    QTest.keyClick(tile, Qt.Key.Key_0)
    assert tile.zoom == 1.0


def test_without_a_head_it_says_what_is_missing(
    panel: PicturesPanel, session: CurateSession
) -> None:
    said: list[str] = []
    session.said.connect(lambda _, text: said.append(text))
    panel.heads.setCurrentIndex(panel.heads.count() - 1)
    panel.make()
    assert said == ["No head is open in the Studio."]


PHOTOGRAPHS = Path(__file__).resolve().parents[3] / "shared" / "data" / "real_val"


def test_photographs_are_worked_on_like_renders_and_others_are_told(
    panel: PicturesPanel, session: CurateSession, tmp_path: Path
) -> None:
    from inference.registry import shipped

    if not PHOTOGRAPHS.is_dir():
        pytest.skip("../shared/data/real_val not present")
    if not shipped("face"):
        pytest.skip("no face model is shipped yet")
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    said: list[str] = []
    session.said.connect(lambda _, text: said.append(text))
    tiles = panel.tiles
    panel.open_photographs([*sorted(PHOTOGRAPHS.glob("*.jpg"))[:3], broken])
    assert not panel.make_button.isEnabled()
    until(lambda: panel.tiles is not tiles)
    assert 1 <= len(panel.tiles) <= 3 and panel.make_button.isEnabled()
    assert [text for text in said if "broken.jpg" in text]
    until(lambda: panel.tiles[0].width() > 100)
    tile = panel.tiles[0]
    assert tile.seen.name.endswith(".jpg") and np.isfinite(tile._pixels).all()
    before = session.topology
    drag(panel, 0, at(panel, 0, 30), at(panel, 0, 30) + QPoint(6, -5))
    after = session.topology
    assert before is not None and after is not None
    assert after.landmarks[30] != before.landmarks[30]


def test_photographs_without_a_face_leave_a_reason(
    panel: PicturesPanel, session: CurateSession, tmp_path: Path
) -> None:
    from inference.registry import shipped

    if not shipped("face"):
        pytest.skip("no face model is shipped yet")
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    panel.open_photographs([tmp_path / "broken.jpg"])
    until(lambda: panel.make_button.isEnabled())
    assert "broken.jpg" in session.jobs.jobs[-1].reason
    assert "could not be made" in panel.words.text()
