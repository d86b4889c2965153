"""The days of an activity: until when one may start, and evaluate and claim. All are inclusive."""

from __future__ import annotations

from datetime import date, timedelta

from .document import Dates

CLAIM_DAYS = 30
"""Days after the expiration in which one who passed in time may still evaluate and claim."""


def is_within(on: date, until: date | None) -> bool:
    """Whether the day is not after the last one; no last day is no limit."""
    return until is None or on <= until


def start_until(dates: Dates) -> date | None:
    """Return the last day to start for credit: as stated, or the expiration."""
    return dates.start_until or dates.complete_until


def claim_until(dates: Dates, *, window_days: int = CLAIM_DAYS) -> date | None:
    """Return the last day to evaluate and claim: as stated, or some days after the expiration."""
    if dates.evaluate_and_claim_until is not None:
        return dates.evaluate_and_claim_until
    return dates.complete_until and dates.complete_until + timedelta(days=window_days)


def is_open(dates: Dates, *, is_withdrawn: bool, on: date) -> bool:
    """Whether the activity can be started on this day (R#13)."""
    return not is_withdrawn and is_within(on, start_until(dates))
