"""The comparison finds whatever was acknowledged and is not there; else no fault would ever be seen."""

import pytest
from bench.faulting.compare import problems_of
from django.db import connection
from tests.factories.credit import certified
from tests.factories.learning import evaluated, right_answers

from opencme.activities.queries import document_of
from opencme.core.append_only import triggers_for
from opencme.core.models import AuditEntry
from opencme.learning.models import Attempt, HeldEvaluation, Playback

pytestmark = pytest.mark.django_db


@pytest.fixture
def row():
    return evaluated()


@pytest.fixture
def certificate(row):
    return certified(row)


def told(row, certificate):
    """The log of a learner to whom everything was acknowledged."""
    attempt = Attempt.objects.get(participation=row, step_key="post-test")
    answers = {k: v[0] for k, v in right_answers(document_of(row.revision), "post-test").items()}
    item, value = next(iter(answers.items()))
    mine = {"participation": str(row.uuid)}
    return {
        "entries": [
            {"kind": "started", **mine, "learner": row.learner.email},
            {"kind": "answer", "attempt": str(attempt.uuid), "item": item, "n": 1, "value": [value]},
            {"kind": "submitted", "attempt": str(attempt.uuid), "answers": answers},
            {"kind": "evaluated", **mine},
            {"kind": "claimed", **mine, "certificate": str(certificate.uuid)},
        ],
        "sent": {f"{attempt.uuid} {item}": [[1, value], [1_000_000, value]]},
    }


def test_where_all_is_there_it_finds_nothing(row, certificate):
    assert list(problems_of(told(row, certificate))) == []


@pytest.mark.parametrize(
    ("place", "change", "words"),
    [
        (0, {"participation": "another"}, "participation lost or twice"),
        (1, {"n": 2}, "answer lost"),
        (1, {"attempt": "00000000-0000-4000-8000-000000000000"}, "answer lost"),
        (2, {"answers": {}}, "submission changed"),
        (2, {"attempt": "00000000-0000-4000-8000-000000000000"}, "submission lost"),
        (3, {"participation": "00000000-0000-4000-8000-000000000000"}, "evaluation lost"),
        (4, {"certificate": "00000000-0000-4000-8000-000000000000"}, "certificates"),
        (4, {"participation": "00000000-0000-4000-8000-000000000000"}, "0 claims"),
    ],
)
def test_what_was_acknowledged_and_is_not_there_is_found(row, certificate, place, change, words):
    log = told(row, certificate)
    log["entries"][place] |= change
    assert any(words in problem for problem in problems_of(log))


def test_another_answer_than_the_one_that_was_sent_is_found(row, certificate):
    log = told(row, certificate)
    log["entries"][1]["value"] = ["never sent"]
    log["sent"] = {key: [[1, "never sent"]] for key in log["sent"]}
    log["entries"] = log["entries"][:2]
    assert any("another answer kept" in problem for problem in problems_of(log))


def test_played_seconds_that_are_gone_are_found(row, certificate):
    log = told(row, certificate)
    log["entries"].append({"kind": "played", "participation": str(row.uuid), "played": [[0, 9000]]})
    assert any("played seconds lost" in problem for problem in problems_of(log))
    Playback.objects.create(participation=row, step_key="recording", intervals=[[0, 10_000]])
    assert list(problems_of(log)) == []


def test_a_lost_evaluation_a_broken_chain_and_a_lost_trigger_are_found(row, certificate):
    log = told(row, certificate)
    with connection.cursor() as cursor:
        for trigger in triggers_for(connection):
            on = "" if connection.vendor == "sqlite" else f" ON {trigger.table}"
            cursor.execute(f'DROP TRIGGER IF EXISTS "{trigger.name}"{on}')
    HeldEvaluation.objects.all().delete()
    AuditEntry.objects.filter(stream_uuid=row.uuid, number=2).update(event="forged")
    found = "\n".join(problems_of(log))
    assert "1 evaluations were completed, 0 are kept" in found
    assert f"audit chain of participation {row.uuid}, entries 2 to 2: changed" in found
    assert "trigger core_auditentry_no_update is missing" in found
