"""Changing many rows without keeping others from writing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

BATCH = 500


def batches_of(rows: QuerySet[Any], *, size: int = BATCH) -> Iterator[QuerySet[Any]]:
    """`rows`, so few at once that nobody waits long for what is done to them.

    They are found by reading and named by key. Whoever goes on must have seen to it that the batch
    at hand is not among `rows` any longer.
    """
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:size]):
        yield rows.model._base_manager.filter(pk__in=keys)


def delete_in_batches(rows: QuerySet[Any], *, size: int = BATCH) -> int:
    """Delete `rows`; say how many there were."""
    return sum(batch.delete()[0] for batch in batches_of(rows, size=size))
