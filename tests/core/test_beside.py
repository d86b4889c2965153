"""Rows read beside another row are those that a read of their own gives."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.factories.learning import a_learner, published, started, submitted

from opencme.core.beside import beside
from opencme.learning.models import Attempt, Participation, Playback

pytestmark = pytest.mark.django_db


def values_in(row):
    return {name: value for name, value in vars(row).items() if name != "_state"}


def attempts_beside(participation, **options):
    rows = Participation.objects.annotate(found=beside(Attempt.objects.all(), "participation", **options))
    return sorted(rows.get(pk=participation.pk).found, key=lambda one: one.pk)


def test_values_are_those_of_a_read_of_their_own(django_assert_num_queries):
    activity = published()
    participation, other = started(activity, a_learner()), started(activity, a_learner())
    submitted(participation, "pre-test")
    submitted(other, "pre-test")
    expected = [values_in(row) for row in Attempt.objects.filter(participation=participation).order_by("pk")]
    assert len(expected) == 1
    with django_assert_num_queries(1):
        found = attempts_beside(participation)
        assert [values_in(row) for row in found] == expected
    assert found[0]._state.adding is False


def test_instants_and_stretches_keep_their_value():
    participation, at = started(), datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    Playback.objects.create(
        participation=participation,
        step_key="recording",
        intervals=[[0, 1500]],
        position=1.5,
        first_beat_at=at,
        last_beat_at=at + timedelta(microseconds=1),
    )
    rows = Participation.objects.annotate(found=beside(Playback.objects.all(), "participation"))
    (found,) = rows.get(pk=participation.pk).found
    assert values_in(found) == values_in(Playback.objects.get(pk=found.pk))


def test_nothing_is_an_empty_list_and_a_filter_holds():
    participation = started()
    assert attempts_beside(participation) == []
    submitted(participation, "pre-test")
    none = Attempt.objects.filter(submitted_at=None)
    rows = Participation.objects.annotate(found=beside(none, "participation"))
    assert rows.get(pk=participation.pk).found == []


def test_what_is_not_asked_for_is_deferred(django_assert_num_queries):
    participation = started()
    submitted(participation, "pre-test")
    (found,) = attempts_beside(participation, only=("step_key", "number"))
    assert found.get_deferred_fields() >= {"form", "answers"}
    assert (found.step_key, found.number) == ("pre-test", 1)
    with django_assert_num_queries(1):
        assert found.form["items"]
