"""Drafts outlive an editor that ends in mid-edit, and damaged ones harm nobody."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.curate import view as views
from app.curate.document import Document
from app.curate.draft_file import Draft, DraftError, decode, encode
from app.curate.mean_head import mean_head
from app.curate.moving import Nudge
from app.curate.recovery import Keeper, discard, left_behind, recovery_dir
from app.curate.structure import Delete
from app.curate.view import View
from app.topology import store

ROOT = Path(__file__).resolve().parents[2]
IBUG = store.load("ibug-68")


def edited() -> Draft:
    document = Document(IBUG, mean_head())
    document.do(Nudge(("ibug-68:30",), (0.0, 0.0, 1.0), 0.002))
    document.do(Delete(("ibug-68:0",)))
    view = views.leave_alone(View(mirrored=False), ["ibug-68:4"])
    return Draft(document.base, document.topology, view, "01J", "Nose a little higher")


def test_a_draft_is_read_as_it_was_written() -> None:
    draft = edited()
    assert decode(encode(draft)) == draft


def test_a_draft_is_found_once_its_editor_is_gone() -> None:
    folder, draft = recovery_dir(), edited()
    keeper = Keeper(folder)
    keeper.keep(draft)
    assert left_behind(folder) == []
    keeper.close(keep=True)
    (found,) = left_behind(folder)
    assert (found.draft.topology, found.draft.view) == (draft.topology, draft.view)
    again = Document(found.draft.base, mean_head(), found.draft.topology, found.draft.view)
    assert again.changes() == Document(IBUG, mean_head(), draft.topology).changes()
    discard(found)
    assert left_behind(folder) == [] and not list(folder.iterdir())


def test_a_clean_end_leaves_nothing() -> None:
    folder = recovery_dir()
    keeper = Keeper(folder)
    keeper.keep(edited())
    keeper.close()
    assert not list(folder.iterdir())


def test_what_a_killed_editor_kept_is_there() -> None:
    folder = recovery_dir()
    code = (
        "import os, sys; from pathlib import Path\n"
        "from app.curate.draft_file import Draft\n"
        "from app.curate.recovery import Keeper\n"
        "from app.topology import store\n"
        "topology = store.load('ibug-68')\n"
        "keeper = Keeper(Path(sys.argv[1]))\n"
        "keeper.keep(Draft(topology, topology, title='killed'))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], cwd=ROOT, check=False)
    assert done.returncode != 0
    (found,) = left_behind(folder)
    assert found.draft.title == "killed" and found.draft.topology == IBUG


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[1]",
        b"\xff\xfe",
        encode(edited())[:-40],
        encode(edited()).replace(b"68", b"6"),
    ],
)
def test_a_damaged_draft_is_set_aside(data: bytes) -> None:
    with pytest.raises(DraftError):
        decode(data)
    folder = recovery_dir()
    (folder / "lost.draft").write_bytes(data)
    assert left_behind(folder) == []
    assert (folder / "lost.draft.bak").exists()


def test_a_draft_that_cannot_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)
    keeper.keep(edited())
    before = keeper.file.read_bytes()
    keeper.file = tmp_path / "missing" / keeper.file.name
    with pytest.raises(OSError):
        keeper.keep(edited())
    keeper.file = tmp_path / keeper.file.name
    assert keeper.file.read_bytes() == before
    keeper.close()
