"""Django's PostgreSQL, which says by name what is no mistake of the program."""

from __future__ import annotations

import select
import time
from typing import Any, ClassVar

import psycopg
from django.db.backends.postgresql import base
from django.utils.functional import cached_property

from opencme.core.databases.errors import (
    CommitInDoubt,
    ConnectionLost,
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseTrouble,
    KeptOff,
    StorageFailed,
    StorageFull,
    WritesCollided,
)
from opencme.core.databases.naming import NamedErrors

# https://www.postgresql.org/docs/15/errcodes-appendix.html
_NAMES: dict[str, type[DatabaseTrouble]] = {
    "25006": StorageFailed,  # it takes no writes: a standby, or one that was set to read only
    "25P03": ConnectionLost,
    "40001": WritesCollided,
    "40P01": WritesCollided,
    "53100": StorageFull,
    "53200": DatabaseBusy,
    "53300": DatabaseBusy,
    "55P03": DatabaseBusy,
    "57014": DatabaseBusy,  # the statement took longer than it may
    "58030": StorageFailed,
    "XX001": DatabaseDamaged,
    "XX002": DatabaseDamaged,
    "57P01": ConnectionLost,
    "57P02": ConnectionLost,
    "57P03": ConnectionLost,
    "57P05": ConnectionLost,
}

# Nobody waits for a row without end, and a client that vanished in the middle of a transaction does not
# keep its rows locked for hours.
_BOUNDS = (
    "SET lock_timeout = '15s'; SET idle_in_transaction_session_timeout = '5min'; SET tcp_keepalives_idle = 60"
)

# Whoever connects shares this lock for as long as the session lives, so that one who restores or upgrades
# and has it alone keeps all others off, however late they come. The server counts it for each database.
_PRESENCE = int.from_bytes(b"opencme")

# A database that is started again is back within a second or two. Nobody waits for one that has been gone
# for longer: who waits holds a place to work at.
_PATIENCE_SECONDS = 3.0
_PAUSE_SECONDS = 0.1

_MOST_PREPARED = 400
"""Statements that a connection keeps prepared: more than pages and scripts have."""


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that names its errors and notices at no cost that the server has left."""

    _gone_since: ClassVar[float | None] = None
    _others_are_off: ClassVar[bool] = False
    """Whether a connection of this process keeps others off: then the process needs no leave for more."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect, waiting for a server that has just gone."""
        while True:
            try:
                opened = super().get_new_connection(conn_params)
            except psycopg.OperationalError:
                now = time.monotonic()
                since = DatabaseWrapper._gone_since = DatabaseWrapper._gone_since or now
                if now - since >= _PATIENCE_SECONDS:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                DatabaseWrapper._gone_since = None
                opened.prepared_max = _MOST_PREPARED
                return opened

    @cached_property
    def wrap_database_errors(self) -> NamedErrors:
        return NamedErrors(self)

    def name_of(self, error: BaseException) -> type[DatabaseTrouble] | None:
        """The name of what is no mistake of the program."""
        if not isinstance(error, psycopg.Error):
            return None
        if error.diag.severity_nonlocalized == "PANIC":
            return ConnectionLost  # it ends all its sessions and recovers; a commit may be in its log, or not
        named = _NAMES.get(error.sqlstate or "")
        if named is not None or not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            return named
        is_open = self.connection is not None and not self.connection.closed
        return None if is_open else ConnectionLost

    def is_usable(self) -> bool:
        """Whether the connection may go on, asked before each request.

        The server says goodbye before it leaves; only where something waits to be read, or went wrong,
        is it worth a round trip to ask.
        """
        if self.connection is None or self.connection.closed:
            return False
        if self.errors_occurred or _has_something_to_read(self.connection.fileno()):
            return super().is_usable()
        return True

    def init_connection_state(self) -> None:
        super().init_connection_state()
        with self.connection.cursor() as cursor:
            cursor.execute(_BOUNDS)
            if self._others_are_off or _gained(cursor, "pg_try_advisory_lock_shared"):
                return
        self.close()
        raise KeptOff(f"database {self.settings_dict['NAME']}")

    def keep_others_off(self) -> bool:
        """Let no other process open the database for as long as this connection lives; whether none has."""
        with self.cursor() as cursor:
            DatabaseWrapper._others_are_off = _gained(cursor, "pg_try_advisory_lock")
        return self._others_are_off

    def let_others_in(self) -> None:
        """The opposite; ends the connection."""
        DatabaseWrapper._others_are_off = False
        self.close()

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]
        except ConnectionLost as lost:
            # At the end of the block Django would connect anew, and where that fails tell of that alone.
            self.close()
            self.closed_in_transaction = True
            raise CommitInDoubt(lost.__cause__) from lost


def _gained(cursor: Any, lock: str) -> bool:
    cursor.execute(f"SELECT {lock}({_PRESENCE})")
    return bool(cursor.fetchone()[0])


def _has_something_to_read(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
