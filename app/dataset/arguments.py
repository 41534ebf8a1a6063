"""The command line of `generate` that asks for a data set."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from app.dataset.spec import DatasetSpec


def arguments(
    spec: DatasetSpec,
    output: str,
    *,
    workers: int = 0,
    scheduler: str = "",
    resume: bool = False,
) -> list[str]:
    """What is to be written after ``main.py generate``; what is as by default is left out.

    Parameters
    ----------
    workers : int
        0 leaves the number to the program.
    scheduler : str
        Address of a running Dask scheduler, or empty.
    resume : bool
        Go on with what lies in ``output``, which knows by itself what it is to hold.
    """
    found = ["--output", output, *([] if resume else _asked(spec))]
    if scheduler:
        found += ["--scheduler", scheduler]
    elif workers:
        found += ["--workers", str(workers)]
    return [*found, "--resume"] if resume else found


def command_text(found: Sequence[str]) -> str:
    """The whole line, ready for a shell."""
    return shlex.join(["python", "main.py", "generate", *found])


def _asked(spec: DatasetSpec) -> list[str]:
    own = DatasetSpec()
    found: list[str] = []
    if spec.people:
        found += ["--people", str(spec.people)]
    if spec.heads:
        found += ["--heads", *spec.heads]
    for option, name in (
        ("--gender", "gender"),
        ("--per-person", "per_person"),
        ("--lighting", "lighting"),
        ("--renderer", "renderer"),
        ("--samples", "samples"),
        ("--pictures", "pictures"),
        ("--field-of-view", "field_of_view"),
        ("--effect-share", "effect_share"),
        ("--texture", "texture"),
    ):
        value = getattr(spec, name)
        if value != getattr(own, name):
            found += [option, f"{value:g}" if isinstance(value, float) else str(value)]
    for option, name in (
        ("--poses", "motions"),
        ("--replay", "replay"),
        ("--expressions", "expressions"),
        ("--backgrounds", "backgrounds"),
        ("--effects", "effects"),
        ("--topologies", "topologies"),
    ):
        values = getattr(spec, name)
        if values != getattr(own, name):
            found += [option, *values]
    if (spec.width, spec.height) != (own.width, own.height):
        found += ["--size", f"{spec.width}x{spec.height}"]
    if spec.distance != own.distance:
        found += ["--distance", "-".join(f"{metres:g}" for metres in spec.distance)]
    if spec.seed:
        found += ["--seed", str(spec.seed)]
    return found
