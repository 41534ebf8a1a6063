"""From scene light to a picture as a cheap camera makes it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Film:
    """How a camera turns light into a picture.

    Attributes
    ----------
    brightness : float
        What the mean of the metered part becomes, 0 to 1, linear.
    contrast : float
        1 for the film curve as it is; more steepens it.
    saturation : float
    white : tuple of float
        Gains of red and blue.
    vignette : float
        Share of light lost in the corners.
    infra_red : bool
        Whether the picture is grey, from an infra-red lamp beside the lens.
    """

    brightness: float = 0.2
    contrast: float = 1.0
    saturation: float = 1.0
    white: tuple[float, float] = (1.0, 1.0)
    vignette: float = 0.0
    infra_red: bool = False


def draw_film(rng: np.random.Generator, infra_red: bool) -> Film:
    """A random camera."""
    return Film(
        brightness=float(rng.uniform(0.09, 0.21)),
        contrast=float(rng.uniform(0.92, 1.25)),
        saturation=float(rng.uniform(0.7, 1.2)),
        white=(float(rng.uniform(0.9, 1.12)), float(rng.uniform(0.9, 1.12))),
        vignette=float(rng.uniform(0.0, 0.35)),
        infra_red=infra_red,
    )


def developed(light: Floats, metered: NDArray[np.bool_], film: Film) -> Bytes:
    """A picture, shape (H, W, 3), of linear light.

    Parameters
    ----------
    light : ndarray, shape (H, W, 3), linear Rec. 709
    metered : ndarray, shape (H, W)
        The part by which the camera is exposed.
    """
    light = light.astype(np.float32)
    if film.infra_red:
        # skin and most cloth are pale in the near infra-red: red counts most
        grey = light @ np.array([0.75, 0.2, 0.05], np.float32)
        light = np.repeat(grey[..., None], 3, axis=2)
    level = light[metered] @ np.array([0.21, 0.72, 0.07], np.float32) if metered.any() else light
    middle = max(float(np.median(level)), 1e-5)
    mean = max(float(np.minimum(level, 6.0 * middle).mean()), 1e-5)
    # what is brightest of the cabin, mostly people, keeps its drawing
    gain = min(film.brightness / mean, 0.95 / max(float(np.quantile(level, 0.96)), 1e-5))
    gains = np.array([film.white[0], 1.0, film.white[1]], np.float32)
    if film.infra_red:
        gains[:] = 1.0
    x = light * np.float32(gain) * gains * _falloff(light.shape, film.vignette)
    grey = x @ np.array([0.21, 0.72, 0.07], np.float32)
    x = np.maximum(grey[..., None] + np.float32(film.saturation) * (x - grey[..., None]), 0.0)
    x = np.float32(0.18) * (x / np.float32(0.18)) ** np.float32(film.contrast)
    # Narkowicz 2015, "ACES Filmic Tone Mapping Curve"
    x = x * np.float32(0.72)
    shown = (x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14)
    shown = np.clip(shown, 0.0, 1.0)
    screen = np.where(shown <= 0.0031308, shown * 12.92, 1.055 * shown ** (1 / 2.4) - 0.055)
    return np.asarray(screen * 255.0 + 0.5, np.uint8)


def _falloff(shape: tuple[int, ...], amount: float) -> Floats:
    y, x = np.meshgrid(np.linspace(-1, 1, shape[0]), np.linspace(-1, 1, shape[1]), indexing="ij")
    return np.asarray(1.0 - amount * ((x * x + y * y) / 2.0)[..., None] ** 1.5, np.float32)
