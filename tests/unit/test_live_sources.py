"""Clips, folders and pushed pictures as live sources, and what a user's text finds."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from inference.live.camera import CameraSource
from inference.live.cameras import Camera
from inference.live.folder import FolderSource, natural
from inference.live.frames import Frame, SourceState
from inference.live.given import GivenSource
from inference.live.source import Source, SourceError
from inference.live.sources import find
from inference.live.video import VideoSource
from tests.unit.live_clips import number_of, numbered, set_durations, set_rotation, write_clip

FAST, SLOW = 512, 2560
"""Ticks of the clip's clock: a 25th and a fifth of a second."""


def frames_of(source: Source) -> list[Frame]:
    frames = []
    while (frame := source.read()) is not None:
        frames.append(frame)
    return frames


def opened(source: Source) -> Source:
    source.open()
    return source


def test_a_clip_gives_all_frames_in_order_with_their_times(tmp_path: Path) -> None:
    source = opened(VideoSource(write_clip(tmp_path / "clip.mp4", 30, 20.0)))
    assert source.status.state is SourceState.RUNNING
    frames = frames_of(source)
    assert [number_of(f.picture) for f in frames] == [f.index for f in frames] == list(range(30))
    assert [f.media_time for f in frames] == pytest.approx([k / 20.0 for k in range(30)])
    assert source.status.state is SourceState.ENDED
    assert source.status.message == ""
    assert (source.status.size, source.status.rate, source.status.length) == ((320, 240), 20.0, 30)
    source.close()


def test_variable_rates_go_by_time_stamps_and_known_places_are_found_exactly(
    tmp_path: Path,
) -> None:
    path = write_clip(tmp_path / "clip.mp4", 60)
    durations = [SLOW if k % 3 == 0 else FAST for k in range(60)]
    set_durations(path, durations)
    source = opened(VideoSource(path))
    times = [f.media_time for f in frames_of(source)]
    expected = np.concatenate([[0.0], np.cumsum(durations)[:-1]]) / 12800
    assert times == pytest.approx(expected.tolist())
    for place in (50, 3, 59, 0, 31, 32, 30):
        source.seek(place)
        frame = source.read()
        assert frame is not None
        assert (frame.index, number_of(frame.picture)) == (place, place)
        assert frame.media_time == pytest.approx(times[place])
    source.close()


def test_places_that_were_not_read_yet_are_found(tmp_path: Path) -> None:
    source = opened(VideoSource(write_clip(tmp_path / "clip.mp4", 150)))
    for place in (140, 10, 11, 60, 0, 149):
        source.seek(place)
        frame = source.read()
        assert frame is not None
        assert (frame.index, number_of(frame.picture)) == (place, place)
    assert source.read() is None
    source.seek(5000)
    frame = source.read()
    assert frame is not None
    assert frame.index == 149
    source.close()


def test_a_clip_that_asks_to_be_turned_is_upright(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", 3)
    set_rotation(path)
    source = opened(VideoSource(path))
    frame = source.read()
    assert frame is not None
    assert frame.picture.shape == (320, 240, 3)
    turned_back = max(number_of(np.rot90(frame.picture, k)) == 0 for k in (1, 3))
    assert turned_back
    assert source.status.size == (240, 320)
    source.close()


def test_odd_sizes_are_kept(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "odd.avi", 6, code="MJPG", size=(321, 243))
    source = opened(VideoSource(path))
    frames = frames_of(source)
    assert [number_of(f.picture) for f in frames] == list(range(6))
    assert source.status.size == frames[0].size == (321, 243)
    source.close()


def test_a_clip_cut_short_is_read_as_far_as_it_goes_and_says_so_once(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.avi", 60, code="MJPG").read_bytes()
    path = tmp_path / "cut.avi"
    path.write_bytes(whole[: len(whole) // 2])
    source = opened(VideoSource(path))
    frames = frames_of(source)
    assert 10 < len(frames) < 50
    assert source.status.state is SourceState.ENDED
    assert source.status.message == (
        f"cut.avi ends after {len(frames)} of 60 frames; it seems to be cut short"
    )
    source.seek(0)
    assert len(frames_of(source)) == len(frames)
    assert (source.status.message, source.status.length) == ("", len(frames))
    source.seek(len(frames) - 3)
    assert len(frames_of(source)) == 3
    source.close()


def test_a_jump_behind_the_end_of_a_clip_cut_short_finds_how_long_it_is(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.avi", 60, code="MJPG").read_bytes()
    path = tmp_path / "cut.avi"
    path.write_bytes(whole[: len(whole) // 2])
    there = len(frames_of(opened(VideoSource(path))))
    source = opened(VideoSource(path))
    source.seek(58)
    assert source.read() is None
    assert (source.status.state, source.status.length) == (SourceState.ENDED, there)
    source.close()


def test_a_clip_on_a_disk_that_is_pulled_out_says_so(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.avi", 60, code="MJPG")
    source = opened(VideoSource(path))
    assert source.read() is not None
    os.truncate(path, path.stat().st_size // 3)
    path.unlink()
    frames_of(source)
    assert source.status.state is SourceState.UNPLUGGED
    assert "clip.avi is gone" in source.status.message
    source.close()


@pytest.mark.parametrize("content", [b"", b"not a video\n" * 50, bytes(range(256)) * 40])
def test_what_is_no_video_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.mp4"
    path.write_bytes(content)
    source = VideoSource(path)
    with pytest.raises(SourceError, match=r"bad\.mp4") as told:
        source.open()
    assert source.status.state is SourceState.FAILED
    assert source.status.message == str(told.value)
    assert "\n" not in source.status.message
    assert source.read() is None
    source.close()
    with pytest.raises(SourceError, match=r"bad\.mp4"):
        find(str(path))


def pictures(folder: Path, names: list[str]) -> None:
    import cv2

    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        assert cv2.imwrite(str(path), numbered(number, 250 + 3 * number, 101))


def test_a_folder_is_shown_in_the_order_of_its_numbers(tmp_path: Path) -> None:
    pictures(tmp_path, ["a1.png", "a2.png", "a10.png", "b/c.png"])
    (tmp_path / "notes.txt").write_text("no picture")
    source = opened(FolderSource(tmp_path, 5.0))
    frames = frames_of(source)
    assert [number_of(f.picture) for f in frames] == [0, 1, 2, 3]
    assert [f.source for f in frames] == ["a1.png", "a2.png", "a10.png", "b/c.png"]
    assert [f.media_time for f in frames] == pytest.approx([0.0, 0.2, 0.4, 0.6])
    assert [f.size for f in frames] == [(250, 101), (253, 101), (256, 101), (259, 101)]
    assert source.status.state is SourceState.ENDED
    source.seek(2)
    assert [f.index for f in frames_of(source)] == [2, 3]
    source.close()


def test_names_that_differ_in_kind_can_be_sorted() -> None:
    names = ["", "10", "2", "a", "a2b", "a10", "Ä1", "٣", "a2"]
    assert sorted(names, key=natural)[:3] == ["", "2", "10"]


def test_pictures_that_cannot_be_read_are_left_out_and_named(tmp_path: Path) -> None:
    pictures(tmp_path, ["a.png", "c.png"])
    (tmp_path / "b.png").write_bytes(b"rubbish")
    (tmp_path / "d.png").write_bytes(b"")
    source = opened(FolderSource(tmp_path))
    assert [f.source for f in frames_of(source)] == ["a.png", "c.png"]
    assert "b.png" in source.status.message
    assert "1 more" in source.status.message
    source.close()


def test_a_folder_of_nothing_but_rubbish_fails(tmp_path: Path) -> None:
    (tmp_path / "b.png").write_bytes(b"rubbish")
    source = opened(FolderSource(tmp_path))
    assert source.read() is None
    assert source.status.state is SourceState.FAILED
    assert "b.png" in source.status.message


def test_the_newest_pushed_picture_is_read() -> None:
    source = GivenSource("Viewport")
    source.push(numbered(9))
    source.open()
    assert source.read() is None
    for number in range(3):
        source.push(numbered(number))
    frame = source.read()
    assert frame is not None
    assert (number_of(frame.picture), frame.number, frame.media_time) == (2, 2, None)
    assert source.status.state is SourceState.RUNNING
    source.finish("the render is done")
    assert source.read() is None
    assert source.status.state is SourceState.ENDED
    assert source.status.message == "the render is done"
    source.close()


def test_a_pushed_picture_is_copied() -> None:
    source = GivenSource("Viewport")
    source.open()
    mine = numbered(5)
    source.push(mine)
    mine[:] = 0
    frame = source.read()
    assert frame is not None
    assert number_of(frame.picture) == 5
    source.close()


@pytest.mark.parametrize(
    "picture",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8)],
)
def test_what_is_no_picture_cannot_be_pushed(picture: np.ndarray) -> None:
    source = GivenSource("Viewport")
    with pytest.raises(ValueError):
        source.push(picture)
    with pytest.raises(ValueError):
        source.push(np.zeros((4, 4, 3), np.float32))  # type: ignore[arg-type]


CAMERAS = (Camera(0, "Built-in"), Camera(2, "Desk Cam"))


def test_a_text_finds_its_source(tmp_path: Path) -> None:
    pictures(tmp_path, ["p/a.png"])
    clip = write_clip(tmp_path / "clip.mp4", 2)
    assert isinstance(find(str(clip)), VideoSource)
    assert isinstance(find(str(tmp_path / "p")), FolderSource)
    assert isinstance(find(str(tmp_path / "p/a.png")), FolderSource)
    assert isinstance(find("2"), CameraSource)
    assert find("desk cam", lister=lambda: CAMERAS).name == "Desk Cam"


def test_what_is_not_there_is_said_with_what_is(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"0 \(Built-in\), 2 \(Desk Cam\)"):
        find("nothing", lister=lambda: CAMERAS)
    with pytest.raises(SourceError, match="no camera is plugged in"):
        find("", lister=lambda: ())
    with pytest.raises(SourceError, match="holds no pictures"):
        find(str(tmp_path))
