"""Caps, woollen hats and earrings."""

from __future__ import annotations

import functools

import numpy as np
from scipy import sparse

from app.bake.body import Body
from app.bake.head import canonical_positions, skin_mesh, zone_masks
from app.bake.mesh import DerivedMesh, Floats, Ints, clip, edge_table
from app.bake.noise import fractal_noise
from app.bake.parts import Part, one_bone
from app.bake.person import PersonSpec
from app.bake.strands import Surface, unit
from app.bake.tubes import bar, globe, rigid_part

_EDGE = 0.043  # metres above the eyes at the front
_SLOPE = 0.36  # how much lower the edge lies towards the back
_CLOTH = {"beanie": 0.0085, "cap": 0.0060}
_OVER_HAIR = 0.0045
_CLEAR = 0.0095  # metres of a hat over the skin at least, more than the hair under it


def hat_height(p: Floats) -> Floats:
    """Height over the edge of a hat, metres, at canonical positions (N, 3); negative below it."""
    return np.asarray(p[:, 2] - _EDGE + _SLOPE * np.maximum(p[:, 1] + 0.01, 0))


@functools.cache
def _cut() -> tuple[DerivedMesh, Floats, sparse.csr_matrix]:
    """The part of the skin under a hat, its canonical positions, and the mean of neighbours."""
    skin = skin_mesh()
    ears = zone_masks()["ears"]
    field = np.where(ears > 0.3, -1e-3, hat_height(skin.canonical))
    mesh = clip(skin.mesh, np.where(np.abs(field) < 1e-7, 1e-7, field))
    edges, _ = edge_table(mesh.faces)
    count = mesh.carry.shape[0]
    ends = np.concatenate([edges, edges[:, ::-1]])
    link = sparse.csr_matrix((np.ones(len(ends)), ends.T), (count, count))
    total = np.maximum(np.asarray(link.sum(axis=1)).ravel(), 1)
    mean = sparse.csr_matrix(sparse.diags(1 / total) @ link)
    return mesh, np.asarray(mesh.carry @ canonical_positions()), mean


def hat_part(surface: Surface, person: PersonSpec, body: Body) -> Part | None:
    """A hat over the scalp, or None."""
    style = person.hat.style
    if style == "none":
        return None
    mesh, canonical, mean = _cut()
    skin = skin_mesh()
    _, index = skin.tree.query(canonical, k=3)
    normals = unit(surface.normals[index].mean(axis=1))
    at = mesh.vertices(body.vertices)
    up = np.maximum(hat_height(canonical), 0)
    folds = 0.0012 * fractal_noise(canonical, 0.03, 2, person.rng("hat"))
    rise = _OVER_HAIR + _CLOTH[style] + folds
    rise = rise + 0.010 * np.clip(up / 0.09, 0, 1) ** 2 * (style == "beanie")
    vertices = at + normals * rise[:, None]
    for _ in range(6):
        vertices = 0.5 * vertices + 0.5 * (mean @ vertices)
    off = ((vertices - at) * normals).sum(axis=1)
    vertices = vertices + normals * np.maximum(_CLEAR - off, 0.0015)[:, None]
    rim, rim_faces = _rim(vertices, normals, canonical, style)
    faces = np.concatenate([mesh.faces, np.where(rim_faces < 0, -1, rim_faces + len(vertices))])
    points = np.concatenate([vertices, rim])
    uv = np.full((len(faces), 4, 2), 0.5)
    return Part(
        name="Hat",
        vertices=points,
        faces=faces,
        uv=uv,
        weights=one_bone("head", len(points)),
        materials=("hat",),
        material_of=np.zeros(len(faces), dtype=np.int64),
    )


def _rim(vertices: Floats, normals: Floats, canonical: Floats, style: str) -> tuple[Floats, Ints]:
    """The turned-up rim of a woollen hat, or the peak of a cap."""
    centre = np.array([0.0, 0.075])
    azimuth = np.arctan2(canonical[:, 0], -(canonical[:, 1] - centre[1]))
    near = np.flatnonzero(np.abs(hat_height(canonical)) < 0.006)
    order = near[np.argsort(azimuth[near])]
    steps = np.linspace(-np.pi, np.pi, 49)[:-1]

    def around(values: Floats) -> Floats:
        columns = (np.interp(steps, azimuth[order], v[order], period=2 * np.pi) for v in values.T)
        return np.stack(tuple(columns), axis=1)

    ring = around(vertices)
    out = unit(around(normals) * [1, 1, 0.2])
    for _ in range(4):
        ring = 0.5 * ring + 0.25 * (np.roll(ring, 1, axis=0) + np.roll(ring, -1, axis=0))
    up = np.array([0.0, 0.0, 1.0])
    if style == "beanie":
        return bar(ring + out * 0.0035 + up * 0.012, np.tile(up, (len(ring), 1)), 0.036, 0.010,
                   closed=True)  # fmt: skip
    ahead = np.clip(np.cos(steps) - 0.45, 0, None) / 0.55
    fore = np.flatnonzero(ahead > 0)
    reach = 0.062 * np.sqrt(ahead[fore])[:, None]
    inner = ring[fore] + up * 0.002
    edge = inner + reach * np.array([0.0, -1.0, -0.16]) + out[fore] * 0.002
    middle = (inner + edge) / 2 + up * 0.004 * ahead[fore][:, None]
    rows = np.concatenate([inner, middle, edge, middle - up * 0.0025, inner - up * 0.003])
    count = len(fore)
    k = np.arange(count - 1)
    quads = [
        np.stack([a + k, a + count + k, a + count + k + 1, a + k + 1], axis=1)
        for a in np.arange(4) * count
    ]
    return rows, np.concatenate(quads)


def earring_part(surface: Surface, person: PersonSpec) -> Part | None:
    """Studs or hoops in both lobes, or None."""
    style = person.earrings.style
    if style == "none":
        return None
    pieces = []
    for index in _lobes():
        at = surface.part.vertices[index]
        sign = 1.0 if at[0] > 0 else -1.0
        if style == "stud":
            centre = at + np.array([sign * 0.0012, -0.001, 0.0035])
            pieces.append(("earring", globe(centre, np.eye(3) * 0.0026, 4, 8)))
        else:
            turn = np.arange(20) / 20 * 2 * np.pi
            radius = 0.011
            ring = np.stack([0 * turn, np.sin(turn), np.cos(turn)], axis=1)
            centre = at + np.array([sign * 0.0008, 0.0, 0.003 - radius])
            hoop = bar(centre + ring * radius, ring, 0.0016, 0.0016, closed=True)
            pieces.append(("earring", hoop))
    return rigid_part("Earrings", pieces)


@functools.cache
def _lobes() -> tuple[int, int]:
    """The lowest vertices of both ears."""
    skin, ears = skin_mesh(), zone_masks()["ears"]
    found = []
    for side in (1.0, -1.0):
        here = np.flatnonzero((ears > 0.6) & (side * skin.canonical[:, 0] > 0))
        found.append(int(here[np.argmin(skin.canonical[here, 2])]))
    return found[0], found[1]
