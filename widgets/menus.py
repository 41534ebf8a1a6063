"""Menus filled from commands."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QMenu

from widgets.commands import Commands


def put(menu: QMenu, commands: Commands, names: Iterable[str]) -> None:
    """Add commands by name; an empty name is a line between them."""
    for name in names:
        if name:
            menu.addAction(commands[name])
        else:
            menu.addSeparator()
