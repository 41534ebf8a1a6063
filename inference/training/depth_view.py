"""Depth as pictures, to look at while a network learns."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

RANGE: Final = 0.08
"""Metres on either side of the head centre over which colours run."""

WORST: Final = 0.015
"""Metres of error that are drawn brightest."""

Bytes = npt.NDArray[np.uint8]
Values = npt.NDArray[Any]


def sheet(pictures: Values, truth: Values, mask: Values, depth: Values, logit: Values) -> Bytes:
    """One row each of pictures, true depth, depth found, error.

    Parameters
    ----------
    pictures : ndarray, shape (N, S, S, 3), uint8
    truth, depth : ndarray, shape (N, 1, S, S), metres
    mask : ndarray of bool, shape (N, 1, S, S)
    logit : ndarray, shape (N, 1, S, S)
        Of the mask found; depth is drawn where it is above zero.

    Returns
    -------
    ndarray, shape (4·S, N·S, 3), uint8
    """
    columns = []
    for k in range(len(pictures)):
        inside = mask[k, 0]
        error = np.abs(depth[k, 0] - truth[k, 0])
        columns.append(
            np.concatenate(
                [
                    pictures[k].astype(np.uint8),
                    coloured(truth[k, 0], inside),
                    coloured(depth[k, 0], logit[k, 0] > 0.0),
                    _mapped(error / WORST, inside, cv2.COLORMAP_INFERNO),
                ]
            )
        )
    return np.concatenate(columns, axis=1)


def coloured(depth: Values, mask: Values) -> Bytes:
    """Depth (H, W) in metres as colours, near warm, black off the mask."""
    return _mapped((RANGE - depth) / (2 * RANGE), mask, cv2.COLORMAP_TURBO)


def _mapped(share: Values, mask: Values, colours: int) -> Bytes:
    steps = (np.clip(share, 0.0, 1.0) * 255.0).astype(np.uint8)
    picture = cv2.cvtColor(cv2.applyColorMap(steps, colours), cv2.COLOR_BGR2RGB)
    return np.where(mask[..., None], picture, 0).astype(np.uint8)
