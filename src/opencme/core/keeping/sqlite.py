"""Copying a SQLite database while it is written to, and putting a copy in its place."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from .files import sync, written_whole

COMPANIONS = ("", "-wal", "-shm", "-journal")
"""What belongs to a database file by its name. A foreign log beside a file would be played into it."""


_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR)


class CopyDamaged(Exception):
    """SQLite's own check finds the copy damaged; its words are in the message."""


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy the database as it is at one moment, whoever writes meanwhile.

    The copy is one file without a log beside it, on the disk and checked when it has its name.
    Raises `CopyDamaged`.
    """
    with (
        written_whole(target) as draft,
        closing(sqlite3.connect(source, timeout=20)) as live,
        closing(sqlite3.connect(draft)) as copy,
    ):
        # In one step: in several, each write in between would make it begin again.
        live.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")
        _refuse_damage(copy)


def _refuse_damage(database: sqlite3.Connection) -> None:
    found = [row[0] for row in database.execute("PRAGMA quick_check(5)")]
    if found != ["ok"]:
        raise CopyDamaged("; ".join(found))


def is_in_use(database: Path) -> bool:
    """Whether any program has the database open, be it idle.

    Of a file that is damaged, or that the disk does not read, it cannot be told: False.
    """
    try:
        # Opening reads the file's first bytes already.
        with closing(sqlite3.connect(database, timeout=0.5, isolation_level=None)) as probe:
            # With a log, each connection keeps a shared lock on the file for as long as it is open.
            probe.execute("PRAGMA locking_mode=EXCLUSIVE")
            probe.execute("BEGIN EXCLUSIVE")
            probe.execute("ROLLBACK")
    except sqlite3.DatabaseError as trouble:
        kind = trouble.sqlite_errorcode & 0xFF
        if kind not in (sqlite3.SQLITE_BUSY, *_DAMAGED):
            raise
        return kind == sqlite3.SQLITE_BUSY
    return False


def put_in_place(copy: Path, place: Path, *, aside: Path) -> None:
    """Give a finished copy the database's name; what stood there goes to `aside`, with its log.

    Nobody may have the database open.
    """
    for ending in COMPANIONS:
        old = place.with_name(place.name + ending)
        if old.exists():
            old.replace(aside.with_name(aside.name + ending))
    copy.replace(place)
    sync(place.parent)
