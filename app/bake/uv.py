"""Texture layout of the skin: few islands, true to the surface, large where people look.

The body model's own islands shrink mouth, nose and ears to a few texels. Each island is unfolded
anew, as rigid as possible, with target lengths scaled by how many texels a region deserves.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from app.bake.mesh import Floats, Ints


def islands(uv: Floats, faces: Ints, group: Ints) -> Ints:
    """Number of the connected texture island of each face, shape (F,), for quads.

    Faces of different `group`, shape (F,), are never in one island.
    """
    texel = np.round(uv.reshape(-1, 2) * 1e5).astype(np.int64)
    corners = np.column_stack([faces.reshape(-1, 1), texel, np.repeat(group, 4)])
    _, point = np.unique(corners, axis=0, return_inverse=True)
    point = point.reshape(faces.shape)
    size = int(point.max()) + 1
    link = (np.repeat(point[:, 0], 3), point[:, 1:].ravel())
    graph = sparse.csr_matrix((np.ones(len(link[0])), link), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    return np.asarray(label[point[:, 0]], dtype=np.int64)


def unfold(
    vertices: Floats,
    triangles: Ints,
    start: Floats,
    density: Floats,
    slits: Ints,
    gaps: Floats,
    iterations: int = 60,
) -> Floats:
    """As-rigid-as-possible parametrisation of a disc.

    Parameters
    ----------
    vertices : ndarray, shape (N, 3), metres
    triangles : ndarray, shape (T, 3)
    start : ndarray, shape (N, 2)
        A parametrisation without folds.
    density : ndarray, shape (T,)
        Wanted scale of each triangle.
    slits : ndarray, shape (S, 2)
        Vertices that face each other across a slit such as the mouth, upper one first, so that
        its lips do not overlap in the plane.
    gaps : ndarray, shape (S,)
        Wanted distance of these pairs along the second axis.

    Returns
    -------
    ndarray, shape (N, 2)

    Notes
    -----
    Local/global iteration of Liu et al., 2008, "A local/global approach to mesh
    parameterization", section 4, with every triangle scaled by its density.
    """
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    x_axis = (b - a) / np.linalg.norm(b - a, axis=1, keepdims=True)
    normal = np.cross(b - a, c - a)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    y_axis = np.cross(normal, x_axis)
    flat = np.stack(
        [
            np.stack([np.einsum("ij,ij->i", p - a, axis) for axis in (x_axis, y_axis)], -1)
            for p in (a, b, c)
        ],
        axis=1,
    )
    flat *= density[:, None, None]
    edge = np.roll(flat, -1, axis=1) - flat
    opposite = np.roll(flat, -2, axis=1)
    to_start, to_end = flat - opposite, np.roll(flat, -1, axis=1) - opposite
    cross = to_start[..., 0] * to_end[..., 1] - to_start[..., 1] * to_end[..., 0]
    cot = np.clip((to_start * to_end).sum(-1) / np.maximum(np.abs(cross), 1e-12), 0.05, 10.0)

    count = len(vertices)
    i, j = triangles, np.roll(triangles, -1, axis=1)
    w = sparse.csr_matrix((cot.ravel(), (i.ravel(), j.ravel())), shape=(count, count))
    w = w + w.T
    tie = np.full(len(slits), 6.0)
    pull = sparse.csr_matrix((tie, (slits[:, 0], slits[:, 1])), shape=(count, count))
    w = w + pull + pull.T
    laplacian = sparse.diags(np.asarray(w.sum(axis=1)).ravel()) - w
    solver = splu((laplacian + 1e-9 * sparse.identity(count)).tocsc())

    now = start - start.mean(axis=0)
    area_3d = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1) * density**2
    p, q = now[triangles[:, 1]] - now[triangles[:, 0]], now[triangles[:, 2]] - now[triangles[:, 0]]
    now = now * np.sqrt(area_3d.sum() / (0.5 * np.abs(p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]).sum()))
    for _ in range(iterations):
        edge_now = now[j] - now[i]
        s = np.einsum("te,tea,teb->tab", cot, edge_now, edge)
        angle = np.arctan2(s[:, 1, 0] - s[:, 0, 1], s[:, 0, 0] + s[:, 1, 1])
        cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
        turned = np.stack(
            [cos * edge[..., 0] - sin * edge[..., 1], sin * edge[..., 0] + cos * edge[..., 1]], -1
        )
        flow = turned * cot[..., None]
        right = np.zeros((count, 2))
        np.add.at(right, j.ravel(), flow.reshape(-1, 2))
        np.add.at(right, i.ravel(), -flow.reshape(-1, 2))
        np.add.at(right[:, 1], slits[:, 0], tie * gaps)
        np.add.at(right[:, 1], slits[:, 1], -tie * gaps)
        now = solver.solve(right)
        now -= now.mean(axis=0)
    return np.asarray(now)


def pack(uv: Floats, label: Ints, boxes: dict[int, tuple[float, float, float, float]]) -> Floats:
    """Fit each island, keeping its aspect, into a box (left, bottom, right, top) of 0..1."""
    packed = uv.copy()
    for island, (left, bottom, right, top) in boxes.items():
        chosen = label == island
        points = uv[chosen].reshape(-1, 2)
        low, high = points.min(axis=0), points.max(axis=0)
        scale = min((right - left) / (high[0] - low[0]), (top - bottom) / (high[1] - low[1]))
        centre = np.array([left + right, bottom + top]) / 2
        packed[chosen] = (uv[chosen] - (low + high) / 2) * scale + centre
    return packed


def align(plane: Floats, horizontal: Floats, height: Floats) -> Floats:
    """Turn, and mirror if needed, a flat island so that height grows upwards on average."""
    design = np.column_stack([plane - plane.mean(axis=0), np.ones(len(plane))])
    up = np.linalg.lstsq(design, height, rcond=None)[0][:2]
    up /= np.linalg.norm(up)
    side = np.array([up[1], -up[0]])
    turned = plane @ np.stack([side, up], axis=1)
    if np.corrcoef(turned[:, 0], horizontal)[0, 1] < 0:
        turned[:, 0] *= -1
    return np.asarray(turned)


def skin_layout(
    vertices: Floats,
    faces: Ints,
    model_uv: Floats,
    group: Ints,
    density: Floats,
    slits: Ints,
    gaps: Floats,
) -> Floats:
    """Texture coordinates of the bust's skin.

    Parameters
    ----------
    vertices : ndarray, shape (V, 3), metres
        The mean person, so that all people share one layout.
    faces : ndarray, shape (F, 4)
        Quads.
    model_uv : ndarray, shape (F, 4, 2)
        The body model's coordinates, which say where the seams are.
    group : ndarray, shape (F,)
        Faces of different groups get islands of their own.
    density : ndarray, shape (V,)
        Wanted texel density of the region of each vertex.
    slits, gaps : ndarray, shape (S, 2) and (S,)
        See `unfold`; base vertices and metres.

    Returns
    -------
    ndarray, shape (F, 4, 2)
    """
    label = islands(model_uv, faces, group)
    uv = np.zeros_like(model_uv)
    names: list[tuple[int, int]] = []
    for island in np.unique(label):
        chosen = label == island
        some, corner_uv = faces[chosen], model_uv[chosen]
        key = np.concatenate(
            [some.reshape(-1, 1), np.round(corner_uv.reshape(-1, 2) * 1e5).astype(np.int64)], axis=1
        )
        unique, first, inverse = np.unique(key, axis=0, return_index=True, return_inverse=True)
        quads = inverse.reshape(some.shape)
        triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
        points = vertices[unique[:, 0]]
        scale = density[unique[:, 0]][triangles].mean(axis=1)
        start = align(corner_uv.reshape(-1, 2)[first], points[:, 0], points[:, 2])
        row = np.full(len(vertices), -1)
        row[unique[:, 0]] = np.arange(len(unique))
        here = (row[slits] >= 0).all(axis=1) & (group[chosen][0] == 0)
        pairs, gap = row[slits[here]], gaps[here] * density[slits[here]].mean(axis=1)
        plane = unfold(points, triangles, start, scale, pairs, gap)
        plane = align(plane, points[:, 0], points[:, 2])
        uv[chosen] = plane[quads]
        names.append((int(chosen.sum()), int(island)))
    order = [island for _, island in sorted(names, reverse=True)]
    boxes = _boxes(uv, label, order, vertices, faces)
    return pack(uv, label, dict(zip(order, boxes, strict=True)))


def _boxes(
    uv: Floats, label: Ints, order: list[int], vertices: Floats, faces: Ints
) -> list[tuple[float, float, float, float]]:
    size = {k: np.ptp(uv[label == k].reshape(-1, 2), axis=0) for k in order}
    top = vertices[faces]
    head = max(order, key=lambda k: top[label == k][..., 2].max())
    margin = 0.006
    split = min(1 - size[head][1] / size[head][0] * (1 - 2 * margin) - 2 * margin, 0.5)
    boxes = {head: (margin, split + margin, 1 - margin, 1 - margin)}
    rest = [k for k in order if k != head]
    body = max(rest, key=lambda k: size[k].prod() * (top[label == k][..., 2].min() < -0.2))
    boxes[body] = (margin, margin, 0.62 - margin, split - margin)
    small = [k for k in rest if k != body]
    columns = int(np.ceil(np.sqrt(len(small))))
    rows = int(np.ceil(len(small) / columns))
    for n, k in enumerate(small):
        left, bottom = 0.62 + 0.38 * (n % columns) / columns, split * (n // columns) / rows
        boxes[k] = (
            left + margin,
            bottom + margin,
            left + 0.38 / columns - margin,
            bottom + split / rows - margin,
        )
    return [boxes[k] for k in order]
