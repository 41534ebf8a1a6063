"""What a network from elsewhere takes and gives, as a YAML file beside it says.

The file is data from strangers: bounded in size, read by PyYAML's safe loader without aliases and
without doubled keys, then held against the types below, where an unknown key is an error.
docs/live-models.md describes every field.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
import yaml
from msgspec import Meta, Struct, field

from app.files import read_bytes
from inference.crop import CROP_SCALE

FORMAT: Final = "headroom-manifest"
FORMAT_VERSION: Final = 1
SIZE_LIMIT: Final = 64 * 2**10
SUFFIXES: Final = (".yaml", ".yml")
MOST_POINTS: Final = 4096
MOST_BRACKETS: Final = 2000
"""Lists and mappings in brackets; thousands inside each other take PyYAML minutes."""

Index = Annotated[int, Meta(ge=0, lt=MOST_POINTS)]
Output = Annotated[str, Meta(min_length=1, max_length=200)] | Annotated[int, Meta(ge=0, lt=256)]
"""An output by its name, or by its place from 0 where exporters make up the name."""

Number = Annotated[float, Meta(ge=-1e6, le=1e6)]
Positive = Annotated[float, Meta(gt=1e-6, le=1e6)]

Unit = Literal["pixels", "pixel-centres", "crop", "centred", "signed"]
"""What runs across the crop: 0 to S, −0.5 to S − 0.5, 0 to 1, −0.5 to 0.5, −1 to 1."""


class ManifestError(Exception):
    """What is wrong with a manifest, in one line."""


class Taken(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The picture as the network takes it: (value / divide − mean) / deviation.

    Attributes
    ----------
    name : str
        Of the input; empty where there is one alone.
    size : int
        Pixels along the side.
    layout, colour : str
    divide : float
    mean, deviation : list of float
        One for all channels, or one for each, in the order of ``colour``.
    """

    name: Annotated[str, Meta(max_length=200)] = ""
    size: Annotated[int, Meta(ge=16, le=1024)]
    layout: Literal["NCHW", "NHWC"] = "NCHW"
    colour: Literal["RGB", "BGR", "grey"] = "RGB"
    divide: Positive = 255.0
    mean: Annotated[list[Number], Meta(min_length=1, max_length=3)] = field(
        default_factory=lambda: [0.0]
    )
    deviation: Annotated[list[Positive], Meta(min_length=1, max_length=3)] = field(
        default_factory=lambda: [1.0]
    )

    @property
    def channels(self) -> int:
        return 1 if self.colour == "grey" else 3


class CropRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which square about a face the network looks at.

    Attributes
    ----------
    scale : float
        Side of the square over the longer side of the box, which is tight about the 68 points.
    shift : (float, float)
        By which its middle lies right of and below the box's, in longer sides of the box; along
        the axes of the square where that is turned.
    upright : bool
        The square is turned with the face, so that the eyes lie level in it.
    """

    scale: Annotated[float, Meta(ge=0.5, le=5.0)] = CROP_SCALE
    shift: tuple[
        Annotated[float, Meta(ge=-1.0, le=1.0)], Annotated[float, Meta(ge=-1.0, le=1.0)]
    ] = (0.0, 0.0)
    upright: bool = False


class Points(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The output with the landmarks.

    Attributes
    ----------
    output : str or int
    count : int
    form : str
        ``xy`` or ``xyz``, number by number; or ``heatmaps``, one map a point, whose highest place
        is the point.
    unit : str
        Of x, y and z; heat maps have none.
    depth : str
        Where z grows: away from the camera or towards it.
    topology : str
        ``ibug-68`` and ``dense-520`` are known with their order; ``other`` needs ``to_68``.
    to_68 : list, optional
        For each point of iBUG-68 the number of the output's point, or a list of numbers whose
        mean it is.
    """

    output: Output
    count: Annotated[int, Meta(ge=1, le=MOST_POINTS)]
    form: Literal["xy", "xyz", "heatmaps"]
    unit: Unit = "crop"
    depth: Literal["away", "towards"] = "away"
    topology: Literal["ibug-68", "dense-520", "other"]
    to_68: list[Index | Annotated[list[Index], Meta(min_length=1, max_length=8)]] | None = None


class Presence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The output that tells whether there is a face; ``index`` is the number's place in it."""

    output: Output
    index: Index = 0
    activation: Literal["none", "sigmoid"] = "none"


class Sigma(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The output with the expected deviation of a coordinate of each point, in ``unit``."""

    output: Output
    unit: Unit = "crop"
    form: Literal["deviation", "variance", "log-variance"] = "deviation"


class Pose(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The output with the head's pose.

    Attributes
    ----------
    output : str or int
    form : str
        ``angles``: three in ``order``, each times its sign is the angle of ``pose_para``;
        ``matrix``: the head's rotation, row by row, in ``axes``.
    unit, order, signs
        Of angles.
    axes : str
        Of a matrix: ``image`` x right, y down, z away; ``scene`` x right, y up, z to the camera.
    """

    output: Output
    form: Literal["angles", "matrix"]
    unit: Literal["degrees", "radians"] = "degrees"
    order: tuple[
        Literal["yaw", "pitch", "roll"],
        Literal["yaw", "pitch", "roll"],
        Literal["yaw", "pitch", "roll"],
    ] = ("yaw", "pitch", "roll")
    signs: tuple[Literal[-1, 1], Literal[-1, 1], Literal[-1, 1]] = (1, 1, 1)
    axes: Literal["image", "scene"] = "image"


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A network that finds the landmarks of a face in a square crop.

    Attributes
    ----------
    name : str
    summary, source, licence : str
        For people: one line, where it is from, under which terms.
    sha256 : str
        Of the ONNX file; empty where any will do.
    input : Taken
    crop : CropRule
    landmarks : Points
    presence, sigma, pose : optional
    """

    format: Literal["headroom-manifest"]
    version: Literal[1]
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    summary: Annotated[str, Meta(max_length=500)] = ""
    source: Annotated[str, Meta(max_length=500)] = ""
    licence: Annotated[str, Meta(max_length=200)] = ""
    sha256: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""
    input: Taken
    crop: CropRule = CropRule()
    landmarks: Points
    presence: Presence | None = None
    sigma: Sigma | None = None
    pose: Pose | None = None


def read_manifest(path: Path) -> Manifest:
    """A manifest from its file.

    Raises
    ------
    ManifestError
        With one line that names the file, the place in it and what is wrong there.
    """
    try:
        data = read_bytes(path, SIZE_LIMIT)
    except OSError as problem:
        raise ManifestError(f"{path}: cannot be read: {problem.strerror}") from None
    try:
        return parse_manifest(data)
    except ManifestError as problem:
        raise ManifestError(f"{path}: {problem}") from None


def parse_manifest(data: bytes) -> Manifest:
    """A manifest from its text.

    Raises
    ------
    ManifestError
    """
    if len(data) > SIZE_LIMIT:
        raise ManifestError(f"larger than {SIZE_LIMIT // 1024} kB, no manifest is")
    if sum(data.count(sign) for sign in (b"[", b"{")) > MOST_BRACKETS:
        raise ManifestError(f"has more than {MOST_BRACKETS} lists and mappings in brackets")
    try:
        root = yaml.compose(data, yaml.SafeLoader)
        _check_plain(root)
        read = yaml.safe_load(data)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        where = f"line {mark.line + 1}: " if mark else ""
        raise ManifestError(f"{where}{_line(problem.problem or problem)}") from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as problem:
        raise ManifestError(f"this is no YAML: {_line(problem)}") from None
    if not isinstance(read, dict) or read.get("format") != FORMAT:
        raise ManifestError(f"is no manifest: it must say format: {FORMAT}")
    if read.get("version") != FORMAT_VERSION:
        raise ManifestError(
            f"written as version {read.get('version')!r}; this program reads {FORMAT_VERSION}"
        )
    try:
        manifest = msgspec.convert(read, Manifest)
    except msgspec.ValidationError as problem:
        raise ManifestError(_line(problem).replace("`$.", "`")) from None
    _check(manifest)
    return manifest


def _check(manifest: Manifest) -> None:
    """What types alone do not say.

    Raises
    ------
    ManifestError
    """
    given, points = manifest.input, manifest.landmarks
    for name, values in (("mean", given.mean), ("deviation", given.deviation)):
        if len(values) not in (1, given.channels):
            raise ManifestError(
                f"input.{name} has {len(values)} numbers; {given.colour} takes 1"
                + (f" or {given.channels}" if given.channels > 1 else "")
            )
    known = {"ibug-68": 68, "dense-520": 520}.get(points.topology)
    if known is not None and points.count != known:
        raise ManifestError(f"landmarks.count is {points.count}; {points.topology} has {known}")
    if known is not None and points.to_68 is not None:
        raise ManifestError(f"landmarks.to_68 is known for {points.topology}; leave it out")
    if known is None:
        if points.to_68 is None:
            raise ManifestError("landmarks.to_68 is missing: it says where the 68 points are from")
        if len(points.to_68) != 68:
            raise ManifestError(f"landmarks.to_68 has {len(points.to_68)} entries, not 68")
        used = [
            i for entry in points.to_68 for i in (entry if isinstance(entry, list) else [entry])
        ]
        if max(used) >= points.count:
            raise ManifestError(
                f"landmarks.to_68 names the point {max(used)}; there are {points.count}, from 0"
            )
    if manifest.pose and sorted(manifest.pose.order) != ["pitch", "roll", "yaw"]:
        raise ManifestError("pose.order must name yaw, pitch and roll once each")


def _check_plain(root: Any) -> None:
    """Refuse aliases, keys that are no words, and keys that stand there twice.

    Raises
    ------
    ManifestError
    """
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            raise ManifestError(f"{_place(node)}aliases (*name) are not read; write the value out")
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.MappingNode):
            keys: set[str] = set()
            for key, value in node.value:
                if key.tag != "tag:yaml.org,2002:str":
                    raise ManifestError(f"{_place(key)}keys must be plain words")
                if key.value in keys:
                    raise ManifestError(f"{_place(key)}{key.value} stands there twice")
                keys.add(key.value)
                waiting.append(value)


def _place(node: Any) -> str:
    return f"line {node.start_mark.line + 1}: "


def _line(problem: object) -> str:
    return " ".join(str(problem).split())[:300]
