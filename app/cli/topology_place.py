"""``main.py topology place``: where the landmarks lie on one head, as a file for other tools."""

from __future__ import annotations

import json
from typing import Any, Final

import numpy as np

from app.head.asset import HeadAsset
from app.head.pose import HeadPose
from app.head.skinning import pose_vertices
from app.topology.placement import Placement
from app.topology.topology import Topology

FORMAT: Final = "headroom-placement"
FORMAT_VERSION: Final = 1


def encode(
    asset: HeadAsset, topology: Topology, placement: Placement, residual: float | None
) -> bytes:
    """A placement as readable JSON, one landmark a line.

    ``at`` is the landmark's place in metres with the head at zero pose, about the head centre.
    """
    at = placement.positions(pose_vertices(asset, HeadPose()))
    lines = [
        json.dumps(_landmark(asset, topology, placement, at[i], i, residual), ensure_ascii=False)
        for i in range(len(topology))
    ]
    head = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "head": asset.name,
        "sha256": asset.source.sha256,
    }
    text = [f" {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}," for k, v in head.items()]
    about = {
        "name": topology.name,
        "version": topology.version,
        "exact": residual is None,
        "residual": round(residual or 0.0, 6),
    }
    inner = ", ".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in about.items())
    body = ",\n".join(f"    {line}" for line in lines)
    return (
        "{\n"
        + "\n".join(text)
        + f'\n "topologies": [\n  {{{inner},\n   "landmarks": [\n{body}\n   ]}}\n ]\n}}\n'
    ).encode()


def _landmark(
    asset: HeadAsset,
    topology: Topology,
    placement: Placement,
    at: np.ndarray[Any, Any],
    index: int,
    residual: float | None,
) -> dict[str, Any]:
    return {
        "name": topology.landmarks[index].name,
        "mesh": asset.meshes[int(placement.meshes[index])].name,
        "corners": [int(v) for v in placement.corners[index]],
        "weights": [round(float(w), 6) + 0.0 for w in placement.weights[index]],
        "by": "mesh" if residual is None else "registration",
        "at": [round(float(x), 6) + 0.0 for x in at],
    }
