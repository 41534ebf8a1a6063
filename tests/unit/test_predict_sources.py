"""Files, folders and boxes as they are named on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from inference.results import Box
from inference.sources import BoxesError, Source, read_boxes, sources


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_folders_are_gone_through_by_name(tmp_path: Path) -> None:
    touch(tmp_path, "b.jpg", "a.PNG", "sub/c.mp4", "notes.txt", ".hidden.jpg", "v.pts")
    found, problems = sources([tmp_path])
    assert [s.name for s in found] == ["a.PNG", "b.jpg", "sub/c.mp4"]
    assert [s.video for s in found] == [False, False, True]
    assert not problems


def test_a_named_file_is_taken_whatever_its_name(tmp_path: Path) -> None:
    touch(tmp_path, "face")
    assert [s.name for s in sources([tmp_path / "face"])[0]] == ["face"]


def test_two_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    touch(tmp_path, "one/a.jpg", "two/a.jpg", "two/b.jpg")
    found, _ = sources([tmp_path / "one", tmp_path / "two"])
    assert [s.name for s in found] == [
        (tmp_path / "one/a.jpg").as_posix(),
        (tmp_path / "two/a.jpg").as_posix(),
        "b.jpg",
    ]


def test_what_is_absent_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    (tmp_path / "empty").mkdir()
    found, problems = sources([tmp_path / "none.jpg", tmp_path / "empty", tmp_path / "a.jpg"])
    assert [s.name for s in found] == ["a.jpg"]
    assert "no such file" in str(problems[0]) and "no pictures" in str(problems[1])


def boxes_file(tmp_path: Path, value: Any) -> Path:
    path = tmp_path / "boxes.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def test_boxes_are_found_by_name_way_or_last_part(tmp_path: Path) -> None:
    listed = {
        "a.jpg": [1, 2, 3.5, 4],
        "sub/c.png": [[1, 2, 3, 4], [5, 6, 7, 8]],
        "none.jpg": [],
        "other.jpg": [0, 0, 1, 1],
    }
    boxes = read_boxes(boxes_file(tmp_path, listed))
    used = [
        Source(tmp_path / "a.jpg", "a.jpg"),
        Source(tmp_path / "x" / "a.jpg", "x/a.jpg"),
        Source(tmp_path / "sub/c.png", "sub/c.png"),
        Source(tmp_path / "none.jpg", "none.jpg"),
        Source(tmp_path / "new.jpg", "new.jpg"),
    ]
    assert boxes.of(used[0]) == boxes.of(used[1]) == (Box(1, 2, 3.5, 4),)
    assert boxes.of(used[2]) == (Box(1, 2, 3, 4), Box(5, 6, 7, 8))
    assert boxes.of(used[3]) == ()
    assert boxes.of(used[4]) is None
    assert boxes.unused(used) == ["other.jpg"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([1, 2, 3, 4], "must map"),
        ({"a.jpg": [1, 2, 3]}, r"a\.jpg"),
        ({"a.jpg": None}, r"a\.jpg"),
        ({"a.jpg": "1 2 3 4"}, r"a\.jpg"),
        ({"a.jpg": {"x": 1}}, r"a\.jpg"),
        ({"a.jpg": [1, 2, 0, 4]}, "no extent"),
        ({"a.jpg": [1, 2, float("nan"), 4]}, "pixels of a picture"),
        ({"a.jpg": [1, 2, 10**400, 4]}, "pixels of a picture"),
        ({"a.jpg": [1e300, 2, 3, 4]}, "pixels of a picture"),
        ({"a.jpg": [True, True, True, True]}, r"a\.jpg"),
        ({"a.jpg": ["1", "2", "3", "4"]}, r"a\.jpg"),
        ({"a.jpg": {"1234": 5}}, r"a\.jpg"),
        ({"a.jpg": [[1, 2, 3, 4], [1, 2]]}, r"a\.jpg"),
    ],
)
def test_wrong_boxes_are_named(tmp_path: Path, value: Any, said: str) -> None:
    path = boxes_file(tmp_path, value)
    with pytest.raises(BoxesError, match=said) as problem:
        read_boxes(path)
    assert str(path) in str(problem.value) and "\n" not in str(problem.value)


@pytest.mark.parametrize("text", ["", "{", "\xff", "[" * 100_000])
def test_what_is_not_json_is_said(tmp_path: Path, text: str) -> None:
    path = tmp_path / "boxes.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(BoxesError, match=r"boxes\.json") as problem:
        read_boxes(path)
    assert "\n" not in str(problem.value)


def test_boxes_that_are_absent_are_said(tmp_path: Path) -> None:
    with pytest.raises(BoxesError, match="cannot be read"):
        read_boxes(tmp_path / "none.json")
