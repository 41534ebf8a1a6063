"""A dressed person as solids that follow the bones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from app.bake.assemble import BakedPerson, build_person, paint_textures
from app.bake.body import BODY_VERTICES, BONES, load_template
from app.bake.driver_clothes import Garment, arm_place, garments
from app.bake.driver_hand import Hand
from app.bake.driver_look import Outfit
from app.bake.driver_rig import SIDES, Posed, Rig, rig_of, skin_weights
from app.bake.head import collar, skin_mesh
from app.bake.looks import looks
from app.bake.mesh import Bools, Floats, Ints, Singles, triangulate, vertex_normals
from app.bake.parts import Part
from app.bake.person import PersonSpec
from app.scene.fabrics import clouds, encoded
from app.scene.solids import SEGMENTS, Bytes, Finish, Solid

_LEFT_OUT = ("cornea", "cloth", "lens")


@dataclass(frozen=True, eq=False)
class Worn:
    """A mesh at rest and how it hangs on the bones.

    Attributes
    ----------
    vertices, normals : ndarray, shape (N, 3)
    weights : sparse matrix, shape (N, B)
    uvs : ndarray, shape (N, 2)
    triangles : ndarray, shape (T, 3)
    segments : ndarray, shape (T,)
    shapes : mapping of str to ndarray, shape (N, 3)
    """

    name: str
    vertices: Floats
    normals: Floats
    weights: sparse.csr_matrix
    uvs: Floats
    triangles: Ints
    finish: Finish
    segments: Ints
    shapes: Mapping[str, Floats] = field(default_factory=dict)

    def posed(self, posed: Posed, shapes: Mapping[str, float]) -> Solid:
        """The mesh as the bones carry it."""
        vertices = self.vertices
        for name, amount in shapes.items():
            if amount and name in self.shapes:
                vertices = vertices + amount * self.shapes[name]
        return Solid(
            self.name,
            posed.skin(vertices, self.weights).astype(np.float32),
            posed.skin_normals(self.normals, self.weights).astype(np.float32),
            self.uvs.astype(np.float32),
            self.triangles.astype(np.int32),
            self.finish,
            self.segments.astype(np.uint8),
        )


@dataclass(frozen=True, eq=False)
class Driver:
    """One dressed person.

    Attributes
    ----------
    hands : mapping of str to Hand
        By side, ``"L"`` and ``"R"``.
    """

    person: PersonSpec
    outfit: Outfit
    rig: Rig
    worn: tuple[Worn, ...]
    hands: Mapping[str, Hand]

    def solids(self, posed: Posed, shapes: Mapping[str, float] | None = None) -> list[Solid]:
        """The whole person; ``shapes`` are amounts of facial actions."""
        return [mesh.posed(posed, shapes or {}) for mesh in self.worn]

    def hand_skin(self, posed: Posed, side: str) -> Floats:
        """Skin of a hand, shape (N, 3), cabin metres."""
        hand = self.hands[side]
        return posed.skin(hand.points, hand.weights)


def build_driver(person: PersonSpec, outfit: Outfit, texture: int = 128) -> Driver:
    """Make and dress a person.

    Raises
    ------
    ImportError
        Where the extra ``bake`` is absent.
    """
    rig = rig_of(person)
    baked = build_person(person)
    pictures = {
        name.removesuffix(".jpg"): _bytes(picture)
        for name, picture in paint_textures(baked, texture).items()
        if name.endswith("_color.jpg")
    }
    hands = {side: Hand.of(rig, side) for side in SIDES}
    worn = _head(baked, rig, pictures)
    worn.append(_limbs(rig, outfit, hands, _skin_tone(pictures["skin_color"])))
    for garment in garments(rig, outfit):
        worn.append(_dressed(garment))
    return Driver(person, outfit, rig, tuple(worn), hands)


def _bytes(picture: Floats | Singles) -> Bytes:
    values = np.clip(np.rint(np.asarray(picture, np.float64) * 255.0), 0, 255).astype(np.uint8)
    return values if values.ndim == 3 else np.repeat(values[..., None], 3, axis=2)


def _skin_tone(picture: Bytes) -> tuple[float, float, float]:
    """Linear mean of the paler half of the painted skin."""
    rgb = picture.reshape(-1, 3) / 255.0
    light = rgb.sum(axis=1)
    kept = rgb[(light >= np.quantile(light, 0.4)) & (light <= np.quantile(light, 0.9))]
    r, g, b = (float(c) for c in (kept**2.2).mean(axis=0))
    return r, g, b


def _head(baked: BakedPerson, rig: Rig, pictures: Mapping[str, Bytes]) -> list[Worn]:
    """Parts of the baked head, on the bones of the whole skeleton."""
    column = np.array([rig.bone(name) for name, _ in BONES])
    plain = looks(baked.person)
    out = []
    for part in baked.parts:
        normals = part.normals
        if not len(normals):
            normals = vertex_normals(part.vertices, triangulate(part.faces)[0])
        for k, material in enumerate(part.materials):
            if material in _LEFT_OUT and not (material == "lens" and plain["lens"].alpha > 0.5):
                continue
            kept = (part.material_of == k) & _above_collar(part)
            faces = part.faces[kept]
            look = plain.get(material)
            picture = pictures.get(f"{material}_color")
            finish = Finish(
                color=(1.0, 1.0, 1.0) if picture is not None or look is None else look.color,
                roughness=_ROUGH.get(material, look.roughness if look else 0.6),
                specular=0.5 if material in ("skin", "sclera", "teeth", "lens") else 0.25,
                metallic=look.metallic if look else 0.0,
                texture=picture,
                skin=material == "skin",
            )
            out.append(_welded(part, faces, part.uv[kept], normals, column, len(rig.names), finish))
    return out


def _above_collar(part: Part) -> Bools:
    """Faces of the bust that no shirt covers, shape (F,)."""
    if part.name != "Head":
        return np.ones(len(part.faces), dtype=bool)
    inside = collar(skin_mesh().canonical)
    return np.asarray(inside[part.faces].min(axis=1) > -0.16)


_ROUGH = {"skin": 0.5, "sclera": 0.25, "iris": 0.3, "hair": 0.6, "brows": 0.9, "lashes": 0.9}


def _welded(
    part: Part,
    faces: Ints,
    uv: Floats,
    normals: Floats,
    column: Ints,
    bones: int,
    finish: Finish,
) -> Worn:
    triangles, corners = triangulate(faces)
    flat_uv = uv[corners[..., 0], corners[..., 1]].reshape(-1, 2)
    vertex = triangles.reshape(-1)
    key = np.column_stack([vertex, np.round(flat_uv * 8192.0)]).astype(np.int64)
    _, first, of_corner = np.unique(key, axis=0, return_index=True, return_inverse=True)
    own = vertex[first]
    full = np.zeros((len(own), bones))
    full[:, column] = part.weights[own]
    return Worn(
        part.name,
        part.vertices[own],
        normals[own],
        sparse.csr_matrix(full),
        flat_uv[first],
        of_corner.reshape(-1, 3),
        finish,
        np.full(len(triangles), SEGMENTS.index("person")),
        {name: offset[own] for name, offset in part.actions.items()},
    )


def _limbs(
    rig: Rig, outfit: Outfit, hands: Mapping[str, Hand], tone: tuple[float, float, float]
) -> Worn:
    """Bare skin of hands and of the arms beyond the sleeves."""
    template = load_template()
    place = arm_place(rig)[:BODY_VERTICES]
    begin = outfit.sleeve - 0.25
    faces = template.faces[(place[template.faces] > begin).all(axis=1)]
    triangles = triangulate(faces)[0]
    used, local = np.unique(triangles, return_inverse=True)
    local = local.reshape(-1, 3)
    segments = np.full(len(local), SEGMENTS.index("person"))
    for side, name in (("L", "left_hand"), ("R", "right_hand")):
        on_hand = np.zeros(BODY_VERTICES, dtype=bool)
        on_hand[hands[side].vertices] = True
        segments[on_hand[triangles].all(axis=1)] = SEGMENTS.index(name)
    vertices = rig.vertices[used]
    normals = vertex_normals(vertices, local)
    rng = np.random.default_rng([outfit.seed, 7])
    blush = 1.0 + 0.06 * clouds(rng, 128, 9) + 0.04 * clouds(rng, 128, 40)
    tint = np.array([0.02, -0.02, -0.02]) * clouds(rng, 128, 6)[..., None]
    color = tone if not outfit.gloves else outfit.second
    texture = encoded(np.array(color) * blush[..., None] * (1.0 + 2.0 * tint))
    finish = Finish(
        (1.0, 1.0, 1.0),
        0.48,
        0.45,
        texture=texture,
        bump=0.00012,
        grain=0.011,
        tile=0.12,
        skin=not outfit.gloves,
    )
    uvs = np.column_stack([vertices[:, 0] + 0.5 * vertices[:, 1], vertices[:, 2] - vertices[:, 1]])
    weights = skin_weights()[used]
    return Worn("Limbs", vertices, normals, weights, uvs, local, finish, segments)


def _dressed(garment: Garment) -> Worn:
    return Worn(
        garment.name,
        garment.vertices,
        garment.normals,
        garment.weights,
        garment.uvs,
        garment.triangles,
        garment.finish,
        np.full(len(garment.triangles), SEGMENTS.index("person")),
    )
