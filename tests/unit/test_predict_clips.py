"""Real clips: turned upright, cut short, or not to be opened at all."""

from __future__ import annotations

import numpy as np
import pytest

from inference.pictures import PictureError, open_video
from tests.conftest import shared_data

CLIPS = shared_data("video")


def test_a_clip_stored_sideways_is_upright() -> None:
    turned = next(iter(open_video(CLIPS / "rotation_flag_90.mp4")))
    upright = next(iter(open_video(CLIPS / "cap13_edit2.mp4")))
    assert turned.shape == upright.shape == (300, 400, 3)
    same = np.corrcoef(turned.ravel()[::97], upright.ravel()[::97])[0, 1]
    assert same > 0.9


def test_a_clip_that_ends_early_gives_what_it_has() -> None:
    seen = 0
    with pytest.raises(PictureError, match=r"ends after 373 of 765 frames"):
        for _ in open_video(CLIPS / "truncated.mp4"):
            seen += 1
    assert seen == 373


@pytest.mark.parametrize(
    "name", ["truncated_no_index.mp4", "audio_only.mp4", "zero.mp4", "text.mp4"]
)
def test_what_cannot_be_opened_is_said(name: str) -> None:
    with pytest.raises(PictureError, match=name):
        open_video(CLIPS / name)
