"""A network from elsewhere, used as this project's own by what its manifest says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.dataset.sample import rotation_in_camera
from app.geometry.rotations import Angles, matrix_from_pose_para, nearest_rotation
from inference.card import Card
from inference.crop import Crop
from inference.face import LIVE, Effort, Look, face_of_look, lean, settled
from inference.live.manifest import Manifest, Output, Points, Pose, Sigma, Taken, Unit
from inference.results import Box, Bytes, Face, Floats
from inference.sessions import ModelError, Session

BATCH: Final = 16
OUTLINED: Final = 68
EYES: Final = (36, 45)
"""Outer corners of the eyes in iBUG-68, the one that lies left in the picture first."""

_LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)
_FLIP: Final = np.diag([1.0, -1.0, -1.0])


class ManifestPredictor:
    """Landmarks by a network that a manifest describes.

    Parameters
    ----------
    session : Session
    manifest : Manifest

    Attributes
    ----------
    card : Card
        With what the manifest says.
    size : int
        Side of a crop in pixels.
    points : int

    Raises
    ------
    ModelError
        When the inputs and outputs of the network are not those of the manifest.
    """

    def __init__(self, session: Session, manifest: Manifest) -> None:
        self._session = session
        self.manifest = manifest
        self.size = manifest.input.size
        self.points = manifest.landmarks.count
        self.card = Card(
            name=manifest.name,
            kind="landmarks",
            summary=manifest.summary,
            input_size=self.size,
            crop_scale=manifest.crop.scale,
            opset=session.opset,
            sha256=manifest.sha256,
            facts={"source": manifest.source, "licence": manifest.licence},
        )
        self._input = _input_name(session, manifest.input)
        self._most = session.inputs[self._input].shape[0] or BATCH
        self._fixed = session.inputs[self._input].shape[0] > 0
        self._named = _output_names(session, manifest)
        self._outlined = _outline_weights(manifest.landmarks)
        self._check()

    def around(self, box: Box) -> Crop:
        """The upright crop about a tight box.

        Raises
        ------
        ValueError
            When the box has no extent.
        """
        return self._crop(box, 0.0)

    def closer(self, look: Look) -> Crop:
        """The crop about the 68 points of a look, turned with the face where the manifest asks."""
        angle = 0.0
        if self.manifest.crop.upright:
            left, right = look.outlined[EYES[0]], look.outlined[EYES[1]]
            angle = math.degrees(math.atan2(right[1] - left[1], right[0] - left[0]))
            if look.rotation is not None:
                angle = lean(look.rotation)
        turn = Crop((0.0, 0.0), 1.0, self.size, angle)
        return self._crop(Box.of_points(turn.to_unit(look.outlined)), angle)

    def predict(
        self,
        picture: Bytes,
        boxes: Sequence[Box],
        scores: Sequence[float] | None = None,
        effort: Effort = LIVE,
    ) -> tuple[Face, ...]:
        """Faces in the order of their boxes; see `inference.face.FacePredictor.predict`.

        Mirrored looks are not taken: a manifest does not say which points mirror each other.

        Raises
        ------
        ModelError
            When the network fails.
        ValueError
            When a box has no extent.
        """
        crops = [self.around(box) for box in boxes]
        _, looks = settled(
            lambda given: self.look(picture, given), self.closer, crops, effort.passes
        )
        given = scores if scores is not None else [None] * len(boxes)
        return tuple(
            face_of_look(box, score, look)
            for box, score, look in zip(boxes, given, looks, strict=True)
        )

    def look(self, picture: Bytes, crops: Sequence[Crop]) -> list[Look]:
        """One look at each crop.

        Its points are those of the network where they are a topology of this project, and else the
        68 that the manifest makes of them.

        Raises
        ------
        ModelError
            When the network fails.
        """
        looks: list[Look] = []
        for start in range(0, len(crops), self._most):
            batch = crops[start : start + self._most]
            outputs = self._run([crop.cut(picture) for crop in batch])
            looks += [self._read(outputs, k, crop) for k, crop in enumerate(batch)]
        return looks

    def _crop(self, box: Box, angle: float) -> Crop:
        """The crop about a box whose sides lie along axes that are turned by an angle."""
        rule = self.manifest.crop
        flat = Crop.around(box.as_tuple(), self.size, rule.scale)
        longer = flat.side / rule.scale
        middle = np.array(flat.centre) + longer * np.array(rule.shift)
        x, y = Crop((0.0, 0.0), 1.0, self.size, angle).to_picture(middle)
        return Crop((float(x), float(y)), flat.side, self.size, angle)

    def _run(self, cuts: Sequence[Bytes]) -> dict[str, Floats]:
        given = np.stack([_prepared(cut, self.manifest.input) for cut in cuts])
        if self._fixed and len(given) < self._most:
            spare = np.zeros((self._most - len(given), *given.shape[1:]), np.float32)
            given = np.concatenate([given, spare])
        return self._session.run({self._input: np.ascontiguousarray(given)})

    def _read(self, outputs: dict[str, Floats], k: int, crop: Crop) -> Look:
        told, named = self.manifest, self._named
        values = outputs[named[told.landmarks.output]][k]
        placed = crop.to_picture(_units(values, told.landmarks, self.size)).astype(np.float32)
        outlined = (self._outlined @ placed).astype(np.float32)
        sigma = presence = rotation = None
        if told.sigma:
            values = outputs[named[told.sigma.output]][k].ravel()
            sigma = (_deviation(values, told.sigma, self.size) * crop.side).astype(np.float32)
        if told.presence:
            value = float(outputs[named[told.presence.output]][k].ravel()[told.presence.index])
            sure = _sigmoid(value) if told.presence.activation == "sigmoid" else value
            presence = min(max(sure, 0.0), 1.0)
        if told.pose:
            seen = _rotation(outputs[named[told.pose.output]][k].ravel(), told.pose)
            rotation = (crop.turn @ seen).astype(np.float32)
        if told.landmarks.topology == "other":
            placed = outlined
            sigma = None if sigma is None else (self._outlined @ sigma).astype(np.float32)
        return Look(placed, outlined, sigma, rotation, presence)

    def _check(self) -> None:
        """Compare a run on black pictures with what the manifest says."""
        path, told, points = self._session.path, self.manifest, self.manifest.landmarks
        count = self._most if self._fixed else 2
        found = self._run([np.zeros((self.size, self.size, 3), np.uint8)] * count)
        needs: list[tuple[str, Output, int]] = []
        if points.form != "heatmaps":
            needs.append(("landmarks", points.output, points.count * len(points.form)))
        if told.sigma:
            needs.append(("sigma", told.sigma.output, points.count))
        if told.pose:
            needs.append(("pose", told.pose.output, 9 if told.pose.form == "matrix" else 3))
        for name in self._named.values():
            if found[name].ndim == 0 or found[name].shape[0] != count:
                raise ModelError(f"{path}: {name} {found[name].shape} is not for {count} pictures")
        for part, output, numbers in needs:
            name = self._named[output]
            if found[name][0].size != numbers:
                raise ModelError(
                    f"{path}: {name} {found[name].shape} has not the {numbers} numbers a picture "
                    f"that the manifest says ({part})"
                )
        if points.form == "heatmaps":
            name = self._named[points.output]
            shape = found[name].shape
            if len(shape) != 4 or shape[1] != points.count or min(shape) < 1:
                raise ModelError(
                    f"{path}: {name} {shape} is not {points.count} heat maps a picture"
                )
        if told.presence:
            name = self._named[told.presence.output]
            if told.presence.index >= found[name][0].size:
                raise ModelError(f"{path}: {name} has no number {told.presence.index}")


def _output_names(session: Session, manifest: Manifest) -> dict[Output, str]:
    """Names of the outputs that a manifest speaks of, by name or place."""
    parts = (manifest.landmarks, manifest.presence, manifest.sigma, manifest.pose)
    names = list(session.outputs)
    found: dict[Output, str] = {}
    for output in (part.output for part in parts if part is not None):
        known = output < len(names) if isinstance(output, int) else output in names
        if not known:
            raise ModelError(
                f"{session.path}: gives {', '.join(names)}; the manifest speaks of {output}"
            )
        found[output] = names[output] if isinstance(output, int) else output
    return found


def _input_name(session: Session, taken: Taken) -> str:
    name = taken.name or next(iter(session.inputs), "")
    side, channels = taken.size, taken.channels
    wanted = (side, side, channels) if taken.layout == "NHWC" else (channels, side, side)
    others = [other for other in session.inputs if other != name]
    if name not in session.inputs or others:
        takes = ", ".join(session.inputs)
        raise ModelError(f"{session.path}: takes {takes}; the manifest fills {name or 'nothing'}")
    shape = session.inputs[name].shape
    if not session.inputs[name].takes((shape[0] if shape else 0, *wanted)):
        raise ModelError(f"{session.path}: takes {name} {shape}; the manifest says {wanted}")
    if shape[0] > BATCH:
        raise ModelError(f"{session.path}: takes {shape[0]} pictures at once, more than {BATCH}")
    return name


def _prepared(cut: Bytes, taken: Taken) -> Floats:
    values = cut.astype(np.float32)
    if taken.colour == "grey":
        values = (values @ _LUMA)[:, :, None]
    elif taken.colour == "BGR":
        values = values[:, :, ::-1]
    mean, deviation = np.array(taken.mean, np.float32), np.array(taken.deviation, np.float32)
    values = (values / np.float32(taken.divide) - mean) / deviation
    return values if taken.layout == "NHWC" else values.transpose(2, 0, 1)


def _units(values: Floats, points: Points, size: int) -> Floats:
    """Points (L, 3) in crop units from the output for one picture."""
    if points.form == "heatmaps":
        return _peaks(values)
    read = values.reshape(points.count, len(points.form)).astype(np.float64)
    scale, offset = _linear(points.unit, size)
    units = np.zeros((points.count, 3))
    units[:, :2] = read[:, :2] * scale + offset
    if points.form == "xyz":
        units[:, 2] = read[:, 2] * (scale if points.depth == "away" else -scale)
    return units.astype(np.float32)


def _linear(unit: Unit, size: int) -> tuple[float, float]:
    """Factor and addend from a unit to crop units."""
    return {
        "pixels": (1.0 / size, -0.5),
        "pixel-centres": (1.0 / size, 0.5 / size - 0.5),
        "crop": (1.0, -0.5),
        "centred": (1.0, 0.0),
        "signed": (0.5, 0.0),
    }[unit]


def _peaks(maps: Floats) -> Floats:
    """Middles of what lies about the highest place of each map (L, h, w), crop units, z 0."""
    count, height, width = maps.shape
    rows, columns = np.divmod(maps.reshape(count, -1).argmax(axis=1), width)
    padded = np.pad(np.maximum(maps, 0.0), ((0, 0), (1, 1), (1, 1)))
    steps = np.arange(3)
    each = np.arange(count)[:, None, None]
    near = padded[each, (rows[:, None] + steps)[:, :, None], (columns[:, None] + steps)[:, None, :]]
    total = near.sum(axis=(1, 2))
    total = np.where(total > 0.0, total, 1.0)
    x = columns + (near.sum(axis=1) @ (steps - 1.0)) / total
    y = rows + (near.sum(axis=2) @ (steps - 1.0)) / total
    units = np.zeros((count, 3))
    units[:, 0], units[:, 1] = (x + 0.5) / width - 0.5, (y + 0.5) / height - 0.5
    return units.astype(np.float32)


def _deviation(values: Floats, sigma: Sigma, size: int) -> Floats:
    """Deviations in crop units."""
    scale = _linear(sigma.unit, size)[0]
    if sigma.form == "deviation":
        return np.abs(values) * np.float32(scale)
    variance = np.exp(np.minimum(values, 60.0)) if sigma.form == "log-variance" else values
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)) * scale, np.float32)


def _rotation(values: Floats, pose: Pose) -> NDArray[np.float64]:
    """Rotation of the head in the camera's axes, shape (3, 3)."""
    if pose.form == "matrix":
        matrix = values.reshape(3, 3).astype(np.float64)
        seen = _FLIP @ matrix @ _FLIP if pose.axes == "scene" else matrix
        return np.asarray(nearest_rotation(seen), np.float64)
    told = {n: s * float(v) for n, s, v in zip(pose.order, pose.signs, values, strict=True)}
    if pose.unit == "radians":
        told = {name: math.degrees(value) for name, value in told.items()}
    return rotation_in_camera(matrix_from_pose_para(Angles(**told)))


def _outline_weights(points: Points) -> NDArray[np.float32]:
    """By which the 68 points are means of the network's, shape (68, L)."""
    entries: Sequence[Any] = points.to_68 if points.to_68 is not None else range(OUTLINED)
    weights = np.zeros((OUTLINED, points.count), np.float32)
    for row, entry in enumerate(entries):
        chosen = entry if isinstance(entry, list) else [entry]
        np.add.at(weights[row], chosen, 1.0 / len(chosen))
    return weights


def _sigmoid(value: float) -> float:
    return 0.5 * (1.0 + math.tanh(0.5 * value))
