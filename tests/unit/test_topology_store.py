"""Topology files: what is written is read again, and what is wrong is said in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli import main
from app.topology import store
from app.topology.store import TopologyError
from app.topology.topology import Landmark, Part, Topology


@st.composite
def topologies(draw: st.DrawFn) -> Topology:
    names = draw(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
            min_size=1,
            max_size=8,
            unique=True,
        )
    )
    count = len(names)
    index = st.integers(0, count - 1)
    marks = []
    for name in names:
        corners = draw(st.tuples(*[st.integers(0, 19157)] * 3))
        first = draw(st.integers(0, 1000))
        second = draw(st.integers(0, 1000 - first))
        weights = (first / 1000, second / 1000, round(1 - first / 1000 - second / 1000, 6) + 0.0)
        mean = draw(st.tuples(*[st.floats(-0.3, 0.3)] * 3))
        marks.append(Landmark(name, corners, weights, mean, draw(st.sampled_from(["fill", "x"]))))
    order = draw(st.permutations(range(count)))
    mirror = list(range(count))
    for a, b in zip(order[0::2], order[1::2], strict=False):
        mirror[a], mirror[b] = b, a
    part = Part("a part", tuple(draw(st.lists(index, min_size=1, max_size=5))), draw(st.booleans()))
    pairs = draw(st.lists(st.tuples(index, index).filter(lambda e: e[0] != e[1]), max_size=6))
    edges = tuple(pairs) if count > 1 else ()
    return Topology("drawn", draw(st.integers(1, 9)), tuple(marks), (part,), edges, tuple(mirror))


@given(topologies())
def test_what_is_written_is_read_again(topology: Topology) -> None:
    assert store.decode(store.encode(topology)) == topology


@pytest.mark.parametrize("name", store.shipped())
def test_shipped_files_are_written_as_they_are(name: str) -> None:
    path = store.FOLDER / f"{name}.json"
    assert store.encode(store.load(name)) == path.read_bytes()


def ibug() -> dict[str, Any]:
    return dict(json.loads((store.FOLDER / "ibug-68.json").read_bytes()))


def rename(content: dict[str, Any]) -> None:
    content["landmarks"][4]["name"] = content["landmarks"][3]["name"]


FAULTS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "other format": (lambda c: c.update(format="x"), '"format" must be'),
    "later version": (lambda c: c.update(format_version=2), "reads version 1"),
    "no landmarks": (lambda c: c.pop("landmarks"), "missing required field `landmarks`"),
    "empty": (lambda c: c.update(landmarks=[], mirror=[], parts=[], edges=[]), "no landmarks"),
    "short mirror": (lambda c: c["mirror"].pop(), "mirror has 67 numbers for 68 landmarks"),
    "mirror beyond": (lambda c: c["mirror"].__setitem__(0, 68), "there is no landmark 68"),
    "one-sided mirror": (lambda c: c["mirror"].__setitem__(0, 1), "mirror of landmark 0 is 1"),
    "weights": (
        lambda c: c["landmarks"][7].update(weights=[0.5, 0.5, 0.1]),
        "the weights sum to 1.1, not to one",
    ),
    "negative": (lambda c: c["landmarks"][7].update(weights=[1.5, -0.5, 0]), "is negative"),
    "two weights": (lambda c: c["landmarks"][7].update(weights=[0.5, 0.5]), "landmarks[7].weights"),
    "corner": (lambda c: c["landmarks"][7].update(corners=[1, 2, 19158]), "corner 19158 is out of"),
    "corner below": (lambda c: c["landmarks"][7].update(corners=[1, -2, 3]), "corner -2 is out of"),
    "same name": (rename, "landmark 3 has the same name"),
    "millimetres": (lambda c: c["landmarks"][7].update(mean=[40.0, 0, 0]), "it is in metres"),
    "base mesh": (lambda c: c.update(base_mesh="smpl"), "base mesh 'smpl' is not known"),
    "part": (lambda c: c["parts"][0]["landmarks"].append(70), "part 'jaw': there is no landmark"),
    "empty part": (lambda c: c["parts"][0].update(landmarks=[]), "part 'jaw' has no landmarks"),
    "edge": (lambda c: c["edges"].append([3, 99]), "there is no landmark 99"),
    "edge to itself": (lambda c: c["edges"].append([3, 3]), "joins landmark 3 with itself"),
    "words": (lambda c: c.update(version="two"), "expected `int`, got `str` - at `$.version`"),
    "version": (lambda c: c.update(version=0), "versions start at 1"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_line_that_names_file_and_place(
    fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change, said = FAULTS[fault]
    content = ibug()
    change(content)
    path = tmp_path / "bad.json"
    path.write_bytes(json.dumps(content).encode())
    with pytest.raises(TopologyError) as caught:
        store.read(path)
    assert said in str(caught.value)
    assert main(["topology", "check", str(path)], lambda _: 0) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert str(path) in line
    assert said in line


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "no topology"),
        (b"[" * 100_000, "no topology"),
        (b'{"format": "headroom-topology", "more": ' + b"[" * 100_000, "not JSON"),
        (b'{"format": 3}', "no topology"),
    ],
)
def test_what_is_no_topology(data: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(data)
    with pytest.raises(TopologyError, match=said) as caught:
        store.read(path)
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(TopologyError, match="no such file"):
        store.read(tmp_path / "none.json")
    with pytest.raises(TopologyError, match="cannot be read"):
        store.read(tmp_path)
    with pytest.raises(TopologyError, match="there are: ibug-68"):
        store.load("ibug-69")


def test_nothing_is_written_that_could_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    topology = store.load("ibug-68")
    store.write(path, topology)
    with pytest.raises(TopologyError, match="mirror has 1"):
        store.write(path, replace(topology, mirror=(0,)))
    assert store.read(path) == topology
