"""A head of a stranger gets its landmarks in the whole window; empties go out and come back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.blender.client import Blender
from app.curate import exchange, releases
from app.head.library import shipped
from app.jobs import JobList
from app.notify import Notifications
from app.session.settings import Settings
from app.topology.identity import content_sha256
from tests.gui.curate_desk import until
from tests.gui.small_store import asked
from widgets import theme
from widgets.curate.content import CurateContent
from widgets.curate.place_panel import REGISTRATION
from widgets.curate.view import CurateView
from widgets.main_window import MainWindow

STRANGERS = Path(__file__).resolve().parents[3] / "shared" / "data" / "fbx" / "rocketbox"
NAME = "ibug-68"
LONG = 300.0

pytestmark = pytest.mark.skipif(not shipped(), reason="no head is shipped yet")


@pytest.fixture
def window(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    theme.apply(qapp)
    for name in ("CONFIG", "DATA"):
        monkeypatch.setenv(f"HEADROOM_{name}", str(tmp_path / name.lower()))
    blender = Blender(spare=False)
    made = MainWindow(Settings(person="Ana"), Notifications(), JobList(), blender)
    made.resize(1280, 800)
    made.show()
    until(lambda: not made.studio.loader.busy, LONG)
    yield made
    made.shut_down()
    made.close()
    made.deleteLater()
    blender.close()
    qapp.processEvents()


@pytest.fixture
def content(window: MainWindow) -> CurateContent:
    view = next(view for view in window.views if isinstance(view, CurateView))
    view.bring()
    until(lambda: view.made, LONG)
    assert view.content is not None
    return view.content


@pytest.mark.timeout(600)
def test_landmarks_of_a_strangers_head_are_placed_and_the_worst_lead_to_the_studio(
    window: MainWindow, content: CurateContent
) -> None:
    files = sorted(STRANGERS.glob("*.fbx"))
    if not files:
        pytest.skip("../shared/data/fbx not present")
    panel, studio = content.docks.place, window.studio
    before = studio.loader.asset
    window.open_path(files[0])
    until(lambda: studio.loader.asset is not None and studio.loader.asset is not before, LONG)
    content.docks.bring("Placement")
    assert panel.run.isEnabled() and files[0].stem in panel.words.text()
    panel.method.setCurrentIndex(panel.method.findText(REGISTRATION))
    panel.run.click()
    assert not panel.run.isEnabled()
    until(lambda: panel.run.isEnabled(), LONG)
    assert panel.words.text().startswith("Kept.")
    items = [panel.list.item(row).text() for row in range(panel.list.count())]
    residuals = [float(text.split("mm")[0]) for text in items]
    assert len(items) > 68 and residuals == sorted(residuals, reverse=True)
    assert 0.0 < residuals[0] < 30.0
    panel.correct.click()
    assert window.views[window.views.index(studio)].isVisible()
    selected = studio.viewport.marks.selected
    assert selected is not None
    assert items[0].endswith(f"{selected[0]} {selected[1]}")
    until(lambda: studio.keeper.poser is not None and not studio.keeper.busy, LONG)
    assert studio.viewport.marks.selected == selected


def test_empties_are_exported_and_come_back_as_the_same_topology(
    content: CurateContent, tmp_path: Path
) -> None:
    session = content.session
    content.docks.bring("Releases")
    files = content.releases.files
    release = asked(session, lambda store: releases.latest(store.db, NAME))
    base = asked(session, lambda store: releases.content(store.db, release))
    kinds: tuple[exchange.Name, ...] = ("glb", "fbx")
    for kind in kinds:
        path = tmp_path / f"points.{kind}"
        files.export(release, kind, path)
        until(lambda path=path: path.is_file() and not session.jobs.running, LONG)  # type: ignore[misc]
        session.close_document()
        files.import_as_edits(release, path)
        until(lambda: session.topology is not None, LONG)
        assert session.topology is not None
        assert content_sha256(session.topology) == content_sha256(base)
