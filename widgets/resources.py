"""Icons and style: from their files, or out of the compiled resources where there are no files."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from importlib import import_module

from PySide6.QtCore import QFile, QIODevice

from app.paths import ROOT


@cache
def _compiled() -> bool:
    try:
        import_module("widgets.resources_rc")
    except ImportError:
        return False
    return True


@cache
def read(name: str) -> str:
    """Text of a file, named from the project's top folder (``assets/icons/save.svg``).

    The file comes first: what is compiled may be older.

    Raises
    ------
    FileNotFoundError
    """
    with suppress(FileNotFoundError):
        return (ROOT / name).read_text(encoding="utf-8")
    if _compiled():
        file = QFile(f":/{name}")
        if file.open(QIODevice.OpenModeFlag.ReadOnly):
            return bytes(file.readAll().data()).decode()
    raise FileNotFoundError(name)
