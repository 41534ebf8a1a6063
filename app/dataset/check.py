"""Finding what is missing, damaged or inconsistent in a data set."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from app.dataset import manifest
from app.dataset.check_jobs import CHUNK, Finding, Job, run, within
from app.dataset.files import PARTIAL
from app.dataset.manifest import ManifestError, Row
from app.dataset.reader import GENDERS, folders, kind_of, samples
from app.dataset.run_record import FILE as RECORD
from app.dataset.run_record import read_record
from app.dataset.spec import SpecError

FAILED: Final = "failed.jsonl"
WORK: Final = ".work"

Tell = Callable[[Finding], None]
Progress = Callable[[int, int | None], None]
"""Hears how many frames are checked, and how many there are as far as that is known."""


class NoDataSetError(ValueError):
    """The folder holds no data set; the message is one line."""


@dataclass(frozen=True)
class Summary:
    """What was looked at. ``ours`` tells a data set of this program from the papers'."""

    frames: int
    findings: int
    ours: bool


def check(
    root: Path,
    tell: Tell,
    *,
    quick: bool = False,
    workers: int = 1,
    progress: Progress = lambda done, total: None,
) -> Summary:
    """Check a data set, ours or the papers'; findings are told as they come.

    Parameters
    ----------
    root : Path
    tell : callable
        Hears each `Finding`.
    quick : bool
        Look at names and sizes alone.
    workers : int
        Processes to share the work among.

    Raises
    ------
    NoDataSetError
        When the folder holds none.
    OSError
        When it cannot be read.
    """
    ours = is_ours(root)
    count = 0

    def found(finding: Finding) -> None:
        nonlocal count
        count += 1
        tell(finding)

    listing = _Listing(root, found) if ours else None
    numbers = _Numbers()
    frames = 0
    total = manifest.count(root) if ours else None
    for job, results in run(_jobs(root, listing, found, quick=quick, ours=ours), workers):
        for finding in results.findings:
            found(finding)
        for id_, number in results.numbers.items():
            if not numbers.add(number):
                found(Finding(within(job.folder, id_), f"shares the number {number} with another"))
        frames += len(job.frames)
        progress(frames, total)
    if listing is not None:
        for finding in (*listing.absent_subjects(), *_unmade(root, numbers, listing.numbers)):
            found(finding)
    return Summary(frames, count, ours)


def is_ours(root: Path) -> bool:
    """Whether a folder holds a data set of this program or one like the papers'.

    Raises
    ------
    NoDataSetError
        When it holds neither.
    OSError
    """
    if not root.is_dir():
        raise NoDataSetError(f"{root} is no folder")
    if (root / manifest.FILE).exists() or (root / RECORD).exists():
        return True
    with os.scandir(root):
        first = next((s for f in folders(root) for s in samples(root, f)), None)
    if first is None:
        text = f"no {manifest.FILE}, rgb_<id>.jpg or data_<id>.txt"
        raise NoDataSetError(f"{root} holds no data set ({text})")
    return "annotation" in first.files


def unfinish(root: Path, findings: Iterable[Finding]) -> int:
    """Take the mark of being done from frames with findings, so that a resumed run makes them.

    Returns
    -------
    int
        How many frames that were.

    Raises
    ------
    OSError
    """
    marks = set()
    for finding in findings:
        path = root / finding.path
        known = kind_of(path.name)
        if known is not None:
            marks.add(path.with_name(f"ann_{known[1]}.json"))
    there = [path for path in sorted(marks) if path.is_file()]
    for path in there:
        path.unlink()
    return len(there)


class _Numbers:
    """A set of numbers, one byte each."""

    def __init__(self) -> None:
        self._seen = bytearray()

    def add(self, number: int) -> bool:
        """Whether it is new."""
        if not 0 <= number < 2**31:
            return True
        if number >= len(self._seen):
            self._seen.extend(bytes(number + 4096 - len(self._seen)))
        new = not self._seen[number]
        self._seen[number] = 1
        return new

    def __contains__(self, number: int) -> bool:
        return number < len(self._seen) and bool(self._seen[number])


class _Listing:
    """The manifest, one subject at a time."""

    def __init__(self, root: Path, found: Tell) -> None:
        self._root = root
        self._found = found
        self._seen: set[str] = set()
        self.numbers = _Numbers()
        self.readable = False
        try:
            self._subjects = set(manifest.subjects(root))
            self.readable = True
        except ManifestError as fault:
            said = str(fault).removeprefix(manifest.FILE).strip()
            if (root / manifest.PARTS).is_dir():
                said += ": the run was broken off, resume it"
            found(Finding(manifest.FILE, said))
        except OSError as problem:
            found(Finding(manifest.FILE, f"cannot be read: {problem.strerror or problem}"))

    def rows(self, subject: str) -> dict[str, dict[str, Row]]:
        """Rows of a subject by folder and id."""
        if not self.readable or subject not in self._subjects:
            return {}
        self._seen.add(subject)
        rows: dict[str, dict[str, Row]] = {}
        for row in manifest.rows_of(self._root, subject):
            place = within(row["folder"], row["id"])
            if row["id"] in rows.setdefault(row["folder"], {}):
                self._found(Finding(manifest.FILE, f"lists {place} twice"))
            if not self.numbers.add(row["number"]):
                self._found(Finding(manifest.FILE, f"lists the number {row['number']} twice"))
            rows[row["folder"]][row["id"]] = row
        return rows

    def absent_subjects(self) -> Iterator[Finding]:
        """Subjects that have no folder."""
        if not self.readable:
            return
        for subject in sorted(self._subjects - self._seen):
            count = sum(len(own) for own in self.rows(subject).values())
            text = "frame that the manifest lists is" if count == 1 else "frames that it lists are"
            yield Finding(subject, f"is missing: {count} {text} not there")


def _jobs(
    root: Path, listing: _Listing | None, found: Tell, *, quick: bool, ours: bool
) -> Iterator[Job]:
    for name in (PARTIAL, manifest.PARTS, WORK):
        if (root / name).is_dir():
            found(Finding(name, "a run was broken off, or still goes on: resume it"))
    for subject, group in groupby(folders(root), key=_subject):
        rows = listing.rows(subject) if listing is not None and subject else {}
        for folder in group:
            there = list(samples(root, folder))
            own = tuple(sample.id for sample in there)
            listed = rows.pop(folder, {})
            if listing is not None and listing.readable:
                for finding in _differences(folder, own, listed):
                    found(finding)
            for finding in _strays(root, folder, frozenset(own)):
                found(finding)
            with_depth = any("depth" in sample.files for sample in there)
            for start in range(0, len(there), CHUNK):
                frames = tuple(there[start : start + CHUNK])
                chosen = {s.id: listed[s.id] for s in frames if s.id in listed}
                yield Job(folder, frames, chosen, quick, ours, with_depth)
        for folder, lost in rows.items():
            for id_ in lost:
                found(Finding(within(folder, id_), "is listed in the manifest and missing"))


def _subject(folder: str) -> str:
    """``female/0001`` of a folder in it; empty for the folders above and others."""
    parts = folder.split("/")
    return "/".join(parts[:2]) if len(parts) > 1 and parts[0] in GENDERS else ""


def _differences(folder: str, own: Iterable[str], listed: dict[str, Row]) -> Iterator[Finding]:
    there = set(own)
    for id_ in own:
        if id_ not in listed:
            yield Finding(within(folder, id_), "is not listed in the manifest")
    for id_ in listed:
        if id_ not in there:
            yield Finding(within(folder, id_), "is listed in the manifest and missing")


def _strays(root: Path, folder: str, ids: frozenset[str]) -> Iterator[Finding]:
    """Files of no frame, in folders of frames, and frames that have a file twice."""
    seen: dict[tuple[str, str], str] = {}
    with os.scandir(root / folder) as entries:
        names = sorted(e.name for e in entries if not e.is_dir(follow_symlinks=False))
    for name in names:
        known = kind_of(name)
        if known is None:
            if ids:
                yield Finding(within(folder, name), "is no file of a frame")
        elif known[1] not in ids:
            text = "belongs to no frame: picture, text and annotation are missing"
            yield Finding(within(folder, name), text)
        elif known in seen:
            yield Finding(within(folder, name), f"is the same frame's as {seen[known]}")
        else:
            seen[known] = name


def _unmade(root: Path, there: _Numbers, listed: _Numbers) -> Iterator[Finding]:
    """Pictures that were planned and never made: those that failed by name, the others in runs."""
    if not (root / RECORD).exists():
        return
    try:
        plan = read_record(root).plan
    except SpecError as fault:
        yield Finding(RECORD, str(fault).rstrip("."))
        return
    failed = _failed(root)
    begin: int | None = None
    for number in range(len(plan) + 1):
        missing = number < len(plan) and number not in there and number not in listed
        if missing and number in failed:
            frame = plan.frame(number)
            text = f"could not be made: {failed[number]}"
            yield Finding(within(frame.folder, frame.id), text)
            missing = False
        if missing and begin is None:
            begin = number
        elif not missing and begin is not None:
            frame, more = plan.frame(begin), number - begin - 1
            text = f"and {more} more were planned and not made" if more else "was not made"
            yield Finding(within(frame.folder, frame.id), f"{text}: resume the run")
            begin = None


def _failed(root: Path) -> dict[int, str]:
    """Reasons of pictures that could not be made, by number."""
    try:
        lines = (root / FAILED).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    found: dict[int, str] = {}
    for line in lines:
        try:
            entry = json.loads(line)
            found[int(entry["number"])] = " ".join(str(entry["reason"]).split())
        except (ValueError, KeyError, TypeError):
            continue
    return found
