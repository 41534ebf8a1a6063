"""The tables of a store, and how those of an older program become today's.

Everything that is history (releases, contents of proposals, comments, the audit trail) can only be
added to: triggers refuse to change or to remove it.
"""

from __future__ import annotations

from typing import Final

APPLICATION: Final = 0x48524D54
"""``application_id`` of the file: the letters HRMT."""

_TABLES: Final = """
CREATE TABLE person (
  name TEXT PRIMARY KEY NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  curator INTEGER NOT NULL CHECK (curator IN (0, 1))
) WITHOUT ROWID, STRICT;

CREATE TABLE rule (
  name TEXT PRIMARY KEY NOT NULL,
  value INTEGER NOT NULL CHECK (value IN (0, 1))
) WITHOUT ROWID, STRICT;

CREATE TABLE release (
  topology TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number >= 1),
  hash TEXT NOT NULL UNIQUE,
  parent TEXT REFERENCES release (hash),
  content_sha256 TEXT NOT NULL,
  content BLOB NOT NULL,
  record BLOB NOT NULL,
  PRIMARY KEY (topology, number)
) WITHOUT ROWID, STRICT;
CREATE INDEX release_content ON release (content_sha256);

CREATE TABLE proposal (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  topology TEXT NOT NULL,
  base INTEGER NOT NULL,
  author TEXT NOT NULL REFERENCES person (name),
  title TEXT NOT NULL CHECK (length(title) <= 200),
  state TEXT NOT NULL CHECK (state IN ('draft', 'proposed', 'approved', 'rejected', 'withdrawn')),
  revision INTEGER NOT NULL,
  released INTEGER,
  created TEXT NOT NULL,
  changed TEXT NOT NULL,
  changed_by TEXT NOT NULL REFERENCES person (name),
  points INTEGER NOT NULL,
  approved INTEGER NOT NULL DEFAULT 0,
  rejected INTEGER NOT NULL DEFAULT 0,
  FOREIGN KEY (topology, base) REFERENCES release (topology, number),
  FOREIGN KEY (topology, released) REFERENCES release (topology, number)
) STRICT;
CREATE INDEX proposal_state ON proposal (state, topology);
CREATE INDEX proposal_author ON proposal (author);

CREATE TABLE content (
  proposal INTEGER NOT NULL REFERENCES proposal (number),
  revision INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  changes BLOB NOT NULL,
  PRIMARY KEY (proposal, revision)
) STRICT;

CREATE TABLE point (
  ref INTEGER PRIMARY KEY,
  landmark TEXT NOT NULL,
  name TEXT NOT NULL,
  UNIQUE (landmark, name)
) STRICT;

CREATE TABLE edit (
  proposal INTEGER NOT NULL REFERENCES proposal (number),
  place INTEGER NOT NULL,
  point INTEGER NOT NULL REFERENCES point (ref),
  kind TEXT NOT NULL CHECK (kind IN ('added', 'moved', 'changed', 'removed')),
  distance REAL NOT NULL,
  becomes BLOB NOT NULL,
  verdict TEXT CHECK (verdict IN ('approved', 'rejected')),
  settled BLOB,
  PRIMARY KEY (proposal, place),
  UNIQUE (proposal, point)
) WITHOUT ROWID, STRICT;
CREATE INDEX edit_point ON edit (point);

CREATE TABLE comment (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  proposal INTEGER NOT NULL REFERENCES proposal (number),
  landmark TEXT,
  reason TEXT,
  text TEXT NOT NULL CHECK (length(text) <= 4000),
  author TEXT NOT NULL REFERENCES person (name),
  at TEXT NOT NULL
) STRICT;
CREATE INDEX comment_proposal ON comment (proposal);

CREATE TABLE audit (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  by TEXT NOT NULL,
  action TEXT NOT NULL,
  proposal INTEGER,
  topology TEXT,
  release INTEGER,
  detail BLOB NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX audit_proposal ON audit (proposal);
CREATE INDEX audit_topology ON audit (topology, release);
"""

_HISTORY: Final = ("release", "content", "comment", "audit")


def _kept(table: str) -> str:
    return "".join(
        f"CREATE TRIGGER {table}_no_{action} BEFORE {action.upper()} ON {table} BEGIN "
        f"SELECT RAISE(ABORT, 'the {table} is history: it is never changed'); END;\n"
        for action in ("update", "delete")
    )


MIGRATIONS: Final[tuple[str, ...]] = (_TABLES + "".join(_kept(table) for table in _HISTORY),)
"""``MIGRATIONS[n]`` brings a store of version n to version n + 1; the first one makes it."""
