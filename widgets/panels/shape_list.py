"""Every single shape of the head: grouped, searchable, left and right side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from app.head.asset import HeadAsset
from app.head.pose import HeadPose
from app.scene.scene import Scene
from app.scene.shape_groups import ShapeGroup, ShapeRow, group_shapes
from app.session.document import Document
from widgets.fields.form import BLOCK_GAP, Hint, RowLabel, Section
from widgets.fields.glyphs import GlyphButton
from widgets.fields.number_field import NumberField
from widgets.panels.scene_section import SceneSection

WEIGHT_LIMITS: Final = (-1.0, 2.0)


class ShapeSection(SceneSection):
    """Offers the shapes that the head has, and none else.

    The rows of a group are made when it is first unfolded: some heads have hundreds of shapes.
    """

    def __init__(self, document: Document) -> None:
        super().__init__("Shapes", document, lambda scene: scene.pose.shapes)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search shapes")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search shapes")
        self.search.textChanged.connect(lambda _text: self._filter())
        self.only_active = GlyphButton("filter", "Show only shapes that are on", checked="filter")
        self.only_active.toggled.connect(lambda _on: self._filter())
        self.symmetric = GlyphButton(
            "mirror", "Symmetric: an edit of one side sets the other too", checked="mirror"
        )
        self.symmetric.setChecked(True)
        self.reset_all = GlyphButton("reset", "Reset all shapes to 0")
        self.reset_all.clicked.connect(lambda: self._reset())
        tools = QHBoxLayout()
        tools.setSpacing(2)
        tools.addWidget(self.search, 1)
        for button in (self.only_active, self.symmetric, self.reset_all):
            tools.addWidget(button)
        self._tools = QWidget()
        self._tools.setLayout(tools)
        tools.setContentsMargins(0, 0, 0, 0)
        self.hint = Hint()
        self.add(self._tools)
        self.add(self.hint)
        self.groups: list[_Group] = []
        self._names: tuple[str, ...] | None = None
        self._active: frozenset[str] = frozenset()

    def set_asset(self, asset: HeadAsset | None) -> None:
        names = () if asset is None else asset.shape_names
        if names != self._names:
            self._names = names
            for group in self.groups:
                self.rows.removeWidget(group)
                group.hide()
                group.deleteLater()
            self.groups = [_Group(g, self) for g in group_shapes(names)]
            for group in self.groups:
                self.add(group)
        self._none = (
            "Open a head to see its shapes."
            if asset is None
            else "This head has no shapes: its face cannot move, but its neck can."
        )
        self._tools.setVisible(bool(names))
        self.header.set_title(f"Shapes ({len(names)})" if names else "Shapes")
        self.show_scene(self.document.scene)

    def show_scene(self, scene: Scene) -> None:
        weights = scene.pose.shapes
        for group in self.groups:
            group.show_weights(weights)
        active = frozenset(name for name, weight in weights.items() if weight)
        if active != self._active:
            self._active = active
            if not self.only_active.isChecked():
                return
        self._filter()

    def _filter(self) -> None:
        words = self.search.text().lower().split()
        active = self._active if self.only_active.isChecked() else None
        found = sum(group.show_matching(words, active) for group in self.groups)
        if not self._names:
            self.hint.setText(self._none)
        elif not found and active is not None and not words:
            self.hint.setText("No shape is on.")
        else:
            self.hint.setText("No shape is named so.")
        self.hint.setVisible(not found)

    def weight(self, name: str) -> float:
        return self.document.scene.pose.shapes.get(name, 0.0)

    def set_weights(self, text: str, weights: dict[str, float], gesture: object | None) -> None:
        """Change some weights; a weight of zero leaves the scene's list."""
        scene = self.document.scene
        shapes = {n: w for n, w in {**scene.pose.shapes, **weights}.items() if w}
        pose: HeadPose = replace(scene.pose, shapes=shapes)
        self.document.change(text, replace(scene, pose=pose), gesture)

    def edit(self, row: ShapeRow, name: str, value: float, gesture: object) -> None:
        """One field of a row was edited; with the symmetry on its pair goes along."""
        linked = self.symmetric.isChecked() and row.symmetric
        names = row.names if linked else (name,)
        self.set_weights(f"Shape {name}", dict.fromkeys(names, value), gesture)

    def _reset(self) -> None:
        self.set_weights("Reset shapes", dict.fromkeys(self.document.scene.pose.shapes, 0.0), None)


class _Group(Section):
    def __init__(self, group: ShapeGroup, owner: ShapeSection) -> None:
        super().__init__(group.title, expanded=False)
        self.rows.setContentsMargins(4, 2, 4, 6)
        self.rows.setSpacing(2)
        self.group, self._owner = group, owner
        self.lines: list[ShapeLine] = []
        self._unfolded = False
        self._forced = False
        self.reset = GlyphButton("reset", f"Reset the shapes of “{group.title}”")
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.reset.setFixedSize(22, 22)
        self.reset.setIconSize(QSize(13, 13))
        self.reset.clicked.connect(lambda: self._reset())
        self.header.add(self.reset)
        self.header.set_slim()
        self.toggled.connect(self._on_toggled)
        self.show_weights(owner.document.scene.pose.shapes)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for row in self.group.rows for name in row.names)

    def _on_toggled(self, expanded: bool) -> None:
        if not self._forced:
            self._unfolded = expanded
        self._build()

    def _build(self) -> None:
        if self.expanded and not self.lines:
            self.lines = [ShapeLine(row, self._owner) for row in self.group.rows]
            for line in self.lines:
                self.add(line)

    def show_weights(self, weights: dict[str, float]) -> None:
        on = sum(1 for name in self.names if weights.get(name))
        self.header.set_title(f"{self.group.title}  ·  {on} on" if on else self.group.title)
        self.reset.setVisible(bool(on))
        for line in self.lines:
            line.show_weights(weights)

    def show_matching(self, words: list[str], active: frozenset[str] | None) -> int:
        """Show the rows that match and unfold where people look for something."""
        matching = [self._matches(row, words, active) for row in self.group.rows]
        count = sum(matching)
        self._forced = True
        self.set_expanded(bool(count) if words or active is not None else self._unfolded)
        self._forced = False
        self._build()
        for line, visible in zip(self.lines, matching, strict=False):
            line.setVisible(visible)
        self.setVisible(bool(count))
        return count

    def _matches(self, row: ShapeRow, words: list[str], active: frozenset[str] | None) -> bool:
        text = " ".join((self.group.title, row.title, *row.names)).lower()
        on = active is None or any(name in active for name in row.names)
        return on and all(word in text for word in words)

    def _reset(self) -> None:
        self._owner.set_weights(
            f"Reset {self.group.title.lower()}", dict.fromkeys(self.names, 0.0), None
        )


class ShapeLine(QWidget):
    """One row: its title, a field for each side, and a button that resets it."""

    def __init__(self, row: ShapeRow, owner: ShapeSection) -> None:
        super().__init__()
        self.row, self._owner = row, owner
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(BLOCK_GAP)
        label = RowLabel(row.title)
        label.setFixedWidth(label.width() - 8)
        label.set_text(row.title)
        layout.addWidget(label)
        layout.addSpacing(5)
        captions = ("L", "R") if len(row.names) == 2 else ("",)
        self.fields = [
            NumberField(
                name,
                hard=WEIGHT_LIMITS,
                soft=(0.0, 1.0),
                step=0.01,
                snap=0.1,
                decimals=2,
                bar=True,
                caption=caption,
                tip=f"{name}\nWeight of the blend shape: 0 is off, 1 is full.",
            )
            for name, caption in zip(row.names, captions, strict=True)
        ]
        for name, field in zip(row.names, self.fields, strict=True):
            field.edited.connect(
                lambda value, gesture, name=name: owner.edit(row, name, value, gesture)
            )
            layout.addWidget(field, 1)
        self.reset = GlyphButton("reset", f"Reset {row.title}")
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.reset.setFixedSize(22, 22)
        self.reset.setIconSize(QSize(13, 13))
        self.reset.clicked.connect(lambda: self._reset())
        layout.addWidget(self.reset)
        self.show_weights(owner.document.scene.pose.shapes)

    def show_weights(self, weights: dict[str, float]) -> None:
        values = [weights.get(name, 0.0) for name in self.row.names]
        for field, value in zip(self.fields, values, strict=True):
            field.set_value(value)
        self.reset.setVisible(any(values))

    def _reset(self) -> None:
        self._owner.set_weights(f"Reset {self.row.title}", dict.fromkeys(self.row.names, 0.0), None)
