"""The windows: until when one may start, complete, evaluate and claim. All days are inclusive."""

from __future__ import annotations

from datetime import date

from opencme.activities.document import Dates
from opencme.activities.rules import CLAIM_DAYS, claim_until, is_open, start_until
from opencme.core.verdicts import ALLOWED, Verdict, refused
from opencme.learning.choices import LockCode

from .records import Lock, Window

__all__ = ["CLAIM_DAYS", "claim_until", "may_start", "start_until", "window_of"]


def _later(one: date | None, other: date | None) -> date | None:
    return None if one is None or other is None else max(one, other)


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
    """Whether a new participation may start on this day, and why not (R#13)."""
    if is_open(dates, is_withdrawn=is_withdrawn, on=on):
        return ALLOWED
    if is_withdrawn:
        return refused(Lock(LockCode.WITHDRAWN).reason)
    return refused(Lock(LockCode.WINDOW_CLOSED, until=start_until(dates)).reason)
