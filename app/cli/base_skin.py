"""The body model's skin for `app.topology`, which does not know the body model."""

from __future__ import annotations

import numpy as np

from app.topology.base_mesh import BaseMesh
from app.topology.base_skin import NAME, BaseSkin
from app.topology.dense_surface import FaceSkin


def outer_skin() -> BaseMesh:
    """The skin that can be seen, without the insides of mouth, nostrils and eye sockets.

    Raises
    ------
    ImportError
        Where the extra ``bake`` is absent.
    """
    return _skin(with_insides=False)


def whole_skin() -> BaseMesh:
    """As `outer_skin`, with the insides that people's heads keep: the edges of the lids, too."""
    return _skin(with_insides=True)


def _skin(with_insides: bool) -> BaseMesh:
    from app.bake.body import load_template
    from app.bake.head import canonical_positions, skin_mesh

    template = load_template()
    kept = np.isin(template.faces, skin_mesh().base_ids).all(axis=1)
    keep = kept & (with_insides | ~template.cavity)
    faces = template.faces[keep]
    triangles = np.concatenate([faces[:, [0, 1, 2]], faces[:, [0, 2, 3]]])
    return BaseMesh(NAME, canonical_positions(), triangles)


def face_skin() -> FaceSkin:
    """The skin with its hairline, between woman and man, and its ears.

    Raises
    ------
    ImportError
        Where the extra ``bake`` is absent.
    """
    from app.bake.body import load_template
    from app.bake.scalp import hairline_distance

    base = outer_skin()
    zone = load_template().zones["ears"]
    ears = np.zeros(len(base.vertices))
    ears[: len(zone)] = zone
    return FaceSkin(base, hairline_distance(base.vertices, 0.5, 30.0), ears)


def kept_skin() -> BaseSkin:
    """The whole skin as it is kept beside the topologies.

    Raises
    ------
    ImportError
        Where the extra ``bake`` is absent.
    """
    from app.bake.body import load_template
    from app.bake.head import skin_mesh

    face, template = face_skin(), load_template()
    kept = np.isin(template.faces, skin_mesh().base_ids).all(axis=1)
    quads = template.faces[kept]
    ids = np.unique(quads)
    return BaseSkin(
        ids,
        face.base.vertices[ids],
        quads,
        template.cavity[kept],
        face.hair[ids],
        face.ears[ids],
    )
