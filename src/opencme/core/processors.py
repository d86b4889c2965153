"""Python's threads on one processor, and what is not Python on any.

Python runs one thread at a time. Each statement lets the interpreter go, and where another thread waits for
it on another processor, that one is woken, through the host on a virtual machine. Kept on one processor, the
same process answers half as many requests again (docs/decisions/0007). What lets the interpreter go for long
(the hash of a password, the typesetter) has the other processors to itself.

Only Linux lets a thread choose; elsewhere nothing happens.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STATE = Path("/proc/thread-self/stat")
_PLACE_OF_PROCESSOR = 36
"""In the state of a thread, counted from behind its name (proc(5), field 39)."""

_all: frozenset[int] = frozenset()
"""Those this process may use, once it stays on one."""


def stay_on_one() -> None:
    """Keep this thread, and those it will begin, on the processor where the system has put it."""
    global _all  # noqa: PLW0603
    if not hasattr(os, "sched_setaffinity") or not _STATE.exists():
        return
    may_use = frozenset(os.sched_getaffinity(0))
    if len(may_use) < 2:
        return
    here = int(_STATE.read_text().rpartition(")")[2].split()[_PLACE_OF_PROCESSOR])
    os.sched_setaffinity(0, {here} if here in may_use else {min(may_use)})
    _all = may_use


def use_any() -> None:
    """Let this thread go where the system puts it."""
    if _all:
        os.sched_setaffinity(0, _all)


@contextmanager
def any_processor() -> Iterator[None]:
    """Do work that lets the interpreter go, wherever there is room."""
    if not _all:
        yield
        return
    one = os.sched_getaffinity(0)
    os.sched_setaffinity(0, _all)
    try:
        yield
    finally:
        os.sched_setaffinity(0, one)
