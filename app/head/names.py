"""What bones are called, by tool and by language."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal

Part = Literal["head", "neck", "jaw", "eye"]
Side = Literal["left", "right", ""]


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


WORDS: Final[dict[Part, frozenset[str]]] = {
    "head": _set(
        "head tete kopf schaedel schadel cabeza testa cabeca golova glowa hlava huvud hoved "
        "hode hoofd paa fej kepala kafa basi glava skull atama toubu 頭 头 голова "
        "머리 κεφαλι kefali"
    ),
    "neck": _set(
        "neck cou hals nacken genick cuello collo pescoco szyja krk kaula nakke nacke nek nyak "
        "leher boyun vrat gat kubi 首 頸 颈 脖 шея sheya shea 목 λαιμος"
    ),
    "jaw": _set(
        "jaw machoire kiefer unterkiefer mandibula mandible mascella mandibola maxilar mandibula "
        "celist zuchwa kake kaeke kjeve kaak 顎 颚 челюсть 턱"
    ),
    "eye": _set(
        "eye eyeball oeil auge ojo occhio olho oko oga oye oog silma szem mata goz глаз 目 眼 "
        "눈 ματι"
    ),
}
LEFT: Final = _set(
    "l left lf lft gauche links linke linkes izquierda izquierdo izq sinistra sinistro esquerda "
    "esquerdo lewe lewy levy leva vanster venstre vasen bal sol 左 левый левая лев 왼쪽 왼"
)
RIGHT: Final = _set(
    "r right rt rgt droit droite rechts rechte rechtes derecha derecho der destra destro dx "
    "direita direito prawe prawy pravy prava hoger hoyre hojre oikea jobb sag 右 правый правая "
    "прав 오른쪽 오른"
)
ARM: Final = _set(
    "clavicle clavicula clavicola collar collarbone shoulder arm upperarm uparm bras epaule "
    "schulter arm oberarm hombro brazo spalla braccio ombro braco clav 肩 腕 плечо рука"
)
LEAF: Final = _set(
    "end nub top tip null nul effector endsite leaf site target tgt ctrl control controller ctl "
    "ik fk goal aim look lookat pole tracker track collider attach attachment socket slot proxy "
    "helper offset mch wgt roll scale dummy hair hat helmet phone light camera cam fin"
)
"""A bone with such a word is a leaf or a handle, never the bone that carries the part."""

NEVER_EYE: Final = _set(
    "lid lids brow brows lash lashes blink bag corner pouch inner outer upper lower top bottom "
    "up down squint cheek socket"
)
_PLAIN: Final = _set(
    "def deform deformed org jnt joint jt bone bn b bip bind skin sk skel rig main base root "
    "center centre mid middle m c x j jx cc g rl std human twist part section 1 2 3"
)
"""Words that say nothing about which part a bone moves."""

_PREFIX: Final = re.compile(r"^(?:.*[:|])?(?:valvebiped\W)?", re.IGNORECASE)
_HUMP: Final = re.compile(
    r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[\u3040-\u30ff\u3400-\u9fff]|[^\W\d_A-Za-z]+"
)


def words(name: str) -> tuple[str, ...]:
    """A bone's name as lower-case words without accents, namespaces and punctuation.

    Humps of camel case, digits and Chinese or Japanese characters stand for themselves:
    ``CC_Base_L_Eye`` gives cc, base, l, eye and ``tête_end`` gives tete, end.
    """
    name = _PREFIX.sub("", unicodedata.normalize("NFC", name), count=1) or name
    plain = "".join(_fold(c) for c in name)
    return tuple(w.lower() for w in _HUMP.findall(plain))


def _fold(character: str) -> str:
    """Latin letters without their accents; other scripts as they are."""
    special = {"ø": "o", "Ø": "O", "æ": "ae", "œ": "oe", "ł": "l", "Ł": "L", "ß": "ss", "ı": "i"}
    if character in special:
        return special[character]
    base = unicodedata.normalize("NFD", character)[0]
    return base if base.isascii() else character


def without_common_prefix(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Words of each name, less the words that most names begin with (``Bip01``, ``Hero``)."""
    split = [words(n) for n in names]
    while len(split) > 3:
        first = Counter(w[0] for w in split if len(w) > 1)
        word, count = first.most_common(1)[0] if first else ("", 0)
        known = word in LEFT | RIGHT or any(word in table for table in WORDS.values())
        if count * 2 <= len(split) or known:
            break
        split = [w[1:] if len(w) > 1 and w[0] == word else w for w in split]
    return split


def side(found: Sequence[str]) -> Side:
    """The side that a name states; nothing when it states none or both."""
    left, right = any(w in LEFT for w in found), any(w in RIGHT for w in found)
    return "left" if left and not right else "right" if right and not left else ""


def score(found: Sequence[str], part: Part) -> int:
    """How surely a name means a part: 0 not at all, 1 among other words, 2 by itself."""
    if not any(w in WORDS[part] for w in found):
        return 0
    if any(w in LEAF for w in found) or (part == "eye" and any(w in NEVER_EYE for w in found)):
        return 0
    if part == "jaw" and any(w in {"upper", "corner"} for w in found):
        return 0
    if part != "head" and any(w in WORDS["head"] for w in found):
        return 0
    extra = [w for w in found if w not in WORDS[part] and w not in _PLAIN and not w.isdigit()]
    if part in ("head", "neck") and side(found):
        return 0
    return 2 if all(w in LEFT | RIGHT for w in extra) else 1


def is_arm(found: Sequence[str]) -> bool:
    """Whether a bone begins a shoulder or an arm."""
    return any(w in ARM for w in found) or ("upper" in found and "arm" in found)


def spine_number(found: Sequence[str]) -> int | None:
    """Number of a Rigify spine bone (``spine.004``, ``DEF-spine.006``): 4 and 5 are the neck."""
    core = [w for w in found if w not in {"def", "org"}]
    if len(core) == 2 and core[0] == "spine" and core[1].isdigit() and len(core[1]) == 3:
        return int(core[1])
    return None
