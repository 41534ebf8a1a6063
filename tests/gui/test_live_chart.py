"""The chart of pose and stage times."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from app.geometry.rotations import Angles
from inference.live.outcome import LiveResult
from tests.gui.live_faces import face_at, live, result_of
from widgets.live.chart import FRAME, SECONDS, LiveChart
from widgets.live.strip import MOST, Strip


@given(st.lists(st.floats(0.001, 5.0), min_size=1, max_size=60), st.floats(1.0, 60.0))
@settings(deadline=None)
def test_a_strip_tells_the_last_seconds_in_order(steps: list[float], seconds: float) -> None:
    strip = Strip(("value",), seconds)
    times = np.cumsum(steps)
    for k, time in enumerate(times):
        strip.add(float(time), value=float(k))
    since, rows = strip.last()
    expected = np.flatnonzero(times - times[-1] >= -seconds)
    np.testing.assert_array_equal(rows[:, 0], expected)
    np.testing.assert_allclose(since, times[expected] - times[-1])
    assert since[-1] == 0.0
    assert strip.newest() == {"value": len(steps) - 1}


def test_a_strip_forgets_the_oldest_and_knows_gaps() -> None:
    strip = Strip(("a", "b"), 1e9)
    assert len(strip.last()[0]) == 0
    assert strip.newest() == {}
    for k in range(MOST + 100):
        strip.add(float(k), a=float(k))
    since, rows = strip.last()
    assert len(since) == MOST
    assert rows[0, 0] == 100.0
    assert np.isnan(rows[:, 1]).all()
    strip.clear()
    assert len(strip.last()[0]) == 0


@pytest.fixture
def chart(qtbot: QtBot) -> LiveChart:
    chart = LiveChart()
    qtbot.addWidget(chart)
    chart.resize(1000, 240)
    return chart


def feed(chart: LiveChart, seconds: float, rate: float = 30.0, start: float = 0.0) -> LiveResult:
    """A head that turns from side to side."""
    result = result_of()
    for k in range(round(seconds * rate)):
        now = start + k / rate
        face = face_at(angles=Angles(20.0 * np.sin(now), 5.0, -2.0))
        took = {"face": 0.004, "total": 0.006} | ({"detector": 0.02} if k % 30 == 0 else {})
        result = result_of(live(face), number=k, published=now, timings=took)
        chart.add(result)
    return result


def curve(chart: LiveChart, name: str) -> tuple[np.ndarray, np.ndarray]:
    plot = chart.pose_plot if name in chart.pose_plot.curves else chart.stage_plot
    x, y = plot.curves[name].getData()
    return (np.zeros(0), np.zeros(0)) if x is None else (np.asarray(x), np.asarray(y))


def test_it_draws_the_last_thirty_seconds_of_the_pose(chart: LiveChart, qtbot: QtBot) -> None:
    feed(chart, 40.0, rate=10.0)
    with qtbot.waitExposed(chart):
        chart.show()
    x, y = curve(chart, "yaw")
    assert x[0] == pytest.approx(-SECONDS, abs=0.2)
    assert x[-1] == 0.0
    now = 40.0 - 0.1
    np.testing.assert_allclose(y, 20.0 * np.sin(x + now), atol=1e-3)
    assert np.allclose(curve(chart, "pitch")[1], 5.0)
    assert "face 1" in chart.pose_plot.title.text()
    assert "+5°" in chart.pose_plot.values.text()


def test_stages_are_milliseconds_and_the_detector_stays_until_it_looks_again(
    chart: LiveChart,
) -> None:
    feed(chart, 3.0)
    chart.redraw()
    assert np.allclose(curve(chart, "face")[1], 4.0)
    assert np.allclose(curve(chart, "detector")[1], 20.0)
    assert "4.0" in chart.stage_plot.values.text().replace("&nbsp;", " ")
    assert "Depth" not in chart.stage_plot.values.text(), "it did not run"
    assert chart.stage_plot.view.getViewBox().viewRange()[1][1] > FRAME


def test_there_is_a_gap_where_no_face_was(chart: LiveChart) -> None:
    feed(chart, 1.0)
    for k in range(30):
        chart.add(result_of(number=100 + k, published=1.0 + k / 30.0))
    feed(chart, 1.0, start=2.0)
    chart.redraw()
    x, y = curve(chart, "yaw")
    missing = np.isnan(y)
    gap = x[missing]
    assert gap.max() - gap.min() == pytest.approx(1.0, abs=0.1)
    assert not missing[-1]


def test_it_draws_only_while_it_is_seen(chart: LiveChart, qtbot: QtBot) -> None:
    with qtbot.waitExposed(chart):
        chart.show()
    chart.hide()
    feed(chart, 1.0)
    qtbot.wait(200)
    assert curve(chart, "yaw")[0].size == 0, "hidden, it costs nothing"
    chart.show()
    assert len(curve(chart, "yaw")[0]) >= 30, "what came meanwhile is there"


def test_it_begins_anew_with_another_source(chart: LiveChart) -> None:
    feed(chart, 1.0)
    chart.redraw()
    chart.clear()
    chart.add(result_of(live(), published=500.0))
    chart.redraw()
    assert len(curve(chart, "face")[0]) == 1


def test_the_scale_makes_room_for_what_is_slow(chart: LiveChart) -> None:
    for k in range(60):
        chart.add(
            result_of(live(), number=k, published=k / 30.0, timings={"face": 0.3, "total": 0.31})
        )
    chart.redraw()
    assert chart.stage_plot.view.getViewBox().viewRange()[1][1] > 310.0
