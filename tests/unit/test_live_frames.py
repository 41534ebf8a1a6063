"""A frame is shared between threads: nobody can write into it."""

from __future__ import annotations

import numpy as np
import pytest

from inference.live.frames import Frame


def test_a_frame_cannot_be_written_and_leaves_the_giver_free() -> None:
    picture = np.zeros((3, 5, 3), np.uint8)
    frame = Frame(picture, 0, None, 0.0, "a")
    with pytest.raises(ValueError, match="read-only"):
        frame.picture[0, 0] = 1
    picture[0, 0] = 7
    assert frame.size == (5, 3)
