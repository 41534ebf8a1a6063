"""The status bar: what the pointer does, the head, Blender, jobs and notices."""

from __future__ import annotations

from typing import Final, Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStatusBar, QToolButton, QWidget

from app.head.asset import HeadAsset
from app.session.settings import Unit
from widgets.theme import COLORS, icon

WorkerState = Literal["off", "starting", "ready", "working", "failed"]
_DOTS: Final[dict[WorkerState, str]] = {
    "off": "faint",
    "starting": "warning",
    "ready": "success",
    "working": "accent",
    "failed": "error",
}
_FACTORS: Final[dict[Unit, tuple[float, int]]] = {"m": (1.0, 3), "cm": (100.0, 1), "mm": (1e3, 0)}


def length(metres: float, unit: Unit) -> str:
    """A length as people read it, in the unit of the settings."""
    factor, decimals = _FACTORS[unit]
    return f"{metres * factor:.{decimals}f} {unit}"


class StatusLine(QStatusBar):
    """Left a hint, right the facts; the last two are buttons that open their lists."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._asset: HeadAsset | None = None
        self._unit: Unit = "m"
        self._hint = QLabel()
        self.head = QLabel()
        self._dot = QLabel("●")
        self.worker = QLabel()
        self.worker.setAccessibleName("Blender")
        worker = QWidget()
        row = QHBoxLayout(worker)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(0)
        row.addWidget(self._dot)
        row.addWidget(self.worker)
        self.jobs = self._button("jobs", "Jobs")
        self.notices = self._button("bell", "Notifications")
        self.addWidget(self._hint, 1)
        for widget in (self.head, worker, self.jobs, self.notices):
            self.addPermanentWidget(widget)
        self.show_worker("off", "Blender not started")
        self.show_jobs(0)
        self.show_notices(0)

    def show_hint(self, text: str) -> None:
        self._hint.setText(text)

    def show_head(self, asset: HeadAsset | None) -> None:
        self._asset = asset
        if asset is None:
            self.head.setText("No head")
            return
        self.head.setText(
            f"{asset.name}  ·  {asset.vertex_count:,} vertices  ·  "
            f"{length(asset.head_height, self._unit)} high"
        )
        self.head.setToolTip(
            f"{asset.triangle_count:,} triangles, {len(asset.skeleton.names)} bones, "
            f"{len(asset.shape_names)} shapes"
        )

    def set_unit(self, unit: Unit) -> None:
        self._unit = unit
        self.show_head(self._asset)

    def show_worker(self, state: WorkerState, text: str) -> None:
        self._dot.setStyleSheet(f"color: {COLORS[_DOTS[state]]}; padding: 0;")
        self.worker.setText(text)

    def show_jobs(self, running: int) -> None:
        self.jobs.setText(str(running) if running else "")
        self.jobs.setToolTip(f"Jobs: {running} running" if running else "Jobs")

    def show_notices(self, unseen: int) -> None:
        self.notices.setText(str(unseen) if unseen else "")
        self.notices.setToolTip(f"Notifications: {unseen} new" if unseen else "Notifications")

    def _button(self, symbol: str, name: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(symbol, "muted"))
        button.setIconSize(QSize(16, 16))
        button.setAccessibleName(name)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button
