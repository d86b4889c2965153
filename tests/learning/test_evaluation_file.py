"""What a copy of the database file tells, deleted rows included."""

from pathlib import Path

import pytest
from django.db import connection
from tests.factories.learning import AT, evaluated, passed, published, started

from opencme.learning import operations

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def test_a_deleted_row_leaves_no_trace_in_the_file():
    activity = published()
    for number in range(operations.HELD_UNTIL):
        answers = {"met-o1": "3", "barrier": "time", "improve": f"Marked remark {number}."}
        evaluated(passed(started(activity)), answers=answers)
    operations.move_held_evaluations(at=AT)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = Path(connection.settings_dict["NAME"]).read_bytes()
    for number in range(operations.HELD_UNTIL):
        assert kept.count(f"Marked remark {number}.".encode()) == 1
