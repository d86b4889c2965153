"""Counting what happens, for whoever watches the server.

Any part may say `count("sheds")`; how the figures leave the process is decided above, by
`tell_of_counts`. Counting costs next to nothing, never fails for a declared name, and keeps
figures of this process alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from threading import Lock
from typing import Final

COUNTS: Final = {
    "sheds": "Requests answered with 503 because too much was under way.",
    "throttled": "Requests answered with 429 by a rate limit.",
    "lost_connections": "Connections to the database that were lost and made anew.",
    "commits_in_doubt": "Commits whose outcome was unknown and that were tried again under the same key.",
    "storage_refusals": "Writes refused because the disk was full or failed.",
}
"""Everything that is counted, with the sentence that the operator reads."""

_totals: Counter[str] = Counter()
_listeners: list[Callable[[str], None]] = []
_lock = Lock()


def count(name: str) -> None:
    """Add one to the figure of `name`, which `COUNTS` declares. Raises `ValueError` for any other."""
    if name not in COUNTS:
        raise ValueError(f"{name} is not declared in core.counting.COUNTS")
    with _lock:
        _totals[name] += 1
    for listener in _listeners:
        listener(name)


def counted(name: str) -> int:
    """How often this process has counted `name` since it began."""
    return _totals[name]


def tell_of_counts(listener: Callable[[str], None]) -> None:
    """Let `listener` hear the name of everything counted from now on, each time."""
    _listeners.append(listener)
