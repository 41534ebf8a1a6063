"""Label transfer: from the synthetic landmarks to the 68 points as people annotate them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.dataset.sample import POINTS
from inference.sessions import ModelError, Session, check_outputs

Floats = NDArray[np.float32]


class Transfer:
    """A network of the kind ``transfer``.

    Raises
    ------
    ModelError
        When inputs and outputs are not those of such a network.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        if "landmarks" not in session.inputs or "landmarks_68" not in session.outputs:
            raise ModelError(f"{session.path}: this is no label transfer")
        found = session.run({"landmarks": np.zeros((2, POINTS, 3), np.float32)})
        check_outputs(session, found, {"landmarks_68": (2, 68, 3)})

    def apply(self, landmarks: Floats) -> Floats:
        """Landmarks (N, 588, 3) in crop units to those of the annotation (N, 68, 3)."""
        return self._session.run({"landmarks": landmarks})["landmarks_68"]
