"""What a learner asks begins with their own rows, however many others there are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories.learning import AT, a_learner, published, started

from opencme.credit.queries import path_in
from opencme.learning.queries import to_finish

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
