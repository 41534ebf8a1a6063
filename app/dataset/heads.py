"""Whose heads a data set shows: random people, or heads from files, each with a folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any, Final, Literal

import msgspec
import numpy as np

from app.bake.person import PersonSpec, random_person
from app.dataset.frame import Subject
from app.dataset.spec import DatasetSpec
from app.files import read_bytes
from app.head.library import resolve

Gender = Literal["female", "male", "unknown"]

_DESCRIPTION_LIMIT: Final = 8 * 2**20
_PERSON: Final = 9
"""Purpose of the random numbers that draw a person's seed."""


def person_file(folder: str) -> str:
    """Where a person's parameters lie, relative to the data set: ``people/female_0001.json``."""
    return f"people/{folder.replace('/', '_')}.json"


def people(spec: DatasetSpec) -> Iterator[tuple[Subject, PersonSpec]]:
    """The random people of a data set; each counts in the folder of the person's gender."""
    counts = {"female": 0, "male": 0}
    for index in range(spec.people):
        seed = int(np.random.default_rng([spec.seed, index, 0, _PERSON]).integers(2**31))
        person = random_person(seed)
        gender: Literal["female", "male"] = "female" if person.gender > 0.5 else "male"
        counts[gender] += 1
        folder = f"{gender}/{counts[gender]:04d}"
        subject = Subject(folder, person=person_file(folder), gender=gender)
        yield subject, replace(person, name=folder.replace("/", "_"))


def subjects_of_heads(spec: DatasetSpec) -> tuple[Subject, ...]:
    """The heads of a data set, in the order in which they were given.

    A head of unknown gender goes to the folder that the spec names; the record of the data set
    and the pictures' annotations call it unknown.
    """
    counts = {"female": 0, "male": 0}
    found = []
    for head in spec.heads:
        gender = gender_of(resolve(head))
        place = spec.gender if gender == "unknown" else gender
        counts[place] += 1
        found.append(Subject(f"{place}/{counts[place]:04d}", head=head, gender=gender))
    return tuple(found)


def gender_of(file: Path) -> Gender:
    """From the description beside a baked head, else from a folder named as in C3I-SynFace."""
    described = _described(file.with_suffix(".json"))
    if described is not None:
        return "female" if described > 0.5 else "male"
    for part in reversed(PurePath(file).parent.parts):
        if part.lower() == "female":
            return "female"
        if part.lower() == "male":
            return "male"
    return "unknown"


def _described(description: Path) -> float | None:
    """0 male to 1 female, where a baked person's description says so."""
    try:
        data = read_bytes(description, _DESCRIPTION_LIMIT)
        facts: Any = msgspec.json.decode(data)
        gender = float(facts["person"]["gender"])
    except (OSError, ValueError, KeyError, TypeError, msgspec.DecodeError):
        return None
    return gender if 0.0 <= gender <= 1.0 else None
