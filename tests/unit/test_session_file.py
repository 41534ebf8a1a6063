"""Session files: they come back as they were, and what is wrong is said by name."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.head.correction import Correction
from app.head.pose import HeadPose
from app.scene.scene import Camera, HeadFile, Light, NamedPose, Scene
from app.session.session_file import (
    SIZE_LIMIT,
    Session,
    SessionError,
    decode,
    encode,
    head_is_missing,
    read,
    write,
)


def scene(head: str = "builtin:ada") -> Scene:
    return Scene(
        HeadFile(head, "ab" * 32, Correction(neck="Neck", facing_turn=90.0)),
        HeadPose(20.0, -5.0, 3.0, 0.25, {"jawOpen": 0.6}),
        Camera(distance=0.4, width=1024),
        (Light("Key", "area", 30.0, temperature=5600.0), Light("Rim", "spot", on=False)),
        poses=(NamedPose("Left", HeadPose(yaw=40.0)),),
        cameras=(Camera("Close", 0.1),),
    )


def changed(*place: str | int, to: object) -> bytes:
    """A session's content with one field changed."""
    content = json.loads(encode(Session(scene())))
    target = content
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = to
    return json.dumps(content).encode()


def test_a_session_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "work.headroom"
    session = Session(scene(), {"mode": "pose"})
    write(path, session)
    assert read(path) == session


def test_the_file_is_readable_json_with_format_and_version(tmp_path: Path) -> None:
    path = tmp_path / "work.headroom"
    write(path, Session(scene()))
    text = path.read_text(encoding="utf-8")
    content = json.loads(text)
    assert (content["format"], content["version"]) == ("headroom-session", 1)
    assert content["scene"]["pose"]["yaw"] == 20.0
    assert '\n    "pose": {\n' in text


@given(
    st.builds(
        HeadPose,
        yaw=st.floats(-80, 80),
        pitch=st.floats(-70, 70),
        roll=st.floats(-55, 55),
        head_share=st.floats(0, 1),
        shapes=st.dictionaries(st.text(max_size=20), st.floats(-1, 2), max_size=5),
    )
)
def test_any_pose_survives_exactly(pose: HeadPose) -> None:
    session = Session(Scene(HeadFile("builtin:ada"), pose))
    assert decode(encode(session)) == session


def test_a_head_beside_the_session_moves_with_it(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    (old / "heads").mkdir(parents=True)
    (old / "heads" / "me.fbx").write_bytes(b"fbx")
    write(old / "work.headroom", Session(scene(str(old / "heads" / "me.fbx"))))
    old.rename(new)
    head = read(new / "work.headroom").scene.head
    assert Path(head.path) == new / "heads" / "me.fbx"
    assert not head_is_missing(head)


def test_shipped_heads_are_named_not_pathed(tmp_path: Path) -> None:
    path = tmp_path / "work.headroom"
    write(path, Session(scene("builtin:ada")))
    assert json.loads(path.read_bytes())["scene"]["head"]["path"] == "builtin:ada"
    assert not head_is_missing(read(path).scene.head)


def test_a_missing_head_is_noticed(tmp_path: Path) -> None:
    assert head_is_missing(HeadFile(str(tmp_path / "gone.fbx")))
    assert not head_is_missing(HeadFile(""))


def test_unknown_fields_are_passed_over() -> None:
    content = json.loads(encode(Session(scene())))
    content["later"] = {"x": 1}
    content["scene"]["camera"]["bokeh"] = 3
    assert decode(json.dumps(content).encode()).scene == scene()


def test_missing_fields_take_their_defaults() -> None:
    data = b'{"format": "headroom-session", "version": 1, "scene": {"head": {"path": ""}}}'
    assert decode(data).scene == Scene(HeadFile(""))


def test_a_newer_version_is_refused_kindly() -> None:
    with pytest.raises(SessionError, match=r"newer Headroom.*update"):
        decode(changed("version", to=2))


@pytest.mark.parametrize(
    ("place", "value", "named"),
    [
        (("scene", "pose", "yaw"), 81.0, "scene.pose.yaw"),
        (("scene", "pose", "pitch"), "up", "scene.pose.pitch"),
        (("scene", "pose", "shapes"), {"jawOpen": 1e9}, "scene.pose.shapes.jawOpen"),
        (("scene", "camera", "width"), 0, "scene.camera.width"),
        (("scene", "camera", "clip_end"), 0.0005, "clip_end"),
        (("scene", "camera", "offset"), [0, 1e300, 0], "scene.camera.offset"),
        (("scene", "lights", 0, "kind"), "laser", "scene.lights"),
        (("scene", "lights", 0, "name"), "", "scene.lights"),
        (("scene", "lights"), [{"name": "x"}] * 1001, "scene.lights"),
        (("scene", "head"), None, "scene.head"),
    ],
)
def test_what_is_wrong_is_named(place: tuple[str | int, ...], value: object, named: str) -> None:
    with pytest.raises(SessionError) as error:
        decode(changed(*place, to=value))
    assert named in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(number: str) -> None:
    data = encode(Session(scene())).replace(b'"yaw": 20.0', f'"yaw": {number}'.encode())
    with pytest.raises(SessionError):
        decode(data)


@pytest.mark.parametrize(
    "data",
    [b"", b"not json", b"[]", b"null", b"{}", b'{"format": "other", "version": 1}', b"\xff\xfe"],
)
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(SessionError):
        decode(data)


@given(st.binary(max_size=300))
def test_no_bytes_make_it_fall_over(data: bytes) -> None:
    with pytest.raises(SessionError):
        decode(data)


@given(st.data())
def test_a_cut_off_file_is_refused(data: st.DataObject) -> None:
    whole = encode(Session(scene())).rstrip()
    with pytest.raises(SessionError):
        decode(whole[: data.draw(st.integers(0, len(whole) - 1))])


def test_a_deeply_nested_file_is_refused() -> None:
    with pytest.raises(SessionError):
        decode(b'{"format": "headroom-session", "x": ' + b"[" * 200_000)


def test_a_file_over_the_size_bound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "big.headroom"
    path.write_bytes(b" " * (SIZE_LIMIT + 1))
    with pytest.raises(SessionError, match="larger"):
        read(path)


@pytest.mark.parametrize("text", ["x" * 100_000, "a\n" * 50_000])
def test_what_a_stranger_wrote_is_not_repeated_at_length(text: str) -> None:
    stored = json.loads(encode(Session(scene())))
    stored["scene"]["render"]["engine"] = text
    with pytest.raises(SessionError) as refusal:
        decode(json.dumps(stored).encode())
    assert "scene.render.engine" in str(refusal.value)
    assert len(str(refusal.value)) < 400
    assert "\n" not in str(refusal.value)


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_a_pipe_is_refused_rather_than_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.headroom")
    with pytest.raises(SessionError, match="pipe"):
        read(tmp_path / "a.headroom")


def test_a_file_that_is_gone_or_a_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="not there"):
        read(tmp_path / "gone.headroom")
    with pytest.raises(SessionError, match="can't be read"):
        read(tmp_path)


def test_a_failed_save_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    path = folder / "work.headroom"
    write(path, Session(scene()))
    before = path.read_bytes()

    def full(self: Path, data: bytes) -> int:
        self.open("wb").write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        write(path, Session(replace(scene(), pose=HeadPose())))
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert list(folder.iterdir()) == [path]
