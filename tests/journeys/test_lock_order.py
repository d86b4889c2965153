"""No two operations lock tables in opposite order: on PostgreSQL neither could go on.

The order is participation, then attempt, then claim; whatever else is locked must not contradict itself.
"""

import re
from collections import defaultdict
from datetime import timedelta
from graphlib import TopologicalSorter
from itertools import pairwise

import pytest
from django.db import connection
from tests.credit.test_merging import ADDRESS, confirm, newcomer
from tests.factories.credit import certified
from tests.factories.learning import AT, a_learner, evaluated, path, published, reloaded, started, submitted

from opencme.credit.closing import close_learner
from opencme.credit.operations import (
    correct_certificate_name,
    revoke_certificate,
    state_report_permission,
)
from opencme.credit.purging import purge_due
from opencme.learning import operations
from opencme.people.closing import reopen_account
from opencme.people.operations import create_confirmed_account

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

_CHANGED = re.compile(r'^UPDATE "(\w+)"')
_LOCKED = re.compile(r'^SELECT .*? FROM "(\w+)".* FOR (?:NO KEY )?UPDATE', re.DOTALL)


def locked_by(operation):
    """The tables that each transaction locks rows of, in order."""
    transactions = defaultdict(list)

    def note(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        found = _CHANGED.match(sql) or _LOCKED.match(sql)
        if found and connection.in_atomic_block:
            number = connection.connection.execute("SELECT pg_current_xact_id()::text").fetchone()[0]
            if found[1] not in transactions[number]:
                transactions[number].append(found[1])
        return result

    with connection.execute_wrapper(note):
        operation()
    return transactions.values()


def walk():
    """Every operation of the way, a correction, a revocation, two accounts that become one, and their end."""
    activity, learner = published(), a_learner()
    row = started(activity, learner)
    attempt = operations.begin_attempt(path=path(row), step_key="pre-test", at=AT)
    item = attempt.form["items"][0]
    operations.save_answer(
        learner=learner,
        participation=row.uuid,
        step_key="pre-test",
        attempt=attempt.uuid,
        item=item,
        value=[attempt.form["options"][item][0]],
        n=1,
        age_ms=0,
        at=AT,
    )
    submitted(row, "pre-test")
    play(row)
    operations.attest_content(path=path(row), step_key="recording", wording="I read it.", at=AT)
    submitted(row, "post-test")
    operations.keep_plan(participation=row, text="Ask before I answer.", ask_in_days=0, at=AT)
    certificate = certified(evaluated(reloaded(row)))
    state_report_permission(participation=row.pk, granted=True, by=learner, door="test", at=AT)
    correct_certificate_name(
        code=certificate.code, name="Jordan Sample", letters="MD", by=None, door="test", at=AT
    )
    revoke_certificate(code=certificate.code, reason="A test.", by=None, door="test", at=AT)
    merge(activity)
    leave(learner)


def leave(learner):
    """Somebody closes the account, comes back, closes it for good; years later the records go."""
    for _ in range(2):
        closing = close_learner(user=learner, base_url="https://cme.example", door="test", at=AT)
        reopen_account(closing=closing, door="test", at=AT)
    close_learner(user=learner, base_url="https://cme.example", door="test", at=AT)
    purge_due(at=AT + timedelta(days=31))
    purge_due(at=AT + timedelta(days=7 * 366))


def play(row):
    for seconds in (0, 600, 1200):
        now, at = path(row), AT + timedelta(seconds=seconds)
        length = now.document.step_of["recording"].seconds * 1000
        operations.record_played(
            path=now, step_key="recording", played=[(0, length)], position_ms=length, at=at
        )


def merge(activity):
    """Somebody who is known begins anew, gets further, and confirms the address."""
    known = create_confirmed_account(address=ADDRESS, name="Jordan Example", password=None, at=AT)
    started(activity, known)
    new = newcomer()
    row = started(activity, new)
    submitted(row, "pre-test")
    play(row)
    confirm(new)


def test_tables_are_locked_in_one_order():
    order = TopologicalSorter()
    for tables in locked_by(walk):
        for first, then in pairwise(tables):
            order.add(then, first)
    found = list(order.static_order())  # raises CycleError where two contradict one another
    known = ["learning_participation", "learning_attempt"]
    assert [table for table in found if table in known] == known
