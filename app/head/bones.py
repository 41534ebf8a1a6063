"""Which bones turn a head: by their names, and where names say nothing by the skeleton's shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.geometry.rotations import Array
from app.head.asset import BoneRoles
from app.head.correction import Correction
from app.head.names import Part, is_arm, score, side, spine_number, without_common_prefix

Counts = NDArray[np.signedinteger[Any]]

MIRROR_TOLERANCE = 0.2
"""How far a pair of limbs may be from mirrored, as a part of its span."""


class NoHeadError(Exception):
    """No bone that turns a head; the message says what was looked for."""


@dataclass(frozen=True, eq=False)
class Bones:
    """A skeleton and what hangs on it.

    Attributes
    ----------
    names : tuple of str
        Parents stand before their children.
    parents : tuple of int
        −1 for a root.
    joints : ndarray, shape (B, 3)
        World, Z up, any unit.
    hanging : ndarray, shape (B,), int
        Number of vertices that hang mostly on the bone.
    top : ndarray, shape (B,), int
        Of these, those among the highest of all.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    joints: Array
    hanging: Counts
    top: Counts

    def path_to_root(self, bone: int) -> list[int]:
        """The bone itself, its parent, and so on."""
        path = []
        while bone >= 0:
            path.append(bone)
            bone = self.parents[bone]
        return path

    def children(self, bone: int) -> list[int]:
        return [i for i, p in enumerate(self.parents) if p == bone]

    def subtree(self, bone: int) -> list[int]:
        inside = {bone}
        for i in range(bone + 1, len(self.names)):
            if self.parents[i] in inside:
                inside.add(i)
        return sorted(inside)

    def carries(self, bone: int) -> int:
        """Number of vertices that follow the bone."""
        return int(self.hanging[self.subtree(bone)].sum())


@dataclass
class _Search:
    bones: Bones
    words: list[tuple[str, ...]]
    correction: Correction
    reasons: dict[str, str] = field(default_factory=dict)

    def corrected(self, role: str) -> int | None:
        name = getattr(self.correction, role)
        if name is None:
            return None
        if name not in self.bones.names:
            raise NoHeadError(f"the file has no bone {name!r}, which was chosen as {role}")
        self.reasons[role] = f"{name!r} was chosen by hand."
        return self.bones.names.index(name)

    def explain(self, role: str, bone: int, why: str) -> int:
        self.reasons[role] = f"{self.bones.names[bone]!r} {why}"
        return bone


def find_roles(bones: Bones, correction: Correction | None = None) -> BoneRoles:
    """Choose head, neck, eyes and jaw.

    Raises
    ------
    NoHeadError
        When neither names nor structure show a head.
    """
    search = _Search(bones, without_common_prefix(bones.names), correction or Correction())
    head = _find_head(search)
    chain = _find_neck(search, head)
    eye_left, eye_right = _find_eyes(search, head)
    jaw = _find_jaw(search, head)
    name = bones.names
    return BoneRoles(
        tuple(name[i] for i in chain),
        None if eye_left is None else name[eye_left],
        None if eye_right is None else name[eye_right],
        None if jaw is None else name[jaw],
        search.reasons,
    )


def _find_head(s: _Search) -> int:
    chosen = s.corrected("head")
    if chosen is not None:
        return chosen
    named = _named(s, "head")
    if named:
        return s.explain("head", named[0], "is called a head.")
    for i, found in enumerate(s.words):
        if spine_number(found) == 6 and s.bones.carries(i):
            return s.explain("head", i, "is the head of a Rigify spine.")
    found_by_shape = _head_by_structure(s.bones)
    if found_by_shape is None:
        raise NoHeadError("no bone is called a head, and no bone above a pair of arms carries one")
    why = "carries most of the highest vertices above a pair of mirrored limbs."
    return s.explain("head", found_by_shape, why)


def _named(s: _Search, part: Part, keep: Callable[[int], bool] | None = None) -> list[int]:
    """Bones by name, the surest first: those that move vertices before those that do not."""
    ranked = []
    for i, found in enumerate(s.words):
        points = score(found, part)
        if points and (keep is None or keep(i)):
            carried = s.bones.carries(i)
            ranked.append((carried == 0, -points, -carried, i))
    return [i for *_, i in sorted(ranked)]


def _head_by_structure(bones: Bones) -> int | None:
    if not len(bones.names) or not bones.top.any():
        return None
    path = bones.path_to_root(int(np.argmax(bones.top)))
    for at, junction in enumerate(path[1:], start=1):
        above = path[:at]
        if _has_mirrored_limbs(bones, junction, above[-1]):
            return max(above, key=lambda i: (int(bones.hanging[i]), -i))
    return None


def _has_mirrored_limbs(bones: Bones, junction: int, towards_head: int) -> bool:
    """Whether two branches of ``junction`` lie left and right of the way up."""
    centre = bones.joints[towards_head]
    limbs = [
        c
        for c in bones.children(junction)
        if c != towards_head and len(bones.subtree(c)) >= 2 and bones.carries(c)
    ]
    for i, a in enumerate(limbs):
        for b in limbs[i + 1 :]:
            tip_a, tip_b = (_farthest(bones, limb, centre) for limb in (a, b))
            across = tip_a - tip_b
            span = float(np.linalg.norm(across))
            if span < 1e-9 or abs(across[2]) > MIRROR_TOLERANCE * span:
                continue
            off = abs(float(((tip_a + tip_b) / 2 - centre) @ across)) / span
            lengths = np.linalg.norm(tip_a - centre), np.linalg.norm(tip_b - centre)
            even = abs(lengths[0] - lengths[1]) <= MIRROR_TOLERANCE * max(lengths)
            apart = span >= 0.5 * max(lengths)
            if off <= MIRROR_TOLERANCE * span and even and apart:
                return True
    return False


def _farthest(bones: Bones, limb: int, centre: Array) -> Array:
    joints = bones.joints[bones.subtree(limb)]
    return np.asarray(joints[np.argmax(np.linalg.norm(joints - centre, axis=1))])


def _find_neck(s: _Search, head: int) -> list[int]:
    above = s.bones.path_to_root(head)[1:]
    chosen = s.corrected("neck")
    if chosen is not None:
        if chosen == head:
            return [head]
        if chosen not in above:
            raise NoHeadError(f"the bone {s.bones.names[chosen]!r} is not above the head bone")
        between = above[: above.index(chosen) + 1]
        return [*reversed(between), head]
    if not above:
        s.reasons["neck"] = "The head bone has no bone above it, so the head turns alone."
        return [head]
    necks = _necks_by_name(s, above)
    if necks:
        why = "is called a neck." if len(necks) == 1 else f"is the lowest of {len(necks)} necks."
        s.explain("neck", necks[0], why)
        return [*necks, head]
    parent = above[0]
    name = s.bones.names[parent]
    if _is_torso(s, parent, head):
        s.reasons["neck"] = (
            f"{name!r} above the head carries the arms, so it is the torso and the head turns "
            "alone."
        )
        return [head]
    if _is_named_spine(s.words[parent]):
        s.reasons["neck"] = f"{name!r} above the head is a spine bone; the head turns alone."
        return [head]
    if not s.bones.carries(parent) - s.bones.carries(head) or s.bones.parents[parent] < 0:
        s.reasons["neck"] = f"{name!r} above the head moves no neck, so the head turns alone."
        return [head]
    return [s.explain("neck", parent, "is the bone above the head."), head]


def _necks_by_name(s: _Search, above: Sequence[int]) -> list[int]:
    """Neck bones on the way down from the head, the lowest first."""
    rigify = any(spine_number(w) == 6 for w in s.words)
    necks = []
    for i in above:
        if score(s.words[i], "neck") or (rigify and spine_number(s.words[i]) in (4, 5)):
            necks.append(i)
        elif necks or (len(above) and above.index(i) >= 2):
            break
    return necks[::-1]


def _is_torso(s: _Search, bone: int, head: int) -> bool:
    towards = next(i for i in s.bones.path_to_root(head) if s.bones.parents[i] == bone)
    return _has_mirrored_limbs(s.bones, bone, towards) or any(
        is_arm(s.words[c]) for c in s.bones.children(bone)
    )


def _is_named_spine(found: Sequence[str]) -> bool:
    return any(w in {"spine", "chest", "torso", "hips", "hip", "pelvis", "ribcage"} for w in found)


def _find_eyes(s: _Search, head: int) -> tuple[int | None, int | None]:
    inside = set(s.bones.subtree(head))
    eyes = _named(s, "eye", lambda i: i in inside)
    found: dict[str, int | None] = {}
    for want in ("left", "right"):
        role = f"eye_{want}"
        chosen = s.corrected(role)
        if chosen is None:
            chosen = next((i for i in eyes if side(s.words[i]) == want), None)
            if chosen is not None:
                s.explain(role, chosen, f"below the head is called the {want} eye.")
        found[want] = chosen
    return found["left"], found["right"]


def _find_jaw(s: _Search, head: int) -> int | None:
    chosen = s.corrected("jaw")
    if chosen is not None:
        return chosen
    inside = set(s.bones.subtree(head)) - {head}
    jaws = [i for i in _named(s, "jaw", lambda i: i in inside) if not side(s.words[i])]
    return s.explain("jaw", jaws[0], "below the head is called a jaw.") if jaws else None


def arms_on_neck(bones: Bones, roles: BoneRoles) -> tuple[str, ...]:
    """Shoulder bones that hang on the neck, as in 3ds Max Biped.

    They would turn with it; a reader hangs them on the bone below the neck instead.
    """
    words = without_common_prefix(bones.names)
    chain = {bones.names.index(n) for n in roles.chain}
    found = []
    for link in sorted(chain)[:-1] if len(chain) > 1 else []:
        for child in bones.children(link):
            if child not in chain and any(is_arm(words[i]) for i in bones.subtree(child)):
                found.append(bones.names[child])
    return tuple(found)
