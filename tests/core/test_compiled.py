"""A compiled read gives what its queryset gives, for other values each time."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.models import Exists, OuterRef
from tests.factories.learning import a_learner, published, started

from opencme.core.compiled import Compiled, Given, insert, update
from opencme.learning.models import Attempt, Participation, ParticipationRevision
from opencme.people.models import User

pytestmark = pytest.mark.django_db


def rows_of(learner):
    history = ParticipationRevision.objects.filter(participation=OuterRef("pk"))
    return (
        Participation.objects.filter(learner=learner, is_preview=False)
        .select_related("activity__current_revision", "superseded_by", "provider")
        .defer("activity__current_revision__canonical")
        .annotate(has_history=Exists(history))
        .order_by("pk")
    )


def values_in(row):
    return {name: value for name, value in vars(row).items() if name != "_state"}


def told(row):
    related = (row.provider, row.activity, row.activity.current_revision)
    return [values_in(one) for one in (row, *related)], row.superseded_by, row._state.adding


def test_rows_joins_deferred_fields_and_annotations_are_those_of_the_queryset(django_assert_num_queries):
    activity = published()
    compiled = Compiled(lambda: rows_of(Given("learner", models.BigAutoField())))
    for learner in (a_learner(), a_learner(), a_learner()):
        started(activity, learner)
        expected = [told(row) for row in rows_of(learner.pk)]
        with django_assert_num_queries(1):
            found = [told(row) for row in compiled(learner=learner.pk)]
        assert len(found) == 1
        assert found == expected
    assert compiled(learner=0) == []
    assert compiled.one(learner=0) is None


def test_the_row_is_as_if_it_had_been_loaded_and_can_be_saved(django_assert_num_queries):
    learner = a_learner()
    read = Compiled(lambda: User.objects.filter(uuid=Given("uuid", models.UUIDField())))
    row = read.one(uuid=learner.uuid)
    with django_assert_num_queries(1):
        row.name = "Another Name"
        row.save(update_fields=["name"])
    assert read.one(uuid=learner.uuid).name == "Another Name"


def test_a_call_is_one_statement_and_nothing_is_remembered(django_assert_num_queries):
    learner = a_learner()
    read = Compiled(lambda: User.objects.filter(pk=Given("pk", models.BigAutoField())))
    read(pk=learner.pk)
    with django_assert_num_queries(1):
        assert read.one(pk=learner.pk) == learner
    User.objects.filter(pk=learner.pk).update(name="Changed Meanwhile")
    assert read.one(pk=learner.pk).name == "Changed Meanwhile"


def test_a_value_that_was_not_given_is_an_error():
    read = Compiled(lambda: User.objects.filter(pk=Given("pk", models.BigAutoField())))
    with pytest.raises(KeyError):
        read()


def an_attempt(participation, **fields):
    return Attempt(
        participation=participation,
        step_key="pre-test",
        form={"items": ["a"], "options": {}},
        started_at=participation.started_at,
        items=1,
        **fields,
    )


def test_a_row_is_inserted_as_by_save(django_assert_num_queries):
    participation = started()
    insert(an_attempt(participation, number=1))
    with django_assert_num_queries(1):
        row = insert(an_attempt(participation, number=2, answers={"a": {"value": ["x"]}}))
    an_attempt(participation, number=3, answers={"a": {"value": ["x"]}}).save(force_insert=True)
    stored, saved = Attempt.objects.get(number=2), Attempt.objects.get(number=3)
    assert (stored, row._state.adding) == (row, False)
    for name in ("form", "answers", "started_at", "submitted_at", "score", "passed", "step_key"):
        assert getattr(stored, name) == getattr(saved, name) == getattr(row, name)


def test_a_row_that_the_database_refuses_is_not_inserted():
    participation = started()
    insert(an_attempt(participation, number=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(an_attempt(participation, number=1))
    assert Attempt.objects.count() == 1


def test_fields_are_updated_as_by_save_and_no_other(django_assert_num_queries):
    row = insert(an_attempt(started(), number=1))
    row.answers, row.score, row.passed = {"a": {"value": ["x"], "n": 1}}, 1, True
    row.submitted_at, row.number = row.started_at, 7
    update(row, "answers", "score")
    row.score = 0
    with django_assert_num_queries(1):
        update(row, "passed", "submitted_at")
    stored = Attempt.objects.get(pk=row.pk)
    assert (stored.answers, stored.score, stored.number) == ({"a": {"value": ["x"], "n": 1}}, 1, 1)
    assert (stored.passed, stored.submitted_at) == (True, row.started_at)


def test_a_row_that_is_gone_is_not_updated():
    row = an_attempt(started(), number=1, pk=10**9)
    with pytest.raises(DatabaseError):
        update(row, "answers")


@pytest.mark.django_db(transaction=True)
def test_a_read_that_locks_belongs_into_a_transaction():
    read = Compiled(
        lambda: User.objects.select_for_update(of=("self",)).filter(pk=Given("pk", models.BigAutoField()))
    )
    with transaction.atomic():
        assert read(pk=0) == []
    assert connection.in_atomic_block is False
    with pytest.raises(transaction.TransactionManagementError):
        read(pk=0)
