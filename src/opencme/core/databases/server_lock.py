"""One server for one SQLite file: whoever serves holds a lock beside it, and says who that is.

Two servers would each let their own writers take turns, and starve those of the other; and each would
limit and remember for itself what one process must. The lock is the system's: it goes with the last
process that holds it, so nothing is left to clean up after a crash. Commands need none.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

# Processes of a server that was killed end the requests at hand, which takes at most as long.
_WAIT_FOR_REMAINS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who serves a database: its process, where it listens, since when."""

    pid: int
    address: str
    since: str

    @property
    def is_alive(self) -> bool:
        """Whether the process is there; those that it started may outlive it for a moment."""
        return Path(f"/proc/{self.pid}").exists() or not Path("/proc/self").exists()


_UNNAMED = Holder(pid=0, address="an address not yet told", since="a moment ago")


class ServerAlreadyRuns(Exception):
    """Another server holds the database; the message says which."""

    def __init__(self, database: Path, holder: Holder) -> None:
        super().__init__(
            f"{database} is served already, by process {holder.pid} at {holder.address}, since"
            f" {holder.since}. SQLite is for one server: stop that one first, or use PostgreSQL."
        )


def hold_database(database: Path, *, address: str, at: datetime) -> int:
    """Take the lock of a database file for as long as this process and those it forks live.

    Returns the descriptor, which must stay open. Raises `ServerAlreadyRuns`, at once where the other
    server lives, and after a wait where only its last requests are still being answered.
    """
    descriptor = os.open(lock_of(database), os.O_RDWR | os.O_CREAT, 0o600)
    end = time.monotonic() + _WAIT_FOR_REMAINS
    while not _is_locked(descriptor, fcntl.LOCK_EX):
        holder = holder_of(database) or _UNNAMED
        if holder.is_alive or time.monotonic() > end:
            os.close(descriptor)
            raise ServerAlreadyRuns(database, holder)
        time.sleep(0.1)
    holder = Holder(pid=os.getpid(), address=address, since=at.isoformat(sep=" ", timespec="seconds"))
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(asdict(holder)).encode(), 0)
    return descriptor


def holder_of(database: Path) -> Holder | None:
    """Who serves the database now; None where nobody does."""
    try:
        descriptor = os.open(lock_of(database), os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        if _is_locked(descriptor, fcntl.LOCK_SH):
            return None
        return Holder(**json.loads(os.pread(descriptor, 4096, 0)))
    except (ValueError, TypeError):  # taken a moment ago
        return _UNNAMED
    finally:
        os.close(descriptor)


def lock_of(database: Path) -> Path:
    """The lock file beside a database, the same by whatever name the database is reached."""
    real = database.resolve()
    return real.with_name(f"{real.name}.server")


def _is_locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
