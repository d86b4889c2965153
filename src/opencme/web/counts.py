"""Counting in windows of time, for limits.

On one process its memory will do. Where several must agree, one statement counts all that is
counted together, in a table that is not written ahead: a crash forgets the counts of the minute, and
no one waits for the disk.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.db import connection

TABLE: Final = settings.OPENCME_CACHE_TABLE
"""Shared with Django's cache, whose names begin otherwise, and which is told to delete nothing by itself."""

_GRACE_SECONDS: Final = 60
"""What is counted in memory outlives its window: it may not go between two steps of one count."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is counted, and for how many seconds."""

    name: str
    seconds: int

    def key(self, now: float) -> str:
        """The name of the present window; the next one begins at nothing."""
        return f"count:{self.name}:{int(now) // self.seconds}"

    def ends_at(self, now: float) -> datetime:
        """When it can be forgotten."""
        return datetime.fromtimestamp((int(now) // self.seconds + 1) * self.seconds, tz=UTC)


def count_once(windows: Sequence[Window]) -> list[int]:
    """Count one in each window; the counts afterwards."""
    now = time.time()  # asked once: a window may end meanwhile
    if connection.vendor != "postgresql":
        return [_in_memory(one.key(now), one.seconds) for one in windows]
    counts = _upserted({one.key(now): one.ends_at(now) for one in windows})
    return [counts[one.key(now)] for one in windows]


def counts_of(windows: Sequence[Window]) -> list[int]:
    """The counts so far."""
    now = time.time()
    keys = [one.key(now) for one in windows]
    if connection.vendor != "postgresql":
        known = cache.get_many(keys)
    else:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT cache_key, value FROM {TABLE} WHERE cache_key = ANY(%s)", [keys])  # noqa: S608
            known = dict(cursor.fetchall())
    return [int(known.get(key, 0)) for key in keys]


def forget_counts(*, at: datetime) -> int:
    """Remove what is over, of Django's cache too; how many rows. What is in memory ends by itself."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE expires < %s", [at])  # noqa: S608
        return int(cursor.rowcount)


def _in_memory(key: str, seconds: int) -> int:
    cache.add(key, 0, timeout=seconds + _GRACE_SECONDS)
    return int(cache.incr(key))


def _upserted(ends: dict[str, datetime]) -> dict[str, int]:
    """In the order of their names, so that two that count the same never wait for one another."""
    keys = sorted(ends)
    rows = ", ".join(["(%s, '1', %s)"] * len(keys))
    values = [value for key in keys for value in (key, ends[key])]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} (cache_key, value, expires) VALUES {rows}"  # noqa: S608  no value of anybody's
            f" ON CONFLICT (cache_key) DO UPDATE SET value = ({TABLE}.value::int + 1)::text"
            " RETURNING cache_key, value",
            values,
        )
        return {key: int(value) for key, value in cursor.fetchall()}
