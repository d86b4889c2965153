"""Moving dates."""

from datetime import date, timedelta

import pytest

from opencme.activities.document import Dates, Disclosure
from opencme.sample_content.rules import WRITTEN_FOR, moved, offset_on


@pytest.mark.parametrize(
    ("today", "days"),
    [
        (WRITTEN_FOR, 0),
        (date(2026, 11, 23), 1),
        (date(2026, 10, 22), -31),
        (date(2028, 2, 29), 464),
    ],
)
def test_the_offset_is_the_time_since_the_packages_were_written(today, days):
    assert offset_on(today) == timedelta(days=days)


def test_every_date_moves_and_nothing_else():
    told = (
        Dates(original_release=date(2025, 11, 22), complete_until=date(2027, 11, 21)),
        Disclosure(person="a", answer="none", disclosed_on=date(2025, 9, 1)),
        "Data of 2023-01-01",
        7,
    )
    assert moved(told, timedelta(days=10)) == (
        Dates(original_release=date(2025, 12, 2), complete_until=date(2027, 12, 1)),
        Disclosure(person="a", answer="none", disclosed_on=date(2025, 9, 11)),
        "Data of 2023-01-01",
        7,
    )


def test_moving_by_nothing_changes_nothing():
    told = Dates(original_release=date(2025, 11, 22))
    assert moved(told, timedelta(0)) == told
