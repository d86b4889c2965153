"""Many hands at once, with real threads on a database file and on PostgreSQL."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import close_old_connections, connection, connections
from tests.factories.audit import broken_places
from tests.factories.documents import a_document, a_recording, a_unit
from tests.factories.learning import (
    AT,
    a_learner,
    minutes,
    passed,
    path,
    published,
    right_answers,
    started,
    submitted,
)

from opencme.assessment.models import AnonymousResponse
from opencme.core.models import AuditEntry
from opencme.learning import operations
from opencme.learning.models import Attempt, ContentEvidence, HeldEvaluation, Participation, Playback

pytestmark = pytest.mark.django_db(transaction=True)

HANDS = 8
DEMANDING = a_document(units=(a_unit(recordings=(a_recording(demanded_percent=85),)),))


@pytest.fixture(autouse=True)
def _shared_database():
    """A database in memory belongs to one connection and shows nothing here."""
    name = connection.settings_dict["NAME"]
    assert "memory" not in str(name), name


def at_once(act, times=HANDS):
    """Do `act(number)` in threads that begin together; their results, or the errors they met."""
    barrier = threading.Barrier(times)

    def one(number):
        close_old_connections()
        barrier.wait(timeout=30)
        try:
            return act(number)
        except Exception as error:  # noqa: BLE001  the test looks at what came
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def errors(results):
    return [result for result in results if isinstance(result, Exception)]


def test_start_pressed_many_times_is_one_participation():
    activity, learner = published(), a_learner()
    results = at_once(lambda _number: started(activity, learner).pk)
    assert errors(results) == []
    assert len(set(results)) == 1
    participation = Participation.objects.get()
    assert AuditEntry.objects.filter(stream_uuid=participation.uuid).count() == 1


def test_a_test_opened_in_many_windows_is_one_attempt():
    participation = started()

    def begin(number):
        return operations.begin_attempt(path=path(participation), step_key="pre-test", at=AT).uuid

    results = at_once(begin)
    assert errors(results) == []
    assert len(set(results)) == 1


def test_answers_saved_at_once_are_all_kept():
    items = tuple(f"pre-{number}" for number in range(HANDS))
    document = a_document()
    unit = document.units[0]
    from dataclasses import replace

    from tests.factories.documents import an_item

    many = replace(
        document,
        units=(replace(unit, pre_test=replace(unit.pre_test, items=items)),),
        items=(*document.items, *(an_item(key) for key in items if key not in document.item_of)),
    )
    participation = started(published(many))
    attempt = operations.begin_attempt(path=path(participation), step_key="pre-test", at=AT)

    def save(number):
        return operations.save_answer(
            learner=participation.learner,
            participation=participation.uuid,
            step_key="pre-test",
            attempt=attempt.uuid,
            item=items[number],
            value=["b"],
            n=1,
            age_ms=0,
            at=AT,
        )

    assert errors(at_once(save)) == []
    attempt.refresh_from_db()
    assert set(attempt.answers) == set(items)


def test_submit_pressed_many_times_is_scored_once():
    participation = started()
    attempt = operations.begin_attempt(path=path(participation), step_key="pre-test", at=AT)
    document = path(participation).document

    def submit(number):
        return operations.submit_attempt(
            participation=participation,
            attempt=attempt.uuid,
            answers=right_answers(document, "pre-test", wrong=number % 2),
            at=minutes(number),
        ).score

    results = at_once(submit)
    refused = errors(results)
    assert {type(error) for error in refused} == {operations.AttemptAlreadySubmitted}
    assert len(refused) == HANDS // 2  # those with other answers than the first
    assert len({result for result in results if isinstance(result, int)}) == 1
    events = AuditEntry.objects.filter(stream_uuid=participation.uuid, event="test_submitted")
    assert events.count() == 1
    assert broken_places(Participation.objects.get()) == ()


def test_a_save_and_a_submit_together_lose_nothing_and_change_nothing_afterwards():
    participation = started()
    attempt = operations.begin_attempt(path=path(participation), step_key="pre-test", at=AT)
    document = path(participation).document

    def act(number):
        if number % 2:
            return operations.submit_attempt(
                participation=participation,
                attempt=attempt.uuid,
                answers=right_answers(document, "pre-test"),
                at=minutes(1),
            ).score
        try:
            operations.save_answer(
                learner=participation.learner,
                participation=participation.uuid,
                step_key="pre-test",
                attempt=attempt.uuid,
                item="pre-1",
                value=["a"],
                n=1,
                age_ms=0,
                at=AT,
            )
        except operations.AttemptAlreadySubmitted:
            return "submitted"
        return "saved"

    results = at_once(act)
    assert errors(results) == []
    row = Attempt.objects.get()
    assert row.score == 2
    assert row.answers["pre-1"]["value"] == ["b"]


def test_the_last_attempt_is_used_once():
    from opencme.activities.document import PostTest

    test = PostTest(key="post-test", items=("post-1", "post-2"), minutes=10, pass_mark=2, attempts=1)
    participation = started(published(a_document(units=(a_unit(post_test=test),))))
    submitted(participation, "pre-test")

    def attempt(number):
        return submitted(participation, "post-test", wrong=2, at=minutes(number)).number

    at_once(attempt, 4)
    assert Attempt.objects.filter(step_key="post-test", submitted_at__isnull=False).count() == 1


def test_beats_of_two_devices_are_one_union():
    participation = started(published(DEMANDING))
    submitted(participation, "pre-test")
    operations.record_played(path=path(participation), step_key="recording", played=[], position_ms=0, at=AT)

    def beat(number):
        operations.record_played(
            path=path(participation, at=minutes(30)),
            step_key="recording",
            played=[(number * 60_000, number * 60_000 + 60_000)],
            position_ms=0,
            at=minutes(30),
        )

    assert errors(at_once(beat)) == []
    assert Playback.objects.get().intervals == [[0, HANDS * 60_000]]
    assert ContentEvidence.objects.count() == 1
    assert broken_places(Participation.objects.get()) == ()


def test_the_first_beats_of_two_devices_make_one_row():
    participation = started(published(DEMANDING))
    submitted(participation, "pre-test")

    def beat(number):
        operations.record_played(
            path=path(participation),
            step_key="recording",
            played=[(number * 1000, number * 1000 + 1000)],
            position_ms=0,
            at=AT,
        )

    assert errors(at_once(beat)) == []
    assert Playback.objects.get().intervals == [[0, HANDS * 1000]]


def test_an_evaluation_sent_many_times_is_held_once():
    participation = passed()
    now = path(participation)

    def send(number):
        operations.submit_evaluation(
            path=now, answers={"met-o1": str(1 + number % 5), "barrier": "time"}, at=AT
        )

    assert errors(at_once(send)) == []
    assert HeldEvaluation.objects.count() == 1
    assert AuditEntry.objects.filter(stream_uuid=participation.uuid, event="evaluated").count() == 1


def test_two_movers_move_each_evaluation_once():
    activity = published()
    for number in range(operations.HELD_UNTIL):
        now = path(passed(started(activity)))
        answers = {"met-o1": "3", "barrier": "time", "improve": f"Remark {number}"}
        operations.submit_evaluation(path=now, answers=answers, at=AT)
    results = at_once(lambda _number: operations.move_held_evaluations(at=AT), 4)
    assert errors(results) == []
    assert sum(results) == operations.HELD_UNTIL
    remarks = AnonymousResponse.objects.values_list("answers__improve", flat=True)
    assert sorted(remarks) == sorted(f"Remark {number}" for number in range(operations.HELD_UNTIL))
