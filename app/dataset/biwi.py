"""All sequences of the Biwi Kinect Head Pose Database, or one, as poses for a data set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from app.scene import biwi
from app.scene.sequence import BadLine, Key, PoseSequence, SequenceError, read_sequence


def read_biwi(folder: Path) -> PoseSequence:
    """The poses of a folder, or of the sequences in it one after the other.

    Of several sequences the frames are counted on, so that no number stands twice.

    Raises
    ------
    SequenceError
        When there is none that can be read.
    """
    found = sequence_folders(folder)
    if len(found) == 1:
        return read_sequence(found[0])
    keys: list[Key] = []
    bad: list[BadLine] = []
    for path in found:
        start = keys[-1].frame + 1 if keys else 0
        try:
            sequence = read_sequence(path)
        except SequenceError as problem:
            bad.append(BadLine(len(bad) + 1, str(problem).rstrip(".")))
            continue
        first = sequence.first
        keys.extend(replace(key, frame=key.frame - first + start) for key in sequence.keys)
        bad.extend(sequence.bad_lines)
    if not keys:
        raise SequenceError(f"{folder.name} holds no pose of Biwi. {bad[0].reason}.")
    return PoseSequence(tuple(keys), tuple(bad))


def sequence_folders(folder: Path) -> list[Path]:
    """The folder itself where it holds poses, else the folders in it that do.

    Raises
    ------
    SequenceError
        When there is none.
    """
    try:
        found = biwi.sequences(folder)
    except OSError as error:
        raise SequenceError(f"{folder} cannot be read: {error.strerror or error}.") from None
    if not found:
        raise SequenceError(f"{folder} holds no ground truth of Biwi (frame_…_pose.txt).")
    return found


def seen_angles(folder: Path) -> Iterator[tuple[float, float, float]]:
    """Yaw, pitch and roll as the camera sees them, ``pose_para``, of every pose that is whole.

    Raises
    ------
    SequenceError
        When there is no folder of poses.
    """
    for sequence in sequence_folders(folder):
        for path in biwi.pose_files(sequence):
            try:
                yield biwi.evaluated_angles(biwi.read_pose(path))
            except (biwi.BiwiError, OSError):
                continue
