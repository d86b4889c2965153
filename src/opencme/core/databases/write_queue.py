"""Writers of one process, one after the other in the order they came.

SQLite lets one connection write at a time and makes the others poll; whoever polls at the wrong
moment may starve for seconds. Here each waits its turn and is woken when it has come.
"""

from __future__ import annotations

import os
import threading
from collections import deque


class WriteQueue:
    """Lets one writer in at a time, first come, first served."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Lock] = deque()
        self.rest_log_until = 0.0
        """Not before this (by the steady clock) is it tried again to empty the log."""

    def enter(self, *, within_seconds: float) -> bool:
        """Take the turn, waiting for it if one must; False where it did not come in time."""
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=within_seconds):
            return True
        with self._guard:
            try:
                self._waiting.remove(mine)
            except ValueError:  # it came in this very moment
                return True
        return False

    def leave(self) -> None:
        """Hand the turn to whoever has waited longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)


_queues: dict[str, WriteQueue] = {}
_making = threading.Lock()


def queue_of(database: str) -> WriteQueue:
    """The queue of a database file, the same for every connection of this process."""
    with _making:
        return _queues.setdefault(os.path.realpath(database), WriteQueue())


# A process that forks while somebody writes would inherit a turn that nobody gives back.
os.register_at_fork(after_in_child=_queues.clear)
