"""What a learner asks begins with their own rows, however many others there are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories.learning import AT, a_learner, published, started

from opencme.credit.queries import path_in
from opencme.learning.models import Participation
from opencme.learning.queries import to_finish
from opencme.people.models import User
from opencme.people.queries import accounts_of, belongs_to, merged_accounts

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def first_looked_at(act):
    """By which columns SQLite finds the participations of the statement that reads them first."""
    with CaptureQueriesContext(connection) as captured:
        act()
    statements = [one["sql"] for one in captured if 'FROM "learning_participation"' in one["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statements[0]}")
        plan = [row[3] for row in cursor.fetchall()]
    return next(line for line in plan if "learning_participation" in line)


ASKED = {
    "what is to finish": lambda learner, _activity: to_finish(learner, at=AT),
    "the button of an activity": lambda learner, activity: path_in(learner, activity, at=AT),
    "starting": lambda learner, activity: started(activity, learner),
    "a preview": lambda learner, activity: started(activity, learner, is_preview=True),
}


@pytest.mark.parametrize("asked", ASKED)
def test_it_begins_with_the_learner(asked):
    activity, learner = published(), a_learner()
    assert "(learner_id=?" in first_looked_at(lambda: ASKED[asked](learner, activity))


ACCOUNTS = {
    "a person's accounts": lambda user: list(accounts_of(user)),
    "the accounts that were merged": merged_accounts,
    "the rows of a person": lambda user: list(Participation.objects.filter(belongs_to(user))),
}


@pytest.mark.parametrize("asked", ACCOUNTS)
@pytest.mark.parametrize("were_merged", [0, 3])
def test_it_does_not_read_everybodys_account_once_there_are_statistics(asked, were_merged):
    """Nearly everybody's `merged_into` is empty, which the statistics count as one frequent value."""
    learner = a_learner()
    people = User.objects.bulk_create(User(email=f"other{number}@example.org") for number in range(2_000))
    User.objects.filter(pk__in=[one.pk for one in people[:were_merged]]).update(merged_into=learner)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as captured:
        ACCOUNTS[asked](learner)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {captured[0]['sql']}")
        plan = [row[3] for row in cursor.fetchall()]
    assert any("(merged_into_id=?)" in line for line in plan), plan
    assert not [line for line in plan if line.startswith("SCAN")], plan
