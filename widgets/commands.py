"""Every command of the window by name: its text, its keys, what it does.

Menus, the palette, the short-cut editor and the settings all speak of commands by these names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from widgets.theme import icon

Keys = QKeySequence | QKeySequence.StandardKey | str


def portable(sequences: Sequence[QKeySequence]) -> list[str]:
    return [s.toString(QKeySequence.SequenceFormat.PortableText) for s in sequences]


def native(sequences: Sequence[QKeySequence]) -> str:
    """As people read it: ``Ctrl+S or F2``."""
    return " or ".join(s.toString(QKeySequence.SequenceFormat.NativeText) for s in sequences)


class Commands(QObject):
    """The actions of one window, in the order in which they were added."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._actions: dict[str, QAction] = {}
        self._groups: dict[str, str] = {}
        self._keys: dict[str, list[str]] = {}

    def add(
        self,
        name: str,
        text: str,
        call: Callable[[], object],
        keys: Keys | Sequence[Keys] = (),
        *,
        symbol: str | None = None,
        hint: str = "",
    ) -> QAction:
        """Make a command named ``group.what``; ``text`` may have a mnemonic."""
        action = self._make(name, text, keys, symbol, hint)
        action.triggered.connect(lambda: call())
        return action

    def add_switch(
        self,
        name: str,
        text: str,
        call: Callable[[bool], object],
        keys: Keys | Sequence[Keys] = (),
        *,
        on: bool = False,
        symbol: str | None = None,
        hint: str = "",
    ) -> QAction:
        """Make a command that is on or off."""
        action = self._make(name, text, keys, symbol, hint)
        action.setCheckable(True)
        action.setChecked(on)
        action.toggled.connect(lambda checked: call(checked))
        return action

    def adopt(self, name: str, action: QAction, keys: Keys | Sequence[Keys] = ()) -> QAction:
        """List an action that was made elsewhere."""
        action.setObjectName(name)
        action.setShortcuts(_sequences(keys))
        self._actions[name] = action
        self._groups[name] = name.partition(".")[0].capitalize()
        self._keys[name] = portable(action.shortcuts())
        return action

    def _make(
        self, name: str, text: str, keys: Keys | Sequence[Keys], symbol: str | None, hint: str
    ) -> QAction:
        action = QAction(text, self.parent())
        if symbol is not None:
            action.setIcon(icon(symbol))
            action.setIconVisibleInMenu(False)
        if hint:
            action.setStatusTip(hint)
            action.setToolTip(hint)
        return self.adopt(name, action, keys)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __iter__(self) -> Iterator[tuple[str, QAction]]:
        return iter(self._actions.items())

    def group(self, name: str) -> str:
        return self._groups[name]

    def title(self, name: str) -> str:
        """Text without mnemonic and dots."""
        return self._actions[name].text().replace("&", "").removesuffix("…")

    def default_keys(self, name: str) -> list[str]:
        return list(self._keys[name])

    def set_keys(self, chosen: Mapping[str, Sequence[str]]) -> None:
        """Give commands other keys than their own; those not in ``chosen`` get theirs back."""
        for name, action in self._actions.items():
            keys = chosen.get(name, self._keys[name])
            action.setShortcuts([QKeySequence(key) for key in keys])


def _sequences(keys: Keys | Sequence[Keys]) -> list[QKeySequence]:
    if isinstance(keys, (QKeySequence, QKeySequence.StandardKey, str)):
        keys = [keys]
    found: list[QKeySequence] = []
    for key in keys:
        if isinstance(key, QKeySequence.StandardKey):
            found.extend(QKeySequence.keyBindings(key)[:1] or [QKeySequence(key)])
        else:
            found.append(QKeySequence(key))
    return [s for s in found if not s.isEmpty()]
