"""What a database needs from time to time beside its work."""

from __future__ import annotations

from django.db import DEFAULT_DB_ALIAS, connections

from .sqlite3.base import DatabaseWrapper


def tidy() -> None:
    """Keep SQLite's statistics and its log in shape; PostgreSQL does as much by itself.

    Meant for every hour or so. Writers wait for it, a tenth of a second as a rule.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if isinstance(connection, DatabaseWrapper):
        connection.tidy()
