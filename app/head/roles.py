"""What a material is on a head, guessed from the names that makers of heads give."""

from __future__ import annotations

import re
from typing import Final, Literal

Role = Literal[
    "skin",
    "sclera",
    "iris",
    "cornea",
    "lashes",
    "brows",
    "hair",
    "teeth",
    "tongue",
    "cloth",
    "accessory",
    "lens",
    "other",
]
Segment = Literal["skin", "eyes", "hair", "other"]

# Order matters: eyelashes before eyes, eyebrows before brown hair, facial hair before faces.
_PATTERNS: Final[tuple[tuple[Role, str], ...]] = (
    ("lashes", r"lash|cils"),
    ("brows", r"brows?(?!n)|sourcil"),
    ("tongue", r"tongue"),
    ("teeth", r"teeth|tooth|gums?\b|denture|\bdents?\b"),
    ("cornea", r"cornea|eye ?(shell|moisture|refl\w*|wet|water|lens)|tear ?(line|duct)|occlusion"),
    ("iris", r"\biris|pupil"),
    ("lens", r"\blens(es)?\b"),
    ("accessory", r"glass(es)?\b|eyewear|jewel|earring|necklace"),
    (
        "sclera",
        r"sclera|eye ?balls?|eye ?whites?|\beyes?\b|\bl ?eye|\br ?eye|low ?poly ?eyes?|augen?",
    ),
    (
        "cloth",
        r"cloth|shirt|\btops?\b|jacket|\bsuit|dress|outfit|pants|jeans|shoes?\b|boots?\b|socks?\b"
        r"|footwear|tie\b|scarf|collar|sweater|hoodie|uniform|underwear|belt|gloves?\b|skirt|coat"
        r"|headwear|\bhats?\b|\bcaps?\b|helmet",
    ),
    ("hair", r"hair|beard|moustache|mustache|scalp|bangs|ponytail|\bbun\b|stubble|\bcheveux"),
    ("hair", r"opacity|\bcap hair"),
    ("tongue", r"\bmouth\b|inner ?mouth"),
    (
        "skin",
        r"skin|\bheads?\b|\bfaces?\b|\bbody\b|torso|\barms?\b|\blegs?\b|\bhands?\b|\bears?\b|nails?\b"
        r"|\bhuman\b|\bpeau\b|character ?head",
    ),
)
_ROCKETBOX_BODY: Final = re.compile(r"^[a-z]{1,2}\d{3} body$")


def _words(name: str) -> str:
    """Lower case words of a name: ``Wolf3D_EyeLeft.001`` becomes ``wolf3d eye left``."""
    name = re.sub(r"\.\d{3}$", "", name)
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.sub(r"[\W_]+", " ", name).strip().lower()


def guess_role(material_name: str, mesh_name: str) -> Role:
    """The role of a material, from its name or, where that tells nothing, its mesh's name.

    Parameters
    ----------
    material_name, mesh_name : str
        As the file has them; Blender's ``.001`` is ignored.
    """
    for name in (_words(material_name), _words(mesh_name)):
        if _ROCKETBOX_BODY.match(name):
            return "cloth"
        for role, pattern in _PATTERNS:
            if re.search(pattern, name):
                return role
    return "other"


def is_clear(role: str) -> bool:
    """Whether the surface never hides what is behind it, whatever its alpha.

    In depth and segments a cornea counts nowhere; any other surface where its alpha is at least
    one half.
    """
    return role == "cornea"


def segment(role: str) -> Segment:
    """The class of a role in segmentation masks; brows and lashes count as hair."""
    if role == "skin":
        return "skin"
    if role in ("sclera", "iris", "cornea"):
        return "eyes"
    return "hair" if role in ("hair", "brows", "lashes") else "other"
