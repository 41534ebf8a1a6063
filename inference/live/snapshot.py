"""One key: what is on the screen goes into the failure inbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from inference.live.inbox import Details, Entry, UsedModel, put
from inference.live.outcome import LiveResult
from inference.predictions import encode

ORIGIN: Final = "live"


def snapshot(
    result: LiveResult, models: Sequence[UsedModel], note: str = "", inbox: Path | None = None
) -> Entry:
    """Keep a frame as it came, with what was found in it, raw and filtered, and by which models.

    Takes some 20 ms for 640×480 pixels; call it in a job.

    Parameters
    ----------
    result : LiveResult
    models : sequence of UsedModel
    note : str
        What the user says about it.
    inbox : Path, optional
        Another folder than `inference.live.inbox.inbox_dir`.

    Raises
    ------
    InboxError
        With one line for people.
    """
    frame = result.frame
    width, height = frame.size
    details = Details(
        made=datetime.now().astimezone().isoformat(timespec="milliseconds"),
        origin=ORIGIN,
        source=frame.source.encode(errors="replace").decode(),
        frame=frame.number if frame.index is None else frame.index,
        media_time=frame.media_time,
        width=width,
        height=height,
        models=list(models),
        predictions={
            "raw": msgspec.Raw(encode(result.raw)),
            "filtered": msgspec.Raw(encode(result.filtered)),
        },
        note=note,
    )
    return put(frame.picture, details, inbox)
