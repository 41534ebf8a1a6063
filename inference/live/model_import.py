"""Brings a model of the user into the folder of models, with the card or manifest beside it."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from inference.live.model_files import beside
from inference.sessions import SIZE_LIMIT, ModelError


def bring_in(path: Path, folder: Path) -> Path:
    """Copy an ONNX file and what describes it; a name that is taken gets a number.

    The description is there before the model, so that a model which appears is complete.

    Parameters
    ----------
    path : Path
    folder : Path
        Is made when it is not there.

    Returns
    -------
    Path
        The copy; the file itself where it lies in that folder already.

    Raises
    ------
    ModelError
        With one line that names the file and what is wrong with it.
    """
    if path.suffix.lower() != ".onnx":
        raise ModelError(f"{path}: is no ONNX file")
    try:
        if path.resolve().parent == folder.resolve():
            return path
        if path.stat().st_size > SIZE_LIMIT:
            raise ModelError(f"{path}: larger than {SIZE_LIMIT // 2**20} MB")
        folder.mkdir(parents=True, exist_ok=True)
        target = _unused(folder, path.stem)
        text = beside(path)
        copies = [(text, target.with_suffix(text.suffix))] if text is not None else []
        for source, place in (*copies, (path, target)):
            _copy(source, place)
    except OSError as problem:
        line = f"{path}: cannot be copied to {folder}: {problem.strerror or problem}"
        raise ModelError(line) from None
    return target


def _copy(source: Path, place: Path) -> None:
    """Written aside and renamed: half of a file never has the name."""
    aside = place.with_name(f".{place.name}.partial")
    try:
        shutil.copyfile(source, aside)
        aside.replace(place)
    except OSError:
        with suppress(OSError):
            aside.unlink()
        raise


def _unused(folder: Path, stem: str) -> Path:
    number = 1
    while True:
        target = folder / f"{stem if number == 1 else f'{stem}-{number}'}.onnx"
        if not target.exists() and beside(target) is None:
            return target
        number += 1
