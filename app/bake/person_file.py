"""Descriptions of people as JSON files."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Final

import msgspec

from app.bake.person import PersonSpec
from app.files import read_bytes, write_bytes

LIMIT: Final = 4 * 2**20
"""Bytes of the largest description that is read."""

_FORBIDDEN: Final = frozenset('/\\:*?"<>|')


def check_name(name: str) -> str:
    """A name that files may bear, unchanged.

    Raises
    ------
    ValueError
        For one that is empty, begins with a dot or holds what no file name may.
    """
    if not name or set(name) & _FORBIDDEN or name.startswith(".") or not name.isprintable():
        raise ValueError(f"name: {name!r} is no file name")
    return name


def person_from(values: Any) -> PersonSpec:
    """The person that plain values, as `PersonSpec.as_dict` gives them, describe.

    The description beside a baked FBX, which holds the person as ``person``, is understood too.

    Raises
    ------
    ValueError
        With one line that names what is wrong.
    """
    if isinstance(values, dict) and isinstance(values.get("person"), dict):
        values = values["person"]
    if not isinstance(values, dict):
        raise ValueError("no description of a person: an object with its parameters is expected")
    known = {field.name for field in dataclasses.fields(PersonSpec)}
    unknown = sorted(str(name) for name in set(values) - known)
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no parameter of a person")
    local = values.get("local", {})
    if not isinstance(local, dict):
        raise ValueError("local: names with numbers are expected")
    try:
        numbers = msgspec.convert(local, dict[str, float])
        words = {**values, "local": tuple(sorted(numbers.items()))}
        person = msgspec.convert(words, PersonSpec)
    except msgspec.ValidationError as problem:
        raise ValueError(str(problem)) from None
    check_name(person.name)
    return person


def decode_person(data: bytes) -> PersonSpec:
    """The person that a file's bytes describe.

    Raises
    ------
    ValueError
        With one line that names what is wrong.
    """
    try:
        values = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as problem:
        raise ValueError(f"no JSON: {problem}") from None
    return person_from(values)


def encode_person(person: PersonSpec) -> bytes:
    """A person as the bytes of a JSON file, the same for the same person."""
    return msgspec.json.format(msgspec.json.encode(person.as_dict()), indent=1) + b"\n"


def read_person(path: Path) -> PersonSpec:
    """Read a person's description.

    Raises
    ------
    ValueError
        With one line that names the file and what is wrong with it.
    """
    try:
        data = read_bytes(path, LIMIT)
    except OSError as problem:
        raise ValueError(f"{path} cannot be read: {problem.strerror or problem}") from None
    if len(data) > LIMIT:
        raise ValueError(f"{path} is too large to be the description of a person")
    try:
        return decode_person(data)
    except ValueError as problem:
        raise ValueError(f"{path}: {problem}") from None


def write_person(path: Path, person: PersonSpec) -> None:
    """Write a person's description in one step.

    Raises
    ------
    OSError
        When the folder cannot be written.
    """
    write_bytes(path, encode_person(person))
