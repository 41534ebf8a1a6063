"""What the commands about chosen landmarks do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from app.curate import view as views
from app.curate.action import Action
from app.curate.edges import DrawEdges
from app.curate.moving import PutBack, Symmetrise
from app.curate.snapping import SnapToCurve, SnapToEdge, SnapToMirror, SnapToVertex
from app.curate.structure import Delete, Merge, SplitEdge, SplitLandmark, new_ids
from app.topology.identity import ids_of
from widgets.curate.session import CurateSession

Ids = tuple[str, ...]

ACTIONS: Final[dict[str, Callable[[Ids], Action]]] = {
    "delete": Delete,
    "merge": Merge,
    "join": DrawEdges,
    "symmetrise": Symmetrise,
    "snap_vertex": SnapToVertex,
    "snap_edge": SnapToEdge,
    "snap_mirror": SnapToMirror,
    "snap_curve": SnapToCurve,
}
LOOKS: Final = {
    "lock": views.lock,
    "unlock": views.unlock,
    "hide": views.hide,
    "alone": views.leave_alone,
}


class EditCommands:
    """Acts on the session; `do` tells whether it knew the command."""

    def __init__(self, session: CurateSession) -> None:
        self._session = session
        self._calls: dict[str, Callable[[], object]] = {
            "select_all": self._select_all,
            "select_none": lambda: session.select([]),
            "invert": self._invert,
            "select_mirror": self._select_mirror,
            "select_part": self._select_part,
            "split": self._split,
            "put_back": self._put_back,
            "solo": self._solo,
            "show_all": self._show_all,
        }

    def do(self, name: str) -> bool:
        ids = self._session.ordered_selection()
        document = self._session.document
        if name in ACTIONS:
            if ids:
                self._session.do(ACTIONS[name](self._meant_first(ids) if name == "merge" else ids))
            else:
                self._session.said.emit("info", "Choose landmarks first.")
        elif name in LOOKS:
            if document is not None and ids:
                self._session.look(LOOKS[name](document.view, ids))
        elif name in self._calls:
            self._calls[name]()
        else:
            return False
        return True

    def _meant_first(self, ids: Ids) -> Ids:
        """The landmark that was chosen last leads, so that merging keeps it."""
        current = self._session.current
        return ids if current not in ids else (current, *(key for key in ids if key != current))

    def _shown(self) -> frozenset[str]:
        document = self._session.document
        if document is None:
            return frozenset()
        return frozenset(key for key in ids_of(document.topology) if document.view.shows(key))

    def _select_all(self) -> None:
        self._session.select(self._shown())

    def _invert(self) -> None:
        self._session.select(self._shown() - self._session.selection)

    def _select_mirror(self) -> None:
        topology = self._session.topology
        if topology is not None:
            ids = ids_of(topology)
            rows = [i for i, key in enumerate(ids) if key in self._session.selection]
            self._session.select([ids[topology.mirror[i]] for i in rows])

    def _select_part(self) -> None:
        topology, chosen = self._session.topology, self._session.selection
        if topology is not None:
            ids = ids_of(topology)
            parts = (p for p in topology.parts if any(ids[i] in chosen for i in p.landmarks))
            self._session.select([ids[i] for part in parts for i in part.landmarks])

    def _split(self) -> None:
        ids = self._session.ordered_selection()
        if len(ids) == 2:
            self._session.do(SplitEdge(ids[0], ids[1], new_ids(2)))
        elif len(ids) == 1:
            self._session.do(SplitLandmark(ids[0], new_ids(2)))
        else:
            self._session.said.emit("info", "Choose one landmark, or the two ends of an edge.")

    def _put_back(self) -> None:
        document = self._session.document
        if document is None:
            return
        known = dict(zip(ids_of(document.base), document.base.landmarks, strict=True))
        ids = [key for key in self._session.ordered_selection() if key in known]
        if ids:
            self._session.do(PutBack(tuple((key, known[key]) for key in ids)))

    def _solo(self) -> None:
        document = self._session.document
        if document is not None:
            chosen = () if document.view.solo else self._session.selection
            self._session.look(views.solo(document.view, chosen))

    def _show_all(self) -> None:
        document = self._session.document
        if document is not None:
            self._session.look(views.show_all(document.view))
