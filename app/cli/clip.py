"""``main.py clip``: render a short clip of people who turn, speak and blink."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Final

import msgspec

MOST_SECONDS: Final = 12.0


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "clip",
        help="render a short clip of people who turn, speak and blink",
        description="Render the sample clip: two of the shipped people before a classroom. The "
        "same command gives the same pictures.",
    )
    parser.add_argument("--output", "-o", type=Path, required=True, metavar="FILE", help="an .mp4")
    parser.add_argument(
        "--truth",
        type=Path,
        metavar="FILE",
        help="the exact landmarks and poses, in the form of predictions (.jsonl)",
    )
    parser.add_argument(
        "--seconds",
        type=_seconds,
        default=MOST_SECONDS,
        metavar="S",
        help=f"how much of it (default: all {MOST_SECONDS:g})",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit status: 0 done, 1 could not be rendered or written, 2 for a name that will not do."""
    from app.blender.client import Blender
    from app.blender.heads import HeadError
    from app.dataset import clip
    from app.dataset.clip_file import ClipError, ClipFile
    from app.files import write_bytes

    if args.output.suffix.lower() != ".mp4":
        print(f"main.py clip: {args.output}: the name must end in .mp4", file=sys.stderr)
        return 2
    if not args.output.absolute().parent.is_dir():
        print(f"main.py clip: {args.output}: there is no such folder", file=sys.stderr)
        return 2
    lines: list[bytes] = []
    count = round(args.seconds * clip.RATE)
    try:
        with Blender(spare=False) as blender, ClipFile(args.output, clip.RATE) as file:
            for number, frame in enumerate(clip.make(blender, seconds=args.seconds)):
                file.write(frame.picture)
                lines.append(truth_line(args.output.name, number, frame.faces))
                if sys.stderr.isatty():
                    print(f"\rframe {number + 1} of {count}", end="", file=sys.stderr, flush=True)
        if args.truth is not None:
            write_bytes(args.truth, b"".join(lines))
    except ClipError as problem:
        print(f"main.py clip: {problem}", file=sys.stderr)
        return 2
    except HeadError as problem:
        print(f"main.py clip: {problem}", file=sys.stderr)
        return 1
    except OSError as problem:
        print(f"main.py clip: {problem.filename}: {problem.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("main.py clip: stopped.", file=sys.stderr)
        return 130
    print(f"{args.output}: {count} frames, {args.output.stat().st_size / 2**20:.1f} MB")
    return 0


def truth_line(source: str, number: int, faces: Any) -> bytes:
    """Ground truth of a frame as a line of predictions (docs/predictions.md)."""
    line = {
        "source": source,
        "frame": number,
        "faces": [_face(face) for face in faces],
        "hands_on_wheel": None,
    }
    return msgspec.json.encode(line) + b"\n"


def _face(face: Any) -> dict[str, Any]:
    least, most = face.points[:, :2].min(axis=0), face.points[:, :2].max(axis=0)
    yaw, pitch, roll = (round(angle, 2) for angle in face.angles)
    return {
        "box": [round(float(v), 1) for v in (*least, *(most - least))],
        "score": 1.0,
        "landmarks_68": [[round(float(v), 1) for v in point] for point in face.points],
        "landmarks_520": None,
        "sigma_520": None,
        "head_pose": {"yaw": yaw, "pitch": pitch, "roll": roll},
    }


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds") from None
    if not 0.1 <= value <= MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text} is not between 0.1 and {MOST_SECONDS:g} seconds")
    return value
