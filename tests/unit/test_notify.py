"""The funnel of notices."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest

from app.notify import Notice, Notifications, catch_exceptions


def test_the_same_twice_in_a_row_is_counted() -> None:
    notices = Notifications()
    heard: list[Notice] = []
    notices.listen(heard.append)
    for _ in range(3):
        notices.error("Disk full.")
    notices.error("Other.")
    notices.error("Disk full.")
    assert [(n.text, n.count) for n in notices.notices] == [
        ("Disk full.", 3),
        ("Other.", 1),
        ("Disk full.", 1),
    ]
    assert len({notice.number for notice in heard[:3]}) == 1


def test_another_level_is_another_notice() -> None:
    notices = Notifications()
    notices.info("Saved.")
    notices.warning("Saved.")
    assert len(notices.notices) == 2


def test_the_oldest_are_forgotten() -> None:
    notices = Notifications(limit=3)
    for number in range(5):
        notices.info(str(number))
    assert [n.text for n in notices.notices] == ["2", "3", "4"]


def test_who_has_stopped_listening_hears_no_more() -> None:
    notices = Notifications()
    heard: list[Notice] = []
    stop = notices.listen(heard.append)
    notices.info("one")
    stop()
    notices.info("two")
    assert [n.text for n in heard] == ["one"]


def test_texts_are_one_line() -> None:
    assert Notifications().error("a\n  b\tc").text == "a b c"


@pytest.fixture
def caught() -> Iterator[Notifications]:
    notices = Notifications()
    restore = catch_exceptions(notices)
    yield notices
    restore()


def test_uncaught_exceptions_arrive_with_their_traceback(
    caught: Notifications, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        raise ValueError("bad yaw")
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    (notice,) = caught.notices
    assert notice.level == "error"
    assert "bad yaw" in notice.text
    assert "Traceback" in notice.detail
    assert "bad yaw" in capsys.readouterr().err


def test_those_of_threads_too(caught: Notifications, capsys: pytest.CaptureFixture[str]) -> None:
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    (notice,) = caught.notices
    assert "ZeroDivisionError" in notice.text
    capsys.readouterr()


def test_the_old_hooks_come_back() -> None:
    before = sys.excepthook, threading.excepthook
    catch_exceptions(Notifications())()
    assert (sys.excepthook, threading.excepthook) == before
