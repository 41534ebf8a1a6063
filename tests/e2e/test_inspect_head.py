"""inspect-head through the real entry point: every file of other tools is read or refused."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.head.library import shipped

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data" / "fbx"

KINDS = {
    "corrupt_array.fbx": {"corrupt"},
    "empty.fbx": {"truncated"},
    "future_version_9900.fbx": {"version"},
    "fuzz_0003.fbx": {"no_armature"},
    "fuzz_0006.fbx": {"no_armature"},
    "fuzz_0013.fbx": {"not_fbx"},
    "png_renamed.fbx": {"not_fbx"},
    "text_not_fbx.fbx": {"not_fbx"},
    "truncated.fbx": {"truncated"},
    "truncated_header_only.fbx": {"truncated"},
}


def manifest() -> list[dict[str, Any]]:
    if not (DATA / "manifest.json").is_file():
        return []
    entries: list[dict[str, Any]] = json.loads((DATA / "manifest.json").read_text("utf-8"))["files"]
    return entries


def inspect(*arguments: str) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of main()."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(["inspect-head", *arguments], lambda _: 99)
    return status, out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def inspected() -> Iterator[dict[str, dict[str, Any]]]:
    """What inspect-head says of all files, read by one worker."""
    files = [e["file"] for e in manifest()]
    if not files:
        pytest.skip("../shared/data/fbx not present")
    status, out, err = inspect("--json", *(str(DATA / f) for f in files))
    assert status == 2
    assert "Traceback" not in err
    yield dict(zip(files, json.loads(out), strict=True))


def entries(persons: bool) -> list[Any]:
    found = [e for e in manifest() if is_person(e) or not persons]
    return [pytest.param(e, id=e["file"]) for e in found] or [
        pytest.param(None, marks=pytest.mark.skip(reason="../shared/data/fbx not present"))
    ]


def is_person(entry: dict[str, Any]) -> bool:
    return entry["expected"] == "ok" and "must be refused" not in (entry["expected_note"] or "")


@pytest.mark.parametrize("entry", entries(persons=False))
def test_every_file_is_read_or_refused_as_expected(
    inspected: dict[str, dict[str, Any]], entry: dict[str, Any]
) -> None:
    said = inspected[entry["file"]]
    name, note = Path(entry["file"]).name, entry["expected_note"] or ""
    if is_person(entry):
        assert "error" not in said
    elif entry["expected"] != "ok_or_error":
        expected = KINDS.get(name) or {
            kind
            for word, kind in (
                ("no_armature", "no_armature"),
                ("no_head_bone", "no_head"),
                ("no_mesh", "no_mesh"),
            )
            if word in note
        }
        assert said["error"]["kind"] in expected
        assert said["error"]["message"].endswith(".")
        assert "\n" not in said["error"]["message"]


@pytest.mark.parametrize("entry", entries(persons=True))
def test_persons_are_understood(
    inspected: dict[str, dict[str, Any]], entry: dict[str, Any]
) -> None:
    said = inspected[entry["file"]]
    assert said["bones"]["head"]["bone"] == entry["head_bone"]
    assert said["bones"]["neck"]["bone"] == entry["neck_bone"]
    found_eyes = {said["bones"]["eye_left"]["bone"], said["bones"]["eye_right"]["bone"]} - {None}
    assert found_eyes == set(entry["eye_bones"])
    assert 0.18 <= said["head"]["height_m"] <= 0.40
    assert said["head"]["height_m"] == pytest.approx(
        entry["head_height_m"] * said["scale"]["factor"], rel=0.02
    )
    assert any("scaled" in w for w in said["warnings"]) == (
        "implausible scale" in (entry["expected_note"] or "")
    )
    assert said["zero_pose"]["residual_degrees"] <= 0.05
    assert abs(said["zero_pose"]["pitch"]) < 15
    assert abs(said["zero_pose"]["yaw"]) < 5
    assert said["axes"]["turned_degrees"] == 0.0
    if entry["file"] != "rigged/blender_293_barbarian_7400_binary.fbx":
        assert said["counts"]["vertices"] == entry["vertices"]
    assert sum(m["shapes"] for m in said["meshes"]) == entry["blendshapes_total"]


def test_scenery_lights_and_cameras_are_left_out_and_told(
    inspected: dict[str, dict[str, Any]],
) -> None:
    said = inspected["rigged/blender_293_barbarian_7400_binary.fbx"]
    assert said["counts"]["meshes"] == 2
    told = " ".join(said["warnings"])
    for word in ("light", "camera", "not on the skeleton", "No eyeballs"):
        assert word in told
    assert said["chain"] == ["tête"]


def test_textures_beside_the_file_are_used_and_missing_ones_named(
    inspected: dict[str, dict[str, Any]],
) -> None:
    said = inspected["rocketbox/Business_Female_02/Export/Business_Female_02.fbx"]
    glasses = next(m for m in said["materials"] if m["name"] == "f015_glasses")
    assert set(glasses["textures"]) == {"color", "normal"}
    assert any("f015_head_color.tga" in w and "not found" in w for w in said["warnings"])
    embedded = inspected["rigged/blender_293_barbarian_7400_binary.fbx"]
    assert all("color" in m["textures"] for m in embedded["materials"])


def test_arms_that_hang_on_the_neck_are_hung_below_it(
    inspected: dict[str, dict[str, Any]],
) -> None:
    said = inspected["rocketbox/Female_Adult_01.fbx"]
    assert any("Clavicle" in w and "Spine2" in w for w in said["warnings"])


@pytest.fixture
def readable() -> Path:
    path = DATA / "rocketbox" / "Male_Child_02.fbx"
    if not path.is_file():
        pytest.skip("../shared/data/fbx not present")
    return path


def test_text_for_people_tells_the_same(readable: Path) -> None:
    status, out, err = inspect(str(readable))
    assert (status, err) == (0, "")
    for word in ("Bip02 Neck → Bip02 Head", "Zero pose", "Warning", "triangles"):
        assert word in out


def test_json_of_one_file_is_one_object(readable: Path) -> None:
    status, out, _ = inspect(str(readable), "--json")
    assert status == 0
    assert json.loads(out)["chain"] == ["Bip02 Neck", "Bip02 Head"]


@pytest.mark.parametrize("name", shipped())
def test_shipped_heads_are_whole(name: str) -> None:
    status, out, err = inspect(f"builtin:{name}", "--json")
    assert (status, err) == (0, "")
    said = json.loads(out)
    assert said["warnings"] == []
    assert said["counts"]["shapes"] == 52
    assert None not in [b["bone"] for b in said["bones"].values()]
    assert said["zero_pose"]["residual_degrees"] <= 0.05


@pytest.mark.parametrize(
    "argument",
    [
        "no/such/file.fbx",
        "builtin:nobody",
        str(ROOT),
        "a\nb.fbx",
        "~nobody-of-that-name/a.fbx",
        "x" * 5000,
        os.devnull,
    ],
    ids=lambda text: repr(text[:20]),
)
def test_what_is_not_there_is_one_clear_line(argument: str) -> None:
    status, out, err = inspect(argument)
    assert status == 2
    assert out == ""
    assert len(err.strip().splitlines()) == 1


def test_names_with_accents_and_spaces_are_read(readable: Path, tmp_path: Path) -> None:
    copy = tmp_path / "Tête à côté 頭.fbx"
    shutil.copyfile(readable, copy)
    status, out, _ = inspect(str(copy), "--json")
    assert status == 0
    assert json.loads(out)["name"] == "Tête à côté 頭"


@pytest.mark.skipif(os.name == "nt", reason="pipes and bytes in names of POSIX")
def test_pipes_and_names_that_are_no_text_are_refused(readable: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.fbx"
    os.mkfifo(pipe)
    bytes_in_name = tmp_path / os.fsdecode(b"caf\xe9.fbx")
    shutil.copyfile(readable, bytes_in_name)
    for path, word in ((pipe, "pipe"), (bytes_in_name, "UTF-8")):
        status, out, err = inspect(str(path))
        assert (status, out) == (2, "")
        assert len(err.strip().splitlines()) == 1
        assert word in err


def test_a_cache_that_cannot_be_written_is_one_clear_line(
    readable: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("HEADROOM_CACHE", str(tmp_path / "file" / "cache"))
    status, out, err = inspect(str(readable))
    assert (status, out) == (1, "")
    assert len(err.strip().splitlines()) == 1
    assert str(tmp_path / "file") in err


def test_a_second_look_needs_no_blender(readable: Path) -> None:
    assert inspect(str(readable), "--json")[0] == 0
    code = (
        "import sys; sys.path.insert(0, '.');"
        "import app.blender.client as client;"
        "client.Child = None;"
        "from app.cli import main;"
        f"sys.exit(main(['inspect-head', {str(readable)!r}], None))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_damaged_cache_is_made_anew(
    readable: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADROOM_CACHE", str(tmp_path))
    assert inspect(str(readable), "--json")[0] == 0
    [arrays] = tmp_path.glob("heads/*/arrays.npz")
    arrays.write_bytes(b"rubbish")
    assert inspect(str(readable), "--json")[0] == 0
    assert arrays.stat().st_size > 1000
    assert len(list((tmp_path / "heads").iterdir())) == 1


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_a_reader_that_has_gone_and_a_terminal_without_arrows_are_no_faults() -> None:
    command = [sys.executable, "main.py", "inspect-head", f"builtin:{shipped()[0]}"]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    assert (told.returncode, told.stderr) == (0, b"")
    assert b"\\u2192" in told.stdout
    reading, writing = os.pipe()
    os.close(reading)
    left = subprocess.run(command, cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (left.returncode, left.stderr) == (1, b"")


@pytest.mark.parametrize("arguments", [["--bogus"], ["a.fbx", "--bogus"], ["no-such-command"]])
def test_arguments_that_do_not_exist_get_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    command = arguments if arguments == ["no-such-command"] else ["inspect-head", *arguments]
    with pytest.raises(SystemExit) as left:
        main(command, lambda _: 99)
    assert left.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1
