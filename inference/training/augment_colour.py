"""Tone and colour: what cameras, lamps and retouching make of a picture."""

from __future__ import annotations

import cv2
import numpy as np

from inference.training.augment_view import Bytes, Floats, Others, View, between

_LUMA: Floats = np.array([0.299, 0.587, 0.114], np.float32)
_LEVELS: Floats = np.arange(256, dtype=np.float32) / 255.0


def _curve(picture: Bytes, curve: Floats) -> Bytes:
    return np.asarray(cv2.LUT(picture, np.clip(curve * 255.0 + 0.5, 0, 255).astype(np.uint8)))


def tone(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """Gamma, exposure, contrast by an S-curve, lifted blacks, clipped whites."""
    x = _LEVELS ** np.exp(rng.normal(0.0, 0.3))
    x = x * np.exp(rng.normal(0.0, 0.18))
    if rng.random() < 0.6:
        steep = between(rng, 0.0, 6.0)
        middle = between(rng, 0.3, 0.65)
        bent = 1.0 / (1.0 + np.exp(-steep * (x - middle)))
        x = x + between(rng, 0.0, 1.0) * (bent - x)
    if rng.random() < 0.4:
        low, high = between(rng, -0.12, 0.15), between(rng, 0.8, 1.25)
        x = low + x * (high - low)
    return _curve(view.picture, x.astype(np.float32))


def balance(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """White balance: a gain for each channel, warm or cold more often than green or magenta."""
    warm, green = rng.normal(0.0, 0.13), rng.normal(0.0, 0.05)
    gains = np.exp(np.array([warm, green, -warm]))
    gamma = np.exp(rng.normal(0.0, 0.05, 3))
    curves = np.stack([_LEVELS**g * k for g, k in zip(gamma, gains, strict=True)], axis=1)
    table = np.clip(curves * 255.0 + 0.5, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(view.picture, table[None]))


def saturation(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """Colours weaker or stronger, and turned a little about the grey axis."""
    strength = between(rng, 0.0, 1.7)
    axis = np.full(3, 1.0 / np.sqrt(3.0))
    angle = rng.normal(0.0, 0.12)
    skew = np.cross(np.eye(3), axis)
    turn = np.eye(3) + np.sin(angle) * skew + (1.0 - np.cos(angle)) * skew @ skew
    grey_part = np.tile(_LUMA, (3, 1))
    matrix = (grey_part + strength * (np.eye(3) - grey_part)) @ turn
    return np.asarray(cv2.transform(view.picture, matrix.astype(np.float32)))


def grey(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """Black and white by some mixture of the channels, sometimes toned."""
    weights = rng.dirichlet(_LUMA * 8.0)
    one = cv2.transform(view.picture, weights[None].astype(np.float32))
    picture = cv2.merge([one, one, one])
    if rng.random() < 0.25:
        warm = between(rng, 0.0, 0.15)
        table = np.stack([_LEVELS ** (1.0 - warm), _LEVELS, _LEVELS ** (1.0 + 2 * warm)], axis=1)
        picture = cv2.LUT(picture, (table * 255.0).astype(np.uint8)[None])
    return np.asarray(picture)


def infra_red(view: View, rng: np.random.Generator, others: Others) -> Bytes:
    """A night camera: red weighs most, pale skin, light from the lens that falls off outwards."""
    weights = np.array([[between(rng, 0.6, 1.1), between(rng, 0.0, 0.4), -0.1]], np.float32)
    one = cv2.transform(view.picture, weights).astype(np.float32)
    at = np.linspace(-1.0, 1.0, view.size, dtype=np.float32)
    far = at[None, :] ** 2 + at[:, None] ** 2
    one *= between(rng, 0.8, 1.5) / (1.0 + between(rng, 0.2, 1.5) * far)
    behind = view.head * np.float32(1.0 / 255.0)
    one *= behind + (1.0 - behind) * between(rng, 0.15, 0.8)
    flat = np.clip(one, 0.0, 255.0).astype(np.uint8)
    return np.asarray(cv2.merge([flat, flat, flat]))
