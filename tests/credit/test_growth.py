"""What a learner asks of credit begins with their own rows on PostgreSQL, however many others there are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories.learning import a_learner, published, started

from opencme.credit.queries import certificates_of, claimed_units_of, claims_of_person, transcript_from

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

ASKED = {
    "what was claimed in an activity": ("credit_creditclaim", claims_of_person),
    "the units that were claimed": ("credit_creditclaim", lambda learner, _: claimed_units_of(learner)),
    "the transcript": ("credit_certificate", lambda learner, _: transcript_from(certificates_of(learner))),
}


@pytest.mark.parametrize("asked", ASKED)
def test_it_never_looks_at_everybodys(asked):
    table, ask = ASKED[asked]
    learner = a_learner()
    participation = started(published(), learner)
    with CaptureQueriesContext(connection) as captured:
        ask(learner, participation)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # a table of a test is always read as a whole
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {captured[0]['sql']}")
        plan = [row[0].strip() for row in cursor.fetchall()]
    place = next(number for number, line in enumerate(plan) if f" on {table}" in line)
    assert plan[place + 1].startswith("Index Cond: ("), plan
    assert "period" not in plan[place + 1], plan
