"""Detectors side by side: on annotated faces, on the same made small in scenes, on no faces.

    python -m inference.training.detector_compare --model detector.onnx --faces DIR

``DIR`` holds pictures with one ``.pts`` beside each (68 points, 0-based).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.dataset.textures import texture
from app.evaluation.detection import DetectionFigures, suppressed
from inference.training.cutouts import box_of
from inference.training.scenery import Scenery, view

Bytes = NDArray[np.uint8]
Found = tuple[NDArray[np.float64], NDArray[np.float64]]
Finder = Callable[[Bytes], Found]
"""From a picture (H, W, 3), RGB, to boxes x, y, w, h (N, 4) and scores (N,)."""

FALSE_RATE: Final = 0.01
OVERLAP: Final = 0.3
"""Low, so that a detector whose boxes mean another part of the head is not at a disadvantage."""
WIDTH, HEIGHT = 640, 480
SIZES: Final = (24, 32, 48, 80, 160)
"""Longer sides of the boxes in scenes."""
_MULTIPLE: Final = 32


@dataclass(frozen=True, eq=False)
class Annotated:
    """A picture with one face whose box is known; there may be others."""

    name: str
    picture: Bytes
    box: tuple[float, float, float, float]


def annotated(folder: Path) -> list[Annotated]:
    """Pictures of a folder with ``.pts`` of 68 points beside them."""
    found = []
    for file in sorted(folder.glob("*.pts")):
        lines = [ln.split() for ln in file.read_text(encoding="utf-8").splitlines()]
        rows = [ln for ln in lines if len(ln) == 2 and _is_number(ln[0]) and _is_number(ln[1])]
        picture = cv2.imread(str(file.with_suffix(".jpg")))
        if picture is not None and len(rows) == 68:
            box = box_of(np.array(rows, float))
            found.append(Annotated(file.stem, np.ascontiguousarray(picture[..., ::-1]), box))
    return found


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def network_finder(model: Path, longest: int = WIDTH, least: float = 0.02) -> Finder:
    """A detector in ONNX; pictures longer than ``longest`` are made smaller first."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options)

    def find(picture: Bytes) -> Found:
        height, width = picture.shape[:2]
        times = min(1.0, longest / max(height, width))
        tall, wide = round(height * times), round(width * times)
        small = picture
        if times < 1.0:
            small = np.asarray(cv2.resize(picture, (wide, tall), interpolation=cv2.INTER_AREA))
        rows, columns = (-(-n // _MULTIPLE) * _MULTIPLE for n in (tall, wide))
        padded = np.zeros((rows, columns, 3), np.uint8)
        padded[:tall, :wide] = small
        given = padded.transpose(2, 0, 1)[None].astype(np.float32) / np.float32(255.0)
        boxes, scores = (v[0] for v in session.run(None, {"pictures": given}))
        likely = np.flatnonzero(scores >= least)
        likely = likely[suppressed(boxes[likely], scores[likely])]
        places = boxes[likely].astype(float)
        places[:, :2] += 0.5
        places *= [width / wide, height / tall] * 2
        places[:, :2] -= 0.5
        return places, scores[likely].astype(float)

    return find


def cascade_finder(*names: str, smallest: int = 18) -> Finder:
    """OpenCV's bundled cascades; the score is how many windows agreed.

    A cascade named with ``profile`` in it knows one side: the mirrored picture is searched too.
    """
    folder = Path(cv2.__file__).parent / "data"
    cascades = [(n, cv2.CascadeClassifier(str(folder / f"haarcascade_{n}.xml"))) for n in names]

    def find(picture: Bytes) -> Found:
        grey = cv2.equalizeHist(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
        boxes: list[list[float]] = []
        scores: list[float] = []
        for name, cascade in cascades:
            for mirrored in (False, True) if "profile" in name else (False,):
                seen = np.ascontiguousarray(grey[:, ::-1]) if mirrored else grey
                places, counts = cascade.detectMultiScale2(
                    seen, 1.1, 1, minSize=(smallest, smallest)
                )
                for (x, y, w, h), count in zip(places, np.ravel(counts), strict=True):
                    left = grey.shape[1] - x - w if mirrored else x
                    boxes.append([float(left), float(y) + 0.15 * h, float(w), 0.85 * float(h)])
                    scores.append(float(count))
        places_, scores_ = np.array(boxes).reshape(-1, 4), np.array(scores)
        kept = suppressed(places_, scores_)
        return places_[kept], scores_[kept]

    return find


def empty_pictures(folder: Path, count: int) -> Iterator[Bytes]:
    """Pictures of 640×480 without faces: scenery kept back from training, and patterns."""
    kept = Scenery.read(folder, kept_back=True)
    for k in range(count):
        rng = np.random.default_rng((0xE397, k))
        kinds = [n for n, p in (("around", kept.around), ("room", kept.rooms)) if p]
        kind = [*kinds, "pattern"][k % (len(kinds) + 1)]
        if kind == "around":
            sky = kept.around[int(rng.integers(len(kept.around)))]
            yield view(rng, sky, WIDTH)[:HEIGHT]
        elif kind == "room":
            room = kept.rooms[int(rng.integers(len(kept.rooms)))]
            part = room[:, ::-1] if rng.random() < 0.5 else room
            yield np.asarray(cv2.resize(np.ascontiguousarray(part), (WIDTH, HEIGHT)))
        else:
            yield texture(2_000_000_000 + k, WIDTH, HEIGHT)


def in_scenes(faces: Sequence[Annotated], size: int) -> Iterator[tuple[Bytes, NDArray[np.float64]]]:
    """Each face's crop with a box of ``size`` pixels, somewhere over a pattern of 640×480.

    Faces that would have to be enlarged are left out.
    """
    for k, face in enumerate(faces):
        times = size / max(face.box[2:])
        height, width = face.picture.shape[:2]
        new = max(2, round(width * times)), max(2, round(height * times))
        if times > 1.1 or new[0] > WIDTH or new[1] > HEIGHT:
            continue
        rng = np.random.default_rng((0x5CA1E, k, size))
        scene = texture(2_100_000_000 + k, WIDTH, HEIGHT)
        x, y = int(rng.integers(WIDTH - new[0] + 1)), int(rng.integers(HEIGHT - new[1] + 1))
        small = cv2.resize(face.picture, new, interpolation=cv2.INTER_AREA)
        scene[y : y + new[1], x : x + new[0]] = small
        fx, fy = new[0] / width, new[1] / height
        left, top = (face.box[0] + 0.5) * fx - 0.5 + x, (face.box[1] + 0.5) * fy - 0.5 + y
        yield scene, np.array([[left, top, face.box[2] * fx, face.box[3] * fy]])


@dataclass(frozen=True)
class Outcome:
    """Of one detector.

    Attributes
    ----------
    threshold : float
        Score at which one of 100 pictures without a face has a false one.
    recall : float
        On the annotated pictures themselves at that score.
    wrong : float
        Boxes beside the annotated face, in a picture; some are faces that nobody annotated.
    scenes : dict of int to float
        Recall by the box's longer side.
    milliseconds : float
        Processor time of a picture of 640×480.
    missed : tuple of str
    """

    threshold: float
    recall: float
    wrong: float
    scenes: dict[int, float]
    milliseconds: float
    missed: tuple[str, ...]


def outcome(finder: Finder, faces: Sequence[Annotated], scenery: Path, empty: int = 600) -> Outcome:
    """Measure a detector."""
    nothing = DetectionFigures(OVERLAP)
    begun = time.process_time()
    for picture in empty_pictures(scenery, empty):
        nothing.add(*finder(picture), np.empty((0, 4)))
    begun = time.process_time()
    for _ in range(20):
        finder(picture)
    milliseconds = (time.process_time() - begun) / 20 * 1e3
    threshold = nothing.threshold(FALSE_RATE)
    crops, missed = DetectionFigures(OVERLAP), []
    for face in faces:
        crops.add(*finder(face.picture), np.array([face.box]))
        if crops.faces[-1] < threshold:
            missed.append(face.name)
    scenes = {}
    for size in SIZES:
        figures = DetectionFigures(OVERLAP)
        for scene, truth in in_scenes(faces, size):
            figures.add(*finder(scene), truth)
        scenes[size] = figures.recall(threshold)
    return Outcome(
        threshold,
        crops.recall(threshold),
        crops.false_rate(threshold),
        scenes,
        milliseconds,
        tuple(missed),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, action="append", default=[])
    parser.add_argument("--faces", type=Path, required=True)
    parser.add_argument("--scenery", type=Path, default=Path("runs/scenery"))
    parser.add_argument("--cascades", action="store_true")
    parser.add_argument("--empty", type=int, default=600)
    parsed = parser.parse_args()
    faces = annotated(parsed.faces)
    finders: dict[str, Callable[[], Finder]] = {
        str(m): partial(network_finder, m) for m in parsed.model
    }
    if parsed.cascades:
        for names in CASCADES:
            finders["+".join(names)] = partial(cascade_finder, *names)
    sizes = "  ".join(f"{s:>5}" for s in SIZES)
    print(f"{'':36}{'score':>8}{'recall':>8}{'wrong':>7}  {sizes}{'ms':>8}")
    for name, make in finders.items():
        told = outcome(make(), faces, parsed.scenery, parsed.empty)
        scenes = "  ".join(f"{100 * r:5.1f}" for r in told.scenes.values())
        print(
            f"{name[-35:]:36}{told.threshold:8.3f}{100 * told.recall:8.1f}{told.wrong:7.2f}  "
            f"{scenes}{told.milliseconds:8.1f}"
        )
        print(f"  missed: {' '.join(told.missed) or 'none'}", flush=True)


CASCADES: Final = (
    ("frontalface_default",),
    ("frontalface_alt",),
    ("frontalface_alt2",),
    ("frontalface_alt2", "profileface"),
)


if __name__ == "__main__":
    main()
