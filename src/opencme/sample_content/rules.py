"""Plain Python of the demonstration: moving the dates of a document."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta
from typing import Any

WRITTEN_FOR = date(2026, 11, 22)
"""The day on which the dates in the packages are as they should be on the day of the first load."""


def offset_on(today: date) -> timedelta:
    """By how much the dates move when the demonstration is first loaded on that day."""
    return today - WRITTEN_FOR


def moved(value: Any, offset: timedelta) -> Any:
    """The same value with every date in it moved; years in texts and references stay."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value + offset
    if isinstance(value, tuple):
        return tuple(moved(part, offset) for part in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return type(value)(**{name: moved(part, offset) for name, part in parts.items()})
    return value
