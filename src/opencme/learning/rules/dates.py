"""The windows: until when one may start, complete, evaluate and claim. All days are inclusive."""

from __future__ import annotations

from datetime import date, timedelta

from opencme.activities.document import Dates
from opencme.core.verdicts import ALLOWED, Verdict, refused
from opencme.learning.choices import LockCode

from .records import Lock, Window, is_within

CLAIM_DAYS = 30
"""Days after the expiration in which one who passed in time may still evaluate and claim."""


def _later(one: date | None, other: date | None) -> date | None:
    return None if one is None or other is None else max(one, other)


def claim_until(dates: Dates, *, window_days: int = CLAIM_DAYS) -> date | None:
    """Return the last day to evaluate and claim: as stated, or some days after the expiration."""
    if dates.evaluate_and_claim_until is not None:
        return dates.evaluate_and_claim_until
    return dates.complete_until and dates.complete_until + timedelta(days=window_days)


def start_until(dates: Dates) -> date | None:
    """Return the last day to start for credit: as stated, or the expiration."""
    return dates.start_until or dates.complete_until


def window_of(
    own: Dates, current: Dates, *, is_withdrawn: bool = False, window_days: int = CLAIM_DAYS
) -> Window:
    """Return the window of one who has started under `own` while the activity states `current`.

    A later date extends, an earlier one never cuts off one who has started; withdrawal stops all.
    """
    return Window(
        complete_until=_later(own.complete_until, current.complete_until),
        evaluate_and_claim_until=_later(
            claim_until(own, window_days=window_days), claim_until(current, window_days=window_days)
        ),
        is_withdrawn=is_withdrawn,
    )


def may_start(dates: Dates, *, is_withdrawn: bool, on: date) -> Verdict:
    """Whether a new participation may start on this day (R#13)."""
    if is_withdrawn:
        return refused(Lock(LockCode.WITHDRAWN).reason)
    if not is_within(on, start_until(dates)):
        return refused(Lock(LockCode.WINDOW_CLOSED, until=start_until(dates)).reason)
    return ALLOWED
