"""Beginning a run: what is written with the data before the first picture."""

from __future__ import annotations

from pathlib import Path

import msgspec

from app.dataset import manifest
from app.dataset.files import is_done
from app.dataset.heads import people
from app.dataset.plan import Plan
from app.dataset.releases import beside_those_in_use
from app.dataset.run import FAILED, Outcome, sweep
from app.dataset.run_record import (
    CONTENT,
    FILE,
    TOPOLOGY,
    new_record,
    read_record,
    releases_of,
    versions,
    write_record,
)
from app.files import write_bytes

DISTRIBUTION = "distribution.json"


def prepare(root: Path, plan: Plan) -> str:
    """Clear what a killed run left and write what is missing of record, people, distribution.

    Returns
    -------
    str
        One line for people, empty where there is nothing to say.
    """
    sweep(root)
    notice = ""
    if (root / FILE).exists():
        made_with, now = read_record(root).made_with, versions(plan.spec)
        changed = [
            name
            for name, version in now.items()
            if made_with.get(name) != version and not name.startswith((TOPOLOGY, CONTENT))
        ]
        said = list(beside_those_in_use(releases_of(made_with), "The data set"))
        if changed:
            said.append(f"The data set was begun with another version of {', '.join(changed)}")
        notice = "".join(f"{one}. " for one in said).strip()
    else:
        write_record(root, new_record(plan))
    if plan.spec.people:
        _write_people(root, plan)
    return notice


def is_whole(root: Path, plan: Plan) -> bool:
    """Whether a data set has its manifest and every picture, and none had failed."""
    if manifest.count(root) != len(plan) or (root / FAILED).exists():
        return False
    return all(is_done(root, plan.frame(number)) for number in range(len(plan)))


def nothing_to_do(root: Path, plan: Plan) -> Outcome:
    what = "the frame was" if len(plan) == 1 else f"all {len(plan)} frames were"
    text = f"{root}: {what} there."
    return Outcome("done", text, len(plan), 0, len(plan), 0.0)


def _write_people(root: Path, plan: Plan) -> None:
    from app.bake.distribution import describe
    from app.bake.person_file import write_person

    (root / "people").mkdir(exist_ok=True)
    if any(not (root / (s.person or "")).exists() for s in plan.inputs.subjects):
        for subject, person in people(plan.spec):
            if subject.person and not (root / subject.person).exists():
                write_person(root / subject.person, person)
    if not (root / DISTRIBUTION).exists():
        text = msgspec.json.format(msgspec.json.encode(describe()), indent=1)
        write_bytes(root / DISTRIBUTION, text + b"\n")
