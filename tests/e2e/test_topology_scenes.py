"""FBX and GLB with empties, written and read by the real Blender."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from app.blender.client import Blender
from app.blender.protocol import Done
from app.curate import exchange
from app.curate.exchange import ExchangeError, Name
from app.curate.exchange_skin import MeanSkin
from app.topology import store


@pytest.fixture(scope="module")
def module_blender() -> Iterator[Blender]:
    with Blender(spare=False) as blender:
        assert isinstance(blender.submit("ping", {}).result(90.0), Done)
        yield blender


@pytest.mark.parametrize("name", ["fbx", "glb"])
def test_a_round_trip_through_blender_is_exact(
    tmp_path: Path, module_blender: Blender, name: Name
) -> None:
    for shipped in ("ibug-68", "dense-520"):
        topology = store.load(shipped)
        path = tmp_path / f"{shipped}.{name}"
        exchange.write(topology, path, name, lambda: nullcontext(module_blender))
        found = exchange.read(path, lambda: nullcontext(module_blender))
        assert found.topology == topology
        assert found.lost == ()


def test_a_point_that_was_moved_in_a_glb_goes_to_the_skin(
    tmp_path: Path, module_blender: Blender
) -> None:
    topology = store.load("ibug-68")
    path = tmp_path / "points.glb"
    exchange.write(topology, path, "glb", lambda: nullcontext(module_blender))
    data = path.read_bytes()
    length = struct.unpack_from("<I", data, 12)[0]
    scene = json.loads(data[20 : 20 + length])
    node = next(one for one in scene["nodes"] if one["name"] == "nose tip")
    x, y, z = node["translation"]
    node["translation"] = [x + 0.003, y, z]
    chunk = json.dumps(scene).encode()
    chunk += b" " * (-len(chunk) % 4)
    rest = data[20 + length :]
    head = struct.pack("<4sII", b"glTF", 2, 20 + len(chunk) + len(rest))
    path.write_bytes(head + struct.pack("<I4s", len(chunk), b"JSON") + chunk + rest)
    found = exchange.read(path, lambda: nullcontext(module_blender), None, MeanSkin()).topology
    differing = [i for i in range(68) if found.landmarks[i].mean != topology.landmarks[i].mean]
    assert differing == [30]
    assert found.landmarks[30].mean[0] == pytest.approx(0.003, abs=0.002)


@pytest.mark.parametrize("name", ["fbx", "glb"])
def test_what_is_no_scene_is_refused_in_one_line(
    tmp_path: Path, module_blender: Blender, name: str
) -> None:
    path = tmp_path / f"wrong.{name}"
    for data in (b"", b"not a scene at all", b"glTF" + bytes(40)):
        path.write_bytes(data)
        with pytest.raises(ExchangeError, match=name) as problem:
            exchange.read(path, lambda: nullcontext(module_blender))
        assert "\n" not in str(problem.value)
