"""What the choices of a data set mean, in words."""

from __future__ import annotations

from typing import Final

from app.dataset.frame import EffectKind
from app.dataset.spec import Background, Expression, Motion

Words = dict[str, tuple[str, str]]

MOTIONS: Final[dict[Motion, tuple[str, str]]] = {
    "HeadRot": ("Head turns", "The head turns by up to 30° about each axis; the camera stands."),
    "CameraTran": (
        "Camera shifts",
        "The head stays at zero; the camera moves sideways and up in its plane.",
    ),
    "HeadCameraRotTran": (
        "Head + camera",
        "Both move: the camera on the half sphere about the head and looking at it.",
    ),
    "Sweep": (
        "Sweep",
        "Pitch ±70°, then roll ±55°, then yaw ±80°, in steps of 3°; as many as there are pictures.",
    ),
    "Replay": ("Replay", "Poses out of a recorded sequence: a CSV, or Biwi's text files."),
    "Balanced": (
        "Balanced",
        "All of yaw ±80°, pitch ±70° and roll ±55° evenly, at varied distances.",
    ),
    "Portrait": (
        "Portrait",
        "Poses as before real cameras, mostly facing it; what networks are trained on.",
    ),
}
EXPRESSIONS: Final[dict[Expression, tuple[str, str]]] = {
    "neutral": ("Neutral", "The face at rest."),
    "happy": ("Happy", "Named as in C3I-SynFace; needs the head's facial actions."),
    "sad": ("Sad", "Named as in C3I-SynFace; needs the head's facial actions."),
    "angry": ("Angry", "Named as in C3I-SynFace; needs the head's facial actions."),
    "scared": ("Scared", "Named as in C3I-SynFace; needs the head's facial actions."),
    "mixed": ("Mixed", "Random mixes of the 52 facial actions, another one in each picture."),
    "candid": ("Candid", "Smiles of every strength in nearly half of the pictures, else mixed."),
}
BACKGROUNDS: Final[dict[Background, tuple[str, str]]] = {
    "plain": ("Plain", "One colour, another one in each picture (folder Simple)."),
    "texture": ("Texture", "A drawn pattern (folder Textured)."),
    "pictures": ("Pictures", "Photographs out of a folder of yours, cut to size."),
    "environment": ("Environment", "The picture of the surroundings that also lights the head."),
    "classroom": ("Classroom", "A built room, furnished anew from the seed, with true depth."),
    "shop": ("Shop", "A built room, furnished anew from the seed, with true depth."),
}
EFFECTS: Final[dict[EffectKind, tuple[str, str]]] = {
    "blur": ("Blur", "Out of focus or moved."),
    "noise": ("Noise", "The noise of a sensor in poor light."),
    "jpeg": ("JPEG", "Traces of strong compression."),
    "exposure": ("Exposure", "Too dark or too bright."),
    "occluder-hand": ("Hand", "A hand before the face; depth and visibility know of it."),
    "occluder-phone": ("Phone", "A phone before the face; depth and visibility know of it."),
    "occluder-hair": ("Hair", "Strands before the face; depth and visibility know of them."),
    "occluder-box": ("Box", "A box before the face; depth and visibility know of it."),
    "low-resolution": ("Low resolution", "Made small and large again."),
    "grey": ("Grey", "Without colour."),
    "infra-red": ("Infra-red", "The look of a near infra-red camera."),
}
SIZES: Final = ((256, 256), (320, 240), (450, 450), (640, 480), (1024, 1024), (1280, 720))


def plural(count: int, one: str, many: str = "") -> str:
    """``1 head``, ``1,200 heads``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def size_text(number: float) -> str:
    """Bytes as people say them: ``3.2 GB``."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if number < 1000 or unit == "TB":
            return (
                f"{number:.0f} {unit}" if number >= 100 or unit == "B" else f"{number:.1f} {unit}"
            )
        number /= 1000
    return ""
