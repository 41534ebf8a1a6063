"""Editing a topology: edits by name, undone and redone, mirrored, locked, never off the skin."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from app.curate import view as views
from app.curate.action import Action, EditError
from app.curate.document import Document
from app.curate.edges import CutEdges, DrawEdges
from app.curate.mean_head import mean_head, means
from app.curate.moving import Move, Nudge, Symmetrise
from app.curate.naming import ClosePart, JoinPart, LeavePart, Rename, RenamePart, Reorder
from app.curate.snapping import SnapToCurve, SnapToEdge, SnapToMirror, SnapToVertex
from app.curate.structure import Add, Delete, Merge, SplitEdge, SplitLandmark, new_ids
from app.curate.surface import Spots
from app.curate.view import View
from app.topology import store
from app.topology.identity import canonical, ids_of
from app.topology.topology import Topology

IBUG = store.load("ibug-68")
CHIN, TIP = "ibug-68:8", "ibug-68:30"
RIGHT_MOUTH, LEFT_MOUTH = "ibug-68:48", "ibug-68:54"


def opened(topology: Topology = IBUG) -> Document:
    return Document(topology, mean_head())


def at(document: Document, key: str) -> np.ndarray:
    topology = document.topology
    return means(topology)[ids_of(topology).index(key)]


def name_of(document: Document, key: str) -> str:
    topology = document.topology
    return topology.landmarks[ids_of(topology).index(key)].name


def spot_near(document: Document, point: np.ndarray) -> Spots:
    return document.head.surface.closest(point[None])[0]


def drawn_action(dice: Random, document: Document) -> Action:
    """Any of the edits, on landmarks that are there or were once."""
    topology = document.topology
    ids = ids_of(topology)
    one, other, third = (dice.choice(ids) for _ in range(3))
    some = tuple(dice.sample(ids, min(len(ids), dice.randint(1, 4))))
    parts = [part.name for part in topology.parts] or ["jaw"]
    edges = [(ids[a], ids[b]) for a, b in topology.edges] or [(one, other)]
    row, part = dice.randrange(8092), dice.choice(parts)
    spot = Spots(np.array([row]), np.array([[0.2, 0.3, 0.5]]))
    way = (dice.uniform(-1, 1), dice.uniform(-1, 1), dice.uniform(-1, 1))
    near = means(topology)[ids.index(one)] + np.array(way) * 0.005
    makers = [
        lambda: Move((one,), spot_near(document, near)),
        lambda: Move((one,), spot),
        lambda: Nudge(some, way, dice.choice([0.0001, 0.002])),
        lambda: Symmetrise(some),
        lambda: SnapToVertex(some),
        lambda: SnapToEdge(some),
        lambda: SnapToMirror(some),
        lambda: SnapToCurve((one,)),
        lambda: SnapToCurve((one,), part),
        lambda: Add(f"point {dice.randrange(10**6)}", spot, new_ids(2), dice.choice(["", part])),
        lambda: Delete(some[:2]),
        lambda: SplitEdge(*dice.choice(edges), new_ids(2)),
        lambda: SplitLandmark(one, new_ids(2)),
        lambda: Merge((one, other)),
        lambda: Rename(one, f"left thing {dice.randrange(10**6)}"),
        lambda: Reorder(some, other if other not in some else None),
        lambda: JoinPart(some, dice.choice([part, "left spot"])),
        lambda: LeavePart((one,), part),
        lambda: ClosePart(part, dice.random() < 0.5),
        lambda: RenamePart(part, f"part {dice.randrange(10**4)}"),
        lambda: DrawEdges((one, other, third)),
        lambda: CutEdges((dice.choice(edges),)),
    ]
    return dice.choice(makers)()


def check_sound(document: Document) -> None:
    topology = document.topology
    store.check(topology)
    assert canonical(topology) == topology
    spots = document.head.spots(topology.landmarks)
    assert (spots.triangles >= 0).all()
    assert np.abs(document.head.surface.at(spots) - means(topology)).max() < 2e-6


def test_a_thousand_edits_are_undone_and_redone_to_the_same_states() -> None:
    dice, document = Random(7), opened()
    states, names = [document.topology], []
    refused = 0
    while len(states) <= 1000:
        if dice.random() < 0.02:
            document.look(View(mirrored=not document.view.mirrored))
        action = drawn_action(dice, document)
        before = document.topology
        try:
            if document.do(action):
                states.append(document.topology)
                names.append(action.text)
        except EditError as problem:
            refused += 1
            assert document.topology is before
            assert "\n" not in str(problem)
        if len(states) % 25 == 0:
            check_sound(document)
    assert refused < 700
    assert len({type(a) for a in (drawn_action(dice, document) for _ in range(300))}) == 20
    last = store.encode(document.topology)
    for k in range(1000, 0, -1):
        assert document.undo() == names[k - 1]
        assert document.topology == states[k - 1]
    assert document.undo() == "" and document.topology == document.base and document.clean
    for k in range(1000):
        assert document.redo() == names[k]
        assert document.topology == states[k + 1]
    assert document.redo() == ""
    assert store.encode(document.topology) == last


def test_what_was_edited_is_what_is_proposed() -> None:
    from app.curate.changes import apply

    dice, document = Random(3), opened()
    for _ in range(60):
        try:
            document.do(drawn_action(dice, document))
        except EditError:
            continue
    changes = document.changes()
    assert changes.changes
    assert apply(document.base, changes) == document.topology


def test_a_drag_is_one_step() -> None:
    document, gesture = opened(), object()
    start = at(document, RIGHT_MOUTH)
    for k in range(1, 20):
        spot = spot_near(document, start + np.array([0.0, 0.0, -0.0005 * k]))
        document.do(Move((RIGHT_MOUTH,), spot, "right mouth corner"), gesture)
    assert document.history == (("Move right mouth corner",), ())
    assert np.linalg.norm(at(document, RIGHT_MOUTH) - start) > 0.005
    document.do(Nudge((RIGHT_MOUTH,), (0.0, 0.0, 1.0)))
    document.undo()
    assert document.undo() == "Move right mouth corner"
    assert np.allclose(at(document, RIGHT_MOUTH), start)


def test_an_arrow_key_moves_a_tenth_of_a_millimetre_and_the_other_side_follows() -> None:
    document = opened()
    start = at(document, RIGHT_MOUTH)
    document.do(Nudge((RIGHT_MOUTH,), (0.0, 0.0, 1.0)))
    moved = at(document, RIGHT_MOUTH)
    assert abs(np.linalg.norm(moved - start) - 0.0001) < 2e-6
    assert np.allclose(at(document, LEFT_MOUTH), moved * [-1, 1, 1], atol=1e-6)


def test_a_point_left_alone_moves_alone() -> None:
    document = opened()
    document.look(views.leave_alone(document.view, [LEFT_MOUTH]))
    other = at(document, LEFT_MOUTH)
    document.do(Nudge((RIGHT_MOUTH,), (0.0, 0.0, 1.0), 0.002))
    assert np.array_equal(at(document, LEFT_MOUTH), other)
    assert not document.undo_text.startswith("Leave")
    document.do(SnapToMirror((LEFT_MOUTH,)))
    assert np.allclose(at(document, LEFT_MOUTH), at(document, RIGHT_MOUTH) * [-1, 1, 1], atol=1e-6)


def test_a_point_of_the_middle_stays_in_the_middle() -> None:
    document = opened()
    document.do(Move((TIP,), spot_near(document, at(document, TIP) + [0.004, 0.002, 0.004])))
    assert at(document, TIP)[0] == 0.0
    document.look(views.leave_alone(document.view, [TIP]))
    document.do(Move((TIP,), spot_near(document, at(document, TIP) + [0.004, 0.002, 0.004])))
    assert at(document, TIP)[0] > 0.002


def test_a_locked_point_is_not_changed_by_anything() -> None:
    document = opened()
    document.look(views.lock(document.view, [LEFT_MOUTH]))
    before = document.topology
    for action in (
        Nudge((RIGHT_MOUTH,), (0.0, 0.0, 1.0)),
        Delete((LEFT_MOUTH,)),
        Rename(LEFT_MOUTH, "x"),
    ):
        with pytest.raises(EditError, match=r"'left mouth corner' is locked|is locked"):
            document.do(action)
    assert document.topology is before and not document.undo_text
    document.look(views.unlock(document.view, [LEFT_MOUTH]))
    assert document.do(Delete((LEFT_MOUTH,)))


def test_what_is_shown_is_no_edit() -> None:
    document = opened()
    document.look(views.hide(document.view, [TIP]))
    assert 30 not in views.visible(document.topology, document.view)
    document.look(views.solo(document.view, [CHIN]))
    assert views.visible(document.topology, document.view) == (8,)
    document.look(views.show_all(document.view))
    assert len(views.visible(document.topology, document.view)) == 68
    assert document.clean and not document.undo_text and not document.changes().changes


def test_the_dirty_mark_follows_undo_past_saving() -> None:
    document = opened()
    document.do(Nudge((TIP,), (0.0, 0.0, 1.0), 0.001))
    document.mark_clean()
    document.do(Nudge((TIP,), (0.0, 0.0, 1.0), 0.001))
    assert not document.clean
    document.undo()
    assert document.clean
    document.undo()
    assert not document.clean and not document.changes().changes


def test_an_added_point_gets_its_other_side() -> None:
    document = opened()
    keys = new_ids(2)
    cheek = spot_near(document, np.array([-0.05, 0.0, -0.04]))
    document.do(Add("right cheek", cheek, keys, "jaw"))
    assert ids_of(document.topology)[-2:] == keys
    assert [name_of(document, key) for key in keys] == ["right cheek", "left cheek"]
    assert np.allclose(at(document, keys[0]) * [-1, 1, 1], at(document, keys[1]), atol=1e-6)
    document.do(Delete((keys[1],)))
    assert len(document.topology) == 68
    document.undo()
    assert len(document.topology) == 70


def test_splitting_an_edge_puts_a_point_into_the_line_on_both_sides() -> None:
    document, keys = opened(), new_ids(2)
    document.do(SplitEdge("ibug-68:3", "ibug-68:4", keys))
    jaw = document.topology.parts[0]
    ids = ids_of(document.topology)
    assert len(jaw.landmarks) == 19
    names = [ids[i] for i in jaw.landmarks]
    assert names[3:6] == ["ibug-68:3", keys[0], "ibug-68:4"]
    assert keys[1] in names[names.index("ibug-68:12") : names.index("ibug-68:13")]
    halves = [np.linalg.norm(at(document, keys[0]) - at(document, f"ibug-68:{i}")) for i in (3, 4)]
    assert abs(halves[0] - halves[1]) < 0.001
    ibug = document.topology.subsets
    assert ibug is not None and len(ibug[0].landmarks) == 68


def test_deleting_a_point_of_a_line_closes_the_line() -> None:
    document = opened()
    document.do(Delete(("ibug-68:3",)))
    ids = ids_of(document.topology)
    jaw = document.topology.parts[0]
    assert len(jaw.landmarks) == 15
    assert (ids.index("ibug-68:2"), ids.index("ibug-68:4")) in document.topology.edges
    assert document.topology.subsets is not None
    assert document.topology.subsets[0].landmarks[3] is None


def test_merging_keeps_the_first_and_the_edges_of_both() -> None:
    document = opened()
    document.do(Merge(("ibug-68:3", "ibug-68:4")))
    assert len(document.topology) == 66
    ids = ids_of(document.topology)
    assert "ibug-68:4" not in ids and "ibug-68:12" not in ids
    assert (ids.index("ibug-68:3"), ids.index("ibug-68:5")) in document.topology.edges
    middle = (np.array(IBUG.landmarks[3].mean) + IBUG.landmarks[4].mean) / 2
    assert np.linalg.norm(at(document, "ibug-68:3") - middle) < 0.002


def test_snapping_goes_to_vertices_edges_and_lines() -> None:
    document = opened()
    document.do(SnapToVertex((RIGHT_MOUTH,)))
    mark = document.topology.landmarks[48]
    assert sorted(mark.weights) == [0.0, 0.0, 1.0]
    document.undo()
    document.do(SnapToEdge((RIGHT_MOUTH,)))
    assert sorted(document.topology.landmarks[48].weights)[0] == 0.0
    document.undo()
    before = at(document, "ibug-68:4")
    document.do(Nudge(("ibug-68:4",), (0.0, -1.0, 0.0), 0.008))
    away = np.linalg.norm(at(document, "ibug-68:4") - before)
    document.do(SnapToCurve(("ibug-68:4",), "jaw"))
    assert np.linalg.norm(at(document, "ibug-68:4") - before) < away


def test_a_name_on_the_right_names_the_left_too() -> None:
    document = opened()
    document.do(Rename(RIGHT_MOUTH, "right corner of the mouth"))
    assert name_of(document, LEFT_MOUTH) == "left corner of the mouth"
    with pytest.raises(EditError, match="there is a landmark 'chin' already"):
        document.do(Rename(TIP, "chin"))
    with pytest.raises(EditError, match="letters that can be printed"):
        document.do(Rename(TIP, "a\tb\x1b[31m"))


def test_edges_are_drawn_and_cut_on_both_sides() -> None:
    document = opened()
    document.do(DrawEdges((RIGHT_MOUTH, "ibug-68:4")))
    assert {(4, 48), (48, 4)} & set(document.topology.edges)
    assert {(12, 54), (54, 12)} & set(document.topology.edges)
    document.do(CutEdges(((RIGHT_MOUTH, "ibug-68:4"),)))
    assert document.topology == document.base
    with pytest.raises(EditError, match="there is no edge between"):
        document.do(CutEdges(((RIGHT_MOUTH, "ibug-68:4"),)))


def test_listeners_hear_of_each_edit_once() -> None:
    document = opened()
    heard: list[tuple[Topology, Topology]] = []
    stop = document.changed.add(lambda before, after: heard.append((before, after)))
    document.do(Nudge((TIP,), (0.0, 0.0, 1.0)))
    document.undo()
    stop()
    document.redo()
    assert len(heard) == 2 and heard[0][0] == heard[1][1] == document.base
