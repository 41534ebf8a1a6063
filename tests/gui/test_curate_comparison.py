"""Two states over the head: sides, blinking, the swipe, and what ends a comparison."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.curate.effect import measures
from app.curate.effect_heads import effect_on
from app.topology.default_head import default_head
from tests.gui.small_store import asked, made_session, until
from tests.unit.small_curation import NAME, mark, moved, newest
from widgets import theme
from widgets.curate.comparison import CompareBar, Comparer
from widgets.curate.effect_section import EffectSection, figures
from widgets.curate.session import CurateSession


@pytest.fixture
def session(qapp: QApplication, tmp_path: Path) -> Iterator[CurateSession]:
    theme.apply(qapp)
    with made_session(qapp, tmp_path / "own.store") as session:
        yield session


def test_sides_arrows_and_the_line_go_to_what_is_shown(session: CurateSession) -> None:
    base = asked(session, newest)
    after = moved(base, {30: 1.0})
    comparer = Comparer(session)
    bar = CompareBar(comparer)
    assert not bar.isEnabled()
    comparer.compare(base, after, "Nose tip", [mark(30)])
    assert bar.isEnabled() and session.shown is not None
    assert (session.shown.side, session.shown.arrows) == ("after", True)
    assert session.shown.marked == {mark(30)}
    bar.sides.button("swipe").click()
    comparer.set_split(1.7)
    assert (session.shown.side, session.shown.split) == ("swipe", 1.0)
    bar.arrows.click()
    assert not session.shown.arrows
    comparer.compare(after, base, "Back again")
    assert (session.shown.side, session.shown.arrows) == ("swipe", False)
    comparer.leave()
    assert session.shown is None and not bar.isEnabled()
    bar.deleteLater()


def test_blinking_changes_sides_and_stops_at_after(session: CurateSession) -> None:
    base = asked(session, newest)
    comparer = Comparer(session)
    bar = CompareBar(comparer)
    comparer.compare(base, moved(base, {30: 1.0}), "Nose tip")
    seen: list[str] = []
    comparer.changed.connect(lambda: seen.append(comparer.side))
    bar.blink.click()
    assert comparer.side == "before" and bar.blink.isChecked()
    until(lambda: seen.count("before") >= 2 and "after" in seen)
    bar.blink.click()
    assert not comparer.blinks and comparer.side == "after"
    bar.deleteLater()


def test_another_document_ends_it(session: CurateSession) -> None:
    base = asked(session, newest)
    comparer = Comparer(session)
    comparer.compare(base, base, "The same")
    comparer.blink(True)
    session.open_release(NAME)
    until(lambda: session.document is not None)
    assert comparer.comparison is None and not comparer.blinks


def test_a_line_moved_over_the_head_is_kept(session: CurateSession) -> None:
    base = asked(session, newest)
    comparer = Comparer(session)
    comparer.compare(base, moved(base, {30: 1.0}), "Nose tip")
    comparer.set_side("swipe")
    shown = session.shown
    assert shown is not None
    session.show(type(shown)(shown.before, shown.after, shown.title, "swipe", 0.25))
    assert comparer.comparison is not None and comparer.comparison.split == 0.25
    comparer.set_arrows(False)
    assert session.shown is not None and session.shown.split == 0.25


def test_a_head_tells_how_far_points_move_there(session: CurateSession) -> None:
    base = asked(session, newest)
    after = moved(base, {30: 1.0, 8: 0.6})
    effect = effect_on(default_head(), base, after)
    assert effect.exact and set(effect.distances) == {mark(30), mark(8)}
    key, far = effect.worst
    assert key == mark(30) and 0.0003 < far < 0.003
    assert effect.names[mark(30)] == base.landmarks[30].name
    assert effect_on(default_head(), base, base).worst == ("", 0.0)


def test_the_effect_is_told_in_figures_and_heads(session: CurateSession) -> None:
    base = asked(session, newest)
    after = moved(base, {36: 2.0})
    section = EffectSection()
    section.show_measures((measures(base), measures(after)))
    worse = {one.name for one in figures(measures(base), measures(after)) if one.after > one.before}
    assert "Mirror error, worst" in worse
    section.show_heads([effect_on(default_head(), base, after)], ["ben: cannot be read"])
    words = section.heads.words()
    assert "ada" in words and "1" in words and section.note.text() == "ben: cannot be read"
    section.show_measures(None)
    assert not section.button.isEnabled()
    section.deleteLater()
