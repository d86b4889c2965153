"""The confidential evaluation: completed with the name, kept without it."""

import json
from dataclasses import replace

import pytest
from django.apps import apps
from django.db import connection
from tests.factories.documents import a_document
from tests.factories.learning import (
    AT,
    a_learner,
    evaluated,
    minutes,
    passed,
    path,
    published,
    reloaded,
    started,
)

from opencme.assessment.models import AnonymousResponse
from opencme.learning import operations
from opencme.learning.models import HeldEvaluation
from opencme.learning.operations import HELD_UNTIL, AnswersNotAllowed, StepLocked
from opencme.learning.rules import read_responses

pytestmark = pytest.mark.django_db

GIVEN = {"met-o1": "4", "barrier": "time", "improve": "Shorter."}


def answered(participation, answers=None, at=AT):
    return operations.submit_evaluation(
        path=path(participation, at=at), answers=GIVEN if answers is None else answers, at=at
    )


@pytest.mark.parametrize(
    ("sent", "given", "problems"),
    [
        (GIVEN, {"met-o1": 4, "barrier": "time", "improve": "Shorter."}, {}),
        ({"met-o1": "5", "barrier": "access"}, {"met-o1": 5, "barrier": "access"}, {}),
        ({"barrier": "time", "improve": " "}, {"barrier": "time"}, {"met-o1": "missing"}),
        ({"met-o1": "6", "barrier": "no"}, {}, {"met-o1": "unknown", "barrier": "unknown"}),
        (
            {"met-o1": "1", "barrier": "time", "improve": "x" * 4001},
            {"met-o1": 1, "barrier": "time"},
            {"improve": "too_long"},
        ),
        ({**GIVEN, "else": "x"}, {"met-o1": 4, "barrier": "time", "improve": "Shorter."}, {}),
    ],
)
def test_reading_responses(sent, given, problems):
    assert read_responses(a_document().evaluation, sent) == (given, problems)


def test_submit_completes_and_holds_in_one():
    participation = evaluated()
    assert participation.evaluated_at == AT
    held = HeldEvaluation.objects.get()
    assert (held.profession_group, held.month) == ("physician", "2026-11")
    assert held.answers == {"met-o1": 4, "barrier": "time", "improve": "Shorter."}


def test_a_second_submit_changes_nothing_whatever_it_contains():
    participation = evaluated()
    answered(participation, {"met-o1": "1", "barrier": "access"}, at=minutes(9))
    answered(participation, {}, at=minutes(9))
    assert HeldEvaluation.objects.get().answers["met-o1"] == 4
    assert reloaded(participation).evaluated_at == AT


def test_it_waits_for_the_post_test():
    with pytest.raises(StepLocked):
        answered(started())


def test_open_questions_are_named_and_nothing_is_completed():
    participation = passed()
    with pytest.raises(AnswersNotAllowed) as refusal:
        answered(participation, {"improve": "Shorter."})
    assert refusal.value.problems == {"met-o1": "missing", "barrier": "missing"}
    assert reloaded(participation).evaluated_at is None
    assert not HeldEvaluation.objects.exists()


def test_a_preview_is_never_held():
    activity = published()
    participation = passed(started(activity, is_preview=True))
    evaluated(participation)
    assert not HeldEvaluation.objects.exists()


def many(count, activity=None, profession="physician"):
    activity = activity or published()
    return [
        evaluated(
            passed(started(activity, a_learner(profession=profession))),
            answers={**GIVEN, "improve": f"Remark {profession} {number}"},
        )
        for number in range(count)
    ]


def test_nothing_moves_before_ten_are_held_for_a_revision():
    many(HELD_UNTIL - 1)
    assert operations.move_held_evaluations(at=minutes(10**6)) == 0
    assert (HeldEvaluation.objects.count(), AnonymousResponse.objects.count()) == (9, 0)


def test_ten_of_another_revision_do_not_help():
    many(6)
    revised = published(replace(a_document(), title="Revised"))
    many(6, revised)
    assert operations.move_held_evaluations(at=AT) == 0


def test_ten_move_at_once_and_nothing_is_left_behind():
    many(HELD_UNTIL)
    assert operations.move_held_evaluations(at=AT) == 10
    assert (HeldEvaluation.objects.count(), AnonymousResponse.objects.count()) == (0, 10)
    assert operations.move_held_evaluations(at=AT) == 0


def test_small_cells_are_blanked_when_they_move():
    activity = published()
    many(7, activity)
    many(4, activity, profession="nurse")
    operations.move_held_evaluations(at=AT)
    cells = AnonymousResponse.objects.values_list("profession_group", "month")
    assert sorted(cells) == [("", "")] * 4 + [("physician", "2026-11")] * 7


def test_the_order_of_the_rows_tells_nothing():
    """The chance that twelve shuffled rows stand in the order of their people is one in 479 million."""
    people = many(12)
    operations.move_held_evaluations(at=AT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT answers FROM assessment_anonymousresponse")
        stored = [json.loads(row[0])["improve"] for row in cursor.fetchall()]
    assert len(people) == len(stored)
    assert stored != [f"Remark physician {number}" for number in range(12)]
    by_key = AnonymousResponse.objects.order_by("pk").values_list("answers__improve", flat=True)
    assert list(by_key) != [f"Remark physician {number}" for number in range(12)]


def test_a_full_dump_cannot_rejoin_what_has_moved():
    """Every row of every table, as an attacker with a copy has it: a response shares no value with
    anything that has a person, but the revision, the profession, the month and its own answers.
    """
    many(HELD_UNTIL)
    operations.move_held_evaluations(at=AT)
    common = {"physician", "2026-11", "evaluation", a_document_digest()}
    elsewhere = set()
    for model in apps.get_models(include_auto_created=True):
        if model is AnonymousResponse or not model._meta.managed:
            continue
        for row in model._base_manager.values_list():
            elsewhere.update(str(value) for value in row)
    text_elsewhere = "\n".join(elsewhere)
    for response in AnonymousResponse.objects.all():
        assert str(response.pk) not in text_elsewhere
        assert response.answers["improve"] not in text_elsewhere
        shared = {response.profession_group, response.month, response.step_key, response.revision_sha256}
        assert shared <= common


def a_document_digest():
    return AnonymousResponse.objects.values_list("revision_sha256", flat=True)[0]
