"""Ready lightings: each replaces lights and environment in one undo step."""

from __future__ import annotations

from app.session.document import Document
from widgets.fields.form import Section


class PresetSection(Section):
    def __init__(self, document: Document) -> None:
        super().__init__("Presets")
