"""Starting, tests, content evidence and the plan, through their operations."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from tests.factories.audit import broken_places
from tests.factories.documents import a_document, a_recording, a_unit
from tests.factories.learning import (
    AT,
    a_learner,
    minutes,
    path,
    published,
    reloaded,
    right_answers,
    started,
    submitted,
)

from opencme.activities.document import PostTest
from opencme.core.models import AuditEntry
from opencme.learning import operations
from opencme.learning.choices import LockCode, StepState
from opencme.learning.models import (
    Attempt,
    ContentEvidence,
    Participation,
    ParticipationRevision,
    Plan,
    Playback,
)
from opencme.learning.operations import (
    AnswerNotAllowed,
    AnswersMissing,
    AttemptAlreadySubmitted,
    StartNotAllowed,
    StepLocked,
)
from opencme.learning.operations.stepping import NoSuchStep

pytestmark = pytest.mark.django_db


def demanding(percent=85, **unit):
    return a_document(units=(a_unit(recordings=(a_recording(demanded_percent=percent),), **unit),))


def limited(attempts):
    test = PostTest(
        key="post-test",
        items=("post-1", "post-2", "post-3", "post-4"),
        minutes=10,
        pass_mark=3,
        attempts=attempts,
    )
    return a_document(units=(a_unit(post_test=test),))


# --- starting


def test_start_keeps_what_was_shown_and_the_revision():
    activity = published()
    participation = started(activity)
    assert participation.revision == activity.current_revision
    assert (participation.shown_sha256, participation.shown_at) == ("0" * 64, AT)
    assert ParticipationRevision.objects.get(participation=participation).reason == "start"
    assert AuditEntry.objects.get(stream_uuid=participation.uuid).event == "started"


def test_starting_again_gives_the_same_participation():
    activity, learner = published(), a_learner()
    first = started(activity, learner)
    published(a_document(title="Revised"))
    activity.refresh_from_db()
    assert started(activity, learner, at=minutes(5)) == first
    assert reloaded(first).revision.number == 1


def test_a_preview_is_beside_the_real_one():
    activity, learner = published(), a_learner()
    assert started(activity, learner, is_preview=True) != started(activity, learner)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"start_until": date(2026, 11, 21)}, "GATE_WINDOW_CLOSED"),
        ({"withdrawn_at": AT}, "GATE_WITHDRAWN"),
        ({"current_revision": None}, "START_UNPUBLISHED"),
    ],
)
def test_start_is_refused(change, code):
    activity = published()
    for name, value in change.items():
        setattr(activity, name, value)
    activity.save()
    with pytest.raises(StartNotAllowed) as refusal:
        started(activity)
    assert [reason.code for reason in refusal.value.verdict.reasons] == [code]
    assert not Participation.objects.exists()


def test_the_last_day_ends_in_the_zone_of_the_provider():
    activity = published()
    activity.start_until = date(2026, 11, 22)
    activity.save()
    # 04:00 UTC of the 23rd is 23:00 of the 22nd in New York
    assert started(activity, at=AT + timedelta(hours=13))
    with pytest.raises(StartNotAllowed):
        started(activity, at=AT + timedelta(hours=15))


# --- attempts


def begun(participation, step="pre-test", at=AT):
    return operations.begin_attempt(path=path(participation, at=at), step_key=step, at=at)


def saved(participation, attempt, item, value, *, n=1, age_ms=0, at=AT, learner=None, step="pre-test"):
    return operations.save_answer(
        learner=learner or participation.learner,
        participation=participation.uuid,
        step_key=step,
        attempt=attempt.uuid,
        item=item,
        value=value,
        n=n,
        age_ms=age_ms,
        at=at,
    )


def test_an_attempt_is_begun_once():
    participation = started()
    assert begun(participation) == begun(participation, at=minutes(1))
    assert Attempt.objects.count() == 1


def test_an_answer_is_kept_and_shown_again():
    participation = started()
    attempt = begun(participation)
    saved(participation, attempt, "pre-1", ["a"], n=1, at=minutes(1))
    kept = saved(participation, attempt, "pre-1", ["b"], n=2, at=minutes(2))
    assert kept.value == ("b",)
    attempt.refresh_from_db()
    assert attempt.answers["pre-1"]["value"] == ["b"]


def test_the_later_choice_counts_whichever_device_sends_first():
    participation = started()
    attempt = begun(participation)
    saved(participation, attempt, "pre-1", ["c"], n=1, at=minutes(5))
    late = saved(participation, attempt, "pre-1", ["a"], n=9, age_ms=5 * 60_000, at=minutes(6))
    assert late.value == ("c",)
    attempt.refresh_from_db()
    assert attempt.answers["pre-1"]["value"] == ["c"]


def test_an_answer_that_the_item_does_not_take_is_refused():
    participation = started()
    attempt = begun(participation)
    with pytest.raises(AnswerNotAllowed):
        saved(participation, attempt, "pre-1", ["a", "b"])
    with pytest.raises(NoSuchStep):
        saved(participation, attempt, "post-1", ["a"])


def test_another_learner_cannot_save():
    participation = started()
    attempt = begun(participation)
    with pytest.raises(Attempt.DoesNotExist):
        saved(participation, attempt, "pre-1", ["a"], learner=a_learner())


def test_a_person_goes_on_after_two_accounts_became_one():
    participation = started()
    attempt = begun(participation)
    known = a_learner()
    participation.learner.merged_into = known
    participation.learner.save()
    assert saved(participation, attempt, "pre-1", ["a"], learner=known).value == ("a",)


def test_submit_scores_on_the_server_and_a_replay_gives_the_first_result():
    participation = started()
    document = path(participation).document
    attempt = begun(participation)
    first = operations.submit_attempt(
        participation=participation,
        attempt=attempt.uuid,
        answers=right_answers(document, "pre-test", wrong=1),
        at=minutes(1),
    )
    assert (first.score, first.items, first.passed) == (1, 2, None)
    again = operations.submit_attempt(
        participation=participation,
        attempt=attempt.uuid,
        answers=right_answers(document, "pre-test", wrong=1),
        at=minutes(2),
    )
    assert (again.score, again.submitted_at) == (1, minutes(1))
    with pytest.raises(AttemptAlreadySubmitted):
        operations.submit_attempt(
            participation=participation,
            attempt=attempt.uuid,
            answers=right_answers(document, "pre-test"),
            at=minutes(3),
        )
    events = AuditEntry.objects.filter(stream_uuid=participation.uuid).values_list("event", flat=True)
    assert list(events.order_by("number")) == ["started", "test_submitted"]
    assert broken_places(participation) == ()


def test_submit_takes_what_was_saved_and_what_the_page_holds():
    participation = started()
    attempt = begun(participation)
    saved(participation, attempt, "pre-1", ["b"])
    row = operations.submit_attempt(
        participation=participation, attempt=attempt.uuid, answers={"pre-2": ["b"]}, at=minutes(1)
    )
    assert row.score == 2


def test_gaps_are_listed_in_order_and_what_was_given_is_kept():
    participation = started()
    attempt = begun(participation)
    with pytest.raises(AnswersMissing) as gaps:
        operations.submit_attempt(
            participation=participation, attempt=attempt.uuid, answers={"pre-2": ["a"]}, at=AT
        )
    assert gaps.value.keys == ("pre-1",)
    attempt.refresh_from_db()
    assert (attempt.answers["pre-2"]["value"], attempt.submitted_at) == (["a"], None)


def test_after_submit_a_save_is_refused_and_the_row_is_frozen():
    participation = started()
    attempt = submitted(participation, "pre-test")
    with pytest.raises(AttemptAlreadySubmitted):
        saved(participation, attempt, "pre-1", ["c"])
    with pytest.raises(DatabaseError), transaction.atomic():
        Attempt.objects.filter(pk=attempt.pk).update(score=0)
    with pytest.raises(AttemptAlreadySubmitted):
        begun(participation)


def test_the_post_test_waits_for_the_pre_test():
    participation = started()
    with pytest.raises(StepLocked) as refusal:
        begun(participation, "post-test")
    assert refusal.value.lock.code is LockCode.PRE_TEST_FIRST


def test_passing_completes_and_a_failed_attempt_may_be_repeated():
    participation = started()
    submitted(participation, "pre-test")
    failed = submitted(participation, "post-test", wrong=2, at=minutes(1))
    assert (failed.passed, reloaded(participation).completed_at) == (False, None)
    second = submitted(participation, "post-test", wrong=1, at=minutes(2))
    assert (second.number, second.passed) == (2, True)
    assert reloaded(participation).completed_at == minutes(2)
    assert path(participation).state.test("post-test").passed_at == minutes(2)


def test_an_attempt_granted_by_the_office_is_the_way_out():
    participation = started(published(limited(1)))
    submitted(participation, "pre-test")
    submitted(participation, "post-test", wrong=4)
    with pytest.raises(StepLocked) as refusal:
        begun(participation, "post-test")
    assert refusal.value.lock.code is LockCode.NO_ATTEMPTS_LEFT
    operations.grant_attempt(
        participation=participation, step_key="post-test", reason="power cut", at=minutes(1)
    )
    assert submitted(participation, "post-test", at=minutes(2)).passed
    with pytest.raises(NoSuchStep):
        operations.grant_attempt(participation=participation, step_key="pre-test", reason="-", at=AT)


def test_the_limit_holds_for_an_attempt_that_was_begun_before():
    participation = started(published(limited(1)))
    submitted(participation, "pre-test")
    submitted(participation, "post-test", wrong=4)
    left_over = Attempt.objects.create(
        participation=participation,
        step_key="post-test",
        number=2,
        form={"items": ["post-1"], "options": {}},
        items=4,
        started_at=AT,
    )
    with pytest.raises(StepLocked):
        operations.submit_attempt(participation=participation, attempt=left_over.uuid, answers={}, at=AT)


def test_after_the_window_nothing_is_saved_or_submitted():
    participation = started()
    attempt = begun(participation)
    too_late = AT + timedelta(days=400)
    with pytest.raises(StepLocked) as refusal:
        saved(participation, attempt, "pre-1", ["a"], at=too_late)
    assert refusal.value.lock.until == date(2027, 11, 21)
    with pytest.raises(StepLocked):
        operations.submit_attempt(participation=participation, attempt=attempt.uuid, answers={}, at=too_late)


# --- content


def played(participation, stretches, *, at, position_ms=0):
    return operations.record_played(
        path=path(participation, at=at),
        step_key="recording",
        played=stretches,
        position_ms=position_ms,
        at=at,
    )


def read(participation, stretches, *, at):
    return operations.record_segments_read(
        path=path(participation, at=at), step_key="recording", read=stretches, at=at
    )


@pytest.fixture
def watching():
    participation = started(published(demanding()))
    submitted(participation, "pre-test")
    return participation


def test_the_recording_waits_for_the_pre_test():
    participation = started(published(demanding()))
    with pytest.raises(StepLocked):
        played(participation, [(0, 10_000)], at=AT)
    assert not Playback.objects.exists()


def test_played_stretches_merge_and_open_the_post_test(watching):
    played(watching, [(0, 20_000)], at=minutes(0))
    after = played(watching, [(0, 20_000), (10_000, 200_000)], at=minutes(3), position_ms=200_000)
    assert after.step("post-test").lock.left_ms == 259_000
    after = played(watching, [(200_000, 460_000)], at=minutes(6), position_ms=460_000)
    assert after.step("post-test").state is StepState.OPEN
    row = Playback.objects.get()
    assert (row.intervals, row.seconds, row.position) == ([[0, 460_000]], 460, 460.0)
    evidence = ContentEvidence.objects.get()
    assert (evidence.kind, evidence.step_key, evidence.at) == ("played", "recording", minutes(6))
    assert path(watching).step("post-test").state is StepState.OPEN


def test_more_than_is_plausible_is_taken_only_later(watching):
    played(watching, [(0, 540_000)], at=minutes(0))
    assert Playback.objects.get().intervals == [[0, 30_000]]
    played(watching, [(0, 540_000)], at=minutes(5))
    assert Playback.objects.get().intervals == [[0, 540_000]]


def test_reading_the_text_is_an_equal_route_and_evidence_of_its_own(watching):
    read(watching, [(0, 270_000)], at=minutes(0))
    assert Playback.objects.get().segments == [[0, 30_000]]
    after = read(watching, [(0, 540_000)], at=minutes(3))
    assert after.step("post-test").state is StepState.OPEN
    assert ContentEvidence.objects.get().kind == "text_read"
    assert Playback.objects.get().seconds == 0


def test_evidence_is_written_once(watching):
    played(watching, [(0, 30_000)], at=minutes(0))
    for at in (minutes(5), minutes(6), minutes(7)):
        played(watching, [(0, 540_000)], at=at)
    events = AuditEntry.objects.filter(stream_uuid=watching.uuid, event="content_met")
    assert (ContentEvidence.objects.count(), events.count()) == (1, 1)


def test_an_attestation_counts_and_keeps_its_wording(watching):
    after = operations.attest_content(
        path=path(watching), step_key="recording", wording="I saw it in the ward.", at=AT
    )
    assert after.step("post-test").state is StepState.OPEN
    wordings = ContentEvidence.objects.values_list("step_key", "kind", "wording").order_by("pk")
    assert list(wordings) == [
        ("recording", "attested", "I saw it in the ward."),
        ("reading", "attested", "I saw it in the ward."),
    ]
    operations.attest_content(path=path(watching), step_key="recording", wording="Again.", at=AT)
    assert ContentEvidence.objects.count() == 2


def test_content_completes_a_unit_that_has_no_post_test():
    activity = published(demanding(post_test=None))
    participation = started(activity)
    submitted(participation, "pre-test")
    played(participation, [(0, 30_000)], at=minutes(0))
    played(participation, [(0, 540_000)], at=minutes(5))
    assert reloaded(participation).completed_at == minutes(5)


def test_a_review_leaves_no_evidence():
    activity = published(demanding())
    participation = started(activity)
    submitted(participation, "pre-test")
    late = AT + timedelta(days=400)
    played(participation, [(0, 10_000)], at=late)
    assert not Playback.objects.exists()


# --- plan


def test_a_plan_is_kept_with_consent_and_the_newest_counts():
    participation = started()
    keep = {"participation": participation, "at": AT}
    operations.keep_plan(text=" ask about\nsleep ", ask_in_days=30, **keep)
    operations.keep_plan(text="ask about sleep", ask_in_days=30, **keep)
    operations.keep_plan(text="ask about sleep", ask_in_days=0, **keep)
    plans = Plan.objects.order_by("pk").values_list("text", "ask_in_days")
    assert list(plans) == [("ask about sleep", 30), ("ask about sleep", 0)]


@pytest.mark.parametrize(("text", "days"), [("", 30), ("x" * 1001, 30), ("ask", 31)])
def test_a_plan_is_refused(text, days):
    with pytest.raises(operations.PlanNotAllowed):
        operations.keep_plan(participation=started(), text=text, ask_in_days=days, at=AT)


def test_the_audit_chain_holds_no_words_of_the_learner():
    participation = started()
    submitted(participation, "pre-test")
    operations.keep_plan(participation=participation, text="secret plan", ask_in_days=0, at=AT)
    said = "".join(str(entry.values) for entry in AuditEntry.objects.filter(stream_uuid=participation.uuid))
    assert "secret" not in said
    assert "Ann" not in said
