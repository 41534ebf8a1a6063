"""Landmarks on the head with the real renderer: chosen, moved, added, joined, cut, compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.curate import view as views
from app.curate.moving import NUDGE, Nudge
from tests.gui.curate_desk import CONTROL, RIGHT, SHIFT, click, drag, made_session, opened, send
from widgets.curate.ground import default_ground, mean_ground
from widgets.curate.looks import Looks, states_of
from widgets.curate.points import Points
from widgets.curate.scene_view import SceneView
from widgets.curate.session import CurateSession
from widgets.curate.shown import Comparison
from widgets.viewport.navigation import Orbit

NOSE, JAW, CORNER, OTHER_CORNER = 30, 8, 48, 54
"""Rows of iBUG-68: two in the middle, and both corners of the mouth."""


@pytest.fixture(scope="module")
def made(
    qapp: QApplication, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[CurateSession, SceneView]]:
    with made_session(tmp_path_factory.mktemp("store")) as session:
        scene = SceneView(session)
        scene.resize(420, 420)
        scene.show()
        scene.set_ground(mean_ground())
        yield session, scene
        scene.shut_down()
        scene.close()
        scene.deleteLater()


@pytest.fixture
def scene(made: tuple[CurateSession, SceneView]) -> SceneView:
    """An unedited iBUG-68, seen from the front."""
    session, scene = made
    scene.set_tool("look")
    scene.set_ground(mean_ground())
    scene.snap = "none"
    scene.set_looks(Looks())
    opened(session)
    scene.set_orbit(scene._framed(Orbit().facing("front")))
    assert scene.wait_for_frame(60000), scene.remarks()
    return scene


def at(scene: SceneView, row: int) -> QPointF:
    x, y = scene.flat()[row]
    return QPointF(float(x), float(y))


def ids(scene: SceneView) -> tuple[str, ...]:
    assert scene.layer.points is not None
    return scene.layer.points.ids


def mean(scene: SceneView, row: int) -> np.ndarray:
    topology = scene.session.topology
    assert topology is not None
    return np.array(topology.landmarks[row].mean)


def test_points_behind_the_head_are_told_from_those_that_are_seen(scene: SceneView) -> None:
    assert scene.layer.sight.visible.mean() > 0.8
    assert scene.landmark_under(at(scene, NOSE)) == ids(scene)[NOSE]
    scene.set_orbit(scene.orbit.facing("back"))
    assert scene.wait_for_frame(60000)
    assert scene.layer.sight.visible.mean() < 0.2
    assert scene.landmark_under(at(scene, NOSE)) is None


def test_clicks_choose_and_a_drag_of_the_look_tool_only_looks(scene: SceneView) -> None:
    session, keys = scene.session, ids(scene)
    click(scene, at(scene, NOSE))
    assert session.selection == {keys[NOSE]} and session.current == keys[NOSE]
    click(scene, at(scene, JAW), SHIFT)
    assert session.selection == {keys[NOSE], keys[JAW]} and session.current == keys[JAW]
    click(scene, at(scene, NOSE), SHIFT)
    assert session.selection == {keys[JAW]}
    before, start = scene.orbit, at(scene, NOSE)
    drag(scene, start, start + QPointF(30, 4), start + QPointF(60, 8))
    assert scene.orbit != before
    assert session.document is not None and not session.document.undo_text
    assert session.selection == {keys[JAW]}
    click(scene, QPointF(6, 410))
    assert not session.selection


def test_a_point_is_dragged_along_the_skin_and_its_other_side_follows(scene: SceneView) -> None:
    scene.set_tool("move")
    start = at(scene, CORNER)
    posted = scene._posted
    drag(scene, start, start + QPointF(-8, -6), start + QPointF(-20, -14), release=False)
    assert scene._posted is posted  # the head's picture stays: only the points are painted anew
    send(scene, QEvent.Type.MouseButtonRelease, start + QPointF(-20, -14))
    there, other = mean(scene, CORNER), mean(scene, OTHER_CORNER)
    assert np.allclose(there * [-1, 1, 1], other, atol=2e-6)
    x, y = scene.flat()[CORNER]
    assert np.hypot(x - start.x() + 20, y - start.y() + 14) < 1.5
    document = scene.session.document
    assert document is not None
    gap = document.head.surface.closest(there[None])[1]
    assert gap[0] < 2e-6
    assert document.history[0] == ("Move right mouth corner",)
    assert scene.session.undo() and document.topology == document.base


def test_esc_puts_a_dragged_point_back(scene: SceneView) -> None:
    scene.set_tool("move")
    start = at(scene, CORNER)
    drag(scene, start, start + QPointF(-12, 0), start + QPointF(-30, 0), release=False)
    assert scene.session.unsaved
    QTest.keyClick(scene, Qt.Key.Key_Escape)
    assert not scene.session.unsaved
    send(scene, QEvent.Type.MouseButtonRelease, start)


def test_several_points_are_dragged_by_the_same_way(scene: SceneView) -> None:
    scene.set_tool("move")
    keys, session = ids(scene), scene.session
    session.look(replace(session.document.view, mirrored=False))  # type: ignore[union-attr]
    session.select([keys[CORNER], keys[49]], keys[CORNER])
    before = [mean(scene, row) for row in (CORNER, 49, 50)]
    start = at(scene, CORNER)
    drag(scene, start, start + QPointF(0, -8), start + QPointF(0, -16))
    moved = [mean(scene, row) - b for row, b in zip((CORNER, 49, 50), before, strict=True)]
    lengths = [float(np.linalg.norm(way)) for way in moved]
    assert lengths[0] > 0.002 and abs(lengths[0] - lengths[1]) < 0.35 * lengths[0]
    assert lengths[2] == 0.0
    assert session.document is not None and len(session.document.history[0]) == 1


def test_a_drag_with_ctrl_snaps(scene: SceneView) -> None:
    scene.set_tool("move")
    scene.snap = "vertex"
    start = at(scene, CORNER)
    drag(scene, start, start + QPointF(-9, -5), start + QPointF(-18, -9), keys=CONTROL)
    topology = scene.session.topology
    assert topology is not None
    assert max(topology.landmarks[CORNER].weights) == 1.0


def test_arrow_keys_nudge_by_a_tenth_of_a_millimetre(scene: SceneView) -> None:
    scene.session.select([ids(scene)[CORNER]])
    before = mean(scene, CORNER)
    QTest.keyClick(scene, Qt.Key.Key_Up)
    assert np.linalg.norm(mean(scene, CORNER) - before) == pytest.approx(NUDGE, rel=0.1)
    QTest.keyClick(scene, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert np.linalg.norm(mean(scene, CORNER) - before) == pytest.approx(11 * NUDGE, rel=0.1)
    document = scene.session.document
    assert document is not None and len(document.history[0]) == 2


def test_box_and_lasso_choose_what_lies_within(scene: SceneView) -> None:
    keys = ids(scene)
    scene.set_tool("box")
    low, high = scene.flat()[48:68].min(axis=0), scene.flat()[48:68].max(axis=0)
    first, last = QPointF(*(low - 4)), QPointF(*(high + 4))
    drag(scene, first, (first + last) / 2, last)
    assert scene.session.selection == set(keys[48:68])
    scene.set_tool("lasso")
    x, y = scene.flat()[NOSE]
    ring = [QPointF(x + 9 * np.cos(t), y + 9 * np.sin(t)) for t in np.linspace(0, 6.2, 24)]
    drag(scene, *ring, keys=SHIFT)
    assert scene.session.selection == {*keys[48:68], keys[NOSE]}
    drag(scene, *ring, keys=CONTROL)
    assert scene.session.selection == set(keys[48:68])


def test_hidden_points_cannot_be_hit(scene: SceneView) -> None:
    session, keys = scene.session, ids(scene)
    assert session.document is not None
    session.look(views.hide(session.document.view, [keys[NOSE]]))
    assert scene.landmark_under(at(scene, NOSE)) is None
    session.look(views.solo(views.show_all(session.document.view), [keys[NOSE]]))
    assert scene.landmark_under(at(scene, NOSE)) == keys[NOSE]
    assert scene.landmark_under(at(scene, JAW)) is None


def test_points_are_added_in_pairs_joined_and_cut(scene: SceneView) -> None:
    session = scene.session
    scene.set_tool("add")
    cheek = (at(scene, 2) + at(scene, 31)) / 2
    click(scene, cheek)
    assert session.topology is not None and len(session.topology) == 70
    assert session.current == ids(scene)[68]
    added = at(scene, 68)
    assert (added - cheek).manhattanLength() < 2.0
    scene.set_tool("draw")
    edges = len(session.topology.edges)
    click(scene, added)
    click(scene, at(scene, 31))
    assert len(session.topology.edges) == edges + 2  # and the other side's
    scene.set_tool("cut")
    click(scene, (added + at(scene, 31)) / 2)
    assert len(session.topology.edges) == edges
    drag(scene, at(scene, 28) + QPointF(-9, 8), at(scene, 28), at(scene, 28) + QPointF(9, 8))
    assert len(session.topology.edges) == edges - 1
    while session.undo():
        pass
    assert session.document is not None and session.topology == session.document.base


def test_a_line_is_drawn_through_clicked_places(scene: SceneView) -> None:
    scene.set_tool("line")
    scene.line_name, scene.line_count, scene.line_closed = "cheek", 7, False
    for row in (2, 31):
        click(scene, (at(scene, row) + at(scene, 40)) / 2)
    click(scene, (at(scene, 3) + at(scene, 31)) / 2)
    QTest.keyClick(scene, Qt.Key.Key_Return)
    topology = scene.session.topology
    assert topology is not None
    parts = {part.name: part for part in topology.parts}
    assert len(parts["cheek"].landmarks) == 7 and len(parts["cheek mirrored"].landmarks) == 7
    scene.line_name = ""


def test_the_right_button_asks_for_the_menu_unless_it_zooms(scene: SceneView) -> None:
    asked: list[object] = []
    scene.menu_asked.connect(asked.append)
    click(scene, at(scene, NOSE), button=RIGHT)
    assert len(asked) == 1 and scene.session.selection == {ids(scene)[NOSE]}
    start = at(scene, NOSE)
    send(scene, QEvent.Type.MouseButtonPress, start, RIGHT)
    send(scene, QEvent.Type.MouseMove, start + QPointF(0, 30), RIGHT)
    send(scene, QEvent.Type.MouseButtonRelease, start + QPointF(0, 30), RIGHT)
    assert len(asked) == 1


def test_a_comparison_is_drawn_chosen_from_and_left(scene: SceneView) -> None:
    session, keys = scene.session, ids(scene)
    plain = scene.grab().toImage()
    session.do(Nudge((keys[CORNER],), (0.0, 0.0, 1.0), 0.004))
    document = session.document
    assert document is not None
    session.show(Comparison(document.base, document.topology, "Mine", "swipe", 0.5))
    assert scene.wait_for_frame(60000)
    assert scene.grab().toImage() != plain
    click(scene, at(scene, NOSE))
    assert session.selection == {keys[NOSE]}
    scene.set_tool("move")
    start = at(scene, JAW)
    topology = session.topology
    middle = QPointF(scene.width() / 2, 12)
    drag(scene, middle, middle + QPointF(20, 0), middle + QPointF(84, 0))
    assert session.shown is not None and session.shown.split == pytest.approx(0.7, abs=0.01)
    drag(scene, start + QPointF(40, 40), start + QPointF(60, 30), start + QPointF(80, 20))
    assert session.topology is topology
    QTest.keyClick(scene, Qt.Key.Key_Escape)
    assert session.shown is None


def test_editing_on_the_default_head_is_editing_the_same_places(scene: SceneView) -> None:
    scene.set_ground(default_ground())
    scene.set_tool("move")
    assert scene.wait_for_frame(60000)
    before, start = mean(scene, CORNER), at(scene, CORNER)
    drag(scene, start, start + QPointF(-6, 0), start + QPointF(-15, 3))
    x, y = scene.flat()[CORNER]
    assert np.hypot(x - start.x() + 15, y - start.y() - 3) < 2.5
    assert 0.001 < np.linalg.norm(mean(scene, CORNER) - before) < 0.02


def test_points_of_a_new_state_are_those_that_are_worked_out_anew(scene: SceneView) -> None:
    session, keys = scene.session, ids(scene)
    for key in (keys[CORNER], keys[NOSE]):
        session.do(Nudge((key,), (0.3, 0.0, 1.0), 0.003))
    assert session.topology is not None and scene.layer.points is not None
    anew = Points.of(mean_ground(), session.topology)
    assert np.array_equal(anew.world, scene.layer.points.world)
    assert np.array_equal(anew.lines, scene.layer.points.lines)


def test_colours_tell_what_was_done_to_a_landmark(scene: SceneView) -> None:
    session, keys = scene.session, ids(scene)
    session.do(Nudge((keys[NOSE],), (0.0, 0.0, 1.0), 0.003))
    document = session.document
    assert document is not None
    found = states_of(document.topology, document.base, views.lock(document.view, [keys[0]]))
    assert [found[NOSE], found[0], found[1]] == [1, 4, 0]
    scene.set_looks(replace(scene.layer.looks, coloring="state", numbers=True))
    assert scene.layer.groups()[NOSE] == 1
    scene.grab()
