"""Topologies in other formats: a round trip is exact, or what is lost is named."""

from __future__ import annotations

import io
import json
import math
import zipfile
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.blender.protocol import Done, Failed
from app.curate import exchange
from app.curate.exchange import ExchangeError, Name, WorkerError
from app.curate.exchange_numbers import heaviest
from app.curate.exchange_scene import Worker
from app.curate.exchange_skin import MeanSkin
from app.topology import store
from app.topology.topology import Landmark, Part, Subset, Topology
from tests.unit.test_curate_changes import built

FILES: tuple[Name, ...] = ("json", "npz", "obj", "coco")


def no_worker() -> AbstractContextManager[Worker]:
    raise AssertionError("this format needs no Blender")


def written(topology: Topology, folder: Path, name: Name) -> Path:
    path = folder / f"out{exchange.FORMATS[name].suffix}"
    exchange.write(topology, path, name, no_worker)
    return path


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("shipped", store.shipped())
def test_a_round_trip_of_what_is_shipped_is_exact(tmp_path: Path, name: Name, shipped: str) -> None:
    topology = store.load(shipped)
    path = written(topology, tmp_path, name)
    data = path.read_bytes()
    found = exchange.read(path, no_worker)
    assert found.topology == topology
    assert found.lost == ()
    assert written(topology, tmp_path, name).read_bytes() == data


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.integers(0, 10**6), st.text("aé☃ #/\\\"'\n\t\u2028", min_size=1, max_size=9))
def test_a_round_trip_of_anything_is_exact(tmp_path: Path, seed: int, odd: str) -> None:
    drawn = built(seed)
    assume(odd not in {mark.name for mark in drawn.landmarks[1:]})
    marks = (replace(drawn.landmarks[0], name=odd), *drawn.landmarks[1:])
    topology = replace(drawn, landmarks=marks)
    for name in FILES:
        found = exchange.read(written(topology, tmp_path, name), no_worker)
        assert (found.topology, found.lost) == (topology, ()), name


def test_ids_and_subsets_survive(tmp_path: Path) -> None:
    plain = store.load("ibug-68")
    ids = tuple(f"01ARZ:{i}" for i in range(68))
    topology = replace(plain, ids=ids, subsets=(Subset("odd", (3, None, 5)),))
    for name in FILES:
        assert exchange.read(written(topology, tmp_path, name), no_worker).topology == topology


def test_the_text_list_is_that_of_the_source_project(tmp_path: Path) -> None:
    topology = store.load("dense-520")
    told = exchange.write(topology, tmp_path / "d.txt", "text", no_worker)
    assert [path.name for path in told.files] == ["d.txt", "d_68.txt"]
    lines = told.files[0].read_text().splitlines()
    assert len(lines) == 520
    assert lines[0] == f"{heaviest(topology.landmarks[0]):.18e}"
    assert np.loadtxt(told.files[0]).astype(int).tolist() == [
        heaviest(mark) for mark in topology.landmarks
    ]
    assert np.loadtxt(told.files[1]).astype(int).tolist() == list(range(68))
    assert "names" in told.lost[0]
    assert "mm at most" in told.lost[1]
    assert "share a vertex" in told.lost[2]


def test_a_text_list_takes_the_rest_from_its_topology(tmp_path: Path) -> None:
    topology = store.load("ibug-68")
    path = tmp_path / "points.txt"
    exchange.write(topology, path, "text", no_worker)
    with pytest.raises(ExchangeError, match=r"points\.txt: .*name the topology"):
        exchange.read(path, no_worker)
    same = exchange.read(path, no_worker, topology, MeanSkin())
    assert same.topology == topology
    numbers = path.read_text().splitlines()
    corner = next(
        c for c in topology.landmarks[30].corners if c != heaviest(topology.landmarks[30])
    )
    numbers[30] = f"{corner:.18e}"
    path.write_text("\n".join(numbers))
    found = exchange.read(path, no_worker, topology, MeanSkin())
    moved = found.topology.landmarks[30]
    assert heaviest(moved) == corner
    assert sorted(moved.weights) == [0.0, 0.0, 1.0]
    assert math.dist(moved.mean, topology.landmarks[30].mean) < 0.01
    others = [m for i, m in enumerate(found.topology.landmarks) if i != 30]
    assert others == [m for i, m in enumerate(topology.landmarks) if i != 30]
    assert "1 points that moved" in found.lost[1]


def test_a_list_for_another_mesh_is_told(tmp_path: Path) -> None:
    path = tmp_path / "vertices.txt"
    path.write_text("".join(f"{22396 + i:.18e}\n" for i in range(68)))
    with pytest.raises(ExchangeError, match="Basel face model"):
        exchange.read(path, no_worker, store.load("ibug-68"), MeanSkin())


@pytest.mark.parametrize(
    ("name", "lost"), [("obj", "names, corners"), ("coco", "positions, parts")]
)
def test_what_other_programs_leave_away_is_named(tmp_path: Path, name: Name, lost: str) -> None:
    topology = store.load("ibug-68")
    path = written(topology, tmp_path, name)
    if name == "obj":
        lines = path.read_text().splitlines()
        path.write_text("\n".join(line for line in lines if not line.startswith("#")))
    else:
        content = json.loads(path.read_text())
        del content["categories"][0]["headroom_topology"]
        path.write_text(json.dumps(content))
    with pytest.raises(ExchangeError, match="name the topology"):
        exchange.read(path, no_worker)
    with pytest.raises(ExchangeError, match="68 points and dense-243 has 243"):
        exchange.read(path, no_worker, store.load("dense-243"))
    found = exchange.read(path, no_worker, topology)
    assert found.topology == topology
    assert found.lost[0].startswith(lost)
    assert exchange.FORMATS[name].at_risk.startswith(lost)


def test_points_that_were_moved_in_an_obj_lie_on_the_skin(tmp_path: Path) -> None:
    topology = store.load("ibug-68")
    path = written(topology, tmp_path, "obj")
    lines = path.read_text().splitlines()
    at = [i for i, line in enumerate(lines) if line.startswith("v ")][30]
    x, up, forward = (float(word) for word in lines[at].split()[1:])
    lines[at] = f"v {x + 0.004} {up} {forward + 0.001}"
    path.write_text("\n".join(lines))
    with pytest.raises(ExchangeError, match="no surface"):
        exchange.read(path, no_worker)
    found = exchange.read(path, no_worker, None, MeanSkin()).topology
    moved, before = found.landmarks[30], topology.landmarks[30]
    assert 0.002 < math.dist(moved.mean, before.mean) < 0.006
    gap = MeanSkin().closest(moved.mean, moved)
    assert math.dist(gap.mean, moved.mean) < 2e-6
    assert sum(a != b for a, b in zip(found.landmarks, topology.landmarks, strict=True)) == 1
    lines[at] = f"v {x + 0.4} {up} {forward}"
    path.write_text("\n".join(lines))
    with pytest.raises(ExchangeError, match="mm from the skin"):
        exchange.read(path, no_worker, None, MeanSkin())


def test_a_skeleton_and_names_that_were_changed_win(tmp_path: Path) -> None:
    topology = store.load("ibug-68")
    path = written(topology, tmp_path, "coco")
    content = json.loads(path.read_text())
    content["categories"][0]["keypoints"][30] = "tip of the nose"
    content["categories"][0]["skeleton"] = [[1, 2], [31, 9]]
    path.write_text(json.dumps(content))
    found = exchange.read(path, no_worker).topology
    assert found.landmarks[30].name == "tip of the nose"
    assert found.edges == ((0, 1), (30, 8))


class FakeWorker:
    """Keeps what it is asked to write, and gives it back with single precision, out of order."""

    def __init__(self) -> None:
        self.content: dict[str, Any] = {}
        self.keeps_text = True
        self.failure: Failed | None = None

    def submit(
        self, op: str, args: dict[str, Any], on_event: None = None, timeout: float | None = None
    ) -> FakeWorker:
        self.answer: Any = self.failure or Done(self._done(op, args))
        return self

    def result(self, timeout: float | None = None) -> object:
        return self.answer

    def _done(self, op: str, args: dict[str, Any]) -> dict[str, Any]:
        if op == "write_points":
            self.content = json.loads(Path(args["points"]).read_text())
            Path(args["output"]).write_bytes(b"a scene")
            return {}
        shown = zip(self.content["names"], self.content["positions"], strict=True)
        points = [
            {"name": name, "position": np.float32(position).tolist(), "index": None}
            for name, position in shown
        ]
        carried = self.content["carried"] if self.keeps_text else None
        return {"points": points[::-1], "carried": carried}


def test_scenes_bring_back_everything_or_say_what_is_lost(tmp_path: Path) -> None:
    topology = store.load("ibug-68")
    worker, path = FakeWorker(), tmp_path / "points.glb"
    exchange.write(topology, path, "glb", lambda: nullcontext(worker))
    assert exchange.read(path, lambda: nullcontext(worker)).topology == topology
    worker.keeps_text = False
    found = exchange.read(path, lambda: nullcontext(worker), topology)
    assert (found.topology, found.lost[0][:7]) == (topology, "corners")
    worker.content["names"][3] = "somebody else"
    with pytest.raises(ExchangeError, match="no empty for"):
        exchange.read(path, lambda: nullcontext(worker), topology)
    worker.failure = Failed("worker_died", "Blender stopped.")
    with pytest.raises(WorkerError, match="stopped"):
        exchange.read(path, lambda: nullcontext(worker))
    worker.failure = Failed("corrupt", "points.glb cannot be read.")
    with pytest.raises(ExchangeError, match="cannot be read"):
        exchange.read(path, lambda: nullcontext(worker))


def test_a_failed_export_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "own" / "points.fbx"
    path.parent.mkdir()
    path.write_bytes(b"old")
    worker = FakeWorker()
    worker.failure = Failed("worker_died", "Blender stopped.")
    with pytest.raises(WorkerError):
        exchange.write(store.load("ibug-68"), path, "fbx", lambda: nullcontext(worker))
    assert path.read_bytes() == b"old"
    assert [file.name for file in path.parent.iterdir()] == ["points.fbx"]


def test_names_that_are_alike_or_long_stay_apart_in_a_scene(tmp_path: Path) -> None:
    names = ["a b", "a  b", "x" * 80, "x" * 79 + "y", "é" * 70, "  "]
    marks = tuple(Landmark(n, (0, 1, 2), (1.0, 0.0, 0.0), (i / 100, 0.0, 0.0)) for i, n in
                  enumerate(names))  # fmt: skip
    topology = Topology("odd", 1, marks, (Part("all", (0, 1)),), (), tuple(range(6)))
    worker, path = FakeWorker(), tmp_path / "odd.glb"
    exchange.write(topology, path, "glb", lambda: nullcontext(worker))
    assert len(set(worker.content["names"])) == 6
    assert max(len(name.encode()) for name in worker.content["names"]) <= 63
    assert exchange.read(path, lambda: nullcontext(worker)).topology == topology


BOMB = io.BytesIO()
with zipfile.ZipFile(BOMB, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("corners.npy", bytes(80_000_000))
PICKLE = io.BytesIO()
np.savez(PICKLE, words=np.array([object()], dtype=object))

WRONG = {
    "a.json": [b"", b"{}", b"[" * 100_000, b'{"categories": []}', b'{"categories": [{}]}', b"\xff"],
    "a.npz": [b"", b"PK\x03\x04", BOMB.getvalue(), PICKLE.getvalue()],
    "a.txt": [b"", b"1.5\n" * 68, b"nan\n" * 68, b"-1\n" * 68, b"1\n" * 67, b"\xff", b"x" * 68],
    "a.obj": [
        b"",
        b"v 1 2\n" * 68,
        b"v nan 0 0\n" * 68,
        b"v 1e9 0 0\n" * 68,
        b"v 0 0 0\n" * 30_000,
        b"v 0 0 0\nl 1 2\n",
        b"\xff\xfe",
        b"# headroom-topology {}\nv 0 0 0\n",
    ],
    "a.stl": [b"solid"],
    "absent.obj": [],
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_read_is_told_in_one_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for data in WRONG[name] or [None]:
        if data is not None:
            path.write_bytes(data)
        with pytest.raises(ExchangeError, match=name) as problem:
            exchange.read(path, no_worker, store.load("ibug-68"), MeanSkin())
        assert "\n" not in str(problem.value)


def test_a_file_is_named_as_its_format_is(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match=r"ends in \.npz"):
        exchange.write(store.load("ibug-68"), tmp_path / "a.obj", "npz", no_worker)
    broken = replace(store.load("ibug-68"), mirror=())
    with pytest.raises(ExchangeError, match="mirror has 0 numbers"):
        exchange.write(broken, tmp_path / "a.json", "json", no_worker)
