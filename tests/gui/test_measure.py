"""The watch over the event loop tells stalls and always comes to its end."""

from __future__ import annotations

import time

from pytestqt.qtbot import QtBot

from widgets.measure import StallWatch


def test_a_stall_is_measured(qtbot: QtBot) -> None:
    with StallWatch() as watch:
        qtbot.wait(30)
        time.sleep(0.12)
        qtbot.wait(30)
    assert 100.0 < watch.longest < 1000.0


def test_it_ends_at_whatever_moment(qtbot: QtBot) -> None:
    for _ in range(200):
        with StallWatch():
            qtbot.wait(1)
