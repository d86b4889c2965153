"""What a learner has still to finish, and what reading it costs."""

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.factories.documents import a_designation, a_document, a_recording, a_unit
from tests.factories.learning import (
    AT,
    a_learner,
    evaluated,
    passed,
    path,
    published,
    reloaded,
    started,
    submitted,
)

from opencme.learning import operations
from opencme.learning.models import Participation
from opencme.learning.queries import (
    participation_of,
    path_of,
    to_finish,
)

pytestmark = pytest.mark.django_db


def another(**changes):
    return published(a_document(uuid=uuid4(), designations=(a_designation(uuid=uuid4()),), **changes))


def unfinished(learner, at=AT, **fields):
    return [(one.participation.activity, one.current.key) for one in to_finish(learner, at=at, **fields)]


def test_what_is_begun_is_to_finish_with_its_next_step_newest_first():
    learner, first, second = a_learner(), another(), another()
    started(first, learner)
    submitted(started(second, learner, at=AT + timedelta(hours=1)), "pre-test", at=AT + timedelta(hours=2))
    assert unfinished(learner) == [(second, "recording"), (first, "pre-test")]


def test_what_is_claimed_closed_withdrawn_or_a_preview_is_not():
    learner = a_learner()
    claimed = evaluated(passed(started(another(), learner)))
    assert unfinished(learner) == [(claimed.activity, "claim")]
    assert unfinished(learner, claimed={claimed.pk: frozenset({"unit-1"})}) == []
    withdrawn = another()
    started(withdrawn, learner)
    withdrawn.withdrawn_at = AT
    withdrawn.save()
    started(another(), learner, is_preview=True)
    assert unfinished(learner, claimed={claimed.pk: frozenset({"unit-1"})}) == []
    open_one = another()
    started(open_one, learner)
    late = AT + timedelta(days=800)
    assert unfinished(learner, at=late, claimed={claimed.pk: frozenset({"unit-1"})}) == []


def test_reading_many_paths_costs_as_much_as_one(django_assert_num_queries):
    learner = a_learner()
    for number in (1, 2):
        submitted(started(another(), learner), "pre-test")
        to_finish(learner, at=AT)  # each document is parsed once
        with django_assert_num_queries(1):
            assert len(to_finish(learner, at=AT)) == number


def test_a_path_is_read_in_one_statement(django_assert_num_queries):
    participation = passed(started())
    path(participation)
    with django_assert_num_queries(1):
        path_of(participation, at=AT)


def test_one_path_and_many_agree():
    learner = a_learner()
    participation = passed(started(another(), learner))
    (one,) = to_finish(learner, at=AT)
    assert one.participation == participation
    assert one.state == path(participation).state
    assert one.steps == path(participation).steps
    assert one.attempts == path(participation).attempts


def test_somebody_elses_participation_is_not_there():
    participation = started()
    with pytest.raises(Participation.DoesNotExist):
        participation_of(a_learner(), participation.uuid)
    assert participation_of(participation.learner, participation.uuid) == participation


def test_a_merged_account_is_the_same_person():
    participation, known = started(), a_learner()
    participation.learner.merged_into = known
    participation.learner.save()
    assert participation_of(known, participation.uuid) == participation
    assert unfinished(known) == [(participation.activity, "pre-test")]


def test_where_one_stopped_is_remembered():
    document = a_document(units=(a_unit(recordings=(a_recording(demanded_percent=85),)),))
    participation = started(published(document))
    submitted(participation, "pre-test")
    operations.record_played(
        path=path(participation), step_key="recording", played=[(0, 20_000)], position_ms=20_500, at=AT
    )
    assert path(reloaded(participation)).state.part("recording").position_ms == 20_500
