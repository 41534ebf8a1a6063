"""Glasses that sit on the nose and the ears of the face they are made for."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from app.bake.body import EYEBALLS, Body
from app.bake.head import skin_mesh, zone_masks
from app.bake.mesh import Bools, Floats
from app.bake.parts import Part
from app.bake.person import PersonSpec
from app.bake.strands import Surface, unit
from app.bake.tubes import Piece, bar, disc, flipped, globe, rigid_part

_POINTS = 36
_FROM_CORNEA = 0.0125  # metres from the front of the eyeball to the lens
_OFF_SKIN = 0.0020
_CURVE = 2.6  # 1/m: how much the front bends back towards its sides
_LEAN = 0.10  # the lower rims are nearer to the cheeks by this share of their height
_BRIDGE = 0.018
_TEMPLE = (0.0680, 0.0240, 0.0060)  # canonical: the side of the head behind the brow
_EAR = (0.0745, 0.0670, 0.0095)  # canonical: where the ear's upper edge leaves the head
_NOSE = (0.0, -0.0295, -0.0090)  # canonical: where the bridge rests


@dataclass(frozen=True)
class Frame:
    """Shape of a frame.

    Attributes
    ----------
    width, height : float
        Of one lens on a head of average breadth, metres.
    square : float
        Exponent of the superellipse: 2 is round, more is angular.
    drop : float
        How far the lower half reaches towards the nose side (negative) or cheek, share of width.
    lift : float
        How far the outer upper corner rises, metres.
    rim : float
        Breadth of the rim, metres.
    half : bool
        Without rim below.
    """

    width: float
    height: float
    square: float
    drop: float = 0.0
    lift: float = 0.0
    rim: float = 0.0032
    half: bool = False


FRAMES = {
    "round": Frame(0.0470, 0.0445, 2.1),
    "rectangular": Frame(0.0530, 0.0350, 4.5, rim=0.0036),
    "aviator": Frame(0.0560, 0.0480, 2.7, drop=-0.10, rim=0.0018),
    "cat-eye": Frame(0.0530, 0.0390, 2.8, lift=0.0060, rim=0.0038),
    "half-rim": Frame(0.0520, 0.0330, 3.6, rim=0.0026, half=True),
}


def glasses_part(surface: Surface, person: PersonSpec, body: Body) -> Part | None:
    """The glasses of one person, or None."""
    if person.glasses.frame == "none":
        return None
    fit = _Fit.of(surface, body)
    frame = FRAMES[person.glasses.frame]
    thin = 0.6 if person.glasses.metal else 1.0
    size = fit.breadth / 0.142
    width = min(frame.width * size, (fit.breadth - _BRIDGE) / 2 - 0.002)
    height = frame.height * (0.5 + 0.5 * size)
    outline = _outline(frame, width, height)
    centre = np.array([_BRIDGE / 2 + width / 2, -0.0035])
    flat = outline + centre
    front = fit.front(flat)
    pieces: list[tuple[str, Piece]] = []
    for sign in (1.0, -1.0):
        ring = fit.placed(flat * [sign, 1.0], front)
        middle = fit.placed((centre * [sign, 1.0])[None], front)[0]
        outward = unit(ring - ring.mean(axis=0))
        rim, deep = frame.rim * thin, 0.0032 * thin
        if frame.half:
            upper = np.flatnonzero(outline[:, 1] > -0.1 * height)
            upper = np.roll(upper, -int(np.argmax(np.diff(upper, append=upper[0]) != 1)) - 1)
            pieces.append(("glasses", bar(ring[upper], outward[upper], rim, deep)))
        else:
            pieces.append(("glasses", bar(ring, outward, rim, deep, closed=True)))
        lens = disc(ring, middle)
        pieces.append(("lens", lens if sign < 0 else flipped(lens)))
        pieces.append(("glasses", _temple(fit, sign, ring, outline, thin)))
        pieces.append(("lens" if person.glasses.tint < 0.4 else "glasses", _pad(fit, sign, front)))
    pieces.append(("glasses", _bridge(fit, front, flat, frame, thin)))
    return rigid_part("Glasses", pieces)


def _outline(frame: Frame, width: float, height: float) -> Floats:
    """Rim of the left lens about its centre, shape (M, 2), metres, x outwards, z up."""
    t = np.arange(_POINTS) / _POINTS * 2 * np.pi
    c, s = np.cos(t), np.sin(t)
    power = 2 / frame.square
    x = np.sign(c) * np.abs(c) ** power * width / 2
    z = np.sign(s) * np.abs(s) ** power * height / 2
    x = x + frame.drop * width * np.clip(-z / height, 0, 1) * 0.6
    upper = np.clip(2 * z / height, 0, 1) * np.clip(2 * x / width, 0, 1)
    z = z + frame.lift * upper + 0.08 * height * (frame.drop < 0) * np.clip(-z / height, 0, 1)
    return np.column_stack([x, z])


@dataclass(frozen=True, eq=False)
class _Fit:
    """Where on a face glasses rest; metres, world axes.

    Attributes
    ----------
    eyes : ndarray, shape (3,)
        Midpoint of the eyeballs.
    cornea : float
        Depth (y) of the front of the eyeballs.
    nose : ndarray, shape (3,)
    ears : ndarray, shape (2, 3)
        Left and right.
    breadth : float
        Of the front from hinge to hinge.
    """

    eyes: Floats
    cornea: float
    nose: Floats
    ears: Floats
    breadth: float
    face: cKDTree
    depth: Floats
    side: cKDTree
    reach: Floats

    @staticmethod
    def of(surface: Surface, body: Body) -> _Fit:
        vertices = surface.part.vertices
        index = _anchors()
        left, right, *ears = (vertices[k] for k in index[:4])
        eyes = body.head_centre
        front, flank = _regions()
        return _Fit(
            eyes=eyes,
            cornea=min(float(body.vertices[balls, 1].min()) for balls in EYEBALLS.values())
            - 0.0012,
            nose=vertices[index[4]],
            ears=np.stack(ears),
            breadth=float(left[0] - right[0]) + 0.003,
            face=cKDTree(vertices[front][:, [0, 2]]),
            depth=vertices[front, 1],
            side=cKDTree(vertices[flank][:, [1, 2]] * [1, 1]),
            reach=np.abs(vertices[flank, 0] - eyes[0]),
        )

    def front(self, flat: Floats) -> float:
        """Depth (y) of the front's middle at which neither rim nor lens touches the face."""
        both = np.concatenate([flat, flat * [-1, 1]])
        at = both + self.eyes[[0, 2]]
        _, near = self.face.query(at, k=6)
        skin = self.depth[near].min(axis=1) - _OFF_SKIN
        allowed = skin - _bend(both)
        pupil = np.array([[self.breadth * 0.22, 0.0]])
        of_lens = self.cornea - _FROM_CORNEA - float(_bend(pupil)[0])
        return float(min(allowed.min(), of_lens, self.nose[1] - 0.0005))

    def placed(self, flat: Floats, front: float) -> Floats:
        """Points of the front, shape (K, 3), from x and z about the eyes, shape (K, 2)."""
        depth = front + _bend(flat)
        return np.column_stack([flat[:, 0] + self.eyes[0], depth, flat[:, 1] + self.eyes[2]])

    def beside(self, points: Floats, sign: float) -> Floats:
        """Points, shape (K, 3), moved outwards as far as the head beside them asks."""
        _, near = self.side.query(points[:, [1, 2]], k=4)
        least = self.reach[near].max(axis=1) + 0.0016
        out = points.copy()
        away = np.abs(points[:, 0] - self.eyes[0])
        out[:, 0] = self.eyes[0] + sign * np.maximum(away, least)
        return out


def _bend(flat: Floats) -> Floats:
    """How far points of the front, shape (K, 2), lie behind its middle, shape (K,)."""
    return np.asarray(_CURVE * flat[:, 0] ** 2 - _LEAN * flat[:, 1])


@functools.cache
def _anchors() -> tuple[int, ...]:
    """Vertices of the skin nearest to temples, ears and bridge."""
    x, y, z = _TEMPLE
    ex, ey, ez = _EAR
    wanted = np.array([[x, y, z], [-x, y, z], [ex, ey, ez], [-ex, ey, ez], _NOSE])
    _, index = skin_mesh().tree.query(wanted)
    return tuple(int(k) for k in index)


@functools.cache
def _regions() -> tuple[Bools, Bools]:
    """Vertices that may lie behind the front, and those beside the temples without the ears."""
    p = skin_mesh().canonical
    outside = zone_masks()["inside"] < 0.5
    front = outside & (p[:, 1] < 0.03) & (np.abs(p[:, 2]) < 0.06)
    flank = outside & (p[:, 1] > -0.01) & (p[:, 1] < 0.12) & (np.abs(p[:, 2]) < 0.03)
    flank &= (np.abs(p[:, 0]) > 0.05) & (zone_masks()["ears"] < 0.2)
    return front, flank


def _temple(fit: _Fit, sign: float, ring: Floats, outline: Floats, thin: float) -> Piece:
    """One arm: from the rim's outer edge along the head, over the ear and down behind it."""
    outer = int(np.argmax(outline[:, 0] + 0.35 * outline[:, 1]))
    start = ring[outer]
    ear = fit.ears[0 if sign > 0 else 1] + [0.0, 0.0, 0.0015]
    hinge = np.array([fit.eyes[0] + sign * fit.breadth / 2, start[1] + 0.007, start[2]])
    share = np.linspace(0, 1, 7)[:, None]
    straight = fit.beside(hinge + share * (ear - hinge), sign)
    straight[0] = hinge
    tip = np.array([[0, 0.010, -0.002], [0, 0.020, -0.010], [0, 0.026, -0.022]])
    inward = np.array([[0.000], [0.002], [0.004]]) * np.array([[-sign, 0, 0]])
    path = np.concatenate([start[None], straight, straight[-1] + tip + inward])
    up = np.broadcast_to([0.0, 0.0, 1.0], path.shape)
    along = unit(np.gradient(path, axis=0))
    aside = unit(up - (up * along).sum(axis=1, keepdims=True) * along)
    return bar(path, aside, 0.0048 * thin, 0.0026 * thin)


def _bridge(fit: _Fit, front: float, flat: Floats, frame: Frame, thin: float) -> Piece:
    """The bow over the nose between both rims."""
    inner = flat[np.argmin(flat[:, 0] - 0.25 * flat[:, 1])]
    x = np.linspace(-inner[0], inner[0], 7)
    arch = 1 - (x / inner[0]) ** 2
    path = fit.placed(np.column_stack([x, inner[1] + 0.0025 * arch]), front)
    up = np.broadcast_to([0.0, 0.0, 1.0], path.shape)
    return bar(path, up, max(frame.rim, 0.0028) * thin, 0.003 * thin)


def _pad(fit: _Fit, sign: float, front: float) -> Piece:
    """A pad between the rim and the side of the nose."""
    at = np.array([fit.eyes[0] + sign * 0.0092, 0.0, fit.nose[2] + 0.0015])
    _, near = fit.face.query(at[[0, 2]], k=3)
    skin = float(fit.depth[near].min())
    deep = float(np.clip((skin - front) / 2, 0.0012, 0.004))
    at[1] = skin - 0.7 * deep
    return globe(at, np.diag([0.0011, deep, 0.0030]), 3, 6)
