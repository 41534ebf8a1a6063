"""What auto-place is measured against: true points, hand-corrected ones, or the registered ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.bench.auto_place import BOUND, corrected, distance, known_gap, parts, true_places
from app.curate.auto_place import AutoPlaced
from app.topology import placement_file, store
from app.topology.default_head import default_head
from app.topology.placement import Placement
from app.topology.placement_file import PlacedLandmark
from tests.unit.test_curate_auto_place import stranger

IBUG = store.load("ibug-68")
NOSE_TIP = 30


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADROOM_CONFIG", str(tmp_path))


def off(placement: Placement, row: int) -> Placement:
    """One landmark at another corner of its triangle."""
    weights = placement.weights.copy()
    weights[row] = np.eye(3)[placement.weights[row].argmin()]
    return replace(placement, weights=weights)


def placed(placement: Placement) -> AutoPlaced:
    return AutoPlaced(IBUG, placement, np.zeros(68), "model")


def test_points_in_their_places_are_no_distance_away() -> None:
    asset = default_head()
    true = true_places(asset, IBUG)
    assert distance(asset, true, true, "true").most == 0.0
    gap = distance(asset, off(true, NOSE_TIP), true, "true")
    assert gap.landmarks == 68 and gap.most == pytest.approx(68 * gap.mean)
    assert 0.0 < gap.most < 10.0 and "true" in str(gap)


def test_what_people_set_right_comes_before_what_registration_proposes() -> None:
    registered = true_places(default_head(), IBUG)
    asset = stranger()
    found = placed(off(registered, NOSE_TIP))
    gap = known_gap(asset, placed(registered), found)
    assert (gap.against, gap.landmarks) == ("registered", 68) and gap.most > 0.0
    placement_file.keep(asset, (IBUG,), (registered,), 0.001)
    assert corrected(asset, IBUG) is None
    there = found.placement
    a, b, c = (int(v) for v in there.corners[NOSE_TIP])
    u, v, w = (float(x) for x in there.weights[NOSE_TIP])
    mesh = asset.meshes[int(there.meshes[NOSE_TIP])].name
    by_hand = PlacedLandmark("nose tip", mesh, (a, b, c), (u, v, w), "person")
    placement_file.correct(asset, IBUG, NOSE_TIP, by_hand)
    gap = known_gap(asset, placed(registered), found)
    assert (gap.against, gap.landmarks) == ("hand-corrected", 1)
    assert gap.most == pytest.approx(0.0, abs=1e-3)


def test_a_head_of_a_stranger_has_no_true_points() -> None:
    with pytest.raises(ValueError, match="does not share"):
        true_places(stranger(), IBUG)
    assert list(parts(lambda _, start: start)) == ["auto-place"] and BOUND == 4.0
