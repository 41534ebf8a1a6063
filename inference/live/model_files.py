"""An ONNX file with its card or manifest, tried and made into a predictor."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np

from inference import registry
from inference.card import Card, CardError, read_card
from inference.depth import DepthPredictor
from inference.detector import Detector, OnnxDetector
from inference.face import FacePredictor
from inference.hands import HandsPredictor, RegionPredictor
from inference.head_pose import HeadPosePredictor
from inference.live.manifest import SUFFIXES, Manifest, ManifestError, read_manifest
from inference.live.manifest_predictor import ManifestPredictor
from inference.sessions import ModelError, Session, contents_of, read_model, start
from inference.transfer import Transfer

RUNS: Final = 3

Predictor = (
    FacePredictor
    | ManifestPredictor
    | DepthPredictor
    | HeadPosePredictor
    | Detector
    | Transfer
    | HandsPredictor
    | RegionPredictor
)


def trial(file: str) -> dict[str, object]:
    """Open a file with what lies beside it and run it; for a process of its own.

    Returns
    -------
    dict
        ``kind``, and the ``milliseconds`` of one run.

    Raises
    ------
    ModelError
    """
    path = Path(file)
    data = read_model(path)
    card, manifest = described(path)
    session = Session(path, start(path, data, 1), contents_of(path, data))
    if manifest is None:
        card = card or registry.card_of(session)
    kind = "landmarks" if manifest else card.kind if card else None
    predictor(session, card, manifest)
    return {"kind": kind, "milliseconds": _milliseconds(session)}


def predictor(
    session: Session,
    card: Card | None,
    manifest: Manifest | None,
    transfer: Transfer | None = None,
) -> Predictor:
    """What uses a network as its manifest, its card or its outputs say.

    Parameters
    ----------
    session : Session
    card : Card, optional
    manifest : Manifest, optional
    transfer : Transfer, optional
        For a face network.

    Raises
    ------
    ModelError
    """
    if manifest is not None:
        return ManifestPredictor(session, manifest)
    known = card or registry.card_of(session)
    if known.kind == "depth":
        return DepthPredictor(session, known)
    if known.kind == "head-pose":
        return HeadPosePredictor(session, known)
    if known.kind == "detector":
        return OnnxDetector(session)
    if known.kind == "transfer":
        return Transfer(session)
    if known.kind == "hands":
        return HandsPredictor(session, known)
    if known.kind == "wheel-region":
        return RegionPredictor(session, known)
    return FacePredictor(session, known, transfer)


def described(path: Path) -> tuple[Card | None, Manifest | None]:
    """Card and manifest of a file; a manifest goes before a card.

    Raises
    ------
    ModelError
    """
    text = beside(path)
    try:
        if text is None:
            return None, None
        if text.suffix in SUFFIXES:
            return None, read_manifest(text)
        return read_card(text), None
    except (CardError, ManifestError) as problem:
        raise ModelError(str(problem)) from None


def beside(path: Path) -> Path | None:
    """The manifest or the card of a file, if it has one."""
    for suffix in (*SUFFIXES, ".json"):
        text = path.with_suffix(suffix)
        if text.is_file():
            return text
    return None


def files(*folders: Path) -> list[Path]:
    """ONNX files of folders, by name."""
    found: list[Path] = []
    for folder in folders:
        with suppress(OSError):
            found += sorted(p for p in folder.iterdir() if p.suffix.lower() == ".onnx")
    return [p for p in found if not p.name.startswith(".")]


def stamps(path: Path) -> tuple[tuple[int, int], ...]:
    """Sizes and times by which a change is noticed; empty where there is no such file any more."""
    found = []
    try:
        for file in (path, beside(path)):
            if file is not None:
                known = file.stat()
                found.append((known.st_size, known.st_mtime_ns))
    except OSError:
        return ()
    return tuple(found)


def _milliseconds(session: Session) -> float:
    """The quickest of some runs on zeros; sides that are free are those of a camera's picture."""
    zeros = {}
    for port in session.inputs.values():
        free = iter((480, 640)) if len(port.shape) == 4 else iter(())
        shape = [n or (1 if k == 0 else next(free, 1)) for k, n in enumerate(port.shape)]
        zeros[port.name] = np.zeros(shape, np.float32)
    taken = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        session.run(zeros)
        taken.append(time.perf_counter() - begun)
    return 1e3 * min(taken)
