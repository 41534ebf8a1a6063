"""Edits of many landmarks at once: snapping, mirror, relax, spread, lines, parts, rounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from app.curate import view as views
from app.curate.action import Action
from app.curate.contours import ResampleContour
from app.curate.generators import CentroidRound, Outline
from app.curate.moving import Symmetrise
from app.curate.naming import ClosePart, JoinPart, LeavePart, RenamePart
from app.curate.resampling import Relax, Resample
from widgets.curate.edit_tools import LineTool, snap_action
from widgets.curate.scene_view import SceneView
from widgets.curate.session import CurateSession
from widgets.curate.tool_words import SNAPS
from widgets.fields.form import Choice, Hint, Panel, Section, Toggle, side_by_side
from widgets.fields.number_field import NumberField


class ToolsPanel(Panel):
    """Sends actions about what is chosen."""

    def __init__(self, session: CurateSession, scene: SceneView) -> None:
        super().__init__()
        self._session, self._scene = session, scene
        self._needs: list[tuple[QWidget, int]] = []
        for section in (
            self._snap_section(),
            self._mirror_section(),
            self._shape_section(),
            self._line_section(),
            self._part_section(),
            self._round_section(),
        ):
            self.add(section)
        for signal in (session.selection_changed, session.opened, session.state_changed):
            signal.connect(self._enable)
        session.document_changed.connect(lambda before, after: self._show_parts(before, after))
        session.opened.connect(self._show_parts)
        session.view_changed.connect(self._show_view)
        self._show_parts()
        self._show_view()
        self._enable()

    # Sections

    def _snap_section(self) -> Section:
        section = Section("Snap")
        self.snap = Choice("Snap to")
        for key, text in SNAPS.items():
            self.snap.addItem(text, key)
        self.snap.activated.connect(self._take_snap)
        section.add_row("With Ctrl", self.snap).setToolTip(
            "Where a point goes that is dragged with Ctrl held"
        )
        buttons = []
        for key, text in SNAPS.items():
            if key != "none":
                button = self._button(text, f"Bring what is chosen there: {text.lower()}", 1)
                button.clicked.connect(lambda _=False, key=key: self._snap(key))
                buttons.append(button)
        section.add(side_by_side(*buttons[:2]))
        section.add(side_by_side(*buttons[2:]))
        return section

    def _mirror_section(self) -> Section:
        section = Section("Mirror")
        self.mirrored = Toggle("Edit both sides", "The other side of the face follows every edit")
        self.mirrored.edited.connect(self._set_mirrored)
        self.alone = Toggle("Not the chosen ones", "These are edited alone")
        self.alone.edited.connect(self._set_alone)
        section.add(side_by_side(self.mirrored, self.alone))
        button = self._button("Mirror to the other side", "The chosen side is the right one", 1)
        button.clicked.connect(lambda: self._do_chosen(Symmetrise))
        section.add(button)
        return section

    def _shape_section(self) -> Section:
        section = Section("Relax and spread")
        self.turns = NumberField(
            "Turns", default=5, hard=(1, 200), soft=(1, 50), step=1, decimals=0, caption="Turns"
        )
        self.share = NumberField(
            "Strength", default=0.5, hard=(0.01, 1.0), decimals=2, bar=True, caption="Strength"
        )
        section.add_block("", (self.turns, self.share))
        relax = self._button("Relax", "Ease points towards those that edges join them with", 1)
        relax.clicked.connect(self._relax)
        even = self._button("Spread evenly", "Even distances in the region that they cover", 2)
        even.clicked.connect(lambda: self._do_chosen(Resample))
        section.add(side_by_side(relax, even))
        return section

    def _line_section(self) -> Section:
        section = Section("Lines")
        self.line_name = QLineEdit(placeholderText="Name of a new line")
        self.line_name.setAccessibleName("Name of a new line")
        self.line_name.textEdited.connect(self._take_line)
        self.line_count = NumberField(
            "Points", default=9, hard=(2, 500), soft=(2, 60), step=1, decimals=0, caption="Points"
        )
        self.line_count.edited.connect(lambda *_: self._take_line())
        self.line_closed = Toggle("Closed")
        self.line_closed.edited.connect(lambda *_: self._take_line())
        section.add(self.line_name)
        section.add(side_by_side(self.line_count, self.line_closed))
        section.add(Hint("Take the Line tool (D), click places on the skin, press Enter."))
        self.draw = QPushButton("Draw the clicked line")
        self.draw.clicked.connect(self._draw_line)
        section.add(self.draw)
        return section

    def _part_section(self) -> Section:
        section = Section("Parts")
        self.part = Choice("Part")
        self.part.setEditable(True)
        field = self.part.lineEdit()
        assert field is not None
        field.setPlaceholderText("Name of a part")
        self.part.currentTextChanged.connect(lambda _: self._enable())
        section.add(self.part)
        self.assign = self._button("Assign", "Make what is chosen members of this part", 1)
        self.assign.clicked.connect(lambda: self._do_chosen(lambda ids: JoinPart(ids, self._part)))
        self.leave = self._button("Take out", "Take what is chosen out of this part", 1)
        self.leave.clicked.connect(lambda: self._do_chosen(lambda ids: LeavePart(ids, self._part)))
        self.choose = QPushButton("Choose all")
        self.choose.clicked.connect(self._choose_part)
        section.add(side_by_side(self.assign, self.leave, self.choose))
        self.close_part = QPushButton("Close")
        self.close_part.setToolTip("Join the last point with the first, or open the line again")
        self.close_part.clicked.connect(self._close_part)
        self.rename = QPushButton("Rename to")
        self.rename.clicked.connect(self._rename_part)
        self.new_name = QLineEdit(placeholderText="Another name")
        self.new_name.setAccessibleName("Another name for the part")
        section.add(side_by_side(self.rename, self.new_name))
        self.resample = QPushButton("Resample to")
        self.resample.setToolTip("So many points at even distances along the line")
        self.resample.clicked.connect(self._resample_part)
        self.part_count = NumberField(
            "Points of the part", default=9, hard=(2, 500), soft=(2, 60), step=1, decimals=0
        )
        section.add(side_by_side(self.resample, self.part_count, self.close_part))
        return section

    def _round_section(self) -> Section:
        section = Section("Dense rounds", expanded=False)
        section.add(
            Hint(
                "Points along the hairline, then the middles of the triangles between the points "
                "so far, again and again. Each step can be undone."
            )
        )
        self.outline = QPushButton("Add the outline")
        self.outline.clicked.connect(lambda: self._session.do(Outline()))
        self.round = QPushButton("Add a round")
        self.round.clicked.connect(lambda: self._session.do(CentroidRound()))
        section.add(side_by_side(self.outline, self.round))
        return section

    def _button(self, text: str, tip: str, least: int) -> QPushButton:
        """A button that needs so many chosen landmarks."""
        button = QPushButton(text)
        button.setToolTip(tip)
        self._needs.append((button, least))
        return button

    # What is done

    def _do_chosen(self, make: Callable[[tuple[str, ...]], Action]) -> None:
        ids = self._session.ordered_selection()
        if ids:
            self._session.do(make(ids))

    def _take_snap(self) -> None:
        self._scene.snap = self.snap.currentData()

    def _snap(self, key: str) -> None:
        ids = self._session.ordered_selection()
        action = snap_action(key, ids)  # type: ignore[arg-type]
        if action is not None and ids:
            self._session.do(action)

    def _set_mirrored(self, on: bool) -> None:
        document = self._session.document
        if document is not None:
            self._session.look(replace(document.view, mirrored=on))

    def _set_alone(self, on: bool) -> None:
        document, ids = self._session.document, self._session.selection
        if document is not None and ids:
            change = views.leave_alone if on else views.mirror_again
            self._session.look(change(document.view, ids))

    def _relax(self) -> None:
        turns, share = int(self.turns.value()), float(self.share.value())
        self._do_chosen(lambda ids: Relax(ids, turns, share))

    def _take_line(self, *_: object) -> None:
        self._scene.line_name = self.line_name.text().strip()
        self._scene.line_count = int(self.line_count.value())
        self._scene.line_closed = self.line_closed.isChecked()

    def _draw_line(self) -> None:
        self._take_line()
        if isinstance(self._scene.tool, LineTool):
            self._scene.tool.finish()
        else:
            self._scene.set_tool("line")
            self._scene.setFocus()

    @property
    def _part(self) -> str:
        return self.part.currentText().strip()

    def _choose_part(self) -> None:
        points = self._scene.layer.points
        if points is None:
            return
        for part in points.topology.parts:
            if part.name == self._part:
                self._session.select([points.ids[i] for i in part.landmarks])

    def _close_part(self) -> None:
        topology = self._session.topology
        for part in topology.parts if topology is not None else ():
            if part.name == self._part:
                self._session.do(ClosePart(part.name, not part.closed))

    def _rename_part(self) -> None:
        name = self.new_name.text().strip()
        if name and self._session.do(RenamePart(self._part, name)):
            self.part.setCurrentText(name)
            self.new_name.clear()

    def _resample_part(self) -> None:
        self._session.do(ResampleContour(self._part, int(self.part_count.value())))

    # What is heard

    def _show_parts(self, *news: object) -> None:
        topology = self._session.topology
        if len(news) == 2 and topology is not None:
            before = news[0]
            if before is not topology and getattr(before, "parts", None) == topology.parts:
                return
        names = [part.name for part in topology.parts] if topology is not None else []
        text = self.part.currentText()
        self.part.blockSignals(True)
        self.part.clear()
        self.part.addItems(names)
        self.part.setCurrentText(text if text in names else (names[0] if names else ""))
        self.part.blockSignals(False)
        self._enable()

    def _show_view(self) -> None:
        document = self._session.document
        view = document.view if document is not None else views.View()
        self.mirrored.setChecked(view.mirrored)
        self._enable()

    def _enable(self) -> None:
        session = self._session
        document, editing = session.document, session.editing
        may = document is not None and editing is not None and editing.writable
        for widget, least in self._needs:
            widget.setEnabled(may and len(session.selection) >= least)
        known = self.part.findText(self._part) >= 0 if self._part else False
        self.choose.setEnabled(known)
        for widget in (self.close_part, self.rename, self.resample):
            widget.setEnabled(may and known)
        self.leave.setEnabled(self.leave.isEnabled() and known)
        self.assign.setEnabled(self.assign.isEnabled() and bool(self._part))
        for widget in (self.outline, self.round, self.draw):
            widget.setEnabled(may)
        self.alone.setEnabled(bool(session.selection) and document is not None)
        if document is not None and session.selection:
            self.alone.setChecked(session.selection <= document.view.alone)
        else:
            self.alone.setChecked(False)
