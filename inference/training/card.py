"""The card of a network that was trained here."""

from __future__ import annotations

import hashlib
import math
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from inference.card import KINDS, Card
from inference.training.checkpoint import Checkpoint
from inference.training.export import OPSET, ExportError, Written, sizes
from inference.training.facts import commit
from inference.training.task import Export

_OWN: Final = frozenset({"summary", "input_size", "crop_scale", "topologies", "follows", "limits"})
"""Facts of a task that have a place of their own in the card."""

_DATA: Final = ("frames", "people", "held_out_frames", "held_out_people")

SUMMARIES: Final[dict[str, str]] = {
    "face": "Landmarks with uncertainty, head rotation and presence of a face, in one pass.",
    "landmarks": "Landmarks of a face, a network of the papers for comparison.",
    "depth": "Depth of a face relative to its head centre, with a mask.",
    "head-pose": "Yaw, pitch and roll of a head.",
    "detector": "Boxes of faces in a picture.",
    "hands": "Whether the left and the right hand are on the steering wheel.",
    "wheel-region": "Where the steering wheel is in a picture of a cabin.",
    "transfer": "From the dense landmarks to the meaning of the 68 points.",
}


def card_of(
    name: str,
    checkpoint: Checkpoint,
    export: Export,
    written: Written,
    figures: dict[str, float],
) -> Card:
    """All that is known of a network when it is exported.

    Parameters
    ----------
    name : str
        Of the shipped file.
    checkpoint : Checkpoint
        Of the run.
    export : Export
    written : Written
    figures : dict of str to float
        Of the weights as they are stored, on the people held out.

    Raises
    ------
    ExportError
        The task says something that a card cannot hold.
    """
    if export.kind not in KINDS:
        raise ExportError(f"there is no kind of model {export.kind!r}")
    facts = dict(export.facts)
    if "input_size" not in facts and isinstance(facts.get("size"), int):
        facts["input_size"] = facts.pop("size")
    parameters, gmac = sizes(export.module, export.inputs)
    values: dict[str, Any] = {
        "summary": SUMMARIES[export.kind],
        **{key: value for key, value in facts.items() if key in _OWN},
        "name": name,
        "kind": export.kind,
        "opset": OPSET,
        "sha256": hashlib.sha256(written.data).hexdigest(),
        "parameters": parameters,
        "gmac": round(gmac, 4),
        "data": {
            "shards": checkpoint.facts.get("data", []),
            **{key: checkpoint.facts[key] for key in _DATA if key in checkpoint.facts},
        },
        "command": str(checkpoint.facts.get("command", "")),
        "commit": str(checkpoint.facts.get("commit", "")),
        "made": str(checkpoint.facts.get("started", "")),
        "minutes": round(checkpoint.progress.seconds / 60.0, 1),
        "config": checkpoint.config,
        "figures": {
            "training hold-out": {k: v for k, v in figures.items() if math.isfinite(v)},
            "export": {f"{k} against torch": v for k, v in written.differences.items()},
        },
        "facts": {
            "steps": checkpoint.progress.step,
            "exported": datetime.now(UTC).isoformat(timespec="seconds"),
            "exported_commit": commit(),
            "tools": checkpoint.facts.get("tools", {}),
            **{key: value for key, value in facts.items() if key not in _OWN},
        },
    }
    try:
        return msgspec.convert(values, Card)
    except msgspec.ValidationError as error:
        raise ExportError(f"the task's facts do not fit a card: {error}") from error
