"""Going on while the database is away, without filling the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import close_old_connections

logger = logging.getLogger(__name__)


class Outages:
    """Says once that something cannot be done, and once that it can again."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._is_one = False

    @contextmanager
    def expected(self) -> Iterator[None]:
        """Swallow what the block raises: a database that restarts must not end all later work."""
        try:
            close_old_connections()  # those that broke
            yield
        except Exception:
            if not self._is_one:
                logger.exception("The worker cannot %s for now, and tries again until it can", self._what)
            self._is_one = True
        else:
            if self._is_one:
                logger.warning("The worker can %s again", self._what)
            self._is_one = False
