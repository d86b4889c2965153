"""One unchanging view of a database while others write to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction


@contextmanager
def snapshot(using: str = "default") -> Iterator[None]:
    """Let every query inside see the same moment; hinder no writer.

    A transaction of Django's would take SQLite's write lock (`transaction_mode`), so that one is
    begun by hand. Nothing may be written inside. Within a transaction of the caller, that one's
    view is used.
    """
    connection = connections[using]
    if connection.in_atomic_block:
        yield
        return
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        # Not through a cursor of ours, which would take the turn to write.
        connection.connection.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            if connection.connection.in_transaction:  # where the disk fails, SQLite has ended it by itself
                connection.connection.execute("ROLLBACK")
        return
    with transaction.atomic(using=using):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
