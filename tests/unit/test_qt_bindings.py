"""The Qt bindings count their references.

The wheels of PySide6 6.12.0 on Python 3.11 lose one reference to None with every call that
returns nothing, and the process aborts sooner or later.
"""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from PySide6.QtCore import QObject
thing = QObject()
before = sys.getrefcount(None)
for _ in range(1000):
    thing.setObjectName("x")
print(before - sys.getrefcount(None))
"""


def test_calls_without_a_result_lose_no_reference_to_none() -> None:
    out = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert int(out.stdout) < 100, "this PySide6 aborts on this Python: take another version"
