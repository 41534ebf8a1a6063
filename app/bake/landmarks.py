"""Places on the body mesh that painting and hair refer to, by base-mesh vertex."""

from __future__ import annotations

import numpy as np

from app.bake.mesh import Floats

BROW_RIGHT = (11832, 11902, 7457, 11850, 7571)
BROW_LEFT = (5222, 5171)
LIP_CORNERS = (13354, 6784)
NOSE_TIP = 225
NOSE_WINGS = (6984, 7030)
LIP_TOP = 5054
CHIN = 5241
IBUG_68 = (
    5769, 5763, 5092, 866, 5241, 737, 5297, 5222, 5171, 11832, 11902, 7457, 11850, 7571, 11707,
    12360, 12366, 261, 225, 222, 205, 209, 6984, 6980, 6996, 6999, 7030, 132, 131, 201, 5054, 318,
    313, 317, 7076, 7080, 6758, 0, 54, 66, 6772, 6776, 6850, 6838, 6784, 13354, 13372, 13368, 425,
    5351, 460, 466, 7219, 11953, 7185, 7235, 7241, 492, 486, 480, 433, 471, 474, 7227, 7193, 7242,
    493, 487,
)  # fmt: skip


def ibug(vertices: Floats) -> Floats:
    """The 68 points of iBUG on a body, shape (68, 3); a first choice, settled elsewhere."""
    points: Floats = vertices[np.array(IBUG_68)]
    return points
