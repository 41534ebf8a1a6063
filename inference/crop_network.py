"""A network that looks at square crops in colour."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from inference.sessions import Floats, ModelError, Session, check_outputs, square_side

Bytes = NDArray[np.uint8]


class CropNetwork:
    """A session whose input ``pictures`` are crops, tried once on two black ones.

    Parameters
    ----------
    session : Session
    sizes : tuple of int
        Least and largest side that is taken.
    outputs : collection of str
        Names that it has to give.
    lacking : str
        What it is told to be otherwise.

    Attributes
    ----------
    size : int
        Pixels along the side of a crop.
    tried : dict of str to ndarray
        What came of the two crops.

    Raises
    ------
    ModelError
        When inputs and outputs are not those of such a network.
    """

    def __init__(
        self, session: Session, sizes: tuple[int, int], outputs: Collection[str], lacking: str
    ) -> None:
        self._session = session
        self.size = square_side(session, sizes)
        if not set(outputs) <= set(session.outputs):
            raise ModelError(f"{session.path}: {lacking}")
        self.tried = self.look(np.zeros((2, self.size, self.size, 3), np.uint8))

    def check(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        """Raise `ModelError` unless two crops gave arrays of these shapes."""
        check_outputs(self._session, self.tried, shapes)

    def look(self, crops: Sequence[Bytes] | Bytes) -> dict[str, Floats]:
        """Outputs by name, an entry for each crop of shape (size, size, 3), RGB.

        Raises
        ------
        ModelError
            When the network fails.
        """
        batch = np.stack(list(crops)).transpose(0, 3, 1, 2)
        given = np.ascontiguousarray(batch, np.float32) / np.float32(255.0)
        return self._session.run({"pictures": given})
