"""The days of an activity, as rules and as the catalogue asks the database for them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.factories.documents import a_document
from tests.factories.pages import AT, offered

from opencme.activities.document import Dates
from opencme.activities.operations import withdraw_activity
from opencme.activities.queries import is_offered, offered_entries
from opencme.activities.rules import claim_until, is_open, start_until

JANUARY = date(2027, 1, 31)
NOON = datetime(2027, 1, 31, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        pytest.param(Dates(), None, id="no end"),
        pytest.param(Dates(complete_until=JANUARY), date(2027, 3, 2), id="thirty days more"),
        pytest.param(
            Dates(complete_until=JANUARY, evaluate_and_claim_until=date(2027, 2, 5)),
            date(2027, 2, 5),
            id="as the document says",
        ),
        pytest.param(Dates(evaluate_and_claim_until=JANUARY), JANUARY, id="an end of the claim alone"),
    ],
)
def test_the_days_to_claim(dates, expected):
    assert claim_until(dates, window_days=30) == expected


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (Dates(), None),
        (Dates(complete_until=JANUARY), JANUARY),
        (Dates(start_until=date(2027, 1, 1), complete_until=JANUARY), date(2027, 1, 1)),
    ],
)
def test_the_last_day_to_start(dates, expected):
    assert start_until(dates) == expected


def test_the_last_day_counts_and_withdrawal_ends_all():
    dates = Dates(start_until=JANUARY)
    assert is_open(dates, is_withdrawn=False, on=JANUARY)
    assert not is_open(dates, is_withdrawn=False, on=JANUARY + timedelta(days=1))
    assert not is_open(dates, is_withdrawn=True, on=JANUARY)


@pytest.mark.django_db
@pytest.mark.parametrize("start", [None, JANUARY])
@pytest.mark.parametrize("complete", [None, JANUARY, JANUARY + timedelta(days=1)])
@pytest.mark.parametrize("withdrawn", [False, True])
def test_catalogue_and_page_agree_on_what_is_offered(start, complete, withdrawn):
    dates = replace(a_document().dates, start_until=start, complete_until=complete)
    activity = offered(a_document(dates=dates))
    if withdrawn:
        withdraw_activity(activity=activity, reason="Retracted.", withdrawn_by=None, door="test", at=AT)
    activity.refresh_from_db()
    for hours in (0, 11, 12, 13, 24, 48):
        at = NOON + timedelta(hours=hours)
        assert offered_entries(at=at).exists() is is_offered(activity, at=at)


@pytest.mark.django_db
def test_lists_ask_each_row_without_another_query(django_assert_num_queries):
    offered()
    entry = offered_entries(at=AT).get()
    with django_assert_num_queries(0):
        assert is_offered(entry.activity, at=AT)
