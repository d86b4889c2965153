"""Databases beside the installation's own: copies, and where to move to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connections
from django.db.utils import ConnectionHandler

_ALIAS = "beside"


@contextmanager
def database_beside(configuration: dict[str, Any]) -> Iterator[str]:
    """Let queries go to another database by the alias that is yielded."""
    handler = ConnectionHandler({"default": {}, _ALIAS: dict(configuration)})
    connections.settings[_ALIAS] = handler.settings[_ALIAS]
    try:
        yield _ALIAS
    finally:
        connections[_ALIAS].close()
        del connections[_ALIAS]
        del connections.settings[_ALIAS]


def sqlite_file(path: Path) -> dict[str, Any]:
    """The configuration for reading a file that nobody writes to; nothing is left beside it."""
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{path.resolve().as_uri()}?mode=ro&immutable=1"}
