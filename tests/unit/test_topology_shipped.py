"""The topologies that come with the program keep what their description promises."""

from __future__ import annotations

import numpy as np
import pytest

from app.geometry.rotations import Array
from app.topology import store
from app.topology.topology import Topology

DENSE = {"dense-243": 243, "dense-520": 520, "dense-1001": 1001}


def means(topology: Topology) -> Array:
    return np.array([mark.mean for mark in topology.landmarks])


def test_ibug_has_the_standard_order_and_parts() -> None:
    topology = store.load("ibug-68")
    assert [(p.name, len(p.landmarks), p.landmarks[0]) for p in topology.parts] == [
        ("jaw", 17, 0),
        ("right brow", 5, 17),
        ("left brow", 5, 22),
        ("nose bridge", 4, 27),
        ("nose base", 5, 31),
        ("right eye", 6, 36),
        ("left eye", 6, 42),
        ("outer lips", 12, 48),
        ("inner lips", 8, 60),
    ]
    points = means(topology)
    assert (points[36:42, 0] < 0).all()  # the person's right: -X, for the head faces -Y
    assert (points[42:48, 0] > 0).all()
    assert points[:, 1].argmin() == 30  # the tip of the nose stands out
    assert points[:, 2].argmin() == 8  # the chin is lowest


@pytest.mark.parametrize("name", DENSE)
def test_dense_topologies_have_their_number_and_hold_ibug(name: str) -> None:
    topology, ibug = store.load(name), store.load("ibug-68")
    assert len(topology) == DENSE[name]
    for own, known in zip(topology.landmarks, ibug.landmarks, strict=False):
        assert (own.name, own.corners, own.weights) == (known.name, known.corners, known.weights)
    assert topology.version == ibug.version
    assert topology.parts[: len(ibug.parts)] == ibug.parts


@pytest.mark.parametrize("name", store.shipped())
def test_left_and_right_are_mirror_images(name: str) -> None:
    topology = store.load(name)
    points, mirror = means(topology), np.array(topology.mirror)
    assert np.abs(points[mirror] * [-1, 1, 1] - points).max() < 2e-6
    known = {frozenset(edge) for edge in topology.edges}
    assert {frozenset(int(mirror[i]) for i in edge) for edge in topology.edges} == known


@pytest.mark.parametrize("name", store.shipped())
def test_no_two_landmarks_are_closer_than_two_millimetres(name: str) -> None:
    points = means(store.load(name))
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    assert apart[np.triu_indices(len(points), 1)].min() >= 0.002


@pytest.mark.parametrize("name", DENSE)
def test_points_of_a_dense_topology_lie_evenly(name: str) -> None:
    topology = store.load(name)
    points = means(topology)
    free = np.array([mark.origin != "ibug-68" for mark in topology.landmarks])
    gap = np.linalg.norm(points[:, None] - points[None], axis=2) + np.eye(len(points))
    nearest = gap.min(axis=1)[free]
    middle = float(np.median(nearest))
    assert nearest.min() > 0.4 * middle
    assert nearest.max() < 1.6 * middle
    longest = max(float(gap[a, b]) for a, b in topology.edges if free[a] or free[b])
    assert longest < 3.5 * middle


@pytest.mark.parametrize("name", DENSE)
def test_regions_hold_every_landmark_once(name: str) -> None:
    topology, ibug = store.load(name), store.load("ibug-68")
    regions = topology.parts[len(ibug.parts) :]
    held = sorted(i for part in regions for i in part.landmarks)
    assert held == list(range(len(topology)))


@pytest.mark.parametrize("name", DENSE)
def test_rounds_tell_where_each_point_comes_from(name: str) -> None:
    topology = store.load(name)
    outline, *rounds = topology.rounds
    assert [made.name for made in topology.rounds] == ["outline", "round 1", "round 2", "round 3"]
    assert len(outline.points) == 18 + 1
    assert all(not p.parents and p.landmark is not None for p in outline.points)
    before = len(outline.points)
    seen: set[int] = set()
    for made in rounds:
        assert made.points
        for point in made.points:
            assert len(set(point.parents)) == 3
            assert max(point.parents) < before
            if point.landmark is not None:
                assert topology.landmarks[point.landmark].origin == made.name
                assert point.landmark not in seen
                seen.add(point.landmark)
        before += len(made.points)
    own = {i for i, mark in enumerate(topology.landmarks) if mark.origin.startswith("round")}
    assert seen == own


@pytest.mark.parametrize("name", DENSE)
def test_edges_join_all_landmarks_to_one_net(name: str) -> None:
    topology = store.load(name)
    others: dict[int, set[int]] = {i: set() for i in range(len(topology))}
    for a, b in topology.edges:
        others[a].add(b)
        others[b].add(a)
    reached, waiting = {0}, [0]
    while waiting:
        for other in others[waiting.pop()] - reached:
            reached.add(other)
            waiting.append(other)
    assert len(reached) == len(topology)
