"""Proposals, reviews, releases and files through the real entry point."""

from __future__ import annotations

import contextlib
import io
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli import main
from app.topology import store as files
from tests.unit.small_curation import moved, renamed

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs ``main.py topology`` on a store of this test; Cleo is its curator."""

    def topology(*arguments: object, store: str = "own.store") -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        words = ["topology", *map(str, arguments), "--store", str(tmp_path / store)]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                status = main(words, lambda _: 99)
            except SystemExit as leave:
                status = int(leave.code or 0)
        assert "Traceback" not in err.getvalue()
        return status, out.getvalue(), err.getvalue()

    assert topology("people", "Cleo", "--curator", "--as", "Cleo")[0] == 0
    return topology


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """The 68 points with two of them moved and one renamed."""
    path = tmp_path / "edited.json"
    topology = files.load("ibug-68")
    files.write(path, renamed(moved(topology, {30: 1.0, 3: -0.5}), 8, "tip of the chin"))
    return path


def test_a_proposal_from_file_to_release_and_back(run: Run, edited: Path) -> None:
    status, out, _ = run("propose", edited, "--title", "Nose", "--as", "Ana")
    assert (status, out.split()[:3]) == (0, ["1", "proposed", "ibug-68@4"])
    status, out, _ = run("show", 1)
    assert "tip of the chin: was 'chin'" in out and "nose tip: moved" in out
    assert run("comment", 1, "Why?", "--landmark", "nose tip", "--as", "Bo")[0] == 0
    assert "Bo, 20" in run("show", 1)[1]
    assert run("approve", 1, "--landmark", "nose tip", "--as", "Cleo")[0] == 0
    status, _, err = run("release", 1, "--as", "Cleo")
    assert (status, "2 edits of proposal 1 are not reviewed" in err) == (2, True)
    reject = ("reject", 1, "--landmark", "ibug-68:3", "--landmark", "tip of the chin")
    assert run(*reject, "--reason", "no need", "--as", "Cleo")[0] == 0
    status, out, _ = run("release", 1, "--note", "Nose alone.", "--as", "Cleo")
    assert (status, out.split()[:3]) == (0, ["released", "ibug-68", "5,"])
    status, out, _ = run("log", "ibug-68")
    assert out.index("ibug-68 5") < out.index("Nose alone.") < out.index("nose tip: moved")
    assert "version 5" in run("list")[1]
    status, out, _ = run("diff", "ibug-68@4", "ibug-68", "--json")
    told = json.loads(out)
    assert [edit["id"] for edit in told["edits"]] == ["ibug-68:30"]
    assert told["after"]["mirror_worst"] > told["before"]["mirror_worst"]
    status, out, _ = run("reopen", 1, "--as", "Ana")
    assert (status, out.split()[:3]) == (0, ["2", "draft", "ibug-68@5"])
    assert run("propose", 2, "--as", "Ana")[0] == 0
    assert run("withdraw", 2, "--as", "Ana")[0] == 0
    assert run("release", "ibug-68", "--back-to", 4, "--as", "Cleo")[0] == 0
    assert run("diff", "ibug-68@4", "ibug-68")[1].splitlines()[0].endswith("nothing is different")
    status, out, _ = run("list", "--state", "withdrawn", "--json")
    assert [one["number"] for one in json.loads(out)] == [2]
    assert run("verify")[0] == 0


def test_a_conflict_is_told_and_settled(run: Run, edited: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    files.write(other, moved(files.load("ibug-68"), {30: -1.0}))
    assert run("propose", edited, "--as", "Ana")[0] == 0
    assert run("propose", other, "--as", "Bo")[0] == 0
    assert "proposal 2 of Bo changes 'nose tip', too" in run("show", 1)[1]
    assert run("approve", 1, "--as", "Cleo")[0] == 0
    status, _, err = run("approve", 2, "--as", "Cleo")
    assert (status, "in conflict with release 5 about 'nose tip'" in err) == (2, True)
    assert "settle it" in run("show", 2)[1]
    assert run("settle", 2, "nose tip", "take", "--as", "Cleo")[0] == 0
    assert run("approve", 2, "--as", "Cleo")[0] == 0
    told = json.loads(run("diff", other, "ibug-68", "--json")[1])
    assert "nose tip" not in [edit["name"] for edit in told["edits"]]


def test_a_proposal_is_sent_and_imported_and_an_altered_file_is_refused(
    run: Run, edited: Path, tmp_path: Path
) -> None:
    sent = tmp_path / "nose.proposal"
    run("propose", edited, "--as", "Ana", store="artist.store")
    assert run("send", 1, "--output", sent, store="artist.store")[0] == 0
    assert run("verify", sent)[0] == 0
    bad = tmp_path / "bad.proposal"
    bad.write_bytes(sent.read_bytes().replace(b"tip of the chin", b"tip of the shin"))
    status, _, err = run("verify", bad)
    assert (status, "altered" in err) == (1, True)
    status, out, err = run("import", bad, sent, "--as", "Cleo")
    assert (status, "altered" in err) == (2, True)
    assert "Ana: " in out, "the good file is taken in all the same"
    assert run("approve", 1, "--as", "Cleo")[0] == 0
    back = tmp_path / "nose.release"
    assert run("send", "ibug-68", "--output", back)[0] == 0
    assert run("verify", back)[0] == 0
    assert "released ibug-68 5" in run("import", back, "--as", "Ana", store="artist.store")[1]
    assert "approved in release 5" in run("list", "--proposals", store="artist.store")[1]


def test_altered_releases_and_stores_are_found_named_and_refused(
    run: Run, edited: Path, tmp_path: Path
) -> None:
    run("propose", edited, "--as", "Ana")
    run("approve", 1, "--as", "Cleo")
    released = tmp_path / "released.json"
    assert run("export", "ibug-68", "--output", released)[0] == 0
    assert run("verify", released)[0] == 0
    released.write_text(released.read_text().replace("nose tip", "nose top"))
    status, _, err = run("verify", released)
    assert (status, "it is not ibug-68 5 as released" in err) == (1, True)
    raw = sqlite3.connect(tmp_path / "own.store")
    raw.execute("DROP TRIGGER release_no_update")
    raw.execute(
        "UPDATE release SET content = CAST(replace(content, 'nose tip', 'nose top') AS BLOB) "
        "WHERE number = 5"
    )
    raw.commit()
    status, _, err = run("list")
    assert (status, "release_no_update" in err) == (1, True)
    raw.execute(
        "CREATE TRIGGER release_no_update BEFORE UPDATE ON release BEGIN "
        "SELECT RAISE(ABORT, 'the release is history: it is never changed'); END"
    )
    raw.commit()
    raw.close()
    status, _, err = run("verify")
    assert (status, "release 5 of ibug-68: release 5 of ibug-68 was altered" in err) == (1, True)
    assert run("export", "ibug-68", "--output", tmp_path / "again.json")[0] == 1
    assert run("export", "ibug-68@4", "--output", tmp_path / "again.json")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "nonsense"), "there is no topology 'nonsense'"),
        (("show", "ibug-68@99"), "has no release 99"),
        (("show", 7), "there is no proposal 7"),
        (("approve", 7, "--as", "Cleo"), "there is no proposal 7"),
        (("approve", "x"), "not the number of a proposal"),
        (("diff", "ibug-68"), "name two topologies"),
        (("diff", "ibug-68", "absent.obj"), "absent.obj"),
        (("release", "ibug-68", "--as", "Cleo"), "--back-to"),
        (("export", "ibug-68", "--output", "a.stl"), "must end in one of"),
        (("export", "ibug-68", "--output", "no/where/a.obj"), "is missing"),
        (("propose", "absent.json", "--as", "Ana"), "absent.json"),
        (("reject", 1, "--reason", "x", "--as", "\x07"), "no name"),
        (("people", "Ana"), "--curator, --artist, or --me"),
        (("people", "Ana", "--curator", "--as", "Ana"), "only a curator may give roles"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_status_2(
    run: Run, arguments: tuple[object, ...], words: str
) -> None:
    status, _, err = run(*arguments)
    assert status == 2
    assert words in err
    assert len(err.splitlines()) == 1


def test_the_name_in_the_settings_is_who_acts(run: Run, edited: Path) -> None:
    assert "you are Dora" in run("people", "Dora", "--me")[1]
    assert "Dora:" in run("propose", edited)[1]


def test_exports_by_ending_and_what_they_lose(run: Run, tmp_path: Path) -> None:
    for suffix in ("json", "npz", "obj", "txt"):
        path = tmp_path / f"points.{suffix}"
        status, out, _ = run("export", "dense-520", "--output", path)
        assert status == 0 and path.is_file()
        assert ("lost" in out) == (suffix in ("obj", "txt"))
    status, out, _ = run("export", "dense-520", "--format", "coco", "--output", tmp_path / "c.json")
    assert "lost where another program" in out
    assert run("diff", "dense-520", tmp_path / "c.json")[1].splitlines()[0].endswith("different")
