"""The section “Effect on a model”: measured as a job, shown, broken off, and told when it fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from app.dataset.packed import encode, write_shard
from app.jobs import JobList, State
from app.topology import store
from tests.gui.small_store import until
from tests.unit.drawn_faces import drawn_face
from tests.unit.small_curation import moved
from widgets import theme
from widgets.curate.model_effect_section import ModelEffectSection

NOSE_TIP = 30


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("onnx", reason="the extra 'train' is not installed (no onnx)")
    from tests.unit.onnx_files import seeing_face

    return seeing_face(tmp_path_factory.mktemp("net") / "bright.onnx", 64, np.eye(3))


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shards")
    write_shard(folder / "a.arrow", [encode(drawn_face(k // 3, k)) for k in range(120)], {})
    return folder


@pytest.fixture
def section(qapp: QApplication) -> Iterator[ModelEffectSection]:
    theme.apply(qapp)
    made = ModelEffectSection()
    made.jobs = JobList()
    made.resize(400, 700)
    made.show()
    qapp.processEvents()
    yield made
    made.jobs.stop()
    made.close()
    made.deleteLater()
    qapp.processEvents()


def asked(section: ModelEffectSection, network: Path, data: Path) -> ModelEffectSection:
    before = store.load("dense-520")
    section.show_change((before, moved(before, {NOSE_TIP: 2.0, 200: 1.0}), "#7"))
    section.add_model(network)
    section.set_data(data)
    return section


def names(section: ModelEffectSection) -> list[str]:
    items = [section.table.topLevelItem(row) for row in range(section.table.topLevelItemCount())]
    return [item.text(0) for item in items if item is not None]


def test_nothing_can_be_measured_before_there_are_a_change_and_data(
    section: ModelEffectSection, network: Path, shards: Path
) -> None:
    assert not section.run.isEnabled() and not section.table.isVisible()
    section.add_model(network)
    section.set_data(shards)
    assert not section.run.isEnabled()
    asked(section, network, shards)
    assert section.run.isEnabled() and not section.cancel.isVisible()


def test_a_measurement_fills_the_table_and_both_views(
    section: ModelEffectSection, network: Path, shards: Path
) -> None:
    asked(section, network, shards).run.click()
    assert section.jobs is not None and "#7 on bright" in section.jobs.jobs[0].title
    assert section.cancel.isVisible() and not section.run.isEnabled()
    until(lambda: section.table.isVisible())
    assert names(section)[:3] == ["All landmarks", "Those that moved", "nose tip"]
    standing = section.summary.text()
    assert section.view.isVisible() and "→" in standing
    section.view.button("carried").click()
    assert section.summary.text() != standing
    heard: list[str] = []
    section.landmark_asked.connect(heard.append)
    nose = section.table.topLevelItem(2)
    assert nose is not None and " mm" in nose.toolTip(0)
    section.table.itemClicked.emit(nose, 0)
    assert heard == ["dense-520:30"]


def test_it_can_be_broken_off_and_another_change_breaks_it_off(
    section: ModelEffectSection, network: Path, shards: Path
) -> None:
    asked(section, network, shards).start()
    section.cancel.click()
    assert section.jobs is not None
    job = section.jobs.jobs[0]
    until(lambda: job.state is not State.RUNNING and section.run.isEnabled())
    assert job.state in (State.CANCELLED, State.DONE)
    section.start()
    section.show_change(None)
    until(lambda: not section.jobs.running)  # type: ignore[union-attr]
    assert not section.table.isVisible() and not section.run.isEnabled()


def test_why_it_failed_stands_there(
    section: ModelEffectSection, network: Path, tmp_path: Path
) -> None:
    asked(section, network, tmp_path).start()
    until(lambda: section.run.isEnabled())
    assert "holds no" in section.note.text()
    assert not section.table.isVisible()
