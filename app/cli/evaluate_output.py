"""Files that ``main.py evaluate`` writes: the report, its pictures, figures in a model's card."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from app.evaluation.annotated import ReadingError
from app.evaluation.evaluation import Evaluation, worst
from app.evaluation.readers.data import Data
from app.evaluation.report import Setting, as_json, as_text, card_figures, card_groups
from app.files import write_bytes

if TYPE_CHECKING:
    from app.evaluation.report_picture import Shown
    from inference.measuring import Examinee

FILES: Final = ("report.json", "report.txt", "ced.png", "worst.jpg")
SHEET: Final = 12
"""Faces on the sheet of the worst."""


def write_report(
    folder: Path, found: Evaluation, setting: Setting, data: Data, examinee: Examinee, listed: int
) -> list[str]:
    """Write all files of a report; their names.

    Raises
    ------
    OSError
    """
    folder.mkdir(parents=True, exist_ok=True)
    content = json.dumps(as_json(found, setting), indent=1, allow_nan=False)
    write_bytes(folder / FILES[0], content.encode() + b"\n")
    write_bytes(folder / FILES[1], as_text(found, setting, listed).encode())
    if found.landmarks is None:
        return list(FILES[:2])
    from app.evaluation.report_picture import draw_curves, draw_faces

    draw_curves(found.landmarks, folder / FILES[2], f"{setting.model} on {setting.data}")
    draw_faces(list(_shown(found, data, examinee)), folder / FILES[3])
    return list(FILES)


def write_card(model: str, found: Evaluation, kind: str) -> Path:
    """Put figures into the card beside a model; groups of people are told from shards alone.

    Raises
    ------
    inference.sessions.ModelError
        When the model has no card.
    OSError
    """
    groups = card_groups(found) if kind == "shards" else {}
    return put_figures(model, kind, card_figures(found), groups)


def put_figures(
    model: str,
    kind: str,
    figures: Mapping[str, float],
    groups: Mapping[str, dict[str, dict[str, float]]] = MappingProxyType({}),
) -> Path:
    """Put figures into the card beside a model, under ``synthetic`` or ``real`` by their data.

    Raises
    ------
    inference.sessions.ModelError
        When the model has no card.
    OSError
    """
    import msgspec

    from inference.card import encode_card
    from inference.registry import find
    from inference.sessions import ModelError

    own = find(model)
    if own.card is None:
        raise ModelError(f"{own.path}: has no card to write into; export it again")
    name = "synthetic" if kind in ("shards", "synface") else "real"
    told = own.card.figures | {name: {**own.card.figures.get(name, {}), **figures}}
    path = own.path.with_suffix(".json")
    card = msgspec.structs.replace(own.card, figures=told, groups={**own.card.groups, **groups})
    write_bytes(path, encode_card(card))
    return path


def _shown(found: Evaluation, data: Data, examinee: Examinee) -> Iterator[Shown]:
    """The worst faces once more, with what is said of them."""
    from app.evaluation.report_picture import Shown

    order = {f.source: (k, f) for k, f in enumerate(worst(found.faces, SHEET))}
    shown: list[tuple[int, Shown]] = []
    for face in data.again():
        if face.source not in order:
            continue
        rank, figure = order[face.source]
        try:
            told, picture = examinee.ask(face), face.picture()
        except ReadingError:
            continue
        points = None if told is None else told.points(face.outlined)
        error = "missed" if figure.error is None else f"{figure.error:.2%}"
        shown.append((rank, Shown(face.source, error, picture, face.box, face.points, points)))
        if len(shown) == len(order):
            break
    yield from (s for _, s in sorted(shown, key=lambda pair: pair[0]))
