"""Counting in windows, alone and by many at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from opencme.web.counts import TABLE, Window, count_once, counts_of
from opencme.web.tasks import forget_counts_of_limits

HOUR, DAY = 3600, 24 * 3600


@pytest.fixture(autouse=True)
def _nothing_was_counted_before(db):
    cache.clear()


def test_each_window_counts_for_itself():
    one, other = Window("a", HOUR), Window("b", HOUR)
    assert count_once([one, other]) == [1, 1]
    assert count_once([one]) == [2]
    assert counts_of([one, other, Window("c", HOUR)]) == [2, 1, 0]


def test_the_next_window_begins_at_nothing(monkeypatch):
    start = 1_800_000_000 // DAY * DAY
    monkeypatch.setattr(time, "time", lambda: start + 10)
    assert count_once([Window("a", HOUR), Window("a-day", DAY)]) == [1, 1]
    monkeypatch.setattr(time, "time", lambda: start + HOUR + 10)
    assert count_once([Window("a", HOUR), Window("a-day", DAY)]) == [1, 2]


def test_a_window_that_ends_while_it_is_counted_loses_nobody(monkeypatch):
    end = 1_800_000_000 // DAY * DAY
    instants = chain([end - 1], repeat(end + 1))
    monkeypatch.setattr("opencme.web.counts.time", SimpleNamespace(time=lambda: next(instants)))
    windows = [Window("a", HOUR), Window("a-day", DAY)]
    assert count_once(windows) == [1, 1]
    assert counts_of(windows) == [0, 0], "the next ones have begun"


@pytest.mark.postgresql
def test_what_an_action_asks_for_is_one_statement():
    with CaptureQueriesContext(connection) as asked:
        count_once([Window("a", HOUR), Window("b", HOUR), Window("c", DAY)])
    assert len(asked) == 1


def test_what_is_over_is_forgotten(monkeypatch):
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - 2 * DAY)
    count_once([Window("old", HOUR)])
    monkeypatch.setattr(time, "time", lambda: now)
    count_once([Window("new", DAY)])
    gone = forget_counts_of_limits.func(at=datetime.fromtimestamp(now, tz=UTC))
    assert gone == {"counts": 1 if connection.vendor == "postgresql" else 0}
    assert counts_of([Window("new", DAY)]) == [1]


@pytest.mark.postgresql
def test_what_is_over_in_djangos_cache_is_forgotten_as_well():
    cache.set("anything", 1, timeout=HOUR)
    assert forget_counts_of_limits.func(at=timezone.now() + timedelta(hours=2)) == {"counts": 1}


@pytest.mark.postgresql
def test_no_count_goes_for_what_django_keeps_however_many_there_are():
    count_once([Window("a", DAY)])
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} SELECT 'count:z:' || n, '1', now() + interval '1 day'"
            " FROM generate_series(1, 20000) AS n"
        )
    cache.set("anything", 1, timeout=HOUR)
    assert counts_of([Window("a", DAY)]) == [1]


@pytest.mark.django_db(transaction=True)
def test_many_at_once_lose_no_count():
    windows = [Window("a", DAY), Window("b", DAY)]

    def count(number):
        try:
            return count_once(windows if number % 2 else windows[::-1])
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(80)))
    assert counts_of(windows) == [80, 80]
