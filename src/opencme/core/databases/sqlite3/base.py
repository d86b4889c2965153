"""Django's SQLite, for a server that writes from several threads.

A connection takes the turn of its process before its transaction begins and gives it back when the
transaction is over, however it ends: waiting is fair and bounded, and SQLite's own polling is left to
what other processes do. Then it waits for the disk, together with others (`group_sync`). The log that
precedes the file is emptied before it grows without end.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base
from django.utils.functional import cached_property

from opencme.core.databases.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseTrouble,
    NotOnDisk,
    StorageFailed,
    StorageFull,
)
from opencme.core.databases.naming import NamedErrors
from opencme.core.databases.sqlite3.group_sync import GroupSync, SyncFailed, group_of
from opencme.core.databases.write_queue import WriteQueue, queue_of

# SQLite would empty its log by itself, inside whose commit it pleases, and keep silent where the disk
# fails at that. So it is told not to (`wal_autocheckpoint=0`): from this size on, writers empty it, and
# wait a moment for the readers of then.
LOG_LIMIT = 4 * 1024 * 1024
_READERS_WAITED_FOR_MS = 100
_PAUSE_AFTER_A_VAIN_TRY = 2.0

logger = logging.getLogger(__name__)

_SYNCHRONOUS_NORMAL = 1

_READS = ("SELECT", "PRAGMA", "EXPLAIN", "COMMIT", "ROLLBACK", "END", "RELEASE", "SAVEPOINT")

_NAMES: dict[int, type[DatabaseTrouble]] = {
    sqlite3.SQLITE_FULL: StorageFull,
    sqlite3.SQLITE_IOERR: StorageFailed,
    sqlite3.SQLITE_READONLY: StorageFailed,
    sqlite3.SQLITE_CORRUPT: DatabaseDamaged,
    sqlite3.SQLITE_NOTADB: DatabaseDamaged,
    sqlite3.SQLITE_BUSY: DatabaseBusy,
    sqlite3.SQLITE_LOCKED: DatabaseBusy,
}


@lru_cache(maxsize=1024)
def _with_question_marks(query: str) -> str:
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class TurnTakingCursor(base.SQLiteCursorWrapper):
    """Waits for the turn before a statement that writes, unless its transaction has it already."""

    wrapper: DatabaseWrapper
    _keeps_turn = False

    def execute(self, query: str, params: Any = None) -> Any:
        self.wrapper.take_turn(query)
        has_rows = False
        try:
            result = super().execute(query, params)
            has_rows = self.description is not None
        finally:
            # INSERT ... RETURNING outside a transaction ends when its last row has been fetched.
            self._keeps_turn = self.wrapper.end_statement(has_rows=has_rows)
        return result

    def convert_query(self, query: str, *, param_names: list[str] | None = None) -> str:
        """The statement with SQLite's marks of parameters; what runs often is converted once."""
        if param_names is None:
            return _with_question_marks(query)
        converted: str = super().convert_query(query, param_names=param_names)
        return converted

    def executemany(self, query: str, param_list: Iterable[Any]) -> Any:
        self.wrapper.take_turn(query)
        try:
            return super().executemany(query, param_list)
        finally:
            self.wrapper.end_statement()

    def close(self) -> None:
        super().close()
        self._let_go()

    def __del__(self) -> None:
        self._let_go()

    def _let_go(self) -> None:
        if self._keeps_turn:
            self._keeps_turn = False
            self.wrapper.end_statement()


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that waits its turn to write."""

    has_failed = False
    """Whether the disk refused something: such a connection is not kept for the next request."""

    waits_for_disk = False
    """Whether SQLite leaves the waiting for the disk to us (`synchronous=NORMAL`)."""

    _queue: WriteQueue
    _group: GroupSync
    _has_turn = False
    _log = ""
    _timeout = 5.0

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        database = str(conn_params["database"])
        self._queue = queue_of(database)
        self._log = f"{os.path.realpath(database)}-wal"  # SQLite follows links before it names its log
        self._group = group_of(self._log)
        self._timeout = float(conn_params.get("timeout", 5.0))
        self.has_failed = False
        opened = super().get_new_connection(conn_params)
        self.waits_for_disk = opened.execute("PRAGMA synchronous").fetchone()[0] == _SYNCHRONOUS_NORMAL
        if self.waits_for_disk and opened.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            # No log, nothing to wait for: SQLite must do it by itself (a disk that knows no shared memory).
            opened.execute("PRAGMA synchronous = FULL")
            self.waits_for_disk = False
        return opened

    @cached_property
    def wrap_database_errors(self) -> NamedErrors:
        return NamedErrors(self)

    def create_cursor(self, name: str | None = None) -> TurnTakingCursor:  # noqa: ARG002  Django's signature
        cursor: TurnTakingCursor = self.connection.cursor(factory=TurnTakingCursor)
        cursor.wrapper = self
        return cursor

    def is_usable(self) -> bool:
        return not self.has_failed

    def name_of(self, error: BaseException) -> type[DatabaseTrouble] | None:
        """The name of what is no mistake of the program."""
        # The low byte is the kind; what stands above it says where.
        named = _NAMES.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        self.has_failed |= named is not None and issubclass(named, StorageFailed)
        return named

    # --- the turn ---------------------------------------------------------------------------------

    def take_turn(self, query: str) -> None:
        """Wait for the turn where this statement begins to write; raises `DatabaseBusy`."""
        if self._has_turn or query.lstrip()[:9].upper().startswith(_READS):
            return
        if not self._queue.enter(within_seconds=self._timeout):
            raise DatabaseBusy(f"{len(self._queue)} others wait to write")
        self._has_turn = True

    def end_statement(self, *, has_rows: bool = False) -> bool:
        """Give the turn back unless a transaction is open or rows are still to come; True if it is kept."""
        if not self._has_turn or self.connection is None or self.connection.in_transaction:
            return False
        if self.in_atomic_block:
            # A full disk makes SQLite roll back by itself: what followed would be kept without the rest.
            self.needs_rollback = True
        if has_rows:
            return True
        self._bound_log()
        number = self._group.committed()
        self._give_back()
        self._wait_for_disk(number)
        return False

    def _give_back(self) -> None:
        if self._has_turn:
            self._has_turn = False
            self._queue.leave()

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self.end_statement()

    def _rollback(self) -> None:
        super()._rollback()  # type: ignore[misc]
        self.end_statement()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._give_back()

    def _wait_for_disk(self, number: int) -> None:
        """Return when a power cut can no longer undo the commit; raises `NotOnDisk`."""
        if not self.waits_for_disk:
            return
        try:
            self._group.wait_for(number)
        except SyncFailed as trouble:
            if not self._heal():
                raise NotOnDisk(trouble) from trouble

    def _heal(self) -> bool:
        """Copy all that was committed into the database, past a log that the disk did not take."""
        if not self._queue.enter(within_seconds=self._timeout):
            return False
        try:
            is_blocked = self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            return not is_blocked and self._group.healed()
        except sqlite3.Error as trouble:
            logger.warning("The log of the database could not be emptied: %s", trouble)
            return False
        finally:
            self._queue.leave()

    # --- the log ----------------------------------------------------------------------------------

    def _bound_log(self) -> None:
        """Empty the log where it has grown because somebody always reads.

        Nobody writes meanwhile, and who begins to read now needs nothing of the log; so only those are
        waited for who read already. What was committed stands, whatever comes of this.
        """
        if self.connection is None or time.monotonic() < self._queue.rest_log_until:
            return
        try:
            if os.stat(self._log).st_size < LOG_LIMIT:  # noqa: PTH116  at each commit
                return
        except OSError:
            return
        self._empty_log()

    def tidy(self) -> None:
        """Let SQLite look whether its statistics still fit, and empty the log if nobody reads from it."""
        self.ensure_connection()
        self.take_turn("")
        try:
            # Looks at some hundred rows of an index at most, so that nobody waits for it.
            self.connection.execute("PRAGMA analysis_limit = 400")
            self.connection.execute("PRAGMA optimize")
            self._empty_log()
        finally:
            self._give_back()

    def _empty_log(self) -> None:
        try:
            self.connection.execute(f"PRAGMA busy_timeout = {_READERS_WAITED_FOR_MS}")
            is_blocked = self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            self.connection.execute(f"PRAGMA busy_timeout = {int(self._timeout * 1000)}")
        except sqlite3.Error as trouble:
            logger.warning("The log of the database could not be emptied: %s", trouble)
            self._group.lose()
            is_blocked = True
        if is_blocked:
            self._queue.rest_log_until = time.monotonic() + _PAUSE_AFTER_A_VAIN_TRY
