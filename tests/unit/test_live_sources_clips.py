"""Real clips through the live sources."""

from __future__ import annotations

import numpy as np
import pytest

from inference.live.capture import Capture, Delivery
from inference.live.frames import Frame, SourceState
from inference.live.source import SourceError
from inference.live.sources import find
from inference.live.video import VideoSource
from tests.conftest import shared_data

CLIPS = shared_data("video")


def all_frames(name: str) -> list[Frame]:
    frames: list[Frame] = []
    capture = Capture(VideoSource(CLIPS / name))
    capture.delivery = Delivery.FASTEST
    with capture:
        while not capture.ended:
            frame = capture.latest(frames[-1].number if frames else -1, 0.2)
            frames += [frame] if frame else []
        assert capture.status.state is SourceState.ENDED
        assert capture.status.message == ""
    assert capture.dropped == 0
    return frames


@pytest.mark.parametrize(
    ("name", "length", "rate"),
    [
        ("head-pose-face-detection-female.mp4", 23, 12.0),
        ("no_face.mp4", 90, 30.0),
        ("rotation_flag_90.mp4", 100, 25.0),
    ],
)
def test_every_frame_of_a_clip_comes(name: str, length: int, rate: float) -> None:
    frames = all_frames(name)
    assert [f.index for f in frames] == list(range(length))
    assert [f.media_time for f in frames] == pytest.approx([k / rate for k in range(length)])


def test_a_clip_cut_short_tells_how_far_it_goes() -> None:
    source = VideoSource(CLIPS / "truncated.mp4")
    source.open()
    source.seek(370)
    seen = 0
    while source.read() is not None:
        seen += 1
    assert seen == 3
    assert source.status.message == (
        "truncated.mp4 ends after 373 of 765 frames; it seems to be cut short"
    )
    source.close()


def test_a_phone_clip_is_upright_before_and_after_a_jump() -> None:
    turned, upright = (
        VideoSource(CLIPS / "rotation_flag_90.mp4"),
        VideoSource(CLIPS / "cap13_edit2.mp4"),
    )
    for source in (turned, upright):
        source.open()
    for place in (0, 80, 41):
        pictures = []
        for source in (turned, upright):
            source.seek(place)
            frame = source.read()
            assert frame is not None
            assert frame.size == (400, 300)
            pictures.append(frame.picture.ravel()[::97])
        assert np.corrcoef(*pictures)[0, 1] > 0.9
    for source in (turned, upright):
        source.close()


@pytest.mark.parametrize(
    "name", ["truncated_no_index.mp4", "audio_only.mp4", "zero.mp4", "text.mp4"]
)
def test_what_cannot_be_opened_is_refused(name: str) -> None:
    with pytest.raises(SourceError, match=name):
        find(str(CLIPS / name))
