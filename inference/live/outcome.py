"""What the live engine publishes: faces of one frame, and how fast it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from inference.depth import DepthMap
from inference.live.frames import Frame
from inference.live.hands import LiveHands
from inference.results import Face, FrameResult, HandsOnWheel


@dataclass(frozen=True, eq=False)
class LiveFace:
    """A face that is followed.

    Attributes
    ----------
    number : int
        From 1, the same for as long as the face is followed and for a moment after it was lost.
    raw, filtered : Face
        As the network gives it, and made steady.
    confidence : float
        0 to 1, eased, so that a face which is not seen any more fades.
    seen : bool
        In this frame; otherwise the face is that of the last frame in which it was.
    depth : DepthMap, optional
        With the crop that says where it lies in the picture.
    second_raw, second_filtered : Face, optional
        The same face by the second model, where two run side by side.
    """

    number: int
    raw: Face
    filtered: Face
    confidence: float
    seen: bool = True
    depth: DepthMap | None = None
    second_raw: Face | None = None
    second_filtered: Face | None = None


@dataclass(frozen=True, eq=False)
class LiveResult:
    """Faces of one frame.

    Attributes
    ----------
    frame : Frame
    faces : tuple of LiveFace
        By number.
    timings : mapping of str to float
        Seconds by stage: detector (of the look that ended with this frame; it may have run beside
        others), face, second, filter, depth, total. Those that did not run are left out.
    delay : float
        Seconds from `Frame.captured` to when the result was published.
    published : float
        ``time.monotonic()`` of that.
    hands_on_wheel : HandsOnWheel, optional
        None where nobody asked for it, or there is no wheel.
    hands : LiveHands, optional
        The same with the wheel's region and what is known over time.
    """

    frame: Frame
    faces: tuple[LiveFace, ...]
    timings: Mapping[str, float]
    delay: float
    published: float
    hands_on_wheel: HandsOnWheel | None = None
    hands: LiveHands | None = None

    @property
    def raw(self) -> FrameResult:
        """Faces seen in this frame, as the network gives them, in the form of predictions."""
        return self._told(tuple(f.raw for f in self.faces if f.seen))

    @property
    def filtered(self) -> FrameResult:
        """The same, made steady."""
        return self._told(tuple(f.filtered for f in self.faces if f.seen))

    def _told(self, faces: tuple[Face, ...]) -> FrameResult:
        index = self.frame.index if self.frame.index is not None else self.frame.number
        return FrameResult(self.frame.source, index, faces, self.hands_on_wheel)


@dataclass(frozen=True)
class Statistics:
    """How fast the engine has been over the last seconds.

    Attributes
    ----------
    rate : float
        Results a second.
    delay, delay_p95 : float
        Median and 95th percentile of the delay in seconds; 0 where there was no result.
    frames : int
        Frames worked on since the start.
    dropped : int
        Frames that the source gave since the start and that were never worked on.
    stages : mapping of str to float
        Median seconds of each stage.
    """

    rate: float = 0.0
    delay: float = 0.0
    delay_p95: float = 0.0
    frames: int = 0
    dropped: int = 0
    stages: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Trouble:
    """Why a stage gives nothing for now; told once for each model.

    Attributes
    ----------
    stage : str
    message : str
        One line for people.
    """

    stage: str
    message: str
