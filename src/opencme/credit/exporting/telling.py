"""How rows and moments are told."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import TypeVar

from django.db.models import Manager, Model

Row = TypeVar("Row", bound=Model)


def in_order(related: Manager[Row]) -> list[Row]:
    """Rows in the order in which they were made; a database gives them in none."""
    return sorted(related.all(), key=attrgetter("pk"))


def moment(at: datetime | None) -> str | None:
    """An instant as text, where there is one."""
    return at.isoformat() if at else None
