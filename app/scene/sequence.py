"""Poses over time, read from a table of frame, yaw, pitch and roll, or from Biwi's files."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from app.files import read_bytes
from app.head.pose import PITCH_LIMIT, ROLL_LIMIT, YAW_LIMIT, HeadPose
from app.scene import biwi

COLUMNS: Final = ("frame", "yaw", "pitch", "roll")
MAX_BYTES: Final = 32 * 2**20
MAX_NAMED: Final = 5
"""Bad lines that one message names; the rest is counted."""
_LIMITS: Final = {"yaw": YAW_LIMIT, "pitch": PITCH_LIMIT, "roll": ROLL_LIMIT}


class SequenceError(ValueError):
    """The file holds no sequence; the message is one line that says why."""


@dataclass(frozen=True)
class Key:
    """The angles of one frame, degrees in ``blender_xyz``."""

    frame: int
    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True)
class BadLine:
    """A line that was left out. Lines count from 1, as editors show them."""

    line: int
    reason: str


@dataclass(frozen=True)
class PoseSequence:
    """Keys in the order of their frames, no frame twice, at least one."""

    keys: tuple[Key, ...]
    bad_lines: tuple[BadLine, ...] = ()

    @property
    def first(self) -> int:
        return self.keys[0].frame

    @property
    def last(self) -> int:
        return self.keys[-1].frame

    def at(self, frame: float) -> tuple[float, float, float]:
        """Yaw, pitch and roll at a frame; straight lines between keys, held beyond the ends."""
        after = bisect.bisect_right(self.keys, frame, key=lambda key: key.frame)
        if after == 0 or after == len(self.keys):
            key = self.keys[0 if after == 0 else -1]
            return key.yaw, key.pitch, key.roll
        a, b = self.keys[after - 1], self.keys[after]
        t = (frame - a.frame) / (b.frame - a.frame)
        return (
            a.yaw + (b.yaw - a.yaw) * t,
            a.pitch + (b.pitch - a.pitch) * t,
            a.roll + (b.roll - a.roll) * t,
        )

    def pose(self, frame: float, held: HeadPose) -> HeadPose:
        """``held`` with the angles of a frame: shapes and share stay."""
        yaw, pitch, roll = self.at(frame)
        return replace(held, yaw=yaw, pitch=pitch, roll=roll)

    @property
    def complaint(self) -> str:
        """One line that names the lines left out, empty where there are none."""
        if not self.bad_lines:
            return ""
        named = "; ".join(f"line {b.line}: {b.reason}" for b in self.bad_lines[:MAX_NAMED])
        more = len(self.bad_lines) - MAX_NAMED
        count = len(self.bad_lines)
        left_out = "1 line was" if count == 1 else f"{count} lines were"
        return f"{left_out} left out: {named}" + (f"; and {more} more." if more > 0 else ".")


def read_sequence(path: Path) -> PoseSequence:
    """Read a table with the columns frame, yaw, pitch, roll in degrees (``blender_xyz``).

    Commas, semicolons, tabs or blanks part the columns; a header may name them in another order;
    empty lines and what follows ``#`` are passed over. A bad line is left out and named.

    A folder of Biwi's ground truth is read too, and stands for any ``frame_…_pose.txt`` in it:
    the poses are those that its camera sees, and a file counts as a line.

    Raises
    ------
    SequenceError
        When the file cannot be read or no line of it can be used.
    """
    try:
        if path.is_dir():
            return _biwi(path)
        if biwi.POSE_FILE.fullmatch(path.name):
            return _biwi(path.parent)
        data = read_bytes(path, MAX_BYTES)
        if len(data) > MAX_BYTES:
            raise SequenceError(f"{path.name} is larger than {MAX_BYTES // 2**20} MB.")
        text = data.decode("utf-8-sig")
    except FileNotFoundError:
        raise SequenceError(f"{path.name} does not exist any more.") from None
    except UnicodeDecodeError:
        raise SequenceError(f"{path.name} is not a text file.") from None
    except OSError as error:
        raise SequenceError(f"{path.name} cannot be read: {error.strerror or error}.") from None
    return parse_sequence(text, path.name)


def parse_sequence(text: str, name: str = "The table") -> PoseSequence:
    """What `read_sequence` does, for a text."""
    order: tuple[int, ...] = (0, 1, 2, 3)
    keys: dict[int, Key] = {}
    bad: list[BadLine] = []
    header_may_come = True
    for number, line in enumerate(text.splitlines(), 1):
        cells = _cells(line)
        if not cells:
            continue
        if header_may_come:
            header_may_come = False
            found = _header(cells)
            if found is not None:
                order = found
                continue
        key = _key(cells, order)
        if isinstance(key, str):
            bad.append(BadLine(number, key))
        elif key.frame in keys:
            bad.append(BadLine(number, f"frame {key.frame} was given before"))
        else:
            keys[key.frame] = key
    if not keys:
        why = f" Line {bad[0].line}: {bad[0].reason}." if bad else " It is empty."
        raise SequenceError(f"{name} has no line with frame, yaw, pitch and roll.{why}")
    return PoseSequence(tuple(keys[frame] for frame in sorted(keys)), tuple(bad))


def _biwi(folder: Path) -> PoseSequence:
    keys: list[Key] = []
    bad: list[BadLine] = []
    for path in biwi.pose_files(folder):
        try:
            pose = biwi.read_pose(path)
        except (biwi.BiwiError, OSError) as problem:
            bad.append(BadLine(len(keys) + len(bad) + 1, " ".join(str(problem).split())))
            continue
        if keys and keys[-1].frame == pose.frame:
            bad.append(BadLine(len(keys) + len(bad) + 1, f"{path.name} was given before"))
            continue
        key = Key(pose.frame, *biwi.angles(pose))
        reason = _beyond(key)
        if reason:
            bad.append(BadLine(len(keys) + len(bad) + 1, f"{path.name}: {reason}"))
        else:
            keys.append(key)
    if not keys:
        why = f" {bad[0].reason}." if bad else ""
        text = "cannot be read: it holds no pose of Biwi (frame_…_pose.txt)"
        raise SequenceError(f"{folder.name} {text}.{why}")
    return PoseSequence(tuple(keys), tuple(bad))


def _beyond(key: Key) -> str:
    """Which angle is out of range; empty where none is."""
    for column, limit in _LIMITS.items():
        value = float(getattr(key, column))
        if abs(value) > limit:
            return f"{column} {value:g}° is beyond ±{limit:g}°"
    return ""


def _cells(line: str) -> list[str]:
    line = line.split("#", 1)[0].strip()
    if not line:
        return []
    for mark in (";", "\t"):
        if mark in line:
            return [cell.strip().replace(",", ".") for cell in line.split(mark)]
    if "," in line:
        return [cell.strip() for cell in line.split(",")]
    return line.split()


def _header(cells: list[str]) -> tuple[int, ...] | None:
    """Places of the four columns, where the cells are a header; None where they are numbers."""
    words = [re.sub(r"[^a-z].*$", "", cell.strip("\"' ").lower()) for cell in cells]
    if all(column in words for column in COLUMNS):
        return tuple(words.index(column) for column in COLUMNS)
    return None


def _key(cells: list[str], order: tuple[int, ...]) -> Key | str:
    """The key of one line, or why there is none."""
    if len(cells) <= max(order):
        return f"{len(cells)} of {max(order) + 1} values"
    values: dict[str, float] = {}
    for column, place in zip(COLUMNS, order, strict=True):
        try:
            value = float(cells[place])
        except ValueError:
            return f"{column} “{cells[place][:20]}” is no number"
        if value != value or abs(value) > 1e9:
            return f"{column} “{cells[place][:20]}” is no number"
        values[column] = value
    frame = values["frame"]
    if frame != int(frame):
        return f"frame {frame:g} is not a whole number"
    key = Key(int(frame), values["yaw"], values["pitch"], values["roll"])
    return _beyond(key) or key
