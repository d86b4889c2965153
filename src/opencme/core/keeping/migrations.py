"""Which migrations the program has and which a database had, each as `app.name`."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def known() -> frozenset[str]:
    """Those of this program."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return _named(loader.disk_migrations or ())


def applied(using: str = "default") -> frozenset[str]:
    """Those that made the tables of a database; none where it is empty."""
    return _named(MigrationRecorder(connections[using]).applied_migrations())


def unapplied() -> frozenset[str]:
    """Those of this program that the installation's database is still to have."""
    return known() - applied()


def _named(keys: Iterable[tuple[str, str]]) -> frozenset[str]:
    return frozenset(f"{app}.{name}" for app, name in keys)
