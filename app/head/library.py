"""Where heads are found: shipped ones, files, the cache, and what people set right about them."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from app.files import write_bytes
from app.head.correction import Correction
from app.head.fbx import SIZE_LIMIT, FbxError, check_file
from app.head.textures import TextureFinder
from app.paths import HEADS, cache_dir, config_dir

BUILTIN: Final = "builtin:"
READER: Final = 3
"""Raised when the reader makes something else of the same file, so that caches are made anew."""

KEPT: Final = 40
"""Heads in the cache; the ones that were used least lately go."""


def shipped() -> tuple[str, ...]:
    """Names of the heads that come with the program, in alphabetical order."""
    return tuple(sorted(p.parent.name for p in HEADS.glob("*/*.fbx") if p.stem == p.parent.name))


def resolve(head: str) -> Path:
    """File of a head: an absolute path for ``builtin:NAME`` or for a path of the system.

    Raises
    ------
    FbxError
        not_found, for a name that is not shipped or a home that nobody has.
    """
    if not head.startswith(BUILTIN):
        try:
            return Path(head).expanduser().absolute()
        except RuntimeError:
            raise FbxError("not_found", f"{head} does not exist: check the path.") from None
    name = head.removeprefix(BUILTIN)
    if name not in shipped():
        known = ", ".join(shipped()) or "none"
        raise FbxError("not_found", f"There is no shipped head {name!r}; there are: {known}.")
    return HEADS / name / f"{name}.fbx"


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes.

    Raises
    ------
    FbxError
        As `check_file` does; a file that is too large is not read.
    """
    check_file(path, SIZE_LIMIT)
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise FbxError("unreadable", f"{path} cannot be read: {problem.strerror}.") from None


def content_key(path: Path, sha256: str, correction: Correction) -> str:
    """Name of the cache folder of a head as it is now.

    It changes with the file's bytes, with the textures beside it (names, sizes, times), with the
    correction and with the reader.
    """
    beside = []
    for texture in TextureFinder(path).files:
        about = texture.stat()
        beside.append((texture.name, about.st_size, about.st_mtime_ns))
    parts = msgspec.json.encode((READER, sha256, path.stem, beside, correction))
    return hashlib.sha256(parts).hexdigest()[:32]


def cache_folder(key: str) -> Path:
    """Folder of a head asset; it need not exist."""
    return cache_dir() / "heads" / key


def trim_cache(keep: int = KEPT) -> None:
    """Take away the heads that were used least lately."""
    ages = []
    for folder in (cache_dir() / "heads").glob("[0-9a-f]*"):
        with suppress(FileNotFoundError):
            ages.append((folder.stat().st_mtime, folder))
    for _, folder in sorted(ages, reverse=True)[keep:]:
        shutil.rmtree(folder, ignore_errors=True)


def remembered(sha256: str) -> Correction:
    """What people set right about a file before; nothing for a new one."""
    return _corrections().get(sha256, Correction())


def remember(sha256: str, correction: Correction) -> None:
    """Keep a correction for a file; one without any choice is forgotten.

    Raises
    ------
    OSError
        When the settings folder cannot be written.
    """
    known = _corrections()
    known.pop(sha256, None)
    if correction != Correction():
        known[sha256] = correction
    write_bytes(_corrections_file(), msgspec.json.format(msgspec.json.encode(known), indent=1))


def _corrections_file() -> Path:
    return config_dir() / "corrections.json"


def _corrections() -> dict[str, Correction]:
    """A file that cannot be read counts as empty; it is set aside, so that nothing is lost."""
    path = _corrections_file()
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Correction])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError, msgspec.DecodeError):
        with suppress(OSError):
            path.replace(path.with_suffix(".json.bak"))
        return {}
