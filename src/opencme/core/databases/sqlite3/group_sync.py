"""One wait for the disk, shared by all who have committed meanwhile.

A commit survives a power cut once the disk has taken the log. SQLite waits for that inside the commit,
while all other writers wait for it too: so many commits a second as the disk has waits, about three
hundred on a plain one. Here SQLite commits without waiting (`synchronous=NORMAL`), the next writer goes
on at once, and each connection waits afterwards, outside its turn, until the log has been taken up to
its own commit. One wait then serves everybody who committed before it began. Nothing is acknowledged
earlier than before: the connection's commit returns when the disk has it.

The log is appended to in the order of the commits, so whoever reads what is committed and not yet on
the disk, and commits upon it, waits for both.
"""

from __future__ import annotations

import logging
import os
import threading

logger = logging.getLogger(__name__)


class SyncFailed(OSError):
    """The disk did not take the log; what it held may be lost if the power goes now."""


class GroupSync:
    """The commits of one log, and how far the disk has taken them."""

    def __init__(self, log: str) -> None:
        self._log = log
        self._changed = threading.Condition()
        self._committed = 0
        self._synced = 0
        self._is_syncing = False
        self._lost_from: int | None = None

    def committed(self) -> int:
        """Count a commit, in the turn of whoever made it; its number is what to wait for."""
        self._committed += 1
        return self._committed

    def wait_for(self, number: int) -> None:
        """Return when the disk has taken this commit; whoever finds nobody at it asks the disk.

        Raises `SyncFailed`, also for later commits, until `healed`: a disk that failed once forgets
        what it had not written, and says so to nobody twice.
        """
        with self._changed:
            while self._synced < number:
                if self._lost_from is not None and number >= self._lost_from:
                    raise SyncFailed("the log could not be written to the disk")
                if self._is_syncing:
                    self._changed.wait()
                else:
                    self._sync()

    def lose(self) -> None:
        """The disk failed elsewhere with what it may have been asked for before, and says so only once."""
        with self._changed:
            self._lost_from = self._synced + 1

    def healed(self) -> bool:
        """All that was committed stands in the database itself, and nobody commits now.

        False where the disk does not even take a log that was emptied.
        """
        try:
            _sync_file(self._log)
        except OSError:
            return False
        with self._changed:
            self._lost_from = None
            self._synced = self._committed
            self._changed.notify_all()
        return True

    def _sync(self) -> None:
        """Ask the disk, letting others commit meanwhile; called and left with the condition held."""
        self._is_syncing = True
        up_to, failed = self._committed, True
        self._changed.release()
        try:
            _sync_file(self._log)
            failed = False
        except OSError as trouble:
            logger.error("The disk did not take the log of the database: %s", trouble)  # noqa: TRY400
        finally:
            self._changed.acquire()
            self._is_syncing = False
            if failed:
                self._lost_from = self._synced + 1
            else:
                self._synced = max(self._synced, up_to)
            self._changed.notify_all()


def _sync_file(path: str) -> None:
    """Let the disk take what was written to the log."""
    # Opened each time, as SQLite may have begun another. It holds no locks that closing would drop.
    handle = os.open(path, os.O_RDWR)
    try:
        os.fdatasync(handle)
    finally:
        os.close(handle)


_groups: dict[str, GroupSync] = {}
_making = threading.Lock()


def group_of(log: str) -> GroupSync:
    """The commits of a log, the same for every connection of this process."""
    with _making:
        return _groups.setdefault(os.path.realpath(log), GroupSync(log))


os.register_at_fork(after_in_child=_groups.clear)
