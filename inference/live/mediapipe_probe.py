"""Times MediaPipe's FaceMesh on a clip; run by an interpreter that has ``mediapipe`` and ``cv2``.

``PYTHON mediapipe_probe.py CLIP FRAMES`` prints one line of JSON. It stands alone: that environment
need not hold this program.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any


def main() -> int:
    clip, most = sys.argv[1], int(sys.argv[2])
    import cv2
    import mediapipe  # type: ignore[import-not-found]

    video = cv2.VideoCapture(clip)
    frames: list[Any] = []
    while len(frames) < most:
        more, picture = video.read()
        if not more:
            break
        frames.append(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
    if not frames:
        print(f"{clip}: cannot be read", file=sys.stderr)
        return 2
    mesh = mediapipe.solutions.face_mesh.FaceMesh(
        static_image_mode=False, max_num_faces=1, refine_landmarks=False
    )
    wall, processor, found, points = [], [], 0, 0
    for frame in frames:
        begun, own = time.perf_counter(), time.process_time()
        result = mesh.process(frame)
        wall.append((time.perf_counter() - begun) * 1e3)
        processor.append((time.process_time() - own) * 1e3)
        if result.multi_face_landmarks:
            found += 1
            points = len(result.multi_face_landmarks[0].landmark)
    mesh.close()
    told = {
        "version": mediapipe.__version__,
        "what": "FaceMesh, following, one face, no refinement",
        "wall_ms": wall,
        "processor_ms": processor,
        "found": found,
        "points": points,
    }
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
