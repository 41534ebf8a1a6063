"""Where the program keeps its files, and where its own lie."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "assets"
HEADS = ASSETS / "heads"


def _home(variable: str, default: str) -> Path:
    path = Path(os.environ.get(variable) or default)
    path.mkdir(parents=True, exist_ok=True)
    return path


def cache_dir() -> Path:
    """Rebuilt when lost; HEADROOM_CACHE names another place."""
    return _home("HEADROOM_CACHE", platformdirs.user_cache_dir("headroom", appauthor=False))


def config_dir() -> Path:
    """Settings, corrections, recovery files; HEADROOM_CONFIG names another place."""
    return _home("HEADROOM_CONFIG", platformdirs.user_config_dir("headroom", appauthor=False))


def data_dir() -> Path:
    """What the user keeps: models that were added, snapshots; HEADROOM_DATA names another place."""
    return _home("HEADROOM_DATA", platformdirs.user_data_dir("headroom", appauthor=False))
